//! Who is told of a move, and how what was said before it fits together with what comes after.
use crate::{
    mover::{archive, move_in, moved, person_guid, relocate},
    moving_talk::word,
    peer::{NOW, Peer, guid, sql},
};
use axum::http::StatusCode;
use pappus_federation::{
    Relayable as _,
    entity::{Comment, StatusMessage},
};
use pappus_tests::Pods;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn whoever_began_to_share_after_the_archive_was_made_follows_too() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let mut alice = old.sign_up("alice").await;
        let file = archive(old, &mut alice).await;
        let mut bob = third.sign_up("bob").await;
        bob.share_with("alice@old.test", "Friends").await;
        pods.settle().await;
        let mut alicia = new.sign_up("alicia").await;
        move_in(&mut alicia, &file).await;
        pods.settle().await;
        bob.get("/contacts").await.shows("alicia@new.test").hides("alice@old.test");
        let friends = bob.aspect("Friends").await;
        bob.publish("for friends, wherever they are", &[&friends]).await;
        pods.settle().await;
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM contacts WHERE sharing")).await, 1);
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM posts WHERE text LIKE 'for friends%'")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_was_written_to_hears_of_the_move() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let mut alice = old.sign_up("alice").await;
        let mut carl = old.sign_up("carl").await;
        let mut bob = third.sign_up("bob").await;
        carl.share_with("bob@third.test", "Friends").await;
        pods.settle().await;
        let post = bob.publish("what bob says", &["public"]).await;
        pods.settle().await;
        let said = alice.post(&format!("/posts/{post}/comments"), &[("text", "what alice answers")]).await;
        assert!(said.status.is_success() || said.status == StatusCode::SEE_OTHER, "{}", said.text());
        pods.settle().await;
        relocate(&pods, (old, &mut alice), (new, "alicia")).await;
        assert_eq!(moved(third).await, 1);
        let now = person_guid(third, "alicia@new.test").await;
        bob.get(&format!("/posts/{post}")).await.shows("what alice answers").shows(&now);
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_was_away_during_two_moves_finds_its_way() {
    Pods::on_both(&["a.test", "b.test", "c.test", "d.test"], async |pods| {
        let (a, b, c, d) = (pods.at("a.test"), pods.at("b.test"), pods.at("c.test"), pods.at("d.test"));
        let mut first = a.sign_up("first").await;
        let mut dora = d.sign_up("dora").await;
        dora.share_with("first@a.test", "Friends").await;
        pods.settle().await;
        pods.wire.leave("d.test");
        let mut second = relocate(&pods, (a, &mut first), (b, "second")).await;
        relocate(&pods, (b, &mut second), (c, "third")).await;
        assert_eq!(moved(d).await, 0);
        pods.wire.join("d.test", d.router.clone());
        for _ in 0..8 {
            pods.clock.advance(HOUR * 6);
            pods.settle().await;
        }
        let mut dora = d.sign_in("dora").await;
        dora.get("/contacts").await.shows("third@c.test").hides("second@b.test").hides("first@a.test");
        assert_eq!(c.pod.count(sql("SELECT COUNT(*) FROM contacts WHERE sharing")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_pod_that_was_left_hears_what_becomes_of_what_it_has() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let mut alice = old.sign_up("alice").await;
        let mut bob = third.sign_up("bob").await;
        bob.share_with("alice@old.test", "Friends").await;
        pods.settle().await;
        let kept = alice.publish("said there", &["public"]).await;
        let gone = alice.publish("said there and regretted", &["public"]).await;
        pods.settle().await;
        let file = archive(old, &mut alice).await;
        pods.clock.advance(HOUR);
        let mut alicia = new.sign_up("alicia").await;
        move_in(&mut alicia, &file).await;
        pods.settle().await;
        bob.post(&format!("/posts/{kept}/comments"), &[("text", "an answer afterwards")]).await;
        alicia.post(&format!("/posts/{gone}"), &[("_method", "delete")]).await;
        pods.clock.advance(HOUR);
        alicia.publish("said here", &["public"]).await;
        pods.settle().await;
        let count = async |text| old.pod.count(sql(text)).await;
        assert_eq!(count("SELECT COUNT(*) FROM comments").await, 1);
        assert_eq!(count("SELECT COUNT(*) FROM posts WHERE text = 'said there and regretted'").await, 0);
        // nobody there follows: of what is new it hears nothing
        assert_eq!(count("SELECT COUNT(*) FROM posts").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_a_mover_takes_back_below_a_neighbours_post_is_gone_where_the_move_is_not_known() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let mut alice = old.sign_up("alice").await;
        let mut dana = old.sign_up("dana").await;
        let mut xavier = new.sign_up("xavier").await;
        let mut carl = third.sign_up("carl").await;
        dana.share_with("xavier@new.test", "Friends").await;
        carl.share_with("xavier@new.test", "Friends").await;
        pods.settle().await;
        let post = xavier.publish("what xavier says", &["public"]).await;
        pods.settle().await;
        alice.post(&format!("/posts/{post}/comments"), &[("text", "what alice answers")]).await;
        alice.post(&format!("/posts/{post}/likes"), &[]).await;
        pods.settle().await;
        let below = async || {
            let comments = third.pod.count(sql("SELECT COUNT(*) FROM comments")).await;
            (comments, third.pod.count(sql("SELECT COUNT(*) FROM likes")).await)
        };
        assert_eq!(below().await, (1, 1));
        let mut alicia = relocate(&pods, (old, &mut alice), (new, "alicia")).await;
        assert_eq!(moved(third).await, 0, "carl has nothing to do with alice");
        alicia.post(&format!("/posts/{post}/likes"), &[("_method", "delete")]).await;
        let guid = sql("SELECT guid FROM comments");
        let guid: Option<String> = new.pod.db.read().await.unwrap().query(guid).scalar().await.unwrap();
        alicia.post(&format!("/comments/{}", guid.unwrap()), &[("_method", "delete")]).await;
        pods.settle().await;
        assert_eq!(below().await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_is_sent_on_after_the_word_of_a_move_is_still_its_authors() {
    Pods::on_both(&["home.test"], async |pods| {
        let home = pods.at("home.test");
        let mut bob = home.sign_up("bob").await;
        let host = Peer::join(&pods.wire, "host@one.test");
        let old = Peer::join(&pods.wire, "old@two.test");
        let new = Peer::join(&pods.wire, "new@three.test");
        bob.share_with("host@one.test", "Friends").await;
        bob.share_with("old@two.test", "Friends").await;
        pods.settle().await;
        let post = guid("post");
        let at = post.parse().unwrap();
        host.publicly(home, StatusMessage::new(host.id.clone(), at, NOW, true, "hello".to_owned())).await;
        old.publicly(home, word(&old, &new)).await;
        assert_eq!(moved(home).await, 1);
        let name = guid("comment").parse().unwrap();
        let mut late = Comment::new(old.id.clone(), name, post.parse().unwrap(), "said before", NOW).unwrap();
        late.sign(old.key()).unwrap();
        host.publicly(home, late).await;
        let theirs = sql("SELECT COUNT(*) FROM comments c JOIN people p ON p.id = c.author_id
             WHERE p.diaspora_id = 'new@three.test'");
        assert_eq!(home.pod.count(theirs).await, 1);
    })
    .await;
}
