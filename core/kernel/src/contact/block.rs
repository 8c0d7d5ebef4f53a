//! Ignoring somebody: neither shares with the other any more, and what they do does not reach the member.
use super::{receive, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    id::PersonId,
    notification,
    outbox::{self, Outgoing},
    person::{self, Person},
    post,
};

/// Ignores a person. Doing so twice changes nothing.
pub async fn ignore(pod: &Pod, who: Owner, whom: PersonId) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    person::store::find(&mut tx, whom).await?.ok_or(Error::NotFound)?;
    if whom == who.person() {
        return Err(Error::Forbidden("yourself"));
    }
    if store::block(&mut tx, who.user(), whom, now).await? == 0 {
        return Ok(());
    }
    store::delete(&mut tx, who.user(), whom).await?;
    post::store::clear_home(&mut tx, who.user(), whom).await?;
    notification::settle_ignored(&mut tx, who.user(), whom).await?;
    match person::store::user_of(&mut tx, whom).await? {
        Some(other) => receive(&mut tx, other, who.person(), false, now).await?,
        None => outbox::enqueue(&mut tx, &Outgoing::Contact { user: who.user(), person: whom }, now).await?,
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Ignores a person no longer. Nobody is back in an aspect by that; but whoever of this pod shares with the
/// member all the time is seen to do so again.
pub async fn stop_ignoring(pod: &Pod, who: Owner, whom: PersonId) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    if store::unblock(&mut tx, who.user(), whom).await? == 0 {
        return Ok(());
    }
    match person::store::user_of(&mut tx, whom).await? {
        Some(other) => {
            if store::find(&mut tx, other, who.person()).await?.is_some_and(|row| row.receiving) {
                store::set_sharing(&mut tx, who.user(), whom, true, now).await?;
            }
        }
        None => outbox::enqueue(&mut tx, &Outgoing::Contact { user: who.user(), person: whom }, now).await?,
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Whom the member ignores, by name. Nobody else ever sees it.
pub async fn ignored(pod: &Pod, who: Owner) -> Result<Vec<Person>> {
    Ok(store::blocked(&mut pod.db.read().await?, who.user()).await?)
}
