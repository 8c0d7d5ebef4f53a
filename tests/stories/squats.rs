//! Names that two people use: what one of them takes back is gone for them, and for nobody else.
use crate::peer::{NOW, Peer, guid, sql};
use pappus_federation::{
    Entity, Guid, PrivateKey,
    entity::{AccountMigration, Comment, Kind, Profile, Retraction, StatusMessage},
    signature::Relayable as _,
};
use pappus_tests::{Running, TwoPods};

async fn says(peer: &Peer, to: &Running, text: &str) {
    let name: Guid = guid("name").parse().unwrap();
    let post = StatusMessage::new(peer.id.clone(), name, NOW, true, text.to_owned());
    peer.publicly(to, Entity::StatusMessage(Box::new(post))).await;
}

async fn takes_back(peer: &Peer, to: &Running, kind: Kind, called: &str) {
    let target: Guid = guid(called).parse().unwrap();
    peer.publicly(to, Entity::Retraction(Retraction::new(peer.id.clone(), kind, target))).await;
}

async fn count(pod: &Running, text: &str) -> i64 {
    pod.pod.count(sql(text.to_owned().leak())).await
}

async fn said(pod: &Running, text: &str) -> i64 {
    count(pod, &format!("SELECT COUNT(*) FROM posts WHERE text = '{text}'")).await
}

#[tokio::test]
async fn who_takes_a_name_and_gives_it_up_buries_it_for_nobody_else() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, eve) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "eve@else.test"));
        says(&eve, home, "by eve").await;
        // as long as it stands the name is taken, and nobody can tell by whom it was invented
        says(&mia, home, "by mia, too late").await;
        assert_eq!((said(home, "by eve").await, said(home, "by mia, too late").await), (1, 0));
        takes_back(&eve, home, Kind::Post, "name").await;
        says(&mia, home, "by mia").await;
        says(&eve, home, "by eve").await;
        assert_eq!((said(home, "by eve").await, said(home, "by mia").await), (0, 1));
        // her own word counts for her, whoever used the name before
        takes_back(&mia, home, Kind::Post, "name").await;
        says(&mia, home, "by mia").await;
        assert_eq!(count(home, "SELECT COUNT(*) FROM posts").await, 0);
        assert_eq!(count(home, "SELECT COUNT(*) FROM tombstones WHERE kind = 'Post'").await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_back_early_is_not_taken_for_what_another_took_back() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, eve) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "eve@else.test"));
        says(&eve, home, "by eve").await;
        takes_back(&eve, home, Kind::Post, "name").await;
        takes_back(&mia, home, Kind::Post, "name").await;
        says(&mia, home, "regretted").await;
        assert_eq!(said(home, "regretted").await, 0);
        // eve's own second word waits for nothing
        home.pod.run(sql("DELETE FROM jobs WHERE kind = 'receive'")).await;
        takes_back(&eve, home, Kind::Post, "name").await;
        assert_eq!(
            count(home, "SELECT COUNT(*) FROM jobs WHERE kind = 'receive' AND state = 'waiting'").await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_back_while_somebody_else_has_the_name_is_gone_too() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, eve) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "eve@else.test"));
        says(&eve, home, "by eve").await;
        takes_back(&mia, home, Kind::Post, "name").await;
        assert_eq!(said(home, "by eve").await, 1, "nobody takes back what is not theirs");
        takes_back(&eve, home, Kind::Post, "name").await;
        says(&mia, home, "regretted").await;
        assert_eq!(said(home, "regretted").await, 0);
    })
    .await;
}

fn comment(author: &Peer, key: &PrivateKey, text: &str) -> Comment {
    let (name, post) = (guid("comment").parse().unwrap(), guid("name").parse().unwrap());
    let mut comment = Comment::new(author.id.clone(), name, post, text, NOW).unwrap();
    comment.sign(key).unwrap();
    comment
}

#[tokio::test]
async fn a_comment_taken_back_by_the_posts_author_is_buried_for_its_own_author() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let peers = ["mia@far.test", "noa@away.test", "eve@else.test"].map(|id| Peer::join(&pods.wire, id));
        let [mia, noa, eve] = &peers;
        says(mia, home, "a post").await;
        mia.publicly(home, comment(eve, eve.key(), "by eve")).await;
        takes_back(mia, home, Kind::Comment, "comment").await;
        let below = async |text: &str| {
            count(home, &format!("SELECT COUNT(*) FROM comments WHERE text = '{text}'")).await
        };
        assert_eq!(below("by eve").await, 0);
        mia.publicly(home, comment(eve, eve.key(), "by eve")).await;
        assert_eq!(below("by eve").await, 0, "a replay does not bring it back");
        mia.publicly(home, comment(noa, noa.key(), "by noa")).await;
        assert_eq!(below("by noa").await, 1, "the name was not eve's alone");
        let whose = "SELECT COUNT(*) FROM tombstones t JOIN people p ON p.id = t.author_id
                     WHERE p.diaspora_id = 'eve@else.test'";
        assert_eq!(count(home, whose).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_taken_back_before_a_move_does_not_come_back_after_it() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (old, new) = (Peer::join(&pods.wire, "old@far.test"), Peer::join(&pods.wire, "new@away.test"));
        says(&old, home, "regretted").await;
        takes_back(&old, home, Kind::Post, "name").await;
        takes_back(&old, home, Kind::Post, "later").await;
        let mut word =
            AccountMigration::new(old.id.clone(), old.id.clone(), Profile::new(new.id.clone(), true));
        word.sign(new.key()).unwrap();
        old.publicly(home, word).await;
        says(&new, home, "regretted").await;
        let later = guid("later").parse().unwrap();
        let later = StatusMessage::new(new.id.clone(), later, NOW, true, "regretted".to_owned());
        new.publicly(home, Entity::StatusMessage(Box::new(later))).await;
        assert_eq!(said(home, "regretted").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_went_before_authors_were_written_down_stays_gone_for_everybody() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, eve) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "eve@else.test"));
        let old = format!(
            "INSERT INTO tombstones (kind, guid, retracted_at) VALUES ('Post', '{}', 0)",
            guid("name")
        );
        home.pod.run(sql(old.leak())).await;
        says(&mia, home, "by mia").await;
        says(&eve, home, "by eve").await;
        assert_eq!(count(home, "SELECT COUNT(*) FROM posts").await, 0);
    })
    .await;
}
