//! Takes a package that an administrator brought.
use super::{
    EnableError, Grants, LoadError, Manifest, Opened,
    enable::check_alone,
    package::{self, Place},
    reload, store,
};
use crate::{Error, Invalid, Pod, Result, access::Admin, db::Tx, process};
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// What an administrator saw and takes all the same.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Accept {
    /// The package is not signed by the author of the present one.
    pub other_key: bool,
}

/// What became of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    pub slug: String,
    pub version: String,
    /// It takes part from now on; else it waits for the administrator's decision on what it asks for.
    pub runs: bool,
    /// Nobody signed it.
    pub unsigned: bool,
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
    let opened = pod.plugin_host.open(bytes.clone()).await?;
    let row = store::find(&mut pod.db.read().await?, opened.manifest.slug.as_str()).await?;
    check_author(pod, row.as_ref(), &opened, accept).await?;
    let plugin = pod.plugin_host.load_package(bytes.clone()).await?;
    if row.as_ref().is_some_and(|row| row.enabled) {
        check_alone(pod, &opened.manifest)?;
    }
    let (slug, sha256) = (opened.manifest.slug.as_str(), hex::encode(digest(&SHA256, &bytes)));
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    package::add(&mut tx, &opened.manifest, plugin.sha256()).await?;
    package::keep(&mut tx, &sha256, &opened, &bytes, now).await?;
    package::pin(&mut tx, slug, opened.signed_by.as_deref()).await?;
    let row = store::find(&mut tx, slug).await?.ok_or(Error::NotFound)?;
    let runs = put(&mut tx, &row, &opened.manifest, (&sha256, plugin.sha256())).await?;
    let detail = format!("{slug} {} {sha256}", opened.manifest.version);
    store::audit(&mut tx, who, "plugin.install", &detail, now).await?;
    finish(pod, tx, slug).await?;
    tracing::info!(plugin.name = slug, "the package {detail} was installed");
    let (version, unsigned) = (opened.manifest.version.clone(), opened.signed_by.is_none());
    Ok(Installed { slug: slug.to_owned(), version, runs, unsigned })
}

/// Goes back to the package before the present one; a newer one that waits is thrown away instead.
pub async fn roll_back(pod: &Pod, who: Admin, slug: &str) -> Result<(), EnableError> {
    let row = store::find(&mut pod.db.read().await?, slug).await?.ok_or(Error::NotFound)?;
    let now = pod.clock.now();
    if row.waiting.is_some() {
        let mut tx = pod.db.begin_durable().await?;
        package::drop_waiting(&mut tx, slug).await?;
        store::audit(&mut tx, who, "plugin.discard", slug, now).await?;
        return finish(pod, tx, slug).await;
    }
    let before = row.previous.as_deref().ok_or(Error::NotFound)?;
    let plugin = package::load(pod, slug, Some(before)).await??;
    let mut tx = pod.db.begin_durable().await?;
    let row = store::find(&mut tx, slug).await?.ok_or(Error::NotFound)?;
    put(&mut tx, &row, plugin.manifest(), (before, plugin.sha256())).await?;
    store::audit(&mut tx, who, "plugin.roll-back", &format!("{slug} {}", plugin.manifest().version), now)
        .await?;
    finish(pod, tx, slug).await
}

/// Whether it takes part from now on.
async fn put(
    tx: &mut Tx,
    row: &store::Row,
    manifest: &Manifest,
    (sha256, component): (&str, &str),
) -> Result<bool, EnableError> {
    let decided = row.grants().is_some_and(|grants| grants.undecided(manifest).is_none());
    let waits = row.enabled && !decided;
    let runs = Place::Runs { package: sha256, version: &manifest.version, component };
    let place = if waits { Place::Waits(sha256) } else { runs };
    package::place(tx, &row.slug, place).await?;
    Ok(row.enabled && decided)
}

async fn finish(pod: &Pod, mut tx: Tx, slug: &str) -> Result<(), EnableError> {
    package::forget_unused(&mut tx, slug).await?;
    store::grow_generation(&mut tx, pod.clock.now()).await?;
    tx.commit().await?;
    reload::reload(pod).await?;
    Ok(process::await_plugins(pod).await?)
}

/// A name stays with its plugin, a plugin with its author, and nobody is given an older version as a newer one.
async fn check_author(
    pod: &Pod,
    row: Option<&store::Row>,
    opened: &Opened,
    accept: Accept,
) -> Result<(), EnableError> {
    let (slug, id) = (opened.manifest.slug.as_str(), opened.manifest.id.as_str());
    let other = |id: &str| LoadError::OtherPlugin { slug: slug.to_owned(), id: id.to_owned() };
    if let Some(row) = row.filter(|row| row.plugin_id != id) {
        return Err(other(&row.plugin_id).into());
    }
    let beside = pod.plugin_host.packages().await.into_iter().find(|found| found.slug == slug);
    if let Some(Ok(manifest)) = beside.map(|found| found.manifest)
        && manifest.id != id
    {
        return Err(other(&manifest.id).into());
    }
    let Some(row) = row else { return Ok(()) };
    if row.signed_by.is_some() && row.signed_by != opened.signed_by && !accept.other_key {
        return Err(LoadError::OtherKey.into());
    }
    if row.package.is_some() && package::compare(&opened.manifest.version, &row.version).is_lt() {
        let (brought, present) = (opened.manifest.version.clone(), row.version.clone());
        return Err(LoadError::Older { brought, present }.into());
    }
    Ok(())
}

/// A grant is of what was asked; what is refused is denied whenever the plugin asks for it.
pub(super) fn check_grants(grants: &Grants, manifest: &Manifest) -> Result<(), Invalid> {
    let asked = grants.capabilities.iter().all(|capability| manifest.capabilities.contains_key(capability))
        && grants.hooks.keys().all(|hook| manifest.hooks.contains_key(hook))
        && grants.links.iter().all(|origin| manifest.links.contains_key(origin));
    if asked { Ok(()) } else { Err(Invalid::new("grants", "not-asked-for")) }
}
