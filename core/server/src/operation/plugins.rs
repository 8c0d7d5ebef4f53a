//! Plugins, for the command line.
use super::{Answer, Wrong};
use crate::archive;
use pappus_kernel::{
    Error, Pod,
    access::Admin,
    plugin::{self, Accept, Data, EnableError, package::LARGEST},
};
use serde_json::json;
use std::path::Path;

pub(super) async fn enable(pod: &Pod, slug: &str) -> Result<Answer, Wrong> {
    plugin::enable(pod, Admin::operator(), slug, None).await?;
    Ok(json!({ "slug": slug, "enabled": true }))
}

pub(super) async fn disable(pod: &Pod, slug: &str) -> Result<Answer, Wrong> {
    let done = plugin::disable(pod, Admin::operator(), slug).await;
    done.map_err(|error| none(error, format!("the plugin {slug} is not on")))?;
    Ok(json!({ "slug": slug, "enabled": false }))
}

pub(super) async fn install(pod: &Pod, file: &Path, accept: Accept) -> Result<Answer, Wrong> {
    let bytes = archive::read(file, LARGEST)?;
    Ok(json!(plugin::install(pod, Admin::operator(), bytes, accept).await?))
}

/// With everything that the version asks for which waits at this moment.
pub(super) async fn update(pod: &Pod, slug: &str) -> Result<Answer, Wrong> {
    let rows = plugin::list(pod).await?;
    let waiting = rows.into_iter().find(|row| row.slug == slug).and_then(|row| row.waiting);
    let waiting = waiting.ok_or_else(|| Wrong::failed(format!("no version of {slug} waits")))?;
    plugin::update(pod, Admin::operator(), slug, &waiting.sha256, None).await?;
    Ok(json!({ "slug": slug, "version": waiting.version }))
}

pub(super) async fn discard(pod: &Pod, slug: &str) -> Result<Answer, Wrong> {
    let done = plugin::discard(pod, Admin::operator(), slug, None).await;
    done.map_err(|error| other(error, format!("no version of {slug} waits")))?;
    Ok(json!({ "slug": slug }))
}

pub(super) async fn roll_back(pod: &Pod, slug: &str) -> Result<Answer, Wrong> {
    let done = plugin::roll_back(pod, Admin::operator(), slug, None).await;
    Ok(json!(done.map_err(|error| other(error, format!("there is no other version of {slug}")))?))
}

fn other(error: EnableError, words: String) -> Wrong {
    match error {
        EnableError::Other(error) => none(error, words),
        refused @ EnableError::Refused(_) => refused.into(),
    }
}

pub(super) async fn uninstall(pod: &Pod, slug: &str, purge: bool) -> Result<Answer, Wrong> {
    let data = if purge { Data::Purge } else { Data::Keep };
    let done = plugin::uninstall(pod, Admin::operator(), slug, data).await;
    done.map_err(|error| none(error, format!("nothing is known of a plugin {slug}")))?;
    Ok(json!({ "slug": slug, "purged": purge }))
}

fn none(error: Error, words: String) -> Wrong {
    match error {
        Error::NotFound => Wrong::failed(words),
        error => error.into(),
    }
}
