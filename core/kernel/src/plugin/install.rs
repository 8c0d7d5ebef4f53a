//! Takes a package that an administrator brought.
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::{
    EnableError, Found, Grants, LoadError, Manifest, Opened, Plugin,
    enable::check_alone,
    package::{self, Place},
    reload, store,
};
use crate::{Error, Invalid, Pod, Result, access::Admin, db::Tx, process};

/// What an administrator saw and takes all the same.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Accept {
    /// The author of the package although this pod knows the plugin from somebody else: their key as it was shown, or
    /// `nobody` for a package without a signature.
    pub author: Option<String>,
}

/// What became of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    pub slug: String,
    pub version: String,
    /// It takes part from now on.
    pub runs: bool,
    /// The version before runs on until the administrator decides on what this one asks for.
    pub waits: bool,
    /// Nobody signed it.
    pub unsigned: bool,
}

/// A package that was found to work here.
struct Brought {
    sha256: String,
    bytes: Vec<u8>,
    opened: Opened,
    plugin: Arc<dyn Plugin>,
}

/// Checks a package whole (its signature, its author, that it works here) and only then takes it. A plugin that is on
/// and whose new version asks for nothing new is swapped under way; what asks for more waits, and the old one runs on.
pub async fn install(
    pod: &Pod,
    who: Admin,
    bytes: Vec<u8>,
    accept: Accept,
) -> Result<Installed, EnableError> {
    if bytes.len() > package::LARGEST {
        return Err(LoadError::TooLarge("its package is larger than 20 MiB".to_owned()).into());
    }
    let _alone = pod.plugins.installing().await;
    let sha256 = hex::encode(digest(&SHA256, &bytes));
    let (opened, plugin) = pod.plugin_host.load_package(bytes.clone()).await?;
    let brought = Brought { sha256, bytes, opened, plugin };
    let beside = pod.plugin_host.packages().await;
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    store::grow_generation(&mut tx, now).await?;
    let runs = check_and_put(pod, &mut tx, &brought, &beside, &accept).await?;
    let Opened { manifest, signed_by, .. } = &brought.opened;
    let (slug, version) = (manifest.slug.to_string(), manifest.version.clone());
    let detail = format!("{slug} {version} {} by {}", brought.sha256, author(signed_by.as_deref()));
    store::audit(&mut tx, who, "plugin.install", &detail, now).await?;
    let on = finish(pod, tx, &slug).await?;
    tracing::info!(plugin.name = slug, "the package {detail} was installed");
    Ok(Installed { slug, version, runs: on && runs, waits: on && !runs, unsigned: signed_by.is_none() })
}

/// Goes back to the package before the present one, which must be `seen` where that is given. It waits where it asks for
/// what it is not granted any more.
pub async fn roll_back(
    pod: &Pod,
    who: Admin,
    slug: &str,
    seen: Option<&str>,
) -> Result<Installed, EnableError> {
    let _alone = pod.plugins.installing().await;
    let row = store::find(&mut pod.db.read().await?, slug).await?.ok_or(Error::NotFound)?;
    let before = row.previous.clone().ok_or(Error::NotFound)?;
    let plugin = package::load(pod, slug, Some(&before)).await??;
    let (manifest, now) = (plugin.manifest(), pod.clock.now());
    let mut tx = pod.db.begin_durable().await?;
    store::grow_generation(&mut tx, now).await?;
    let row = store::find(&mut tx, slug).await?.ok_or(Error::NotFound)?;
    if row.previous.as_ref() != Some(&before) || seen.is_some_and(|seen| seen != before) {
        return Err(Error::Conflict("another-package").into());
    }
    if row.enabled {
        check_alone(pod, manifest)?;
    }
    let runs = put(&mut tx, &row, manifest, (&before, plugin.sha256())).await?;
    store::audit(&mut tx, who, "plugin.roll-back", &format!("{slug} {}", manifest.version), now).await?;
    finish(pod, tx, slug).await?;
    let (version, waits) = (manifest.version.clone(), row.enabled && !runs);
    Ok(Installed { slug: slug.to_owned(), version, runs: row.enabled && runs, waits, unsigned: false })
}

/// Throws the package away that waits, which must be `seen` where that is given.
pub async fn discard(pod: &Pod, who: Admin, slug: &str, seen: Option<&str>) -> Result<(), EnableError> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    store::grow_generation(&mut tx, now).await?;
    let row = store::find(&mut tx, slug).await?.ok_or(Error::NotFound)?;
    let waiting = row.waiting.ok_or(Error::NotFound)?;
    if seen.is_some_and(|seen| seen != waiting) {
        return Err(Error::Conflict("another-package").into());
    }
    package::drop_waiting(&mut tx, slug).await?;
    store::audit(&mut tx, who, "plugin.discard", &format!("{slug} {waiting}"), now).await?;
    finish(pod, tx, slug).await.map(drop)
}

/// What is decided in one piece: whether the package may come, and where it goes. Says whether it runs, or would if the
/// plugin were on.
async fn check_and_put(
    pod: &Pod,
    tx: &mut Tx,
    brought: &Brought,
    beside: &[Found],
    accept: &Accept,
) -> Result<bool, EnableError> {
    let (opened, manifest) = (&brought.opened, &brought.opened.manifest);
    let slug = manifest.slug.as_str();
    let row = store::find(tx, slug).await?;
    check_name(tx, manifest, row.as_ref(), beside).await?;
    check_author(opened, row.as_ref(), beside, accept)?;
    if row.as_ref().is_some_and(|row| row.enabled) {
        check_alone(pod, manifest)?;
    }
    package::add(tx, manifest, brought.plugin.sha256()).await?;
    package::keep(tx, &brought.sha256, opened, &brought.bytes, pod.clock.now()).await?;
    let row = store::find(tx, slug).await?.ok_or(Error::NotFound)?;
    put(tx, &row, manifest, (&brought.sha256, brought.plugin.sha256())).await
}

async fn put(
    tx: &mut Tx,
    row: &store::Row,
    manifest: &Manifest,
    (sha256, component): (&str, &str),
) -> Result<bool, EnableError> {
    let decided = row.grants().is_some_and(|grants| grants.undecided(manifest).is_none());
    let waits = row.enabled && !decided;
    let runs = Place::Runs { package: sha256, version: &manifest.version, component };
    package::place(tx, &row.slug, if waits { Place::Waits(sha256) } else { runs }).await?;
    Ok(!waits)
}

/// Says whether the plugin is on.
async fn finish(pod: &Pod, mut tx: Tx, slug: &str) -> Result<bool, EnableError> {
    package::forget_unused(&mut tx, slug).await?;
    let row = store::find(&mut tx, slug).await?;
    tx.commit().await?;
    reload::reload(pod).await?;
    process::await_plugins(pod).await?;
    Ok(row.is_some_and(|row| row.enabled))
}

/// A short name stays with its plugin, and a plugin has one.
async fn check_name(
    tx: &mut Tx,
    manifest: &Manifest,
    row: Option<&store::Row>,
    beside: &[Found],
) -> Result<(), EnableError> {
    let (slug, id) = (manifest.slug.as_str(), manifest.id.as_str());
    let found = beside.iter().filter_map(|found| Some((found.slug.as_str(), found.manifest.as_ref().ok()?)));
    let known = row.map(|row| (row.slug.as_str(), row.plugin_id.as_str()));
    let renamed = store::other_name(tx, id, slug).await?;
    let all = found.map(|(slug, manifest)| (slug, manifest.id.as_str())).chain(known);
    let mut all = all.chain(renamed.as_deref().map(|slug| (slug, id)));
    match all.find(|(name, owner)| (*name == slug) != (*owner == id)) {
        Some((slug, id)) => Err(LoadError::OtherPlugin { slug: slug.to_owned(), id: id.to_owned() }.into()),
        None => Ok(()),
    }
}

/// A plugin stays with its author, and nobody is given an older version as a newer one.
fn check_author(
    opened: &Opened,
    row: Option<&store::Row>,
    beside: &[Found],
    accept: &Accept,
) -> Result<(), LoadError> {
    let manifest = &opened.manifest;
    let bundled = beside.iter().find(|found| found.slug == manifest.slug.as_str());
    let brought = author(opened.signed_by.as_deref());
    let accepted = accept.author.as_deref() == Some(brought);
    let installed = row.is_some_and(|row| row.package.is_some());
    let known = row.and_then(|row| row.signed_by.as_deref());
    match known {
        _ if accepted => {}
        Some(known) if known != brought => {
            return Err(LoadError::OtherAuthor { known: known.to_owned(), brought: brought.to_owned() });
        }
        None if bundled.is_some() && !installed => {
            return Err(LoadError::Bundled { brought: brought.to_owned() });
        }
        _ => {}
    }
    let present = match (row.filter(|_| installed), bundled.map(|found| &found.manifest)) {
        (Some(row), _) => Some(row.version.as_str()),
        (None, Some(Ok(manifest))) => Some(manifest.version.as_str()),
        _ => None,
    };
    match present {
        Some(present) if package::compare(&manifest.version, present).is_lt() => {
            Err(LoadError::Older { brought: manifest.version.clone(), present: present.to_owned() })
        }
        _ => Ok(()),
    }
}

/// As it is shown and accepted.
fn author(key: Option<&str>) -> &str {
    key.unwrap_or("nobody")
}

/// A grant is of what was asked; what is refused is denied whenever the plugin asks for it.
pub(super) fn check_grants(grants: &Grants, manifest: &Manifest) -> Result<(), Invalid> {
    let asked = grants.capabilities.iter().all(|capability| manifest.capabilities.contains_key(capability))
        && grants.hooks.keys().all(|hook| manifest.hooks.contains_key(hook))
        && grants.links.iter().all(|origin| manifest.links.contains_key(origin));
    if asked { Ok(()) } else { Err(Invalid::new("grants", "not-asked-for")) }
}
