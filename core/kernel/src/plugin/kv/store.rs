//! Rows of `plugin_entries`, and the sizes of them in `plugin_usage`.
use serde::Serialize;
use sqlx::types::Json;

use crate::{
    db::{Conn, Result, Sql, Tx},
    id::{Timestamp, UserId},
    sql,
};

/// Whose entries: user 0 for the pod's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin) struct Space {
    pub(in crate::plugin) plugin: String,
    pub(in crate::plugin) user: UserId,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(in crate::plugin) struct Row {
    pub(in crate::plugin) key: String,
    pub(in crate::plugin) value: Vec<u8>,
    pub(in crate::plugin) version: i64,
    pub(in crate::plugin) expires_at: Option<Timestamp>,
}

/// What some entries weigh, and how many of them have not ended.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(in crate::plugin) struct Weight {
    pub(in crate::plugin) bytes: i64,
    pub(in crate::plugin) live: i64,
}

#[derive(Debug, Serialize)]
pub(in crate::plugin) struct New<'a> {
    pub(in crate::plugin) key: &'a str,
    pub(in crate::plugin) size: i64,
    /// In hexadecimal.
    pub(in crate::plugin) value: String,
    pub(in crate::plugin) expires_at: Option<i64>,
}

pub(super) async fn find(
    conn: &mut Conn,
    space: &Space,
    keys: &[String],
    now: Timestamp,
) -> Result<Vec<Row>> {
    conn.query(sql!(
        sqlite: "SELECT key, value, version, expires_at FROM plugin_entries
                 WHERE plugin = $1 AND user_id = $2 AND key IN (SELECT value FROM json_each($3))
                   AND (expires_at IS NULL OR expires_at > $4)",
        postgres: "SELECT key, value, version, expires_at FROM plugin_entries
                   WHERE plugin = $1 AND user_id = $2 AND key IN (SELECT jsonb_array_elements_text($3))
                     AND (expires_at IS NULL OR expires_at > $4)",
    ))
    .bind(&space.plugin)
    .bind(space.user)
    .bind(Json(keys))
    .bind(now)
    .all()
    .await
}

/// Behind `after`, from `first` on and before `end`.
pub(super) async fn scan(
    conn: &mut Conn,
    space: &Space,
    (after, first, end): (&str, &str, &str),
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Row>> {
    conn.query(sql!(
        "SELECT key, value, version, expires_at FROM plugin_entries
         WHERE plugin = $1 AND user_id = $2 AND key > $3 AND key >= $4 AND key < $5
           AND (expires_at IS NULL OR expires_at > $7)
         ORDER BY key LIMIT $6"
    ))
    .bind(&space.plugin)
    .bind(space.user)
    .bind(after)
    .bind(first)
    .bind(end)
    .bind(limit)
    .bind(now)
    .all()
    .await
}

/// Of those that ended, too.
pub(super) async fn weigh(conn: &mut Conn, space: &Space, keys: &[String], now: Timestamp) -> Result<Weight> {
    conn.query(sql!(
        sqlite: "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes,
                        CAST(COALESCE(SUM(CASE WHEN expires_at IS NULL OR expires_at > $4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS live
                 FROM plugin_entries
                 WHERE plugin = $1 AND user_id = $2 AND key IN (SELECT value FROM json_each($3))",
        postgres: "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes,
                          CAST(COALESCE(SUM(CASE WHEN expires_at IS NULL OR expires_at > $4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS live
                   FROM plugin_entries
                   WHERE plugin = $1 AND user_id = $2 AND key IN (SELECT jsonb_array_elements_text($3))",
    ))
    .bind(&space.plugin)
    .bind(space.user)
    .bind(Json(keys))
    .bind(now)
    .one()
    .await
}

/// Holds the plugin's entries for the rest of the transaction; the version of what is written in it.
pub(in crate::plugin) async fn hold(tx: &mut Tx, plugin: &str) -> Result<i64> {
    let version = tx
        .query(sql!(
            "INSERT INTO plugin_usage (plugin, user_id, bytes, writes) VALUES ($1, 0, 0, 1)
             ON CONFLICT (plugin, user_id) DO UPDATE SET writes = plugin_usage.writes + 1 RETURNING writes"
        ))
        .bind(plugin)
        .scalar()
        .await?;
    version.ok_or(sqlx::Error::RowNotFound)
}

pub(super) async fn upsert(tx: &mut Tx, space: &Space, version: i64, rows: &[New<'_>]) -> Result<u64> {
    tx.query(sql!(
        sqlite: "INSERT INTO plugin_entries (plugin, user_id, key, size, version, expires_at, value)
                 SELECT $1, $2, json_extract(j.value, '$.key'), json_extract(j.value, '$.size'), $3,
                        json_extract(j.value, '$.expires_at'), unhex(json_extract(j.value, '$.value'))
                 FROM json_each($4) j WHERE TRUE
                 ON CONFLICT (plugin, user_id, key) DO UPDATE SET size = excluded.size,
                     version = excluded.version, expires_at = excluded.expires_at, value = excluded.value",
        postgres: "INSERT INTO plugin_entries (plugin, user_id, key, size, version, expires_at, value)
                   SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), j.key, j.size, CAST($3 AS BIGINT), j.expires_at,
                          decode(j.value, 'hex')
                   FROM jsonb_to_recordset($4) AS j(key TEXT, size BIGINT, value TEXT, expires_at BIGINT)
                   ON CONFLICT (plugin, user_id, key) DO UPDATE SET size = excluded.size,
                       version = excluded.version, expires_at = excluded.expires_at, value = excluded.value",
    ))
    .bind(&space.plugin)
    .bind(space.user)
    .bind(version)
    .bind(Json(rows))
    .run()
    .await
}

pub(super) async fn delete(tx: &mut Tx, space: &Space, keys: &[String]) -> Result<u64> {
    tx.query(sql!(
        sqlite: "DELETE FROM plugin_entries
                 WHERE plugin = $1 AND user_id = $2 AND key IN (SELECT value FROM json_each($3))",
        postgres: "DELETE FROM plugin_entries
                   WHERE plugin = $1 AND user_id = $2 AND key IN (SELECT jsonb_array_elements_text($3))",
    ))
    .bind(&space.plugin)
    .bind(space.user)
    .bind(Json(keys))
    .run()
    .await
}

/// Bytes of the whole plugin, and of this member's entries.
pub(super) async fn used(conn: &mut Conn, space: &Space) -> Result<(i64, i64)> {
    conn.query(sql!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN user_id = 0 THEN bytes END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN user_id = $2 THEN bytes END), 0) AS BIGINT)
         FROM plugin_usage WHERE plugin = $1 AND user_id IN (0, $2)"
    ))
    .bind(&space.plugin)
    .bind(space.user)
    .one()
    .await
}

/// So many bytes more, or fewer.
pub(super) async fn charge(tx: &mut Tx, space: &Space, bytes: i64) -> Result<()> {
    for user in [UserId(0), space.user] {
        tx.query(sql!(
            "INSERT INTO plugin_usage (plugin, user_id, bytes, writes) VALUES ($1, $2, $3, 0)
             ON CONFLICT (plugin, user_id) DO UPDATE SET bytes = plugin_usage.bytes + excluded.bytes"
        ))
        .bind(&space.plugin)
        .bind(user)
        .bind(bytes)
        .run()
        .await?;
        if space.user == UserId(0) {
            break;
        }
    }
    Ok(())
}

/// Removes the plugin's entries that ended, and counts anew what the others take.
pub(in crate::plugin) async fn sweep(tx: &mut Tx, plugin: &str, now: Timestamp) -> Result<()> {
    let ended = sql!("DELETE FROM plugin_entries WHERE plugin = $1 AND expires_at <= $2");
    if tx.query(ended).bind(plugin).bind(now).run().await? == 0 {
        return Ok(());
    }
    for statement in RECOUNT {
        tx.query(*statement).bind(plugin).run().await?;
    }
    Ok(())
}

/// Each entry is looked at twice, however many members there are.
const RECOUNT: &[Sql] = &[
    sql!(
        "UPDATE plugin_usage SET bytes = CAST((SELECT COALESCE(SUM(e.size), 0) FROM plugin_entries e
             WHERE e.plugin = $1 AND e.user_id = plugin_usage.user_id) AS BIGINT)
         WHERE plugin = $1 AND user_id <> 0"
    ),
    sql!("DELETE FROM plugin_usage WHERE plugin = $1 AND user_id <> 0 AND bytes <= 0"),
    sql!(
        "UPDATE plugin_usage SET bytes = CAST((SELECT COALESCE(SUM(e.size), 0) FROM plugin_entries e
             WHERE e.plugin = $1) AS BIGINT)
         WHERE plugin = $1 AND user_id = 0"
    ),
];

/// Plugins with entries that ended.
pub(in crate::plugin) async fn with_ended(conn: &mut Conn, now: Timestamp) -> Result<Vec<String>> {
    conn.query(sql!("SELECT DISTINCT plugin FROM plugin_entries WHERE expires_at <= $1 ORDER BY plugin"))
        .bind(now)
        .scalars()
        .await
}
