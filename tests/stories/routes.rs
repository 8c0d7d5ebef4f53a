//! The table of routes, walked: who may use what, and what every answer carries.
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use pappus_kernel::testing::on_both;
use pappus_tests::Running;
use pappus_web::route::{Policy, table};

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
