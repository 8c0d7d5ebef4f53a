//! What is taken back before it comes.
use crate::peer::{NOW, Peer, guid, sql};
use pappus_federation::{
    Entity, Guid,
    entity::{Kind, Retraction, StatusMessage},
};
use pappus_tests::{Running, TwoPods};

async fn says(peer: &Peer, to: &Running, called: &str) {
    let name: Guid = guid(called).parse().unwrap();
    let post = StatusMessage::new(peer.id.clone(), name, NOW, true, format!("about {called}"));
    peer.publicly(to, Entity::StatusMessage(Box::new(post))).await;
}

async fn takes_back(peer: &Peer, to: &Running, called: &str) {
    let target: Guid = guid(called).parse().unwrap();
    peer.publicly(to, Entity::Retraction(Retraction::new(peer.id.clone(), Kind::Post, target))).await;
    // the retraction was tried as often as it may be, before anything came
    let waited = to.pod.run(sql("DELETE FROM jobs WHERE kind = 'receive'")).await;
    assert_eq!(waited, 1, "it waits for what it takes back");
}

#[tokio::test]
async fn what_its_author_took_back_does_not_come_afterwards() {
    TwoPods::on_both(async |pods| {
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        takes_back(&mia, &pods.left, "regretted").await;
        takes_back(&noa, &pods.left, "kept").await;
        says(&mia, &pods.left, "regretted").await;
        says(&mia, &pods.left, "kept").await;
        let stored =
            pods.left.pod.count(sql("SELECT COUNT(*) FROM posts WHERE text = 'about regretted'")).await;
        assert_eq!(stored, 0);
        let stored = pods.left.pod.count(sql("SELECT COUNT(*) FROM posts WHERE text = 'about kept'")).await;
        assert_eq!(stored, 1, "nobody takes back what is not theirs");
    })
    .await;
}
