//! Questions to all plugins that are switched on: what they put on a page, what they make of the composer's
//! fields, what their buttons do. A plugin that fails costs its own answer.
use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::{
    Audience, Caller, Enabled, Hook, PluginError, Plugins,
    exchange::{About, Acted, ActionRequest, Composed, FieldProblem, Fragment, Hung, Pairs, Place},
    manifest::{AttachmentKind, Contribution},
};
use crate::{
    Error, Pod, Result,
    access::{Owner, Viewer},
    attachment,
};

/// All plugins of a page share so much wall time; what is not there then is left out. Debug builds of the pod are
/// given more.
const PAGE: Duration =
    if cfg!(debug_assertions) { Duration::from_secs(2) } else { Duration::from_millis(50) };

/// Who looks at a page, in which language.
#[derive(Clone)]
pub struct Looking {
    pub pod: Arc<Pod>,
    pub viewer: Option<Owner>,
    pub locale: String,
}

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

impl Looking {
    fn caller(&self, enabled: &Enabled, acting_on: Option<String>) -> Caller {
        Caller {
            acting_on,
            pod: Arc::clone(&self.pod),
            slug: enabled.plugin.manifest().slug.clone(),
            grants: Arc::clone(&enabled.grants),
            viewer: self.viewer,
            locale: self.locale.clone(),
        }
    }
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
    let mut post = post.clone();
    post.attachments.retain(|hung| is_of(enabled, &hung.kind).is_some());
    let concerns =
        slot.attachment.as_ref().is_none_or(|kind| post.attachments.iter().any(|hung| hung.kind == *kind));
    concerns.then(|| Place { slot: place.slot.clone(), about: About::Post(post) })
}

fn is_of<'a>(enabled: &'a Enabled, kind: &str) -> Option<&'a AttachmentKind> {
    enabled.plugin.manifest().attachments.iter().find(|attachment| attachment.kind == kind)
}

async fn fill_one(enabled: &Arc<Enabled>, looking: &Looking, places: Vec<Place>) -> Vec<Filled> {
    let call = async {
        let asked = places.len();
        let filled = enabled.plugin.fill(looking.caller(enabled, None), places.clone());
        // how long it waits for a place and for processor time is the pod's load, not the plugin's doing
        let filled = tokio::time::timeout(PAGE, filled).await.map_err(|_| PluginError::Busy)??;
        if filled.len() != asked {
            return Err(PluginError::Answer(format!("{} places for {asked}", filled.len())));
        }
        Ok(filled)
    };
    let Some(filled) = enabled.call(Hook::UiSlots, call).await else { return Vec::new() };
    let named = |(place, fragment): (Place, Option<Fragment>)| {
        let subject = match &place.about {
            About::Post(post) => post.guid.clone(),
            About::Nothing => String::new(),
        };
        // what is too large for one place empties that place: a post of somebody else may be the reason
        let fragment = fragment?.checked().inspect_err(|error| {
            tracing::warn!(plugin.name = enabled.slug(), %error, "a place stays empty: {error}");
        });
        Some(Filled { plugin: Arc::clone(enabled), slot: place.slot, subject, fragment: fragment.ok()? })
    };
    places.into_iter().zip(filled).filter_map(named).collect()
}

/// What a plugin makes of its fields of the composer: nothing, an attachment that keeps to the protocol, or what
/// is wrong with them. A plugin that fails refuses, so that nothing is posted half-way.
pub async fn compose(
    looking: &Looking,
    author: &str,
    (enabled, contribution): (&Enabled, &str),
    form: Pairs,
) -> Result<Result<Option<attachment::Draft>, Vec<FieldProblem>>> {
    let caller = looking.caller(enabled, None);
    let call = async { enabled.plugin.compose(caller, contribution, form).await?.checked() };
    match enabled.call(Hook::Composer, call).await {
        Some(Composed::Nothing) => Ok(Ok(None)),
        Some(Composed::Invalid(problems)) => Ok(Err(problems)),
        Some(Composed::Attach(made)) if is_of(enabled, &made.kind).is_some() => {
            match attachment::draft(&looking.pod, author, &made)? {
                Some(draft) => Ok(Ok(Some(draft))),
                None => Ok(Err(broken())),
            }
        }
        Some(Composed::Attach(_)) | None => Ok(Err(broken())),
    }
}

/// No key: the pod has the words for it.
fn broken() -> Vec<FieldProblem> {
    vec![FieldProblem { field: String::new(), key: String::new(), args: Vec::new() }]
}

/// Somebody used a button of this plugin. None when the plugin failed; an error when there is nothing to act on
/// that they may see.
pub async fn act(looking: &Looking, enabled: &Enabled, acting: Acting) -> Result<Option<Acted>> {
    let subject = match &acting.subject {
        Some(guid) => Some(subject(looking, enabled, guid).await?),
        None => None,
    };
    let caller = looking.caller(enabled, acting.subject);
    let request = ActionRequest { action: acting.action, subject, form: acting.form };
    let call = enabled.plugin.act(caller, request);
    Ok(enabled.call(Hook::Actions, call).await)
}

/// The attachment of this plugin that somebody acts on, if they may read its post and the plugin may see such posts.
async fn subject(looking: &Looking, enabled: &Enabled, guid: &str) -> Result<Hung> {
    let viewer = looking.viewer.map_or(Viewer::Visitor, Viewer::Member);
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
