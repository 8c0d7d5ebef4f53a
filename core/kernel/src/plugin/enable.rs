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

/// Loads the package, writes down that it is on and what it is granted, and lets the next call see it. `None` grants
/// everything that its manifest asks for. What is on already goes on with other grants.
pub async fn enable(pod: &Pod, who: Admin, slug: &str, grants: Option<Grants>) -> Result<(), EnableError> {
    switch_on(pod, who, slug, Which::Present(None), grants).await
}

/// The same after the administrator looked at this very package; `seen` is its SHA-256, and empty for one of the binary or
/// a folder. A conflict when another one is there now.
pub async fn enable_seen(
    pod: &Pod,
    who: Admin,
    slug: &str,
    seen: &str,
    grants: Grants,
) -> Result<(), EnableError> {
    switch_on(pod, who, slug, Which::Present(Some(seen)), Some(grants)).await
}

/// Lets the package that waits take the place of the present one, with what it is granted now. A conflict when another one
/// waits than `seen`.
pub async fn update(
    pod: &Pod,
    who: Admin,
    slug: &str,
    seen: &str,
    grants: Option<Grants>,
) -> Result<(), EnableError> {
    switch_on(pod, who, slug, Which::Waiting(seen), grants).await
}

/// Which package of a plugin.
#[derive(Debug, Clone, Copy)]
enum Which<'a> {
    Present(Option<&'a str>),
    Waiting(&'a str),
}

impl Which<'_> {
    /// The package, if it is still the one that was meant.
    fn of(self, row: Option<&store::Row>) -> Result<Option<&str>, Error> {
        let present = row.and_then(|row| row.package.as_deref());
        let waiting = row.and_then(|row| row.waiting.as_deref());
        match self {
            Self::Present(seen) if seen.is_none_or(|seen| seen == present.unwrap_or_default()) => Ok(present),
            Self::Waiting(seen) if waiting == Some(seen) => Ok(waiting),
            Self::Present(_) | Self::Waiting(_) => Err(Error::Conflict("another-package")),
        }
    }
}

async fn switch_on(
    pod: &Pod,
    who: Admin,
    slug: &str,
    which: Which<'_>,
    grants: Option<Grants>,
) -> Result<(), EnableError> {
    let row = store::find(&mut pod.db.read().await?, slug).await?;
    let package = which.of(row.as_ref())?.map(str::to_owned);
    let plugin = package::load(pod, slug, package.as_deref()).await??;
    let manifest = plugin.manifest();
    let grants = grants.map_or_else(|| Grants::asked_by(manifest), |grants| grants.decided_on(manifest));
    check_grants(&grants, manifest).map_err(Error::from)?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    store::grow_generation(&mut tx, now).await?;
    let still = store::find(&mut tx, slug).await?;
    if which.of(still.as_ref())? != package.as_deref() {
        return Err(Error::Conflict("another-package").into());
    }
    check_alone(pod, manifest)?;
    store::enable(&mut tx, manifest, plugin.sha256(), &grants, now).await?;
    schedule::forget(&mut tx, slug).await?;
    work::wake(&mut tx, slug, now).await?;
    if let (Which::Waiting(_), Some(package)) = (which, package.as_deref()) {
        let place = package::Place::Runs { package, version: &manifest.version, component: plugin.sha256() };
        package::place(&mut tx, slug, place).await?;
        package::forget_unused(&mut tx, slug).await?;
    }
    store::audit(&mut tx, who, "plugin.enable", &format!("{slug} {}", manifest.version), now).await?;
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
