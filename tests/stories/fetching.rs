//! What a pod gets from another by itself, and what it hands out.
use crate::peer::{NOW, Peer, guid, sql};
use axum::http::StatusCode;
use pappus_federation::entity::StatusMessage;
use pappus_kernel::{db::Sql, sql};
use pappus_tests::{Browser, Running, TwoPods};
use std::time::Duration;

async fn comment(browser: &mut Browser, guid: &str, text: &str) {
    let answer = browser.post(&format!("/posts/{guid}/comments"), &[("text", text)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

#[tokio::test]
async fn a_post_that_comes_late_comes_with_its_whole_thread() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut carol = pods.left.sign_up("carol").await;
        let mut bob = pods.right.sign_up("bob").await;
        let old = alice.publish("an old story", &["public"]).await;
        for number in 1..=130 {
            comment(&mut carol, &old, &format!("remark {number}.")).await;
        }
        comment(&mut alice, &old, "the author agrees").await;
        for one in [&mut alice, &mut carol] {
            assert_eq!(one.post(&format!("/posts/{old}/likes"), &[]).await.status, StatusCode::SEE_OTHER);
        }
        // a comment that is gone stays gone
        comment(&mut carol, &old, "rash words").await;
        let shown = alice.get(&format!("/posts/{old}")).await.text();
        let rash = shown.split("id=\"c-").find(|part| part.contains("rash words")).unwrap();
        let rash: String = rash.chars().take_while(char::is_ascii_hexdigit).collect();
        let gone = carol.post(&format!("/comments/{rash}"), &[("_method", "delete")]).await;
        assert_eq!(gone.status, StatusCode::SEE_OTHER);
        // bob hears of alice only now, and her next post refers to the old one
        pods.settle().await;
        let page = pods.right.browser().get(&format!("/posts/{old}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        alice.share_with("bob@right.test", "Family").await;
        pods.settle().await;
        alice.publish(&format!("remember diaspora://alice@left.test/post/{old} ?"), &["public"]).await;
        pods.settle().await;

        let page = bob.get(&format!("/posts/{old}")).await;
        page.shows("an old story").shows("remark 77.").shows("remark 130.").shows("the author agrees");
        page.hides("rash words").shows("carol@left.test");
        let likes = sql!("SELECT COUNT(*) FROM likes");
        assert_eq!((pods.right.pod.count(likes).await, pods.left.pod.count(likes).await), (2, 2));
        let counted = sql!("SELECT comments_count FROM posts WHERE text = 'an old story'");
        assert_eq!((pods.right.pod.count(counted).await, pods.left.pod.count(counted).await), (131, 131));
        // each is signed once, and nobody is told of what is long past
        assert_eq!(pods.left.pod.count(sql!("SELECT COUNT(*) FROM comment_envelopes")).await, 131);
        bob.get("/notifications").await.hides("carol@left.test");
        let asked = |pods: &TwoPods| {
            let sent = pods.wire.sent.lock().unwrap();
            sent.iter().filter(|(url, _)| url.contains("/-/thread/")).count()
        };
        assert_eq!(asked(&pods), 9, "seven pages of comments, one of likes, one of likes of comments");

        // what is said later comes when somebody looks, though nobody sent it
        bob.get(&format!("/posts/{old}")).await.shows("remark 77.");
        pods.settle().await;
        assert_eq!(asked(&pods), 9, "not at every look");
        let lost = sql!("DELETE FROM comments WHERE text = 'remark 77.'");
        assert_eq!(pods.right.pod.run(lost).await, 1);
        pods.clock.advance(Duration::from_hours(2));
        bob.get(&format!("/posts/{old}")).await.hides("remark 77.");
        pods.settle().await;
        bob.get(&format!("/posts/{old}")).await.shows("remark 77.");
    })
    .await;
}

#[tokio::test]
async fn nothing_limited_is_handed_out_by_any_door() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let family = alice.aspect("Family").await;
        let limited = alice.publish("for few", &[&family]).await;
        let public = alice.publish("for all", &["public"]).await;
        for guid in [&limited, &public] {
            comment(&mut alice, guid, "a remark").await;
        }
        let me = alice.get(&format!("/posts/{public}")).await.after("/people/").unwrap();
        let remark = |page: &str| {
            let part = page.split("id=\"c-").nth(1).unwrap();
            part.chars().take_while(char::is_ascii_hexdigit).collect::<String>()
        };
        let of_limited = remark(&alice.get(&format!("/posts/{limited}")).await.text());
        let of_public = remark(&alice.get(&format!("/posts/{public}")).await.text());
        let mut stranger = pods.left.browser();
        for (guid, of, status) in
            [(&limited, &of_limited, StatusCode::NOT_FOUND), (&public, &of_public, StatusCode::OK)]
        {
            for path in [
                format!("/fetch/post/{guid}"),
                format!("/fetch/status_message/{guid}"),
                format!("/fetch/reshare/{guid}"),
                format!("/fetch/comment/{of}"),
                format!("/-/thread/{guid}"),
                format!("/posts/{guid}.json"),
                format!("/posts/{guid}/comments.json"),
            ] {
                assert_eq!(stranger.get(&path).await.status, status, "{path}");
            }
        }
        for kind in ["like", "photo", "profile", "Post", "participation", "x"] {
            let path = format!("/fetch/{kind}/{public}");
            assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in [format!("/people/{me}/stream"), format!("/people/{me}/stream.json")] {
            let list = stranger.get(&path).await;
            list.shows(&public).shows("\"public\":true").hides(&limited);
            let none = stranger.get(&format!("{path}?max_time=1000000000")).await;
            assert_eq!(none.text(), "[]");
        }
        let whole = stranger.get(&format!("/posts/{public}.json")).await;
        whole.shows("a remark").shows("alice@left.test").shows(&of_public);
    })
    .await;
}

#[tokio::test]
async fn what_is_from_elsewhere_is_pointed_to() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        pods.right.sign_up("bob").await;
        alice.share_with("bob@right.test", "Family").await;
        pods.settle().await;
        let guid = alice.publish("hello", &["public"]).await;
        pods.settle().await;
        let answer = pods.right.browser().get(&format!("/fetch/post/{guid}")).await;
        assert_eq!(answer.status, StatusCode::FOUND);
        assert_eq!(answer.location(), format!("https://left.test/fetch/post/{guid}"));
        assert_eq!(
            pods.right.browser().get(&format!("/-/thread/{guid}")).await.status,
            StatusCode::NOT_FOUND
        );
    })
    .await;
}

#[tokio::test]
async fn somebody_is_found_by_whatever_was_pasted() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut bob = pods.right.sign_up("bob").await;
        let old = bob.publish("written before", &["public"]).await;
        let guid = bob.get(&format!("/posts/{old}")).await.after("/people/").unwrap();
        let mut found = async |typed: &str| {
            let query = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>();
            alice.get(&format!("/people?q={query}")).await.text()
        };
        assert!(found("https://right.test/people/0123456789abcdef").await.contains("does not know"));
        assert!(found("nobody@right.test").await.contains("does not know"));
        assert!(found("bob@nowhere.test").await.contains("did not answer"));
        assert!(found("ftp://right.test/u/bob").await.contains("neither"));
        for typed in [
            format!("https://right.test/people/{guid}"),
            "https://right.test/u/bob".into(),
            "right.test/u/bob".into(),
            "bob@right.test".into(),
        ] {
            assert!(found(&typed).await.contains(&format!("/people/{guid}")), "{typed}");
        }
        pods.settle().await;
        alice.get(&format!("/people/{guid}")).await.shows("written before");
        alice.get("/stream").await.hides("written before");
    })
    .await;
}

#[tokio::test]
async fn after_a_new_start_with_a_new_key_an_admin_decides() {
    TwoPods::on_both(async |mut pods| {
        let mut alice = pods.left.sign_up("alice").await;
        pods.right.sign_up("bob").await;
        alice.share_with("bob@right.test", "Family").await;
        pods.settle().await;
        pods.set_up_right_anew().await;
        pods.clock.advance(Duration::from_hours(2));
        let mut bob = pods.right.sign_up("bob").await;
        bob.share_with("alice@left.test", "Friends").await;
        bob.publish("it is me", &["public"]).await;
        pods.settle().await;
        alice.get("/stream").await.hides("it is me");
        alice.get("/notifications").await.hides("bob@right.test");
        assert_eq!(alice.get("/admin/keys").await.status, StatusCode::NOT_FOUND);

        let mut admin = pods.left.sign_in("admina").await;
        admin.get("/admin").await.shows("/admin/keys");
        let page = admin.get("/admin/keys").await;
        page.shows("bob@right.test");
        let text = page.text();
        let field = |mark: &str| text.split(mark).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let (action, shown) = (field("action=\"/admin/keys/"), field("name=\"shown\" value=\""));
        let path = format!("/admin/keys/{action}");
        assert_eq!(admin.post(&path, &[("shown", "0000")]).await.status, StatusCode::CONFLICT);
        assert_eq!(admin.post(&path, &[("shown", &shown)]).await.status, StatusCode::SEE_OTHER);
        admin.get("/admin/keys").await.hides("bob@right.test");
        pods.settle().await;
        // his pod has learnt again that alice shares with him
        bob.get("/notifications").await.shows("alice@left.test");
        bob.publish("still me", &["public"]).await;
        bob.share_with("alice@left.test", "Family").await;
        pods.settle().await;
        alice.get("/stream").await.shows("still me");
    })
    .await;
}

#[tokio::test]
async fn counts_are_told_only_where_the_admin_says_so() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        alice.publish("one", &["public"]).await;
        let mut stranger = pods.left.browser();
        let documents =
            ["/nodeinfo/1.0", "/nodeinfo/2.0", "/nodeinfo/2.1", "/statistics.json", "/statistics"];
        for path in documents {
            stranger.get(path).await.hides("ocalPosts").hides("local_posts").hides("<dd>2</dd>");
        }
        stranger.get("/statistics").await.shows("does not tell");
        stranger.get("/").await.hides("people live here");
        stranger.get("/robots.txt").await.shows("Disallow: /admin").hides("Disallow: /\n");
        assert_eq!(stranger.get("/").await.header("x-robots-tag"), "");

        let mut admin = pods.left.sign_in("admina").await;
        let settings = [("pod_name", "Left"), ("tells_counts", "true"), ("hidden", "true")];
        assert_eq!(admin.post("/admin/settings", &settings).await.status, StatusCode::SEE_OTHER);
        admin.get("/admin/settings").await.shows("name=\"tells_counts\" value=\"true\" checked");
        for path in ["/nodeinfo/1.0", "/nodeinfo/2.0", "/nodeinfo/2.1"] {
            stranger.get(path).await.shows("\"localPosts\":1").shows("\"total\":2");
        }
        stranger.get("/statistics.json").await.shows("\"total_users\":2").shows("\"local_posts\":1");
        stranger.get("/statistics").await.shows("<dd>2</dd>");
        stranger.get("/").await.shows("people live here");
        stranger.get("/robots.txt").await.shows("Disallow: /\n");
        assert_eq!(stranger.get("/").await.header("x-robots-tag"), "noindex");
    })
    .await;
}

#[tokio::test]
async fn who_closed_or_moved_is_shown_as_such() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        pods.right.sign_up("bob").await;
        pods.right.sign_up("bobby").await;
        let mut guid = async |typed: &str| {
            alice.get(&format!("/people?q={typed}")).await.after("person-link\" href=\"/people/").unwrap()
        };
        let (old, new) = (guid("bob@right.test").await, guid("bobby@right.test").await);
        let close = sql!("UPDATE people SET closed_at = 1 WHERE diaspora_id = 'bob@right.test'");
        assert_eq!(pods.left.pod.run(close).await, 1);
        assert_eq!(alice.get(&format!("/people/{old}")).await.status, StatusCode::GONE);
        assert_eq!(alice.get(&format!("/people/{old}.json")).await.status, StatusCode::GONE);
        let moved = sql!(
            "UPDATE people SET moved_to_id = (SELECT n.id FROM people n WHERE n.diaspora_id = 'bobby@right.test')
             WHERE diaspora_id = 'bob@right.test'"
        );
        assert_eq!(pods.left.pod.run(moved).await, 1);
        let answer = alice.get(&format!("/people/{old}")).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, &*format!("/people/{new}")));
        alice.get(&format!("/people/{new}")).await.shows("has moved here");
    })
    .await;
}

#[tokio::test]
async fn a_feed_has_what_a_member_says_to_everybody() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let aspect = alice.aspect("Family").await;
        alice.publish("# Sowing & <reaping>\nin the garden", &["public"]).await;
        alice.publish("only for family", &[&aspect]).await;
        let mut visitor = pods.left.browser();
        let feed = visitor.get("/public/alice.atom").await;
        assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
        feed.shows("<title>Sowing &amp; &lt;reaping&gt;</title>").shows("https://left.test/posts/");
        feed.hides("only for family");
        // her own look at it tells no more
        alice.get("/public/alice.atom").await.shows("Sowing").hides("only for family");
        for missing in ["/public/nobody.atom", "/public/alice", "/public/alice.rss"] {
            assert_eq!(visitor.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
        }
        let finger = visitor.get("/.well-known/webfinger?resource=acct:alice@left.test").await;
        finger.shows("https://left.test/public/alice.atom");
    })
    .await;
}

const ALICE: Sql = sql("SELECT guid FROM people WHERE diaspora_id = 'alice@left.test'");
const BOB: Sql = sql("SELECT guid FROM people WHERE diaspora_id = 'bob@right.test'");

async fn guid_of(pod: &Running, who: Sql) -> String {
    pod.pod.db.read().await.unwrap().query(who).scalar().await.unwrap().unwrap()
}

fn said(who: &Peer, text: &str) -> StatusMessage {
    StatusMessage::new(
        who.id.clone(),
        guid(text.split(' ').next().unwrap()).parse().unwrap(),
        NOW,
        true,
        text.into(),
    )
}

#[tokio::test]
async fn who_takes_the_guid_of_another_keeps_nobody_away() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut bob = pods.right.sign_up("bob").await;
        let guid = guid_of(&pods.right, BOB).await;
        // a thief comes first, with his guid
        let thief = Peer::join_as(&pods.wire, "thief@away.test", &guid);
        thief.publicly(&pods.left, said(&thief, "mine now")).await;
        alice.get(&format!("/people/{guid}")).await.shows("thief@away.test");

        alice.share_with("bob@right.test", "Family").await;
        bob.share_with("alice@left.test", "Family").await;
        pods.settle().await;
        let (hers, his) = (alice.aspect("Family").await, bob.aspect("Family").await);
        alice.publish("only for family", &[&hers]).await;
        bob.publish("it is really me", &[&his]).await;
        pods.settle().await;
        alice.get("/stream").await.shows("it is really me");
        bob.get("/stream").await.shows("only for family");
        // he has a page of his own here, where everything of his is
        let here = guid_of(&pods.left, BOB).await;
        assert_ne!(here, guid);
        let page = alice.get(&format!("/people/{here}")).await;
        page.shows("bob@right.test").shows("it is really me").hides("mine now");
        // and what he says under his own guid is about himself
        let her = guid_of(&pods.right, ALICE).await;
        assert_eq!(bob.post(&format!("/people/{her}/aspects"), &[]).await.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        let sharing = sql!("SELECT COUNT(*) FROM contacts WHERE sharing");
        assert_eq!(pods.left.pod.count(sharing).await, 0);
        // whose guid was made here is taken by nobody
        let other = Peer::join_as(&pods.wire, "other@elsewhere.test", &her);
        other.publicly(&pods.left, said(&other, "i am alice")).await;
        let others = sql!("SELECT COUNT(*) FROM people WHERE diaspora_id = 'other@elsewhere.test'");
        assert_eq!(pods.left.pod.count(others).await, 0);
    })
    .await;
}
