//! Taking somebody out of an aspect: with the last one, the member stops sharing with them.
use super::{receive, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::Tx,
    id::{AspectId, PersonId, Timestamp, UserId},
    outbox::{self, Outgoing},
    post,
};
use std::collections::HashMap;

/// Takes a person out of one of the member's aspects.
pub async fn stop_sharing(pod: &Pod, who: Owner, aspect: AspectId, with: PersonId) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    leave(&mut tx, who, aspect, with, pod.clock.now()).await?;
    done(pod, tx).await
}

/// The same, by the membership's own id.
pub async fn remove_membership(pod: &Pod, who: Owner, membership_id: i64) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    let found = store::membership(&mut tx, who.user(), membership_id).await?;
    let (aspect, person) = found.ok_or(Error::NotFound)?;
    leave(&mut tx, who, aspect, person, pod.clock.now()).await?;
    done(pod, tx).await
}

/// Part of a transaction that may also put the person into other aspects.
pub(super) async fn leave(
    tx: &mut Tx,
    who: Owner,
    aspect: AspectId,
    with: PersonId,
    now: Timestamp,
) -> Result<()> {
    if store::delete_membership(tx, who.user(), aspect, with).await? == 0 {
        return Err(Error::NotFound);
    }
    if !store::is_in_any(tx, who.user(), with).await? {
        disconnect(tx, who, with, now).await?;
    }
    Ok(())
}

async fn done(pod: &Pod, tx: Tx) -> Result<()> {
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// The person is in no aspect any more: tells them, and their posts leave the member's stream.
pub(super) async fn disconnect(tx: &mut Tx, who: Owner, with: PersonId, now: Timestamp) -> Result<()> {
    disconnect_all(tx, who, &[with], now).await
}

/// The same for everybody who was in one aspect only. What is about the member's own rows takes as many
/// statements for a thousand people as for one; each of them has to be told.
pub(super) async fn disconnect_all(
    tx: &mut Tx,
    who: Owner,
    people: &[PersonId],
    now: Timestamp,
) -> Result<()> {
    store::stop_receiving(tx, who.user(), people).await?;
    store::delete_ended(tx, who.user(), people).await?;
    post::store::leave_home(tx, who.user(), people).await?;
    post::store::sweep_home(tx, who.user()).await?;
    let members: HashMap<PersonId, UserId> = store::members_of(tx, people).await?.into_iter().collect();
    for with in people {
        match members.get(with) {
            Some(other) => receive(tx, *other, who.person(), false, now).await?,
            None => {
                outbox::enqueue(tx, &Outgoing::Contact { user: who.user(), person: *with }, now).await?;
            }
        }
    }
    Ok(())
}
