use crate::{publish, publish_to, share};
use pappus_kernel::{
    Error,
    id::CommentId,
    notification::{self, Kind, Notification},
    post::Audience,
    relayable::{
        comment::{self, CommentText},
        like,
    },
    sql,
    testing::{Member, TestPod, on_both},
};
use std::time::Duration;

async fn comment(pod: &TestPod, who: &Member, post: &str, text: &str) -> CommentId {
    let text = CommentText::try_from(text.to_owned()).unwrap();
    comment::create(pod, who.owner, post, text).await.unwrap().id
}

async fn of(pod: &TestPod, who: &Member) -> Vec<Notification> {
    notification::page(pod, who.owner, None).await.unwrap()
}

async fn kinds(pod: &TestPod, who: &Member) -> Vec<Kind> {
    of(pod, who).await.into_iter().map(|one| one.kind).collect()
}

#[tokio::test]
async fn notifications_collapse_while_unread() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let post = publish(&pod, &alice, "# Hello\nyou", Audience::Public).await;
        for who in [&bob, &carol, &bob] {
            pod.clock.advance(Duration::from_secs(1));
            comment(&pod, who, &post.guid, "hi").await;
        }
        let mine = of(&pod, &alice).await;
        assert_eq!(mine.len(), 1);
        let actors: Vec<_> = mine[0].actors.iter().map(|actor| actor.id).collect();
        assert_eq!(actors, [bob.person(), carol.person()]);
        assert_eq!((mine[0].kind, mine[0].unread), (Kind::CommentOnPost, true));
        assert_eq!(mine[0].post_title.as_deref(), Some("Hello"));
        assert_eq!(mine[0].post_guid.as_deref(), Some(post.guid.as_str()));

        notification::read(&pod, alice.owner, mine[0].id).await.unwrap();
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 0);
        pod.clock.advance(Duration::from_secs(1));
        comment(&pod, &carol, &post.guid, "again").await;
        let mine = of(&pod, &alice).await;
        assert_eq!(mine.iter().map(|one| one.unread).collect::<Vec<_>>(), [true, false]);
        assert_eq!(mine[0].actors.len(), 1);
        // the old one cannot be opened beside the new one
        notification::set_unread(&pod, alice.owner, mine[1].id, true).await.unwrap();
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_hears_of_themselves() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let said = format!("me: @{{{}}}", alice.diaspora_id);
        let post = publish(&pod, &alice, &said, Audience::Public).await;
        comment(&pod, &alice, &post.guid, &said).await;
        like::create(&pod, alice.owner, &post.guid).await.unwrap();
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM notifications")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn who_took_part_hears_of_later_comments() {
    on_both(async |pod| {
        let (alice, bob, carol, dave) = (
            pod.member("alice").await,
            pod.member("bob").await,
            pod.member("carol").await,
            pod.member("dave").await,
        );
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        comment(&pod, &bob, &post.guid, "one").await;
        like::create(&pod, carol.owner, &post.guid).await.unwrap();
        comment(&pod, &dave, &post.guid, "two").await;
        assert_eq!(kinds(&pod, &bob).await, [Kind::AlsoCommented]);
        assert_eq!(kinds(&pod, &carol).await, [Kind::AlsoCommented]);
        assert_eq!(kinds(&pod, &dave).await, []);
        let alices = kinds(&pod, &alice).await;
        assert!(alices.contains(&Kind::CommentOnPost) && alices.contains(&Kind::Liked) && alices.len() == 2);
    })
    .await;
}

#[tokio::test]
async fn a_mention_in_a_comment_is_not_told_twice() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        let id = comment(&pod, &bob, &post.guid, &format!("@{{{}}}", alice.diaspora_id)).await;
        let mine = of(&pod, &alice).await;
        assert_eq!(mine.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::MentionedInComment]);
        assert!(mine[0].comment_guid.is_some());
        comment::retract(&pod, bob.owner, &id.to_string()).await.unwrap();
        assert_eq!(kinds(&pod, &alice).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_mention_in_a_limited_post_reaches_its_audience_only() {
    on_both(async |pod| {
        let (alice, bob, eve) = (pod.member("alice").await, pod.member("bob").await, pod.member("eve").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        let before = pod.count(sql!("SELECT COUNT(*) FROM notifications")).await;
        let said = format!("@{{{}}} @{{{}}} @{{nobody@nowhere.test}}", bob.diaspora_id, eve.diaspora_id);
        let post = publish_to(&pod, &alice, &said, &[friends]).await;
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM mentions")).await, 1);
        assert_eq!(kinds(&pod, &eve).await, []);
        assert!(kinds(&pod, &bob).await.contains(&Kind::Mentioned));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM notifications")).await, before + 1);
        // nor does a comment bring in somebody from outside
        comment(&pod, &bob, &post.guid, &said).await;
        assert_eq!(kinds(&pod, &eve).await, []);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM mentions WHERE comment_id > 0")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_contact_is_told_and_sharing_back_settles_it() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (hers, his) = (pod.aspect(&alice, "hers").await, pod.aspect(&bob, "his").await);
        share(&pod, &alice, hers, bob.person()).await;
        assert_eq!(kinds(&pod, &bob).await, [Kind::StartedSharing]);
        assert_eq!(of(&pod, &bob).await[0].actors[0].id, alice.person());
        assert_eq!(notification::unread(&pod, bob.owner).await.unwrap(), 1);
        share(&pod, &bob, his, alice.person()).await;
        assert_eq!(notification::unread(&pod, bob.owner).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn looking_at_a_post_settles_what_is_about_it() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (one, two) = (
            publish(&pod, &alice, "one", Audience::Public).await,
            publish(&pod, &alice, "two", Audience::Public).await,
        );
        like::create(&pod, bob.owner, &one.guid).await.unwrap();
        like::create(&pod, bob.owner, &two.guid).await.unwrap();
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 2);
        let mut tx = pod.db.begin().await.unwrap();
        notification::settle(&mut tx, alice.user(), one.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 1);
        notification::read_all(&pod, alice.owner).await.unwrap();
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn notifications_are_their_owners() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        like::create(&pod, bob.owner, &post.guid).await.unwrap();
        let id = of(&pod, &alice).await[0].id;
        assert!(matches!(notification::read(&pod, bob.owner, id).await, Err(Error::NotFound)));
        assert_eq!(notification::unread(&pod, alice.owner).await.unwrap(), 1);
        assert_eq!(of(&pod, &bob).await, []);
    })
    .await;
}

#[tokio::test]
async fn who_is_ignored_is_not_heard() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        pod.run(sql!(
            "INSERT INTO blocks (user_id, person_id, created_at)
             SELECT u.id, p.id, 1 FROM users u, people p
             WHERE u.username = 'alice' AND p.diaspora_id = 'bob@pod.test'"
        ))
        .await;
        let his = pod.aspect(&bob, "his").await;
        share(&pod, &bob, his, alice.person()).await;
        publish(&pod, &bob, &format!("@{{{}}}", alice.diaspora_id), Audience::Public).await;
        assert_eq!(kinds(&pod, &alice).await, []);
        assert_eq!(
            crate::texts(&pod, alice.viewer(), pappus_kernel::stream::Stream::Home).await,
            Vec::<String>::new()
        );
    })
    .await;
}

#[tokio::test]
async fn the_next_page_begins_where_the_last_one_ended() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let number = notification::PAGE + 3;
        for n in 0..number {
            let fan = pod.member(&format!("fan{n}")).await;
            let aspect = pod.aspect(&fan, "idols").await;
            share(&pod, &fan, aspect, alice.person()).await;
        }
        let first = of(&pod, &alice).await;
        let cursor = first.last().unwrap().cursor();
        let second = notification::page(&pod, alice.owner, Some(cursor)).await.unwrap();
        assert_eq!((first.len(), second.len()), (usize::try_from(notification::PAGE).unwrap(), 3));
        let ids: std::collections::BTreeSet<_> = first.iter().chain(&second).map(|one| one.id).collect();
        assert_eq!(ids.len(), usize::try_from(number).unwrap());
    })
    .await;
}
