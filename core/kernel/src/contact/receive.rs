//! The other direction: somebody begins or stops to share with a member.
use super::store;
use crate::{
    db::{self, Tx},
    id::{PersonId, Timestamp, UserId},
    notification,
};

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
