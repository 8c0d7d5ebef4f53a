//! Setting up, signing in and out, and who cannot make somebody do it.
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use pappus_kernel::{
    account::setup,
    env::Clock as _,
    testing::{Options, Place, TestPod, on_both},
};
use pappus_tests::{PASSWORD, Running};
use std::time::Duration;

async fn set_up(pod: TestPod) -> Running {
    Running::set_up(pod).await
}

#[tokio::test]
async fn the_setup_link_makes_one_admin_and_is_dead_afterwards() {
    on_both(async |pod| {
        let running = Running::bare(pod).await;
        let token = setup::new_link(&running.pod).await.unwrap();
        let mut browser = running.browser();
        let closed = browser.get("/stream").await;
        assert_eq!(closed.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(browser.get("/setup").await.text().contains("token"), "asks for the word");

        let wrong = browser.get("/setup?token=ffffffffffffffffffffffffffffffff").await;
        assert_eq!(wrong.status, StatusCode::FORBIDDEN);
        let traded = browser.get(&format!("/setup?token={token}")).await;
        assert_eq!((traded.status, traded.location()), (StatusCode::FOUND, "/setup"));
        let mut thief = running.browser();
        assert_eq!(thief.get(&format!("/setup?token={token}")).await.status, StatusCode::FORBIDDEN);

        let refused =
            browser.post("/setup", &[("username", "Robin!"), ("email", "x"), ("password", "short")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("Robin!"), "the text is kept");
        let fields = [
            ("username", "robin"),
            ("email", "robin@mail.test"),
            ("password", PASSWORD),
            ("registrations", "open"),
        ];
        assert_eq!(thief.post("/setup", &fields).await.status, StatusCode::FORBIDDEN);
        let done = browser.post("/setup", &fields).await;
        assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/stream"), "{}", done.text());
        browser.get("/admin").await.shows("<main");
        assert_eq!(browser.get("/setup").await.status, StatusCode::SEE_OTHER);
        assert!(setup::new_link(&running.pod).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn signing_in_answers_302_and_a_wrong_password_422() {
    on_both(async |pod| {
        let running = set_up(pod).await;
        let mut browser = running.browser();
        let away = browser.get("/contacts").await;
        assert_eq!(
            (away.status, away.location()),
            (StatusCode::FOUND, "/users/sign_in?return_to=%2Fcontacts")
        );
        let page = browser.get("/users/sign_in").await;
        page.shows("<meta name=\"csrf-param\" content=\"authenticity_token\"");

        let wrong = [("user[username]", "admina"), ("user[password]", "wrong password")];
        let refused = browser.post("/users/sign_in", &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("value=\"admina\""));
        assert!(browser.cookies.is_empty());
        let unknown = [("user[username]", "nobody"), ("user[password]", "wrong password")];
        assert_eq!(browser.post("/users/sign_in", &unknown).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        let right =
            [("user[username]", "admina"), ("user[password]", PASSWORD), ("return_to", "https://evil.test/")];
        let signed_in = browser.post("/users/sign_in", &right).await;
        assert_eq!((signed_in.status, signed_in.location()), (StatusCode::FOUND, "/stream"));
        let cookie = signed_in.header("set-cookie");
        for part in ["__Host-pappus=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let stream = browser.get("/stream").await;
        let gon = stream.text();
        let gon = gon
            .lines()
            .find(|line| line.starts_with("window.gon={};gon.user="))
            .expect("one line at column 1");
        assert!(gon.contains(";gon.preloads=") && gon.contains(";gon.appConfig="));
    })
    .await;
}

#[tokio::test]
async fn guessing_passwords_ends_after_twenty_tries() {
    on_both(async |pod| {
        let running = set_up(pod).await;
        let mut browser = running.browser();
        let wrong = [("user[username]", "admina"), ("user[password]", "wrong")];
        for _ in 0..20 {
            assert_eq!(browser.post("/users/sign_in", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let stopped = browser.post("/users/sign_in", &wrong).await;
        assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(stopped.header("retry-after").parse::<u64>().unwrap() > 0);
        // the pod's clock stands still: only now does anything pass
        running.pod.clock.advance(Duration::from_secs(16));
        assert_eq!(browser.post("/users/sign_in", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(browser.post("/users/sign_in", &wrong).await.status, StatusCode::TOO_MANY_REQUESTS);
    })
    .await;
}

#[tokio::test]
async fn another_site_cannot_send_a_form_nor_sign_anybody_out() {
    on_both(async |pod| {
        let running = set_up(pod).await;
        let mut browser = running.sign_in("admina").await;
        let forged = |site: Option<&str>, origin: Option<&str>, method: &str| {
            let mut request = Request::builder()
                .method("POST")
                .uri("/users/sign_out")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            request.body(Body::from(format!("_method={method}"))).unwrap()
        };
        for (site, origin) in [
            (Some("cross-site"), Some("https://evil.test")),
            (Some("same-site"), Some("https://other.pod.test")),
            (None, Some("https://evil.test")),
            (None, Some("null")),
            (Some("same-origin"), Some("null")),
        ] {
            let refused = browser.send(forged(site, origin, "delete")).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{site:?} {origin:?}");
            browser.get("/stream").await.shows("<main");
        }
        // a link to it asks instead
        let asked = browser.get("/users/sign_out").await;
        asked.shows("name=\"_method\" value=\"delete\"");
        browser.get("/stream").await.shows("<main");

        let mut old_client = browser.clone();
        let out = browser.send(forged(Some("same-origin"), Some("https://pod.test"), "delete")).await;
        assert_eq!(out.status, StatusCode::SEE_OTHER);
        assert_eq!(browser.get("/stream").await.status, StatusCode::FOUND);
        assert_eq!(old_client.get("/stream").await.status, StatusCode::FOUND, "the token itself is dead");

        let mut old_client = running.sign_in("admina").await;
        let bare = Request::get("/users/sign_out").body(Body::empty()).unwrap();
        assert_eq!(old_client.send(bare).await.status, StatusCode::SEE_OTHER);
        assert_eq!(old_client.get("/stream").await.status, StatusCode::FOUND);
    })
    .await;
}

#[tokio::test]
async fn the_address_that_the_setup_form_fixes_is_trusted_at_once() {
    for place in [Some(Place::sqlite().await), Place::postgres().await].into_iter().flatten() {
        let options = Options { base_url: String::new(), ..Options::default() };
        let running = Running::bare(TestPod::with(place, options).await).await;
        let token = setup::new_link(&running.pod).await.unwrap();
        // the proxy speaks to the pod under another name
        let behind = |origin: Option<&str>, path: &str, body: &'static str| {
            let mut request = Request::post(path)
                .header(header::HOST, "internal:4000")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            request.body(Body::from(body)).unwrap()
        };
        let mut browser = running.browser();
        browser.get(&format!("/setup?token={token}")).await;
        let form = "base_url=https%3A%2F%2Fpod.test&username=robin&email=robin%40mail.test\
                    &password=a+good+long+password&registrations=open";
        let done = browser.send(behind(None, "/setup", form)).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let fresh = "aspect%5Bname%5D=Fresh";
        let other = browser.send(behind(Some("https://evil.test"), "/aspects", fresh)).await;
        assert_eq!(other.status, StatusCode::FORBIDDEN);
        let ours = browser.send(behind(Some("https://pod.test"), "/aspects", fresh)).await;
        assert_eq!(ours.status, StatusCode::SEE_OTHER, "{}", ours.text());
    }
}

#[tokio::test]
async fn a_hostile_host_header_changes_no_address() {
    on_both(async |pod| {
        let running = set_up(pod).await;
        let mut browser = running.browser();
        for path in ["/", "/users/sign_in", "/stream", "/.well-known/nodeinfo", "/.well-known/host-meta"] {
            let request = Request::get(path).header(header::HOST, "evil.test").body(Body::empty()).unwrap();
            let answer = browser.send(request).await;
            assert!(!answer.text().contains("evil.test"), "{path}");
            for (name, value) in &answer.headers {
                assert!(!String::from_utf8_lossy(value.as_bytes()).contains("evil.test"), "{path}: {name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_second_factor_is_asked_for_and_opens_with_a_recovery_code_once() {
    on_both(async |pod| {
        let running = set_up(pod).await;
        let mut browser = running.sign_in("admina").await;
        assert_eq!(browser.post("/two_factor_authentication", &[]).await.status, StatusCode::SEE_OTHER);
        browser.get("/user/security").await.shows("<svg");
        let wrong = browser.post("/two_factor_authentication/confirm", &[("user[code]", "000000")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

        let session = pappus_kernel::account::session::find(&running.pod, &browser.cookies["__Host-pappus"]);
        let owner = session.await.unwrap().unwrap().owner().unwrap();
        let enrolment = pappus_kernel::account::totp::pending(&running.pod, owner).await.unwrap().unwrap();
        let code = code_of(&enrolment.secret, running.pod.clock.now().seconds());
        let confirmed = browser.post("/two_factor_authentication/confirm", &[("user[code]", &code)]).await;
        let codes = recovery_codes(&confirmed.shows("<code").text());
        assert_eq!(codes.len(), 10);

        let mut other = running.browser();
        let fields = [("user[username]", "admina"), ("user[password]", PASSWORD)];
        let half = other.post("/users/sign_in", &fields).await;
        half.shows("user[otp_attempt]");
        assert_eq!(other.get("/stream").await.status, StatusCode::FOUND, "half a sign-in opens nothing");
        let replay = other.post("/users/sign_in", &[("user[otp_attempt]", &code)]).await;
        assert_eq!(replay.status, StatusCode::UNPROCESSABLE_ENTITY, "a code works once");
        let mut second = other.clone();
        let open = other.post("/users/sign_in", &[("user[otp_attempt]", &codes[0])]).await;
        assert_eq!(open.status, StatusCode::FOUND);
        other.get("/stream").await.shows("<main");

        second.post("/users/sign_in", &fields).await;
        let used = second.post("/users/sign_in", &[("user[otp_attempt]", &codes[0])]).await;
        assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);

        // five codes were tried, two of them to switch it on: fifteen more, and then not even the right one
        let wrong = [("user[otp_attempt]", "000000")];
        for _ in 5..20 {
            assert_eq!(second.post("/users/sign_in", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let right = [("user[otp_attempt]", codes[1].as_str())];
        let stopped = second.post("/users/sign_in", &right).await;
        assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
        running.pod.clock.advance(Duration::from_mins(4));
        assert_eq!(second.post("/users/sign_in", &right).await.status, StatusCode::FOUND);
    })
    .await;
}

/// What the member's app shows at that second.
fn code_of(secret: &str, second: u64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(second).to_string()
}

/// Sixteen letters in groups of four.
fn recovery_codes(page: &str) -> Vec<String> {
    let words = page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let is_code = |word: &&str| word.len() == 19 && word.split('-').all(|group| group.len() == 4);
    words.filter(is_code).map(str::to_owned).collect()
}
