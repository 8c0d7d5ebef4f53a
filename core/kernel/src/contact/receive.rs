//! The other direction: somebody begins or stops to share with a member, or blocks them.
use super::store;
use crate::{
    db::{self, Tx},
    id::{PersonId, Timestamp, UserId},
    notification,
    outbox::{self, Outgoing},
};

/// Writes down whether somebody of another pod blocks `user`: from then on nothing is sent to them. When they do so
/// no more, they are told again what the member shares with them.
pub async fn receive_blocking(
    tx: &mut Tx,
    user: UserId,
    person: PersonId,
    blocking: bool,
    now: Timestamp,
) -> db::Result<()> {
    if blocking {
        return store::set_blocked_by(tx, user, person, now).await.map(drop);
    }
    if store::unset_blocked_by(tx, user, person).await? > 0
        && store::find(tx, user, person).await?.is_some_and(|row| row.receiving)
    {
        outbox::enqueue(tx, &Outgoing::Contact { user, person }, now).await?;
        outbox::enqueue(tx, &Outgoing::Profile { user, to: Some(person) }, now).await?;
    }
    Ok(())
}

/// Writes down that `person` shares with `user` or does not any more, and tells the member of a new one.
pub async fn receive(
    tx: &mut Tx,
    user: UserId,
    person: PersonId,
    sharing: bool,
    now: Timestamp,
) -> db::Result<()> {
    if sharing && store::is_blocked(tx, user, person).await? {
        return Ok(()); // nothing is heard from whom one ignores
    }
    let was = store::find(tx, user, person).await?.is_some_and(|row| row.sharing);
    if sharing == was {
        return Ok(());
    }
    store::set_sharing(tx, user, person, sharing, now).await?;
    if sharing {
        return notification::started_sharing(tx, user, person, now).await;
    }
    if store::delete_if_mutual_end(tx, user, person).await? > 0 {
        notification::forget_started_sharing(tx, user, person).await?;
    }
    Ok(())
}
