//! What is taken back before it comes.
use crate::peer::{NOW, Peer, guid, sql};
use pappus_federation::{
    Entity, Guid,
    entity::{Comment, Kind, Like, Retraction, StatusMessage},
    signature::Relayable as _,
};
use pappus_tests::{Running, TwoPods};
use std::time::Duration;

async fn says(peer: &Peer, to: &Running, called: &str) {
    let name: Guid = guid(called).parse().unwrap();
    let post = StatusMessage::new(peer.id.clone(), name, NOW, true, format!("about {called}"));
    peer.publicly(to, Entity::StatusMessage(Box::new(post))).await;
}

async fn takes_back(peer: &Peer, to: &Running, kind: Kind, called: &str) {
    let target: Guid = guid(called).parse().unwrap();
    peer.publicly(to, Entity::Retraction(Retraction::new(peer.id.clone(), kind, target))).await;
    // the retraction was tried as often as it may be, before anything came
    let waited = to.pod.run(sql("DELETE FROM jobs WHERE kind = 'receive'")).await;
    assert_eq!(waited, 1, "it waits for what it takes back");
}

#[tokio::test]
async fn what_the_author_of_the_post_took_back_does_not_come_either() {
    TwoPods::on_both(async |pods| {
        let peers = ["mia@far.test", "noa@away.test", "eve@else.test"].map(|id| Peer::join(&pods.wire, id));
        let [mia, noa, eve] = &peers;
        says(mia, &pods.left, "post").await;
        let comment = |called: &str| {
            let (name, post) = (guid(called).parse().unwrap(), guid("post").parse().unwrap());
            let text = format!("about {called}");
            let mut comment = Comment::new(noa.id.clone(), name, post, &text, NOW).unwrap();
            comment.sign(noa.key()).unwrap();
            comment
        };
        // the post's pod relays its author's retraction, and only then the comment
        takes_back(mia, &pods.left, Kind::Comment, "unwanted").await;
        takes_back(eve, &pods.left, Kind::Comment, "wanted").await;
        mia.publicly(&pods.left, comment("unwanted")).await;
        mia.publicly(&pods.left, comment("wanted")).await;
        let stored = async |text: &str| {
            let count = format!("SELECT COUNT(*) FROM comments WHERE text = 'about {text}'");
            pods.left.pod.count(sql(count.leak())).await
        };
        assert_eq!((stored("unwanted").await, stored("wanted").await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn what_its_author_took_back_does_not_come_afterwards() {
    TwoPods::on_both(async |pods| {
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        takes_back(&mia, &pods.left, Kind::Post, "regretted").await;
        takes_back(&noa, &pods.left, Kind::Post, "kept").await;
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

#[tokio::test]
async fn a_second_like_waits_for_the_word_that_the_first_is_taken_back() {
    TwoPods::on_both(async |pods| {
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        says(&mia, &pods.left, "post").await;
        let like = |called: &str| {
            let (name, post) = (guid(called).parse().unwrap(), guid("post").parse().unwrap());
            let mut like = Like::new(noa.id.clone(), name, false, post);
            like.sign(noa.key()).unwrap();
            like
        };
        mia.publicly(&pods.left, like("first")).await;
        mia.publicly(&pods.left, like("second")).await;
        let first = guid("first").parse().unwrap();
        mia.publicly(&pods.left, Retraction::new(mia.id.clone(), Kind::Like, first)).await;
        // a copy of the first changes nothing
        mia.publicly(&pods.left, like("first")).await;
        pods.clock.advance(Duration::from_hours(1));
        pods.settle().await;
        let likes = async |text| pods.left.pod.count(sql(text)).await;
        assert_eq!(likes("SELECT COUNT(*) FROM likes WHERE guid LIKE '%second'").await, 1);
        assert_eq!(likes("SELECT COUNT(*) FROM likes").await, 1);
        assert_eq!(likes("SELECT likes_count FROM posts").await, 1);
    })
    .await;
}
