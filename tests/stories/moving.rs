//! Moving from pod to pod: archives out and in, contacts that follow, and what must not be possible.
use crate::peer::{Letter, Peer, sql};
use axum::http::StatusCode;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use pappus_federation::{
    PrivateKey,
    entity::{AccountMigration, Comment, Contact, Entity, Profile},
    id::DiasporaId,
};
use pappus_kernel::{moving, remote_pod};
use pappus_tests::{Browser, PASSWORD, Pods, Running};
use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    time::Duration,
};

const HOUR: Duration = Duration::from_hours(1);

pub fn gunzip(file: &[u8]) -> Value {
    let mut json = Vec::new();
    GzDecoder::new(file).read_to_end(&mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn gzip(json: &Value) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::none());
    out.write_all(json.to_string().as_bytes()).unwrap();
    out.finish().unwrap()
}

/// The member's archive, asked for and fetched as the pages do it.
pub async fn archive(pod: &Running, who: &mut Browser) -> Vec<u8> {
    let asked = who.post("/user/export_profile", &[("export_password", PASSWORD)]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
    pod.run_jobs().await;
    let file = who.post("/user/download_profile", &[("download_password", PASSWORD)]).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text());
    assert_eq!((file.header("content-type"), file.header("cache-control")), ("application/gzip", "no-store"));
    file.body
}

pub async fn move_in(who: &mut Browser, file: &[u8]) {
    let begun = who.upload("/user/move", "archive", file).await;
    assert_eq!((begun.status, begun.location()), (StatusCode::SEE_OTHER, "/user/move"), "{}", begun.text());
}

pub async fn person_guid(pod: &Running, id: &str) -> String {
    let found = pappus_kernel::person::discover(&pod.pod, &id.parse::<DiasporaId>().unwrap()).await;
    found.unwrap().guid
}

#[tokio::test]
async fn an_account_moves_with_its_archive_and_everybody_follows() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let carl = Peer::join(&pods.wire, "carl@dead.test");
        let late = Peer::join_running(&pods.wire, "mia@late.test", "friendica");
        let mut alice = old.sign_up("alice").await;
        let mut bob = third.sign_up("bob").await;
        third.sign_up("eve").await;
        alice
            .post(
                "/profile",
                &[("_method", "put"), ("profile[first_name]", "Alice"), ("profile[bio]", "a secret bio")],
            )
            .await;
        alice.share_with("bob@third.test", "Family").await;
        alice.share_with("carl@dead.test", "Work").await;
        pods.settle().await;
        bob.share_with("alice@old.test", "Friends").await;
        alice.post("/tag_followings", &[("name", "frost")]).await;
        pods.settle().await;
        let public = alice.publish("hello, everybody #winter", &["public"]).await;
        let family = alice.aspect("Family").await;
        let limited = alice.publish("only for the family", &[&family]).await;
        let theirs = bob.publish("what bob says", &["public"]).await;
        pods.settle().await;
        alice.post(&format!("/posts/{theirs}/comments"), &[("text", "what alice answers")]).await;
        pods.settle().await;
        bob.get(&format!("/posts/{theirs}")).await.shows("what alice answers");
        let old_guid = person_guid(third, "alice@old.test").await;

        // the archive is for its owner, with the password
        let refused = alice.post("/user/export_profile", &[("export_password", "wrong")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let file = archive(old, &mut alice).await;
        let stolen = alice.post("/user/download_profile", &[("download_password", "wrong")]).await;
        assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut zoe = old.sign_up("zoe").await;
        let none = zoe.post("/user/download_profile", &[("download_password", PASSWORD)]).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        assert_eq!(alice.get("/user/download_profile").await.location(), "/user/move");
        let json = gunzip(&file);
        assert_eq!(
            (json["version"].as_str(), json["user"]["posts"].as_array().unwrap().len()),
            (Some("2.0"), 2)
        );

        // a year later she moves; one of the pods is gone by then
        pods.clock.advance(HOUR * 24 * 365);
        pods.wire.leave("dead.test");
        let mut alicia = new.sign_up("alicia").await;
        bob = third.sign_in("bob").await;
        let mut eve = third.sign_in("eve").await;
        alicia.get("/user/move").await.shows("Move in");
        pods.wire.posted.lock().unwrap().clear();
        move_in(&mut alicia, &file).await;
        alicia.get("/user/move").await.shows("alice@old.test");
        pods.settle().await;
        alicia
            .get("/user/move")
            .await
            .shows("You have moved in")
            .shows("carl@dead.test")
            .shows("did not answer");
        drop(carl);

        // what was hers is hers
        alicia.get("/contacts").await.shows("bob@third.test");
        alicia.get(&format!("/posts/{public}")).await.shows("hello, everybody").shows("2026-11-23");
        alicia.get(&format!("/posts/{limited}")).await.shows("only for the family");
        assert_eq!(new.browser().get(&format!("/posts/{limited}")).await.status, StatusCode::NOT_FOUND);
        alicia.get("/profile/edit").await.shows("a secret bio");
        alicia.get("/tags/frost").await.shows("frost");
        let tags = new.pod.count(sql("SELECT COUNT(*) FROM tag_followings")).await;
        assert_eq!(tags, 1);
        assert_eq!(
            new.pod.count(sql("SELECT COUNT(*) FROM archive_imports WHERE private_key IS NOT NULL")).await,
            0
        );

        // bob's pod knows her as the new one, his aspect holds her, and he reads what he could read
        bob.get("/contacts").await.shows("alicia@new.test").hides("alice@old.test");
        bob.get(&format!("/posts/{theirs}")).await.shows("what alice answers");
        bob.get(&format!("/posts/{limited}")).await.shows("only for the family");
        assert_eq!(eve.get(&format!("/posts/{limited}")).await.status, StatusCode::NOT_FOUND);
        let new_guid = person_guid(third, "alicia@new.test").await;
        bob.get(&format!("/posts/{theirs}")).await.shows(&new_guid).hides(&old_guid);
        let link = bob.get(&format!("/people/{old_guid}")).await;
        assert_eq!(link.location(), format!("/people/{new_guid}"));

        // the old pod sends visitors on, and she cannot sign in there any more
        for path in [format!("/people/{old_guid}"), "/u/alice".into()] {
            let link = old.browser().get(&path).await;
            assert_eq!(link.location(), format!("https://new.test/people/{new_guid}"), "{path}");
        }
        let back = old
            .browser()
            .post("/users/sign_in", &[("user[username]", "alice"), ("user[password]", PASSWORD)])
            .await;
        assert!(back.text().contains("moved to another pod"), "{}", back.text());

        // both directions go on
        let family = alicia.aspect("Family").await;
        alicia.publish("the family, from here", &[&family]).await;
        let friends = bob.aspect("Friends").await;
        bob.publish("for friends, after the move", &[&friends]).await;
        bob.post(&format!("/posts/{public}/comments"), &[("text", "found you")]).await;
        pods.settle().await;
        bob.get("/stream").await.shows("the family, from here");
        eve.get("/stream").await.hides("the family, from here");
        alicia.get("/stream").await.shows("for friends, after the move");
        alicia.get(&format!("/posts/{public}")).await.shows("found you");
        for pod in [old, new, third] {
            assert_eq!(
                pod.pod.count(sql("SELECT COUNT(*) FROM posts WHERE text LIKE 'hello, everybody%'")).await,
                1
            );
        }

        // who still writes to the old one is told
        let contact = Contact::new(late.id.clone(), "alice@old.test".parse().unwrap(), true);
        late.privately(old, "alice", contact.clone()).await;
        old.run_jobs().await;
        let told = late.letters(old).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].public);
        let Entity::AccountMigration(told) = &told[0].entity else { panic!("{told:?}") };
        assert_eq!(told.new_identity().as_str(), "alicia@new.test");
        assert_eq!(told.profile.bio, None, "what is for contacts is not told to everybody");
        // privately, once it is known that the pod takes that word no other way
        remote_pod::sweep(&old.pod).await.unwrap();
        old.run_jobs().await;
        late.privately(old, "alice", contact).await;
        old.run_jobs().await;
        let told = late.letters(old).await;
        assert!(matches!(
            told.as_slice(),
            [Letter { entity: Entity::AccountMigration(_), public: false, .. }]
        ));

        // the same word again changes nothing
        let sent = pods.wire.posted.lock().unwrap().clone();
        let to_third = sent.iter().filter(|(url, _)| url == "https://third.test/receive/public");
        let bodies: Vec<_> = to_third.map(|(_, body)| body.clone()).collect();
        assert!(!bodies.is_empty());
        let before = state(third).await;
        for body in bodies {
            pappus_kernel::inbox::accept_public(&third.pod, body).await.unwrap();
        }
        third.run_jobs().await;
        assert_eq!(state(third).await, before);
    })
    .await;
}

/// What a replay must not change.
async fn state(pod: &Running) -> Vec<i64> {
    let mut counts = Vec::new();
    for text in [
        "SELECT COUNT(*) FROM people WHERE moved_to_id IS NOT NULL",
        "SELECT COUNT(*) FROM contacts",
        "SELECT COUNT(*) FROM aspect_memberships",
        "SELECT COUNT(*) FROM posts",
        "SELECT COUNT(*) FROM comments",
        "SELECT CAST(COALESCE(SUM(author_id), 0) AS BIGINT) FROM posts",
        "SELECT COUNT(*) FROM notifications",
    ] {
        counts.push(pod.pod.count(sql(text)).await);
    }
    counts
}

#[tokio::test]
async fn whoever_moved_twice_is_found_where_they_are_now() {
    Pods::on_both(&["a.test", "b.test", "c.test", "d.test"], async |pods| {
        let (a, b, c, d) = (pods.at("a.test"), pods.at("b.test"), pods.at("c.test"), pods.at("d.test"));
        let mut first = a.sign_up("first").await;
        let mut dora = d.sign_up("dora").await;
        first.share_with("dora@d.test", "Family").await;
        pods.settle().await;
        dora.share_with("first@a.test", "Friends").await;
        pods.settle().await;
        let post = first.publish("written long ago", &["public"]).await;
        pods.settle().await;
        let first_guid = person_guid(d, "first@a.test").await;
        let file = archive(a, &mut first).await;
        let mut second = b.sign_up("second").await;
        move_in(&mut second, &file).await;
        pods.settle().await;
        let file = archive(b, &mut second).await;
        let mut third = c.sign_up("third").await;
        move_in(&mut third, &file).await;
        pods.settle().await;
        dora.get("/contacts").await.shows("third@c.test").hides("second@b.test").hides("first@a.test");
        let now = person_guid(d, "third@c.test").await;
        assert_eq!(dora.get(&format!("/people/{first_guid}")).await.location(), format!("/people/{now}"));
        third.get(&format!("/posts/{post}")).await.shows("written long ago");
        // both old pods lead there
        let next = person_guid(a, "second@b.test").await;
        assert_eq!(a.browser().get("/u/first").await.location(), format!("https://c.test/people/{now}"));
        let last = b.browser().get(&format!("/people/{next}")).await;
        assert_eq!(last.location(), format!("https://c.test/people/{now}"));
        dora.post(&format!("/posts/{post}/comments"), &[("text", "still reading")]).await;
        pods.settle().await;
        third.get(&format!("/posts/{post}")).await.shows("still reading");
    })
    .await;
}

#[tokio::test]
async fn a_move_needs_the_word_of_both() {
    Pods::on_both(&["home.test"], async |pods| {
        let home = pods.at("home.test");
        let mut bob = home.sign_up("bob").await;
        let old = Peer::join(&pods.wire, "old@one.test");
        let new = Peer::join(&pods.wire, "new@two.test");
        let thief = Peer::join(&pods.wire, "thief@three.test");
        bob.share_with("old@one.test", "Friends").await;
        pods.settle().await;
        for id in ["new@two.test", "thief@three.test"] {
            person_guid(home, id).await;
        }
        let moved =
            async || home.pod.count(sql("SELECT COUNT(*) FROM people WHERE moved_to_id IS NOT NULL")).await;
        let word = |author: &DiasporaId, to: &Peer, signer: Option<&PrivateKey>| {
            let mut word =
                AccountMigration::new(author.clone(), old.id.clone(), Profile::new(to.id.clone(), true));
            if let Some(key) = signer {
                word.sign(key).unwrap();
            }
            word
        };
        // the old one alone, with a stranger's signature, and a thief who names himself
        old.publicly(home, word(&old.id, &new, None)).await;
        old.publicly(home, word(&old.id, &new, Some(old.key()))).await;
        old.publicly(home, word(&old.id, &new, Some(thief.key()))).await;
        thief.publicly(home, word(&thief.id, &thief, Some(thief.key()))).await;
        thief.publicly(home, word(&old.id, &thief, Some(thief.key()))).await;
        assert_eq!(moved().await, 0);
        bob.get("/contacts").await.shows("old@one.test");
        // both, sent by the new one
        new.publicly(home, word(&new.id, &new, Some(old.key()))).await;
        home.run_jobs().await;
        assert_eq!(moved().await, 1);
        bob.get("/contacts").await.shows("new@two.test").hides("old@one.test");
        let told = new.entities(home).await;
        assert!(
            told.iter().any(|one| matches!(one, Entity::Contact(contact) if contact.sharing)),
            "{told:?}"
        );
        // and that was that: nobody moves twice, nor back
        let thief_gets = {
            let mut word =
                AccountMigration::new(thief.id.clone(), old.id.clone(), Profile::new(thief.id.clone(), true));
            word.sign(old.key()).unwrap();
            word
        };
        thief.publicly(home, thief_gets).await;
        let mut back =
            AccountMigration::new(old.id.clone(), new.id.clone(), Profile::new(old.id.clone(), true));
        back.sign(new.key()).unwrap();
        old.publicly(home, back).await;
        assert_eq!(moved().await, 1);
        bob.get("/contacts").await.shows("new@two.test");
        // the old key says nothing any more
        let post = bob.publish("after the move", &["public"]).await;
        let mut late = Comment::new(
            old.id.clone(),
            "0123456789abcdef01".parse().unwrap(),
            post.parse().unwrap(),
            "from the old key",
            crate::peer::NOW,
        )
        .unwrap();
        pappus_federation::Relayable::sign(&mut late, old.key()).unwrap();
        old.publicly(home, late).await;
        bob.get(&format!("/posts/{post}")).await.hides("from the old key");
    })
    .await;
}

#[tokio::test]
async fn an_archive_that_is_not_its_owners_moves_nothing() {
    Pods::on_both(&["old.test", "new.test"], async |pods| {
        let (old, new) = (pods.at("old.test"), pods.at("new.test"));
        let mut alice = old.sign_up("alice").await;
        old.sign_up("bob").await;
        alice.publish("mine", &["public"]).await;
        let file = archive(old, &mut alice).await;
        let whole = gunzip(&file);
        let with = |change: &dyn Fn(&mut Value)| {
            let mut json = whole.clone();
            change(&mut json);
            gzip(&json)
        };
        let other_key = PrivateKey::generate_small().unwrap().to_pem().unwrap();
        let mut eve = new.sign_up("eve").await;
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(&vec![b' '; 20 << 20]).unwrap();
        let bomb = bomb.finish().unwrap();
        let refused: [(Vec<u8>, &str); 9] = [
            (
                with(&|json| json["user"]["private_key"] = other_key.as_str().into()),
                "not the one of this account",
            ),
            (
                with(&|json| json["user"]["profile"]["entity_data"]["author"] = "bob@old.test".into()),
                "not the one of this account",
            ),
            (
                with(&|json| json["user"]["profile"]["entity_data"]["author"] = "nobody@old.test".into()),
                "does not know this account",
            ),
            (
                with(&|json| json["user"]["profile"]["entity_data"]["author"] = "eve@new.test".into()),
                "on this pod already",
            ),
            (
                with(&|json| json["user"]["private_key"] = "a".repeat(10 << 20).into()),
                "no usable private key",
            ),
            (with(&|json| json["version"] = "1.0".into()), "It reads version 2.0"),
            (file[..file.len() / 2].to_vec(), "damaged or was cut off"),
            (b"no archive at all".to_vec(), "not an archive"),
            (bomb, "more than an archive may hold"),
        ];
        for (at, (file, sentence)) in refused.iter().enumerate() {
            let answer = eve.upload("/user/move", "archive", file).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{at}: {}", answer.text());
            assert!(answer.text().contains(sentence), "{at}: {sentence}\n{}", answer.text());
            pods.clock.advance(HOUR);
        }
        // nobody can say whose it is
        let gone = with(&|json| json["user"]["profile"]["entity_data"]["author"] = "alice@gone.test".into());
        let answer = eve.upload("/user/move", "archive", &gone).await;
        assert!(answer.text().contains("nothing shows that this account is yours"), "{}", answer.text());
        for table in ["SELECT COUNT(*) FROM archive_imports", "SELECT COUNT(*) FROM archive_import_items"] {
            assert_eq!(new.pod.count(sql(table)).await, 0, "{table}");
        }
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM posts")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn only_what_is_the_owners_is_taken_in() {
    Pods::on_both(&["old.test", "new.test"], async |pods| {
        let (old, new) = (pods.at("old.test"), pods.at("new.test"));
        let mut alice = old.sign_up("alice").await;
        alice.publish("mine", &["public"]).await;
        let mut json = gunzip(&archive(old, &mut alice).await);
        let mut victim = new.sign_up("victim").await;
        let theirs = victim.publish("the victim's own words", &["public"]).await;
        let posts = json["user"]["posts"].as_array_mut().unwrap();
        let mine = posts[0].clone();
        let change = |key: &str, value: Value| {
            let mut post = mine.clone();
            post["entity_data"][key] = value;
            post
        };
        let mut foreign = change("author", "victim@new.test".into());
        foreign["entity_data"]["guid"] = "f".repeat(32).into();
        let mut taken = change("guid", theirs.clone().into());
        taken["entity_data"]["text"] = "not what the victim said".into();
        let mut huge = change("guid", "e".repeat(32).into());
        huge["entity_data"]["text"] = "x".repeat(2 << 20).into();
        posts.extend([
            foreign,
            taken,
            huge,
            json!(null),
            json!({ "entity_type": "comment", "entity_data": {} }),
        ]);
        json["user"]["contact_groups"].as_array_mut().unwrap().push(json!({ "name": "n".repeat(10 << 20) }));
        json["user"]["followed_tags"] = json!(["good", "two words", 7]);
        json["others_data"]["relayables"] = json!([{}, {}]);
        let mut alicia = new.sign_up("alicia").await;
        move_in(&mut alicia, &gzip(&json)).await;
        pods.settle().await;
        let page = alicia.get("/user/move").await;
        page.shows("You have moved in").shows("by somebody else").shows("Something else has its name");
        page.shows("larger than such a thing may be")
            .shows("cannot be read")
            .shows("stay with their authors");
        victim.get(&format!("/posts/{theirs}")).await.shows("own words").hides("not what the victim said");
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM posts")).await, 2);
        assert_eq!(new.pod.count(sql("SELECT COUNT(*) FROM tag_followings")).await, 1);
        // the same account does not move a second time, nor does a second one into this account
        let mut again = new.sign_up("again").await;
        let answer = again.upload("/user/move", "archive", &gzip(&json)).await;
        assert!(answer.text().contains("has moved already"), "{}", answer.text());
        let answer = alicia.upload("/user/move", "archive", &gzip(&json)).await;
        assert!(answer.text().contains("moved into this account already"), "{}", answer.text());
    })
    .await;
}

#[tokio::test]
async fn a_move_goes_on_after_a_crash_at_any_step() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let mut alice = old.sign_up("alice").await;
        let mut bob = third.sign_up("bob").await;
        alice.share_with("bob@third.test", "Family").await;
        pods.settle().await;
        bob.share_with("alice@old.test", "Friends").await;
        for number in 0..60 {
            pods.clock.advance(Duration::from_secs(1));
            alice.publish(&format!("post {number:02}"), &["public"]).await;
        }
        pods.settle().await;
        let file = archive(old, &mut alice).await;
        let mut alicia = new.sign_up("alicia").await;
        new.run_jobs().await;
        move_in(&mut alicia, &file).await;
        let (mut cut, mut halfway) = (0, 0);
        for polls in [3, 30, 90, 150, 210, 270, 330, 400, 500] {
            if died_after(new, polls).await {
                cut += 1;
            }
            let open =
                new.pod.count(sql("SELECT COUNT(*) FROM archive_import_items WHERE state = 'waiting'")).await;
            let done =
                new.pod.count(sql("SELECT COUNT(*) FROM archive_import_items WHERE state = 'done'")).await;
            halfway += i32::from(open > 0 && done > 0);
            pods.clock.advance(Duration::from_mins(2));
        }
        assert!(cut >= 3 && halfway >= 1, "{cut} crashes, {halfway} of them halfway");
        pods.settle().await;
        assert_eq!(
            new.pod.count(sql("SELECT COUNT(*) FROM archive_imports WHERE finished_at IS NOT NULL")).await,
            1
        );
        for pod in [old, new, third] {
            assert_eq!(pod.pod.count(sql("SELECT COUNT(*) FROM posts WHERE text LIKE 'post %'")).await, 60);
            assert_eq!(
                pod.pod.count(sql("SELECT COUNT(*) FROM people WHERE moved_to_id IS NOT NULL")).await,
                1
            );
        }
        bob.get("/contacts").await.shows("alicia@new.test").hides("alice@old.test");
    })
    .await;
}

/// Runs jobs until they were polled so often, then drops everything, as a killed process does.
async fn died_after(pod: &Running, polls: u32) -> bool {
    let mut work = Box::pin(pappus_kernel::job::run_due(&pod.pod.pod));
    let mut left = polls;
    let died = std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(true);
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| false)
    });
    died.await
}

#[tokio::test]
async fn an_archive_is_kept_for_a_week() {
    Pods::on_both(&["old.test"], async |pods| {
        let old = pods.at("old.test");
        let mut alice = old.sign_up("alice").await;
        archive(old, &mut alice).await;
        alice.get("/user/move").await.shows("Your archive is ready");
        pods.clock.advance(HOUR * 24 * 6);
        moving::sweep(&old.pod).await.unwrap();
        assert_eq!(old.pod.count(sql("SELECT COUNT(*) FROM archive_exports")).await, 1);
        pods.clock.advance(HOUR * 24 + HOUR);
        let gone = alice.post("/user/download_profile", &[("download_password", PASSWORD)]).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        moving::sweep(&old.pod).await.unwrap();
        assert_eq!(old.pod.count(sql("SELECT COUNT(*) FROM archive_exports")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn every_column_that_names_a_person_is_thought_of() {
    let place = pappus_kernel::testing::Place::sqlite().await;
    let columns = sql("SELECT group_concat(name, ' ') FROM (SELECT m.name || '.' || f.\"from\" AS name
         FROM sqlite_master m, pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table' AND f.\"table\" = 'people' ORDER BY 1)");
    let found: Option<String> = place.db.read().await.unwrap().query(columns).scalar().await.unwrap();
    let known: Vec<&str> = moving::REFERENCES.iter().map(|(column, _)| *column).collect();
    assert_eq!(found.unwrap(), known.join(" "));
}
