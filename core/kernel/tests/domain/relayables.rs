use crate::{is_forbidden, publish, publish_to, share};
use pappus_kernel::{
    Error,
    access::Viewer,
    id::PersonId,
    post::{self, Audience, NewPost, Published},
    relayable::{
        self,
        comment::{self, CommentText, NewComment},
        like::{self, NewLike},
    },
    sql,
    testing::{Member, START, TestPod, on_both},
};

fn text(text: &str) -> CommentText {
    CommentText::try_from(text.to_owned()).unwrap()
}

fn from_afar(post: &Published, author: PersonId) -> NewComment {
    NewComment {
        guid: "c0123456789abcdef".into(),
        post: post.id,
        author,
        text: "from afar".into(),
        created_at: START,
        mentioned: vec![],
        thread_parent: None,
        edited_at: None,
        relay_xml: Some("<comment/>".into()),
    }
}

async fn receive(pod: &TestPod, new: NewComment) -> bool {
    let mut tx = pod.db.begin().await.unwrap();
    let stored = comment::receive(&mut tx, new, START).await.unwrap().is_some();
    tx.commit().await.unwrap();
    stored
}

async fn remote_post(pod: &TestPod, author: PersonId, recipient: Option<&Member>) -> String {
    let new = NewPost {
        guid: "p0123456789abcdef".into(),
        author,
        text: "from afar".into(),
        public: recipient.is_none(),
        provider: None,
        created_at: START,
        photos: vec![],
        mentioned: vec![],
        recipient: recipient.map(Member::user),
    };
    let mut tx = pod.db.begin().await.unwrap();
    post::receive(&mut tx, new, START).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    "p0123456789abcdef".into()
}

#[tokio::test]
async fn comments_stand_below_their_post_in_order_and_are_counted() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        for words in ["one", " two ", "three", "four"] {
            let made = comment::create(&pod, bob.owner, &post.guid, text(words)).await.unwrap();
            assert_eq!((made.text.as_str(), made.mine), (words.trim(), true));
            assert_eq!(made.html, format!("<p>{}</p>", words.trim()));
        }
        let shown = post::show(&pod, alice.viewer(), &post.guid).await.unwrap().item;
        let all: Vec<_> = shown.comments.iter().map(|comment| comment.text.as_str()).collect();
        assert_eq!((all, shown.comments_count), (vec!["one", "two", "three", "four"], 4));
        let page = crate::page(&pod, Viewer::Visitor, pappus_kernel::stream::Stream::Public).await;
        let last: Vec<_> = page.items[0].comments.iter().map(|comment| comment.text.as_str()).collect();
        assert_eq!(last, ["two", "three", "four"]);
    })
    .await;
}

#[tokio::test]
async fn a_comment_is_deleted_by_its_author_or_the_posts() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        let one = comment::create(&pod, bob.owner, &post.guid, text("one")).await.unwrap();
        let two = comment::create(&pod, bob.owner, &post.guid, text("two")).await.unwrap();
        assert!(is_forbidden(comment::retract(&pod, carol.owner, &one.guid).await, "not-your-comment"));
        comment::retract(&pod, bob.owner, &one.guid).await.unwrap();
        comment::retract(&pod, alice.owner, &two.guid).await.unwrap();
        assert!(matches!(comment::retract(&pod, bob.owner, &one.guid).await, Err(Error::NotFound)));
        let item = post::show(&pod, Viewer::Visitor, &post.guid).await.unwrap().item;
        assert_eq!((item.comments_count, item.comments.len()), (0, 0));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM tombstones WHERE kind = 'Comment'")).await, 2);
    })
    .await;
}

#[tokio::test]
async fn one_likes_a_post_once() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        let mine = like::create(&pod, bob.owner, &post.guid).await.unwrap();
        assert!(matches!(like::create(&pod, bob.owner, &post.guid).await, Err(Error::Conflict("liked"))));
        let shown = post::show(&pod, bob.viewer(), &post.guid).await.unwrap();
        assert_eq!((shown.item.likes_count, shown.item.liked), (1, Some(mine.guid)));
        assert_eq!(shown.likers.iter().map(|person| person.id).collect::<Vec<_>>(), [bob.person()]);
        assert_eq!(post::show(&pod, alice.viewer(), &post.guid).await.unwrap().item.liked, None);
        like::retract(&pod, bob.owner, &post.guid).await.unwrap();
        assert!(matches!(like::retract(&pod, bob.owner, &post.guid).await, Err(Error::NotFound)));
        assert_eq!(post::show(&pod, bob.viewer(), &post.guid).await.unwrap().item.likes_count, 0);
    })
    .await;
}

#[tokio::test]
async fn a_received_comment_is_stored_once_with_what_is_sent_on() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let far = pod.remote("far@away.test").await;
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        assert!(receive(&pod, from_afar(&post, far)).await);
        assert!(!receive(&pod, from_afar(&post, far)).await);
        let item = post::show(&pod, Viewer::Visitor, &post.guid).await.unwrap().item;
        assert_eq!((item.comments_count, item.comments.len()), (1, 1));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM relay_payloads WHERE kind = 'comment'")).await, 1);

        comment::retract(&pod, alice.owner, "c0123456789abcdef").await.unwrap();
        assert!(!receive(&pod, from_afar(&post, far)).await, "a replay after the retraction");
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM relay_payloads")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn who_is_ignored_says_nothing_below_the_ignorers_posts() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let far = pod.remote("far@away.test").await;
        let (hers, carols) = (
            publish(&pod, &alice, "hers", Audience::Public).await,
            publish(&pod, &carol, "carol's", Audience::Public).await,
        );
        let blocked = pod.run(sql!(
            "INSERT INTO blocks (user_id, person_id, created_at)
             SELECT u.id, p.id, 1 FROM users u, people p
             WHERE u.username = 'alice' AND p.diaspora_id IN ('bob@pod.test', 'far@away.test')"
        ));
        assert_eq!(blocked.await, 2);
        assert!(is_forbidden(comment::create(&pod, bob.owner, &hers.guid, text("hm")).await, "ignored"));
        assert!(is_forbidden(like::create(&pod, bob.owner, &hers.guid).await, "ignored"));
        assert!(!receive(&pod, from_afar(&hers, far)).await);
        let mut tx = pod.db.begin().await.unwrap();
        assert!(relayable::is_refused(&mut tx, hers.id, far).await.unwrap());
        let new = NewLike {
            guid: "l0123456789abcdef".into(),
            post: hers.id,
            author: far,
            created_at: START,
            relay_xml: None,
        };
        assert_eq!(like::receive(&mut tx, new, START).await.unwrap(), None);
        tx.commit().await.unwrap();
        comment::create(&pod, bob.owner, &carols.guid, text("hm")).await.unwrap();
        assert!(receive(&pod, from_afar(&carols, far)).await);
    })
    .await;
}

#[tokio::test]
async fn the_first_interaction_with_a_remote_post_asks_for_the_later_ones() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let far = pod.remote("far@away.test").await;
        let post = remote_post(&pod, far, None).await;
        comment::create(&pod, alice.owner, &post, text("one")).await.unwrap();
        comment::create(&pod, alice.owner, &post, text("two")).await.unwrap();
        like::create(&pod, alice.owner, &post).await.unwrap();
        let asked =
            sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Participation%'");
        assert_eq!(pod.count(asked).await, 1);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM participations")).await, 1);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch'")).await, 4);
    })
    .await;
}

#[tokio::test]
async fn only_who_may_read_a_remote_limited_post_can_comment_on_it() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let far = pod.remote("far@away.test").await;
        let post = remote_post(&pod, far, Some(&alice)).await;
        assert!(matches!(comment::create(&pod, bob.owner, &post, text("hm")).await, Err(Error::NotFound)));
        comment::create(&pod, alice.owner, &post, text("hm")).await.unwrap();
        assert!(matches!(comment::retract(&pod, bob.owner, "1").await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn comments_of_a_limited_post_are_seen_by_its_whole_audience() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        share(&pod, &alice, friends, carol.person()).await;
        let post = publish_to(&pod, &alice, "hello", &[friends]).await;
        comment::create(&pod, bob.owner, &post.guid, text("hi")).await.unwrap();
        let seen = post::show(&pod, carol.viewer(), &post.guid).await.unwrap().item.comments;
        assert_eq!(seen.len(), 1);
        assert!(!seen[0].mine);
    })
    .await;
}
