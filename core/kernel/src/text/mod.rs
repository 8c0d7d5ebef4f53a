//! Texts as people write them, and how pages show them. The raw text is kept; a renderer plugin makes HTML
//! of it, which is sanitised and kept under the renderer's key, or the kernel escapes it. Mentions and tags
//! stay placeholders until the page is made. Images keep the address that their author wrote: whoever makes
//! the page passes them through [`map_images`].
mod fill;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
pub mod plain;
pub mod sanitise;
pub mod scan;
mod store;

pub use fill::map_images;

use crate::{
    Pod, Result,
    id::{CommentId, MessageId, PersonId, PostId},
    plugin::RenderSource,
};
use fill::Known;
use scan::{Found, Kind};
use std::collections::HashMap;

/// Which row a text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOf {
    /// A post's.
    Post(PostId),
    /// A comment's.
    Comment(CommentId),
    /// What a person says about themselves.
    Bio(PersonId),
    /// A private message's.
    Message(MessageId),
}

/// A text to show.
#[derive(Debug, Clone)]
pub struct Text {
    /// Where it stands.
    pub of: TextOf,
    /// As it was written.
    pub text: String,
    /// Not for everybody: a renderer sees it alone.
    pub limited: bool,
    /// What is kept under [`renderer_key`], read along with the text.
    pub cached: Option<String>,
}

/// Under which key rendered texts are kept now; empty, which no row has, without a renderer.
pub fn renderer_key(pod: &Pod) -> String {
    pod.plugins.renderer_key().unwrap_or_default()
}

/// The HTML of each text, safe to show. Renders and keeps what is not kept yet, all in one go.
pub async fn render(pod: &Pod, texts: Vec<Text>) -> Result<Vec<String>> {
    let made = make(pod, &texts).await;
    let found: Vec<Vec<Found<'_>>> = texts.iter().map(|text| scan::scan(&text.text)).collect();
    let people = mentioned(pod, &found).await?;
    Ok(made.iter().zip(&found).map(|(html, found)| fill::fill(html, found, &people)).collect())
}

/// HTML with placeholders.
async fn make(pod: &Pod, texts: &[Text]) -> Vec<String> {
    let Some(key) = pod.plugins.renderer_key() else {
        return texts.iter().map(|text| plain::html(&text.text)).collect();
    };
    let missing: Vec<&Text> = texts.iter().filter(|text| text.cached.is_none()).collect();
    let sources = missing.iter().map(|text| RenderSource {
        text: text.text.clone(),
        inline_only: false,
        limited: text.limited,
    });
    let sources: Vec<RenderSource> = sources.collect();
    let answers = if sources.is_empty() { Vec::new() } else { pod.plugins.render(sources).await };
    let clean: Vec<Option<String>> = missing
        .iter()
        .zip(answers)
        .map(|(text, answer)| answer.map(|answer| sanitise::fragment(&answer.html, &text.text)))
        .collect();
    // a renderer that was exchanged meanwhile made this under another key
    if pod.plugins.renderer_key().as_ref() == Some(&key) {
        let kept: Vec<_> =
            missing.iter().zip(&clean).filter_map(|(text, html)| Some((*text, html.as_deref()?))).collect();
        if let Err(error) = store::keep(pod, &key, &kept).await {
            tracing::warn!(%error, "rendered texts could not be kept: {error}");
        }
    }
    let mut clean = clean.into_iter();
    let html = texts.iter().map(|text| match &text.cached {
        Some(html) => html.clone(),
        None => clean.next().flatten().unwrap_or_else(|| plain::html(&text.text)),
    });
    html.collect()
}

async fn mentioned(pod: &Pod, found: &[Vec<Found<'_>>]) -> Result<HashMap<String, Known>> {
    let handles = found.iter().flatten().filter_map(|found| match &found.kind {
        Kind::Mention { handle, .. } => Some(handle.clone()),
        Kind::Tag { .. } => None,
    });
    let mut handles: Vec<String> = handles.collect();
    handles.sort_unstable();
    handles.dedup();
    if handles.is_empty() {
        return Ok(HashMap::new());
    }
    let people = crate::person::store::by_diaspora_ids(&mut pod.db.read().await?, &handles).await?;
    let known =
        |person: crate::person::Person| (person.diaspora_id, Known { guid: person.guid, name: person.name });
    Ok(people.into_iter().map(known).collect())
}
