//! Plugins that an admin brings: nothing runs before its package was looked at, updates that ask for more wait, and what
//! came can go again.
use axum::http::StatusCode;
use pappus_kernel::plugin::{self, Capability};
use pappus_plugin_build::{NewKey, new_key, pack, remade};
use pappus_tests::{Answer, Browser, Running, TwoPods};
use std::{fs, path::Path, sync::LazyLock};

/// The renderer that comes with the pod, under a name of its own.
static RENDERER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder =
        std::env::var_os("PAPPUS_TEST_PLUGINS").expect("cargo xtask test says where the plugins are");
    fs::read(Path::new(&folder).join("markdown.wasm")).unwrap()
});

fn component(id: &str, version: &str, capabilities: &str) -> Vec<u8> {
    let manifest = format!(
        "[plugin]\nid = \"{id}\"\nslug = \"ink\"\nname = \"Ink\"\nversion = \"{version}\"\nlicense = \"MIT\"\n\
         api = \"0.1\"\n[capabilities]\n{capabilities}\n[hooks.text-renderer]\nbudget-ms = 600\n"
    );
    remade(&RENDERER, &manifest).unwrap()
}

fn manifest_of(api: &str) -> String {
    format!(
        "[plugin]\nid = \"test.ink\"\nslug = \"ink\"\nname = \"Ink\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n\
         api = \"{api}\"\n[hooks.text-renderer]\n"
    )
}

/// A version of the plugin in its zip.
fn version(version: &str, capabilities: &str, key: Option<&NewKey>) -> Vec<u8> {
    let component = component("test.ink", version, capabilities);
    pack(&component, &[], key.map(|key| key.secret.as_str())).unwrap()
}

async fn bring(admin: &mut Browser, package: &[u8]) -> Answer {
    admin.upload("/admin/plugins/packages", "package", package).await
}

async fn taken(admin: &mut Browser, package: &[u8]) {
    let answer = bring(admin, package).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.headers["location"], "/admin/plugins#plugin-ink");
}

async fn refused(admin: &mut Browser, package: &[u8], why: &str) {
    let answer = bring(admin, package).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
    let page = answer.text();
    assert!(page.contains("The package was not taken.") && page.contains(why), "{why} is not on\n{page}");
}

async fn enable(admin: &mut Browser, grants: &[(&str, &str)]) {
    let fields: Vec<_> = [("review", "1")].into_iter().chain(grants.iter().copied()).collect();
    let answer = admin.post("/admin/plugins/ink/enable", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

/// Which version of it runs.
fn running(pod: &Running) -> Option<String> {
    pod.pod.plugins.find("ink").map(|plugin| plugin.plugin.manifest().version.clone())
}

#[tokio::test]
async fn a_package_is_looked_at_before_anything_of_it_runs() {
    TwoPods::on_both(async |pods| {
        let pod = pods.left;
        let mut admin = pod.sign_in("admina").await;
        let mut alice = pod.sign_up("alice").await;
        let path = format!("/posts/{}", alice.publish("some **strong** words", &["public"]).await);
        assert_eq!(bring(&mut alice, &version("1.0.0", "", None)).await.status, StatusCode::NOT_FOUND);
        taken(&mut admin, &version("1.0.0", "", None)).await;
        admin.get("/admin/plugins").await.shows("Nobody signed this package.").shows("Ink");
        alice.get(&path).await.shows("**strong**");

        enable(&mut admin, &[("grants[]", "text-renderer"), ("audience[text-renderer]", "public")]).await;
        alice.get(&path).await.shows("<strong>strong</strong>");
        // a process that starts finds it in the database
        pod.pod.plugins.replace(0, Vec::new());
        plugin::load_enabled(&pod.pod).await.unwrap();
        alice.get(&path).await.shows("<strong>strong</strong>");
    })
    .await;
}

#[tokio::test]
async fn an_update_that_asks_for_more_waits_and_the_old_version_runs_on() {
    TwoPods::on_both(async |pods| {
        let pod = pods.left;
        let mut admin = pod.sign_in("admina").await;
        let log = "log = { why = \"tells what went wrong\" }";
        taken(&mut admin, &version("1.0.0", log, None)).await;
        enable(&mut admin, &[("grants[]", "text-renderer"), ("grants[]", "log")]).await;

        taken(&mut admin, &version("1.1.0", log, None)).await;
        assert_eq!(running(&pod).as_deref(), Some("1.1.0"), "it asks for nothing new");
        admin.get("/admin/plugins").await.shows("Back to 1.0.0");

        let more = format!("{log}\nrandom = {{ why = \"throws dice\" }}");
        taken(&mut admin, &version("2.0.0", &more, None)).await;
        assert_eq!(running(&pod).as_deref(), Some("1.1.0"), "it asks for more");
        admin
            .get("/admin/plugins")
            .await
            .shows("Version 2.0.0 is here and asks for more.")
            .shows("throws dice");
        enable(&mut admin, &[("grants[]", "text-renderer"), ("grants[]", "log")]).await;
        assert_eq!(running(&pod).as_deref(), Some("2.0.0"));
        let grants = pod.pod.plugins.find("ink").unwrap().grants.clone();
        assert!(!grants.capabilities.contains(&Capability::Random), "it runs without what it was not given");
        // a new version that asks for what was refused before is no reason to ask again
        taken(&mut admin, &version("2.1.0", &more, None)).await;
        assert_eq!(running(&pod).as_deref(), Some("2.1.0"));

        assert_eq!(admin.post("/admin/plugins/ink/roll_back", &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(running(&pod).as_deref(), Some("2.0.0"));
    })
    .await;
}

#[tokio::test]
async fn an_update_that_waits_can_be_thrown_away() {
    TwoPods::on_both(async |pods| {
        let pod = pods.left;
        let mut admin = pod.sign_in("admina").await;
        taken(&mut admin, &version("1.0.0", "", None)).await;
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        taken(&mut admin, &version("2.0.0", "random = { why = \"dice\" }", None)).await;
        assert_eq!(admin.post("/admin/plugins/ink/roll_back", &[]).await.status, StatusCode::SEE_OTHER);
        admin.get("/admin/plugins").await.hides("2.0.0");
        assert_eq!(running(&pod).as_deref(), Some("1.0.0"));
        assert_eq!(admin.post("/admin/plugins/ink/roll_back", &[]).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_grant_is_taken_back_while_the_plugin_runs() {
    TwoPods::on_both(async |pods| {
        let pod = pods.left;
        let mut admin = pod.sign_in("admina").await;
        taken(&mut admin, &version("1.0.0", "random = { why = \"dice\" }", None)).await;
        enable(&mut admin, &[("grants[]", "text-renderer"), ("grants[]", "random")]).await;
        let may = |pod: &Running| {
            pod.pod.plugins.find("ink").unwrap().grants.capabilities.contains(&Capability::Random)
        };
        assert!(may(&pod));
        admin.get("/admin/plugins").await.shows("Change what Ink may");
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        assert!(!may(&pod) && running(&pod).is_some());
        let answer = admin.post("/admin/plugins/ink/enable", &[("review", "1"), ("grants[]", "http")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "it did not ask for that");
    })
    .await;
}

#[tokio::test]
async fn a_plugin_stays_with_its_author_and_does_not_grow_older() {
    TwoPods::on_both(async |pods| {
        let pod = pods.left;
        let mut admin = pod.sign_in("admina").await;
        let (author, other) = (new_key().unwrap(), new_key().unwrap());
        taken(&mut admin, &version("1.2.0", "", Some(&author))).await;
        admin.get("/admin/plugins").await.shows("Signed by").hides("Nobody signed this package.");

        refused(&mut admin, &version("1.3.0", "", Some(&other)), "Another author signed it").await;
        refused(&mut admin, &version("1.3.0", "", None), "Another author signed it").await;
        refused(&mut admin, &version("1.1.0", "", Some(&author)), "1.2.0 is here already").await;
        let stranger = pack(&component("test.other", "9.0.0", ""), &[], Some(&author.secret)).unwrap();
        refused(&mut admin, &stranger, "is the name of test.ink").await;
        let mut forged = version("1.3.0", "", Some(&author));
        let at = forged.windows(8).position(|eight| eight == b"test.ink").unwrap();
        forged[at + 5] = b'o';
        assert_eq!(bring(&mut admin, &forged).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        let package = version("1.3.0", "", Some(&other));
        let answer = admin
            .post_files(
                "/admin/plugins/packages",
                &[("other_author", "true")],
                &[("package", &package)],
                "text/html",
            )
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        refused(&mut admin, &version("1.4.0", "", Some(&author)), "Another author signed it").await;
    })
    .await;
}

#[tokio::test]
async fn what_came_goes_again_and_is_there_again_when_it_comes_back() {
    TwoPods::on_both(async |pods| {
        let pod = pods.left;
        let mut admin = pod.sign_in("admina").await;
        let key = new_key().unwrap();
        taken(&mut admin, &version("1.0.0", "", Some(&key))).await;
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;
        assert_eq!(admin.post("/admin/plugins/ink/uninstall", &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(running(&pod), None);
        admin.get("/admin/plugins").await.hides("Ink");
        // its author is still known
        refused(&mut admin, &version("1.0.0", "", Some(&new_key().unwrap())), "Another author signed it")
            .await;
        taken(&mut admin, &version("1.0.0", "", Some(&key))).await;
        enable(&mut admin, &[("grants[]", "text-renderer")]).await;

        let purge = admin.post("/admin/plugins/ink/uninstall", &[("purge", "true")]).await;
        assert_eq!(purge.status, StatusCode::SEE_OTHER);
        assert_eq!(running(&pod), None);
        taken(&mut admin, &version("0.9.0", "", Some(&new_key().unwrap()))).await;
        let gone = admin.post("/admin/plugins/nobody/uninstall", &[]).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_package_is_refused_with_its_reason() {
    TwoPods::on_both(async |pods| {
        let pod = pods.left;
        let mut admin = pod.sign_in("admina").await;
        let answer = bring(&mut admin, b"").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("id=\"package\""), "{}", answer.text());
        refused(&mut admin, b"hello", "not a working component").await;
        refused(&mut admin, b"PK\x03\x04 and nothing more", "a damaged zip").await;
        let newer = component("test.ink", "1.0.0", "");
        let newer = remade(&newer, &manifest_of("9.0")).unwrap();
        refused(&mut admin, &newer, "version 9.0 of the plugin interface").await;
        admin.get("/admin/plugins").await.hides("plugin-ink");
    })
    .await;
}
