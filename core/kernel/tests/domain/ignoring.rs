use crate::{can_read, is_forbidden, publish, publish_to, share, texts};
use pappus_kernel::{
    Error, contact, notification, person,
    post::Audience,
    relayable::{comment, comment::CommentText},
    sql,
    stream::Stream,
    testing::{Member, TestPod, on_both},
};

async fn relation(pod: &TestPod, who: &Member, guid: &str) -> (bool, bool, bool) {
    let relation = person::show(pod, who.viewer(), guid).await.unwrap().relation;
    (relation.sharing, relation.receiving, relation.ignored)
}

#[tokio::test]
async fn ignoring_ends_the_sharing_and_empties_the_stream() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (friends, his) = (pod.aspect(&alice, "friends").await, pod.aspect(&bob, "his").await);
        share(&pod, &alice, friends, bob.person()).await;
        share(&pod, &bob, his, alice.person()).await;
        publish(&pod, &bob, "hello @{alice@pod.test}", Audience::Public).await;
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await.len(), 1);
        let heard = notification::unread(&pod, alice.owner).await.unwrap();
        assert_eq!(heard, 2, "that he shares, and what he wrote");

        contact::ignore(&pod, alice.owner, bob.person()).await.unwrap();
        assert_eq!(relation(&pod, &alice, &bob.guid).await, (false, false, true));
        assert_eq!(relation(&pod, &bob, &alice.guid).await, (false, true, false), "bob is not told");
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, Vec::<String>::new());
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 0);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM aspect_memberships")).await, 1);

        // and nothing new comes in
        publish(&pod, &bob, "hello again @{alice@pod.test}", Audience::Public).await;
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, Vec::<String>::new());
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 0);
        assert!(is_forbidden(contact::share(&pod, alice.owner, friends, bob.person()).await, "ignored"));
        let second = pod.aspect(&bob, "second").await;
        contact::stop_sharing(&pod, bob.owner, his, alice.person()).await.unwrap();
        share(&pod, &bob, second, alice.person()).await;
        assert_eq!(relation(&pod, &alice, &bob.guid).await, (false, false, true));
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_ignored_cannot_write_below_my_posts_and_still_reads_what_is_public() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "for all", Audience::Public).await;
        contact::ignore(&pod, alice.owner, bob.person()).await.unwrap();
        let text = || CommentText::try_from("hey".to_owned()).unwrap();
        assert!(is_forbidden(comment::create(&pod, bob.owner, &post.guid, text()).await, "ignored"));
        assert!(can_read(&pod, bob.viewer(), &post).await);
        contact::stop_ignoring(&pod, alice.owner, bob.person()).await.unwrap();
        comment::create(&pod, bob.owner, &post.guid, text()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn stopping_to_ignore_brings_nobody_back_into_an_aspect() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (friends, his) = (pod.aspect(&alice, "friends").await, pod.aspect(&bob, "his").await);
        share(&pod, &alice, friends, bob.person()).await;
        share(&pod, &bob, his, alice.person()).await;
        contact::ignore(&pod, alice.owner, bob.person()).await.unwrap();
        contact::stop_ignoring(&pod, alice.owner, bob.person()).await.unwrap();
        assert_eq!(relation(&pod, &alice, &bob.guid).await, (true, false, false), "bob shares all the time");
        let after = publish_to(&pod, &alice, "limited", &[friends]).await;
        assert!(!can_read(&pod, bob.viewer(), &after).await);
        share(&pod, &alice, friends, bob.person()).await;
        let later = publish_to(&pod, &alice, "limited later", &[friends]).await;
        assert!(can_read(&pod, bob.viewer(), &later).await);
    })
    .await;
}

#[tokio::test]
async fn the_list_of_the_ignored_is_the_members_own() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let far = pod.remote("far@away.test").await;
        contact::ignore(&pod, alice.owner, bob.person()).await.unwrap();
        for _ in 0..2 {
            contact::ignore(&pod, alice.owner, far).await.unwrap();
        }
        let names = async |who: &Member| {
            let list = contact::ignored(&pod, who.owner).await.unwrap();
            list.into_iter().map(|person| person.diaspora_id).collect::<Vec<_>>()
        };
        assert_eq!(names(&alice).await, ["bob@pod.test", "far@away.test"]);
        assert_eq!(names(&bob).await, Vec::<String>::new());
        assert!(is_forbidden(contact::ignore(&pod, alice.owner, alice.person()).await, "yourself"));
        let nobody = pappus_kernel::id::PersonId(9_999);
        assert!(matches!(contact::ignore(&pod, alice.owner, nobody).await, Err(Error::NotFound)));
        for _ in 0..2 {
            contact::stop_ignoring(&pod, alice.owner, far).await.unwrap();
        }
        assert_eq!(names(&alice).await, ["bob@pod.test"]);
        // the other pod hears of the first time each, whether or not there was a contact
        let told = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Contact%'");
        assert_eq!(pod.count(told).await, 2);
    })
    .await;
}
