//! Who may send what, row by row.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::*;
use pappus_federation::entity::*;
use pappus_federation::receive::{Known, Refused, Route, authorise_archived};
use pappus_federation::{Kind, Relayable as _};

fn comment(by: &Somebody, signed: Option<&Somebody>) -> Comment {
    let mut comment = Comment::new(by.id.clone(), guid("comment"), guid("post"), " Lovely! ", NOW).unwrap();
    if let Some(signer) = signed {
        comment.sign(signer.key).unwrap();
    }
    comment
}

fn knows_parent(parent: pappus_federation::receive::Related, key_of: &Somebody) -> Known {
    Known { parent: Some(parent), author_key: Some(key_of.public()), ..Known::default() }
}

#[test]
fn a_comment_comes_from_its_author_to_the_root_and_from_the_root_to_all() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    let known = knows_parent(post(&mia, true), &noa);
    let signed = || comment(&noa, Some(&noa));
    let send = |comment: Comment, from: &Somebody, at: &Somebody| {
        receive_entity(comment, from, at, Route::Public, &known).map(|accepted| accepted.relay.is_some())
    };

    assert_eq!(send(signed(), &noa, &mia), Ok(true), "upstream, to be relayed");
    assert_eq!(send(signed(), &mia, &eve), Ok(false), "relayed");
    assert_eq!(send(signed(), &noa, &eve), Err(Refused::Sender), "straight to a third pod");
    assert_eq!(send(signed(), &eve, &mia), Err(Refused::Sender), "by a stranger");
    assert_eq!(send(comment(&noa, None), &noa, &mia), Err(Refused::AuthorSignature), "not signed");
    assert_eq!(
        send(comment(&noa, Some(&eve)), &noa, &mia),
        Err(Refused::AuthorSignature),
        "signed by another"
    );
    assert_eq!(
        send(comment(&noa, Some(&mia)), &mia, &eve),
        Err(Refused::AuthorSignature),
        "made up by the root"
    );
    assert_eq!(send(comment(&mia, None), &mia, &eve), Ok(false), "on one's own post nothing needs signing");
}

#[test]
fn out_of_an_archive_only_the_authors_signature_counts() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    let judge = |comment: Comment, root: &Somebody, key_of: &Somebody| {
        authorise_archived(&comment.into(), &post(root, true), &key_of.public())
            .map(|xml| xml.contains("Lovely!"))
    };
    assert_eq!(judge(comment(&noa, Some(&noa)), &mia, &noa), Ok(true));
    for (said, key_of) in
        [(comment(&noa, None), &noa), (comment(&noa, Some(&mia)), &noa), (comment(&noa, Some(&noa)), &eve)]
    {
        assert_eq!(judge(said, &mia, key_of), Err(Refused::AuthorSignature));
    }
    // what the owner said comes as their own
    assert_eq!(judge(comment(&mia, Some(&mia)), &mia, &mia), Err(Refused::AuthorSignature));
    let elsewhere = child(Kind::Comment, "other", &mia, post(&mia, true));
    let said = comment(&noa, Some(&noa)).into();
    assert_eq!(authorise_archived(&said, &elsewhere, &noa.public()), Err(Refused::ParentUnknown));
}

#[test]
fn what_is_not_known_yet_may_be_tried_again() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    let send = |known: Known| {
        receive_entity(comment(&noa, Some(&noa)), &mia, &eve, Route::Public, &known).map(drop).unwrap_err()
    };
    let nothing = send(Known::default());
    assert_eq!((nothing.clone(), nothing.is_final()), (Refused::ParentUnknown, false));
    let no_key = send(Known { parent: Some(post(&mia, true)), ..Known::default() });
    assert_eq!((no_key.clone(), no_key.is_final()), (Refused::AuthorKeyUnknown, false));
    let wrong_kind =
        Known { parent: Some(child(Kind::Comment, "post", &mia, post(&mia, true))), ..Known::default() };
    assert_eq!(send(wrong_kind), Refused::ParentUnknown, "a comment is no post");
    assert!(
        Refused::AuthorSignature.is_final() && Refused::Sender.is_final() && Refused::NotPublic.is_final()
    );
}

#[test]
fn nothing_about_a_limited_post_comes_publicly() {
    let (mia, noa) = (mia(), noa());
    let known = knows_parent(post(&mia, false), &noa);
    let private = Route::Private { recipient: &mia.id };
    let send = |route| receive_entity(comment(&noa, Some(&noa)), &noa, &mia, route, &known).map(drop);
    assert_eq!(send(Route::Public), Err(Refused::NotPublic));
    assert_eq!(send(Route::Fetch), Err(Refused::NotPublic));
    assert_eq!(send(private), Ok(()));

    let limited = StatusMessage::new(mia.id.clone(), guid("post"), NOW, false, "for few".to_owned());
    let to_noa = Route::Private { recipient: &noa.id };
    let send = |route| receive_entity(limited.clone(), &mia, &noa, route, &Known::default()).map(drop);
    assert_eq!(send(Route::Public), Err(Refused::NotPublic));
    assert_eq!(send(Route::Fetch), Err(Refused::NotPublic));
    assert_eq!(send(to_noa), Ok(()));

    let target = child(Kind::Comment, "comment", &noa, post(&mia, false));
    let known = Known { target: Some(target), ..Known::default() };
    let retraction = Retraction::new(noa.id.clone(), Kind::Comment, guid("comment"));
    let send = |route| receive_entity(retraction.clone(), &noa, &mia, route, &known).map(drop);
    assert_eq!(send(Route::Public), Err(Refused::NotPublic));
    assert_eq!(send(private), Ok(()));
}

#[test]
fn every_other_entity_is_sent_by_its_author() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    let to_noa = Route::Private { recipient: &noa.id };
    let message = Message::new(mia.id.clone(), guid("message"), "hi".to_owned(), NOW, guid("talk"));
    let people = vec![mia.id.clone(), noa.id.clone()];
    let entities: Vec<Entity> = vec![
        StatusMessage::new(mia.id.clone(), guid("post"), NOW, true, "hi".to_owned()).into(),
        Reshare { author: mia.id.clone(), guid: guid("reshare"), created_at: NOW, root: None }.into(),
        Contact::new(mia.id.clone(), noa.id.clone(), true).into(),
        Profile::new(mia.id.clone(), true).into(),
        message.clone().into(),
        Conversation::new("talk".to_owned(), people, message).into(),
        AccountDeletion { author: mia.id.clone() }.into(),
        Participation::new(mia.id.clone(), guid("subscription"), guid("post")).into(),
    ];
    let known = Known { parent: Some(post(&noa, true)), ..Known::default() };
    for entity in entities {
        let sent_by = |who: &Somebody| receive_entity(entity.clone(), who, &noa, to_noa, &known).map(drop);
        assert_eq!(sent_by(&mia), Ok(()), "{}", entity.name());
        assert_eq!(sent_by(&eve), Err(Refused::Sender), "{}", entity.name());
    }
}

#[test]
fn a_private_message_is_for_whom_it_says() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    let to = |who: &Somebody, entity: Entity, known: &Known| {
        let route = Route::Private { recipient: &who.id };
        receive_entity(entity, &mia, who, route, known).map(drop)
    };
    let nothing = Known::default();
    let contact = || Entity::from(Contact::new(mia.id.clone(), noa.id.clone(), true));
    assert_eq!(to(&noa, contact(), &nothing), Ok(()));
    assert_eq!(to(&eve, contact(), &nothing), Err(Refused::Recipient));

    let message = || Message::new(mia.id.clone(), guid("message"), "hi".to_owned(), NOW, guid("talk"));
    let talk =
        || Conversation::new("talk".to_owned(), vec![mia.id.clone(), noa.id.clone()], message()).into();
    assert_eq!(to(&noa, talk(), &nothing), Ok(()));
    assert_eq!(to(&eve, talk(), &nothing), Err(Refused::Recipient));

    let between = |people: &[&Somebody]| Known {
        participants: Some(people.iter().map(|who| who.id.clone()).collect()),
        ..Known::default()
    };
    assert_eq!(to(&noa, message().into(), &between(&[&mia, &noa])), Ok(()));
    assert_eq!(to(&eve, message().into(), &between(&[&mia, &noa])), Err(Refused::Recipient));
    assert_eq!(to(&noa, message().into(), &between(&[&eve, &noa])), Err(Refused::NotInConversation));
    assert!(!Refused::NotInConversation.is_final(), "the word of a move may come");

    let publicly = |entity: Entity| receive_entity(entity, &mia, &noa, Route::Public, &nothing).map(drop);
    for entity in [contact(), talk(), message().into()] {
        assert_eq!(publicly(entity), Err(Refused::NotPublic));
    }
}

#[test]
fn one_takes_back_ones_own_and_what_hangs_on_ones_post() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    let retract = |kind: Kind, name: &str, target, sender: &Somebody| {
        let known = Known { target: Some(target), ..Known::default() };
        // Whoever is named as author does not matter: the sender does.
        let retraction = Retraction::new(sender.id.clone(), kind, guid(name));
        receive_entity(retraction, sender, &eve, Route::Public, &known).map(drop)
    };
    let comment = || child(Kind::Comment, "comment", &noa, post(&mia, true));
    assert_eq!(retract(Kind::Comment, "comment", comment(), &noa), Ok(()));
    assert_eq!(retract(Kind::Comment, "comment", comment(), &mia), Ok(()));
    assert_eq!(retract(Kind::Comment, "comment", comment(), &eve), Err(Refused::Sender));
    assert_eq!(retract(Kind::Post, "post", post(&mia, true), &mia), Ok(()));
    assert_eq!(retract(Kind::Post, "post", post(&mia, true), &noa), Err(Refused::Sender));
    let photo = || child(Kind::Photo, "photo", &noa, post(&mia, true));
    assert_eq!(retract(Kind::Photo, "photo", photo(), &mia), Err(Refused::Sender), "a photo is no relayable");
    assert_eq!(retract(Kind::Like, "comment", comment(), &noa), Err(Refused::TargetUnknown));
}

#[test]
fn a_reshare_passes_on_a_public_post_of_whom_it_names() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    let reshare = |root| {
        let root_of_it = (mia.id.clone(), guid("post"));
        let reshare = Reshare::new(noa.id.clone(), guid("reshare"), NOW, root_of_it);
        receive_entity(reshare, &noa, &eve, Route::Public, &Known { root, ..Known::default() }).map(drop)
    };
    assert_eq!(reshare(Some(post(&mia, true))), Ok(()));
    assert_eq!(reshare(Some(post(&mia, false))), Err(Refused::NotPublic));
    assert_eq!(reshare(Some(post(&eve, true))), Err(Refused::RootAuthor));
    assert_eq!(reshare(None), Err(Refused::RootUnknown));
}

#[test]
fn one_subscribes_only_to_what_is_from_here() {
    let (mia, noa) = (mia(), noa());
    let subscribe = |parent| {
        let subscription = Participation::new(noa.id.clone(), guid("subscription"), guid("post"));
        let route = Route::Private { recipient: &mia.id };
        receive_entity(subscription, &noa, &mia, route, &Known { parent, ..Known::default() }).map(drop)
    };
    assert_eq!(subscribe(Some(post(&mia, true))), Ok(()));
    assert_eq!(subscribe(Some(post(&eve(), true))), Err(Refused::ParentNotLocal));
    assert_eq!(subscribe(None), Err(Refused::ParentNotLocal));

    let publicly = |public| {
        let subscription = Participation::new(noa.id.clone(), guid("subscription"), guid("post"));
        let known = Known { parent: Some(post(&mia, public)), ..Known::default() };
        receive_entity(subscription, &noa, &mia, Route::Public, &known).map(drop)
    };
    assert_eq!(publicly(true), Ok(()));
    assert_eq!(publicly(false), Err(Refused::NotPublic), "whoever has a limited post does not say so aloud");
}

#[test]
fn what_cannot_exist_is_not_waited_for() {
    let (mia, eve) = (mia(), eve());
    let retract = |kind| {
        let retraction = Retraction::new(mia.id.clone(), kind, guid("thing"));
        receive_entity(retraction, &mia, &eve, Route::Public, &Known::default()).map(drop).unwrap_err()
    };
    let unheard_of = retract(Kind::Other("Dance".to_owned()));
    assert_eq!((unheard_of.clone(), unheard_of.is_final()), (Refused::Invalid(Invalid::Unknown), true));
    for kind in [Kind::Post, Kind::Photo, Kind::Like, Kind::PollParticipation] {
        let later = retract(kind);
        assert_eq!((later.clone(), later.is_final()), (Refused::TargetUnknown, false));
    }
}

#[test]
fn likes_of_comments_and_votes_go_through_the_pod_of_the_post() {
    let (mia, noa, eve) = (mia(), noa(), eve());
    // eve commented on mia's post, noa likes the comment
    let on_comment = child(Kind::Comment, "comment", &eve, post(&mia, true));
    let on_poll = child(Kind::Poll, "poll", &mia, post(&mia, true));
    let mut like = Like::new(noa.id.clone(), guid("like"), true, guid("comment"));
    like.sign(noa.key).unwrap();
    let mut vote = PollParticipation::new(noa.id.clone(), guid("vote"), guid("poll"), guid("answer"));
    vote.sign(noa.key).unwrap();
    for (entity, parent) in [(Entity::from(like), on_comment), (vote.into(), on_poll)] {
        let send = |from: &Somebody, at: &Somebody, public: bool, route| {
            let mut parent = parent.clone();
            parent.public = public;
            parent.parent.as_mut().unwrap().public = public;
            receive_entity(entity.clone(), from, at, route, &knows_parent(parent, &noa))
                .map(|accepted| accepted.relay.is_some())
        };
        assert_eq!(send(&noa, &mia, true, Route::Public), Ok(true), "{}", entity.name());
        assert_eq!(send(&mia, &eve, true, Route::Public), Ok(false));
        assert_eq!(send(&eve, &noa, true, Route::Public), Err(Refused::Sender), "by the comment's author");
        assert_eq!(send(&noa, &eve, true, Route::Public), Err(Refused::Sender), "to the comment's pod");
        assert_eq!(send(&noa, &mia, false, Route::Public), Err(Refused::NotPublic));
        assert_eq!(send(&noa, &mia, false, Route::Private { recipient: &mia.id }), Ok(true));
    }
}

#[test]
fn what_hangs_on_a_post_is_taken_off_and_put_back() {
    let (mia, eve) = (mia(), eve());
    let plain = || StatusMessage::new(mia.id.clone(), guid("post"), NOW, true, "hi".to_owned());
    let answer = |name: &str| PollAnswer { guid: guid(name), answer: name.to_owned() };
    let event = |author: &Somebody| Event {
        author: author.id.clone(),
        guid: guid("event"),
        edited_at: None,
        summary: "<b>".to_owned(),
        description: None,
        start: NOW,
        end: None,
        all_day: true,
        timezone: None,
        location: None,
    };
    let mut full = plain();
    full.poll =
        Some(Poll { guid: guid("poll"), question: "?".to_owned(), answers: vec![answer("a"), answer("b")] });
    full.location = Some(Location { address: String::new(), lat: "1".to_owned(), lng: "2".to_owned() });
    full.event = Some(event(&mia));
    full.embed = Some(Embed {
        url: Some("https://a.example/?a&b".to_owned()),
        title: None,
        description: None,
        image: None,
        nothing: None,
    });
    let taken = full.attachments();
    let kinds: Vec<_> = taken.iter().map(|it| (it.kind, it.guid.is_some())).collect();
    assert_eq!(kinds, [("location", false), ("poll", true), ("event", true), ("embed", false)]);
    let mut again = plain();
    for it in &taken {
        again.attach(&it.xml).unwrap();
    }
    assert_eq!(again, full);

    let mut foreign = plain();
    foreign.event = Some(event(&eve));
    let foreign = foreign.attachments();
    assert!(plain().attach(&foreign[0].xml).is_err(), "somebody else's event");
    assert_eq!(plain().attach("<photo/>"), Err(Invalid::Unknown));
    assert!(plain().attach("<poll><guid>x</guid></poll>").is_err());
}

#[test]
fn a_move_needs_both_identities_and_no_third() {
    let (old, new, eve) = (mia(), noa(), eve());
    let migrate = |author: &Somebody, old: &Somebody, signer: &Somebody, key_of: &Somebody| {
        let profile = Profile::new(new.id.clone(), true);
        let mut migration = AccountMigration::new(author.id.clone(), old.id.clone(), profile);
        migration.sign(signer.key).unwrap();
        let known = Known { author_key: Some(key_of.public()), ..Known::default() };
        receive_entity(migration, author, &eve, Route::Public, &known).map(drop)
    };
    assert_eq!(migrate(&old, &old, &new, &new), Ok(()));
    assert_eq!(migrate(&new, &old, &old, &old), Ok(()));
    assert_eq!(migrate(&old, &old, &old, &new), Err(Refused::AuthorSignature));
    assert_eq!(migrate(&new, &old, &new, &old), Err(Refused::AuthorSignature));
    assert!(matches!(migrate(&eve, &old, &new, &new), Err(Refused::Invalid(_))), "a third identity");
    assert!(matches!(migrate(&new, &new, &new, &new), Err(Refused::Invalid(_))), "a move to the same place");
}

#[test]
fn a_relayers_dead_signature_is_not_relayed() {
    let (mia, noa) = (mia(), noa());
    let xml = comment(&noa, Some(&noa)).to_xml();
    let dead = "<parent_author_signature>AAAA</parent_author_signature>";
    let with_dead = xml.replace("</comment>", &format!("{dead}</comment>"));
    let known = knows_parent(post(&mia, true), &noa);
    let relay = receive_xml(&with_dead, &noa, &mia, Route::Public, &known).unwrap().relay;
    assert_eq!(relay.as_deref(), Some(xml.as_str()));
}
