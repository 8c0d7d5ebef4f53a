//! Switches a plugin on.
use super::{
    LoadError, Manifest, install::check_grants, package, registry::Grants, reload, schedule, store, work,
};
use crate::{Error, Pod, access::Admin, process};

/// Why a plugin was not switched on; nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum EnableError {
    /// The package is at fault, in words for the administrator.
    #[error(transparent)]
    Refused(#[from] LoadError),
    /// Something else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<sqlx::Error> for EnableError {
    fn from(error: sqlx::Error) -> Self {
        Self::Other(error.into())
    }
}

/// Loads the package (the one that waits, if one does), writes down that it is on and what it is granted, and lets the next
/// call see it. `None` grants everything that its manifest asks for. What is on already goes on with other grants.
pub async fn enable(pod: &Pod, who: Admin, slug: &str, grants: Option<Grants>) -> Result<(), EnableError> {
    let row = store::find(&mut pod.db.read().await?, slug).await?;
    let package = row.as_ref().and_then(|row| row.waiting.as_deref().or(row.package.as_deref()));
    let plugin = package::load(pod, slug, package).await??;
    let manifest = plugin.manifest();
    check_alone(pod, manifest)?;
    let grants = grants.map_or_else(|| Grants::asked_by(manifest), |grants| grants.decided_on(manifest));
    check_grants(&grants, manifest).map_err(Error::from)?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let still = store::find(&mut tx, slug).await?;
    let packages = |row: &store::Row| (row.package.clone(), row.waiting.clone());
    if still.as_ref().map(packages) != row.as_ref().map(packages) {
        return Err(Error::Conflict("another package came meanwhile").into());
    }
    store::enable(&mut tx, manifest, plugin.sha256(), &grants, now).await?;
    schedule::forget(&mut tx, slug).await?;
    work::wake(&mut tx, slug, now).await?;
    store::audit(&mut tx, who, "plugin.enable", &format!("{slug} {}", manifest.version), now).await?;
    package::forget_unused(&mut tx, slug).await?;
    store::grow_generation(&mut tx, now).await?;
    tx.commit().await?;
    reload::reload(pod).await?;
    schedule::prepare(pod).await?;
    pod.jobs_due.notify_one();
    process::await_plugins(pod).await?;
    tracing::info!(plugin.name = slug, "the plugin {slug} {} is switched on", manifest.version);
    Ok(())
}

/// A post holds one attachment of a kind, so one plugin makes and shows it.
pub(super) fn check_alone(pod: &Pod, manifest: &Manifest) -> Result<(), LoadError> {
    for other in pod.plugins.enabled().iter().filter(|other| other.slug() != manifest.slug.as_str()) {
        let theirs = &other.plugin.manifest().attachments;
        if let Some(kind) =
            manifest.attachments.iter().find(|mine| theirs.iter().any(|one| one.kind == mine.kind))
        {
            return Err(LoadError::Taken { kind: kind.kind.clone(), by: other.slug().to_owned() });
        }
    }
    Ok(())
}
