//! Conversations go on after a move, whoever began them and whoever heard of it.
use crate::{
    mover::{archive, move_in, relocate},
    peer::{NOW, Peer, guid, sql},
    talk::{found, say, write_to},
};
use axum::http::StatusCode;
use pappus_federation::{
    DiasporaId,
    entity::{AccountMigration, Contact, Conversation, Message, Profile},
};
use pappus_tests::{Browser, Pods, Running};
use std::time::Duration;

/// They share with each other.
async fn befriend(pods: &Pods, one: (&mut Browser, &str), other: (&mut Browser, &str)) {
    one.0.share_with(other.1, "Friends").await;
    pods.settle().await;
    other.0.share_with(one.1, "Friends").await;
    pods.settle().await;
}

async fn tell(browser: &mut Browser, address: &str, text: &str) {
    let said = say(browser, address, text).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text());
}

/// Who is in the one conversation there, in order.
async fn people(pod: &Running) -> String {
    let each = pappus_kernel::db::Sql {
        sqlite:
            "SELECT group_concat(diaspora_id, ' ') FROM (SELECT t.diaspora_id FROM conversation_participants t
                 JOIN people p ON p.id = t.person_id AND p.diaspora_id = t.diaspora_id ORDER BY t.position)",
        postgres: "SELECT string_agg(t.diaspora_id, ' ' ORDER BY t.position) FROM conversation_participants t
                   JOIN people p ON p.id = t.person_id AND p.diaspora_id = t.diaspora_id",
        at: "a story",
    };
    pod.pod.db.read().await.unwrap().query(each).scalar::<String>().await.unwrap().unwrap()
}

#[tokio::test]
async fn a_conversation_goes_on_with_whoever_moved() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let (mut alice, mut carl) = (old.sign_up("alice").await, old.sign_up("carl").await);
        let mut bob = third.sign_up("bob").await;
        befriend(&pods, (&mut alice, "alice@old.test"), (&mut bob, "bob@third.test")).await;
        befriend(&pods, (&mut carl, "carl@old.test"), (&mut bob, "bob@third.test")).await;
        let bobs = write_to(&mut bob, &["alice@old.test", "carl@old.test"], "when do we leave?").await;
        pods.settle().await;
        let hers = found(&mut alice, "").await;
        tell(&mut alice, &hers, "said before the move").await;
        pods.settle().await;
        let mut alicia = relocate(&pods, (old, &mut alice), (new, "alicia")).await;

        // who began it sends it to the new pod, and what was said before is the new identity's
        for pod in [old, new, third] {
            assert_eq!(people(pod).await, "bob@third.test alicia@new.test carl@old.test");
        }
        bob.get(&bobs).await.shows("said before the move").hides("alice@old.test");
        let theirs = found(&mut alicia, "").await;
        alicia.get(&theirs).await.shows("Trip to the sea").shows("when do we leave?");
        let carls = found(&mut carl, "").await;
        tell(&mut bob, &bobs, "to wherever she is").await;
        tell(&mut carl, &carls, "from the pod that she left").await;
        pods.settle().await;
        alicia.get("/stream").await.shows("\"unread_messages_count\":2");
        alicia.get(&theirs).await.shows("to wherever she is").shows("from the pod that she left");
        tell(&mut alicia, &theirs, "from the new pod").await;
        pods.settle().await;
        bob.get(&bobs).await.shows("from the new pod");
        carl.get(&carls).await.shows("from the new pod");
        assert_eq!(old.pod.count(sql("SELECT COUNT(*) FROM conversation_visibilities")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn who_moves_in_has_what_a_neighbour_has_of_their_conversations() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let mut alice = old.sign_up("alice").await;
        let (mut alicia, mut dora) = (new.sign_up("alicia").await, new.sign_up("dora").await);
        let mut bob = third.sign_up("bob").await;
        for (browser, handle) in
            [(&mut alice, "alice@old.test"), (&mut alicia, "alicia@new.test"), (&mut dora, "dora@new.test")]
        {
            befriend(&pods, (browser, handle), (&mut bob, "bob@third.test")).await;
        }
        let first = write_to(&mut bob, &["alice@old.test", "dora@new.test"], "the old name and dora").await;
        pods.settle().await;
        // both names of one human, not yet known to be one
        let all = ["alice@old.test", "alicia@new.test", "dora@new.test"];
        let second = write_to(&mut bob, &all, "both names").await;
        pods.settle().await;
        let newest = found(&mut alice, "").await;
        tell(&mut alice, &newest, "said as the other").await;
        tell(&mut bob, &second, "heard").await;
        pods.settle().await;
        alicia.get("/stream").await.shows("\"unread_messages_count\":3");
        let file = archive(old, &mut alice).await;
        move_in(&mut alicia, &file).await;
        pods.settle().await;

        // hers alone is no news; the other conversation is there, read where she was
        alicia.get("/stream").await.shows("\"unread_messages_count\":2");
        dora.get("/stream").await.shows("\"unread_messages_count\":4");
        alicia.get("/conversations").await.shows("the old name and dora");
        for pod in [new, third] {
            let all = "SELECT COUNT(*) FROM conversation_participants";
            let hers = "SELECT COUNT(*) FROM conversation_participants t JOIN people p ON p.id = t.person_id
                        WHERE t.diaspora_id = 'alicia@new.test' AND p.diaspora_id = 'alicia@new.test'
                          AND t.position = 1";
            assert_eq!((pod.pod.count(sql(all)).await, pod.pod.count(sql(hers)).await), (6, 2));
        }
        tell(&mut bob, &first, "to one of them").await;
        pods.settle().await;
        alicia.get("/conversations").await.shows("to one of them");
        let theirs = found(&mut alicia, "").await;
        tell(&mut alicia, &theirs, "as who she is").await;
        pods.settle().await;
        bob.get(&first).await.shows("as who she is");
        dora.get("/conversations").await.shows("as who she is");
        // whoever was not in it still is not
        let mut eve = new.sign_up("eve").await;
        assert_eq!(eve.get(&theirs).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn what_the_mover_began_goes_on_though_its_beginning_stays_behind() {
    Pods::on_both(&["old.test", "new.test", "third.test"], async |pods| {
        let (old, new, third) = (pods.at("old.test"), pods.at("new.test"), pods.at("third.test"));
        let (mut alice, mut carl) = (old.sign_up("alice").await, old.sign_up("carl").await);
        let mut bob = third.sign_up("bob").await;
        befriend(&pods, (&mut alice, "alice@old.test"), (&mut bob, "bob@third.test")).await;
        befriend(&pods, (&mut alice, "alice@old.test"), (&mut carl, "carl@old.test")).await;
        write_to(&mut alice, &["bob@third.test", "carl@old.test"], "first words").await;
        pods.settle().await;
        let file = archive(old, &mut alice).await;
        let mut alicia = new.sign_up("alicia").await;
        let mut dora = new.sign_up("dora").await;
        move_in(&mut alicia, &file).await;
        pods.settle().await;
        let (bobs, carls) = (found(&mut bob, "").await, found(&mut carl, "").await);
        bob.get(&bobs).await.shows("first words").shows("alicia@new.test").hides("alice@old.test");
        tell(&mut bob, &bobs, "are you there?").await;
        pods.settle().await;
        let theirs = found(&mut alicia, "").await;
        alicia.get(&theirs).await.shows("No subject").shows("are you there?").hides("first words");
        tell(&mut carl, &carls, "and here?").await;
        pods.settle().await;
        alicia.get(&theirs).await.shows("and here?");
        tell(&mut alicia, &theirs, "here I am").await;
        pods.settle().await;
        bob.get(&bobs).await.shows("here I am");
        carl.get(&carls).await.shows("here I am");
        dora.get("/conversations").await.hides("No subject");
        assert_eq!(dora.get(&theirs).await.status, StatusCode::NOT_FOUND);
        assert_eq!(people(new).await, "bob@third.test alicia@new.test carl@old.test");
    })
    .await;
}

/// A member `bob` who shares with everybody, and everybody with him.
async fn bob_among(home: &Running, peers: &[&Peer]) -> Browser {
    let mut bob = home.sign_up("bob").await;
    for peer in peers {
        bob.share_with(peer.id.as_str(), "Friends").await;
        home.run_jobs().await;
        let back = Contact::new(peer.id.clone(), "bob@home.test".parse().unwrap(), true);
        peer.privately(home, "bob", back).await;
    }
    bob
}

fn message(author: &DiasporaId, text: &str) -> Message {
    let name = guid(&text.replace(' ', "-")).parse().unwrap();
    Message::new(author.clone(), name, text.to_owned(), NOW, guid("talk").parse().unwrap())
}

fn talk(author: &Peer, with: &[&Peer], text: &str) -> Conversation {
    let mut all = vec![author.id.clone(), "bob@home.test".parse().unwrap()];
    all.extend(with.iter().map(|peer| peer.id.clone()));
    Conversation::new("Trip to the sea".to_owned(), all, message(&author.id, text))
}

/// The word of both that somebody moved.
pub fn word(old: &Peer, new: &Peer) -> AccountMigration {
    let mut word = AccountMigration::new(old.id.clone(), old.id.clone(), Profile::new(new.id.clone(), true));
    word.sign(new.key()).unwrap();
    word
}

#[tokio::test]
async fn a_message_that_is_faster_than_the_word_of_a_move_waits_for_it() {
    Pods::on_both(&["home.test"], async |pods| {
        let home = pods.at("home.test");
        let (old, new) = (Peer::join(&pods.wire, "old@one.test"), Peer::join(&pods.wire, "new@two.test"));
        let stranger = Peer::join(&pods.wire, "eve@three.test");
        let mut bob = bob_among(home, &[&old]).await;
        old.privately(home, "bob", talk(&old, &[], "before")).await;
        let his = found(&mut bob, "").await;
        new.privately(home, "bob", message(&new.id, "too fast")).await;
        stranger.privately(home, "bob", message(&stranger.id, "not theirs")).await;
        bob.get(&his).await.shows("before").hides("too fast");
        old.publicly(home, word(&old, &new)).await;
        pods.clock.advance(Duration::from_hours(1));
        pods.settle().await;
        bob.get(&his).await.shows("too fast").hides("not theirs");
        assert_eq!(people(home).await, "new@two.test bob@home.test");
        // and what bob answers goes to the new one
        new.entities(home).await;
        tell(&mut bob, &his, "found you").await;
        pods.settle().await;
        let told = new.entities(home).await;
        assert!(format!("{told:?}").contains("found you"), "{told:?}");
        assert_eq!(format!("{:?}", old.entities(home).await).matches("found you").count(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_conversation_that_names_who_somebody_was_is_with_who_they_are() {
    Pods::on_both(&["home.test"], async |pods| {
        let home = pods.at("home.test");
        let (old, new) = (Peer::join(&pods.wire, "old@one.test"), Peer::join(&pods.wire, "new@two.test"));
        let host = Peer::join(&pods.wire, "host@three.test");
        let mut bob = bob_among(home, &[&old, &host]).await;
        old.publicly(home, word(&old, &new)).await;
        host.privately(home, "bob", talk(&host, &[&old], "with whom I know")).await;
        assert_eq!(people(home).await, "host@three.test bob@home.test new@two.test");
        new.privately(home, "bob", message(&new.id, "with who I am")).await;
        let his = found(&mut bob, "").await;
        bob.get(&his).await.shows("with who I am");
    })
    .await;
}

#[tokio::test]
async fn a_fragment_becomes_the_conversation_when_that_comes_from_one_who_knows_who_is_in_it() {
    Pods::on_both(&["old.test", "home.test"], async |pods| {
        let (old, home) = (pods.at("old.test"), pods.at("home.test"));
        let (host, noa) = (Peer::join(&pods.wire, "host@one.test"), Peer::join(&pods.wire, "noa@two.test"));
        let thief = Peer::join(&pods.wire, "eve@three.test");
        let mut was = old.sign_up("robert").await;
        let file = archive(old, &mut was).await;
        let mut bob = bob_among(home, &[&host, &noa, &thief]).await;
        move_in(&mut bob, &file).await;
        pods.settle().await;
        noa.privately(home, "bob", message(&noa.id, "only the middle")).await;
        let his = found(&mut bob, "").await;
        bob.get(&his).await.shows("No subject").shows("only the middle");
        // who does not know who is in it does not have it
        thief.privately(home, "bob", talk(&thief, &[], "not the beginning")).await;
        bob.get(&his).await.shows("No subject").hides("not the beginning");
        host.privately(home, "bob", talk(&host, &[&noa], "the beginning")).await;
        bob.get(&his).await.shows("Trip to the sea").shows("the beginning").shows("only the middle");
        assert_eq!(people(home).await, "host@one.test bob@home.test noa@two.test");
        // from now on who is in it is known
        thief.privately(home, "bob", message(&thief.id, "me too")).await;
        bob.get(&his).await.hides("me too");
        // nobody who did not move in gets fragments
        let mut dora = home.sign_up("dora").await;
        let to_dora = Contact::new(noa.id.clone(), "dora@home.test".parse().unwrap(), true);
        noa.privately(home, "dora", to_dora).await;
        let other = Message::new(
            noa.id.clone(),
            guid("other").parse().unwrap(),
            "out of the blue".to_owned(),
            NOW,
            guid("elsewhere").parse().unwrap(),
        );
        noa.privately(home, "dora", other).await;
        dora.get("/conversations").await.hides("out of the blue");
    })
    .await;
}
