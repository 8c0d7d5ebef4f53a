use crate::{can_read, is_forbidden, is_invalid, publish, publish_to, share, texts};
use pappus_kernel::{
    access::Viewer,
    db::Sql,
    env::{FetchError, FetchRequest},
    id::{DraftId, PersonId},
    inbox, job,
    moderation::{self, NewBlock, Severity, blocklist},
    person,
    post::{self, Audience, Published},
    relayable::comment::{self, CommentText},
    sql,
    stream::Stream,
    testing::{Member, START, TestPod, on_both},
};
use std::collections::BTreeSet;

async fn rule(pod: &TestPod, target: &str, severity: Severity) {
    let new = NewBlock { reason: "for a reason".into(), ..NewBlock::of(target.parse().unwrap(), severity) };
    moderation::block(pod, pod.admin(), new).await.unwrap();
}

async fn lift(pod: &TestPod, target: &str) {
    moderation::unblock(pod, pod.admin(), &target.parse().unwrap()).await.unwrap();
}

/// A public post by somebody of another pod.
async fn arrives(pod: &TestPod, author: PersonId, guid: &str, text: &str) -> Published {
    let new = post::NewPost {
        guid: guid.into(),
        author,
        text: text.into(),
        public: true,
        provider: None,
        created_at: START,
        photos: vec![post::NewPhoto {
            guid: format!("photo{guid}"),
            remote_path: "https://away.test/".into(),
            remote_name: "a.png".into(),
            text: String::new(),
            width: None,
            height: None,
            created_at: START,
            edited_at: None,
            post_guid: Some(guid.into()),
            public: true,
        }],
        mentioned: vec![],
        recipient: None,
    };
    let mut tx = pod.db.begin().await.unwrap();
    let id = post::receive(&mut tx, new, START).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    Published { id, guid: guid.into() }
}

async fn follows(pod: &TestPod, who: &Member, whom: PersonId) {
    let aspect = pod.aspect(who, "far").await;
    share(pod, who, aspect, whom).await;
}

#[tokio::test]
async fn the_silenced_are_seen_only_by_who_shares_with_them() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let (loud, calm) = (pod.remote("loud@away.test").await, pod.remote("calm@other.test").await);
        follows(&pod, &alice, loud).await;
        let post = arrives(&pod, loud, "p0123456789abcdef", "loud #tag").await;
        let twin = arrives(&pod, calm, "q0123456789abcdef", "calm #tag").await;
        let everywhere = [Stream::Public, Stream::Tag("tag".into())];
        for stream in &everywhere {
            assert_eq!(texts(&pod, bob.viewer(), stream.clone()).await.len(), 2);
        }
        rule(&pod, "away.test", Severity::Silence).await;
        for stream in &everywhere {
            assert_eq!(texts(&pod, bob.viewer(), stream.clone()).await, ["calm #tag"]);
            assert_eq!(texts(&pod, alice.viewer(), stream.clone()).await, ["calm #tag"]);
        }
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, ["loud #tag"]);
        assert_eq!(texts(&pod, alice.viewer(), Stream::Person(loud)).await, ["loud #tag"]);
        for (viewer, sees) in [(alice.viewer(), true), (bob.viewer(), false), (Viewer::Visitor, false)] {
            assert_eq!(can_read(&pod, viewer, &post).await, sees, "{viewer:?}");
            assert!(can_read(&pod, viewer, &twin).await, "{viewer:?}");
        }
        lift(&pod, "away.test").await;
        assert!(can_read(&pod, bob.viewer(), &post).await);
        assert_eq!(texts(&pod, bob.viewer(), Stream::Public).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_post_of_the_silenced_still_comes_to_their_contacts() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        rule(&pod, "away.test", Severity::Silence).await;
        let loud = pod.remote("loud@away.test").await;
        mark(&pod, "loud@away.test").await;
        follows(&pod, &alice, loud).await;
        let said = format!("hello @{{{}}}", bob.diaspora_id);
        arrives(&pod, loud, "p0123456789abcdef", &said).await;
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, [said]);
        assert_eq!(texts(&pod, bob.viewer(), Stream::Home).await, Vec::<String>::new());
    })
    .await;
}

/// What discovery does; `TestPod::remote` writes the bare row.
async fn mark(pod: &TestPod, target: &str) {
    rule(pod, target, Severity::Silence).await;
    lift(pod, target).await;
}

#[tokio::test]
async fn what_the_suspended_wrote_is_hidden_and_comes_back() {
    on_both(async |pod| {
        let (alice, carol) = (pod.member("alice").await, pod.member("carol").await);
        let evil = pod.remote("evil@away.test").await;
        follows(&pod, &alice, evil).await;
        let post = arrives(&pod, evil, "p0123456789abcdef", "spam").await;
        let mine = publish(&pod, &alice, "mine", Audience::Public).await;
        comments(&pod, &mine, evil, "buy").await;
        let text = CommentText::try_from("fine".to_owned()).unwrap();
        comment::create(&pod, carol.owner, &mine.guid, text).await.unwrap();
        let below = async |viewer| {
            let shown = post::show(&pod, viewer, &mine.guid).await.unwrap();
            shown.item.comments.into_iter().map(|comment| comment.text).collect::<BTreeSet<_>>()
        };
        assert_eq!(below(carol.viewer()).await.len(), 2);
        rule(&pod, "evil@away.test", Severity::Suspend).await;
        for viewer in [alice.viewer(), carol.viewer(), Viewer::Visitor] {
            assert!(!can_read(&pod, viewer, &post).await);
            assert_eq!(below(viewer).await, BTreeSet::from(["fine".to_owned()]));
        }
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await, ["mine"]);
        assert_eq!(person::search(&pod, carol.owner, "evil").await.unwrap(), vec![]);
        let shown = person::show(&pod, alice.viewer(), &guid_of(&pod, evil).await).await.unwrap();
        assert_eq!(
            (shown.standing.severity, shown.standing.reason.as_deref()),
            (Severity::Suspend, Some("for a reason"))
        );
        lift(&pod, "evil@away.test").await;
        assert!(can_read(&pod, carol.viewer(), &post).await);
        assert_eq!(below(carol.viewer()).await.len(), 2);
        assert_eq!(texts(&pod, alice.viewer(), Stream::Home).await.len(), 2);
        assert_eq!(person::search(&pod, carol.owner, "evil").await.unwrap().len(), 1);
    })
    .await;
}

async fn comments(pod: &TestPod, on: &Published, author: PersonId, text: &str) {
    let new = comment::NewComment {
        guid: "c0123456789abcdef".into(),
        post: on.id,
        author,
        text: text.into(),
        created_at: START,
        thread_parent: None,
        edited_at: None,
        mentioned: vec![],
        relay_xml: None,
    };
    let mut tx = pod.db.begin().await.unwrap();
    comment::receive(&mut tx, new, START).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

async fn guid_of(pod: &TestPod, person: PersonId) -> String {
    person::store::find(&mut pod.db.read().await.unwrap(), person).await.unwrap().unwrap().guid
}

#[tokio::test]
async fn a_limited_post_of_a_suspended_member_is_hidden_and_they_are_out() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let friends = pod.aspect(&alice, "friends").await;
        share(&pod, &alice, friends, bob.person()).await;
        let post = publish_to(&pod, &alice, "limited", &[friends]).await;
        assert!(can_read(&pod, bob.viewer(), &post).await);
        rule(&pod, &alice.diaspora_id, Severity::Suspend).await;
        assert!(!can_read(&pod, bob.viewer(), &post).await);
        let aspect = pod.aspect(&bob, "his").await;
        let shared = pappus_kernel::contact::share(&pod, bob.owner, aspect, alice.person()).await;
        assert!(is_forbidden(shared, "suspended-here"));
        lift(&pod, &alice.diaspora_id).await;
        assert!(can_read(&pod, bob.viewer(), &post).await);
    })
    .await;
}

#[tokio::test]
async fn a_rule_about_a_host_is_about_its_subdomains_only_if_it_says_so() {
    on_both(async |pod| {
        for id in ["a@bad.test", "b@sub.bad.test:3000", "c@notbad.test", "d@bad.test:8443"] {
            pod.remote(id).await;
        }
        let suspended = async || pod.count(sql!("SELECT COUNT(*) FROM people WHERE standing = 2")).await;
        rule(&pod, "bad.test", Severity::Suspend).await;
        assert_eq!(suspended().await, 2);
        let wide =
            NewBlock { subdomains: true, ..NewBlock::of("bad.test".parse().unwrap(), Severity::Suspend) };
        moderation::block(&pod, pod.admin(), wide).await.unwrap();
        assert_eq!(suspended().await, 3);
        for (id, refused) in [("x@deep.sub.bad.test", true), ("x@bad.test:1", true), ("x@notbad.test", false)]
        {
            assert_eq!(moderation::admit(&pod, &id.parse().unwrap()).await.is_err(), refused, "{id}");
        }
        rule(&pod, "sub.bad.test", Severity::Silence).await;
        assert_eq!(suspended().await, 3, "the hardest rule counts");
        lift(&pod, "bad.test").await;
        assert_eq!(suspended().await, 0);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM people WHERE standing = 1")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_out_to_the_suspended_and_what_waits_is_dropped() {
    on_both(async |pod| {
        let far = pod.remote("far@away.test").await;
        pod.remote("near@other.test").await;
        let waiting = sql!("SELECT COUNT(*) FROM deliveries");
        let payload = sql!(
            "INSERT INTO payloads (sender_id, entity, envelope, public, created_at)
             SELECT MIN(id), 'x', 'x', TRUE, 0 FROM people"
        );
        assert_eq!(pod.run(payload).await, 1);
        let deliveries = sql!(
            "INSERT INTO deliveries (payload_id, remote_pod_id, recipient_id, created_at)
             SELECT y.id, r.id, 0, 0 FROM payloads y, remote_pods r"
        );
        assert_eq!(pod.run(deliveries).await, 2);
        rule(&pod, "away.test", Severity::Suspend).await;
        assert_eq!(pod.count(waiting).await, 1);
        let get = |host: &str| FetchRequest::get(format!("https://{host}/x").parse().unwrap(), "*/*", 9);
        let refused = pod.fetch.send(get("away.test")).await;
        assert!(matches!(refused, Err(FetchError::Refused(said)) if said.contains("suspended")));
        let twin = pod.fetch.send(get("other.test")).await;
        assert!(!matches!(twin, Err(FetchError::Refused(said)) if said.contains("suspended")));
        assert_eq!(guid_of(&pod, far).await.len(), 32);
    })
    .await;
}

#[tokio::test]
async fn hidden_pictures_are_no_pictures() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let (far, near) = (pod.remote("far@away.test").await, pod.remote("near@other.test").await);
        arrives(&pod, far, "p0123456789abcdef", "far").await;
        arrives(&pod, near, "q0123456789abcdef", "near").await;
        let new =
            NewBlock { reject_media: true, ..NewBlock::of("away.test".parse().unwrap(), Severity::None) };
        moderation::block(&pod, pod.admin(), new).await.unwrap();
        let page = crate::page(&pod, alice.viewer(), Stream::Public).await;
        let shown: BTreeSet<_> = page
            .items
            .iter()
            .map(|item| (item.text.as_str(), item.photos.len(), item.author.pictures))
            .collect();
        assert_eq!(shown, BTreeSet::from([("far", 0, false), ("near", 1, true)]));
    })
    .await;
}

#[tokio::test]
async fn who_cannot_be_blocked() {
    on_both(async |pod| {
        let boss = pod.member("boss").await;
        pod.run(sql!("UPDATE users SET role = 'admin'")).await;
        let member = pod.member("member").await;
        let block = async |target: &str, subdomains: bool| {
            let new = NewBlock { subdomains, ..NewBlock::of(target.parse().unwrap(), Severity::Suspend) };
            moderation::block(&pod, pod.admin(), new).await
        };
        assert!(is_invalid(block(&pod.site().host(), false).await, "target", "own-pod"));
        assert!(is_invalid(block(&boss.diaspora_id, false).await, "target", "is-admin"));
        assert!(is_invalid(block("nobody@pod.test", false).await, "target", "unknown"));
        assert!(block("xpod.test", true).await.is_ok());
        assert!(block(&member.diaspora_id, false).await.is_ok());
        let none = NewBlock::of("x.test".parse().unwrap(), Severity::None);
        assert!(is_invalid(moderation::block(&pod, pod.admin(), none).await, "level", "required"));
        let long = NewBlock {
            note: "x".repeat(1_001),
            ..NewBlock::of("x.test".parse().unwrap(), Severity::Silence)
        };
        assert!(is_invalid(moderation::block(&pod, pod.admin(), long).await, "note", "too-long"));
        let said: Sql = sql!("SELECT COUNT(*) FROM audit_log WHERE action = 'block.set'");
        assert_eq!(pod.count(said).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_list_does_nothing_before_it_is_approved() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let far = pod.remote("far@sub.away.test").await;
        follows(&pod, &alice, far).await;
        let text = "#domain,#severity,#public_comment\naway.test,suspend,spam\nother.test,silence,\npod.test,suspend,\n";
        let list = blocklist::parse(text, Severity::Suspend).unwrap();
        let done = moderation::import(&pod, pod.admin(), &list.entries, "a list").await.unwrap();
        assert_eq!((done.drafted, done.present, done.own), (2, 0, 1));
        assert!(moderation::admit(&pod, &"x@away.test".parse().unwrap()).await.is_ok(), "drafts are only drafts");
        let (drafts, count) = moderation::drafts(&pod, pod.admin()).await.unwrap();
        assert_eq!(count, 2);
        let first = &drafts[0];
        assert_eq!((first.target.as_str(), first.people, first.contacts, first.present), ("away.test", 1, 1, None));
        assert_eq!(moderation::approve(&pod, pod.admin(), &[first.id, DraftId(999)]).await.unwrap(), 1);
        assert!(moderation::admit(&pod, &"x@sub.away.test".parse().unwrap()).await.is_err());
        assert!(moderation::admit(&pod, &"x@other.test".parse().unwrap()).await.is_ok());
        assert_eq!(moderation::discard(&pod, pod.admin(), &[drafts[1].id]).await.unwrap(), 1);
        let again = moderation::import(&pod, pod.admin(), &list.entries, "a list").await.unwrap();
        assert_eq!((again.drafted, again.present), (1, 1));
        let rules = moderation::list(&pod, pod.admin()).await.unwrap();
        assert_eq!((rules.len(), rules[0].reason.as_str(), rules[0].note.as_str()), (1, "spam", "a list"));
        assert_eq!(
            blocklist::print(&rules),
            "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
             away.test,suspend,false,false,spam,false\n"
        );
    })
    .await;
}

/// A message of the suspended is dropped at its name: its sender is not looked up, it is not tried again.
#[tokio::test]
async fn a_message_of_the_suspended_is_refused_before_anybody_is_asked() {
    on_both(async |pod| {
        let envelope = |sender: &str| {
            let key_id = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE, sender);
            let data = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE, "<x/>");
            format!(
                "<me:env xmlns:me=\"http://salmon-protocol.org/ns/magic-env\"><me:data type=\"application/xml\">{data}</me:data>\
                 <me:encoding>base64url</me:encoding><me:alg>RSA-SHA256</me:alg>\
                 <me:sig key_id=\"{key_id}\">eHh4</me:sig></me:env>"
            )
        };
        rule(&pod, "away.test", Severity::Suspend).await;
        let left = sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'receive'");
        inbox::accept_public(&pod, envelope("evil@away.test").into_bytes()).await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.count(left).await, 0);
        inbox::accept_public(&pod, envelope("calm@other.test").into_bytes()).await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.count(left).await, 1, "its sender cannot be asked for now: later perhaps");
    })
    .await;
}
