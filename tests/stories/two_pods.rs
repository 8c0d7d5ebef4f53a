//! Two pods that talk to each other through their real endpoints.
use axum::http::StatusCode;
use pappus_kernel::{env::Clock, testing::START};
use pappus_tests::{Browser, TwoPods};

/// Alice on the left and bob on the right, sharing with each other.
pub async fn friends(pods: &TwoPods) -> (Browser, Browser) {
    let mut alice = pods.left.sign_up("alice").await;
    let mut bob = pods.right.sign_up("bob").await;
    alice.share_with("bob@right.test", "Family").await;
    pods.settle().await;
    bob.get("/notifications").await.shows("alice@left.test");
    bob.get("/contacts?set=only_sharing").await.shows("alice@left.test");
    bob.share_with("alice@left.test", "Friends").await;
    pods.settle().await;
    alice.get("/notifications").await.shows("bob@right.test");
    (alice, bob)
}

#[tokio::test]
async fn posts_comments_likes_and_retractions_travel_both_ways() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let guid = alice.publish("hello from the left #frost", &["public"]).await;
        let path = format!("/posts/{guid}");
        pods.settle().await;
        bob.get("/stream").await.shows("hello from the left");
        pods.right.browser().get(&path).await.shows("hello from the left");

        // below a post of the other pod
        assert_eq!(
            bob.post(&format!("{path}/comments"), &[("text", "hello back")]).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(bob.post(&format!("{path}/likes"), &[]).await.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        alice.get(&path).await.shows("hello back");
        alice.get("/notifications").await.shows(&path);
        // and below one's own, relayed
        alice.post(&format!("{path}/comments"), &[("text", "welcome, right side")]).await;
        pods.settle().await;
        bob.get(&path).await.shows("welcome, right side");

        let theirs = bob.publish("hello from the right", &["public"]).await;
        pods.settle().await;
        alice.get("/stream").await.shows("hello from the right");
        let like = format!("/posts/{theirs}/likes");
        alice.post(&like, &[]).await;
        pods.settle().await;
        assert!(bob.get(&format!("/posts/{theirs}")).await.text().contains("alice@left.test"));
        alice.post(&like, &[("_method", "delete")]).await;
        pods.settle().await;
        assert!(!bob.get(&format!("/posts/{theirs}")).await.text().contains("alice@left.test"));

        assert_eq!(alice.post(&path, &[("_method", "delete")]).await.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND);
        let sent = pods.wire.sent.lock().unwrap();
        assert!(sent.iter().filter(|(url, _)| url.contains("/receive/")).count() >= 8);
        assert!(sent.iter().all(|(url, status)| !url.contains("/receive/") || *status == 202), "{sent:?}");
    })
    .await;
}

#[tokio::test]
async fn a_limited_post_reaches_the_aspect_and_nobody_else() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let mut eve = pods.right.sign_up("eve").await;
        eve.share_with("alice@left.test", "Friends").await;
        pods.settle().await;
        let family = alice.aspect("Family").await;
        let guid = alice.publish("only for the family", &[&family]).await;
        let path = format!("/posts/{guid}");
        pods.settle().await;
        bob.get("/stream").await.shows("only for the family");
        for browser in [&mut eve, &mut pods.right.browser(), &mut pods.left.browser()] {
            assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
        }
        eve.get("/stream").await.hides("only for the family");
        assert!(
            pods.wire.sent.lock().unwrap().iter().any(|(url, _)| url.contains("/receive/users/")),
            "it went the encrypted way"
        );
        bob.post(&format!("{path}/comments"), &[("text", "a family comment")]).await;
        pods.settle().await;
        alice.get(&path).await.shows("a family comment");
        alice.post(&format!("{path}/comments"), &[("text", "answered")]).await;
        pods.settle().await;
        bob.get(&path).await.shows("answered");
        alice.post(&path, &[("_method", "delete")]).await;
        pods.settle().await;
        assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn whoever_stops_sharing_is_no_contact_any_more() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        // the first person on a page without posts is whoever looks at it
        let guid = bob.get("/stream").await.after("/people/").unwrap();
        alice.get(&format!("/people/{guid}")).await.shows("bob@right.test");
        let stopped = alice.post(&format!("/people/{guid}/aspects"), &[]).await;
        assert_eq!(stopped.status, StatusCode::SEE_OTHER, "{}", stopped.text());
        pods.settle().await;
        bob.get("/contacts?set=only_sharing").await.hides("alice@left.test");
        alice.publish("not for bob any more", &["all_aspects"]).await;
        pods.settle().await;
        bob.get("/stream").await.hides("not for bob any more");
    })
    .await;
}

#[tokio::test]
async fn a_look_up_that_fails_says_why() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        alice.get("/people?q=nobody@right.test").await.shows("nobody@right.test");
        alice.get("/people?q=bob@nowhere.test").await.shows("did not answer");
        alice.get("/people?q=@@").await.shows("<main");
        assert_eq!(pods.clock.as_ref().now(), START, "nothing had to wait");
    })
    .await;
}
