//! Rows of `plugin_settings` and `plugin_secrets`. Whose they are is the plugin and the account, 0 for the pod.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sqlx::types::Json;

use crate::{
    db::{Conn, Result, Tx},
    id::UserId,
    sql,
};

type Whose<'a> = (&'a str, UserId);

pub(super) async fn get(conn: &mut Conn, (plugin, user): Whose<'_>, key: &str) -> Result<Option<String>> {
    conn.query(sql!("SELECT value FROM plugin_settings WHERE plugin = $1 AND user_id = $2 AND key = $3"))
        .bind(plugin)
        .bind(user)
        .bind(key)
        .scalar()
        .await
}

/// Of all plugins, by plugin and key.
pub(super) async fn all(conn: &mut Conn, user: UserId) -> Result<BTreeMap<(String, String), String>> {
    let rows: Vec<(String, String, String)> = conn
        .query(sql!("SELECT plugin, key, value FROM plugin_settings WHERE user_id = $1"))
        .bind(user)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(plugin, key, value)| ((plugin, key), value)).collect())
}

/// None forgets it.
pub(super) async fn set(
    tx: &mut Tx,
    (plugin, user): Whose<'_>,
    key: &str,
    value: Option<&Value>,
) -> Result<()> {
    let Some(value) = value else {
        let gone = sql!("DELETE FROM plugin_settings WHERE plugin = $1 AND user_id = $2 AND key = $3");
        return tx.query(gone).bind(plugin).bind(user).bind(key).run().await.map(drop);
    };
    tx.query(sql!(
        "INSERT INTO plugin_settings (plugin, user_id, key, value) VALUES ($1, $2, $3, $4)
         ON CONFLICT (plugin, user_id, key) DO UPDATE SET value = excluded.value"
    ))
    .bind(plugin)
    .bind(user)
    .bind(key)
    .bind(value.to_string())
    .run()
    .await
    .map(drop)
}

pub(super) async fn set_secret(
    tx: &mut Tx,
    (plugin, user): Whose<'_>,
    (key, origin): (&str, &str),
    sealed: &[u8],
) -> Result<()> {
    tx.query(sql!(
        "INSERT INTO plugin_secrets (plugin, user_id, key, origin, value) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (plugin, user_id, key) DO UPDATE SET origin = excluded.origin, value = excluded.value"
    ))
    .bind(plugin)
    .bind(user)
    .bind(key)
    .bind(origin)
    .bind(sealed)
    .run()
    .await
    .map(drop)
}

pub(super) async fn secret(
    conn: &mut Conn,
    (plugin, user): Whose<'_>,
    (key, origin): (&str, &str),
) -> Result<Option<Vec<u8>>> {
    conn.query(sql!(
        "SELECT value FROM plugin_secrets WHERE plugin = $1 AND user_id = $2 AND key = $3 AND origin = $4"
    ))
    .bind(plugin)
    .bind(user)
    .bind(key)
    .bind(origin)
    .scalar()
    .await
}

pub(super) async fn secret_origin(
    conn: &mut Conn,
    (plugin, user): Whose<'_>,
    key: &str,
) -> Result<Option<String>> {
    conn.query(sql!("SELECT origin FROM plugin_secrets WHERE plugin = $1 AND user_id = $2 AND key = $3"))
        .bind(plugin)
        .bind(user)
        .bind(key)
        .scalar()
        .await
}

/// Those that are there, by plugin and key.
pub(super) async fn secrets(conn: &mut Conn, user: UserId) -> Result<BTreeSet<(String, String)>> {
    let rows: Vec<(String, String)> = conn
        .query(sql!("SELECT plugin, key FROM plugin_secrets WHERE user_id = $1"))
        .bind(user)
        .all()
        .await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn forget_secret(tx: &mut Tx, (plugin, user): Whose<'_>, key: &str) -> Result<()> {
    tx.query(sql!("DELETE FROM plugin_secrets WHERE plugin = $1 AND user_id = $2 AND key = $3"))
        .bind(plugin)
        .bind(user)
        .bind(key)
        .run()
        .await
        .map(drop)
}

/// Forgets secrets with these keys that are for another origin: this member's, or for user 0 everybody's.
pub(super) async fn forget_elsewhere(
    tx: &mut Tx,
    (plugin, user): Whose<'_>,
    keys: &[&str],
    origin: &str,
) -> Result<()> {
    tx.query(sql!(
        sqlite: "DELETE FROM plugin_secrets WHERE plugin = $1 AND ($2 = 0 OR user_id = $2) AND origin <> $4
                   AND key IN (SELECT value FROM json_each($3))",
        postgres: "DELETE FROM plugin_secrets WHERE plugin = $1 AND (CAST($2 AS BIGINT) = 0 OR user_id = $2)
                     AND origin <> $4 AND key IN (SELECT jsonb_array_elements_text($3))",
    ))
    .bind(plugin)
    .bind(user)
    .bind(Json(keys))
    .bind(origin)
    .run()
    .await
    .map(drop)
}
