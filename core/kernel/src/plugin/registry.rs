//! The plugins that are switched on. A call works on the snapshot that it began with, so a change
//! takes effect between calls and interrupts none.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

use super::{Audience, Capability, Hook, Plugin, PluginError, breaker::Breaker, render::Poison};

/// Part of the renderer's key: changes whenever the pod may make other HTML of the same plugin's answer.
const RENDERING: &str = concat!("core-", env!("CARGO_PKG_VERSION"), "/sanitiser-3");

/// What the administrator allowed a plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    pub capabilities: std::collections::BTreeSet<Capability>,
    /// Whose texts each of its text-reading hooks sees.
    pub hooks: BTreeMap<Hook, Audience>,
    /// Sites that its templates may link to.
    pub links: std::collections::BTreeSet<String>,
    /// Names of everything that it asked for when the administrator decided, refused or not: what is none of them was
    /// never decided. None where it was written before anybody could refuse one thing alone.
    pub decided: Option<std::collections::BTreeSet<String>>,
}

impl Grants {
    /// Everything that its manifest asks for.
    pub fn asked_by(manifest: &super::Manifest) -> Self {
        let hooks = manifest.hooks.keys().filter(|hook| hook.sees_texts());
        Self {
            capabilities: manifest.capabilities.keys().copied().collect(),
            hooks: hooks.map(|hook| (*hook, Audience::AllText)).collect(),
            links: manifest.links.keys().cloned().collect(),
            decided: Some(names(manifest)),
        }
    }

    /// The first thing that this manifest asks for and nobody decided yet.
    pub fn undecided(&self, manifest: &super::Manifest) -> Option<String> {
        names(manifest).into_iter().find(|name| !self.is_decided(name))
    }

    /// Whether the administrator said yes or no to what has this name.
    pub fn is_decided(&self, name: &str) -> bool {
        let Some(decided) = &self.decided else {
            // all capabilities were granted then, or none of it was switched on; a hook that is not there was refused
            return self.capabilities.iter().any(|one| one.name() == name)
                || super::Hook::named(name).is_some();
        };
        decided.contains(name)
    }

    /// As decided on what this manifest asks for.
    pub(super) fn decided_on(mut self, manifest: &super::Manifest) -> Self {
        self.decided = Some(names(manifest));
        self
    }
}

/// What a manifest asks for, by name.
fn names(manifest: &super::Manifest) -> std::collections::BTreeSet<String> {
    let capabilities = manifest.capabilities.keys().map(|capability| capability.name());
    let hooks = manifest.hooks.keys().filter(|hook| hook.sees_texts()).map(|hook| hook.name());
    let links = manifest.links.keys().map(String::as_str);
    capabilities.chain(hooks).chain(links).map(str::to_owned).collect()
}

/// A plugin that is switched on.
pub struct Enabled {
    pub plugin: Arc<dyn Plugin>,
    pub grants: Arc<Grants>,
    pub breaker: Breaker,
    pub(super) poison: Poison,
    failures: AtomicU64,
}

impl Enabled {
    pub fn new(plugin: Arc<dyn Plugin>, grants: Grants) -> Arc<Self> {
        Arc::new(Self {
            plugin,
            grants: Arc::new(grants),
            breaker: Breaker::default(),
            poison: Poison::default(),
            failures: AtomicU64::new(0),
        })
    }

    pub fn slug(&self) -> &str {
        self.plugin.manifest().slug.as_str()
    }

    /// Whether its templates may link to this address: of a site that it declares and the administrator granted.
    pub fn may_link(&self, url: &str) -> bool {
        let declared =
            self.plugin.manifest().links.keys().filter(|origin| self.grants.links.contains(*origin));
        let mut behind = declared.filter_map(|origin| url.strip_prefix(origin.as_str()));
        let odd = |c: char| c == '\\' || c.is_whitespace() || c.is_control();
        behind.any(|path| path.starts_with('/')) && !url.contains(odd)
    }

    /// How many calls failed since it was switched on or the pod started.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// One call of `hook`, counted; `None` when it failed or is being left alone.
    pub(super) async fn call<T>(
        &self,
        hook: Hook,
        call: impl Future<Output = Result<T, PluginError>>,
    ) -> Option<T> {
        if !self.breaker.admits() {
            self.count(hook, "skipped");
            return None;
        }
        match call.await {
            Ok(answer) => {
                self.breaker.succeeded();
                self.count(hook, "ok");
                Some(answer)
            }
            Err(error) => {
                self.count(hook, error.outcome());
                self.failures.fetch_add(1, Ordering::Relaxed);
                // A full queue is our load, and what nobody may have is not the plugin's mistake.
                let blameless = matches!(error, PluginError::Busy | PluginError::Declined(_));
                let opened = !blameless && self.breaker.failed(&error);
                let slug = self.slug();
                tracing::warn!(plugin.name = slug, %hook, %error, "the plugin {slug} failed: {error}");
                if opened {
                    tracing::warn!(plugin.name = slug, %hook, "the plugin {slug} keeps failing and is left alone for a while");
                }
                None
            }
        }
    }

    fn count(&self, hook: Hook, outcome: &'static str) {
        metrics::counter!("plugin_calls_total", "plugin" => self.slug().to_owned(), "hook" => hook.name(), "outcome" => outcome)
            .increment(1);
    }
}

#[derive(Default)]
struct Snapshot {
    generation: i64,
    enabled: Vec<Arc<Enabled>>,
}

/// All plugins that are switched on; cheap to clone, and every clone sees every change.
#[derive(Clone, Default)]
pub struct Plugins(Arc<Inner>);

#[derive(Default)]
struct Inner {
    now: ArcSwap<Snapshot>,
    turn: tokio::sync::Mutex<()>,
    installing: tokio::sync::Mutex<()>,
}

impl Plugins {
    /// Counts the changes: equal generations have the same plugins.
    pub fn generation(&self) -> i64 {
        self.0.now.load().generation
    }

    pub fn enabled(&self) -> Vec<Arc<Enabled>> {
        self.0.now.load().enabled.clone()
    }

    pub fn find(&self, slug: &str) -> Option<Arc<Enabled>> {
        self.0.now.load().enabled.iter().find(|enabled| enabled.slug() == slug).cloned()
    }

    /// Puts another set of plugins in place of the present one. Calls under way end on the old one.
    pub fn replace(&self, generation: i64, mut enabled: Vec<Arc<Enabled>>) {
        enabled.sort_by(|a, b| a.slug().cmp(b.slug()));
        self.0.now.store(Arc::new(Snapshot { generation, enabled }));
    }

    /// Held by whoever reads the table to call `replace`.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }

    /// Held while a package is read and compiled: one at a time is in memory.
    pub(super) async fn installing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.installing.lock().await
    }

    /// The plugin that makes rich text of raw text: the first one that offers it.
    pub fn renderer(&self) -> Option<Arc<dyn Plugin>> {
        self.rendering().map(|enabled| enabled.plugin.clone())
    }

    pub(super) fn rendering(&self) -> Option<Arc<Enabled>> {
        let renders = |enabled: &&Arc<Enabled>| {
            enabled.plugin.hooks().contains(&Hook::TextRenderer)
                && enabled.grants.hooks.contains_key(&Hook::TextRenderer)
        };
        self.0.now.load().enabled.iter().find(renders).cloned()
    }

    /// Under which what the present renderer makes may be kept; two keys differ when the HTML could, and
    /// when whose texts it sees does: what a revoked grant let it make is shown no more.
    pub fn renderer_key(&self) -> Option<String> {
        let enabled = self.rendering()?;
        let audience = enabled.grants.hooks.get(&Hook::TextRenderer)?;
        Some(format!("{}/{RENDERING}/{}", enabled.plugin.sha256(), audience.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::{Files, Manifest};
    use crate::plugin::{RenderSource, RenderedText};
    use std::sync::Mutex;

    /// Writes down the batches that it gets, and fails on a text that says so.
    struct Fake {
        manifest: Manifest,
        batches: Mutex<Vec<Vec<String>>>,
    }

    #[async_trait::async_trait]
    impl Plugin for Fake {
        fn manifest(&self) -> &Manifest {
            &self.manifest
        }
        fn hooks(&self) -> &[Hook] {
            &[Hook::TextRenderer]
        }
        fn sha256(&self) -> &'static str {
            "abc"
        }
        fn files(&self) -> &Files {
            static NONE: std::sync::LazyLock<Files> = std::sync::LazyLock::new(Files::default);
            &NONE
        }
        async fn render(&self, sources: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
            self.batches.lock().unwrap().push(sources.iter().map(|s| s.text.clone()).collect());
            if sources.iter().any(|s| s.text.starts_with("trap")) {
                return Err(PluginError::Trap("unreachable".into()));
            }
            let short = usize::from(sources.iter().any(|s| s.text == "too few"));
            let upper = |s: &RenderSource| RenderedText { html: s.text.to_uppercase(), ..Default::default() };
            Ok(sources.iter().skip(short).map(upper).collect())
        }
    }

    fn fake(audience: Audience) -> (Plugins, Arc<Fake>) {
        let manifest = Manifest::parse(
            "[plugin]\nid='org.example.x'\nslug='x'\nname='X'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n[hooks.text-renderer]\n",
        )
        .unwrap();
        let plugin = Arc::new(Fake { manifest, batches: Mutex::default() });
        let grants = Grants { hooks: [(Hook::TextRenderer, audience)].into(), ..Grants::default() };
        let plugins = Plugins::default();
        plugins.replace(1, vec![Enabled::new(plugin.clone(), grants)]);
        (plugins, plugin)
    }

    fn text(text: &str, limited: bool) -> RenderSource {
        RenderSource { text: text.into(), inline_only: false, limited }
    }

    fn html(answers: &[Option<RenderedText>]) -> Vec<Option<&str>> {
        answers.iter().map(|answer| answer.as_ref().map(|text| text.html.as_str())).collect()
    }

    #[tokio::test]
    async fn without_a_renderer_nothing_is_rendered() {
        let plugins = Plugins::default();
        assert_eq!(plugins.render(vec![text("a", false)]).await, vec![None]);
        assert!(plugins.renderer_key().is_none() && plugins.renderer().is_none());
    }

    #[tokio::test]
    async fn a_batch_never_mixes_audiences_and_order_is_kept() {
        let (plugins, fake) = fake(Audience::AllText);
        let answers =
            plugins.render(vec![text("a", true), text("b", false), text("c", true), text("d", false)]).await;
        assert_eq!(html(&answers), [Some("A"), Some("B"), Some("C"), Some("D")]);
        assert_eq!(*fake.batches.lock().unwrap(), [vec!["b", "d"], vec!["a"], vec!["c"]]);
    }

    #[tokio::test]
    async fn a_limited_text_does_not_reach_a_plugin_that_was_granted_public_ones() {
        let (plugins, fake) = fake(Audience::Public);
        let answers = plugins.render(vec![text("secret", true), text("b", false)]).await;
        assert_eq!(html(&answers), [None, Some("B")]);
        assert_eq!(*fake.batches.lock().unwrap(), [vec!["b"]]);
    }

    #[tokio::test]
    async fn a_failure_costs_its_own_batch_only() {
        let (plugins, _) = fake(Audience::AllText);
        let answers = plugins.render(vec![text("trap", true), text("b", false), text("too few", true)]).await;
        assert_eq!(html(&answers), [None, Some("B"), None]);
    }

    #[tokio::test]
    async fn one_text_that_breaks_the_plugin_takes_no_other_with_it() {
        let (plugins, fake) = fake(Audience::AllText);
        for _ in 0..20 {
            let answers = plugins.render(vec![text("a", false), text("trap", false), text("b", false)]).await;
            assert_eq!(html(&answers), [Some("A"), None, Some("B")]);
        }
        assert_eq!(fake.batches.lock().unwrap().len(), 4 + 19, "it is tried alone once, and then left out");
        assert!(!plugins.find("x").unwrap().breaker.is_open());
    }

    #[tokio::test]
    async fn a_plugin_that_keeps_failing_is_left_alone() {
        let (plugins, fake) = fake(Audience::AllText);
        for n in 0..20 {
            plugins.render(vec![text(&format!("trap {n}"), false)]).await;
        }
        assert_eq!(fake.batches.lock().unwrap().len(), 5);
        assert!(plugins.find("x").unwrap().breaker.is_open());
        assert_eq!(plugins.find("x").unwrap().failures(), 5);
    }

    #[tokio::test]
    async fn without_the_grant_there_is_no_renderer() {
        let (plugins, _) = fake(Audience::AllText);
        let whole = plugins.renderer_key();
        let plugin = plugins.renderer().unwrap();
        let grants = |hooks| Grants { hooks, ..Grants::default() };
        let public = grants([(Hook::TextRenderer, Audience::Public)].into());
        plugins.replace(2, vec![Enabled::new(plugin.clone(), public)]);
        assert!(plugins.renderer_key().is_some() && plugins.renderer_key() != whole);
        plugins.replace(3, vec![Enabled::new(plugin, grants(BTreeMap::new()))]);
        assert_eq!(plugins.renderer_key(), None);
        assert_eq!(html(&plugins.render(vec![text("a", false)]).await), [None]);
    }

    #[tokio::test]
    async fn a_change_is_seen_by_every_clone() {
        let (plugins, _) = fake(Audience::AllText);
        let clone = plugins.clone();
        assert_eq!(
            clone.renderer_key().as_deref(),
            Some(concat!("abc/core-", env!("CARGO_PKG_VERSION"), "/sanitiser-3/all-text"))
        );
        plugins.replace(2, vec![]);
        assert!(clone.renderer().is_none());
        assert_eq!(clone.generation(), 2);
    }
}
