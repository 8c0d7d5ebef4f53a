use crate::{is_forbidden, is_invalid, share};
use pappus_kernel::{
    Error, contact,
    conversation::{
        self, Arrival, MESSAGES, MessageText, NewConversation, NewMessage, Set, State, Subject, Thread,
    },
    id::PersonId,
    sql,
    testing::{Member, START, TestPod, on_both},
};
use std::{collections::BTreeSet, time::Duration};

fn words(text: &str) -> MessageText {
    MessageText::try_from(text.to_owned()).unwrap()
}

async fn befriend(pod: &TestPod, one: &Member, other: &Member) {
    for (who, with) in [(one, other), (other, one)] {
        let aspect = pod.aspect(who, &format!("for {}", &with.diaspora_id[..5])).await;
        share(pod, who, aspect, with.person()).await;
    }
}

/// Alice with bob and carol, her mutual contacts.
async fn friends(pod: &TestPod) -> (Member, Member, Member) {
    let (alice, bob, carol) =
        (pod.member("alice").await, pod.member("bobby").await, pod.member("carol").await);
    befriend(pod, &alice, &bob).await;
    befriend(pod, &alice, &carol).await;
    (alice, bob, carol)
}

async fn start(pod: &TestPod, who: &Member, with: &[PersonId]) -> Result<String, Error> {
    let with: BTreeSet<PersonId> = with.iter().copied().collect();
    let subject = Subject::try_from("Trip").unwrap();
    conversation::start(pod, who.owner, subject, words("when do we leave?"), &with).await.map(|it| it.guid)
}

async fn say(pod: &TestPod, who: &Member, key: &str, text: &str) {
    pod.clock.advance(Duration::from_secs(1));
    conversation::reply(pod, who.owner, key, words(text)).await.unwrap();
}

async fn open(pod: &TestPod, who: &Member, key: &str) -> Thread {
    conversation::show(pod, who.owner, key, None).await.unwrap()
}

fn texts(thread: &Thread) -> Vec<&str> {
    thread.messages.iter().map(|message| message.text.as_str()).collect()
}

async fn unread(pod: &TestPod, who: &Member) -> i64 {
    conversation::unread(pod, who.owner).await.unwrap()
}

async fn guids(pod: &TestPod, who: &Member, set: Set) -> Vec<String> {
    let list = conversation::list(pod, who.owner, set, None).await.unwrap();
    list.into_iter().map(|one| one.guid).collect()
}

#[tokio::test]
async fn only_mutual_contacts_can_be_written_to() {
    on_both(async |pod| {
        let (alice, bob, _) = friends(&pod).await;
        let (dora, fans) = (pod.member("doras").await, pod.aspect(&alice, "fans").await);
        share(&pod, &alice, fans, dora.person()).await;
        let one_way = start(&pod, &alice, &[bob.person(), dora.person()]).await;
        assert!(is_invalid(one_way, "recipients", "not-mutual"));
        assert!(is_invalid(start(&pod, &dora, &[alice.person()]).await, "recipients", "not-mutual"));
        assert!(is_invalid(start(&pod, &alice, &[]).await, "recipients", "required"));
        assert!(is_invalid(start(&pod, &alice, &[alice.person()]).await, "recipients", "not-mutual"));
        let crowd: Vec<PersonId> = (1..=51).map(PersonId).collect();
        assert!(is_invalid(start(&pod, &alice, &crowd).await, "recipients", "too-many"));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM conversations")).await, 0);
        let offered = conversation::mutual(&pod, alice.owner).await.unwrap();
        let names: Vec<_> = offered.iter().map(|person| person.diaspora_id.as_str()).collect();
        assert_eq!(names, ["bobby@pod.test", "carol@pod.test"]);
        start(&pod, &alice, &[bob.person()]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn everybody_in_it_reads_and_answers_and_nobody_else_finds_it() {
    on_both(async |pod| {
        let (alice, bob, carol) = friends(&pod).await;
        let eve = pod.member("evelyn").await;
        befriend(&pod, &alice, &eve).await;
        let guid = start(&pod, &alice, &[bob.person(), carol.person()]).await.unwrap();
        assert_eq!((unread(&pod, &alice).await, unread(&pod, &bob).await), (0, 1));
        say(&pod, &bob, &guid, "on <b>Friday</b>").await;
        let thread = open(&pod, &carol, &guid).await;
        assert_eq!(texts(&thread), ["when do we leave?", "on <b>Friday</b>"]);
        assert_eq!(thread.messages[1].html, "<p>on &lt;b&gt;Friday&lt;/b&gt;</p>");
        assert_eq!(
            thread.people.iter().map(|p| &p.diaspora_id[..5]).collect::<Vec<_>>(),
            ["alice", "bobby", "carol"]
        );
        assert_eq!(unread(&pod, &carol).await, 2);

        let id = conversation::find(&pod, bob.owner, &guid).await.unwrap().to_string();
        for key in [guid.as_str(), &id] {
            assert!(matches!(conversation::show(&pod, eve.owner, key, None).await, Err(Error::NotFound)));
            assert!(matches!(
                conversation::reply(&pod, eve.owner, key, words("me too")).await,
                Err(Error::NotFound)
            ));
            assert!(matches!(
                conversation::set_state(&pod, eve.owner, key, State::Hidden).await,
                Err(Error::NotFound)
            ));
            assert!(matches!(conversation::find(&pod, eve.owner, key).await, Err(Error::NotFound)));
            assert_eq!(open(&pod, &bob, key).await.guid, guid);
        }
        assert_eq!((guids(&pod, &eve, Set::Inbox).await.len(), unread(&pod, &eve).await), (0, 0));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM messages")).await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_shown_is_read_and_what_comes_meanwhile_is_not() {
    on_both(async |pod| {
        let (alice, bob, carol) = friends(&pod).await;
        let guid = start(&pod, &alice, &[bob.person(), carol.person()]).await.unwrap();
        say(&pod, &carol, &guid, "soon").await;
        let thread = open(&pod, &bob, &guid).await;
        assert_eq!(thread.messages.iter().map(|message| message.new).collect::<Vec<_>>(), [true, true]);
        say(&pod, &alice, &guid, "very soon").await;
        conversation::mark_read(&pod, bob.owner, &thread).await.unwrap();
        assert_eq!(unread(&pod, &bob).await, 1);
        let thread = open(&pod, &bob, &guid).await;
        assert_eq!(
            thread.messages.iter().map(|message| message.new).collect::<Vec<_>>(),
            [false, false, true]
        );
        conversation::mark_read(&pod, bob.owner, &thread).await.unwrap();
        assert_eq!((unread(&pod, &bob).await, unread(&pod, &carol).await), (0, 2));
        // my own words are never news to me
        say(&pod, &bob, &guid, "I see").await;
        assert_eq!(unread(&pod, &bob).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_muted_conversation_is_silent_until_it_is_opened_again() {
    on_both(async |pod| {
        let (alice, bob, carol) = friends(&pod).await;
        let guid = start(&pod, &alice, &[bob.person(), carol.person()]).await.unwrap();
        let other = start(&pod, &alice, &[bob.person()]).await.unwrap();
        conversation::set_state(&pod, bob.owner, &guid, State::Muted).await.unwrap();
        assert_eq!(unread(&pod, &bob).await, 1, "the other conversation counts on");
        say(&pod, &alice, &guid, "later").await;
        say(&pod, &carol, &guid, "later still").await;

        assert_eq!(unread(&pod, &bob).await, 1);
        assert_eq!(guids(&pod, &bob, Set::Inbox).await, [other.clone(), guid.clone()], "it does not move up");
        let muted = open(&pod, &bob, &guid).await;
        assert_eq!((texts(&muted), muted.state), (vec!["when do we leave?"], State::Muted));
        let list = conversation::list(&pod, bob.owner, Set::Inbox, None).await.unwrap();
        assert_eq!(list[1].excerpt.as_deref(), Some("when do we leave?"));
        assert!(is_forbidden(conversation::reply(&pod, bob.owner, &guid, words("no")).await, "muted"));

        // the others hear nothing of it, and everything is still there
        assert_eq!(open(&pod, &carol, &guid).await.people.len(), 3);
        assert_eq!(unread(&pod, &carol).await, 2);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM messages")).await, 4);
        // muting twice does not let in what came in between
        conversation::set_state(&pod, bob.owner, &guid, State::Muted).await.unwrap();
        assert_eq!(open(&pod, &bob, &guid).await.messages.len(), 1);

        conversation::set_state(&pod, bob.owner, &guid, State::Open).await.unwrap();
        let thread = open(&pod, &bob, &guid).await;
        assert_eq!(texts(&thread), ["when do we leave?", "later", "later still"]);
        assert_eq!((unread(&pod, &bob).await, thread.unread), (3, 2));
        assert_eq!(guids(&pod, &bob, Set::Inbox).await, [guid.clone(), other]);
        say(&pod, &alice, &guid, "and aloud").await;
        assert_eq!(unread(&pod, &bob).await, 4);
    })
    .await;
}

#[tokio::test]
async fn a_hidden_conversation_leaves_the_list_and_comes_back_when_its_member_wants() {
    on_both(async |pod| {
        let (alice, bob, _) = friends(&pod).await;
        let guid = start(&pod, &alice, &[bob.person()]).await.unwrap();
        conversation::set_state(&pod, bob.owner, &guid, State::Hidden).await.unwrap();
        say(&pod, &alice, &guid, "are you there?").await;
        assert_eq!((guids(&pod, &bob, Set::Inbox).await.len(), unread(&pod, &bob).await), (0, 0));
        assert_eq!(guids(&pod, &bob, Set::Hidden).await, std::slice::from_ref(&guid));
        assert_eq!(guids(&pod, &alice, Set::Inbox).await, std::slice::from_ref(&guid), "she is not told");
        assert_eq!(texts(&open(&pod, &alice, &guid).await).len(), 2);
        conversation::set_state(&pod, bob.owner, &guid, State::Open).await.unwrap();
        assert_eq!((guids(&pod, &bob, Set::Hidden).await.len(), unread(&pod, &bob).await), (0, 1));
        assert_eq!(texts(&open(&pod, &bob, &guid).await), ["when do we leave?", "are you there?"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_i_ignore_says_nothing_to_me_in_old_conversations() {
    on_both(async |pod| {
        let (alice, bob, carol) = friends(&pod).await;
        let guid = start(&pod, &alice, &[bob.person(), carol.person()]).await.unwrap();
        contact::ignore(&pod, bob.owner, carol.person()).await.unwrap();
        say(&pod, &carol, &guid, "to everybody").await;
        say(&pod, &alice, &guid, "I heard").await;
        assert_eq!(texts(&open(&pod, &bob, &guid).await), ["when do we leave?", "I heard"]);
        assert_eq!((unread(&pod, &bob).await, unread(&pod, &alice).await), (2, 1));
        assert_eq!(texts(&open(&pod, &carol, &guid).await).len(), 3);
        // nobody whom I ignore is a contact to write to, nor am I theirs
        contact::ignore(&pod, alice.owner, bob.person()).await.unwrap();
        assert!(is_invalid(start(&pod, &bob, &[alice.person()]).await, "recipients", "not-mutual"));
        assert!(is_invalid(start(&pod, &alice, &[bob.person()]).await, "recipients", "not-mutual"));
    })
    .await;
}

#[tokio::test]
async fn a_long_conversation_has_pages() {
    on_both(async |pod| {
        let (alice, bob, _) = friends(&pod).await;
        let guid = start(&pod, &alice, &[bob.person()]).await.unwrap();
        for number in 1..=MESSAGES {
            say(&pod, &alice, &guid, &format!("number {number}")).await;
        }
        let newest = open(&pod, &bob, &guid).await;
        assert_eq!((texts(&newest)[0], texts(&newest).len()), ("number 1", 50));
        let earlier = conversation::show(&pod, bob.owner, &guid, newest.earlier).await.unwrap();
        assert_eq!((texts(&earlier), earlier.earlier), (vec!["when do we leave?"], None));
        for _ in 0..conversation::PAGE {
            start(&pod, &alice, &[bob.person()]).await.unwrap();
        }
        let first = conversation::list(&pod, bob.owner, Set::Inbox, None).await.unwrap();
        assert_eq!(first.len(), 15);
        let second = conversation::list(&pod, bob.owner, Set::Inbox, Some(first[14].cursor())).await.unwrap();
        assert_eq!(second.len(), 1);
        assert!(first.iter().all(|one| one.guid != second[0].guid));
    })
    .await;
}

/// A conversation that far@away.test began with these members of this pod.
fn from_afar(author: PersonId, members: &[&Member]) -> NewConversation {
    let mut participants = vec![("far@away.test".to_owned(), Some(author))];
    participants.extend(members.iter().map(|one| (one.diaspora_id.clone(), Some(one.person()))));
    NewConversation {
        guid: "conversation-of-far".into(),
        author,
        subject: "Far".into(),
        created_at: START,
        participants,
        messages: vec![message(author, "message-one-of-far")],
    }
}

fn message(author: PersonId, guid: &str) -> NewMessage {
    NewMessage {
        guid: guid.into(),
        conversation: "conversation-of-far".into(),
        author,
        text: guid.into(),
        created_at: START,
    }
}

async fn receive(pod: &TestPod, new: &NewConversation, to: &Member) -> Arrival {
    let mut tx = pod.db.begin().await.unwrap();
    let arrival = conversation::receive(&mut tx, new, to.user(), START).await.unwrap();
    tx.commit().await.unwrap();
    arrival
}

async fn receive_message(pod: &TestPod, new: &NewMessage, to: &Member) -> Arrival {
    let mut tx = pod.db.begin().await.unwrap();
    let arrival = conversation::receive_message(&mut tx, new, to.user(), START).await.unwrap();
    tx.commit().await.unwrap();
    arrival
}

#[tokio::test]
async fn a_copy_from_another_pod_lets_in_its_own_member_and_nobody_else() {
    on_both(async |pod| {
        let (alice, bob, carol) = friends(&pod).await;
        let far = pod.remote("far@away.test").await;
        let new = from_afar(far, &[&alice, &bob]);
        assert_eq!(receive(&pod, &new, &alice).await, Arrival::Refused, "she does not know the author");
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM conversations")).await, 0);
        for who in [&alice, &bob, &carol] {
            let aspect = pod.aspect(who, "far").await;
            share(&pod, who, aspect, far).await;
        }
        assert_eq!(receive_message(&pod, &message(far, "too-early"), &alice).await, Arrival::Unknown);
        assert_eq!(receive(&pod, &new, &alice).await, Arrival::Stored);
        assert_eq!((unread(&pod, &alice).await, unread(&pod, &bob).await), (1, 0));
        assert!(matches!(conversation::show(&pod, bob.owner, &new.guid, None).await, Err(Error::NotFound)));
        // a message may be there before the copy of the conversation
        assert_eq!(receive_message(&pod, &message(far, "message-two-of-far"), &alice).await, Arrival::Stored);
        assert_eq!(receive_message(&pod, &message(far, "message-two-of-far"), &bob).await, Arrival::Unknown);
        assert_eq!(receive(&pod, &new, &bob).await, Arrival::Stored);
        assert_eq!((unread(&pod, &alice).await, unread(&pod, &bob).await), (2, 2));
        // again, and for somebody who was not named in the first copy
        assert_eq!(receive(&pod, &new, &bob).await, Arrival::Stored);
        assert_eq!(unread(&pod, &bob).await, 2);
        let wider = from_afar(far, &[&alice, &bob, &carol]);
        assert_eq!(receive(&pod, &wider, &carol).await, Arrival::Refused);
        assert!(matches!(conversation::show(&pod, carol.owner, &new.guid, None).await, Err(Error::NotFound)));
        // the names belong to far
        let thief = pod.remote("thief@away.test").await;
        let aspect = pod.aspect(&alice, "thieves").await;
        share(&pod, &alice, aspect, thief).await;
        let stolen = NewConversation { author: thief, ..from_afar(far, &[&alice]) };
        assert_eq!(receive(&pod, &stolen, &alice).await, Arrival::Refused);
        let stolen = message(thief, "message-two-of-far");
        assert_eq!(receive_message(&pod, &stolen, &alice).await, Arrival::Refused);
        assert_eq!(texts(&open(&pod, &alice, &new.guid).await), ["message-one-of-far", "message-two-of-far"]);
    })
    .await;
}

#[tokio::test]
async fn only_people_elsewhere_are_sent_anything() {
    on_both(async |pod| {
        let (alice, bob, _) = friends(&pod).await;
        let queued =
            sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'dispatch' AND payload LIKE '%onversation%'");
        start(&pod, &alice, &[bob.person()]).await.unwrap();
        assert_eq!(pod.count(queued).await, 0);
        let far = pod.remote("far@away.test").await;
        let aspect = pod.aspect(&alice, "far").await;
        share(&pod, &alice, aspect, far).await;
        pod.run(sql!(
            "UPDATE contacts SET sharing = TRUE WHERE person_id IN
                      (SELECT id FROM people WHERE diaspora_id = 'far@away.test')"
        ))
        .await;
        start(&pod, &alice, &[bob.person(), far]).await.unwrap();
        assert_eq!(pod.count(queued).await, 1);
    })
    .await;
}
