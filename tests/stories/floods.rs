//! Strangers who send more than anybody needs: it costs them, and nobody else.
use crate::peer::{NOW, Peer, guid, sql};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use pappus_federation::{
    Entity, Guid,
    entity::{Comment, Contact, Kind, Retraction, StatusMessage},
    signature::Relayable as _,
};
use pappus_tests::{PASSWORD, Running, TwoPods};
use std::time::Duration;

async fn count(pod: &Running, text: &str) -> i64 {
    pod.pod.count(sql(text.to_owned().leak())).await
}

#[tokio::test]
async fn who_writes_to_a_closed_account_again_and_again_is_told_a_few_times() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        let mut alice = home.sign_up("alice").await;
        alice.post("/user", &[("_method", "delete"), ("user[current_password]", PASSWORD)]).await;
        home.run_jobs().await;
        let told = async |peer: &Peer, times: usize| {
            for _ in 0..times {
                let hello = Contact::new(peer.id.clone(), "alice@left.test".parse().unwrap(), true);
                peer.privately(home, "alice", hello).await;
            }
            let told = peer.entities(home).await;
            assert!(told.iter().all(|one| matches!(one, Entity::AccountDeletion(_))), "{told:?}");
            told.len()
        };
        assert_eq!(told(&mia, 14).await, 10);
        assert_eq!(told(&noa, 2).await, 2, "others are told");
        pods.clock.advance(Duration::from_hours(1));
        assert_eq!(told(&mia, 1).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_wanted_is_taken_back_a_few_times_and_never_shown() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let noa = Peer::join(&pods.wire, "noa@away.test");
        let mut alice = home.sign_up("alice").await;
        alice.share_with("noa@away.test", "Family").await;
        let post = alice.publish("hello", &["public"]).await;
        let ignored = alice.post("/blocks", &[("block[person_id]", &guid("noa00"))]).await;
        assert!(ignored.status.is_redirection(), "{}", ignored.text());
        home.run_jobs().await;
        noa.entities(home).await;
        for number in 10..24 {
            let name: Guid = guid(&format!("unwanted{number}")).parse().unwrap();
            let mut comment =
                Comment::new(noa.id.clone(), name, post.parse().unwrap(), "listen to me", NOW).unwrap();
            comment.sign(noa.key()).unwrap();
            noa.publicly(home, comment).await;
        }
        let told = noa.entities(home).await;
        assert!(told.iter().all(|one| matches!(one, Entity::Retraction(_))), "{told:?}");
        assert_eq!(told.len(), 10);
        assert_eq!(count(home, "SELECT COUNT(*) FROM comments").await, 0);
    })
    .await;
}

async fn takes_back(peer: &Peer, to: &Running, called: &str) {
    let target: Guid = guid(called).parse().unwrap();
    peer.publicly(to, Entity::Retraction(Retraction::new(peer.id.clone(), Kind::Post, target))).await;
    to.pod.run(sql("DELETE FROM jobs WHERE kind = 'receive'")).await;
}

async fn says(peer: &Peer, to: &Running, called: &str) -> i64 {
    let name: Guid = guid(called).parse().unwrap();
    let post = StatusMessage::new(peer.id.clone(), name, NOW, true, called.to_owned());
    peer.publicly(to, Entity::StatusMessage(Box::new(post))).await;
    count(to, &format!("SELECT COUNT(*) FROM posts WHERE text = '{called}'")).await
}

#[tokio::test]
async fn what_was_taken_back_before_it_came_does_not_come_a_year_later() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let mia = Peer::join(&pods.wire, "mia@far.test");
        takes_back(&mia, home, "regretted").await;
        pods.clock.advance(Duration::from_hours(24 * 365));
        assert_eq!((says(&mia, home, "regretted").await, says(&mia, home, "kept").await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_early_retractions_drives_out_only_its_senders_own() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, eve) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "eve@else.test"));
        takes_back(&mia, home, "regretted").await;
        pods.clock.advance(Duration::from_secs(1));
        takes_back(&eve, home, "first").await;
        let flood = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                     INSERT INTO early_retractions (kind, guid, sender_id, at)
                     SELECT 'Post', 'flood-of-eve-' || CAST(n.i AS TEXT), p.id, e.at + n.i
                     FROM n, people p, early_retractions e
                     WHERE p.diaspora_id = 'eve@else.test' AND e.sender_id = p.id";
        assert_eq!(home.pod.run(sql(flood)).await, 1000);
        pods.clock.advance(Duration::from_secs(1));
        takes_back(&eve, home, "last").await;
        let kept = "SELECT COUNT(*) FROM early_retractions e JOIN people p ON p.id = e.sender_id
                    WHERE p.diaspora_id = ";
        assert_eq!(count(home, &format!("{kept}'eve@else.test'")).await, 1000);
        assert_eq!(count(home, &format!("{kept}'mia@far.test'")).await, 1);
        assert_eq!((says(&eve, home, "first").await, says(&eve, home, "last").await), (1, 0));
        assert_eq!(says(&mia, home, "regretted").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_invents_people_drives_out_only_its_own_early_retractions() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, eve) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "eve@else.test"));
        takes_back(&mia, home, "regretted").await;
        pods.clock.advance(Duration::from_secs(1));
        takes_back(&eve, home, "first").await;
        // eleven more of her pod, with as much as one may have
        let people = "INSERT INTO people (guid, diaspora_id, remote_pod_id, public_key, created_at, fetched_at)
                      SELECT p.guid || CAST(n.i AS TEXT), 'eve' || CAST(n.i AS TEXT) || '@else.test', p.remote_pod_id,
                             p.public_key, p.created_at, p.fetched_at
                      FROM people p, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 11)
                                      SELECT i FROM n) n WHERE p.diaspora_id = 'eve@else.test'";
        assert_eq!(home.pod.run(sql(people)).await, 11);
        let flood = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 909)
                     INSERT INTO early_retractions (kind, guid, sender_id, remote_pod_id, at)
                     SELECT 'Post', 'flood-of-eve-' || CAST(n.i AS TEXT), p.id, p.remote_pod_id, e.at + n.i
                     FROM n, people p, early_retractions e JOIN people s ON s.id = e.sender_id
                     WHERE p.diaspora_id LIKE 'eve_%@else.test' AND s.diaspora_id = 'eve@else.test'";
        assert_eq!(home.pod.run(sql(flood)).await, 9999);
        pods.clock.advance(Duration::from_secs(1));
        takes_back(&eve, home, "last").await;
        let kept = "SELECT COUNT(*) FROM early_retractions e JOIN people p ON p.id = e.sender_id
                    WHERE p.diaspora_id LIKE ";
        assert_eq!(count(home, &format!("{kept}'%@else.test'")).await, 10_000);
        assert_eq!(count(home, &format!("{kept}'mia@far.test'")).await, 1);
        assert_eq!((says(&eve, home, "first").await, says(&eve, home, "last").await), (1, 0));
        assert_eq!(says(&mia, home, "regretted").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_full_inbox_asks_for_another_try_in_the_words_that_every_peer_repeats_after() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let mia = Peer::join(&pods.wire, "mia@far.test");
        let body = mia.envelope(
            &StatusMessage::new(
                mia.id.clone(),
                "a-post-of-mia-here".parse().unwrap(),
                NOW,
                true,
                "hello".into(),
            )
            .to_xml(),
        );
        home.pod
            .run(sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                 INSERT INTO jobs (kind, lane, payload, run_at, state, created_at)
                 SELECT 'receive', 0, '{}', 4000000000000000, 'waiting', 4000000000000000 FROM n"))
            .await;
        let send =
            || Request::post("/receive/public").header("content-type", "application/magic-envelope+xml");
        let answer = home.browser().send(send().body(Body::from(body.clone())).unwrap()).await;
        // some peers drop for good what gets a 4xx
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.header("retry-after").is_empty());
        home.pod.run(sql("DELETE FROM jobs WHERE payload = '{}'")).await;
        pods.clock.advance(Duration::from_secs(6));
        let answer = home.browser().send(send().body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_says_something_is_awake_though_nothing_comes_of_it() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let mia = Peer::join(&pods.wire, "mia@far.test");
        let hello =
            |name: &str| StatusMessage::new(mia.id.clone(), name.parse().unwrap(), NOW, true, "hello".into());
        mia.publicly(home, hello("a-first-post-of-mia")).await;
        home.pod.run(sql("UPDATE remote_pods SET failures = 40 WHERE host = 'far.test'")).await;
        // signed by them, and refused: what it is about is not known here
        let unknown = "nobody-knows-this-1".parse().unwrap();
        mia.publicly(home, Retraction::new(mia.id.clone(), Kind::Comment, unknown)).await;
        assert_eq!(count(home, "SELECT failures FROM remote_pods WHERE host = 'far.test'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn messages_of_senders_that_nobody_finds_wait_in_a_place_of_their_own() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, eve) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "eve@gone.test"));
        let hello = |by: &Peer, name: &str| {
            let name = name.parse().unwrap();
            StatusMessage::new(by.id.clone(), name, NOW, true, "hello".into())
        };
        home.pod
            .run(sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                 INSERT INTO jobs (kind, lane, payload, run_at, state, created_at, failures)
                 SELECT 'receive', 0, '{}', 4000000000000000, 'waiting', 4000000000000000, 1 FROM n"))
            .await;
        pods.wire.leave("gone.test");
        let others = "SELECT COUNT(*) FROM jobs WHERE kind = 'receive' AND payload <> '{}'";
        eve.publicly(home, hello(&eve, "what-eve-has-to-say")).await;
        assert_eq!(count(home, others).await, 0, "neither waiting nor kept");
        mia.publicly(home, hello(&mia, "what-mia-has-to-say")).await;
        assert_eq!(count(home, "SELECT COUNT(*) FROM posts").await, 1, "everybody else is heard");
        home.pod.run(sql("DELETE FROM jobs WHERE payload = '{}'")).await;
        pods.clock.advance(Duration::from_secs(6)); // they are counted every few seconds
        eve.publicly(home, hello(&eve, "what-eve-says-again")).await;
        assert_eq!(count(home, others).await, 1, "with room, it is tried again");
    })
    .await;
}
