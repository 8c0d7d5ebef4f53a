//! What others said below the posts of somebody who moves in, as their archive holds it: each piece good by its
//! author's signature alone, stored without any noise, and kept as it was signed, so that this pod can hand it out and
//! send it on as the pod before did.
use super::{
    apply::relayable as relayables,
    bring::{self, Brought},
    fetch::Budget,
    gather::{find, key_of},
    receive::admit,
    stop::{Denied, Stop},
    store,
};
use crate::{
    Error, Pod, Result, moving, outbox,
    person::{self, Person},
    relayable,
};
use pappus_federation::{
    entity::{Entity, Kind},
    id::{DiasporaId, Guid},
    receive::{self, Related},
};

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Archived {
    /// It is here.
    Stored,
    /// It is not taken, for this reason.
    Refused(&'static str),
    /// Its author is still to be looked up.
    Later(Brought),
}

/// Takes one piece. `owner` are the identities of whoever moves in: it must hang on a post of theirs, and be by somebody
/// else. Doing so twice changes nothing.
pub(crate) async fn take_archived(pod: &Pod, entity: Entity, owner: [&str; 2]) -> Result<Archived> {
    let Some(piece) = entity.as_relayable() else { return Ok(Archived::Refused("kind")) };
    let (author, (kind, parent), guid) = (piece.author().clone(), piece.parent(), piece.guid().clone());
    let own = |id: &DiasporaId| owner.contains(&id.as_str());
    let Some(parent) = find(pod, &kind, parent).await? else {
        return Ok(Archived::Refused("parent-unknown"));
    };
    if !own(&parent.root().author) {
        return Ok(Archived::Refused("not-yours"));
    }
    if own(&author) {
        return Ok(Archived::Refused("yourself"));
    }
    let mut budget = bring::budget();
    let person = match admit(pod, &author).await {
        Ok(()) => budget.discover(pod, &author).await,
        Err(Stop::Failed(error)) => return Err(error),
        Err(_) => return Ok(Archived::Refused("unwanted")),
    };
    let person = match person {
        Ok(person) => person,
        Err(error) => return bring::not_had(error, &budget).map(later),
    };
    let key = key_of(pod, person.id).await?;
    let judged = pod.compute(move || {
        receive::authorise_archived(&entity, &parent, &key).map(|xml| (entity, parent, xml))
    });
    let Ok((entity, parent, xml)) = judged.await? else { return Ok(Archived::Refused("signature")) };
    let (name, kind) = (entity.name(), kind_of(&entity));
    match apply(pod, entity, &xml, &mut budget).await {
        Ok(()) => {}
        Err(Stop::Failed(Error::NotFound)) => return Ok(Archived::Refused("parent-unknown")),
        Err(Stop::Failed(error)) => return Err(error),
        // the author of the post does not want it, or it was taken back: as if it had come alone
        Err(Stop::Denied(Denied::Unwanted | Denied::Gone)) => return Ok(Archived::Refused("unwanted")),
        Err(_) => return Ok(Archived::Refused("parent-unknown")),
    }
    keep(pod, (name, &kind, &guid), &person, &parent, &xml).await
}

async fn apply(pod: &Pod, entity: Entity, xml: &str, budget: &mut Budget) -> Result<(), Stop> {
    let relay = Some(xml.to_owned());
    match entity {
        Entity::Comment(it) => relayables::comment(pod, it, relay, budget).await,
        Entity::Like(it) => relayables::like(pod, it, relay, budget).await,
        answer => relayables::answer(pod, &answer, relay, budget).await,
    }
}

fn later(why: Brought) -> Archived {
    if why == Brought::Absent { Archived::Refused("unknown") } else { Archived::Later(why) }
}

fn kind_of(entity: &Entity) -> Kind {
    match entity {
        Entity::Comment(_) => Kind::Comment,
        Entity::Like(_) => Kind::Like,
        Entity::PollParticipation(_) => Kind::PollParticipation,
        _ => Kind::EventParticipation,
    }
}

/// What was here before, when the post was still another pod's, was not kept as it was signed. And whoever said
/// something below a public post hears what others say there.
async fn keep(
    pod: &Pod,
    (name, kind, guid): (&str, &Kind, &Guid),
    author: &Person,
    parent: &Related,
    xml: &str,
) -> Result<Archived> {
    let Some(stored) = find(pod, kind, guid).await? else { return Ok(Archived::Refused("unwanted")) };
    let mut tx = pod.db.begin().await?;
    let newest = moving::newest(&mut tx, author.id).await?.unwrap_or(author.id);
    let who = outbox::diaspora_id(&mut tx, newest).await?;
    let post = store::post(&mut tx, parent.root().guid.as_str()).await?;
    let (true, Some(post)) = (who.as_deref() == Some(stored.author.as_str()), post) else {
        return Ok(Archived::Refused("guid-taken"));
    };
    relayable::store::keep_payload(&mut tx, name, guid.as_str(), post.id, xml).await?;
    if post.public && !author.local && person::store::user_of(&mut tx, newest).await?.is_none() {
        let (name, now) = (pod.new_guid(), pod.clock.now());
        relayable::store::insert_participation(&mut tx, name.as_str(), post.id, newest, now).await?;
    }
    tx.commit().await?;
    Ok(Archived::Stored)
}
