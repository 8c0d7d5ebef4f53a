use crate::{is_forbidden, is_invalid, page, publish, publish_to, share, texts};
use pappus_kernel::{
    Error,
    access::Viewer,
    account::{self, close},
    attachment,
    post::{self, Audience, NewPost, NewReshare},
    relayable::{
        comment::{self, CommentText},
        comment_like, like,
    },
    sql,
    stream::{Reshared, Stream},
    testing::{START, TestPod, on_both},
};

fn text(text: &str) -> CommentText {
    CommentText::try_from(text.to_owned()).unwrap()
}

async fn subscriptions(pod: &TestPod) -> i64 {
    pod.count(sql!("SELECT COALESCE(CAST(SUM(count) AS BIGINT), 0) FROM participations")).await
}

#[tokio::test]
async fn one_passes_on_public_posts_of_others_once_and_always_their_root() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        let root = publish(&pod, &alice, "hello", Audience::Public).await;
        let limited = publish_to(&pod, &alice, "for few", &[friends]).await;

        assert!(is_forbidden(post::reshare(&pod, alice.owner, &root.guid).await, "own-post"));
        assert!(is_forbidden(post::reshare(&pod, bob.owner, &limited.guid).await, "not-public"));
        assert!(matches!(post::reshare(&pod, carol.owner, &limited.guid).await, Err(Error::NotFound)));
        let first = post::reshare(&pod, bob.owner, &root.guid).await.unwrap();
        assert!(matches!(post::reshare(&pod, bob.owner, &root.guid).await, Err(Error::Conflict("reshared"))));
        // a reshare of a reshare passes on the root
        assert!(is_forbidden(post::reshare(&pod, alice.owner, &first.guid).await, "own-post"));
        let second = post::reshare(&pod, carol.owner, &first.guid).await.unwrap();
        let shown = post::show(&pod, Viewer::Visitor, &second.guid).await.unwrap().item;
        let Some(Reshared::Root(inside)) = shown.reshare else { panic!("no root") };
        assert_eq!((inside.guid.as_str(), inside.text.as_str()), (root.guid.as_str(), "hello"));
        assert_eq!((inside.author.id, inside.mine), (alice.person(), false));
        let shown = post::show(&pod, bob.viewer(), &root.guid).await.unwrap().item;
        assert_eq!((shown.reshares_count, shown.reshared, shown.reshare), (2, true, None));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM notifications WHERE kind = 'reshared'")).await, 1);

        post::retract(&pod, carol.owner, &second.guid).await.unwrap();
        assert_eq!(post::show(&pod, carol.viewer(), &root.guid).await.unwrap().item.reshares_count, 1);
        post::retract(&pod, alice.owner, &root.guid).await.unwrap();
        let left = post::show(&pod, bob.viewer(), &first.guid).await.unwrap().item;
        assert_eq!(left.reshare, Some(Reshared::Gone));
        assert!(is_forbidden(post::reshare(&pod, carol.owner, &first.guid).await, "root-gone"));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_ignored_passes_nothing_on() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let root = publish(&pod, &alice, "hello", Audience::Public).await;
        let block = pod.run(sql!(
            "INSERT INTO blocks (user_id, person_id, created_at)
             SELECT u.id, p.id, 1 FROM users u, people p WHERE u.username = 'alice' AND p.diaspora_id = 'bob@pod.test'"
        ));
        assert_eq!(block.await, 1);
        assert!(is_forbidden(post::reshare(&pod, bob.owner, &root.guid).await, "ignored"));
        assert_eq!(pod.run(sql!("DELETE FROM blocks")).await, 1);
        post::reshare(&pod, bob.owner, &root.guid).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_reshare_stands_in_the_streams_of_followers_with_its_root() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let far = pod.remote("far@away.test").await;
        let followed = pod.aspect(&alice, "followed").await;
        share(&pod, &alice, followed, bob.person()).await;
        let new = NewPost {
            guid: "p0123456789abcdef".into(),
            author: far,
            text: "from afar".into(),
            public: true,
            provider: None,
            created_at: START,
            photos: vec![],
            mentioned: vec![],
            recipient: None,
        };
        let mut tx = pod.db.begin().await.unwrap();
        post::receive(&mut tx, new, START).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert!(texts(&pod, alice.viewer(), Stream::Home).await.is_empty());
        post::reshare(&pod, bob.owner, "p0123456789abcdef").await.unwrap();
        let items = page(&pod, alice.viewer(), Stream::Home).await.items;
        assert_eq!(items.len(), 1);
        let Some(Reshared::Root(root)) = &items[0].reshare else { panic!("no root") };
        assert_eq!((root.text.as_str(), root.author.diaspora_id.as_str()), ("from afar", "far@away.test"));
        assert_eq!(root.html, "<p>from afar</p>");
        let block = sql!(
            "INSERT INTO blocks (user_id, person_id, created_at) SELECT u.id, p.id, 1 FROM users u, people p
                          WHERE u.username = 'alice' AND p.diaspora_id = 'far@away.test'"
        );
        assert_eq!(pod.run(block).await, 1);
        assert!(page(&pod, alice.viewer(), Stream::Home).await.items.is_empty(), "whom she ignores");
        let asked =
            sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Participation%'");
        assert_eq!(pod.count(asked).await, 1, "its pod is asked for what happens to it");
    })
    .await;
}

#[tokio::test]
async fn a_remote_reshare_comes_once_and_never_again_after_its_retraction() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let far = pod.remote("far@away.test").await;
        let root = publish(&pod, &alice, "hello", Audience::Public).await;
        let receive = async |guid: &str| {
            let new = NewReshare { guid: guid.into(), author: far, created_at: START, root: Some(root.id) };
            let mut tx = pod.db.begin().await.unwrap();
            let id = post::receive_reshare(&pod, &mut tx, new, START).await.unwrap();
            tx.commit().await.unwrap();
            id
        };
        let id = receive("r0123456789abcdef").await.unwrap();
        assert_eq!(receive("r0123456789abcdef").await, None);
        assert_eq!(receive("r0123456789abcdeg").await, None, "one per author and root");
        assert_eq!(pod.count(sql!("SELECT reshares_count FROM posts WHERE kind <> 'reshare'")).await, 1);
        let mut tx = pod.db.begin().await.unwrap();
        post::remove(&mut tx, id, START).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(receive("r0123456789abcdef").await, None);
        assert_eq!(pod.count(sql!("SELECT reshares_count FROM posts WHERE kind <> 'reshare'")).await, 0);
        assert!(receive("r0123456789abcdeh").await.is_some());
    })
    .await;
}

#[tokio::test]
async fn one_likes_a_comment_once_where_one_may_read_it() {
    on_both(async |pod| {
        let (alice, bob, eve) = (pod.member("alice").await, pod.member("bob").await, pod.member("eve").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        let post = publish_to(&pod, &alice, "for few", &[friends]).await;
        let said = comment::create(&pod, bob.owner, &post.guid, text("hi")).await.unwrap();
        let mine = comment_like::create(&pod, alice.owner, &said.guid).await.unwrap();
        let again = comment_like::create(&pod, alice.owner, &said.guid).await;
        assert!(matches!(again, Err(Error::Conflict("liked"))));
        assert!(matches!(comment_like::create(&pod, eve.owner, &said.guid).await, Err(Error::NotFound)));
        let shown = post::show(&pod, alice.viewer(), &post.guid).await.unwrap().item.comments;
        assert_eq!((shown[0].likes_count, shown[0].liked.clone()), (1, Some(mine.guid)));
        let told = sql!("SELECT COUNT(*) FROM notifications WHERE kind = 'liked_comment'");
        assert_eq!(pod.count(told).await, 1);
        comment_like::retract(&pod, alice.owner, &said.guid).await.unwrap();
        assert!(matches!(comment_like::retract(&pod, alice.owner, &said.guid).await, Err(Error::NotFound)));
        let shown = post::show(&pod, bob.viewer(), &post.guid).await.unwrap().item.comments;
        assert_eq!((shown[0].likes_count, shown[0].liked.clone()), (0, None));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM tombstones WHERE kind = 'Like'")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn interactions_hold_a_subscription_and_the_last_one_ends_it() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        comment::create(&pod, alice.owner, &post.guid, text("my own post")).await.unwrap();
        assert_eq!(subscriptions(&pod).await, 0, "one's own needs none");
        let one = comment::create(&pod, bob.owner, &post.guid, text("one")).await.unwrap();
        like::create(&pod, bob.owner, &post.guid).await.unwrap();
        comment_like::create(&pod, bob.owner, &one.guid).await.unwrap();
        let reshare = post::reshare(&pod, bob.owner, &post.guid).await.unwrap();
        // one of alice's: she hears what is said below the reshare
        assert_eq!(subscriptions(&pod).await, 4 + 1);
        post::retract(&pod, bob.owner, &reshare.guid).await.unwrap();
        assert_eq!(subscriptions(&pod).await, 3);
        comment_like::retract(&pod, bob.owner, &one.guid).await.unwrap();
        like::retract(&pod, bob.owner, &post.guid).await.unwrap();
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM participations")).await, 1);
        comment::retract(&pod, alice.owner, &one.guid).await.unwrap();
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM participations")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn attachments_are_read_by_who_may_read_the_post() {
    on_both(async |pod| {
        let (alice, bob, eve) = (pod.member("alice").await, pod.member("bob").await, pod.member("eve").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        let post = publish_to(&pod, &alice, "for few", &[friends]).await;
        let hung = pod.run(sql!(
            "INSERT INTO attachments (post_id, kind, guid, xml) SELECT id, 'poll', 'poll0123456789ab', '<poll/>' FROM posts"
        ));
        assert_eq!(hung.await, 1);
        for (viewer, sees) in
            [(alice.viewer(), 1), (bob.viewer(), 1), (eve.viewer(), 0), (Viewer::Visitor, 0)]
        {
            assert_eq!(attachment::of_posts(&pod, viewer, &[post.id], "poll").await.unwrap().len(), sees);
        }
        assert!(attachment::of_posts(&pod, alice.viewer(), &[post.id], "event").await.unwrap().is_empty());
        assert!(attachment::of_posts(&pod, alice.viewer(), &[], "poll").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn closing_an_account_takes_what_it_published_and_keeps_what_it_said() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let far = pod.remote("far@away.test").await;
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        share(&pod, &alice, friends, far).await;
        let bobs = publish(&pod, &bob, "bob's", Audience::Public).await;
        publish(&pod, &alice, "hers", Audience::Public).await;
        publish_to(&pod, &alice, "for few", &[friends]).await;
        post::reshare(&pod, alice.owner, &bobs.guid).await.unwrap();
        comment::create(&pod, alice.owner, &bobs.guid, text("this stays")).await.unwrap();
        like::create(&pod, alice.owner, &bobs.guid).await.unwrap();
        let before = account::count(&pod).await.unwrap().users;

        assert!(close::close(&pod, alice.owner, "guess").await.is_err());
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM people WHERE closed_at IS NOT NULL")).await, 0);
        close::close_as_operator(&pod, pod.admin(), " Alice ").await.unwrap();
        let again = close::close_as_operator(&pod, pod.admin(), "alice").await;
        assert!(matches!(again, Err(Error::Conflict("closed"))));
        let nobody = close::close_as_operator(&pod, pod.admin(), "nobody").await;
        assert!(matches!(nobody, Err(Error::NotFound)));

        assert_eq!(texts(&pod, Viewer::Visitor, Stream::Public).await, ["bob's"]);
        let item = post::show(&pod, bob.viewer(), &bobs.guid).await.unwrap().item;
        assert_eq!((item.comments_count, item.likes_count, item.reshares_count), (1, 1, 0));
        assert!(item.comments[0].author.closed);
        assert_eq!(item.comments[0].author.name, "alice@pod.test");
        for left in [
            sql!("SELECT COUNT(*) FROM posts WHERE text <> 'bob''s'"),
            sql!("SELECT COUNT(*) FROM contacts"),
            sql!("SELECT COUNT(*) FROM aspects"),
            sql!("SELECT COUNT(*) FROM participations"),
            sql!("SELECT COUNT(*) FROM users WHERE email = 'alice@mail.test'"),
        ] {
            assert_eq!(pod.count(left).await, 0, "{}", left.sqlite);
        }
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM tombstones WHERE kind = 'Post'")).await, 3);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM users WHERE username = 'alice'")).await, 1);
        assert_eq!(account::count(&pod).await.unwrap().users, before - 1);
        let told = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Farewell%'");
        assert_eq!(pod.count(told).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_only_admin_stays() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        assert_eq!(pod.run(sql!("UPDATE users SET role = 'admin' WHERE username = 'alice'")).await, 1);
        let refused = close::close_as_operator(&pod, pod.admin(), "alice").await;
        assert!(is_invalid(refused, "current_password", "only-admin"));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM farewells")).await, 0);
        assert_eq!(pod.run(sql!("UPDATE users SET role = 'admin' WHERE username = 'bob'")).await, 1);
        close::close_as_operator(&pod, pod.admin(), "alice").await.unwrap();
        assert!(post::show(&pod, bob.viewer(), "nothing-of-that-name").await.is_err());
        assert_ne!(alice.user(), bob.user());
    })
    .await;
}
