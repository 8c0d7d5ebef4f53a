//! From an accepted entity to rows. Eight kinds are understood here; the others are kept as they came.
use super::{
    fetch::Budget,
    receive::{Stop, parse_id, raw_name},
    store::{self, Raw},
};
use crate::{
    Error, Pod, Result, contact,
    db::Tx,
    id::{PersonId, Timestamp, UserId},
    outbox::{self, Outgoing},
    person::{
        self, Person,
        profile::{self, ProfileData},
    },
    post::{self, NewPhoto, NewPost},
    relayable::{
        self,
        comment::{self, NewComment},
        like::{self, NewLike},
        participate,
    },
    text,
};
use pappus_federation::{
    entity::{Comment, Contact, Entity, Kind, Like, Profile, Retraction, StatusMessage},
    id::DiasporaId,
    receive::Accepted,
    time,
};

/// Stores it. Doing so twice changes nothing.
pub(super) async fn apply(
    pod: &Pod,
    accepted: Accepted,
    sender: &Person,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let relay = accepted.relay;
    match accepted.entity {
        Entity::StatusMessage(message) => status_message(pod, *message, sender, recipient, budget).await?,
        Entity::Comment(it) => comment(pod, it, relay, budget).await?,
        Entity::Like(it) if it.positive && it.parent_kind == Kind::Post => {
            like(pod, it, relay, budget).await?
        }
        Entity::Contact(it) => contact(pod, &it, sender, recipient).await?,
        Entity::Profile(it) => profile(pod, *it, sender).await?,
        Entity::Retraction(it) => retraction(pod, &it, sender, recipient).await?,
        Entity::Participation(it) => {
            let now = pod.clock.now();
            let mut tx = pod.db.begin().await?;
            if let Some(post) = store::post(&mut tx, it.parent_guid.as_str()).await?
                && (post.public || store::was_sent(&mut tx, post.id, sender.id).await?)
            {
                participate::receive(&mut tx, it.guid.as_str(), post.id, sender.id, now).await?;
            }
            tx.commit().await?;
        }
        entity => keep(pod, &entity, recipient, budget).await?,
    }
    Ok(())
}

async fn status_message(
    pod: &Pod,
    message: StatusMessage,
    sender: &Person,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<()> {
    let mentioned = mentioned(pod, &message.text, budget).await?;
    let now = pod.clock.now();
    let photo = |photo: &pappus_federation::entity::Photo| NewPhoto {
        guid: photo.guid.to_string(),
        remote_path: photo.remote_photo_path.clone(),
        remote_name: photo.remote_photo_name.clone(),
        text: photo.text.clone().unwrap_or_default(),
        width: photo.width.map(i64::from),
        height: photo.height.map(i64::from),
        created_at: when(photo.created_at),
    };
    let new = NewPost {
        guid: message.guid.to_string(),
        author: sender.id,
        text: message.text.clone(),
        public: message.public,
        provider: message.provider_display_name.clone(),
        created_at: when(message.created_at),
        photos: message.photos.iter().map(photo).collect(),
        mentioned,
        recipient,
    };
    let attachments = [
        message.poll.as_ref().map(|poll| (raw_name(&Kind::Poll), poll.guid.to_string())),
        message.event.as_ref().map(|event| (raw_name(&Kind::Event), event.guid.to_string())),
    ];
    let guid = new.guid.clone();
    let public = new.public;
    let xml = Entity::StatusMessage(Box::new(message)).to_xml();
    let mut tx = pod.db.begin().await?;
    let stored = post::receive(&mut tx, new, now).await?;
    if let Some(id) = stored {
        for (kind, name) in attachments.into_iter().flatten() {
            let raw =
                Raw { kind, guid: &name, author: sender.id, parent_guid: Some(&guid), recipient, xml: &xml };
            store::insert_raw(&mut tx, &raw, now).await?;
        }
        // so that the pod is sent what happens to the post
        if public && let Some((user, person)) = store::first_admin(&mut tx).await? {
            let name = pod.new_guid();
            if relayable::store::insert_participation(&mut tx, name.as_str(), id, person, now).await? > 0 {
                outbox::enqueue(&mut tx, &Outgoing::Participation { user, post: id }, now).await?;
            }
        }
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

async fn comment(pod: &Pod, comment: Comment, relay: Option<String>, budget: &mut Budget) -> Result<()> {
    let author = budget.discover(pod, &comment.author).await?;
    let mentioned = mentioned(pod, &comment.text, budget).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let parent = store::post(&mut tx, comment.parent_guid.as_str()).await?.ok_or(Error::NotFound)?;
    if refuse(&mut tx, &parent, author.id, "Comment", comment.guid.as_str(), now).await? {
        tx.commit().await?;
        return Ok(());
    }
    let relays = relay.is_some();
    let new = NewComment {
        guid: comment.guid.to_string(),
        post: parent.id,
        author: author.id,
        text: comment.text,
        created_at: when(comment.created_at).min(now),
        mentioned,
        relay_xml: relay,
    };
    if let Some(id) = comment::receive(&mut tx, new, now).await?
        && relays
    {
        outbox::enqueue(&mut tx, &Outgoing::Comment(id), now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

async fn like(pod: &Pod, like: Like, relay: Option<String>, budget: &mut Budget) -> Result<()> {
    let author = budget.discover(pod, &like.author).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let parent = store::post(&mut tx, like.parent_guid.as_str()).await?.ok_or(Error::NotFound)?;
    if refuse(&mut tx, &parent, author.id, "Like", like.guid.as_str(), now).await? {
        tx.commit().await?;
        return Ok(());
    }
    let relays = relay.is_some();
    let new = NewLike {
        guid: like.guid.to_string(),
        post: parent.id,
        author: author.id,
        created_at: now,
        relay_xml: relay,
    };
    if let Some(id) = like::receive(&mut tx, new, now).await?
        && relays
    {
        outbox::enqueue(&mut tx, &Outgoing::Like(id), now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Somebody whom the post's author ignores is told by a retraction that it was not wanted.
async fn refuse(
    tx: &mut Tx,
    parent: &store::PostRow,
    author: PersonId,
    target_type: &str,
    guid: &str,
    now: Timestamp,
) -> Result<bool> {
    if !parent.local || !relayable::is_refused(tx, parent.id, author).await? {
        return Ok(false);
    }
    if let Some(user) = person::store::user_of(tx, parent.author_id).await? {
        let retraction = Outgoing::Retraction {
            user,
            author,
            target_type: target_type.into(),
            target_guid: guid.to_owned(),
            public: parent.public,
            recipients: vec![author],
        };
        outbox::enqueue(tx, &retraction, now).await?;
    }
    Ok(true)
}

async fn contact(pod: &Pod, contact: &Contact, sender: &Person, recipient: Option<UserId>) -> Result<()> {
    let Some(user) = recipient else { return Ok(()) };
    let mut tx = pod.db.begin().await?;
    contact::receive(&mut tx, user, sender.id, contact.sharing, pod.clock.now()).await?;
    Ok(tx.commit().await?)
}

async fn profile(pod: &Pod, profile: Profile, sender: &Person) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let edited_at = profile.edited_at.map(when);
    let newest = store::profile_edited_at(&mut tx, sender.id).await?;
    if edited_at.is_some_and(|edited| newest.is_some_and(|newest| edited < newest)) {
        return Ok(()); // an old one, again
    }
    let base = store::base_url(&mut tx, sender.id).await?;
    let picture = |url: Option<String>| {
        let base = url::Url::parse(base.as_deref()?).ok()?;
        base.join(&url?).ok().filter(|url| url.scheme() == "https").map(String::from)
    };
    let mut first_name = profile.first_name.unwrap_or_default();
    let last_name = profile.last_name.unwrap_or_default();
    if first_name.is_empty() && last_name.is_empty() {
        first_name = profile.full_name.unwrap_or_default();
    }
    let data = ProfileData {
        first_name,
        last_name,
        image_url: picture(profile.image_url),
        image_url_medium: picture(profile.image_url_medium),
        image_url_small: picture(profile.image_url_small),
        bio: profile.bio.unwrap_or_default(),
        birthday: profile.birthday.map(|day| day.as_str().to_owned()),
        gender: profile.gender.unwrap_or_default(),
        location: profile.location.unwrap_or_default(),
        tag_string: profile.tag_string.unwrap_or_default(),
        searchable: profile.searchable,
        nsfw: profile.nsfw,
        public_details: profile.public,
        edited_at: edited_at.or(newest),
    };
    profile::write(&mut tx, sender.id, &data, now).await?;
    Ok(tx.commit().await?)
}

async fn retraction(
    pod: &Pod,
    retraction: &Retraction,
    sender: &Person,
    recipient: Option<UserId>,
) -> Result<()> {
    let now = pod.clock.now();
    let guid = retraction.target_guid.as_str();
    let mut tx = pod.db.begin().await?;
    match &retraction.target_kind {
        Kind::Post => {
            if let Some(post) = store::post(&mut tx, guid).await? {
                post::remove(&mut tx, post.id, now).await?;
            }
        }
        Kind::Comment => {
            if let Some(child) = store::comment(&mut tx, guid).await? {
                relay_retraction(&mut tx, "Comment", guid, &child, now).await?;
                comment::remove(&mut tx, child.comment(), now).await?;
            }
        }
        Kind::Like => {
            if let Some(child) = store::like(&mut tx, guid).await? {
                relay_retraction(&mut tx, "Like", guid, &child, now).await?;
                like::remove(&mut tx, child.like(), now).await?;
            }
        }
        Kind::Person => {
            if let Some(user) = recipient {
                contact::receive(&mut tx, user, sender.id, false, now).await?;
            }
        }
        kind => {
            store::delete_raw(&mut tx, raw_name(kind), guid).await?;
            post::store::bury(&mut tx, kind.as_str(), guid, now).await?;
        }
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// What others were sent through this pod is also taken back through it.
async fn relay_retraction(
    tx: &mut Tx,
    target_type: &str,
    guid: &str,
    child: &store::ChildRow,
    now: Timestamp,
) -> Result<()> {
    let Some(user) = person::store::user_of(tx, child.post_author_id).await? else { return Ok(()) };
    let recipients = outbox::subscribers(tx, child.post_id).await?;
    let retraction = Outgoing::Retraction {
        user,
        author: child.author_id,
        target_type: target_type.into(),
        target_guid: guid.to_owned(),
        public: child.public,
        recipients: recipients.into_iter().filter(|person| *person != child.author_id).collect(),
    };
    Ok(outbox::enqueue(tx, &retraction, now).await?)
}

/// Keeps what only a plugin could understand, signed and whole.
async fn keep(pod: &Pod, entity: &Entity, recipient: Option<UserId>, budget: &mut Budget) -> Result<()> {
    let author = budget.discover(pod, entity.author()).await?;
    // a person closes or moves once: these have no guid of their own
    let guid = entity.guid().map_or_else(|| author.guid.clone(), ToString::to_string);
    let parent = entity.as_relayable().map(|relayable| relayable.parent().1.to_string());
    let parent = match entity {
        Entity::Message(message) => Some(message.conversation_guid.to_string()),
        Entity::Photo(photo) => photo.status_message_guid.as_ref().map(ToString::to_string),
        _ => parent,
    };
    let xml = entity.to_xml();
    let raw = Raw {
        kind: entity.name(),
        guid: &guid,
        author: author.id,
        parent_guid: parent.as_deref(),
        recipient,
        xml: &xml,
    };
    let mut tx = pod.db.begin().await?;
    store::insert_raw(&mut tx, &raw, pod.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Who is mentioned and known, or can be found within the budget.
async fn mentioned(pod: &Pod, text: &str, budget: &mut Budget) -> Result<Vec<PersonId>> {
    let mut people = Vec::new();
    for name in text::scan::mentions(text).into_iter().take(20) {
        let Ok(id): Result<DiasporaId> = parse_id(&name) else { continue };
        match budget.discover(pod, &id).await {
            Ok(person) => people.push(person.id),
            Err(Error::Storage(error)) => return Err(error.into()),
            Err(error) => tracing::debug!(%error, "a mentioned person was not found"),
        }
    }
    Ok(people)
}

fn when(at: time::Timestamp) -> Timestamp {
    Timestamp(at.micros())
}
