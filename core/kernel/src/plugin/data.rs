//! Everything that the pod keeps for plugins, whatever kind it is of: how much, the member's part of it, and the end
//! of it.
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Refusal, kv};
use crate::{
    Pod, Result,
    db::{self, Conn, Sql, Tx},
    id::{Timestamp, UserId},
    sql,
};

/// What a plugin keeps of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// `entries`, `settings`, `secrets` or `members`.
    pub kind: &'static str,
    pub rows: i64,
    pub bytes: i64,
}

/// How much the plugin keeps, by kind.
pub async fn size(conn: &mut Conn, slug: &str) -> db::Result<Vec<Kept>> {
    let mut all = Vec::new();
    for (kind, statement) in SIZES {
        let (rows, bytes) = conn.query(*statement).bind(slug).one().await?;
        all.push(Kept { kind, rows, bytes });
    }
    Ok(all)
}

/// Removes everything that the plugin keeps, and every choice that was made for it.
pub async fn purge(tx: &mut Tx, slug: &str) -> db::Result<()> {
    // whoever is writing finishes first
    kv::store::hold(tx, slug).await?;
    for statement in OF_A_PLUGIN {
        tx.query(*statement).bind(slug).run().await?;
    }
    Ok(())
}

/// Removes entries that ended; run now and then.
pub async fn sweep(pod: &Pod) -> Result<()> {
    let now = pod.clock.now();
    let plugins = kv::store::with_ended(&mut pod.db.read().await?, now).await?;
    for plugin in plugins {
        let mut tx = pod.db.begin().await?;
        kv::store::hold(&mut tx, &plugin).await?;
        kv::store::sweep(&mut tx, &plugin, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Removes what belongs to an account that is being closed, whatever the plugins do.
pub(crate) async fn erase(tx: &mut Tx, user: UserId) -> db::Result<()> {
    // from here on nobody writes anything of this member: whoever began before has finished
    let row = sql!(
        sqlite: "SELECT id FROM users WHERE id = $1",
        postgres: "SELECT id FROM users WHERE id = $1 FOR UPDATE",
    );
    tx.query(row).bind(user).scalar::<UserId>().await?;
    let plugins: Vec<String> = tx
        .query(sql!("SELECT plugin FROM plugin_usage WHERE user_id = $1 ORDER BY plugin"))
        .bind(user)
        .scalars()
        .await?;
    for plugin in plugins {
        kv::store::hold(tx, &plugin).await?;
        let freed = sql!(
            "UPDATE plugin_usage SET bytes = bytes - COALESCE(
                 (SELECT m.bytes FROM plugin_usage m WHERE m.plugin = $1 AND m.user_id = $2), 0)
             WHERE plugin = $1 AND user_id = 0"
        );
        tx.query(freed).bind(&plugin).bind(user).run().await?;
    }
    for statement in OF_A_MEMBER {
        tx.query(*statement).bind(user).run().await?;
    }
    Ok(())
}

/// Keeps a member's account from being closed during the transaction; user 0 is the pod, which never is.
pub(super) async fn hold_member(tx: &mut Tx, user: UserId) -> Result<(), Refusal> {
    if user == UserId(0) {
        return Ok(());
    }
    let open = sql!(
        sqlite: "SELECT id FROM users WHERE id = $1 AND locked_at IS NULL",
        postgres: "SELECT id FROM users WHERE id = $1 AND locked_at IS NULL FOR KEY SHARE",
    );
    let open: Option<UserId> = tx.query(open).bind(user).scalar().await?;
    open.map(drop).ok_or(Refusal::NotFound)
}

#[derive(sqlx::FromRow)]
struct ExportRow {
    plugin: String,
    key: String,
    value: Vec<u8>,
    expires_at: Option<Timestamp>,
}

/// What plugins keep of a member, by plugin: settings, entries (text where they are text, else in hexadecimal) and
/// whether the plugin may act for them. Secrets stay here.
pub(crate) async fn export(conn: &mut Conn, user: UserId, now: Timestamp) -> db::Result<Map<String, Value>> {
    let mut all = Map::new();
    for row in exported_entries(conn, user, now).await? {
        let value = match String::from_utf8(row.value) {
            Ok(text) => json!({ "text": text }),
            Err(other) => json!({ "hex": hex::encode(other.into_bytes()) }),
        };
        let ends = row.expires_at.map(|end| end.0 / 1000);
        let value = json!({ "value": value, "expires_at": ends });
        put(&mut all, &row.plugin, "entries", row.key, value);
    }
    let settings: Vec<(String, String, String)> = conn
        .query(sql!("SELECT plugin, key, value FROM plugin_settings WHERE user_id = $1 ORDER BY plugin, key"))
        .bind(user)
        .all()
        .await?;
    for (plugin, key, value) in settings {
        put(&mut all, &plugin, "settings", key, serde_json::from_str(&value).unwrap_or_default());
    }
    let acting: Vec<String> = conn
        .query(sql!("SELECT plugin FROM plugin_members WHERE user_id = $1 ORDER BY plugin"))
        .bind(user)
        .scalars()
        .await?;
    for plugin in acting {
        let of = all.entry(plugin).or_insert_with(|| json!({}));
        if let Some(of) = of.as_object_mut() {
            of.insert("acts_for_member".into(), true.into());
        }
    }
    Ok(all)
}

async fn exported_entries(conn: &mut Conn, user: UserId, now: Timestamp) -> db::Result<Vec<ExportRow>> {
    conn.query(sql!(
        "SELECT plugin, key, value, expires_at FROM plugin_entries
         WHERE user_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY plugin, key"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}

fn put(all: &mut Map<String, Value>, plugin: &str, kind: &str, key: String, value: Value) {
    let of = all.entry(plugin).or_insert_with(|| json!({}));
    let of = of.as_object_mut().map(|of| of.entry(kind).or_insert_with(|| json!({})));
    if let Some(Value::Object(of)) = of {
        of.insert(key, value);
    }
}

const SIZES: &[(&str, Sql)] = &[
    (
        "entries",
        sql!("SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM plugin_entries WHERE plugin = $1"),
    ),
    (
        "settings",
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(value)), 0) AS BIGINT) FROM plugin_settings WHERE plugin = $1"
        ),
    ),
    (
        "secrets",
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(value)), 0) AS BIGINT) FROM plugin_secrets WHERE plugin = $1"
        ),
    ),
    ("members", sql!("SELECT COUNT(*), CAST(0 AS BIGINT) FROM plugin_members WHERE plugin = $1")),
];

/// `$1` is the plugin.
const OF_A_PLUGIN: &[Sql] = &[
    sql!("DELETE FROM plugin_entries WHERE plugin = $1"),
    sql!("DELETE FROM plugin_settings WHERE plugin = $1"),
    sql!("DELETE FROM plugin_secrets WHERE plugin = $1"),
    sql!("DELETE FROM plugin_members WHERE plugin = $1"),
    sql!("DELETE FROM plugin_schedules WHERE plugin = $1"),
    sql!("DELETE FROM plugin_notices WHERE plugin = $1"),
    sql!("DELETE FROM jobs WHERE plugin = $1"),
    sql!("DELETE FROM plugin_usage WHERE plugin = $1"),
];

/// `$1` is the account.
const OF_A_MEMBER: &[Sql] = &[
    sql!("DELETE FROM plugin_entries WHERE user_id = $1"),
    sql!("DELETE FROM plugin_schedules WHERE user_id = $1"),
    sql!("DELETE FROM plugin_notices WHERE user_id = $1"),
    sql!("DELETE FROM plugin_settings WHERE user_id = $1"),
    sql!("DELETE FROM plugin_secrets WHERE user_id = $1"),
    sql!("DELETE FROM plugin_members WHERE user_id = $1"),
    sql!("DELETE FROM plugin_usage WHERE user_id = $1"),
];
