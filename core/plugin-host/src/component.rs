//! From a package to a plugin: what it imports and exports must be what its manifest says and what this
//! pod offers.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicUsize},
};

use aws_lc_rs::digest::{SHA256, digest};
use pappus_kernel::plugin::{Capability, Files, Hook, LoadError, Manifest, PluginError, manifest::API};
use tokio::sync::Semaphore;
use wasmtime::{
    Engine,
    component::{Component, HasSelf, InstancePre, Linker, types::ComponentItem},
};

use crate::{
    bindings::{
        account_data::HookAccountDataPre, actions::HookActionsPre, clock, composer::HookComposerPre,
        federation_out, job_runner::HookJobRunnerPre, jobs, kv, log, notifications, pages::HookPagesPre,
        people, random, settings, text_renderer::HookTextRendererPre, ui_slots::HookUiSlotsPre,
    },
    cache::Cache,
    call::Guest,
    engine::{MEMORY_LIMIT, Shared, TABLE_LIMIT},
    host::log::LogQuota,
    package::Package,
};

const PACKAGE: &str = "pappus:plugin/";
/// What this pod offers to plugins so far.
const OFFERED: [Capability; 9] = [
    Capability::Log,
    Capability::Clock,
    Capability::Random,
    Capability::Settings,
    Capability::Kv,
    Capability::People,
    Capability::Notifications,
    Capability::Jobs,
    Capability::FederationOut,
];
/// Calls of one plugin that run at once.
const CALLS: usize = 8;

/// A plugin ready to be called.
pub(crate) struct Loaded {
    pub(crate) shared: Arc<Shared>,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) sha256: String,
    pub(crate) instance: InstancePre<Guest>,
    pub(crate) files: Files,
    pub(crate) renderer: Option<HookTextRendererPre<Guest>>,
    pub(crate) slots: Option<HookUiSlotsPre<Guest>>,
    pub(crate) composer: Option<HookComposerPre<Guest>>,
    pub(crate) actions: Option<HookActionsPre<Guest>>,
    pub(crate) account_data: Option<HookAccountDataPre<Guest>>,
    pub(crate) pages: Option<HookPagesPre<Guest>>,
    pub(crate) job_runner: Option<HookJobRunnerPre<Guest>>,
    pub(crate) calls: Arc<Semaphore>,
    pub(crate) waiting: AtomicUsize,
    pub(crate) log: Arc<LogQuota>,
}

impl Loaded {
    /// Compiles and links; may take seconds.
    pub(crate) fn new(shared: &Arc<Shared>, cache: &Cache, package: Package) -> Result<Self, LoadError> {
        let Package { manifest, component: wasm, files, .. } = package;
        if !manifest.api_fits() {
            let version = |(major, minor): (u32, u32)| format!("{major}.{minor}");
            return Err(LoadError::Api { needs: version(manifest.api), has: version(API) });
        }
        let sha256 = hex::encode(digest(&SHA256, &wasm));
        let component = cache.compiled(&shared.engine, &sha256, &wasm)?;
        check_size(&component)?;
        check_imports(&shared.engine, &component, &manifest)?;
        let hooks = exported_hooks(&shared.engine, &component);
        check_hooks(&hooks, &manifest)?;
        let refused = |error: wasmtime::Error| LoadError::Component(format!("{error:#}"));
        let instance =
            linker(&shared.engine).and_then(|linker| linker.instantiate_pre(&component)).map_err(refused)?;
        let has = |hook: Hook| hooks.contains(&hook).then(|| instance.clone());
        let renderer = has(Hook::TextRenderer).map(HookTextRendererPre::new);
        let slots = has(Hook::UiSlots).map(HookUiSlotsPre::new);
        let composer = has(Hook::Composer).map(HookComposerPre::new);
        let actions = has(Hook::Actions).map(HookActionsPre::new);
        let account_data = has(Hook::AccountData).map(HookAccountDataPre::new);
        let pages = has(Hook::Pages).map(HookPagesPre::new);
        let job_runner = has(Hook::JobRunner).map(HookJobRunnerPre::new);
        Ok(Self {
            shared: Arc::clone(shared),
            manifest: Arc::new(manifest),
            hooks: hooks.into_iter().collect(),
            sha256: identity(&sha256, &files),
            instance,
            files,
            renderer: renderer.transpose().map_err(refused)?,
            slots: slots.transpose().map_err(refused)?,
            composer: composer.transpose().map_err(refused)?,
            actions: actions.transpose().map_err(refused)?,
            account_data: account_data.transpose().map_err(refused)?,
            pages: pages.transpose().map_err(refused)?,
            job_runner: job_runner.transpose().map_err(refused)?,
            calls: Arc::new(Semaphore::new(CALLS)),
            waiting: AtomicUsize::new(0),
            log: Arc::default(),
        })
    }

    /// Makes one instance and throws it away, so that a component that cannot even start is refused.
    pub(crate) async fn try_out(self: &Arc<Self>) -> Result<(), LoadError> {
        let instance = self.instance.clone();
        let started = self.call(Hook::Lifecycle, None, move |store| {
            Box::pin(async move { instance.instantiate_async(store).await.map(drop) })
        });
        started.await.map_err(|error| match error {
            PluginError::Memory(_) => LoadError::TooLarge(error.to_string()),
            error => LoadError::Component(format!("it does not start: {error}")),
        })
    }
}

/// The hash of a component and of the files beside it.
fn identity(component: &str, files: &Files) -> String {
    let files = files.templates.iter().chain(&files.locales);
    let lines = files.map(|(name, text)| format!("{name} {}", hex::encode(digest(&SHA256, text.as_bytes()))));
    let whole = std::iter::once(component.to_owned()).chain(lines).collect::<Vec<_>>().join("\n");
    hex::encode(digest(&SHA256, whole.as_bytes()))
}

/// Everything that this pod offers. What the administrator did not grant is denied when it is asked for.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    log::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    clock::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    random::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    settings::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    kv::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    people::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    notifications::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    jobs::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    federation_out::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    Ok(linker)
}

fn check_size(component: &Component) -> Result<(), LoadError> {
    let Some(needs) = component.resources_required() else {
        return Err(LoadError::Component("it brings modules of its own choosing".to_owned()));
    };
    let memory = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(64 * 1024);
    if memory > MEMORY_LIMIT as u64 || needs.num_memories > 1 {
        return Err(LoadError::TooLarge(format!(
            "{} memories that begin with {} KiB",
            needs.num_memories,
            memory / 1024
        )));
    }
    if needs.max_initial_table_size.unwrap_or(0) > TABLE_LIMIT as u64 || needs.num_tables > 20 {
        return Err(LoadError::TooLarge("tables".to_owned()));
    }
    Ok(())
}

/// `pappus:plugin/<name>@0.1.x` → name.
fn interface(name: &str) -> Option<&str> {
    let (name, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    let version = version.strip_prefix(&format!("{}.{}.", API.0, API.1))?;
    version.parse::<u32>().is_ok().then_some(name)
}

fn check_imports(engine: &Engine, component: &Component, manifest: &Manifest) -> Result<(), LoadError> {
    for (import, item) in component.component_type().imports(engine) {
        let interface = interface(import);
        if interface == Some("types") && holds_types_only(engine, &item.ty) {
            continue;
        }
        let capability =
            interface.and_then(Capability::named).filter(|capability| OFFERED.contains(capability));
        let Some(capability) = capability else { return Err(LoadError::UnknownImport(import.to_owned())) };
        if !manifest.capabilities.contains_key(&capability) {
            return Err(LoadError::UndeclaredImport(import.to_owned()));
        }
    }
    Ok(())
}

fn holds_types_only(engine: &Engine, item: &ComponentItem) -> bool {
    let ComponentItem::ComponentInstance(instance) = item else { return false };
    instance.exports(engine).all(|(_, export)| matches!(export.ty, ComponentItem::Type(_)))
}

fn exported_hooks(engine: &Engine, component: &Component) -> BTreeSet<Hook> {
    let component_type = component.component_type();
    let exports = component_type.exports(engine);
    exports.filter_map(|(export, _)| interface(export).and_then(Hook::named)).collect()
}

fn check_hooks(exported: &BTreeSet<Hook>, manifest: &Manifest) -> Result<(), LoadError> {
    if let Some(hook) = manifest.hooks.keys().find(|hook| !exported.contains(hook)) {
        return Err(LoadError::MissingHook(*hook));
    }
    match exported.iter().find(|hook| !manifest.hooks.contains_key(hook)) {
        Some(hook) => Err(LoadError::UndeclaredHook(*hook)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_interface_version_is_ours() {
        assert_eq!(interface("pappus:plugin/log@0.1.0"), Some("log"));
        assert_eq!(interface("pappus:plugin/log@0.1.7"), Some("log"));
        for other in [
            "pappus:plugin/log@0.2.0",
            "pappus:plugin/log",
            "wasi:cli/log@0.1.0",
            "pappus:plugin/log@0.1.0-rc",
        ] {
            assert_eq!(interface(other), None, "{other}");
        }
    }
}
