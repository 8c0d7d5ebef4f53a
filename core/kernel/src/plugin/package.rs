//! Packages that an administrator brought, kept with everything else of the pod: every process has them, and a copy of the
//! database is a copy of them.
use std::{cmp::Ordering, sync::Arc};

use super::{LoadError, Manifest, Opened, Plugin};
use crate::{
    Pod,
    db::{Conn, Result, Tx},
    id::Timestamp,
    sql,
};

/// A larger package is not taken, in bytes.
pub const LARGEST: usize = 20 * 1024 * 1024;

/// What is told of a kept package without reading it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Kept {
    pub(super) sha256: String,
    pub(super) version: String,
    manifest: String,
    pub(super) signed_by: Option<String>,
}

impl Kept {
    /// None when this pod does not understand it any more.
    pub(super) fn manifest(&self) -> std::result::Result<Manifest, LoadError> {
        Ok(Manifest::parse(&self.manifest)?)
    }
}

pub(super) async fn all(conn: &mut Conn) -> Result<Vec<Kept>> {
    conn.query(sql!("SELECT sha256, version, manifest, signed_by FROM plugin_packages")).all().await
}

pub(super) async fn bytes(conn: &mut Conn, sha256: &str) -> Result<Option<Vec<u8>>> {
    conn.query(sql!("SELECT bytes FROM plugin_packages WHERE sha256 = $1")).bind(sha256).scalar().await
}

pub(super) async fn keep(
    tx: &mut Tx,
    sha256: &str,
    opened: &Opened,
    bytes: &[u8],
    now: Timestamp,
) -> Result<()> {
    tx.query(sql!(
        "INSERT INTO plugin_packages (sha256, slug, version, manifest, signed_by, bytes, installed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (sha256) DO NOTHING"
    ))
    .bind(sha256)
    .bind(opened.manifest.slug.as_str())
    .bind(&opened.manifest.version)
    .bind(&opened.manifest_text)
    .bind(opened.signed_by.as_deref())
    .bind(bytes)
    .bind(now)
    .run()
    .await
    .map(drop)
}

/// Forgets those of a plugin that are neither in use nor waiting nor to go back to.
pub(super) async fn forget_unused(tx: &mut Tx, slug: &str) -> Result<()> {
    tx.query(sql!(
        "DELETE FROM plugin_packages WHERE slug = $1 AND NOT EXISTS (
             SELECT 1 FROM plugins WHERE slug = $1
                 AND plugin_packages.sha256 IN (plugins.package, plugins.waiting, plugins.previous))"
    ))
    .bind(slug)
    .run()
    .await
    .map(drop)
}

/// The plugin that a row stands for: of the package that was brought, or the one of the binary or a folder.
pub(super) async fn load(pod: &Pod, slug: &str, package: Option<&str>) -> crate::Result<Loaded> {
    let Some(sha256) = package else { return Ok(pod.plugin_host.load(slug).await) };
    let bytes = bytes(&mut pod.db.read().await?, sha256).await?;
    Ok(match bytes {
        Some(bytes) => pod.plugin_host.load_package(bytes).await.map(|(_, plugin)| plugin),
        None => Err(LoadError::NotFound(slug.to_owned())),
    })
}

pub(super) type Loaded = std::result::Result<Arc<dyn Plugin>, LoadError>;

/// Which of two versions is the newer one: three numbers, and one with a word behind them is older than without.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let parts = |version: &str| {
        let (numbers, word) = version.split_once('-').map_or((version, None), |(n, word)| (n, Some(word)));
        let numbers: Vec<u32> = numbers.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        (numbers, word.is_none(), word.unwrap_or_default().to_owned())
    };
    parts(a).cmp(&parts(b))
}

/// Puts a package in its place. Whose key a plugin has is the key of the package that runs; one without a signature
/// leaves the key that was known.
pub(super) async fn place(tx: &mut Tx, slug: &str, place: Place<'_>) -> Result<()> {
    let statement = match place {
        Place::Waits(_) => sql!("UPDATE plugins SET waiting = $2 WHERE slug = $1"),
        Place::Runs { .. } => sql!(
            "UPDATE plugins SET previous = CASE WHEN package = $2 THEN previous ELSE package END, package = $2,
                 waiting = NULL, last_error = NULL, version = $3, sha256 = $4,
                 signed_by = COALESCE(
                     (SELECT kept.signed_by FROM plugin_packages kept WHERE kept.sha256 = $2), plugins.signed_by)
             WHERE slug = $1"
        ),
    };
    match place {
        Place::Waits(sha256) => tx.query(statement).bind(slug).bind(sha256).run().await?,
        Place::Runs { package, version, component } => {
            tx.query(statement).bind(slug).bind(package).bind(version).bind(component).run().await?
        }
    };
    Ok(())
}

/// Where a package goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// It runs from now on, or would if it were on.
    Runs { package: &'a str, version: &'a str, component: &'a str },
    /// The administrator has to decide first.
    Waits(&'a str),
}

/// A row for a plugin that is new here, switched off.
pub(super) async fn add(tx: &mut Tx, manifest: &Manifest, component: &str) -> Result<()> {
    tx.query(sql!(
        "INSERT INTO plugins (slug, plugin_id, version, sha256, enabled, grants) VALUES ($1, $2, $3, $4, FALSE, $5)
         ON CONFLICT (slug) DO NOTHING"
    ))
    .bind(manifest.slug.as_str())
    .bind(&manifest.id)
    .bind(&manifest.version)
    .bind(component)
    .bind(serde_json::to_string(&super::Grants::default()).unwrap_or_default())
    .run()
    .await
    .map(drop)
}

/// The row goes back to the package of the binary or a folder.
pub(super) async fn leave(tx: &mut Tx, slug: &str) -> Result<()> {
    tx.query(sql!(
        "UPDATE plugins SET enabled = FALSE, package = NULL, waiting = NULL, previous = NULL WHERE slug = $1"
    ))
    .bind(slug)
    .run()
    .await
    .map(drop)
}

/// Nothing is known of it any more.
pub(super) async fn forget(tx: &mut Tx, slug: &str) -> Result<()> {
    tx.query(sql!("DELETE FROM plugins WHERE slug = $1")).bind(slug).run().await.map(drop)
}

/// The one that waits is not wanted.
pub(super) async fn drop_waiting(tx: &mut Tx, slug: &str) -> Result<()> {
    tx.query(sql!("UPDATE plugins SET waiting = NULL WHERE slug = $1")).bind(slug).run().await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(compare("1.10.0", "1.9.9"), Ordering::Greater);
        assert_eq!(compare("1.0.0-beta", "1.0.0"), Ordering::Less);
        assert_eq!(compare("2.0.0", "2.0.0"), Ordering::Equal);
    }
}
