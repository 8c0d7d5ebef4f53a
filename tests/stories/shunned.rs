//! Who ignores somebody of another pod says so there, and who is ignored from there keeps away.
use crate::peer::{NOW, Peer, guid};
use axum::http::StatusCode;
use pappus_federation::{
    Entity,
    entity::{Contact, StatusMessage},
};
use pappus_tests::{Browser, TwoPods};

fn contacts(entities: &[Entity]) -> Vec<&Contact> {
    entities
        .iter()
        .filter_map(|entity| match entity {
            Entity::Contact(contact) => Some(contact),
            _ => None,
        })
        .collect()
}

fn names(entities: &[Entity]) -> Vec<&'static str> {
    entities.iter().map(Entity::name).collect()
}

async fn ignore(alice: &mut Browser, peer: &str) {
    let ignored = alice.post("/blocks", &[("block[person_id]", &guid(peer))]).await;
    assert_eq!(ignored.status, StatusCode::SEE_OTHER, "{}", ignored.text());
}

#[tokio::test]
async fn who_a_member_ignores_is_told_so_and_told_when_it_is_over() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        let mut alice = home.sign_up("alice").await;
        alice.share_with("mia@far.test", "Family").await;
        alice.get("/people?q=noa@away.test").await;
        home.run_jobs().await;
        mia.entities(home).await;
        // a contact, and somebody with whom there was nothing
        for (peer, name) in [(&mia, "mia00"), (&noa, "noa00")] {
            ignore(&mut alice, name).await;
            home.run_jobs().await;
            let told = peer.entities(home).await;
            let me = "alice@left.test".parse().unwrap();
            assert_eq!(contacts(&told), [&Contact::blocking(me, peer.id.clone())]);
            let path = format!("/blocks/{}", guid(name));
            let over = alice.post(&path, &[("_method", "delete")]).await;
            assert_eq!(over.status, StatusCode::SEE_OTHER);
            home.run_jobs().await;
            let told = peer.entities(home).await;
            let me = "alice@left.test".parse().unwrap();
            assert_eq!(contacts(&told), [&Contact::new(me, peer.id.clone(), false)]);
        }
    })
    .await;
}

#[tokio::test]
async fn who_blocks_a_member_is_sent_nothing_of_theirs_until_they_do_not() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        let (mut alice, mut bob) = (home.sign_up("alice").await, home.sign_up("bob").await);
        alice.share_with("mia@far.test", "Family").await;
        alice.share_with("noa@away.test", "Family").await;
        bob.share_with("mia@far.test", "Family").await;
        let me = || "alice@left.test".parse().unwrap();
        mia.privately(home, "alice", Contact::new(mia.id.clone(), me(), true)).await;
        let hers = guid("by-mia");
        let post = StatusMessage::new(mia.id.clone(), hers.parse().unwrap(), NOW, true, "hello".into());
        mia.publicly(home, Entity::StatusMessage(Box::new(post))).await;
        let before = alice.publish("before", &["public"]).await;
        home.run_jobs().await;
        mia.entities(home).await;
        noa.entities(home).await;

        mia.privately(home, "alice", Contact::blocking(mia.id.clone(), me())).await;
        alice.publish("for everybody", &["public"]).await;
        let limited = alice.publish("for the family", &["all_aspects"]).await;
        alice.publish("for @{mia@far.test}", &["public"]).await;
        let comments = format!("/posts/{before}/comments");
        assert!(alice.post(&comments, &[("text", "and more")]).await.status.is_redirection());
        home.run_jobs().await;
        assert_eq!(names(&mia.entities(home).await), Vec::<&str>::new());
        let told = noa.entities(home).await;
        assert_eq!(told.len(), 4, "the others hear it: {told:?}");
        // nor does she stand below what is hers
        let below = format!("/posts/{hers}/comments");
        assert_eq!(alice.post(&below, &[("text", "hm")]).await.status, StatusCode::FORBIDDEN);
        let likes = format!("/posts/{hers}/likes");
        assert_eq!(alice.post(&likes, &[]).await.status, StatusCode::FORBIDDEN);
        assert!(bob.post(&below, &[("text", "hm")]).await.status.is_redirection(), "it is about alice");
        // what she has of alice goes all the same
        alice.post(&format!("/posts/{before}"), &[("_method", "delete")]).await;
        home.run_jobs().await;
        let told = mia.entities(home).await;
        assert!(told.iter().any(|one| matches!(one, Entity::Retraction(_))), "{told:?}");
        assert!(contacts(&told).is_empty());

        mia.privately(home, "alice", Contact::new(mia.id.clone(), me(), false)).await;
        let told = mia.entities(home).await;
        assert_eq!(contacts(&told), [&Contact::new(me(), mia.id.clone(), true)], "she shares all the time");
        assert!(names(&told).contains(&"profile"), "{told:?}");
        alice.publish("again for everybody", &["public"]).await;
        // who may read that one was settled when it was sent
        assert!(
            alice
                .post(&format!("/posts/{limited}/comments"), &[("text", "still")])
                .await
                .status
                .is_redirection()
        );
        home.run_jobs().await;
        assert_eq!(names(&mia.entities(home).await), ["status_message"]);
        assert!(alice.post(&below, &[("text", "hm")]).await.status.is_redirection());
        home.run_jobs().await;
        assert!(names(&mia.entities(home).await).contains(&"comment"));
    })
    .await;
}
