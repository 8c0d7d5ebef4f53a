//! Plugins on pages: what they put into places, what they add to the composer, what their forms do. Their
//! templates and sentences come from their packages; the pod renders them, and writes every form.
mod dress;
mod extras;
mod functions;

use crate::{
    App,
    error::Error,
    theme::contract::{
        Chrome, SafeHtml,
        views::{AudienceKind, PostView},
    },
    visit::Visit,
};
use pappus_kernel::{
    attachment,
    plugin::{
        Filled, Looking,
        exchange::{About, Fragment, Place, PostFacts},
        slots,
    },
    text::sanitise,
};
use std::{collections::BTreeMap, sync::Arc};

pub use dress::Wardrobe;
pub use extras::{Problems, attached, extras, problems};

/// Who looks, for the kernel.
pub fn looking(app: &App, visit: &Visit) -> Looking {
    Looking { pod: Arc::clone(&app.pod), viewer: visit.owner(), locale: visit.lang.id().to_owned() }
}

/// What plugins put into the places of a page with these posts: nothing is asked where nobody would answer.
pub async fn fill(
    app: &App,
    visit: &Visit,
    chrome: &Chrome,
    posts: &[&PostView],
) -> Result<BTreeMap<String, BTreeMap<String, SafeHtml>>, Error> {
    let mut filled_slots: BTreeMap<String, BTreeMap<String, SafeHtml>> = BTreeMap::new();
    let wanted = app.pod.plugins.slots();
    if wanted.is_empty() {
        return Ok(filled_slots);
    }
    let kinds = app.pod.plugins.attachment_kinds();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let guids: Vec<&str> = posts.iter().map(|post| post.guid.as_str()).collect();
    let mut hung = attachment::of_page(&app.pod, visit.viewer(), &guids, &kinds).await?;
    let facts: Vec<PostFacts> = posts
        .iter()
        .map(|post| PostFacts {
            guid: post.guid.clone(),
            author: post.author.handle.clone(),
            text: post.text.clone(),
            public: post.audience.kind == AudienceKind::Public,
            local: post.author.local,
            created_at: post.at / 1000,
            attachments: hung.remove(&post.guid).unwrap_or_default(),
        })
        .collect();
    let mut places = Vec::new();
    for slot in slots::all().iter().filter(|slot| wanted.contains(&slot.id)) {
        let place = |about| Place { slot: slot.id.clone(), about };
        match slot.subject {
            slots::Subject::None => places.push(place(About::Nothing)),
            slots::Subject::Post => places.extend(facts.iter().map(|post| place(About::Post(post.clone())))),
            slots::Subject::Comment | slots::Subject::Person => {}
        }
    }
    for filled in app.pod.plugins.fill(&looking(app, visit), &places).await {
        let Some(html) = rendered(app, chrome, &filled) else { continue };
        let (slot, slug) = (&filled.slot, filled.plugin.slug());
        let boxed = format!("<div class=\"slot\" data-slot=\"{slot}\" data-plugin=\"{slug}\">{html}</div>");
        let here = filled_slots.entry(filled.slot.clone()).or_default().entry(filled.subject.clone());
        here.or_default().append(&boxed);
    }
    Ok(filled_slots)
}

/// A fragment as HTML; none where its template fails.
fn rendered(app: &App, chrome: &Chrome, filled: &Filled) -> Option<String> {
    let slug = filled.plugin.slug();
    match &filled.fragment {
        Fragment::Html(html) => Some(sanitise::fragment(html, "")),
        Fragment::Template { name, data } => {
            let dressed = app.wardrobe.of(&filled.plugin.plugin);
            let html = dressed.render(slug, chrome.lang, name, data);
            html.inspect_err(|error| {
                tracing::warn!(plugin.name = slug, template = name, %error, "a plugin's template failed: {error:#}");
            })
            .ok()
        }
    }
}
