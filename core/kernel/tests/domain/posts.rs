use crate::{can_read, is_forbidden, is_invalid, publish, publish_to, share, texts};
use pappus_kernel::{
    Error, Timestamp,
    access::Viewer,
    account, contact,
    id::{AspectId, PersonId, UserId},
    post::{self, Audience, NewPhoto, NewPost, PostText},
    relayable::{
        comment::{self, CommentText},
        like,
    },
    sql,
    stream::Stream,
    testing::{Member, START, TestPod, on_both},
};

fn text(text: &str) -> PostText {
    PostText::try_from(text.to_owned()).unwrap()
}

async fn nothing_is_there(pod: &TestPod) {
    assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM posts")).await, 0);
    assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM aspect_visibilities")).await, 0);
    assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch'")).await, 0);
}

#[tokio::test]
async fn a_limited_post_is_read_by_exactly_its_audience() {
    on_both(async |pod| {
        let (alice, bob, carol, dave) = (
            pod.member("alice").await,
            pod.member("bob").await,
            pod.member("carol").await,
            pod.member("dave").await,
        );
        let (friends, work) = (pod.aspect(&alice, "friends").await, pod.aspect(&alice, "work").await);
        share(&pod, &alice, friends, bob.person()).await;
        share(&pod, &alice, work, carol.person()).await;

        let post = publish_to(&pod, &alice, "for friends", &[friends]).await;

        assert!(can_read(&pod, alice.viewer(), &post).await);
        assert!(can_read(&pod, bob.viewer(), &post).await);
        assert!(!can_read(&pod, carol.viewer(), &post).await);
        assert!(!can_read(&pod, dave.viewer(), &post).await);
        assert!(!can_read(&pod, Viewer::Visitor, &post).await);
        for stream in [Stream::Public, Stream::Local, Stream::Person(alice.person()), Stream::Home] {
            assert_eq!(texts(&pod, carol.viewer(), stream.clone()).await, Vec::<String>::new());
            assert_eq!(texts(&pod, Viewer::Visitor, stream).await, Vec::<String>::new());
        }
        assert_eq!(texts(&pod, bob.viewer(), Stream::Person(alice.person())).await, ["for friends"]);
    })
    .await;
}

#[tokio::test]
async fn who_joins_an_aspect_later_sees_nothing_old_and_who_leaves_keeps_what_was_theirs() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        let old = publish_to(&pod, &alice, "old", &[friends]).await;

        share(&pod, &alice, friends, carol.person()).await;
        contact::stop_sharing(&pod, alice.owner, friends, bob.person()).await.unwrap();
        let new = publish_to(&pod, &alice, "new", &[friends]).await;

        assert!(can_read(&pod, bob.viewer(), &old).await && !can_read(&pod, bob.viewer(), &new).await);
        assert!(!can_read(&pod, carol.viewer(), &old).await && can_read(&pod, carol.viewer(), &new).await);
        contact::aspect::delete(&pod, alice.owner, friends).await.unwrap();
        assert!(can_read(&pod, bob.viewer(), &old).await && can_read(&pod, carol.viewer(), &new).await);
    })
    .await;
}

#[tokio::test]
async fn a_post_into_someone_elses_aspect_is_refused_and_leaves_nothing() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (mine, bobs) = (pod.aspect(&alice, "mine").await, pod.aspect(&bob, "friends").await);
        for aspects in [vec![bobs], vec![mine, bobs], vec![AspectId(0)]] {
            let audience = Audience::Aspects(aspects.into_iter().collect());
            let refused = post::publish(&pod, alice.owner, text("hi"), audience, None).await;
            assert!(is_forbidden(refused, "not-your-aspect"));
        }
        nothing_is_there(&pod).await;
    })
    .await;
}

#[tokio::test]
async fn a_post_for_nobody_is_not_a_post_for_everybody() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let empty = pod.aspect(&alice, "empty").await;
        let refused = post::publish(&pod, alice.owner, text("hi"), Audience::Aspects([].into()), None).await;
        assert!(is_invalid(refused, "aspect_ids", "required"));
        nothing_is_there(&pod).await;

        for audience in [Audience::Aspects([empty].into()), Audience::AllAspects] {
            let post = publish(&pod, &alice, "secret", audience).await;
            assert!(can_read(&pod, alice.viewer(), &post).await);
            assert!(
                !can_read(&pod, bob.viewer(), &post).await && !can_read(&pod, Viewer::Visitor, &post).await
            );
        }
    })
    .await;
}

#[tokio::test]
async fn all_aspects_are_those_of_now() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (one, two) = (pod.aspect(&alice, "one").await, pod.aspect(&alice, "two").await);
        share(&pod, &alice, one, bob.person()).await;
        share(&pod, &alice, two, bob.person()).await;
        let post = publish(&pod, &alice, "to all", Audience::AllAspects).await;
        share(&pod, &alice, two, carol.person()).await;
        assert!(can_read(&pod, bob.viewer(), &post).await && !can_read(&pod, carol.viewer(), &post).await);
        let names = post::show(&pod, alice.viewer(), &post.guid).await.unwrap().item.aspects;
        assert_eq!(names, ["one", "two"]);
        assert!(post::show(&pod, bob.viewer(), &post.guid).await.unwrap().item.aspects.is_empty());
    })
    .await;
}

#[tokio::test]
async fn publishing_queues_its_delivery_once() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        publish(&pod, &alice, "hello", Audience::Public).await;
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch'")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_post_is_found_by_its_number_too() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let post = publish(&pod, &alice, "hello", Audience::Public).await;
        assert_eq!(
            post::show(&pod, Viewer::Visitor, &post.id.to_string()).await.unwrap().item.guid,
            post.guid
        );
        for key in ["", "x", "-1", "999", "99999999999999999999999", "nonsense-nonsense-nonsense"] {
            assert!(matches!(post::show(&pod, Viewer::Visitor, key).await, Err(Error::NotFound)), "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_tag_nsfw_and_an_authors_word_cover_a_post() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let covered = publish(&pod, &alice, "look #NSFW", Audience::Public).await;
        let open = publish(&pod, &alice, "look", Audience::Public).await;
        assert!(post::show(&pod, Viewer::Visitor, &covered.guid).await.unwrap().item.nsfw);
        assert!(!post::show(&pod, Viewer::Visitor, &open.guid).await.unwrap().item.nsfw);
        pod.run(sql!("UPDATE profiles SET nsfw = TRUE")).await;
        assert!(post::show(&pod, Viewer::Visitor, &open.guid).await.unwrap().item.nsfw);
    })
    .await;
}

#[tokio::test]
async fn a_retracted_post_takes_everything_with_it() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        let said = format!("hello @{{{}}} #tag", bob.diaspora_id);
        let post = publish_to(&pod, &alice, &said, &[friends]).await;
        let words = comment::CommentText::try_from("nice".to_owned()).unwrap();
        comment::create(&pod, bob.owner, &post.guid, words).await.unwrap();
        like::create(&pod, bob.owner, &post.guid).await.unwrap();

        assert!(is_forbidden(post::retract(&pod, bob.owner, &post.guid).await, "not-your-post"));
        post::retract(&pod, alice.owner, &post.guid).await.unwrap();

        let left = sql!(
            "SELECT (SELECT COUNT(*) FROM posts) + (SELECT COUNT(*) FROM comments) + (SELECT COUNT(*) FROM likes)
                  + (SELECT COUNT(*) FROM mentions) + (SELECT COUNT(*) FROM post_tags)
                  + (SELECT COUNT(*) FROM home_entries) + (SELECT COUNT(*) FROM post_audience)
                  + (SELECT COUNT(*) FROM notifications WHERE post_id IS NOT NULL)"
        );
        assert_eq!(pod.count(left).await, 0);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM tombstones WHERE kind = 'Post'")).await, 1);
        let retractions = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Retraction%'");
        assert_eq!(pod.count(retractions).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_stranger_cannot_tell_a_limited_post_from_none() {
    on_both(async |pod| {
        let (alice, eve) = (pod.member("alice").await, pod.member("eve").await);
        let friends = pod.aspect(&alice, "friends").await;
        let post = publish_to(&pod, &alice, "secret", &[friends]).await;
        let words = || comment::CommentText::try_from("me too".to_owned()).unwrap();
        assert!(matches!(post::retract(&pod, eve.owner, &post.guid).await, Err(Error::NotFound)));
        assert!(matches!(comment::create(&pod, eve.owner, &post.guid, words()).await, Err(Error::NotFound)));
        assert!(matches!(like::create(&pod, eve.owner, &post.guid).await, Err(Error::NotFound)));
        assert!(matches!(like::retract(&pod, eve.owner, &post.id.to_string()).await, Err(Error::NotFound)));
    })
    .await;
}

// --- from other pods ---

fn remote(guid: &str, author: PersonId, public: bool, recipient: Option<UserId>) -> NewPost {
    NewPost {
        guid: guid.into(),
        author,
        text: "from afar #tag".into(),
        public,
        provider: None,
        created_at: START,
        photos: vec![],
        mentioned: vec![],
        recipient,
    }
}

async fn receive(pod: &TestPod, new: NewPost) -> bool {
    let mut tx = pod.db.begin().await.unwrap();
    let stored = post::receive(&mut tx, new, START).await.unwrap().is_some();
    tx.commit().await.unwrap();
    stored
}

async fn home(pod: &TestPod, member: &Member) -> usize {
    texts(pod, member.viewer(), Stream::Home).await.len()
}

#[tokio::test]
async fn a_remote_limited_post_is_kept_once_and_read_by_each_recipient() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let far = pod.remote("far@away.test").await;
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, far).await;
        let guid = "0123456789abcdef0123";

        assert!(receive(&pod, remote(guid, far, false, Some(alice.user()))).await);
        assert!(matches!(post::show(&pod, bob.viewer(), guid).await, Err(Error::NotFound)));
        assert!(!receive(&pod, remote(guid, far, false, Some(bob.user()))).await);
        assert!(!receive(&pod, remote(guid, far, false, Some(bob.user()))).await);

        assert!(post::show(&pod, alice.viewer(), guid).await.is_ok());
        assert!(post::show(&pod, bob.viewer(), guid).await.is_ok());
        assert!(matches!(post::show(&pod, carol.viewer(), guid).await, Err(Error::NotFound)));
        assert!(matches!(post::show(&pod, Viewer::Visitor, guid).await, Err(Error::NotFound)));
        // bob does not follow its author: he may read it, and it is not in his stream
        assert_eq!((home(&pod, &alice).await, home(&pod, &bob).await, home(&pod, &carol).await), (1, 0, 0));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM posts")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_guid_belongs_to_its_first_author() {
    on_both(async |pod| {
        let (alice, mallory) = (pod.remote("alice@away.test").await, pod.remote("mallory@evil.test").await);
        let bob = pod.member("bob").await;
        let guid = "0123456789abcdef0123";
        assert!(receive(&pod, remote(guid, alice, false, None)).await);
        assert!(!receive(&pod, remote(guid, mallory, true, None)).await);
        assert!(!receive(&pod, remote(guid, mallory, false, Some(bob.user()))).await);
        assert!(matches!(post::show(&pod, bob.viewer(), guid).await, Err(Error::NotFound)));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM posts WHERE public")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_replay_after_a_retraction_makes_nothing() {
    on_both(async |pod| {
        let far = pod.remote("far@away.test").await;
        let guid = "0123456789abcdef0123";
        assert!(receive(&pod, remote(guid, far, true, None)).await);
        let id = post::show(&pod, Viewer::Visitor, guid).await.unwrap().item.id;
        let mut tx = pod.db.begin().await.unwrap();
        post::remove(&mut tx, id, START).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!receive(&pod, remote(guid, far, true, None)).await);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM posts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_post_from_the_future_is_from_now_and_keeps_its_photos() {
    on_both(async |pod| {
        let far = pod.remote("far@away.test").await;
        let photo = |name: &str| NewPhoto {
            guid: format!("photo-{name}-0123456789"),
            public: true,
            post_guid: None,
            remote_path: "https://away.test/uploads/".into(),
            remote_name: name.into(),
            text: "a \"hill\"".into(),
            width: Some(4),
            height: None,
            created_at: START,
            edited_at: None,
        };
        let mut new = remote("0123456789abcdef0123", far, true, None);
        new.created_at = Timestamp(i64::MAX);
        new.photos = vec![photo("b.jpg"), photo("a.jpg")];
        assert!(receive(&pod, new).await);
        let item = post::show(&pod, Viewer::Visitor, "0123456789abcdef0123").await.unwrap().item;
        assert_eq!(item.created_at, START);
        let urls: Vec<_> = item.photos.iter().map(|photo| photo.url.as_str()).collect();
        assert_eq!(urls, ["https://away.test/uploads/b.jpg", "https://away.test/uploads/a.jpg"]);
        let photo = &item.photos[0];
        assert_eq!((photo.width, photo.height, photo.text.as_str()), (Some(4), None, "a \"hill\""));
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_tags_is_listed_under_a_hundred_of_them_and_linked_all_the_same() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let words: Vec<String> = (0..9_000).map(|number| format!("#t{number}")).collect();
        let post = publish(&pod, &alice, &words.join(" "), Audience::Public).await;
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM post_tags")).await, 100);
        let shown = post::show(&pod, alice.viewer(), &post.guid).await.unwrap();
        assert_eq!(shown.item.html.matches("<a class=\"tag\"").count(), 9_000);
        assert_eq!(texts(&pod, alice.viewer(), Stream::Tag("t99".into())).await.len(), 1);
        assert!(texts(&pod, alice.viewer(), Stream::Tag("t100".into())).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn comments_come_a_page_at_a_time_the_newest_first() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let post = publish(&pod, &alice, "ask me anything", Audience::Public).await;
        let many = usize::try_from(post::COMMENTS).unwrap() + 30;
        for number in 0..many {
            let text = CommentText::try_from(format!("comment {number}")).unwrap();
            comment::create(&pod, alice.owner, &post.guid, text).await.unwrap();
        }
        let shown = async |before| {
            let shown = post::show_before(&pod, Viewer::Visitor, &post.guid, before).await.unwrap();
            let texts: Vec<String> = shown.item.comments.into_iter().map(|one| one.text).collect();
            (texts, shown.older)
        };
        let (newest, older) = shown(None).await;
        assert_eq!(newest.len(), many - 30);
        assert_eq!(newest.last().unwrap(), &format!("comment {}", many - 1));
        assert_eq!(newest[0], "comment 30");
        let (oldest, none) = shown(older).await;
        assert_eq!((oldest.len(), none), (30, None));
        assert_eq!((oldest[0].as_str(), oldest[29].as_str()), ("comment 0", "comment 29"));
    })
    .await;
}

#[tokio::test]
async fn posts_are_counted_every_ten_minutes_and_members_at_once() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        publish(&pod, &alice, "one", Audience::Public).await;
        let counted = async || {
            let counts = account::count(&pod).await.unwrap();
            (counts.users, counts.local_posts)
        };
        assert_eq!(counted().await, (1, 1));
        publish(&pod, &alice, "two", Audience::Public).await;
        pod.member("bob").await;
        assert_eq!(counted().await, (2, 1), "anybody may ask, so the rows are not read each time");
        assert_eq!(account::members(&pod).await.unwrap(), 2);
        pod.clock.advance(std::time::Duration::from_mins(10));
        assert_eq!(counted().await, (2, 2));
    })
    .await;
}
