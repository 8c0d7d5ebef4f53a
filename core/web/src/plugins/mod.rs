//! Plugins on pages: what they put into places, what they add to the composer, what their forms do. Their
//! templates and sentences come from their packages; the pod renders them, and writes every form.
mod dress;
mod extras;
mod functions;
pub mod settings;
mod sound;
mod told;

use crate::{
    App,
    error::Error,
    locale::Lang,
    theme::contract::{
        Chrome, SafeHtml,
        views::{AudienceKind, PersonView, PostView, RootView},
    },
    visit::Visit,
};
use fluent_bundle::FluentArgs;
use pappus_kernel::{
    account::session::Session,
    attachment,
    plugin::{
        Enabled, Filled, Looking, Member,
        exchange::{About, Fragment, Place, PostFacts},
        slots,
    },
    text::sanitise,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use dress::Wardrobe;
pub use extras::{Problems, attached, extras, problems};
pub use told::told;

/// All fragments of a page together.
const PAGE_BYTES: usize = 512 * 1024;

/// Who looks, for the kernel.
pub fn looking(app: &App, visit: &Visit) -> Looking {
    let member = |me: &Session| {
        let owner = me.owner()?;
        Some(Member { owner, diaspora_id: me.diaspora_id.clone(), is_admin: me.is_admin })
    };
    Looking {
        pod: Arc::clone(&app.pod),
        viewer: visit.me().and_then(member),
        locale: visit.lang.id().to_owned(),
        timezone: visit.me().map_or_else(|| "UTC".to_owned(), |me| me.timezone.clone()),
        request_id: visit.request_id.clone(),
    }
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
    let mut seen = BTreeSet::new();
    let once = |post: &PostFacts| seen.insert(post.guid.clone());
    let all: Vec<PostFacts> = posts.iter().flat_map(|post| facts(post)).filter(once).collect();
    let guids: Vec<&str> = all.iter().map(|post| post.guid.as_str()).collect();
    let hung = attachment::of_page(&app.pod, visit.viewer(), &guids, &kinds).await?;
    let with = |mut post: PostFacts| {
        post.attachments = hung.get(&post.guid).cloned().unwrap_or_default();
        post
    };
    let facts: Vec<Arc<PostFacts>> = all.into_iter().map(with).map(Arc::new).collect();
    let mut places = Vec::new();
    for slot in slots::all().iter().filter(|slot| wanted.contains(&slot.id)) {
        let place = |about| Place { slot: slot.id.clone(), about };
        match slot.subject {
            slots::Subject::None => places.push(place(About::Nothing)),
            slots::Subject::Post => {
                places.extend(facts.iter().map(|post| place(About::Post(Arc::clone(post)))));
            }
        }
    }
    let mut bytes = 0;
    for filled in app.pod.plugins.fill(&looking(app, visit), &places).await {
        let Some(html) = rendered(app, chrome, &filled) else { continue };
        let (slot, slug) = (&filled.slot, filled.plugin.slug());
        bytes += html.len();
        if bytes > PAGE_BYTES {
            tracing::warn!(
                plugin.name = slug,
                "plugins fill this page beyond its measure; the rest is left out"
            );
            break;
        }
        let boxed = format!("<div class=\"slot\" data-slot=\"{slot}\" data-plugin=\"{slug}\">{html}</div>");
        let here = filled_slots.entry(filled.slot.clone()).or_default().entry(filled.subject.clone());
        here.or_default().append(&boxed);
    }
    Ok(filled_slots)
}

/// The post, and what it passes on; what hangs on them is looked up for all at once.
fn facts(post: &PostView) -> Vec<PostFacts> {
    let public = post.audience.kind == AudienceKind::Public;
    let root = post.reshare.as_ref().and_then(|reshare| reshare.root.as_ref());
    let one = |guid: &str, author: &PersonView, text: &str, at: i64, root: Option<&RootView>| PostFacts {
        guid: guid.to_owned(),
        author: author.handle.clone(),
        text: text.to_owned(),
        public,
        local: author.local,
        created_at: at / 1000,
        root: root.map(|root| root.guid.clone()),
        attachments: Vec::new(),
    };
    let mut all = vec![one(&post.guid, &post.author, &post.text, post.at, root)];
    all.extend(root.map(|root| one(&root.guid, &root.author, &root.text, root.at, None)));
    all
}

/// What was put into a place as HTML; none where it fails, or where it would put a form into the composer's form.
fn rendered(app: &App, chrome: &Chrome, filled: &Filled) -> Option<String> {
    let html = fragment(app, chrome.lang, &filled.plugin, &filled.fragment)?;
    let is_no_place = filled.slot.starts_with("composer.") && html.contains("<form");
    if is_no_place {
        let slug = filled.plugin.slug();
        tracing::warn!(plugin.name = slug, "the plugin {slug} puts a form into the composer's form");
    }
    (!is_no_place).then_some(html)
}

/// A fragment as HTML; none where its template fails, or makes what would not stay within itself.
pub fn fragment(app: &App, lang: Lang, plugin: &Arc<Enabled>, fragment: &Fragment) -> Option<String> {
    let slug = plugin.slug();
    match fragment {
        Fragment::Html(html) => Some(sanitise::fragment(html, "")),
        Fragment::Template { name, data } => {
            let html = app.wardrobe.of(&plugin.plugin).render(plugin, lang, name, data);
            let html = html.map_err(|error| format!("{error:#}")).and_then(|html| {
                let fault = sound::fault(&html, slug, &|url| plugin.may_link(url));
                fault.map_or(Ok(html), Err)
            });
            let html = html.inspect_err(|error| {
                tracing::warn!(
                    plugin.name = slug,
                    template = name,
                    error,
                    "a plugin's template failed: {error}"
                );
            });
            html.ok()
        }
    }
}

/// The plugin's sentence of `key` in the reader's language, about `text`.
pub fn sentence(app: &App, lang: Lang, plugin: &Enabled, key: &str, text: &str) -> String {
    let mut args = FluentArgs::new();
    args.set("text", text.to_owned());
    app.wardrobe.of(&plugin.plugin).words().say(lang, key, &args)
}
