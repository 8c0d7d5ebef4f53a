//! What whoever runs a pod sees of other pods and of work that gave up, and what they can do about it.
use axum::{Router, http::StatusCode};
use pappus_kernel::{inbox, job, remote_pod, testing::on_both};
use pappus_tests::{Running, TwoPods};
use std::time::Duration;

#[tokio::test]
async fn an_admin_sees_a_pod_that_fails_what_waits_for_it_and_that_it_is_back() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut admin = pods.left.sign_in("admina").await;
        pods.right.sign_up("bob").await;
        alice.share_with("bob@right.test", "Friends").await;
        pods.settle().await;
        admin.get("/admin/pods").await.shows("right.test").shows("Answers").hides("messages wait.");

        let broken = Router::new().fallback(|| async { StatusCode::SERVICE_UNAVAILABLE });
        pods.wire.join("right.test", broken);
        let guids = [alice.publish("one", &["public"]).await, alice.publish("two", &["public"]).await];
        pods.settle().await;
        admin.get("/admin").await.shows("href=\"/admin/pods\"");
        admin.get("/admin/pods?state=retrying").await.shows("right.test").shows("HTTP 503");
        admin.get("/admin/pods?state=ok").await.hides("right.test</bdi>");
        admin.get("/admin/pods?q=nowhere").await.hides("right.test</bdi>");
        let details = admin.get("/admin/pods/right.test").await;
        details.shows("status_message").shows("HTTP 503").shows(&guids[0]);
        assert_eq!(admin.get("/admin/pods/nowhere.test").await.status, StatusCode::NOT_FOUND);
        assert_eq!(alice.get("/admin/pods").await.status, StatusCode::NOT_FOUND, "members do not see it");

        let trace = remote_pod::trace(&pods.left.pod, pods.left.pod.admin(), &guids[1]).await.unwrap();
        assert_eq!((trace.waiting.len(), trace.waiting[0].host.as_str()), (1, "right.test"));
        assert_eq!(trace.waiting[0].pod_error.as_deref(), Some("HTTP 503"));

        pods.wire.join("right.test", pods.right.router.clone());
        pods.settle().await;
        pods.right.browser().get(&format!("/posts/{}", guids[0])).await;
        let asked = admin.post("/admin/pods/right.test/recheck", &[]).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        pods.clock.advance(Duration::from_mins(30));
        pods.settle().await;
        for guid in &guids {
            assert_eq!(pods.right.browser().get(&format!("/posts/{guid}")).await.status, StatusCode::OK);
        }
        admin.get("/admin/pods/right.test").await.shows("accepted").hides("HTTP 503</code>");
        // the other side knows from whom it came
        let trace = remote_pod::trace(&pods.right.pod, pods.right.pod.admin(), &guids[0]).await.unwrap();
        let came: Vec<_> = trace.events.iter().map(|it| (it.host.as_str(), it.result.as_str())).collect();
        assert_eq!(came, [("left.test", "accepted")]);
    })
    .await;
}

/// An envelope of somebody whom nobody can find; whether it is signed well is never asked.
fn from_nowhere() -> Vec<u8> {
    // base64url of x@nowhere.test, and of three letters for what it holds
    let envelope = "<me:env xmlns:me=\"http://salmon-protocol.org/ns/magic-env\">\
                    <me:data type=\"application/xml\">YWJj</me:data><me:encoding>base64url</me:encoding>\
                    <me:alg>RSA-SHA256</me:alg><me:sig key_id=\"eEBub3doZXJlLnRlc3Q=\">YWJj</me:sig></me:env>";
    envelope.as_bytes().to_vec()
}

#[tokio::test]
async fn a_message_whose_author_is_not_found_waits_and_is_then_kept_for_the_admin() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut admin = running.sign_in("admina").await;
        running.run_jobs().await;
        admin.get("/admin/jobs").await.shows("Nothing gave up.");
        for _ in 0..3 {
            inbox::accept_public(&running.pod, from_nowhere()).await.unwrap();
        }
        let (mut tries, mut rounds) = (0, 0);
        while job::list_dead(&running.pod, running.pod.admin()).await.unwrap().len() < 3 {
            let ran = running.run_jobs().await;
            assert_eq!(running.run_jobs().await, 0, "no storm: each waits for its time");
            tries += ran;
            rounds += 1;
            assert!(rounds < 40, "it is tried for ever");
            running.pod.clock.advance(Duration::from_hours(9));
        }
        assert!((30..40).contains(&tries), "ten tries each, and some housekeeping: {tries}");
        admin.get("/admin").await.shows("href=\"/admin/jobs\"");
        let page = admin.get("/admin/jobs").await;
        page.shows("from x@nowhere.test").shows("failed 10 times").hides("YWJj");

        let dead = job::list_dead(&running.pod, running.pod.admin()).await.unwrap();
        let path = |at: usize| format!("/admin/jobs/{}", dead[at].id);
        assert_eq!(admin.post(&format!("{}/retry", path(0)), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(running.run_jobs().await, 1);
        let gone = admin.post(&path(0), &[("_method", "delete")]).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND, "it waits for its next try");
        assert_eq!(admin.post(&path(1), &[("_method", "delete")]).await.status, StatusCode::SEE_OTHER);
        admin.get("/admin/jobs").await.hides(&path(1)).shows(&path(2));
        assert_eq!(admin.post("/admin/jobs/retry", &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(running.run_jobs().await, 1);
        assert_eq!(admin.post("/admin/jobs", &[("_method", "delete")]).await.status, StatusCode::SEE_OTHER);
        admin.get("/admin/jobs").await.shows("Nothing gave up.");
    })
    .await;
}
