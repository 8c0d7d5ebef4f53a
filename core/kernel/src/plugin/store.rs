//! Rows of `plugins`, and the counter that tells other processes of a change.
use super::{Manifest, registry::Grants};
use crate::{
    access::Admin,
    db::{Conn, Result, Tx},
    id::Timestamp,
    setting, sql,
};

/// The setting that grows with every change of the set of plugins.
const GENERATION: &str = "plugins_generation";

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) slug: String,
    pub(crate) version: String,
    pub(crate) sha256: String,
    pub(crate) enabled: bool,
    pub(crate) grants: String,
    pub(crate) last_error: Option<String>,
    pub(crate) plugin_id: String,
    /// SHA-256 of the package that runs or would run; none for the one of the binary or a folder.
    pub(crate) package: Option<String>,
    /// The same of a newer one that asks for more than was decided.
    pub(crate) waiting: Option<String>,
    /// The same of the one before.
    pub(crate) previous: Option<String>,
    /// The key that it first came with.
    pub(crate) signed_by: Option<String>,
}

impl Row {
    /// None when somebody else wrote the row: nothing is granted then.
    pub(crate) fn grants(&self) -> Option<Grants> {
        serde_json::from_str(&self.grants).ok()
    }
}

pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Row>> {
    conn.query(sql!(
        "SELECT slug, version, sha256, enabled, grants, last_error, plugin_id, package, waiting, previous, signed_by
         FROM plugins ORDER BY slug"
    ))
    .all()
    .await
}

pub(crate) async fn find(conn: &mut Conn, slug: &str) -> Result<Option<Row>> {
    conn.query(sql!(
        "SELECT slug, version, sha256, enabled, grants, last_error, plugin_id, package, waiting, previous, signed_by
         FROM plugins WHERE slug = $1"
    ))
    .bind(slug)
    .optional()
    .await
}

pub(crate) async fn enable(
    tx: &mut Tx,
    manifest: &Manifest,
    sha256: &str,
    grants: &Grants,
    now: Timestamp,
) -> Result<()> {
    tx.query(sql!(
        "INSERT INTO plugins (slug, plugin_id, version, sha256, enabled, grants, enabled_at, last_error)
         VALUES ($1, $2, $3, $4, TRUE, $5, $6, NULL)
         ON CONFLICT (slug) DO UPDATE SET plugin_id = excluded.plugin_id, version = excluded.version,
             sha256 = excluded.sha256, enabled = TRUE, grants = excluded.grants,
             enabled_at = excluded.enabled_at, last_error = NULL"
    ))
    .bind(manifest.slug.as_str())
    .bind(&manifest.id)
    .bind(&manifest.version)
    .bind(sha256)
    .bind(serde_json::to_string(grants).unwrap_or_default())
    .bind(now)
    .run()
    .await
    .map(drop)
}

/// Says whether it was on.
pub(crate) async fn disable(tx: &mut Tx, slug: &str) -> Result<bool> {
    let rows = tx
        .query(sql!("UPDATE plugins SET enabled = FALSE WHERE slug = $1 AND enabled"))
        .bind(slug)
        .run()
        .await?;
    Ok(rows > 0)
}

/// A newer package of the binary or a folder that asks for nothing new, or why the one that should run does not. Nothing
/// when another package came meanwhile.
pub(crate) async fn note(
    tx: &mut Tx,
    row: &Row,
    version: &str,
    sha256: &str,
    error: Option<&str>,
) -> Result<()> {
    tx.query(sql!(
        "UPDATE plugins SET version = $2, sha256 = $3, last_error = $4
         WHERE slug = $1 AND COALESCE(package, '') = $5 AND sha256 = $6"
    ))
    .bind(&row.slug)
    .bind(version)
    .bind(sha256)
    .bind(error)
    .bind(row.package.as_deref().unwrap_or_default())
    .bind(&row.sha256)
    .run()
    .await
    .map(drop)
}

/// The other short name under which a plugin is known here.
pub(crate) async fn other_name(conn: &mut Conn, id: &str, slug: &str) -> Result<Option<String>> {
    conn.query(sql!("SELECT slug FROM plugins WHERE plugin_id = $1 AND slug <> $2 LIMIT 1"))
        .bind(id)
        .bind(slug)
        .scalar()
        .await
}

pub(crate) async fn generation(conn: &mut Conn) -> Result<i64> {
    Ok(setting::get(conn, GENERATION).await?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// The first statement of whatever changes plugins: only one transaction at a time is past it.
pub(crate) async fn grow_generation(tx: &mut Tx, now: Timestamp) -> Result<()> {
    tx.query(sql!(
        "INSERT INTO settings (key, value, updated_at) VALUES ($1, '1', $2)
         ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS TEXT),
             updated_at = excluded.updated_at"
    ))
    .bind(GENERATION)
    .bind(now)
    .run()
    .await
    .map(drop)
}

pub(crate) async fn audit(tx: &mut Tx, who: Admin, action: &str, detail: &str, now: Timestamp) -> Result<()> {
    tx.query(sql!("INSERT INTO audit_log (at, actor_id, action, detail) VALUES ($1, $2, $3, $4)"))
        .bind(now)
        .bind(who.user())
        .bind(action)
        .bind(detail)
        .run()
        .await
        .map(drop)
}
