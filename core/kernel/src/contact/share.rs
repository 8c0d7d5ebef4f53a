//! Putting somebody into an aspect: from the first one on, the member shares with them.
use super::{receive, stop_sharing::leave, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::Tx,
    id::{AspectId, PersonId, Timestamp},
    inbox, moderation,
    outbox::{self, Outgoing},
    person::{self, Person},
    post,
};
use std::collections::BTreeSet;

/// A person in an aspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The row.
    pub id: i64,
    /// The aspect.
    pub aspect_id: AspectId,
}

/// Puts a person into one of the member's aspects.
pub async fn share(pod: &Pod, who: Owner, aspect: AspectId, with: PersonId) -> Result<Membership> {
    let made = share_in(pod, who, &BTreeSet::from([aspect]), with).await?;
    made.into_iter().next().ok_or(Error::Conflict("membership"))
}

/// Puts a person into several of the member's aspects: into all of them or, if one is not the member's, into
/// none. Says which memberships are new; that there is none is a conflict.
pub async fn share_in(
    pod: &Pod,
    who: Owner,
    aspects: &BTreeSet<AspectId>,
    with: PersonId,
) -> Result<Vec<Membership>> {
    let mut tx = pod.db.begin_durable().await?;
    let made = join(&mut tx, who, aspects, with, pod.clock.now()).await?;
    if made.is_empty() {
        return Err(Error::Conflict("membership"));
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(made)
}

/// Part of a transaction that may also take the person out of other aspects.
pub(super) async fn join(
    tx: &mut Tx,
    who: Owner,
    aspects: &BTreeSet<AspectId>,
    with: PersonId,
    now: Timestamp,
) -> Result<Vec<Membership>> {
    for aspect in aspects {
        if !store::owns_aspect(tx, who.user(), *aspect).await? {
            return Err(Error::NotFound);
        }
    }
    let person = possible(tx, who, with).await?;
    let was_receiving = store::find(tx, who.user(), with).await?.is_some_and(|row| row.receiving);
    let contact = store::set_receiving(tx, who.user(), with, true, now).await?;
    let mut made = Vec::new();
    for aspect in aspects {
        let id = store::insert_membership(tx, *aspect, contact).await?;
        made.extend(id.map(|id| Membership { id, aspect_id: *aspect }));
    }
    if !was_receiving {
        connect(tx, who, &person, now).await?;
    }
    Ok(made)
}

/// Makes these all of the member's aspects that the person is in. Joins first and leaves afterwards, so that
/// moving somebody never ends the sharing in between.
pub async fn set_aspects(pod: &Pod, who: Owner, with: PersonId, wanted: &BTreeSet<AspectId>) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let has: BTreeSet<AspectId> = match store::find(&mut tx, who.user(), with).await? {
        Some(contact) => store::aspects_of(&mut tx, contact.id).await?.into_iter().collect(),
        None => BTreeSet::new(),
    };
    let missing: BTreeSet<AspectId> = wanted.difference(&has).copied().collect();
    if !missing.is_empty() {
        join(&mut tx, who, &missing, with, now).await?;
    }
    for aspect in has.difference(wanted) {
        leave(&mut tx, who, *aspect, with, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

async fn possible(tx: &mut Tx, who: Owner, with: PersonId) -> Result<Person> {
    let person = person::store::find(tx, with).await?.ok_or(Error::NotFound)?;
    if with == who.person() {
        return Err(Error::Forbidden("yourself"));
    }
    if person.closed {
        return Err(Error::Forbidden("closed-account"));
    }
    if !moderation::suspended(tx, &[with]).await?.is_empty() {
        return Err(Error::Forbidden(moderation::SUSPENDED));
    }
    if store::is_blocked(tx, who.user(), with).await? {
        return Err(Error::Forbidden("ignored"));
    }
    Ok(person)
}

/// The first aspect: tells the other side, and their posts come into the member's stream.
pub(crate) async fn connect(tx: &mut Tx, who: Owner, person: &Person, now: Timestamp) -> Result<()> {
    post::store::follow_into_home(tx, who.user(), person.id).await?;
    crate::notification::read_started_sharing(tx, who.user(), person.id).await?;
    if let Some(other) = person::store::user_of(tx, person.id).await? {
        receive(tx, other, who.person(), true, now).await?;
        return Ok(());
    }
    inbox::catch_up(tx, person.id, now).await?;
    outbox::enqueue(tx, &Outgoing::Contact { user: who.user(), person: person.id }, now).await?;
    outbox::enqueue(tx, &Outgoing::Profile { user: who.user(), to: Some(person.id) }, now).await?;
    Ok(())
}
