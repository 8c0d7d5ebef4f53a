//! Brings the running set of plugins in line with the table: at the start, after a change here, and after
//! one that another process made.
use super::{Enabled, Plugin, Reason, package, registry::Grants, store};
use crate::{Pod, Result};
use std::sync::Arc;

/// Loads what is switched on. A plugin that cannot be loaded stays off for this run, with its reason in
/// the list; the pod runs on.
pub async fn load_enabled(pod: &Pod) -> Result<()> {
    reload(pod).await
}

/// Cheap when nothing has changed; to be called every second.
pub async fn refresh(pod: &Pod) -> Result<()> {
    let generation = store::generation(&mut pod.db.read().await?).await?;
    if generation == pod.plugins.generation() { Ok(()) } else { reload(pod).await }
}

pub(super) async fn reload(pod: &Pod) -> Result<()> {
    // One at a time: an older reading of the table must never replace a newer one.
    let _turn = pod.plugins.turn().await;
    let (generation, rows) = {
        let mut conn = pod.db.read().await?;
        // The counter first: a change in between is then seen again at the next refresh.
        (store::generation(&mut conn).await?, store::all(&mut conn).await?)
    };
    let mut enabled = Vec::new();
    for row in rows.iter().filter(|row| row.enabled) {
        let running = pod.plugins.find(&row.slug).filter(|running| {
            running.plugin.sha256() == row.sha256 && row.grants().as_ref() == Some(&*running.grants)
        });
        if let Some(running) = running {
            enabled.push(running);
            continue;
        }
        match load(pod, row).await {
            Ok(plugin) => enabled.push(plugin),
            Err(reason) => {
                let slug = row.slug.as_str();
                tracing::error!(plugin.name = slug, %reason, "the plugin {slug} stays off: {reason}");
                note(pod, row, &row.version, &row.sha256, Some(&reason.stored())).await?;
            }
        }
    }
    pod.plugins.replace(generation, enabled);
    Ok(())
}

async fn load(pod: &Pod, row: &store::Row) -> Result<Arc<Enabled>, Reason> {
    let loaded = package::load(pod, &row.slug, row.package.as_deref()).await;
    let loaded = loaded.map_err(|error| Reason::from(error.to_string().as_str()))?;
    let plugin = loaded.map_err(|error| Reason::from(&error))?;
    let grants = row.grants().ok_or_else(|| {
        Reason::new("grants", &[], "what it was granted cannot be read; switch it on again")
    })?;
    check_newer(plugin.as_ref(), &grants)?;
    if plugin.sha256() != row.sha256 || row.last_error.is_some() {
        let version = &plugin.manifest().version;
        let noted = note(pod, row, version, plugin.sha256(), None).await;
        noted.map_err(|error| Reason::from(error.to_string().as_str()))?;
    }
    Ok(Enabled::new(plugin, grants))
}

/// A package that came with an update of the pod runs with the old grants only if it asks for no more.
fn check_newer(plugin: &dyn Plugin, grants: &Grants) -> Result<(), Reason> {
    match grants.undecided(plugin.manifest()) {
        Some(name) => {
            let words = format!("its new version asks for `{name}` too; switch it on again to allow that");
            Err(Reason::new("asks-more", &[("name", &name)], words))
        }
        None => Ok(()),
    }
}

async fn note(pod: &Pod, row: &store::Row, version: &str, sha256: &str, error: Option<&str>) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    store::note(&mut tx, row, version, sha256, error).await?;
    Ok(tx.commit().await?)
}
