//! Pages of plugins' own: in the theme's layout and in no other, for members or for everybody, whatever the plugin says.
use axum::http::StatusCode;
use pappus_plugin_build::{componentize, embed_files, pack};
use pappus_tests::{Browser, Running, TwoPods};
use std::{path::Path, sync::LazyLock};
use wit_component::StringEncoding;
use wit_parser::Resolve;

/// The guest of `guests/board.wat`; its first letter of a route decides.
static MODULE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut module = wat::parse_str(include_str!("guests/board.wat")).unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin-sdk/wit");
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some("hook-pages")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .unwrap();
    module
});

fn guest(version: &str, public: bool) -> Vec<u8> {
    let manifest = format!(
        "[plugin]\nid = \"test.board\"\nslug = \"board\"\nname = \"Board\"\nversion = \"{version}\"\n\
         license = \"MIT\"\napi = \"0.1\"\n[hooks.pages]\npublic = {public}\nbudget-ms = 20\n"
    );
    let files = [
        (
            "templates/form.html",
            "{{ form(\"save\", \"\", t(\"save\")) }}{{ submit(t(\"save\")) }}{{ end_form() }}",
        ),
        ("locales/en.ftl", "about = Board <{ $text }>\nsave = Keep it"),
        ("locales/de.ftl", "about = Brett <{ $text }>\nsave = Behalten"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    pack(&embed_files(componentize(&MODULE, &manifest).unwrap(), &files), &[], None).unwrap()
}

/// The guest switched on, and alice.
async fn with_board(pod: &Running, public: bool) -> Browser {
    let mut admin = pod.sign_in("admina").await;
    let brought = admin.upload("/admin/plugins/packages", "package", &guest("1.0.0", public)).await;
    assert_eq!(brought.status, StatusCode::SEE_OTHER, "{}", brought.text());
    pod.switch("board", true).await;
    pod.sign_up("alice").await
}

/// The story on both databases, with pages for members or for everybody.
async fn story(public: bool, tell: impl AsyncFn(Running, Browser)) {
    TwoPods::on_both(async |pods| {
        let alice = with_board(&pods.left, public).await;
        tell(pods.left, alice).await;
    })
    .await;
}

#[tokio::test]
async fn a_page_of_a_plugin_stands_in_the_themes_layout_with_its_own_title() {
    story(false, async |pod, mut alice| {
        let page = alice.get("/p/board/e/7?text=%3Cb%3Eloud%3C/b%3E%3Cscript%3Ealert(7)%3C/script%3E").await;
        page.shows("<h1>Board &lt;").shows("e/7").shows("<b>loud</b>").shows("data-plugin=\"board\"");
        page.shows("/users/sign_out").hides("alert(7)");
        assert!(page.header("content-security-policy").contains("script-src"));
        // a form that was sent says what it says
        let sent = alice.post("/p/board/e/7", &[("text", "<i>sent</i>"), ("more", "1")]).await;
        sent.shows("<i>sent</i>");
        // an address that is not the plugin's, and pages that it has not
        assert_eq!(alice.get("/p/board").await.status, StatusCode::NOT_FOUND);
        assert_eq!(alice.get("/p/other/e").await.status, StatusCode::NOT_FOUND);
        assert_eq!(alice.get(&format!("/p/board/e{}", "e".repeat(300))).await.status, StatusCode::NOT_FOUND);
        pod.switch("board", false).await;
        assert_eq!(alice.get("/p/board/e/7?text=a").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn pages_are_for_members_unless_the_manifest_says_otherwise() {
    story(false, async |pod, _| {
        let mut visitor = pod.browser();
        for asked in [
            visitor.get("/p/board/e/7?text=hidden").await,
            visitor.post("/p/board/e/7", &[("text", "x")]).await,
        ] {
            assert!(asked.location().starts_with("/users/sign_in"), "{}", asked.location());
            assert!(!asked.text().contains("hidden"));
        }
    })
    .await;
    story(true, async |pod, _| {
        pod.browser().get("/p/board/e/7?text=open").await.shows("open").shows("/users/sign_in");
    })
    .await;
}

#[tokio::test]
async fn a_form_of_a_page_is_written_by_the_pod_and_leads_to_the_plugins_own_action() {
    story(false, async |_, mut alice| {
        let page = alice.get("/p/board/form").await;
        page.shows("<form action=\"/p/board/actions/save\" method=\"post\"").shows("Keep it");
        // it is about no attachment; this plugin has no actions at all, and says so without a fault of the form
        let sent = alice.post("/p/board/actions/save", &[("subject", "")]).await;
        assert_eq!(sent.status, StatusCode::SERVICE_UNAVAILABLE, "{}", sent.text());
        assert_eq!(alice.get("/p/board/actions/save").await.status, StatusCode::METHOD_NOT_ALLOWED);
    })
    .await;
}

#[tokio::test]
async fn a_page_leads_nowhere_but_to_this_pod() {
    story(false, async |_, mut alice| {
        let led = alice.get("/p/board/r?to=/stream%3Fpage=2").await;
        assert_eq!((led.status, led.location()), (StatusCode::SEE_OTHER, "/stream?page=2"));
        for to in ["https://evil.test/", "//evil.test", "/%5Cevil.test", "javascript:x", "stream", ""] {
            let led = alice.get(&format!("/p/board/r?to={to}")).await;
            assert_eq!((led.status, led.location()), (StatusCode::SERVICE_UNAVAILABLE, ""), "{to}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_hands_out_a_few_kinds_of_files_and_no_browser_runs_them() {
    story(false, async |_, mut alice| {
        let file = alice.get("/p/board/d%3Cscript%3E?kind=text/csv").await;
        assert_eq!((file.status, file.text().as_str()), (StatusCode::OK, "d<script>"));
        for (name, value) in [
            ("content-type", "text/csv; charset=utf-8"),
            ("content-disposition", "attachment; filename=\"board.csv\""),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "private, max-age=86400"),
        ] {
            assert_eq!(file.header(name), value, "{name}");
        }
        for path in
            ["d?kind=text/html", "d?kind=image/svg%2Bxml", "d?kind=text/csv%0Ax:y", "b?kind=text/plain"]
        {
            let refused = alice.get(&format!("/p/board/{path}")).await;
            assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_plugin_has_not_forbids_or_fails_at_is_the_pods_own_page() {
    story(false, async |pod, mut alice| {
        for (route, status) in [
            ("none", StatusCode::NOT_FOUND),
            ("x", StatusCode::FORBIDDEN),
            ("gone", StatusCode::SERVICE_UNAVAILABLE),
            ("trap", StatusCode::SERVICE_UNAVAILABLE),
            ("loop", StatusCode::SERVICE_UNAVAILABLE),
        ] {
            let page = alice.get(&format!("/p/board/{route}")).await;
            assert_eq!(page.status, status, "{route}");
            assert!(page.text().contains("<h1") && page.text().contains("/stream"), "{route}");
        }
        // one that fails again and again is left alone, and nothing else is worse for it
        for _ in 0..5 {
            alice.get("/p/board/trap").await;
        }
        assert!(pod.pod.plugins.find("board").unwrap().breaker.is_open());
        assert_eq!(alice.get("/p/board/e?text=a").await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(alice.get("/stream").await.status, StatusCode::OK);
    })
    .await;
}
