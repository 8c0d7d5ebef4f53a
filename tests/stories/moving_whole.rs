//! Nothing is lost by a move: what the mover said elsewhere, what others said below their posts, and what both mean to
//! pods that come later.
use crate::{
    mover::{archive, died_after, gunzip, gzip, move_in, moved, relocate},
    peer::{NOW, Peer, guid, sql},
};
use axum::http::StatusCode;
use pappus_federation::{
    Relayable as _,
    entity::{Comment, Entity},
};
use pappus_kernel::{account::session, attachment, inbox::ThreadPage};
use pappus_tests::{Browser, PASSWORD, Pods, Running};
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

/// One of these belongs to alicia@new.test there.
macro_rules! hers {
    ($what:literal) => {
        sql(concat!(
            "SELECT COUNT(*) FROM ",
            $what,
            " JOIN people p ON p.id = x.author_id WHERE p.diaspora_id = 'alicia@new.test'"
        ))
    };
}

/// Comments, likes, likes of comments, answers and reshares.
async fn all_of_hers(pod: &Running) -> [i64; 5] {
    [
        pod.pod.count(hers!("comments x")).await,
        pod.pod.count(hers!("likes x")).await,
        pod.pod.count(hers!("comment_likes x")).await,
        pod.pod.count(hers!("attachment_answers x")).await,
        pod.pod.count(hers!("(SELECT * FROM posts WHERE local AND root_id IS NOT NULL) x")).await,
    ]
}

async fn comment(who: &mut Browser, post: &str, text: &str) -> String {
    let said = who.post(&format!("/posts/{post}/comments"), &[("text", text)]).await;
    assert!(said.status.is_success() || said.status == StatusCode::SEE_OTHER, "{}", said.text());
    let page = who.get(&format!("/posts/{post}")).await.text();
    let shown = page.split("id=\"c-").find(|part| part.contains(text)).unwrap();
    shown.chars().take_while(char::is_ascii_hexdigit).collect()
}

async fn click(who: &mut Browser, path: &str, fields: &[(&str, &str)]) {
    let done = who.post(path, fields).await;
    assert!(done.status.is_success() || done.status == StatusCode::SEE_OTHER, "{path}: {}", done.text());
}

/// Hangs a poll on a post before it is sent.
async fn hang_poll(pod: &Running, post: &str) {
    let (poll, yes, no) = (guid("poll"), guid("yes"), guid("no"));
    let xml = format!(
        "<poll><guid>{poll}</guid><question>Well?</question>\
         <poll_answer><guid>{yes}</guid><answer>yes</answer></poll_answer>\
         <poll_answer><guid>{no}</guid><answer>no</answer></poll_answer></poll>"
    );
    let hang = format!(
        "INSERT INTO attachments (post_id, kind, guid, xml) SELECT id, 'poll', '{poll}', '{xml}' FROM posts
         WHERE guid = '{post}'"
    );
    assert_eq!(pod.pod.run(sql(hang.leak())).await, 1);
}

async fn vote(pod: &Running, who: &Browser) {
    let token = who.cookies.get("__Host-pappus").unwrap();
    let owner = session::find(&pod.pod, token).await.unwrap().unwrap().owner().unwrap();
    let poll = guid("poll");
    attachment::answer_as(&pod.pod, owner, ("poll", &poll), "poll_participation", &guid("yes"))
        .await
        .unwrap();
}

/// Alice, of whom the new pod has never heard, has commented, liked, voted and passed on what bob says.
async fn talkative(pods: &Pods) -> (Browser, Browser) {
    let (old, third) = (pods.at("old.test"), pods.at("third.test"));
    let mut alice = old.sign_up("alice").await;
    let mut carl = old.sign_up("carl").await;
    let mut bob = third.sign_up("bob").await;
    carl.share_with("bob@third.test", "Friends").await;
    pods.settle().await;
    let told = bob.publish("what bob says", &["public"]).await;
    hang_poll(third, &told).await;
    let passed = bob.publish("worth passing on", &["public"]).await;
    pods.settle().await;
    let more = comment(&mut bob, &told, "bob adds something").await;
    pods.settle().await;
    comment(&mut alice, &told, "what alice answers").await;
    click(&mut alice, &format!("/posts/{told}/likes"), &[]).await;
    click(&mut alice, &format!("/comments/{more}/likes"), &[]).await;
    click(&mut alice, "/reshares", &[("root_guid", &passed)]).await;
    vote(old, &alice).await;
    pods.settle().await;
    let history = format!(
        "UPDATE comments SET edited_at = 1700000000000000, thread_parent_guid = '{more}'
         WHERE text = 'what alice answers'"
    );
    assert_eq!(old.pod.run(sql(history.leak())).await, 1);
    (alice, bob)
}

#[tokio::test]
async fn what_hangs_on_things_that_were_not_here_comes_along() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new) = (pods.at("old.test"), pods.at("new.test"));
        let (mut alice, _) = talkative(&pods).await;
        let json = gunzip(&archive(old, &mut alice).await);
        let said = json["user"]["relayables"].as_array().unwrap();
        let kinds: Vec<&str> = said.iter().map(|one| one["entity_type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["comment", "like", "like", "poll_participation"]);
        let order = ["author", "guid", "parent_guid", "text", "created_at", "edited_at", "thread_parent_guid"];
        assert_eq!(said[0]["property_order"], json!(order));
        assert_eq!((&said[2]["entity_data"]["parent_type"], &said[0]["root_author"]), (
            &json!("Comment"),
            &json!("bob@third.test")
        ));

        let mut alicia = relocate(&pods, (old, &mut alice), (new, "alicia")).await;
        // the comment that she liked comes with everything below its post
        pods.clock.advance(Duration::from_mins(2));
        pods.settle().await;
        alicia.get("/user/move").await.shows("You have moved in").hides("What was left out").hides("still to come");
        assert_eq!(all_of_hers(new).await, [1, 1, 1, 1, 1]);
        let history = "SELECT COUNT(*) FROM comments WHERE edited_at = 1700000000000000
                       AND thread_parent_guid IN (SELECT guid FROM comments WHERE text = 'bob adds something')";
        assert_eq!(new.pod.count(sql(history)).await, 1);
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM notifications")).await, 0, "it is no news");
        let counted = "SELECT comments_count + likes_count FROM posts WHERE text = 'what bob says'";
        assert_eq!(new.pod.count(sql(counted)).await, 3);
    })
    .await;
}

#[tokio::test]
async fn where_an_archive_says_no_more_the_pod_that_is_left_leads_on() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new) = (pods.at("old.test"), pods.at("new.test"));
        let (mut alice, _) = talkative(&pods).await;
        let mut json = gunzip(&archive(old, &mut alice).await);
        for one in json["user"]["relayables"].as_array_mut().unwrap() {
            let one = one.as_object_mut().unwrap();
            assert!(one.remove("root_author").is_some() && one.remove("root_guid").is_some());
        }
        let mut alicia = new.sign_up("alicia").await;
        move_in(&mut alicia, &gzip(&json)).await;
        pods.settle().await;
        assert_eq!(all_of_hers(new).await, [1; 5]);
        alicia.get("/user/move").await.shows("You have moved in").hides("What was left out");
    })
    .await;
}

#[tokio::test]
async fn a_move_waits_for_no_pod_and_what_is_there_comes_later() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let (mut alice, _) = talkative(&pods).await;
        pods.wire.leave("third.test");
        let mut alicia = relocate(&pods, (old, &mut alice), (new, "alicia")).await;
        alicia.get("/user/move").await.shows("You have moved in").shows("7 things are still to come");
        assert_eq!((all_of_hers(new).await, moved(old).await), ([0; 5], 1));
        let asked = |pods: &Pods| {
            let failed = pods.wire.failed.lock().unwrap();
            failed.iter().filter(|url| url.contains("third.test/fetch/")).count()
        };
        assert!((3..=6).contains(&asked(&pods)), "it is not asked for each thing: {}", asked(&pods));
        pods.wire.join("third.test", third.router.clone());
        for _ in 0..4 {
            pods.clock.advance(HOUR);
            pods.settle().await;
        }
        let mut alicia = new.sign_in("alicia").await;
        alicia.get("/user/move").await.hides("still to come").hides("What was left out");
        assert_eq!(all_of_hers(new).await, [1; 5]);
        // as if they had always been here
        alicia.get("/stream").await.shows("worth passing on");
    })
    .await;
}

#[tokio::test]
async fn what_is_never_to_be_had_is_in_the_report() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new) = (pods.at("old.test"), pods.at("new.test"));
        let (mut alice, _) = talkative(&pods).await;
        pods.wire.leave("third.test");
        relocate(&pods, (old, &mut alice), (new, "alicia")).await;
        for _ in 0..40 {
            pods.clock.advance(HOUR * 8);
            pods.settle().await;
        }
        let mut alicia = new.sign_in("alicia").await;
        let page = alicia.get("/user/move").await;
        page.shows("has not answered for days").shows("7 things").hides("still to come");
        assert_eq!(all_of_hers(new).await, [0; 5]);
        let left = "SELECT COUNT(*) FROM archive_import_items WHERE state = 'waiting' OR payload <> ''";
        assert_eq!(new.pod.count(sql(left)).await, 0);
    })
    .await;
}

/// Alice of old.test has a post, and the guid of that: bob, a neighbour and frank say something below it.
async fn discussed(pods: &Pods, frank: &Peer) -> (Browser, Browser, String) {
    let old = pods.at("old.test");
    let (mut alice, mut dora) = (old.sign_up("alice").await, old.sign_up("dora").await);
    let mut bob = pods.at("third.test").sign_up("bob").await;
    bob.share_with("alice@old.test", "Friends").await;
    pods.settle().await;
    let post = alice.publish("what alice says", &["public"]).await;
    pods.settle().await;
    comment(&mut bob, &post, "bob was here").await;
    click(&mut bob, &format!("/posts/{post}/likes"), &[]).await;
    let doras = comment(&mut dora, &post, "dora was here").await;
    pods.settle().await;
    click(&mut bob, &format!("/comments/{doras}/likes"), &[]).await;
    frank.publicly(old, franks(frank, &post, "frank was here")).await;
    comment(&mut alice, &post, "alice answers").await;
    pods.settle().await;
    (alice, bob, post)
}

fn franks(frank: &Peer, post: &str, text: &str) -> Comment {
    let name = guid(&text.replace(' ', "")).parse().unwrap();
    let mut said = Comment::new(frank.id.clone(), name, post.parse().unwrap(), text, NOW).unwrap();
    said.sign(frank.key()).unwrap();
    said
}

#[tokio::test]
async fn the_new_home_has_and_hands_out_what_others_said_before() {
    Pods::on_both(&["old.test", "new.test", "third.test", "late.test"], async |pods| {
        let (old, new, late) = (pods.at("old.test"), pods.at("new.test"), pods.at("late.test"));
        let frank = Peer::join(&pods.wire, "frank@fourth.test");
        let (mut alice, mut bob, post) = discussed(&pods, &frank).await;
        let json = gunzip(&archive(old, &mut alice).await);
        assert_eq!(json["others_data"]["relayables"].as_array().unwrap().len(), 5);
        pods.wire.posted.lock().unwrap().clear();
        let mut alicia = relocate(&pods, (old, &mut alice), (new, "alicia")).await;
        alicia.get("/user/move").await.shows("You have moved in").hides("What was left out");
        let page = alicia.get(&format!("/posts/{post}")).await;
        page.shows("bob was here").shows("dora was here").shows("frank was here").shows("alice answers");
        let news = "SELECT COUNT(*) FROM notifications WHERE kind LIKE '%comment%' OR kind LIKE '%like%'";
        assert_eq!(new.pod.count(sql(news)).await, 0);
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM relay_payloads")).await, 5);
        assert!(frank.entities(new).await.is_empty(), "nobody is told again of what they know");

        // each piece once, in an envelope of the new identity
        let (mut next, mut pieces) = (Some(String::new()), Vec::new());
        while let Some(after) = next {
            let answer = new.browser().get(&format!("/-/thread/{post}?after={after}")).await;
            let page: ThreadPage = serde_json::from_slice(&answer.body).unwrap();
            pieces.extend(page.items.into_iter().map(|piece| piece.kind));
            next = page.next;
        }
        assert_eq!(pieces, ["Comment", "Comment", "Comment", "Comment", "Like", "Like"]);
        let mut zoe = late.sign_up("zoe").await;
        alicia.share_with("zoe@late.test", "Friends").await;
        pods.settle().await;
        let told = format!("remember diaspora://alicia@new.test/post/{post} ?");
        alicia.publish(&told, &["public"]).await;
        pods.settle().await;
        let page = zoe.get(&format!("/posts/{post}")).await;
        page.shows("bob was here").shows("dora was here").shows("frank was here").shows("alice answers");
        assert_eq!(late.pod.count(sql("SELECT COUNT(*) FROM likes")).await, 1);
        assert_eq!(late.pod.count(sql("SELECT COUNT(*) FROM comment_likes")).await, 1);

        // and whoever spoke below it hears what is said there now
        comment(&mut bob, &post, "bob is here again").await;
        pods.settle().await;
        alicia.get(&format!("/posts/{post}")).await.shows("bob is here again");
        zoe.get(&format!("/posts/{post}")).await.shows("bob is here again");
        let heard = frank.letters(new).await;
        let again = heard.iter().find_map(|letter| match &letter.entity {
            Entity::Comment(it) => Some((letter.sender.as_str(), it.author.as_str(), it.text.as_str())),
            _ => None,
        });
        assert_eq!(again, Some(("alicia@new.test", "bob@third.test", "bob is here again")));
    })
    .await;
}

#[tokio::test]
async fn a_second_move_takes_the_words_of_others_along_too() {
    Pods::on_both(&["old.test", "new.test", "third.test", "last.test"], async |pods| {
        let (old, new, last) = (pods.at("old.test"), pods.at("new.test"), pods.at("last.test"));
        let frank = Peer::join(&pods.wire, "frank@fourth.test");
        let (mut alice, _, post) = discussed(&pods, &frank).await;
        let mut alicia = relocate(&pods, (old, &mut alice), (new, "alicia")).await;
        let mut ally = relocate(&pods, (new, &mut alicia), (last, "ally")).await;
        let page = ally.get(&format!("/posts/{post}")).await;
        page.shows("bob was here").shows("dora was here").shows("frank was here").shows("alice answers");
        assert_eq!(last.pod.count(sql("SELECT COUNT(*) FROM relay_payloads")).await, 5);
    })
    .await;
}

#[tokio::test]
async fn words_that_nobody_said_are_not_taken_from_an_archive() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new) = (pods.at("old.test"), pods.at("new.test"));
        let frank = Peer::join(&pods.wire, "frank@fourth.test");
        let mut alice = old.sign_up("alice").await;
        let mut victim = new.sign_up("victim").await;
        let theirs = victim.publish("the victim's own words", &["public"]).await;
        let family = alice.aspect("Family").await;
        let limited = alice.publish("for the family", &[&family]).await;
        let post = alice.publish("for everybody", &["public"]).await;
        let mut json = gunzip(&archive(old, &mut alice).await);
        let said = |post: &str, text| pappus_federation::archive::to_json(&franks(&frank, post, text).into());
        let changed = |key: &str, value: Value| {
            let mut one = said(&post, "a good word");
            one["entity_data"][key] = value;
            one
        };
        json["others_data"]["relayables"] = json!([
            changed("text", "a bad word".into()),
            changed("author", "victim@new.test".into()),
            changed("author_signature", "".into()),
            changed("author", "alice@old.test".into()),
            said(&theirs, "below somebody else"),
            said(&limited, "where frank cannot read"),
            said(&post, "frank did say this"),
            said(&post, "frank did say this"),
            changed("text", "x".repeat(2 << 20).into()),
            { "entity_type": "status_message", "entity_data": { "author": "frank@fourth.test" } },
            null,
            7,
        ]);
        let mut alicia = new.sign_up("alicia").await;
        move_in(&mut alicia, &gzip(&json)).await;
        pods.settle().await;
        let page = alicia.get("/user/move").await;
        page.shows("You have moved in").shows("Nothing shows that its author said so").shows("3 things");
        page.shows("It is by somebody else").shows("do not want to hear").shows("larger than such a thing");
        let texts = "SELECT COUNT(*) FROM comments WHERE text = 'frank did say this'";
        assert_eq!(new.pod.count(sql(texts)).await, 1);
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM comments")).await, 1);
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM relay_payloads")).await, 1);
        assert!(frank.entities(new).await.is_empty(), "an archive makes this pod tell nobody anything");
    })
    .await;
}

#[tokio::test]
async fn what_is_fetched_for_a_move_survives_crashes() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let mut alice = old.sign_up("alice").await;
        let (mut carl, mut dora) = (old.sign_up("carl").await, old.sign_up("dora").await);
        let mut bob = third.sign_up("bob").await;
        carl.share_with("bob@third.test", "Friends").await;
        pods.settle().await;
        let hers = alice.publish("what alice says", &["public"]).await;
        for number in 10..25 {
            pods.clock.advance(Duration::from_secs(30));
            let post = bob.publish(&format!("story {number}"), &["public"]).await;
            pods.settle().await;
            comment(&mut alice, &post, &format!("answer {number}")).await;
            comment(&mut dora, &hers, &format!("remark {number}")).await;
        }
        pods.settle().await;
        let file = archive(old, &mut alice).await;
        let mut alicia = new.sign_up("alicia").await;
        new.run_jobs().await;
        move_in(&mut alicia, &file).await;
        let (mut cut, mut halfway) = (0, 0);
        for polls in [5, 150, 250, 350, 450, 600, 800] {
            // the fifth death of one job is taken for its own fault
            if cut == 4 {
                break;
            }
            cut += i32::from(died_after(new, polls).await);
            let open = "SELECT COUNT(*) FROM archive_import_items WHERE state = 'waiting'";
            let done = "SELECT COUNT(*) FROM archive_import_items WHERE state = 'done' AND kind IN ('relayable', 'reply')";
            let (open, done) = (new.pod.count(sql(open)).await, new.pod.count(sql(done)).await);
            halfway += i32::from(open > 0 && done > 0);
            pods.clock.advance(Duration::from_mins(2));
        }
        assert!(cut >= 3 && halfway >= 1, "{cut} crashes, {halfway} of them halfway");
        for _ in 0..3 {
            pods.clock.advance(HOUR);
            pods.settle().await;
        }
        let count = async |text| new.pod.count(sql(text)).await;
        assert_eq!(count("SELECT COUNT(*) FROM comments WHERE text LIKE 'answer %'").await, 15);
        assert_eq!(count("SELECT COUNT(*) FROM comments WHERE text LIKE 'remark %'").await, 15);
        assert_eq!(count("SELECT comments_count FROM posts WHERE text = 'what alice says'").await, 15);
        assert_eq!(count("SELECT COUNT(*) FROM archive_import_items WHERE state <> 'done'").await, 0);
        assert_eq!(moved(third).await + moved(old).await, 2);
    })
    .await;
}

#[tokio::test]
async fn whoever_was_answered_hears_that_an_account_is_closed() {
    Pods::on_both(&["old.test", "third.test"], async |pods| {
        let (old, third) = (pods.at("old.test"), pods.at("third.test"));
        let mut carl = old.sign_up("carl").await;
        let mut vera = old.sign_up("vera").await;
        let mut bob = third.sign_up("bob").await;
        carl.share_with("bob@third.test", "Friends").await;
        pods.settle().await;
        let told = bob.publish("what bob says", &["public"]).await;
        hang_poll(third, &told).await;
        pods.settle().await;
        vote(old, &vera).await;
        pods.settle().await;
        let voted = "SELECT COUNT(*) FROM attachment_answers";
        assert_eq!(third.pod.count(sql(voted)).await, 1);
        let closed = vera.post("/user", &[("_method", "delete"), ("user[current_password]", PASSWORD)]).await;
        assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.text());
        pods.settle().await;
        let gone =
            "SELECT COUNT(*) FROM people WHERE diaspora_id = 'vera@old.test' AND closed_at IS NOT NULL";
        assert_eq!(third.pod.count(sql(gone)).await, 1);
        // as with comments, what was said to others stays, without a name
        assert_eq!(third.pod.count(sql(voted)).await, 1);
    })
    .await;
}
