//! What the administrator sees of plugins.
use super::{Found, LoadError, Manifest, Reason, package, store};
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
    /// An administrator brought its package; else it is of the binary or a folder.
    pub installed: bool,
    /// The minisign key of its author.
    pub signed_by: Option<String>,
    /// The version that waits for a decision on what it asks for.
    pub waiting: Option<String>,
    /// The version to go back to.
    pub previous: Option<String>,
    /// Of the version that runs, or would.
    #[serde(skip)]
    pub manifest: Option<Manifest>,
    /// Of the version that waits.
    #[serde(skip)]
    pub waiting_manifest: Option<Manifest>,
}

/// Every package and every plugin that was ever switched on, by slug.
pub async fn list(pod: &Pod) -> Result<Vec<PluginRow>> {
    let mut conn = pod.db.read().await?;
    let (known, kept) = (store::all(&mut conn).await?, package::all(&mut conn).await?);
    drop(conn);
    let kept: BTreeMap<&str, &package::Kept> = kept.iter().map(|one| (one.sha256.as_str(), one)).collect();
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for package in pod.plugin_host.packages().await {
        found.insert(package.slug.clone(), package);
    }
    let mut list = Vec::new();
    for known in known {
        let beside = found.remove(&known.slug).map(|found| found.manifest);
        let brought = known.package.as_deref().map(|sha256| match kept.get(sha256) {
            Some(kept) => kept.manifest(),
            None => Err(LoadError::NotFound(known.slug.clone())),
        });
        match brought.or(beside) {
            Some(manifest) => {
                list.push(with_packages(row(pod, &known.slug, Some(&known), manifest), &known, &kept));
            }
            None if known.enabled => list.push(gone(known)),
            None => {}
        }
    }
    list.extend(found.into_values().map(|found| row(pod, &found.slug, None, found.manifest)));
    list.sort_by(|a, b| a.slug.cmp(&b.slug));
    Ok(list)
}

/// What is told of the packages that an administrator brought.
fn with_packages(row: PluginRow, known: &store::Row, kept: &BTreeMap<&str, &package::Kept>) -> PluginRow {
    let of = |sha256: &Option<String>| sha256.as_deref().and_then(|sha256| kept.get(sha256).copied());
    let (present, waiting) = (of(&known.package), of(&known.waiting));
    PluginRow {
        installed: known.package.is_some() || waiting.is_some(),
        signed_by: present.and_then(|kept| kept.signed_by.clone()),
        waiting: waiting.map(|kept| kept.version.clone()),
        waiting_manifest: waiting.and_then(|kept| kept.manifest().ok()),
        previous: of(&known.previous).map(|kept| kept.version.clone()),
        ..row
    }
}

fn row(
    pod: &Pod,
    slug: &str,
    known: Option<&store::Row>,
    manifest: std::result::Result<Manifest, LoadError>,
) -> PluginRow {
    let running = pod.plugins.find(slug);
    let switched_on = known.is_some_and(|row| row.enabled);
    let package_error = manifest.as_ref().err().map(Reason::from);
    let last_error = known.and_then(|row| row.last_error.as_deref()).map(Reason::read);
    let (state, reason) = match &running {
        Some(running) if running.breaker.is_open() => (PluginState::Failing, running.breaker.last_error()),
        Some(_) => (PluginState::Enabled, None),
        None if package_error.is_some() => (PluginState::Broken, package_error),
        None if switched_on => (PluginState::Broken, last_error),
        None => (PluginState::Disabled, None),
    };
    let manifest = manifest.ok();
    let text = |read: fn(&Manifest) -> &String| manifest.as_ref().map(read).cloned().unwrap_or_default();
    let asked = manifest.iter().flat_map(|manifest| &manifest.capabilities);
    PluginRow {
        slug: slug.to_owned(),
        name: manifest.as_ref().map_or_else(|| slug.to_owned(), |manifest| manifest.name.clone()),
        description: text(|manifest| &manifest.description),
        version: text(|manifest| &manifest.version),
        capabilities: asked.map(|(capability, why)| (capability.to_string(), why.clone())).collect(),
        hooks: manifest.iter().flat_map(|m| m.hooks.keys()).map(|hook| hook.name()).collect(),
        state,
        last_error: reason.as_ref().map(|reason| reason.words.clone()),
        reason,
        manifest,
        installed: false,
        signed_by: None,
        waiting: None,
        previous: None,
        waiting_manifest: None,
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
        installed: false,
        signed_by: None,
        waiting: None,
        previous: None,
        manifest: None,
        waiting_manifest: None,
        slug: row.slug,
    }
}
