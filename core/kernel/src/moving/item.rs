//! One thing of an archive: looked up elsewhere where it names somebody, then written and ticked off in one
//! transaction, or skipped for a reason that the member is told.
use super::{
    format::{ContactEntry, Group, SentTo},
    store::{self, ImportRow, ItemRow},
};
use crate::{
    Error, Pod, Result,
    contact::{self, aspect::AspectName},
    db::Tx,
    id::{PersonId, Timestamp},
    outbox::{self, Outgoing},
    person::{
        self, Person,
        profile::{self, ProfileData},
    },
    post::{self, Arrival, NewReshare, Post},
    relayable::{self, comment::NewComment, like::NewLike},
    tag,
    text::scan,
};
use pappus_federation::{
    archive,
    entity::{Comment, Entity, Kind, Like, Profile, Reshare, StatusMessage},
    id::DiasporaId,
    time,
};
use serde_json::Value;

/// What became of it.
enum Taken {
    Done,
    /// Done; this contact hears of the move.
    Found(PersonId),
    Skipped(&'static str),
}

/// Takes one thing in. An error is the pod's own and leaves everything as it was.
pub(super) async fn take(pod: &Pod, import: &ImportRow, item: &ItemRow) -> Result<()> {
    let found = match item.kind.as_str() {
        "contact" | "block" => Some(look_up(pod, import, &item.label).await?),
        _ => None,
    };
    let mut tx = pod.db.begin().await?;
    let taken = match found {
        Some(Err(reason)) => Taken::Skipped(reason),
        Some(Ok(person)) if item.kind == "contact" => {
            contact(pod, &mut tx, import, &item.payload, &person).await?
        }
        Some(Ok(person)) => block(pod, &mut tx, import, &person).await?,
        None => write(pod, &mut tx, import, item).await?,
    };
    let (state, reason, person) = match taken {
        Taken::Done => ("done", None, None),
        Taken::Found(person) => ("done", None, Some(person)),
        Taken::Skipped(reason) => ("skipped", Some(reason), None),
    };
    store::settle(&mut tx, item.id, state, reason, person).await?;
    Ok(tx.commit().await?)
}

async fn write(pod: &Pod, tx: &mut Tx, import: &ImportRow, item: &ItemRow) -> Result<Taken> {
    match item.kind.as_str() {
        "aspect" => aspect(pod, tx, import, &item.payload).await,
        "tag" => follow(tx, import, &item.label).await,
        "subscription" => subscription(pod, tx, import, &item.label).await,
        _ => match own_entity(pod, import, &item.payload) {
            Ok(Entity::Profile(it)) => own_profile(pod, tx, import, *it).await,
            Ok(Entity::StatusMessage(it)) => own_post(pod, tx, import, *it, &item.payload).await,
            Ok(Entity::Reshare(it)) => own_reshare(pod, tx, import, it).await,
            Ok(Entity::Comment(it)) => own_comment(pod, tx, import, it).await,
            Ok(Entity::Like(it)) if it.positive && it.parent_kind == Kind::Post => {
                own_like(pod, tx, import, it).await
            }
            Ok(_) => Ok(Taken::Skipped("kind")),
            Err(reason) => Ok(Taken::Skipped(reason)),
        },
    }
}

/// An entity of the archive, if it is one and its owner's.
fn own_entity(pod: &Pod, import: &ImportRow, payload: &str) -> Result<Entity, &'static str> {
    let entity = entity(payload, pod.clock.now()).ok_or("invalid")?;
    if entity.author().as_str() == import.old_id { Ok(entity) } else { Err("not-yours") }
}

/// What the JSON of one thing says.
pub(super) fn entity(payload: &str, now: Timestamp) -> Option<Entity> {
    let json: Value = serde_json::from_str(payload).ok()?;
    archive::from_json(&json, time::Timestamp::from_micros(now.0)).ok()
}

fn is_own(import: &ImportRow, author: PersonId) -> bool {
    author == import.old_person_id || author == import.person_id
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

// --- what the member wrote ---

/// It was taken back here, by the member as who they were or as who they are.
async fn is_gone(tx: &mut Tx, import: &ImportRow, kind: &str, guid: &str) -> Result<bool> {
    Ok(post::gone::is_buried(tx, kind, guid, import.person_id, import.old_person_id).await?)
}

/// With its guid and its date. A limited one stays with those who were sent it and are known here; of what
/// the archive does not name nobody can read it but its author.
async fn own_post(
    pod: &Pod,
    tx: &mut Tx,
    import: &ImportRow,
    message: StatusMessage,
    payload: &str,
) -> Result<Taken> {
    let guid = message.guid.as_str();
    if is_gone(tx, import, "Post", guid).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    let id = match post::store::find_any_by_guid(tx, guid).await? {
        Some(known) if !is_own(import, known.author_id) => return Ok(Taken::Skipped("guid-taken")),
        // this pod was sent it long ago: the move makes it the member's
        Some(known) if known.public != message.public => return Ok(Taken::Skipped("invalid")),
        Some(known) => known.id,
        None => match post::receive_own(tx, import.person_id, &message, pod.clock.now()).await? {
            Some(id) => id,
            None => return Ok(Taken::Skipped("guid-taken")),
        },
    };
    if !message.public {
        let sent: SentTo = serde_json::from_str(payload).unwrap_or_default();
        let people = person::store::ids_of(tx, &sent.subscribed_users_ids).await?;
        let people: Vec<PersonId> = people.into_iter().map(|(_, person)| person).collect();
        post::store::add_audience(tx, id, &people).await?;
    }
    Ok(Taken::Done)
}

/// Of a post of elsewhere that is known here. It becomes the member's with everything else.
async fn own_reshare(pod: &Pod, tx: &mut Tx, import: &ImportRow, reshare: Reshare) -> Result<Taken> {
    let guid = reshare.guid.as_str();
    if is_gone(tx, import, "Post", guid).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    if let Some(known) = post::store::find_any_by_guid(tx, guid).await? {
        return Ok(if is_own(import, known.author_id) { Taken::Done } else { Taken::Skipped("guid-taken") });
    }
    let root = match &reshare.root {
        Some((_, root)) => post::store::find_any_by_guid(tx, root.as_str()).await?,
        None => None,
    };
    let Some(root) = root.filter(|root| root.public && !root.local) else {
        return Ok(Taken::Skipped("parent-unknown"));
    };
    let new = NewReshare {
        guid: guid.to_owned(),
        author: import.old_person_id,
        created_at: Timestamp(reshare.created_at.micros()),
        root: Some(root.id),
    };
    post::receive_reshare_as(pod, tx, new, Arrival::CatchingUp, pod.clock.now()).await?;
    Ok(Taken::Done)
}

/// A comment or a like belongs to a post of one's own, or to a public one of elsewhere that is known here.
/// What never arrived at a post of this pod does not appear there years later.
async fn parent(tx: &mut Tx, import: &ImportRow, guid: &str) -> Result<Result<Post, &'static str>> {
    let Some(parent) = post::store::find_any_by_guid(tx, guid).await? else {
        return Ok(Err("parent-unknown"));
    };
    let fits = is_own(import, parent.author_id) || (parent.public && !parent.local);
    Ok(if fits { Ok(parent) } else { Err("parent-unknown") })
}

async fn own_comment(pod: &Pod, tx: &mut Tx, import: &ImportRow, comment: Comment) -> Result<Taken> {
    let guid = comment.guid.as_str();
    if is_gone(tx, import, "Comment", guid).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    if let Some(author) = relayable::store::author_of_comment(tx, guid).await? {
        return Ok(if is_own(import, author) { Taken::Done } else { Taken::Skipped("guid-taken") });
    }
    let parent = match parent(tx, import, comment.parent_guid.as_str()).await? {
        Ok(parent) => parent,
        Err(reason) => return Ok(Taken::Skipped(reason)),
    };
    let now = pod.clock.now();
    let new = NewComment {
        guid: comment.guid.to_string(),
        post: parent.id,
        author: import.person_id,
        text: comment.text,
        created_at: Timestamp(comment.created_at.micros()).min(now),
        mentioned: Vec::new(),
        thread_parent: None,
        edited_at: comment.edited_at.map(|at| Timestamp(at.micros())),
        relay_xml: None,
    };
    if relayable::store::insert_comment(tx, &new, now).await?.is_some() {
        relayable::store::count_comments(tx, parent.id, 1).await?;
    }
    Ok(Taken::Done)
}

async fn own_like(pod: &Pod, tx: &mut Tx, import: &ImportRow, like: Like) -> Result<Taken> {
    if is_gone(tx, import, "Like", like.guid.as_str()).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    let parent = match parent(tx, import, like.parent_guid.as_str()).await? {
        Ok(parent) => parent,
        Err(reason) => return Ok(Taken::Skipped(reason)),
    };
    if relayable::store::like_of(tx, parent.id, import.old_person_id).await?.is_some() {
        return Ok(Taken::Done);
    }
    let new = NewLike {
        guid: like.guid.to_string(),
        post: parent.id,
        author: import.person_id,
        created_at: pod.clock.now(),
        relay_xml: None,
    };
    if relayable::store::insert_like(tx, &new, pod.clock.now()).await?.is_some() {
        relayable::store::count_likes(tx, parent.id, 1).await?;
    }
    Ok(Taken::Done)
}
