use crate::{page, publish, publish_to, share, texts};
use pappus_kernel::{
    access::Viewer,
    post::{self, Audience},
    relayable::like,
    stream::{self, Cursor, Stream},
    testing::{START, on_both},
};
use std::time::Duration;

#[tokio::test]
async fn a_home_is_mine_my_contacts_and_what_mentions_me() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        for (author, text) in [(&alice, "mine"), (&bob, "my contact's"), (&carol, "a stranger's")] {
            pod.clock.advance(Duration::from_secs(1));
            publish(&pod, author, text, Audience::Public).await;
        }
        pod.clock.advance(Duration::from_secs(1));
        let said = format!("@{{{}}}", alice.diaspora_id);
        let calls = publish(&pod, &carol, &said, Audience::Public).await;
        let home = page(&pod, alice.viewer(), Stream::Home).await;
        let read: Vec<_> = home.items.iter().map(|item| item.text.as_str()).collect();
        assert_eq!(read, [said.as_str(), "my contact's", "mine"]);
        assert_eq!((home.items[0].id, home.older), (calls.id, None));
        assert_eq!(texts(&pod, Viewer::Visitor, Stream::Home).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_limited_post_is_at_home_only_where_its_author_is_followed() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (hers, bobs) = (pod.aspect(&alice, "hers").await, pod.aspect(&bob, "his").await);
        share(&pod, &alice, hers, bob.person()).await;
        share(&pod, &alice, hers, carol.person()).await;
        share(&pod, &bob, bobs, alice.person()).await;
        publish_to(&pod, &alice, "limited", &[hers]).await;
        assert_eq!(texts(&pod, bob.viewer(), Stream::Home).await, ["limited"]);
        assert_eq!(texts(&pod, carol.viewer(), Stream::Home).await, Vec::<String>::new());
        assert_eq!(texts(&pod, carol.viewer(), Stream::Person(alice.person())).await, ["limited"]);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let mut written = Vec::new();
        for n in 0..23 {
            if n % 3 == 0 {
                pod.clock.advance(Duration::from_secs(1)); // three posts share each moment
            }
            written.push(publish(&pod, &alice, &format!("number {n} #tag"), Audience::Public).await.id);
        }
        written.reverse();
        let streams = [
            Stream::Home,
            Stream::Public,
            Stream::Local,
            Stream::Person(alice.person()),
            Stream::Tag("tag".into()),
        ];
        for stream in streams {
            let (mut read, mut before, mut pages) = (Vec::new(), None, 0);
            loop {
                let page = stream::page(&pod, alice.viewer(), stream.clone(), before, 5).await.unwrap();
                read.extend(page.items.iter().map(|item| item.id));
                pages += 1;
                let Some(older) = page.older else { break };
                before = Some(older.to_string().parse().unwrap());
            }
            assert_eq!((&read, pages), (&written, 5), "{stream:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_second_as_the_edge_of_a_page() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        publish(&pod, &alice, "old", Audience::Public).await;
        pod.clock.advance(Duration::from_secs(10));
        publish(&pod, &alice, "new", Audience::Public).await;
        let second = i64::try_from(START.seconds()).unwrap() + 10;
        let before = Some(Cursor::before_second(second));
        let page = stream::page(&pod, Viewer::Visitor, Stream::Public, before, 15).await.unwrap();
        assert_eq!(page.items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>(), ["old"]);
    })
    .await;
}

#[tokio::test]
async fn a_tag_shows_public_posts_and_those_i_may_read() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let friends = pod.aspect(&alice, "friends").await;
        publish_to(&pod, &alice, "limited #Rust", &[friends]).await;
        publish(&pod, &bob, "public #rust", Audience::Public).await;
        let tag = || Stream::Tag("rust".into());
        assert_eq!(texts(&pod, Viewer::Visitor, tag()).await, ["public #rust"]);
        assert_eq!(texts(&pod, bob.viewer(), tag()).await, ["public #rust"]);
        assert_eq!(texts(&pod, alice.viewer(), tag()).await.len(), 2);
        assert_eq!(texts(&pod, alice.viewer(), Stream::Tag("none".into())).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_aspect_shows_its_people_and_what_i_sent_to_it() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (one, two) = (pod.aspect(&alice, "one").await, pod.aspect(&alice, "two").await);
        share(&pod, &alice, one, bob.person()).await;
        share(&pod, &alice, two, carol.person()).await;
        publish(&pod, &bob, "bob's", Audience::Public).await;
        publish(&pod, &carol, "carol's", Audience::Public).await;
        publish_to(&pod, &alice, "to one", &[one]).await;
        publish_to(&pod, &alice, "to two", &[two]).await;
        assert_eq!(texts(&pod, alice.viewer(), Stream::Aspects(vec![one])).await, ["to one", "bob's"]);
        assert_eq!(texts(&pod, alice.viewer(), Stream::Aspects(vec![one, two])).await.len(), 4);
        assert_eq!(texts(&pod, alice.viewer(), Stream::Aspects(vec![])).await, Vec::<String>::new());
        assert_eq!(texts(&pod, bob.viewer(), Stream::Aspects(vec![one])).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_local_stream_has_no_remote_posts() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let far = pod.remote("far@away.test").await;
        publish(&pod, &alice, "here", Audience::Public).await;
        let new = post::NewPost {
            guid: "p0123456789abcdef".into(),
            author: far,
            text: "there".into(),
            public: true,
            provider: Some("elsewhere".into()),
            created_at: START,
            photos: vec![],
            mentioned: vec![],
            recipient: None,
        };
        let mut tx = pod.db.begin().await.unwrap();
        post::receive(&mut tx, new, START).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(texts(&pod, Viewer::Visitor, Stream::Local).await, ["here"]);
        let public = page(&pod, Viewer::Visitor, Stream::Public).await;
        assert_eq!(public.items.len(), 2);
        let there = public.items.iter().find(|item| item.text == "there").unwrap();
        assert_eq!((there.provider.as_deref(), there.author.local), (Some("elsewhere"), false));
    })
    .await;
}

#[tokio::test]
async fn an_item_says_what_is_mine() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        let mine = like::create(&pod, bob.owner, &post.guid).await.unwrap();
        let item = page(&pod, bob.viewer(), Stream::Public).await.items.remove(0);
        assert_eq!((item.liked, item.mine, item.likes_count), (Some(mine.guid), false, 1));
        let item = page(&pod, alice.viewer(), Stream::Public).await.items.remove(0);
        assert_eq!((item.liked, item.mine), (None, true));
        assert_eq!(item.html, "<p>hello</p>");
    })
    .await;
}
