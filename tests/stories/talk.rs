//! Private conversations between two pods, and within one.
use crate::peer::{NOW, Peer, guid};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use pappus_federation::{
    Entity,
    entity::{Conversation, Message},
};
use pappus_kernel::{db::Sql, testing::on_both};
use pappus_tests::{Answer, Browser, Running, TwoPods};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

const fn all(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text, at: "stories" }
}

/// The number under which the form for a new conversation offers somebody.
pub async fn recipient(browser: &mut Browser, handle: &str) -> Option<String> {
    let page = browser.get("/conversations/new").await.text();
    let (before, _) = page.split_once(&format!("<bdi>{handle}</bdi></span></label>"))?;
    let (_, id) = before.rsplit_once("name=\"person_ids[]\" value=\"")?;
    Some(id.chars().take_while(char::is_ascii_digit).collect())
}

/// Begins a conversation; says where it is shown.
pub async fn write_to(browser: &mut Browser, handles: &[&str], text: &str) -> String {
    let mut fields = vec![("conversation[subject]", "Trip to the sea".to_owned())];
    for handle in handles {
        fields.push(("person_ids[]", recipient(browser, handle).await.expect("is offered")));
    }
    fields.push(("conversation[text]", text.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.post("/conversations", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location().to_owned()
}

/// The address of the conversation with this subject, as the list gives it.
pub async fn found(browser: &mut Browser, set: &str) -> String {
    let page = browser.get(&format!("/conversations{set}")).await;
    let id = page.after("/conversations?conversation_id=").expect("a conversation is listed");
    format!("/conversations?conversation_id={id}")
}

/// The path below which its forms stand.
fn forms(address: &str) -> String {
    address.replace("?conversation_id=", "/")
}

pub async fn say(browser: &mut Browser, address: &str, text: &str) -> Answer {
    browser.post(&format!("{}/messages", forms(address)), &[("message[text]", text)]).await
}

async fn stand(browser: &mut Browser, address: &str, state: &str) {
    let path = format!("{}/visibility", forms(address));
    let answer = browser.post(&path, &[("_method", "put"), ("state", state)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

/// Alice and carol on the left, bob on the right; alice shares with both of them, and they with her.
async fn friends(pods: &TwoPods) -> (Browser, Browser, Browser) {
    let mut alice = pods.left.sign_up("alice").await;
    let mut carol = pods.left.sign_up("carol").await;
    let mut bob = pods.right.sign_up("bob").await;
    alice.share_with("bob@right.test", "Family").await;
    alice.share_with("carol@left.test", "Family").await;
    carol.share_with("alice@left.test", "Friends").await;
    pods.settle().await;
    bob.share_with("alice@left.test", "Friends").await;
    pods.settle().await;
    (alice, bob, carol)
}

#[tokio::test]
async fn a_conversation_reaches_everybody_in_it_on_every_pod_and_nobody_else() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob, mut carol) = friends(&pods).await;
        let mut eve = pods.right.sign_up("eve").await;
        pods.wire.sent.lock().unwrap().clear();
        let hers = write_to(&mut alice, &["bob@right.test", "carol@left.test"], "when do we leave?").await;
        carol.get("/conversations").await.shows("Trip to the sea").shows("one new message");
        pods.settle().await;
        bob.get("/stream").await.shows("\"unread_messages_count\":1");
        let his = found(&mut bob, "").await;
        let page = bob.get(&his).await;
        page.shows("when do we leave?")
            .shows("carol@left.test")
            .shows("<div class=\"stream-element message\"");
        bob.get("/stream").await.shows("\"unread_messages_count\":0");

        // straight from its author to each of the others
        let answered = say(&mut bob, &his, "on <i>Friday</i>").await;
        assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.text());
        assert!(answered.location().starts_with(&format!("{his}#m-")), "{}", answered.location());
        pods.settle().await;
        alice.get(&hers).await.shows("on &lt;i&gt;Friday&lt;/i&gt;");
        let carols = found(&mut carol, "").await;
        carol.get(&carols).await.shows("on &lt;i&gt;Friday&lt;/i&gt;");
        say(&mut carol, &carols, "with the kettle").await;
        pods.settle().await;
        for (browser, address) in [(&mut alice, &hers), (&mut bob, &his)] {
            browser.get(address).await.shows("with the kettle");
        }

        let mut looked = 0;
        for path in ["", "/raw", "/messages"] {
            let address = format!("{}{path}", forms(&his));
            let answer = if path == "/messages" {
                say(&mut eve, &his, "me too").await
            } else {
                eve.get(&address).await
            };
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
            looked += 1;
        }
        assert_eq!(eve.get(&his).await.status, StatusCode::NOT_FOUND);
        assert_eq!(looked, 3);
        eve.get("/conversations").await.hides("Trip to the sea");
        let sent = pods.wire.sent.lock().unwrap();
        let deliveries: Vec<_> = sent.iter().filter(|(url, _)| url.contains("/receive/")).collect();
        assert_eq!(deliveries.len(), 4, "{deliveries:?}");
        assert!(deliveries.iter().all(|(url, status)| url.contains("/receive/users/") && *status == 202));
    })
    .await;
}

#[tokio::test]
async fn a_muted_conversation_shows_nothing_new_and_nobody_hears_of_it() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob, _) = friends(&pods).await;
        let hers = write_to(&mut alice, &["bob@right.test"], "first words").await;
        pods.settle().await;
        let his = found(&mut bob, "").await;
        bob.get(&his).await.shows("first words");
        pods.wire.sent.lock().unwrap().clear();
        stand(&mut bob, &his, "muted").await;
        pods.settle().await;
        assert!(pods.wire.sent.lock().unwrap().is_empty(), "muting tells nobody");
        say(&mut alice, &hers, "can you hear me?").await;
        pods.settle().await;
        bob.get(&his).await.shows("first words").hides("can you hear me?").hides("message[text]");
        bob.get("/conversations").await.shows("muted").hides("can you hear me?");
        bob.get("/stream").await.shows("\"unread_messages_count\":0");
        assert_eq!(say(&mut bob, &his, "no").await.status, StatusCode::FORBIDDEN);
        assert_eq!(pods.right.pod.count(all("SELECT COUNT(*) FROM messages")).await, 2, "it is kept");

        stand(&mut bob, &his, "hidden").await;
        bob.get("/conversations").await.hides("Trip to the sea");
        assert_eq!(found(&mut bob, "?set=hidden").await, his);
        alice.get("/conversations").await.shows("Trip to the sea");
        stand(&mut bob, &his, "open").await;
        bob.get("/stream").await.shows("\"unread_messages_count\":1");
        bob.get(&his).await.shows("can you hear me?").shows("id=\"new\"");
        bob.get("/conversations").await.shows("Trip to the sea");
        // the way old clients put one away
        let gone = bob.post(&format!("{}/visibility", forms(&his)), &[("_method", "delete")]).await;
        assert_eq!((gone.status, gone.location()), (StatusCode::SEE_OTHER, "/conversations"));
        bob.get("/conversations").await.hides("Trip to the sea");
        alice.get(&hers).await.shows("can you hear me?");
    })
    .await;
}

#[tokio::test]
async fn a_message_for_an_unknown_conversation_is_tried_again_and_then_kept_for_the_admin() {
    TwoPods::on_both(async |pods| {
        let (mut alice, mut bob, _) = friends(&pods).await;
        let hers = write_to(&mut alice, &["bob@right.test"], "first words").await;
        pods.settle().await;
        pods.right.pod.run(all("DELETE FROM conversations")).await;
        say(&mut alice, &hers, "out of the blue").await;
        pods.settle().await;
        let state = |state| Sql { at: "stories", ..all(state) };
        let waiting = state("SELECT COUNT(*) FROM jobs WHERE kind = 'receive' AND state = 'waiting'");
        let dead = state("SELECT COUNT(*) FROM jobs WHERE kind = 'receive' AND state = 'dead'");
        assert_eq!((pods.right.pod.count(waiting).await, pods.right.pod.count(dead).await), (1, 0));
        for _ in 0..10 {
            pods.clock.advance(Duration::from_hours(24));
            pods.settle().await;
        }
        assert_eq!((pods.right.pod.count(waiting).await, pods.right.pod.count(dead).await), (0, 1));
        assert_eq!(pods.right.pod.count(all("SELECT COUNT(*) FROM messages")).await, 0);
        pods.right.sign_in("admina").await.get("/admin").await.shows("need");
        bob.get("/conversations").await.hides("out of the blue");
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_written() {
    on_both(async |pod| {
        let running = Running::set_up(pod).await;
        let (mut alice, mut bob) = (running.sign_up("alice").await, running.sign_up("bob").await);
        alice.share_with("bob@pod.test", "Family").await;
        alice.get("/conversations/new").await.hides("bob@pod.test");
        bob.share_with("alice@pod.test", "Family").await;
        let to = recipient(&mut alice, "bob@pod.test").await.unwrap();
        let nobody = alice
            .post("/conversations", &[("conversation[text]", "to <nobody>"), ("conversation[subject]", "s")])
            .await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nobody.text().contains("to &lt;nobody&gt;") && nobody.text().contains("recipients-problem"));
        let long = "x".repeat(256);
        let fields =
            [("person_ids", to.as_str()), ("conversation[text]", "hm"), ("conversation[subject]", &long)];
        let refused = alice.post("/conversations", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text().contains(&format!("id=\"to-{to}\" name=\"person_ids[]\" value=\"{to}\" checked"))
        );
        let stranger = running.sign_up("eve").await;
        drop(stranger);
        let fields = [("person_ids", "999999"), ("conversation[text]", "hm")];
        assert_eq!(alice.post("/conversations", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        // without a subject it gets one; old clients name contacts and want JSON
        let contact = running
            .pod
            .count(all(
                "SELECT c.id FROM contacts c JOIN users u ON u.id = c.user_id WHERE u.username = 'alice'",
            ))
            .await;
        let body = format!("contact_ids={contact}&conversation[text]=hello&conversation[subject]=");
        let request = Request::post("/conversations")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        let made = alice.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text());
        assert!(made.text().starts_with("{\"id\":"), "{}", made.text());
        let address = found(&mut bob, "").await;
        bob.get(&address).await.shows("No subject").shows("hello");
        let empty = say(&mut bob, &address, "  ").await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(empty.text().contains("message_text-problem") && empty.text().contains("hello"));
        let old = bob.get(&forms(&address)).await;
        assert_eq!((old.status, old.location()), (StatusCode::FOUND, address.as_str()));
        let request = Request::get("/conversations").header(header::ACCEPT, "application/json");
        let list = bob.send(request.body(Body::empty()).unwrap()).await.text();
        assert!(list.starts_with("[{\"conversation\":{"), "{list}");
        alice.get("/people?q=bob").await.shows("bob@pod.test");
    })
    .await;
}

#[tokio::test]
async fn who_cannot_be_found_keeps_a_message_from_nobody_and_gets_it_when_they_are() {
    TwoPods::on_both(async |pods| {
        let home = &pods.left;
        let (mia, noa) = (Peer::join(&pods.wire, "mia@far.test"), Peer::join(&pods.wire, "noa@away.test"));
        let mut alice = home.sign_up("alice").await;
        alice.share_with("mia@far.test", "Family").await;
        let people = ["mia@far.test", "alice@left.test", "ghost@gone.test", "noa@away.test"];
        let (name, first) = (guid("talk").parse().unwrap(), guid("first").parse().unwrap());
        let hello = Message::new(mia.id.clone(), first, "hello".into(), NOW, name);
        let people = people.iter().map(|id| id.parse().unwrap()).collect();
        mia.privately(home, "alice", Conversation::new("Trip".into(), people, hello)).await;
        mia.entities(home).await;
        pods.clock.advance(Duration::from_hours(1));

        // their pod looks what was written before it was asked, and says nothing
        let (pod, written) = (Arc::clone(&home.pod.pod), Arc::new(AtomicI64::new(-1)));
        let sees = Arc::clone(&written);
        let silent = move || {
            let (pod, sees) = (Arc::clone(&pod), Arc::clone(&sees));
            async move {
                let mut conn = pod.db.read().await.unwrap();
                let count = all("SELECT COUNT(*) FROM payloads WHERE entity = 'message'");
                let count: Option<i64> = conn.query(count).scalar().await.unwrap();
                sees.store(count.unwrap(), Ordering::SeqCst);
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        pods.wire.join("gone.test", Router::new().fallback(silent));
        let hers = found(&mut alice, "").await;
        assert_eq!(say(&mut alice, &hers, "when do we leave?").await.status, StatusCode::SEE_OTHER);
        home.run_jobs().await;
        for peer in [&mia, &noa] {
            let got = peer.entities(home).await;
            assert!(matches!(got.as_slice(), [Entity::Message(_)]), "{got:?}");
        }
        assert_eq!(written.load(Ordering::SeqCst), 1, "the others' was written already");

        let ghost = Peer::join(&pods.wire, "ghost@gone.test");
        pods.clock.advance(Duration::from_hours(1));
        home.run_jobs().await;
        let got = ghost.entities(home).await;
        assert!(matches!(got.as_slice(), [Entity::Message(_)]), "{got:?}");
        assert_eq!((mia.entities(home).await.len(), noa.entities(home).await.len()), (0, 0));
        assert_eq!(home.pod.count(all("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch'")).await, 0);
    })
    .await;
}
