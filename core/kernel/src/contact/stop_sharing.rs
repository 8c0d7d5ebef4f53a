//! Taking somebody out of an aspect: with the last one, the member stops sharing with them.
use super::{receive, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::Tx,
    id::{AspectId, PersonId, Timestamp},
    outbox::{self, Outgoing},
    person, post,
};

/// Takes a person out of one of the member's aspects.
pub async fn stop_sharing(pod: &Pod, who: Owner, aspect: AspectId, with: PersonId) -> Result<()> {
    let tx = pod.db.begin_durable().await?;
    take_out(pod, tx, who, aspect, with).await
}

/// The same, by the membership's own id.
pub async fn remove_membership(pod: &Pod, who: Owner, membership_id: i64) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    let found = store::membership(&mut tx, who.user(), membership_id).await?;
    let (aspect, person) = found.ok_or(Error::NotFound)?;
    take_out(pod, tx, who, aspect, person).await
}

async fn take_out(pod: &Pod, mut tx: Tx, who: Owner, aspect: AspectId, with: PersonId) -> Result<()> {
    if store::delete_membership(&mut tx, who.user(), aspect, with).await? == 0 {
        return Err(Error::NotFound);
    }
    if !store::is_in_any(&mut tx, who.user(), with).await? {
        disconnect(&mut tx, who, with, pod.clock.now()).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// The person is in no aspect any more: tells them, and their posts leave the member's stream.
pub(super) async fn disconnect(tx: &mut Tx, who: Owner, with: PersonId, now: Timestamp) -> Result<()> {
    store::set_receiving(tx, who.user(), with, false, now).await?;
    store::delete_if_mutual_end(tx, who.user(), with).await?;
    post::store::leave_home(tx, who.user(), with).await?;
    post::store::sweep_home(tx, who.user()).await?;
    match person::store::user_of(tx, with).await? {
        Some(other) => receive(tx, other, who.person(), false, now).await?,
        None => outbox::enqueue(tx, &Outgoing::Contact { user: who.user(), person: with }, now).await?,
    }
    Ok(())
}
