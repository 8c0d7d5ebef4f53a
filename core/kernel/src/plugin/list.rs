//! What the administrator sees of plugins.
use super::{Found, Reason, store};
use crate::{Pod, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// How a plugin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginState {
    Disabled,
    Enabled,
    /// On, but it keeps failing and is left alone for a while.
    Failing,
    /// It should be on and cannot, or its package cannot be read.
    Broken,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PluginRow {
    pub slug: String,
    pub name: String,
    pub description: String,
    /// Of the package that is there now.
    pub version: String,
    pub state: PluginState,
    /// Why it is broken or failing.
    pub last_error: Option<String>,
    /// The same, for pages to say in the reader's language.
    #[serde(skip)]
    pub reason: Option<Reason>,
    /// What it asks for, each with its reason.
    pub capabilities: BTreeMap<String, String>,
    pub hooks: Vec<&'static str>,
}

/// Every package and every plugin that was ever switched on, by slug.
pub async fn list(pod: &Pod) -> Result<Vec<PluginRow>> {
    let known = store::all(&mut pod.db.read().await?).await?;
    let mut known: BTreeMap<String, store::Row> =
        known.into_iter().map(|row| (row.slug.clone(), row)).collect();
    let packages = pod.plugin_host.packages().await;
    let mut list: Vec<_> =
        packages.into_iter().map(|found| row(pod, known.remove(&found.slug), found)).collect();
    list.extend(known.into_values().filter(|row| row.enabled).map(gone));
    list.sort_by(|a, b| a.slug.cmp(&b.slug));
    Ok(list)
}

fn row(pod: &Pod, known: Option<store::Row>, found: Found) -> PluginRow {
    let running = pod.plugins.find(&found.slug);
    let switched_on = known.as_ref().is_some_and(|row| row.enabled);
    let package_error = found.manifest.as_ref().err().map(Reason::from);
    let (state, reason) = match &running {
        Some(running) if running.breaker.is_open() => (PluginState::Failing, running.breaker.last_error()),
        Some(_) => (PluginState::Enabled, None),
        None if package_error.is_some() => (PluginState::Broken, package_error),
        None if switched_on => {
            (PluginState::Broken, known.and_then(|row| row.last_error).as_deref().map(Reason::read))
        }
        None => (PluginState::Disabled, None),
    };
    let manifest = found.manifest.ok();
    let text =
        |read: fn(&super::Manifest) -> &String| manifest.as_ref().map(read).cloned().unwrap_or_default();
    PluginRow {
        name: manifest.as_ref().map_or_else(|| found.slug.clone(), |manifest| manifest.name.clone()),
        description: text(|manifest| &manifest.description),
        version: text(|manifest| &manifest.version),
        capabilities: manifest
            .iter()
            .flat_map(|m| &m.capabilities)
            .map(|(c, why)| (c.to_string(), why.clone()))
            .collect(),
        hooks: manifest.iter().flat_map(|m| m.hooks.keys()).map(|hook| hook.name()).collect(),
        slug: found.slug,
        state,
        last_error: reason.as_ref().map(|reason| reason.words.clone()),
        reason,
    }
}

/// Switched on once, and its package is not there any more.
fn gone(row: store::Row) -> PluginRow {
    let reason = match &row.last_error {
        Some(stored) => Reason::read(stored),
        None => Reason::new("gone", &[], "its package is gone"),
    };
    PluginRow {
        name: row.slug.clone(),
        description: String::new(),
        version: row.version,
        state: PluginState::Broken,
        last_error: Some(reason.words.clone()),
        reason: Some(reason),
        capabilities: BTreeMap::new(),
        hooks: Vec::new(),
        slug: row.slug,
    }
}
