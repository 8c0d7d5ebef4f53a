//! Switches a plugin on.
use super::{Capability, LoadError, Manifest, registry::Grants, reload, store};
use crate::{Error, Invalid, Pod, access::Admin, process};

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

/// Loads the package, writes down that it is on, and lets the next call see it. `None` grants everything
/// that its manifest asks for.
pub async fn enable(pod: &Pod, who: Admin, slug: &str, grants: Option<Grants>) -> Result<(), EnableError> {
    let plugin = pod.plugin_host.load(slug).await?;
    let manifest = plugin.manifest();
    check_alone(pod, manifest)?;
    let grants = grants.unwrap_or_else(|| Grants::asked_by(manifest));
    check(&grants, manifest).map_err(Error::from)?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    store::enable(&mut tx, manifest, plugin.sha256(), &grants, now).await?;
    store::audit(&mut tx, who, "plugin.enable", &format!("{slug} {}", manifest.version), now).await?;
    store::grow_generation(&mut tx, now).await?;
    tx.commit().await?;
    reload::reload(pod).await?;
    process::await_plugins(pod).await?;
    tracing::info!(plugin.name = slug, "the plugin {slug} {} is switched on", manifest.version);
    Ok(())
}

/// A post holds one attachment of a kind, so one plugin makes and shows it.
fn check_alone(pod: &Pod, manifest: &Manifest) -> Result<(), LoadError> {
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

/// A grant is of what was asked, and a component only starts with all of its imports.
fn check(grants: &Grants, manifest: &Manifest) -> Result<(), Invalid> {
    let asked = |capability: &Capability| manifest.capabilities.contains_key(capability);
    if !grants.capabilities.iter().all(asked)
        || !grants.hooks.keys().all(|hook| manifest.hooks.contains_key(hook))
    {
        return Err(Invalid::new("grants", "not-asked-for"));
    }
    if grants.capabilities.len() < manifest.capabilities.len() {
        return Err(Invalid::new("grants", "all-needed"));
    }
    Ok(())
}
