//! Rows of `processes`.
use crate::{
    db::{Conn, Result, Tx},
    id::Timestamp,
    sql,
};

pub(super) async fn beat(tx: &mut Tx, name: &str, generation: i64, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO processes (name, plugins_generation, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET plugins_generation = excluded.plugins_generation,
             seen_at = excluded.seen_at"
    ))
    .bind(name)
    .bind(generation)
    .bind(now)
    .run()
    .await
}

/// Takes away this process and those that died without a word.
pub(super) async fn leave(tx: &mut Tx, name: &str, gone_before: Timestamp) -> Result<u64> {
    tx.query(sql!("DELETE FROM processes WHERE name = $1 OR seen_at < $2"))
        .bind(name)
        .bind(gone_before)
        .run()
        .await
}

/// How many others live and run an older set of plugins.
pub(super) async fn behind(conn: &mut Conn, name: &str, generation: i64, since: Timestamp) -> Result<i64> {
    let count = conn
        .query(sql!(
            "SELECT COUNT(*) FROM processes WHERE name <> $1 AND plugins_generation < $2 AND seen_at >= $3"
        ))
        .bind(name)
        .bind(generation)
        .bind(since)
        .scalar()
        .await?;
    Ok(count.unwrap_or(0))
}
