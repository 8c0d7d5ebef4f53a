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

pub(super) async fn roll_back(pod: &Pod, slug: &str) -> Result<Answer, Wrong> {
    plugin::roll_back(pod, Admin::operator(), slug).await.map_err(|error| match error {
        EnableError::Other(error) => none(error, format!("there is no other version of {slug}")),
        refused @ EnableError::Refused(_) => refused.into(),
    })?;
    Ok(json!({ "slug": slug }))
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
