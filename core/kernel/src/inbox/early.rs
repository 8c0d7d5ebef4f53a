//! Retractions that come before what they take back. The message is tried again like every other that came too
//! early; but what it names may come after the last try, and must not stay then.
use crate::{
    Pod, Result,
    db::{self, Conn, Tx},
    id::{PersonId, Timestamp},
    sql,
};
use pappus_federation::receive::Reference;
use std::time::Duration;

/// What was not delivered by then is delivered no more.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Writes down that `sender` takes back something that is not here. It counts only where they are its author.
pub(super) async fn remember(pod: &Pod, target: &Reference, sender: PersonId) -> Result<()> {
    let (kind, guid) = (target.kind.as_str(), target.guid.as_str());
    // it is tried again and again, and noted once
    if is_known(&mut pod.db.read().await?, kind, guid, sender).await? {
        return Ok(());
    }
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    insert(&mut tx, kind, guid, sender, now).await?;
    Ok(tx.commit().await?)
}

/// Forgets those for which nothing came; run now and then.
pub async fn sweep(pod: &Pod) -> Result<()> {
    let before = pod.clock.now().minus(KEPT);
    let mut tx = pod.db.begin().await?;
    tx.query(sql!("DELETE FROM early_retractions WHERE at < $1")).bind(before).run().await?;
    Ok(tx.commit().await?)
}

async fn is_known(conn: &mut Conn, kind: &str, guid: &str, sender: PersonId) -> db::Result<bool> {
    let known: Option<i64> = conn
        .query(sql!("SELECT at FROM early_retractions WHERE kind = $1 AND guid = $2 AND sender_id = $3"))
        .bind(kind)
        .bind(guid)
        .bind(sender)
        .scalar()
        .await?;
    Ok(known.is_some())
}

async fn insert(tx: &mut Tx, kind: &str, guid: &str, sender: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO early_retractions (kind, guid, sender_id, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (kind, guid, sender_id) DO NOTHING"
    ))
    .bind(kind)
    .bind(guid)
    .bind(sender)
    .bind(now)
    .run()
    .await
}
