//! The table of routes, walked: who may use what, and what every answer carries.
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use pappus_kernel::testing::on_both;
use pappus_tests::Running;
use pappus_web::route::{Policy, table};
use serde_json::Value;

fn ask(method: &Method, path: &str, json: bool) -> Request<Body> {
    let mut request =
        Request::builder().method(method.clone()).uri(path).header("sec-fetch-site", "same-origin");
    if json {
        request = request.header(header::ACCEPT, "application/json");
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn every_route_keeps_to_its_policy() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut member = running.sign_up("alice").await;
        let (mut members, mut admins) = (0, 0);
        for route in table() {
            let what = format!("{} {}", route.method, route.path);
            let visitor = running.browser().send(ask(&route.method, route.sample, false)).await;
            match route.policy {
                Policy::Member | Policy::Admin => {
                    assert_eq!(visitor.status, StatusCode::FOUND, "{what}");
                    assert!(visitor.location().starts_with("/users/sign_in"), "{what}");
                    let json = running.browser().send(ask(&route.method, route.sample, true)).await;
                    assert_eq!(json.status, StatusCode::UNAUTHORIZED, "{what}");
                    members += 1;
                }
                Policy::Setup => assert_eq!(visitor.location(), "/", "{what}"),
                Policy::Public | Policy::Federation | Policy::Open => {
                    // these two lead to the sign-in page on purpose
                    let leads_there = matches!(route.path, "/login" | "/users/sign_out");
                    assert!(!visitor.location().starts_with("/users/sign_in") || leads_there, "{what}");
                }
            }
            assert_ne!(visitor.status, StatusCode::METHOD_NOT_ALLOWED, "{what}");
            if route.policy == Policy::Admin {
                let refused = member.send(ask(&route.method, route.sample, false)).await;
                assert_eq!(refused.status, StatusCode::NOT_FOUND, "{what}");
                admins += 1;
            }
        }
        assert!(members > 30 && admins >= 6, "{members} and {admins} rows were walked");
    })
    .await;
}

#[tokio::test]
async fn no_route_answers_with_a_failure_of_ours() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut admin = running.sign_in("admina").await;
        let mut session = admin.cookies.clone();
        for route in table() {
            let answer = admin.send(ask(&route.method, route.sample, false)).await;
            assert!(answer.status.as_u16() < 500, "{} {}: {}", route.method, route.path, answer.text());
            if route.path == "/users/sign_out" {
                session = running.sign_in("admina").await.cookies;
            }
            admin.cookies.clone_from(&session);
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_a_browser_safe() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut browser = running.browser();
        for path in [
            "/",
            "/users/sign_in",
            "/nowhere",
            "/stream",
            "/.well-known/nodeinfo",
            "/livez",
            "/-/core/gon.js",
        ] {
            let answer = browser.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(answer.header("x-diaspora-version"), pappus_kernel::VERSION, "{path}");
            assert!(
                answer.header("content-security-policy").contains("script-src https://pod.test/-/core/"),
                "{path}"
            );
            assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        }
        let gone = browser.get("/nowhere").await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        assert!(gone.text().contains("<h1"), "an error is a page");
        let wrong = browser.send(ask(&Method::PATCH, "/stream", false)).await;
        assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(wrong.text().contains("<h1"));
        assert_eq!(browser.get("/livez").await.status, StatusCode::OK);
        assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
        let head = browser.send(ask(&Method::HEAD, "/", false)).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    })
    .await;
}

/// Directories, apps and other pods read these to learn what runs here.
#[tokio::test]
async fn what_runs_here_is_told_in_the_headers_of_the_reference_and_in_nodeinfo_alike() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        running.sign_up("alice").await;
        let mut stranger = running.browser();
        for path in [
            "/",
            "/.well-known/nodeinfo",
            "/.well-known/host-meta",
            "/.well-known/webfinger?resource=acct:alice@pod.test",
            "/nodeinfo/1.0",
            "/nodeinfo/2.0",
            "/nodeinfo/2.1",
            "/statistics.json",
            "/fetch/post/0123456789abcdef",
            "/posts/0123456789abcdef.json",
        ] {
            let answer = stranger.get(path).await;
            assert_eq!(answer.header("x-diaspora-version"), pappus_kernel::VERSION, "{path}");
            // which commit it is, where whoever built it says so
            assert_eq!(
                answer.header("x-git-revision"),
                pappus_kernel::REVISION.unwrap_or_default(),
                "{path}"
            );
            assert_eq!(
                answer.header("x-git-update"),
                pappus_kernel::REVISED_AT.unwrap_or_default(),
                "{path}"
            );
        }
        for version in ["1.0", "2.0", "2.1"] {
            let answer = stranger.get(&format!("/nodeinfo/{version}")).await;
            let told: Value = serde_json::from_str(&answer.text()).unwrap();
            assert_eq!(told["software"]["version"], answer.header("x-diaspora-version"), "{version}");
            let schema = format!("http://nodeinfo.diaspora.software/ns/schema/{version}#");
            assert!(answer.header("content-type").contains(&schema), "{version}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{version}");
        }
        // pods ask the front page whether anybody is there
        assert_eq!(stranger.get("/").await.status, StatusCode::OK);
    })
    .await;
}
