//! One thing of an archive: looked up elsewhere where it names somebody or something, then written and ticked off in one
//! transaction; or skipped for a reason that the member is told, or left for later.
use super::{
    format::{ContactEntry, Group},
    later::{self, Wait},
    own, parent,
    store::{self, ImportRow, ItemRow},
};
use crate::{
    Error, Pod, Result,
    contact::{self, aspect::AspectName},
    db::Tx,
    id::{PersonId, Timestamp},
    inbox::{self, Archived},
    outbox::{self, Outgoing},
    person::{
        self, Person,
        profile::{self, ProfileData},
    },
    post, relayable, tag,
    text::scan,
};
use pappus_federation::{
    archive,
    entity::{Entity, Kind, Profile},
    id::DiasporaId,
    time,
};
use serde_json::Value;

/// What became of it.
pub(super) enum Taken {
    Done,
    /// Done; this contact hears of the move.
    Found(PersonId),
    Skipped(&'static str),
    /// What it needs is not to be had yet.
    Later(Wait),
}

/// What is known before anything is written.
enum Ready {
    ToWrite,
    ToWriteAbout(Person),
    Settled(Taken),
}

/// Takes one thing in. An error is the pod's own and leaves everything as it was.
pub(super) async fn take(pod: &Pod, import: &ImportRow, item: &ItemRow) -> Result<()> {
    let ready = prepare(pod, import, item).await?;
    let mut tx = pod.db.begin().await?;
    let taken = match ready {
        Ready::Settled(taken) => taken,
        Ready::ToWriteAbout(person) if item.kind == "contact" => {
            contact(pod, &mut tx, import, &item.payload, &person).await?
        }
        Ready::ToWriteAbout(person) => block(pod, &mut tx, import, &person).await?,
        Ready::ToWrite => write(pod, &mut tx, import, item).await?,
    };
    let (state, reason, person) = match taken {
        Taken::Done => ("done", None, None),
        Taken::Found(person) => ("done", None, Some(person)),
        Taken::Skipped(reason) => ("skipped", Some(reason), None),
        Taken::Later(wait) => match later::postpone(pod, &mut tx, item, &wait).await? {
            None => return Ok(tx.commit().await?),
            given_up => ("skipped", given_up, None),
        },
    };
    store::settle(&mut tx, item.id, state, reason, person).await?;
    Ok(tx.commit().await?)
}

/// Everything that other pods have to be asked for.
async fn prepare(pod: &Pod, import: &ImportRow, item: &ItemRow) -> Result<Ready> {
    Ok(match item.kind.as_str() {
        "contact" | "block" => match look_up(pod, import, &item.label).await? {
            Ok(person) => Ready::ToWriteAbout(person),
            Err(reason) => Ready::Settled(Taken::Skipped(reason)),
        },
        "reply" => Ready::Settled(reply(pod, import, item).await?),
        "post" | "relayable" | "subscription" => {
            parent::bring(pod, import, item).await?.map_or(Ready::ToWrite, Ready::Settled)
        }
        _ => Ready::ToWrite,
    })
}

async fn write(pod: &Pod, tx: &mut Tx, import: &ImportRow, item: &ItemRow) -> Result<Taken> {
    match item.kind.as_str() {
        "aspect" => aspect(pod, tx, import, &item.payload).await,
        "tag" => follow(tx, import, &item.label).await,
        "subscription" => subscription(pod, tx, import, &item.label).await,
        _ => match own_entity(pod, import, &item.payload) {
            Ok(Entity::Profile(it)) => own_profile(pod, tx, import, *it).await,
            Ok(Entity::StatusMessage(it)) => own::post(pod, tx, import, *it, &item.payload).await,
            Ok(Entity::Reshare(it)) => own::reshare(pod, tx, import, it).await,
            Ok(Entity::Comment(it)) => own::comment(pod, tx, import, it).await,
            Ok(Entity::Like(it)) if it.positive => match it.parent_kind {
                Kind::Comment => own::comment_like(pod, tx, import, it).await,
                _ => own::like(pod, tx, import, it).await,
            },
            Ok(answer @ (Entity::PollParticipation(_) | Entity::EventParticipation(_))) => {
                own::answer(pod, tx, import, &answer).await
            }
            Ok(_) => Ok(Taken::Skipped("kind")),
            Err(reason) => Ok(Taken::Skipped(reason)),
        },
    }
}

/// The same, if it is its owner's.
pub(super) fn own_entity(pod: &Pod, import: &ImportRow, payload: &str) -> Result<Entity, &'static str> {
    let entity = entity(payload, pod.clock.now()).ok_or("invalid")?;
    if entity.author().as_str() == import.old_id { Ok(entity) } else { Err("not-yours") }
}

/// What the JSON of one thing says.
pub(super) fn entity(payload: &str, now: Timestamp) -> Option<Entity> {
    let json: Value = serde_json::from_str(payload).ok()?;
    archive::from_json(&json, time::Timestamp::from_micros(now.0)).ok()
}

pub(super) fn is_own(import: &ImportRow, author: PersonId) -> bool {
    author == import.old_person_id || author == import.person_id
}

/// What somebody else said below a post of the owner's. It is written before it is ticked off: doing so twice changes
/// nothing.
async fn reply(pod: &Pod, import: &ImportRow, item: &ItemRow) -> Result<Taken> {
    let entity = match entity(&item.payload, pod.clock.now()).ok_or("invalid") {
        Ok(entity) => entity,
        Err(reason) => return Ok(Taken::Skipped(reason)),
    };
    let host = entity.author().host().to_owned();
    if parent::is_silent(pod, import, &host).await? {
        return Ok(Taken::Later(Wait::not_asked()));
    }
    let taken = inbox::take_archived(pod, entity, [&import.old_id, &import.new_id]).await?;
    Ok(match taken {
        Archived::Stored => Taken::Done,
        Archived::Refused(reason) => Taken::Skipped(reason),
        Archived::Later(why) => Taken::Later(Wait::asked(why, &host)),
    })
}

// --- people ---

/// Finds somebody, or says why not. A pod that did not answer before is not asked again.
async fn look_up(pod: &Pod, import: &ImportRow, label: &str) -> Result<Result<Person, &'static str>> {
    let Ok(id) = label.to_lowercase().parse::<DiasporaId>() else { return Ok(Err("invalid")) };
    if id.as_str() == import.old_id || id.as_str() == import.new_id {
        return Ok(Err("yourself"));
    }
    let mut conn = pod.db.read().await?;
    let known = person::store::find_by_diaspora_id(&mut conn, id.as_str()).await?;
    let dead = known.is_none() && store::is_dead(&mut conn, import.id, id.host()).await?;
    drop(conn);
    if dead {
        return Ok(Err("unreachable"));
    }
    let person = match known {
        Some(person) => person,
        None => match person::discover(pod, &id).await {
            Ok(person) => person,
            Err(Error::NotFound) => return Ok(Err("unknown")),
            Err(Error::Storage(error)) => return Err(error.into()),
            Err(error) => {
                tracing::info!(%error, "a contact of an archive was not found");
                return Ok(Err("unreachable"));
            }
        },
    };
    if !person.closed {
        return Ok(Ok(person));
    }
    let mut conn = pod.db.read().await?;
    let moved = match store::moved_to(&mut conn, person.id).await? {
        Some(to) => person::store::find(&mut conn, to).await?,
        None => None,
    };
    Ok(moved.filter(|person| !person.closed && person.id != import.person_id).ok_or("closed"))
}

/// Whom the member shared with; whether the other shares is theirs to say again.
async fn contact(
    pod: &Pod,
    tx: &mut Tx,
    import: &ImportRow,
    payload: &str,
    person: &Person,
) -> Result<Taken> {
    let Ok(entry) = serde_json::from_str::<ContactEntry>(payload) else {
        return Ok(Taken::Skipped("invalid"));
    };
    if contact::store::is_blocked(tx, import.user_id, person.id).await? {
        return Ok(Taken::Skipped("ignored"));
    }
    if entry.receiving || entry.following {
        let now = pod.clock.now();
        for name in &entry.contact_groups_membership {
            let aspect = contact::store::aspect_by_name(tx, import.user_id, name).await?;
            let Some(aspect) = aspect else { continue };
            let row = contact::store::set_receiving(tx, import.user_id, person.id, true, now).await?;
            contact::store::insert_membership(tx, aspect, row).await?;
        }
    }
    Ok(Taken::Found(person.id))
}

async fn block(pod: &Pod, tx: &mut Tx, import: &ImportRow, person: &Person) -> Result<Taken> {
    contact::store::block(tx, import.user_id, person.id, pod.clock.now()).await?;
    Ok(Taken::Done)
}

async fn own_profile(pod: &Pod, tx: &mut Tx, import: &ImportRow, profile: Profile) -> Result<Taken> {
    let home = outbox::store::home_of(tx, import.old_person_id).await?;
    let now = pod.clock.now();
    let mut data = ProfileData::received(profile, home.as_deref());
    data.edited_at = Some(now);
    profile::write(tx, import.person_id, &data, now).await?;
    Ok(Taken::Done)
}

// --- what the member keeps for themselves ---

async fn aspect(pod: &Pod, tx: &mut Tx, import: &ImportRow, payload: &str) -> Result<Taken> {
    let name = serde_json::from_str::<Group>(payload).ok();
    let Some(Ok(name)) = name.map(|group| AspectName::try_from(group.name.as_str())) else {
        return Ok(Taken::Skipped("invalid"));
    };
    // one of that name is there already: it is meant
    contact::store::insert_aspect(tx, import.user_id, name.as_str(), pod.clock.now()).await?;
    Ok(Taken::Done)
}

async fn follow(tx: &mut Tx, import: &ImportRow, label: &str) -> Result<Taken> {
    let Some(name) = scan::tag_name(label) else { return Ok(Taken::Skipped("invalid")) };
    tag::store::insert(tx, std::slice::from_ref(&name)).await?;
    if let Some(tag) = tag::store::find(tx, &name).await? {
        tag::store::follow(tx, import.user_id, tag.id).await?;
    }
    Ok(Taken::Done)
}

async fn subscription(pod: &Pod, tx: &mut Tx, import: &ImportRow, label: &str) -> Result<Taken> {
    let post = post::store::find_any_by_guid(tx, label).await?;
    let Some(post) = post.filter(|post| post.public && !post.local && !is_own(import, post.author_id)) else {
        return Ok(Taken::Skipped("parent-unknown"));
    };
    let (guid, now) = (pod.new_guid(), pod.clock.now());
    let new =
        relayable::store::insert_participation(tx, guid.as_str(), post.id, import.person_id, now).await?;
    if new > 0 {
        let participation = Outgoing::Participation { user: import.user_id, post: post.id };
        outbox::enqueue(tx, &participation, now).await?;
    }
    Ok(Taken::Done)
}
