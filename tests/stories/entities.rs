//! Every entity between pods: two of ours, and peers that are not.
use crate::{
    peer::{Letter, NOW, Peer, guid, sql},
    two_pods::friends,
};
use axum::http::StatusCode;
use pappus_federation::{
    Entity, Guid, Kind, Relayable,
    entity::{
        AccountDeletion, Answer, Comment, Contact, Event, EventParticipation, Like, Location, Participation,
        Photo, Poll, PollAnswer, PollParticipation, Reshare, Retraction, StatusMessage,
    },
};
use pappus_kernel::attachment;
use pappus_tests::{Browser, PASSWORD, Running, TwoPods};

fn name(of: &str) -> Guid {
    guid(of).parse().unwrap()
}

/// Alice on the left with two followers who are not on pods of ours.
async fn followed(pods: &TwoPods) -> (Browser, Peer, Peer) {
    let alice = pods.left.sign_up("alice").await;
    let (mia, noa) = (Peer::join(&pods.wire, "mia@away.test"), Peer::join(&pods.wire, "noa@far.test"));
    let me = "alice@left.test".parse().unwrap();
    for peer in [&mia, &noa] {
        peer.privately(&pods.left, "alice", Contact::new(peer.id.clone(), Clone::clone(&me), true)).await;
    }
    assert_eq!(pods.left.pod.count(sql("SELECT COUNT(*) FROM contacts WHERE sharing")).await, 2);
    (alice, mia, noa)
}

async fn count(on: &Running, text: &'static str) -> i64 {
    on.pod.count(sql(text)).await
}

fn comment(by: &Peer, on: &str, called: &str, text: &str) -> Comment {
    let mut comment = Comment::new(by.id.clone(), name(called), on.parse().unwrap(), text, NOW).unwrap();
    comment.sign(by.key()).unwrap();
    comment
}

fn like(by: &Peer, of_comment: bool, on: &str, called: &str) -> Like {
    let mut like = Like::new(by.id.clone(), name(called), of_comment, on.parse().unwrap());
    like.sign(by.key()).unwrap();
    like
}

fn vote(by: &Peer, called: &str, answer: &str) -> PollParticipation {
    let mut vote = PollParticipation::new(by.id.clone(), name(called), name("poll"), name(answer));
    vote.sign(by.key()).unwrap();
    vote
}

fn retraction(by: &Peer, kind: Kind, target: &str) -> Retraction {
    Retraction::new(by.id.clone(), kind, target.parse().unwrap())
}

fn poll() -> Poll {
    let answer = |of: &str| PollAnswer { guid: name(of), answer: of.to_owned() };
    Poll { guid: name("poll"), question: "Where to?".into(), answers: vec![answer("arco"), answer("jura")] }
}

fn photo(by: &Peer, called: &str, public: bool, of: Option<&str>) -> Photo {
    Photo {
        guid: name(called),
        author: by.id.clone(),
        public,
        created_at: NOW,
        edited_at: None,
        remote_photo_path: "https://away.test/uploads/".into(),
        remote_photo_name: format!("{called}.jpg"),
        text: None,
        status_message_guid: of.map(|of| of.parse().unwrap()),
        height: Some(2),
        width: Some(3),
    }
}

#[tokio::test]
async fn a_reshare_travels_with_its_root_and_outlives_it() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let root = alice.publish("hello from the left", &["public"]).await;
        pods.settle().await;
        bob.get("/stream").await.shows("Reshare");
        assert_eq!(bob.post("/reshares", &[("root_guid", &root)]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(bob.post("/reshares", &[("root_guid", &root)]).await.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        assert_eq!(count(&pods.right, "SELECT COUNT(*) FROM posts WHERE kind = 'reshare'").await, 1);
        alice.get("/notifications").await.shows("reshared your post");
        alice.get("/stream").await.shows("passes this on");
        alice.get(&format!("/posts/{root}")).await.shows("1 reshare");

        // one's own and limited posts are not passed on
        assert_eq!(alice.post("/reshares", &[("root_guid", &root)]).await.status, StatusCode::FORBIDDEN);
        let friends = bob.aspect("Friends").await;
        let limited = bob.publish("for few", &[&friends]).await;
        pods.settle().await;
        alice.get("/stream").await.shows("for few");
        assert_eq!(alice.post("/reshares", &[("root_guid", &limited)]).await.status, StatusCode::FORBIDDEN);

        // what is said below the reshare reaches the author of its root
        let reshare = bob.get("/stream").await.text();
        let (_, rest) = reshare.split_once("passes this on").unwrap();
        let (_, rest) = rest.split_once("href=\"/posts/").unwrap();
        let reshare: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert_ne!(reshare, root);
        bob.post(&format!("/posts/{reshare}/comments"), &[("text", "look at this")]).await;
        pods.settle().await;
        alice.get(&format!("/posts/{reshare}")).await.shows("look at this").shows("hello from the left");

        alice.post(&format!("/posts/{root}"), &[("_method", "delete")]).await;
        pods.settle().await;
        bob.get(&format!("/posts/{reshare}")).await.shows("has been deleted").hides("hello from the left");
        alice.get(&format!("/posts/{reshare}")).await.shows("has been deleted");
        bob.post(&format!("/posts/{reshare}"), &[("_method", "delete")]).await;
        pods.settle().await;
        assert_eq!(alice.get(&format!("/posts/{reshare}")).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn the_root_of_a_reshare_is_fetched_and_must_be_by_whom_it_names() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let mut eve = pods.right.sign_up("eve").await;
        let root = eve.publish("a stranger's words", &["public"]).await;
        pods.settle().await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM posts").await, 0);
        bob.post("/reshares", &[("root_guid", &root)]).await;
        pods.settle().await;
        alice.get("/stream").await.shows("a stranger").shows("eve@right.test");
        assert_eq!(count(&pods.left, "SELECT reshares_count FROM posts WHERE kind <> 'reshare'").await, 1);

        // a chain is followed to its end; a wrong author is none
        let mia = Peer::join(&pods.wire, "mia@away.test");
        let reshare = |called: &str, author: &str, root: &str| {
            let root = (author.parse().unwrap(), root.parse().unwrap());
            Reshare { author: mia.id.clone(), guid: name(called), created_at: NOW, root: Some(root) }
        };
        let theirs = "SELECT COUNT(*) FROM posts p JOIN people w ON w.id = p.author_id
                      WHERE w.diaspora_id = 'mia@away.test'";
        mia.publicly(&pods.left, reshare("lie", "bob@right.test", &root)).await;
        assert_eq!(count(&pods.left, theirs).await, 0);
        mia.publicly(&pods.left, reshare("truth", "eve@right.test", &root)).await;
        assert_eq!(count(&pods.left, theirs).await, 1);
        assert_eq!(count(&pods.left, "SELECT MAX(reshares_count) FROM posts").await, 2);
    })
    .await;
}

#[tokio::test]
async fn likes_of_comments_travel_both_ways() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let family = alice.aspect("Family").await;
        for audience in ["public", family.as_str()] {
            let post = alice.publish("hello from the left", &[audience]).await;
            pods.settle().await;
            bob.post(&format!("/posts/{post}/comments"), &[("text", "hello back")]).await;
            pods.settle().await;
            let page = alice.get(&format!("/posts/{post}")).await;
            let comment = page.after("id=\"c-").unwrap();
            let likes = format!("/comments/{comment}/likes");

            // below my own post: straight to everybody
            assert_eq!(alice.post(&likes, &[]).await.status, StatusCode::SEE_OTHER);
            assert_eq!(alice.post(&likes, &[]).await.status, StatusCode::SEE_OTHER, "twice is once");
            pods.settle().await;
            bob.get("/notifications").await.shows("liked your comment");
            let liked = "SELECT SUM(likes_count) FROM comments";
            assert_eq!(pods.right.pod.count(sql("SELECT COUNT(*) FROM comment_likes")).await, 1);
            // below the other pod's post: through the pod of its author
            bob.post(&likes, &[]).await;
            pods.settle().await;
            for pod in [&pods.left, &pods.right] {
                assert_eq!((count(pod, "SELECT COUNT(*) FROM comment_likes").await), 2);
                let sum = "SELECT CAST(SUM(likes_count) AS BIGINT) FROM comments";
                assert_eq!(count(pod, sum).await, 2, "{liked}");
            }
            bob.post(&likes, &[("_method", "delete")]).await;
            alice.post(&likes, &[("_method", "delete")]).await;
            pods.settle().await;
            for pod in [&pods.left, &pods.right] {
                assert_eq!(count(pod, "SELECT COUNT(*) FROM comment_likes").await, 0);
                assert_eq!(count(pod, "SELECT CAST(SUM(likes_count) AS BIGINT) FROM comments").await, 0);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_relayable_carries_survives_the_relay_to_the_last_byte() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mia, noa) = followed(&pods).await;
        let post = alice.publish("hello", &["public"]).await;
        pods.settle().await;
        assert_eq!((mia.letters(&pods.left).await.len(), noa.letters(&pods.left).await.len()), (1, 1));

        let (edited, thread) = ("2026-11-23T12:00:00Z", guid("thread"));
        let write = |signature: &str| {
            format!(
                "<comment>\n<author>{}</author><guid>{}</guid><parent_guid>{post}</parent_guid>\
                 <text>odd  &#x74;ext</text> <created_at>{edited}</created_at>{signature}\
                 <thread_parent_guid>{thread}</thread_parent_guid><edited_at>{edited}</edited_at>\
                 <x_new>x</x_new><x_empty/></comment>",
                noa.id,
                guid("odd"),
            )
        };
        let Ok(Entity::Comment(mut unsigned)) = Entity::parse(&write(""), NOW) else { panic!() };
        unsigned.sign(noa.key()).unwrap();
        let signature = unsigned.signed().author_signature().unwrap();
        let xml = write(&format!("<author_signature>{signature}</author_signature>"));
        noa.publicly_as_is(&pods.left, &xml).await;
        let came = mia.letters(&pods.left).await;
        let [Letter { sender, entity: Entity::Comment(relayed), public: true }] = came.as_slice() else {
            panic!("{came:?}")
        };
        assert_eq!(sender.as_str(), "alice@left.test");
        assert!(relayed.author_signature_verifies(noa.key().public()));
        assert_eq!(relayed.relay_xml("comment"), xml);
        assert!(noa.letters(&pods.left).await.is_empty(), "the pod that it came from has it");
        let kept =
            "SELECT COUNT(*) FROM comments WHERE edited_at IS NOT NULL AND thread_parent_guid LIKE '%thread'";
        assert_eq!(count(&pods.left, kept).await, 1);

        // likes of that comment go the same way
        let like = like(&mia, true, &guid("odd"), "like");
        mia.publicly(&pods.left, like.clone()).await;
        assert_eq!(noa.entities(&pods.left).await, [Entity::Like(like.clone())]);
        mia.publicly(&pods.left, retraction(&mia, Kind::Like, &guid("like"))).await;
        let taken_back = noa.letters(&pods.left).await;
        assert_eq!(taken_back.len(), 1);
        assert!(matches!(&taken_back[0].entity, Entity::Retraction(it) if it.author == mia.id));
        assert_eq!(taken_back[0].sender.as_str(), "alice@left.test");
        mia.publicly(&pods.left, like).await;
        assert!(noa.letters(&pods.left).await.is_empty(), "a replay");
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM comment_likes").await, 0);
    })
    .await;
}

#[tokio::test]
async fn votes_are_relayed_once_and_kept_for_who_understands_them() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mia, noa) = followed(&pods).await;
        let post = alice.publish("vote!", &["public"]).await;
        let mut hung =
            StatusMessage::new("alice@left.test".parse().unwrap(), name("x"), NOW, true, "x".into());
        hung.poll = Some(poll());
        hung.location = Some(Location { address: "Here".into(), lat: "1.5".into(), lng: "2".into() });
        let mut tx = pods.left.pod.db.begin().await.unwrap();
        for it in hung.attachments() {
            let query = tx.query(sql(
                "INSERT INTO attachments (post_id, kind, guid, xml) SELECT id, $1, $2, $3 FROM posts",
            ));
            query.bind(it.kind).bind(it.guid.map(|guid| guid.to_string())).bind(it.xml).run().await.unwrap();
        }
        tx.commit().await.unwrap();
        pods.settle().await;
        // what hangs on a post of ours goes with it, delivered and fetched
        let [Entity::StatusMessage(got)] = &mia.entities(&pods.left).await[..] else { panic!() };
        assert_eq!((&got.poll, &got.location), (&hung.poll, &hung.location));
        let fetched = pods.left.browser().get(&format!("/fetch/post/{post}")).await;
        assert_eq!(fetched.status, StatusCode::OK);
        noa.letters(&pods.left).await;

        let first = vote(&noa, "vote", "arco");
        noa.publicly(&pods.left, first.clone()).await;
        noa.publicly(&pods.left, vote(&noa, "again", "jura")).await;
        assert_eq!(
            mia.entities(&pods.left).await,
            [Entity::PollParticipation(first.clone())],
            "one vote each"
        );
        let id = pods.left.pod.count(sql("SELECT id FROM posts")).await;
        let posts = [pappus_kernel::id::PostId(id)];
        let visitor = pappus_kernel::access::Viewer::Visitor;
        let votes = attachment::answers(&pods.left.pod, visitor, &posts, "poll_participation").await.unwrap();
        assert_eq!(votes.len(), 1);
        assert_eq!(
            (votes[0].author.diaspora_id.as_str(), votes[0].parent_guid.as_str()),
            ("noa@far.test", guid("poll").as_str())
        );
        assert_eq!(votes[0].xml, first.to_xml());
        let polls = attachment::of_posts(&pods.left.pod, visitor, &posts, "poll").await.unwrap();
        assert_eq!(polls.len(), 1);

        // a vote that somebody else signed, or that a stranger brings, is none
        let mut forged = PollParticipation::new(mia.id.clone(), name("forged"), name("poll"), name("arco"));
        forged.sign(noa.key()).unwrap();
        mia.publicly(&pods.left, forged).await;
        noa.publicly(&pods.left, vote(&mia, "brought", "arco")).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM attachment_answers").await, 1);

        noa.publicly(&pods.left, retraction(&noa, Kind::PollParticipation, &guid("vote"))).await;
        assert_eq!(mia.letters(&pods.left).await.len(), 1, "the retraction");
        noa.publicly(&pods.left, first).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM attachment_answers").await, 0, "a replay");
        noa.publicly(&pods.left, vote(&noa, "anew", "jura")).await;
        assert_eq!(
            count(&pods.left, "SELECT COUNT(*) FROM attachment_answers").await,
            1,
            "but a new one counts"
        );
    })
    .await;
}

#[tokio::test]
async fn events_and_answers_on_other_pods_are_kept_and_an_answer_may_change() {
    TwoPods::on_both(async |pods| {
        let (_alice, mia, noa) = followed(&pods).await;
        let mut post = StatusMessage::new(mia.id.clone(), name("post"), NOW, true, "a meeting".into());
        post.event = Some(Event {
            author: mia.id.clone(),
            guid: name("event"),
            edited_at: None,
            summary: "Meeting".into(),
            description: None,
            start: NOW,
            end: None,
            all_day: false,
            timezone: None,
            location: None,
        });
        mia.publicly(&pods.left, post.clone()).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM attachments WHERE kind = 'event'").await, 1);
        let answer = |called: &str, answer| {
            let mut it = EventParticipation::new(noa.id.clone(), name(called), name("event"), answer);
            it.sign(noa.key()).unwrap();
            it
        };
        noa.publicly(&pods.left, answer("stray", Answer::Accepted)).await;
        assert_eq!(
            count(&pods.left, "SELECT COUNT(*) FROM attachment_answers").await,
            0,
            "not by its author"
        );
        mia.publicly(&pods.left, answer("yes", Answer::Accepted)).await;
        mia.publicly(&pods.left, answer("no", Answer::Declined)).await;
        let now = "SELECT COUNT(*) FROM attachment_answers WHERE xml LIKE '%declined%'";
        assert_eq!(count(&pods.left, now).await, 1);
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM attachment_answers").await, 1);
        mia.publicly(&pods.left, answer("yes", Answer::Accepted)).await;
        assert_eq!(count(&pods.left, now).await, 1, "a replay of the first answer does not bring it back");
        mia.publicly(&pods.left, retraction(&mia, Kind::Post, &guid("post"))).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM attachments").await, 0);
        mia.publicly(&pods.left, post).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM posts").await, 0, "a replay");
    })
    .await;
}

#[tokio::test]
async fn a_photo_finds_its_post_and_a_limited_one_never_a_public_post() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mia, noa) = followed(&pods).await;
        mia.publicly(&pods.left, photo(&mia, "early", true, Some(&guid("post")))).await;
        mia.privately(&pods.left, "alice", photo(&mia, "secret", false, Some(&guid("post")))).await;
        mia.publicly(&pods.left, photo(&mia, "secret2", false, Some(&guid("post")))).await;
        let mut post = StatusMessage::new(mia.id.clone(), name("post"), NOW, true, "pictures".into());
        post.photos = vec![photo(&mia, "inside", true, Some(&guid("post")))];
        mia.publicly(&pods.left, post).await;
        mia.publicly(&pods.left, photo(&mia, "late", true, Some(&guid("post")))).await;
        noa.publicly(&pods.left, photo(&noa, "foreign", true, Some(&guid("post")))).await;
        let placed = "SELECT COUNT(*) FROM photos WHERE post_id IS NOT NULL";
        assert_eq!(count(&pods.left, placed).await, 3);
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM photos").await, 5, "a limited one came publicly");
        assert_eq!(
            count(
                &pods.left,
                "SELECT COUNT(*) FROM photos WHERE post_id IS NOT NULL AND remote_name LIKE 'secret%'"
            )
            .await,
            0
        );
        alice.get(&format!("/posts/{}", guid("post"))).await.shows("photos-3");

        // changed by its author, by nobody else
        let mut newer = photo(&mia, "late", true, None);
        newer.text = Some("frost".into());
        mia.publicly(&pods.left, newer).await;
        let mut stolen = photo(&noa, "late", true, None);
        stolen.text = Some("stolen".into());
        noa.publicly(&pods.left, stolen).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM photos WHERE text = 'frost'").await, 1);
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM photos WHERE text = 'stolen'").await, 0);

        noa.publicly(&pods.left, retraction(&noa, Kind::Photo, &guid("late"))).await;
        assert_eq!(count(&pods.left, placed).await, 3);
        mia.publicly(&pods.left, retraction(&mia, Kind::Photo, &guid("late"))).await;
        mia.publicly(&pods.left, photo(&mia, "late", true, Some(&guid("post")))).await;
        assert_eq!(count(&pods.left, placed).await, 2, "gone, and a replay does not bring it back");
    })
    .await;
}

#[tokio::test]
async fn a_limited_thread_is_closed_to_everybody_else() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mia, noa) = followed(&pods).await;
        alice.share_with("mia@away.test", "Family").await;
        let family = alice.aspect("Family").await;
        pods.settle().await;
        let post = alice.publish("for the family", &[&family]).await;
        pods.settle().await;
        mia.letters(&pods.left).await;
        assert!(noa.letters(&pods.left).await.is_empty());
        // later members of the aspect are no audience of earlier posts
        alice.share_with("noa@far.test", "Family").await;
        pods.settle().await;
        noa.letters(&pods.left).await;

        let seen = "SELECT COUNT(*) FROM comments";
        mia.publicly(&pods.left, comment(&mia, &post, "public", "said aloud")).await;
        assert_eq!(count(&pods.left, seen).await, 0, "nothing about a limited post comes publicly");
        noa.privately(&pods.left, "alice", comment(&noa, &post, "stranger", "who am I")).await;
        noa.privately(&pods.left, "alice", like(&noa, false, &post, "stranger")).await;
        assert_eq!(count(&pods.left, seen).await, 0, "whoever was not sent it says nothing below it");
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM likes").await, 0);
        mia.privately(&pods.left, "alice", comment(&mia, &post, "family", "a family word")).await;
        assert_eq!(count(&pods.left, seen).await, 1);

        let subscription =
            |peer: &Peer| Participation::new(peer.id.clone(), name("sub"), post.parse().unwrap());
        noa.privately(&pods.left, "alice", subscription(&noa)).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM participations").await, 0);
        mia.privately(&pods.left, "alice", subscription(&mia)).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM participations").await, 1);

        alice.post(&format!("/posts/{post}/comments"), &[("text", "just us")]).await;
        alice.post(&format!("/comments/{}/likes", guid("family")), &[]).await;
        pods.settle().await;
        let to_mia = mia.letters(&pods.left).await;
        assert_eq!(to_mia.len(), 2, "{to_mia:?}");
        assert!(to_mia.iter().all(|letter| !letter.public));
        alice.post(&format!("/posts/{post}"), &[("_method", "delete")]).await;
        pods.settle().await;
        assert_eq!(mia.letters(&pods.left).await.len(), 1, "the retraction");
        assert!(noa.letters(&pods.left).await.is_empty(), "noa heard of nothing");
    })
    .await;
}

#[tokio::test]
async fn whoever_the_author_ignores_is_answered_with_a_retraction() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mia, noa) = followed(&pods).await;
        let post = alice.publish("hello", &["public"]).await;
        pods.settle().await;
        mia.publicly(&pods.left, comment(&mia, &post, "mias", "hi")).await;
        pods.left
            .pod
            .run(sql("INSERT INTO blocks (user_id, person_id, created_at) SELECT u.id, p.id, 1 FROM users u, people p
                      WHERE u.username = 'alice' AND p.diaspora_id = 'noa@far.test'"))
            .await;
        mia.letters(&pods.left).await;
        noa.letters(&pods.left).await;
        noa.publicly(&pods.left, comment(&noa, &post, "noas", "hm")).await;
        noa.publicly(&pods.left, like(&noa, false, &post, "noas")).await;
        noa.publicly(&pods.left, like(&noa, true, &guid("mias"), "noas2")).await;
        let answers = noa.letters(&pods.left).await;
        assert_eq!(answers.len(), 3, "{answers:?}");
        assert!(answers.iter().all(|letter| matches!(&letter.entity,
            Entity::Retraction(it) if it.author == noa.id && it.target_guid.as_str().contains("noas"))));
        assert!(mia.letters(&pods.left).await.is_empty());
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM comments").await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_author_of_a_post_takes_back_what_others_said_below_it() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mia, noa) = followed(&pods).await;
        let post = alice.publish("hello", &["public"]).await;
        pods.settle().await;
        noa.publicly(&pods.left, comment(&noa, &post, "rude", "rude words")).await;
        mia.letters(&pods.left).await;
        noa.letters(&pods.left).await;
        alice.post(&format!("/comments/{}", guid("rude")), &[("_method", "delete")]).await;
        pods.settle().await;
        for peer in [&mia, &noa] {
            let came = peer.letters(&pods.left).await;
            assert_eq!(came.len(), 1, "{}: {came:?}", peer.id);
            assert_eq!(came[0].sender.as_str(), "alice@left.test");
            assert!(matches!(&came[0].entity, Entity::Retraction(it) if it.author == noa.id));
        }
        noa.publicly(&pods.left, comment(&noa, &post, "rude", "rude words")).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM comments").await, 0, "a replay");
        noa.publicly(&pods.left, comment(&noa, &post, "kind", "kind words")).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM comments").await, 1);
    })
    .await;
}

#[tokio::test]
async fn subscribers_are_contacts_resharers_and_who_asked() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let (mia, noa) = (Peer::join(&pods.wire, "mia@away.test"), Peer::join(&pods.wire, "noa@far.test"));
        let post = alice.publish("hello", &["public"]).await;
        pods.settle().await;
        let root = ("alice@left.test".parse().unwrap(), post.parse().unwrap());
        let reshare = Reshare { author: mia.id.clone(), guid: name("reshare"), created_at: NOW, root: Some(root) };
        mia.publicly(&pods.left, reshare).await;
        let came = mia.entities(&pods.left).await;
        let wants = |entity: &Entity| matches!(entity, Entity::Participation(it) if it.parent_guid == name("reshare"));
        assert!(!came.is_empty() && came.iter().all(wants), "alice wants to hear of the reshare: {came:?}");
        alice.get("/notifications").await.shows("reshared your post");

        let say = async |alice: &mut Browser, text: &str| {
            alice.post(&format!("/posts/{post}/comments"), &[("text", text)]).await;
            pods.settle().await;
        };
        say(&mut alice, "one").await;
        assert_eq!((mia.letters(&pods.left).await.len(), noa.letters(&pods.left).await.len()), (1, 0));
        let asks = Participation::new(noa.id.clone(), name("sub"), post.parse().unwrap());
        noa.privately(&pods.left, "alice", asks).await;
        say(&mut alice, "two").await;
        assert_eq!((mia.letters(&pods.left).await.len(), noa.letters(&pods.left).await.len()), (1, 1));
        noa.privately(&pods.left, "alice", retraction(&noa, Kind::Participation, &guid("sub"))).await;
        mia.publicly(&pods.left, retraction(&mia, Kind::Post, &guid("reshare"))).await;
        assert_eq!(count(&pods.left, "SELECT reshares_count FROM posts").await, 0);
        say(&mut alice, "three").await;
        assert_eq!((mia.letters(&pods.left).await.len(), noa.letters(&pods.left).await.len()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_closed_account_leaves_only_what_it_said_to_others() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let hers = alice.publish("hello from the left", &["public"]).await;
        pods.settle().await;
        bob.post(&format!("/posts/{hers}/comments"), &[("text", "this stays")]).await;
        let his = bob.publish("this goes", &["public"]).await;
        pods.settle().await;
        alice.get("/stream").await.shows("this goes");
        let bobs_page = alice.get("/stream").await.text();
        let (_, rest) = bobs_page
            .split_once("this goes")
            .map(|(before, _)| before.rsplit_once("/people/").unwrap())
            .unwrap();
        let bobs_page =
            format!("/people/{}", rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());

        bob.get("/user/edit").await.shows("Close this account");
        let close = |password: &'static str| [("_method", "delete"), ("user[current_password]", password)];
        assert_eq!(bob.post("/user", &close("wrong")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        bob.get("/stream").await.shows("this goes");
        assert_eq!(bob.post("/user", &close(PASSWORD)).await.location(), "/users/sign_in");
        pods.settle().await;

        // there
        assert_ne!(bob.get("/stream").await.status, StatusCode::OK);
        let again = [("user[username]", "bob"), ("user[password]", PASSWORD)];
        assert_ne!(pods.right.browser().post("/users/sign_in", &again).await.status, StatusCode::FOUND);
        let taken = [
            ("user[username]", "bob"),
            ("user[email]", "new@mail.test"),
            ("user[password]", PASSWORD),
            ("user[password_confirmation]", PASSWORD),
        ];
        let refused = pods.right.browser().post("/users", &taken).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the name stays taken");
        let finger = "/.well-known/webfinger?resource=acct:bob@right.test";
        assert_eq!(pods.right.browser().get(finger).await.status, StatusCode::NOT_FOUND);
        // and here
        alice.get("/stream").await.hides("this goes");
        assert_eq!(alice.get(&format!("/posts/{his}")).await.status, StatusCode::NOT_FOUND);
        alice.get(&format!("/posts/{hers}")).await.shows("this stays").shows("account closed");
        assert_eq!(alice.get(&bobs_page).await.status, StatusCode::GONE);
        alice.get("/contacts").await.hides("bob@right.test");
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM people WHERE closed_at IS NOT NULL").await, 1);

        // whoever still writes there is told
        let mia = Peer::join(&pods.wire, "mia@away.test");
        let hello = Contact::new(mia.id.clone(), "bob@right.test".parse().unwrap(), true);
        mia.privately(&pods.right, "bob", hello).await;
        let told = mia.entities(&pods.right).await;
        assert_eq!(
            told,
            [Entity::AccountDeletion(AccountDeletion { author: "bob@right.test".parse().unwrap() })]
        );
        assert_eq!(count(&pods.right, "SELECT COUNT(*) FROM contacts").await, 0);
    })
    .await;
}

#[tokio::test]
async fn only_its_owner_closes_an_account_and_nothing_comes_back() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mia, noa) = followed(&pods).await;
        let post = StatusMessage::new(mia.id.clone(), name("post"), NOW, true, "mia was here".into());
        mia.publicly(&pods.left, post.clone()).await;
        alice.post(&format!("/posts/{}/comments", guid("post")), &[("text", "hello mia")]).await;
        noa.publicly(&pods.left, AccountDeletion { author: mia.id.clone() }).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM posts").await, 1, "not for others to say");
        mia.publicly(&pods.left, AccountDeletion { author: mia.id.clone() }).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM posts").await, 0);
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM contacts").await, 1, "noa's");
        mia.publicly(&pods.left, post).await;
        assert_eq!(count(&pods.left, "SELECT COUNT(*) FROM posts").await, 0);
    })
    .await;
}
