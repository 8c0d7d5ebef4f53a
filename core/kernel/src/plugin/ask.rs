//! Questions to all plugins that are switched on: what they put on a page, what they make of the composer's
//! fields, what their buttons do. A plugin that fails costs its own answer.
use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::{
    Audience, Caller, Enabled, Hook, Looking, PluginError, Plugins,
    exchange::{
        About, Acted, ActionRequest, Composed, FieldProblem, Fragment, Hung, PageRequest, Pairs, Place,
        PostFacts, Served,
    },
    manifest::{AttachmentKind, Contribution},
};
use crate::{Error, Result, access::Viewer, attachment};

/// All plugins of a page share so much wall time; what is not there then is left out. Debug builds of the pod are
/// given more.
const PAGE: Duration =
    if cfg!(debug_assertions) { Duration::from_secs(2) } else { Duration::from_millis(50) };

/// What a plugin put into a place.
#[derive(Clone)]
pub struct Filled {
    pub plugin: Arc<Enabled>,
    pub slot: String,
    /// The guid of what the place is about, or empty.
    pub subject: String,
    pub fragment: Fragment,
}

/// A member who uses a button of a plugin.
#[derive(Debug, Clone)]
pub struct Acting {
    pub action: String,
    /// The guid of the attachment that it is about.
    pub subject: Option<String>,
    pub form: Pairs,
}

/// A call for whoever sends a form; with the attachment that it is about.
fn sending(looking: &Looking, enabled: &Enabled, acting_on: Option<String>) -> Caller {
    Caller { acting_on, looks_only: false, ..caller(looking, enabled) }
}

/// A call for whoever looks at a page.
pub(super) fn caller(looking: &Looking, enabled: &Enabled) -> Caller {
    Caller {
        looking: looking.clone(),
        slug: enabled.plugin.manifest().slug.clone(),
        grants: Arc::clone(&enabled.grants),
        acting_on: None,
        background: false,
        looks_only: true,
    }
}

/// A call for nobody's page or form.
pub(super) fn in_background(looking: &Looking, enabled: &Enabled) -> Caller {
    Caller { background: true, looks_only: false, ..caller(looking, enabled) }
}

impl Plugins {
    /// Every kind of attachment that some plugin shows or makes.
    pub fn attachment_kinds(&self) -> Vec<String> {
        let enabled = self.enabled();
        let kinds = enabled.iter().flat_map(|one| &one.plugin.manifest().attachments);
        kinds.map(|attachment| attachment.kind.clone()).collect()
    }

    /// The places that some plugin fills.
    pub fn slots(&self) -> BTreeSet<String> {
        let enabled = self.enabled();
        let granted = enabled.iter().filter(|one| one.grants.hooks.contains_key(&Hook::UiSlots));
        granted.flat_map(|one| &one.plugin.manifest().slots).map(|slot| slot.name.clone()).collect()
    }

    /// What plugins add to the composer, in order.
    pub fn contributions(&self) -> Vec<(Arc<Enabled>, Contribution)> {
        let of = |enabled: Arc<Enabled>| {
            let all = enabled.plugin.manifest().contributions.clone();
            all.into_iter().map(move |one| (Arc::clone(&enabled), one))
        };
        self.enabled().into_iter().flat_map(of).collect()
    }

    /// Asks every plugin once for all its places of a page, all of them at the same time. `places` are those of
    /// the page; the attachments of a post are filtered for each plugin.
    pub async fn fill(&self, looking: &Looking, places: &[Place]) -> Vec<Filled> {
        let enabled = self.enabled();
        let asked = enabled.iter().filter_map(|plugin| {
            let wanted: Vec<Place> = places.iter().filter_map(|place| wanted(plugin, place)).collect();
            (!wanted.is_empty()).then(|| fill_one(plugin, looking, wanted))
        });
        join_all(asked).await.into_iter().flatten().collect()
    }
}

/// The place as this plugin sees it, if it fills such places and may see this one.
fn wanted(enabled: &Enabled, place: &Place) -> Option<Place> {
    let manifest = enabled.plugin.manifest();
    let slot = manifest.slots.iter().find(|slot| slot.name == place.slot)?;
    let audience = enabled.grants.hooks.get(&Hook::UiSlots)?;
    let About::Post(post) = &place.about else { return Some(place.clone()) };
    if !post.public && *audience == Audience::Public {
        return None;
    }
    let mine = |hung: &&Hung| is_of(enabled, &hung.kind).is_some();
    let concerns = |kind: &String| post.attachments.iter().filter(mine).any(|hung| hung.kind == *kind);
    if !slot.attachment.as_ref().is_none_or(concerns) {
        return None;
    }
    let attachments = post.attachments.iter().filter(mine).cloned().collect();
    let post = PostFacts { attachments, ..PostFacts::clone(post) };
    Some(Place { slot: place.slot.clone(), about: About::Post(Arc::new(post)) })
}

fn is_of<'a>(enabled: &'a Enabled, kind: &str) -> Option<&'a AttachmentKind> {
    enabled.plugin.manifest().attachments.iter().find(|attachment| attachment.kind == kind)
}

async fn fill_one(enabled: &Arc<Enabled>, looking: &Looking, places: Vec<Place>) -> Vec<Filled> {
    let subject = |place: &Place| match &place.about {
        About::Post(post) => post.guid.clone(),
        About::Nothing => String::new(),
    };
    let names: Vec<_> = places.iter().map(|place| (place.slot.clone(), subject(place))).collect();
    let call = async {
        let filled = enabled.plugin.fill(caller(looking, enabled), places);
        // how long it waits for a place and for processor time is the pod's load, not the plugin's doing
        let filled = tokio::time::timeout(PAGE, filled).await.map_err(|_| PluginError::Busy)??;
        if filled.len() != names.len() {
            return Err(PluginError::Answer(format!("{} places for {}", filled.len(), names.len())));
        }
        Ok(filled)
    };
    let Some(filled) = enabled.call(Hook::UiSlots, call).await else { return Vec::new() };
    let kept = |((slot, subject), fragment): ((String, String), Option<Fragment>)| {
        // what is too large for one place empties that place: a post of somebody else may be the reason
        let fragment = fragment?.checked().inspect_err(|error| {
            tracing::warn!(plugin.name = enabled.slug(), %error, "a place stays empty: {error}");
        });
        Some(Filled { plugin: Arc::clone(enabled), slot, subject, fragment: fragment.ok()? })
    };
    names.clone().into_iter().zip(filled).filter_map(kept).collect()
}

/// What a plugin makes of its fields of the composer: nothing, an attachment that keeps to the protocol, or what
/// is wrong with them: an error without a problem where the plugin has no words for it. A plugin that fails refuses, so
/// that nothing is posted half-way.
pub async fn compose(
    looking: &Looking,
    author: &str,
    (enabled, contribution): (&Enabled, &str),
    form: Pairs,
) -> Result<Result<Option<attachment::Draft>, Vec<FieldProblem>>> {
    let caller = sending(looking, enabled, None);
    let call = async { enabled.plugin.compose(caller, contribution, form).await?.checked() };
    let made = match enabled.call(Hook::Composer, call).await {
        Some(Composed::Nothing) => return Ok(Ok(None)),
        Some(Composed::Invalid(problems)) => return Ok(Err(problems)),
        Some(Composed::Attach(made)) if is_of(enabled, &made.kind).is_some() => made,
        Some(Composed::Attach(_)) | None => return Ok(Err(Vec::new())),
    };
    Ok(attachment::draft(&looking.pod, author, &made)?.map(Some).ok_or_else(Vec::new))
}

/// Somebody used a button of this plugin. None when the plugin failed; an error when there is nothing to act on
/// that they may see.
pub async fn act(looking: &Looking, enabled: &Enabled, acting: Acting) -> Result<Option<Acted>> {
    let subject = match &acting.subject {
        Some(guid) => Some(subject(looking, enabled, guid).await?),
        None => None,
    };
    let caller = sending(looking, enabled, acting.subject);
    let request = ActionRequest { action: acting.action, subject, form: acting.form };
    let call = enabled.plugin.act(caller, request);
    Ok(enabled.call(Hook::Actions, call).await)
}

/// A page of this plugin; none when the plugin failed. Looking at it changes nothing, and what is posted to it acts on no
/// attachment.
pub async fn serve(looking: &Looking, enabled: &Enabled, request: PageRequest) -> Option<Served> {
    let caller = Caller { looks_only: !request.posted, ..caller(looking, enabled) };
    let call = async { enabled.plugin.serve(caller, request).await?.checked() };
    enabled.call(Hook::Pages, call).await
}

/// The attachment of this plugin that somebody acts on, if they may read its post and the plugin may see such posts.
async fn subject(looking: &Looking, enabled: &Enabled, guid: &str) -> Result<Hung> {
    let viewer = looking.owner().map_or(Viewer::Visitor, Viewer::Member);
    let sees = enabled.grants.hooks.get(&Hook::UiSlots);
    for attachment in &enabled.plugin.manifest().attachments {
        let found = attachment::of_action(&looking.pod, viewer, &attachment.kind, guid).await?;
        if let Some((post, hung)) = found {
            let may = post.public || sees.is_some_and(|audience| *audience != Audience::Public);
            return if may { Ok(hung) } else { Err(Error::NotFound) };
        }
    }
    Err(Error::NotFound)
}
