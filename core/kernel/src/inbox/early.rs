//! Retractions that come before what they take back. The message is tried again like every other that came too
//! early; but what it names may come after the last try, however late, and must not stay then.
use crate::{
    Pod, Result,
    db::{self, Conn, Tx},
    id::{PersonId, Timestamp},
    sql,
};
use pappus_federation::receive::Reference;

/// So many of one sender are kept, the last ones, and so many of one pod, which can have any number of people: a flood
/// drives out its sender's own words, or those of their pod, and nobody else's.
const KEPT: i64 = 1000;
const KEPT_OF_POD: i64 = 10_000;

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
    forget_oldest(&mut tx, sender).await?;
    forget_oldest_of_pod(&mut tx, sender).await?;
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
        "INSERT INTO early_retractions (kind, guid, sender_id, remote_pod_id, at)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), p.id, p.remote_pod_id, CAST($4 AS BIGINT)
         FROM people p WHERE p.id = $3
         ON CONFLICT (kind, guid, sender_id) DO NOTHING"
    ))
    .bind(kind)
    .bind(guid)
    .bind(sender)
    .bind(now)
    .run()
    .await
}

async fn forget_oldest(tx: &mut Tx, sender: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "DELETE FROM early_retractions WHERE sender_id = $1 AND (kind, guid) IN (
             SELECT e.kind, e.guid FROM early_retractions e WHERE e.sender_id = $1
             ORDER BY e.at DESC, e.kind, e.guid LIMIT 100 OFFSET $2)"
    ))
    .bind(sender)
    .bind(KEPT)
    .run()
    .await
}

async fn forget_oldest_of_pod(tx: &mut Tx, sender: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "DELETE FROM early_retractions WHERE (kind, guid, sender_id) IN (
             SELECT e.kind, e.guid, e.sender_id FROM early_retractions e
             WHERE e.remote_pod_id = (SELECT p.remote_pod_id FROM people p WHERE p.id = $1)
             ORDER BY e.at DESC LIMIT 100 OFFSET $2)"
    ))
    .bind(sender)
    .bind(KEPT_OF_POD)
    .run()
    .await
}
