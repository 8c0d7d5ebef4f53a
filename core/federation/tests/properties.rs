//! What must hold for every text, order and unknown element, not only for those we thought of.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::*;
use pappus_federation::discovery::{HCard, WebFinger};
use pappus_federation::entity::*;
use pappus_federation::receive::{self, Known, Route};
use pappus_federation::{Kind, Timestamp, sealed, xml};
use proptest::prelude::*;
use proptest::sample::select;

/// Any text that XML can carry and that is not empty.
fn text() -> impl Strategy<Value = String> {
    let texts = prop_oneof![any::<String>(), "[ -~\r\n\t;&<>'\"\\]]{1,40}", "\\PC{1,20}"];
    texts
        .prop_map(|text| xml::clean(&text).into_owned())
        .prop_filter("not empty", |text| !text.trim().is_empty())
}

/// Elements that no peer has thought of yet.
fn unknown() -> impl Strategy<Value = Vec<(String, String)>> {
    let known = ["author", "guid", "parent_guid", "text", "created_at", "edited_at"];
    let name = "x_[a-z]{1,8}".prop_filter("unknown", move |name| !known.contains(&name.as_str()));
    proptest::collection::btree_map(name, prop_oneof![text(), Just(String::new())], 0..4)
        .prop_map(|map| map.into_iter().collect())
}

/// A comment's elements in any order.
fn elements() -> impl Strategy<Value = Vec<(String, String)>> {
    (text(), unknown()).prop_flat_map(|(text, unknown)| {
        let mut all: Vec<(String, String)> = [
            ("author", noa().id.to_string()),
            ("guid", guid("comment").to_string()),
            ("parent_guid", guid("post").to_string()),
            ("text", text),
            ("created_at", NOW.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        all.extend(unknown);
        Just(all).prop_shuffle()
    })
}

/// An element's name, what it hangs on, and what it holds besides.
type Sort = (&'static str, Kind, &'static [(&'static str, &'static str)]);

/// The other relayables: what they are called, what they hang on, and their elements in any order.
fn other_relayable() -> impl Strategy<Value = (&'static str, Kind, Vec<(String, String)>)> {
    let kinds: [Sort; 4] = [
        ("like", Kind::Comment, &[("parent_type", "Comment"), ("positive", "true")]),
        ("like", Kind::Post, &[("parent_type", "Post"), ("positive", "false")]),
        ("poll_participation", Kind::Poll, &[("poll_answer_guid", "0000000000000000answer")]),
        (
            "event_participation",
            Kind::Event,
            &[("status", "declined"), ("edited_at", "2024-05-17T09:30:00Z")],
        ),
    ];
    (select(kinds.to_vec()), unknown()).prop_flat_map(|((name, kind, own), unknown)| {
        let mut all: Vec<(String, String)> = [
            ("author".to_owned(), noa().id.to_string()),
            ("guid".to_owned(), guid("it").to_string()),
            ("parent_guid".to_owned(), guid("parent").to_string()),
        ]
        .into();
        all.extend(own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        all.extend(unknown);
        (Just(name), Just(kind), Just(all).prop_shuffle())
    })
}

fn write(elements: &[(String, String)], how: u8) -> String {
    write_as("comment", elements, how)
}

fn write_as(root: &str, elements: &[(String, String)], how: u8) -> String {
    let escape = |text: &str| match how % 3 {
        0 => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;"),
        1 => text.chars().fold(String::new(), |out, c| out + &format!("&#x{:x};", u32::from(c))),
        _ => format!(
            "<![CDATA[{}]]>",
            text.replace("]]>", "]]]]><![CDATA[>").replace('\r', "]]>&#xD;<![CDATA[")
        ),
    };
    let glue = if how.is_multiple_of(2) { "\n\t" } else { "" };
    let body = elements.iter().fold(String::new(), |body, (name, value)| {
        body + glue + "<" + name + ">" + &escape(value) + "</" + name + ">"
    });
    let declaration = if how.is_multiple_of(5) { "<?xml version=\"1.0\"?>\n" } else { "" };
    format!("{declaration}<{root}>{body}{glue}</{root}>")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Signed by its author, sent to the root's pod, relayed from there, verified by a third.
    #[test]
    fn every_relayable_survives_the_relay(mut elements in elements(), how in any::<u8>(), place in any::<prop::sample::Index>()) {
        let (mia, noa, eve) = (mia(), noa(), eve());
        let signed = elements.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(";");
        let signature = STANDARD.encode(noa.key.sign(signed.as_bytes()).unwrap());
        let place = place.index(elements.len() + 1);
        elements.insert(place, ("author_signature".to_owned(), signature));
        let known = Known { parent: Some(post(&mia, true)), author_key: Some(noa.public()), ..Known::default() };

        let upstream = receive_xml(&write(&elements, how), &noa, &mia, Route::Public, &known).unwrap();
        let relay = upstream.relay.expect("the root is here");
        let downstream = receive_xml(&relay, &mia, &eve, Route::Public, &known).unwrap();

        let relayable = downstream.entity.as_relayable().unwrap();
        let came: Vec<_> = relayable.signed().properties().iter().collect();
        let sent: Vec<_> = elements.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        prop_assert_eq!(came, sent);
        prop_assert_eq!(&downstream.entity, &upstream.entity);

        // One character more anywhere and the signature is worth nothing.
        let target = elements.iter().position(|(name, _)| name == "text").unwrap();
        elements[target].1.push('x');
        prop_assert!(receive_xml(&write(&elements, how), &mia, &eve, Route::Public, &known).is_err());
    }

    /// The same for likes (of comments too), votes and answers to events.
    #[test]
    fn every_other_relayable_survives_it_too((root, kind, mut elements) in other_relayable(), how in any::<u8>(), place in any::<prop::sample::Index>()) {
        let (mia, noa, eve) = (mia(), noa(), eve());
        let signed = elements.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(";");
        let signature = STANDARD.encode(noa.key.sign(signed.as_bytes()).unwrap());
        let place = place.index(elements.len() + 1);
        elements.insert(place, ("author_signature".to_owned(), signature));
        let mut parent = post(&mia, true);
        if kind == Kind::Post {
            parent.guid = guid("parent");
        } else {
            parent = child(kind, "parent", &eve, parent);
        }
        let known = Known { parent: Some(parent), author_key: Some(noa.public()), ..Known::default() };
        let sent = write_as(root, &elements, how);

        let upstream = receive_xml(&sent, &noa, &mia, Route::Public, &known).unwrap();
        let relay = upstream.relay.expect("the root is here");
        prop_assert_eq!(&relay, sent.trim(), "to the last byte");
        let downstream = receive_xml(&relay, &mia, &eve, Route::Public, &known).unwrap();
        prop_assert_eq!(&downstream.entity, &upstream.entity);

        // Straight to a third pod, or with one character more, it is worth nothing.
        prop_assert!(receive_xml(&sent, &noa, &eve, Route::Public, &known).is_err());
        elements.push(("x".to_owned(), "more".to_owned()));
        prop_assert!(receive_xml(&write_as(root, &elements, how), &mia, &eve, Route::Public, &known).is_err());
    }

    #[test]
    fn what_is_printed_is_read_as_the_same(text in text(), other in text(), flag in any::<bool>(), number in any::<u32>()) {
        let (mia, noa) = (mia(), noa());
        let line: String = other.chars().take(MAX_LINE).collect();
        prop_assume!(!line.is_empty());
        let name: String = other.chars().filter(|c| *c != ';').take(32).collect();
        let photo = Photo {
            guid: guid("photo"), author: mia.id.clone(), public: flag, created_at: NOW, edited_at: Some(NOW),
            remote_photo_path: "https://mia.example/uploads/".to_owned(), remote_photo_name: line.clone(),
            text: Some(text.clone()), status_message_guid: Some(guid("post")), height: Some(number), width: None,
        };
        let location = Location { address: line.clone(), lat: "47.05".to_owned(), lng: line.clone() };
        let answer = |name: &str| PollAnswer { guid: guid(name), answer: line.clone() };
        let mut post = StatusMessage::new(mia.id.clone(), guid("post"), NOW, flag, text.clone());
        post.photos = vec![photo.clone(), photo.clone()];
        post.location = Some(location.clone());
        post.poll = Some(Poll { guid: guid("poll"), question: line.clone(), answers: vec![answer("a"), answer("b")] });
        post.event = Some(Event {
            author: mia.id.clone(), guid: guid("event"), edited_at: None, summary: line.clone(),
            description: Some(text.clone()), start: NOW, end: Some(NOW), all_day: flag,
            timezone: Some("Europe/Zurich".to_owned()), location: Some(location),
        });
        post.embed = Some(Embed {
            url: Some(text.clone()), title: Some(line.clone()), description: None, image: None, nothing: None,
        });
        let mut profile = Profile::new(mia.id.clone(), flag);
        profile.first_name = Some(name).filter(|name| !name.is_empty());
        profile.bio = Some(text.clone());
        profile.location = Some(line.clone());
        profile.birthday = Birthday::parse("1004-02-29");
        let message = Message::new(mia.id.clone(), guid("message"), text.clone(), NOW, guid("talk"));
        let people = vec![noa.id.clone(), mia.id.clone()];
        let mut migration = AccountMigration::new(mia.id.clone(), mia.id.clone(), Profile::new(noa.id.clone(), flag));
        migration.sign(noa.key).unwrap();
        let mut comment = Comment::new(noa.id.clone(), guid("comment"), guid("post"), &text, NOW).unwrap();
        pappus_federation::Relayable::sign(&mut comment, noa.key).unwrap();
        let entities: Vec<Entity> = vec![
            post.into(), photo.into(), profile.into(), migration.into(), comment.into(),
            Conversation::new(line, people, message.clone()).into(), message.into(),
            Like::new(noa.id.clone(), guid("like"), flag, guid("post")).into(),
            PollParticipation::new(noa.id.clone(), guid("vote"), guid("poll"), guid("a")).into(),
            EventParticipation::new(noa.id.clone(), guid("yes"), guid("event"), Answer::Tentative).into(),
            Reshare::new(noa.id.clone(), guid("reshare"), NOW, (mia.id.clone(), guid("post"))).into(),
            Contact::new(mia.id.clone(), noa.id.clone(), flag).into(),
            Contact::blocking(mia.id.clone(), noa.id.clone()).into(),
            Retraction::new(mia.id.clone(), Kind::Comment, guid("comment")).into(),
            Participation::new(noa.id.clone(), guid("subscription"), guid("post")).into(),
            AccountDeletion { author: mia.id.clone() }.into(),
        ];
        for entity in entities {
            let again = Entity::parse(&entity.to_xml(), NOW);
            prop_assert_eq!(again, Ok(entity));
        }
    }

    #[test]
    fn what_is_sealed_comes_out_as_it_went_in(text in text()) {
        let mut count = 0u8;
        let mut entropy = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| {
            count = count.wrapping_mul(31).wrapping_add(7);
            *byte = count;
        });
        let sealed = sealed::seal(&text, mia().key.public(), &mut entropy).unwrap();
        prop_assert_eq!(receive::unseal(sealed.as_bytes(), mia().key).unwrap(), text.as_bytes());
        // A wrong key counts as a random one, whose padding is right once in a while: then it is noise.
        let stranger = receive::unseal(sealed.as_bytes(), noa().key).ok();
        prop_assert_ne!(stranger.as_deref(), Some(text.as_bytes()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in any::<Vec<u8>>(), text in any::<String>()) {
        let _ = receive::open(&bytes);
        let _ = receive::open(text.as_bytes());
        let _ = Entity::parse(&text, NOW);
        let _ = HCard::from_html(&text);
        let _ = WebFinger::from_jrd(&bytes);
        let _ = WebFinger::from_xrd(&text);
        let _ = pappus_federation::PublicKey::from_spki(&bytes);
        let _ = pappus_federation::DiasporaUri::scan(&text);
    }

    #[test]
    fn markup_of_any_shape_makes_no_reader_panic(parts in proptest::collection::vec(select(vec![
        "<comment>", "</comment>", "<author>", "</author>", "<text>", "</text>", "<a b='c'>", "<!--", "-->", "<![CDATA[",
        "]]>", "&amp;", "&#x0;", "&#x110000;", "&x;", "<?", "?>", "<!DOCTYPE a [", "]>", "é", "<x:y xmlns:x='u'>", "/>",
        "class='key'", "<pre class='key uid fn'>", "<script>", "<img class=photo src=/x>", "<div class=entity_photo>",
    ]), 0..24)) {
        let text = parts.concat();
        let _ = Entity::parse(&text, NOW);
        let _ = receive::open(text.as_bytes());
        let _ = HCard::from_html(&text);
        let _ = WebFinger::from_xrd(&text);
    }

    #[test]
    fn an_instant_is_read_as_it_is_printed(seconds in -62_135_596_800_i64..253_402_300_800) {
        let instant = Timestamp::from_micros(seconds * 1_000_000);
        prop_assert_eq!(Timestamp::parse(&instant.to_string()), Some(instant));
    }
}
