//! Who hears of what: sharing and stopping, ignoring, and mentions inside and outside of an audience.
use crate::peer::Peer;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use pappus_federation::{
    entity::{Contact, Entity, Profile},
    key::PublicKey,
    receive,
    time::Timestamp,
};
use pappus_kernel::{
    db::Sql,
    env::Fetch,
    remote_pod,
    testing::{Options, Place, TestPod, on_both},
};
use pappus_tests::{Browser, Running, TwoPods};
use std::{sync::Arc, time::Duration};

const fn all(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text, at: "stories" }
}

/// Alice on the left and bob on the right, sharing with each other.
async fn friends(pods: &TwoPods) -> (Browser, Browser) {
    let mut alice = pods.left.sign_up("alice").await;
    let mut bob = pods.right.sign_up("bob").await;
    alice.share_with("bob@right.test", "Family").await;
    pods.settle().await;
    bob.share_with("alice@left.test", "Friends").await;
    pods.settle().await;
    (alice, bob)
}

/// The guid of somebody whom this pod knows.
async fn guid_of(browser: &mut Browser, handle: &str) -> String {
    let page = browser.get(&format!("/people?q={handle}")).await;
    let (_, people) =
        page.text().split_once("<ul class=\"people\">").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let (_, rest) = people.split_once("/people/").unwrap();
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

fn deliveries(pods: &TwoPods) -> usize {
    pods.wire.sent.lock().unwrap().iter().filter(|(url, _)| url.contains("/receive/")).count()
}

fn asked_for(pods: &TwoPods, handle: &str) -> bool {
    let sent = pods.wire.sent.lock().unwrap();
    sent.iter().any(|(url, _)| url.contains("webfinger") && url.contains(handle))
}

#[tokio::test]
async fn sharing_sends_a_contact_and_a_profile_and_a_second_aspect_sends_nothing() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut bob = pods.right.sign_up("bob").await;
        let profile = [("_method", "put"), ("profile[first_name]", "Alice"), ("profile[bio]", "grows kale")];
        assert_eq!(alice.post("/profile", &profile).await.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        alice.share_with("bob@right.test", "Family").await;
        pods.settle().await;
        assert_eq!(deliveries(&pods), 2, "that she shares, and who she is");
        bob.get("/notifications").await.shows("Alice");
        let hers = guid_of(&mut bob, "alice@left.test").await;
        bob.get(&format!("/people/{hers}")).await.shows("grows kale");
        let mut eve = pods.right.sign_up("eve").await;
        eve.get(&format!("/people/{hers}")).await.hides("grows kale");

        let (family, work) = (alice.aspect("Family").await, alice.aspect("Work").await);
        let bobs = guid_of(&mut alice, "bob@right.test").await;
        let aspects = format!("/people/{bobs}/aspects");
        for (chosen, sent) in [(vec![&family, &work], 2), (vec![&work], 2), (vec![], 3)] {
            let fields: Vec<(&str, &str)> = chosen.iter().map(|id| ("aspect_ids[]", id.as_str())).collect();
            assert_eq!(alice.post(&aspects, &fields).await.status, StatusCode::SEE_OTHER);
            pods.settle().await;
            assert_eq!(deliveries(&pods), sent, "{chosen:?}");
        }
        bob.get("/contacts?set=only_sharing").await.hides("alice@left.test");
    })
    .await;
}

#[tokio::test]
async fn a_profile_comes_privately_to_pods_that_take_it_no_other_way_and_once_to_everybody() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mia = Peer::join_running(&pods.wire, "mia@away.test", "diaspora");
        let frida = Peer::join_running(&pods.wire, "frida@friendica.test", "Friendica");
        let noa = Peer::join(&pods.wire, "noa@silent.test");
        let profiles = async |peer: &Peer| {
            let letters = peer.letters(&pods.left).await.into_iter();
            let profiles = letters.filter_map(|letter| match letter.entity {
                Entity::Profile(it) => Some((it.first_name.unwrap_or_default(), letter.public)),
                _ => None,
            });
            profiles.collect::<Vec<_>>()
        };
        let save = async |alice: &mut Browser, name: &str| {
            let fields =
                [("_method", "put"), ("profile[first_name]", name), ("profile[public_details]", "true")];
            assert_eq!(alice.post("/profile", &fields).await.status, StatusCode::SEE_OTHER);
            pods.settle().await;
        };
        save(&mut alice, "Alice").await;
        for peer in [&mia, &frida, &noa] {
            alice.share_with(peer.id.as_str(), "Family").await;
            pods.settle().await;
            assert_eq!(
                profiles(peer).await,
                [("Alice".to_owned(), false)],
                "one person is sent it privately"
            );
        }
        // nobody knows yet what runs where
        save(&mut alice, "Alicia").await;
        for peer in [&mia, &frida, &noa] {
            assert_eq!(profiles(peer).await, [("Alicia".to_owned(), true)]);
        }
        let asked = || {
            let sent = pods.wire.sent.lock().unwrap();
            sent.iter().filter(|(url, _)| url.contains("/.well-known/nodeinfo")).count()
        };
        for _ in 0..2 {
            remote_pod::sweep(&pods.left.pod).await.unwrap();
            pods.settle().await;
            assert_eq!(asked(), 3, "each once");
        }
        save(&mut alice, "Ali").await;
        for (peer, public) in [(&mia, true), (&frida, false), (&noa, true)] {
            assert_eq!(profiles(peer).await, [("Ali".to_owned(), public)], "{}", peer.id);
        }
        // a post is for everybody, there as elsewhere
        alice.publish("hello", &["public"]).await;
        pods.settle().await;
        assert!(frida.letters(&pods.left).await.iter().all(|letter| letter.public));
        // it runs something else now
        let frida = Peer::join_running(&pods.wire, "frida@friendica.test", "hubzilla");
        pods.clock.advance(Duration::from_hours(15 * 24));
        remote_pod::sweep(&pods.left.pod).await.unwrap();
        pods.settle().await;
        let mut alice = pods.left.sign_in("alice").await;
        save(&mut alice, "Al").await;
        assert_eq!(profiles(&frida).await, [("Al".to_owned(), true)]);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_ignored_hears_that_sharing_ended_and_what_they_write_is_taken_back() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let guid = bob.publish("for all the world", &["public"]).await;
        pods.settle().await;
        let path = format!("/posts/{guid}");
        alice.post(&format!("{path}/comments"), &[("text", "a welcome word")]).await;
        pods.settle().await;
        bob.get(&path).await.shows("a welcome word");

        let limited = bob.publish("for my friends", &["all_aspects"]).await;
        pods.settle().await;

        let hers = guid_of(&mut bob, "alice@left.test").await;
        let profile = format!("/people/{hers}");
        bob.get(&profile).await.shows("action=\"/blocks\"").shows("/conversations/new?person_id=");
        let ignored = bob.post("/blocks", &[("block[person_id]", &hers)]).await;
        assert_eq!(ignored.status, StatusCode::SEE_OTHER, "{}", ignored.text());
        pods.settle().await;
        bob.get(&profile).await.shows("You ignore this person").hides("action=\"/blocks\"");
        bob.get("/privacy").await.shows("alice@left.test");
        alice.get("/privacy").await.hides("bob@right.test");
        bob.get("/contacts").await.hides("alice@left.test");
        let his = guid_of(&mut alice, "bob@right.test").await;
        alice.get(&format!("/people/{his}")).await.shows("You share with them").hides("You ignore");

        // her pod heard of it, and takes no more words for him
        let unwelcome = alice.post(&format!("{path}/comments"), &[("text", "an unwelcome word")]).await;
        assert_eq!(unwelcome.status, StatusCode::FORBIDDEN);
        assert_eq!(alice.post(&format!("{path}/likes"), &[]).await.status, StatusCode::FORBIDDEN);
        alice.get(&path).await.hides("an unwelcome word");
        // a pod that did not keep that has them come back
        pods.left.pod.run(all("DELETE FROM blocked_by")).await;
        alice.post(&format!("{path}/comments"), &[("text", "an unwelcome word")]).await;
        alice.post(&format!("{path}/likes"), &[]).await;
        alice.get(&path).await.shows("an unwelcome word");
        pods.settle().await;
        bob.get(&path).await.hides("an unwelcome word").shows("a welcome word");
        alice.get(&path).await.hides("an unwelcome word").shows("a welcome word").hides("k-like on");
        let his_limited = format!("/posts/{limited}");
        alice.get(&his_limited).await.shows("for my friends");
        alice.post(&format!("{his_limited}/comments"), &[("text", "not here either")]).await;
        pods.settle().await;
        bob.get(&his_limited).await.hides("not here either");
        alice.get(&his_limited).await.hides("not here either");
        let limited = alice.publish("for my family", &["all_aspects"]).await;
        pods.settle().await;
        assert_eq!(bob.get(&format!("/posts/{limited}")).await.status, StatusCode::NOT_FOUND);

        let heard = bob.post(&format!("/blocks/{hers}"), &[("_method", "delete")]).await;
        assert_eq!(heard.status, StatusCode::SEE_OTHER);
        pods.settle().await;
        bob.get("/privacy").await.hides("alice@left.test");
        alice.post(&format!("{path}/comments"), &[("text", "welcome again")]).await;
        pods.settle().await;
        bob.get(&path).await.shows("welcome again");
        bob.get(&profile).await.hides("You share with each other");
    })
    .await;
}

/// The contact that waits to be sent, as its recipient would read it.
async fn waiting_contact(running: &Running, number: usize) -> pappus_federation::entity::Contact {
    let mut conn = running.pod.db.read().await.unwrap();
    let envelopes: Vec<String> = conn
        .query(all("SELECT envelope FROM payloads WHERE entity = 'contact' ORDER BY id"))
        .scalars()
        .await
        .unwrap();
    assert_eq!(envelopes.len(), number);
    let key = all("SELECT public_key FROM people WHERE diaspora_id = 'alice@pod.test'");
    let key: String = conn.query(key).scalar().await.unwrap().unwrap();
    let opened = receive::open(envelopes.last().unwrap().as_bytes()).unwrap();
    let payload = opened.verify(&PublicKey::from_pem(&key).unwrap(), Timestamp::from_micros(0)).unwrap();
    match payload.entity() {
        Entity::Contact(contact) => contact.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_contact_says_whether_it_is_blocking() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let mut alice = running.sign_up("alice").await;
        let far = running.pod.remote("far@away.test").await.to_string();
        // any key will do: what is sealed with it waits for a pod that is not there
        running
            .pod
            .run(all("UPDATE people SET public_key = (SELECT o.public_key FROM people o
                      WHERE o.diaspora_id = 'alice@pod.test') WHERE diaspora_id = 'far@away.test'"))
            .await;
        for (path, method, expected) in [
            ("/blocks".to_owned(), "post", (false, false, true)),
            (format!("/blocks/{far}"), "delete", (false, false, false)),
        ] {
            for _ in 0..2 {
                let body = format!("_method={method}&block[person_id]={far}");
                let request = Request::post(&path)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(header::ACCEPT, "application/json");
                let answer = alice.send(request.body(Body::from(body)).unwrap()).await;
                assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
            }
            running.run_jobs().await;
            let number = if method == "post" { 1 } else { 2 };
            let contact = waiting_contact(&running, number).await;
            assert_eq!((contact.following, contact.sharing, contact.blocking), expected);
            assert_eq!(contact.recipient.as_str(), "far@away.test");
        }
        let missing = alice.post("/blocks", &[("block[person_id]", "99999")]).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_public_mention_reaches_somebody_whom_nobody_here_knew() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let mut dora = pods.right.sign_up("dora").await;
        let mut emil = pods.right.sign_up("emil").await;
        let guid = alice
            .publish(
                "hello @{Dora; dora@right.test} and @{nobody@right.test} and @{x@nowhere.test}",
                &["public"],
            )
            .await;
        assert!(!asked_for(&pods, "dora@right.test"), "nobody is asked while the member waits");
        pods.settle().await;
        dora.get("/notifications").await.shows(&format!("/posts/{guid}"));
        alice.get(&format!("/posts/{guid}")).await.shows("class=\"mention\"");
        emil.get("/notifications").await.hides(&guid);

        let text = [("text", "and you, @{emil@right.test}?")];
        alice.post(&format!("/posts/{guid}/comments"), &text).await;
        pods.settle().await;
        emil.get("/notifications").await.shows(&format!("/posts/{guid}"));
        emil.get(&format!("/posts/{guid}")).await.shows("and you");
    })
    .await;
}

#[tokio::test]
async fn a_mention_waits_for_a_pod_that_does_not_answer() {
    TwoPods::on_both(async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let guid = alice.publish("soon, @{lena@late.test}", &["public"]).await;
        let path = format!("/posts/{guid}");
        alice.post(&format!("{path}/comments"), &[("text", "or later, @{lena@late.test}")]).await;
        alice.publish("never, @{lena@late.test}", &["public"]).await;
        pods.settle().await;
        let waiting = all("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%Mention%'");
        assert_eq!(pods.left.pod.count(waiting).await, 3);
        let options = Options {
            base_url: "https://late.test/".into(),
            fetch: Arc::clone(&pods.wire) as Arc<dyn Fetch>,
            clock: Arc::clone(&pods.clock),
            ..Options::default()
        };
        let late = Running::set_up(TestPod::with(Place::sqlite().await, options).await).await;
        let mut lena = late.sign_up("lena").await;
        pods.wire.join("late.test", late.router.clone());
        // what was taken back meanwhile is not sent to anybody any more
        let never = alice.get("/stream").await.after("id=\"p-").unwrap();
        alice.post(&format!("/posts/{never}"), &[("_method", "delete")]).await;
        pods.clock.advance(Duration::from_mins(20));
        pods.settle().await;
        late.run_jobs().await;
        assert_eq!(pods.left.pod.count(waiting).await, 0);
        lena.get("/notifications").await.shows(&path).hides(&never);
        lena.get(&path).await.shows("soon").shows("or later");
    })
    .await;
}

#[tokio::test]
async fn a_mention_outside_the_audience_is_a_link_and_nobody_outside_hears_of_it() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob) = friends(&pods).await;
        let mut frank = pods.left.sign_up("frank").await;
        let mut eve = pods.right.sign_up("eve").await;
        let mut gina = pods.left.sign_up("gina").await;
        let family = alice.aspect("Family").await;
        let text = "for @{bob@right.test}, not for @{Eve; eve@right.test} or @{frank@left.test}";
        let guid = alice.publish(text, &[&family]).await;
        pods.settle().await;
        let path = format!("/posts/{guid}");
        bob.get("/notifications").await.shows(&path);
        let franks = guid_of(&mut alice, "frank@left.test").await;
        for browser in [&mut alice, &mut bob] {
            let page = browser.get(&path).await;
            page.shows("https://right.test/u/eve").shows(&format!("https://left.test/people/{franks}"));
            assert_eq!(page.text().matches("class=\"mention\"").count(), 1, "{}", page.text());
        }
        for browser in [&mut eve, &mut frank] {
            browser.get("/notifications").await.hides(&path);
            assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
        }
        assert!(!asked_for(&pods, "eve@right.test"), "her pod was not even asked for her");

        // and below it, from both pods
        let text = "what would @{gina@left.test} say, @{alice@left.test}?";
        bob.post(&format!("{path}/comments"), &[("text", text)]).await;
        pods.settle().await;
        alice.post(&format!("{path}/comments"), &[("text", "or @{eve@right.test}")]).await;
        pods.settle().await;
        for browser in [&mut alice, &mut bob] {
            let page = browser.get(&path).await;
            page.shows("https://left.test/u/gina").shows("what would").shows("or [eve@right.test]");
        }
        alice.get("/notifications").await.shows(&path);
        for browser in [&mut eve, &mut frank, &mut gina] {
            browser.get("/notifications").await.hides(&path);
            browser.get("/stream").await.hides("what would");
        }
        assert!(!asked_for(&pods, "gina@left.test") && !asked_for(&pods, "eve@right.test"));
        assert!(asked_for(&pods, "bob@right.test"), "the wire says who was asked for");
    })
    .await;
}

/// The profiles that came, and whether everybody could read them on the way.
async fn profiles(peer: &Peer, from: &Running) -> Vec<(bool, Profile)> {
    let letters = peer.letters(from).await.into_iter();
    letters
        .filter_map(|letter| match letter.entity {
            Entity::Profile(profile) => Some((letter.public, *profile)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn details_of_a_profile_go_only_to_those_with_whom_the_member_shares() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        let (mut alice, mut bob) = friends(&pods).await;
        let mut eve = pods.right.sign_up("eve").await;
        eve.share_with("alice@left.test", "Friends").await;
        alice.share_with("mia@far.test", "Family").await;
        for peer in [&mia, &noa] {
            let follows = Contact::new(peer.id.clone(), "alice@left.test".parse().unwrap(), true);
            peer.privately(home, "alice", follows).await;
        }
        pods.settle().await;
        let told = profiles(&noa, home).await;
        assert!(told.is_empty(), "{told:?}");
        profiles(&mia, home).await;
        let writes = async |alice: &mut Browser, ticked: &str| {
            let fields = [
                ("_method", "put"),
                ("profile[first_name]", "Alice"),
                ("profile[bio]", "what contacts may know"),
                ("profile[gender]", "secret"),
                ("profile[location]", "a small town"),
                (ticked, "true"),
            ];
            assert_eq!(alice.post("/profile", &fields).await.status, StatusCode::SEE_OTHER);
            pods.settle().await;
        };
        writes(&mut alice, "profile[nsfw]").await;
        let told = profiles(&mia, home).await;
        let [(false, to_mia)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(to_mia.bio.as_deref(), Some("what contacts may know"));
        let told = profiles(&noa, home).await;
        let [(false, to_noa)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(to_noa.first_name.as_deref(), Some("Alice"));
        let details = (&to_noa.bio, &to_noa.gender, &to_noa.location, &to_noa.birthday);
        assert_eq!(details, (&None, &None, &None, &None));
        // a pod keeps one profile: bob's copy is not emptied for the sake of eve, who is not shown it
        let guid = guid_of(&mut bob, "alice@left.test").await;
        bob.get(&format!("/people/{guid}")).await.shows("what contacts may know");
        eve.get(&format!("/people/{guid}")).await.shows("Alice").hides("what contacts may know");

        // for everybody means everybody
        writes(&mut alice, "profile[public_details]").await;
        let told = profiles(&noa, home).await;
        let [(true, to_noa)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(to_noa.bio.as_deref(), Some("what contacts may know"));
        profiles(&mia, home).await;

        // and whoever leaves the last aspect gets no more than the rest
        let id = all("SELECT m.id FROM aspect_memberships m JOIN contacts c ON c.id = m.contact_id
             JOIN people p ON p.id = c.person_id WHERE p.diaspora_id = 'mia@far.test'");
        let path = format!("/aspect_memberships/{}", home.pod.count(id).await);
        let left = alice.post(&path, &[("_method", "delete")]).await;
        assert!(left.status.is_success() || left.status.is_redirection(), "{}", left.text());
        writes(&mut alice, "profile[nsfw]").await;
        let told = profiles(&mia, home).await;
        let [(false, to_mia)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((to_mia.bio.as_deref(), to_mia.first_name.as_deref()), (None, Some("Alice")));
    })
    .await;
}

#[tokio::test]
async fn who_is_linked_in_place_of_a_mention_is_found_by_the_name_that_they_have_at_home() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let first = Peer::join(&pods.wire, "mia@far.test");
        let _second = Peer::join_as(&pods.wire, "noa@away.test", &crate::peer::guid("mia00"));
        let (mut alice, _) = friends(&pods).await;
        for peer in ["mia@far.test", "noa@away.test"] {
            alice.share_with(peer, "Acquaintances").await;
        }
        home.run_jobs().await;
        assert_eq!(home.pod.count(all("SELECT COUNT(*) FROM people WHERE home_guid IS NOT NULL")).await, 1);
        let family = alice.aspect("Family").await;
        let guid = alice.publish("not for @{mia@far.test} nor @{noa@away.test}", &[&family]).await;
        let at = |host| format!("https://{host}/people/{}", crate::peer::guid("mia00"));
        alice.get(&format!("/posts/{guid}")).await.shows(&at("far.test")).shows(&at("away.test"));
        assert_eq!(first.letters(home).await.iter().filter(|letter| letter.public).count(), 0);
    })
    .await;
}
