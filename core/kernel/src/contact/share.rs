//! Putting somebody into an aspect: from the first one on, the member shares with them.
use super::{receive, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::Tx,
    id::{AspectId, PersonId, Timestamp},
    moderation,
    outbox::{self, Outgoing},
    person::{self, Person},
    post,
};

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
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    if !store::owns_aspect(&mut tx, who.user(), aspect).await? {
        return Err(Error::NotFound);
    }
    let person = possible(&mut tx, who, with).await?;
    let was_receiving = store::find(&mut tx, who.user(), with).await?.is_some_and(|row| row.receiving);
    let contact = store::set_receiving(&mut tx, who.user(), with, true, now).await?;
    let id =
        store::insert_membership(&mut tx, aspect, contact).await?.ok_or(Error::Conflict("membership"))?;
    if !was_receiving {
        connect(&mut tx, who, &person, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(Membership { id, aspect_id: aspect })
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
    outbox::enqueue(tx, &Outgoing::Contact { user: who.user(), person: person.id }, now).await?;
    outbox::enqueue(tx, &Outgoing::Profile { user: who.user(), to: Some(person.id) }, now).await?;
    Ok(())
}
