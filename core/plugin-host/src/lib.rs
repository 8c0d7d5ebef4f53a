//! Runs plugins: WebAssembly components without any system interface, each call in a fresh instance with
//! limits on processor time, memory, answer and log, on threads of their own. Implements the kernel's
//! `PluginHost`; nothing else in the pod knows that wasm exists.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod bindings;
mod cache;
mod call;
mod component;
mod engine;
mod hooks;
mod host;
mod package;
mod renderer;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use pappus_kernel::plugin::{Found, LoadError, Opened, Plugin, PluginHost};

use crate::{
    cache::Cache,
    component::Loaded,
    engine::Shared,
    hooks::Ready,
    package::{Package, Packages},
};

pub use engine::EngineError;

/// Where the host finds packages and keeps what it compiled.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Folders with `<slug>.wasm`; the first that has a plugin wins.
    pub plugin_dirs: Vec<PathBuf>,
    /// Packages inside the binary, for plugins that no folder has.
    pub embedded: Vec<(String, &'static [u8])>,
    /// Where compiled code is kept; without it every start compiles anew.
    pub cache_dir: Option<PathBuf>,
}

/// The plugin host of a pod: one engine, its threads, and the packages it finds.
pub struct Host {
    shared: Arc<Shared>,
    packages: Arc<Packages>,
    cache: Arc<Cache>,
}

impl Host {
    pub fn new(config: Config) -> Result<Self, EngineError> {
        let shared = Arc::new(Shared::start()?);
        let cache = Arc::new(Cache::new(config.cache_dir, &shared.engine));
        let packages = Arc::new(Packages::new(config.plugin_dirs, config.embedded));
        Ok(Self { shared, packages, cache })
    }

    /// The reservation of 4 GiB of addresses per instance was refused (a container's limit, usually):
    /// plugins run about a third slower.
    pub fn small_address_space(&self) -> bool {
        self.shared.small_address_space
    }

    /// How often compiled code was taken from the cache, and how often it had to be compiled.
    pub fn cache_counts(&self) -> (u64, u64) {
        self.cache.counts()
    }
}

#[async_trait]
impl PluginHost for Host {
    async fn packages(&self) -> Vec<Found> {
        let packages = Arc::clone(&self.packages);
        self.shared.blocking(move || packages.found()).await.unwrap_or_default()
    }

    async fn load(&self, slug: &str) -> Result<Arc<dyn Plugin>, LoadError> {
        let packages = Arc::clone(&self.packages);
        let slug = slug.to_owned();
        self.ready(move || packages.read(&slug)).await.map(|(_, plugin)| plugin)
    }

    async fn load_package(&self, package: Vec<u8>) -> Result<(Opened, Arc<dyn Plugin>), LoadError> {
        self.ready(move || Package::of(package)).await
    }
}

impl Host {
    /// Compiles what `read` gives, and starts it once.
    async fn ready(
        &self,
        read: impl FnOnce() -> Result<Package, LoadError> + Send + 'static,
    ) -> Result<(Opened, Arc<dyn Plugin>), LoadError> {
        let (shared, cache) = (Arc::clone(&self.shared), Arc::clone(&self.cache));
        let load = move || {
            let package = read()?;
            let opened = package.opened();
            Ok((opened, Loaded::new(&shared, &cache, package)?))
        };
        let given_up = || Err(LoadError::Component("the compiler gave up on it".to_owned()));
        let (opened, loaded) = self.shared.blocking(load).await.unwrap_or_else(given_up)?;
        let loaded = Arc::new(loaded);
        loaded.try_out().await?;
        Ok((opened, Arc::new(Ready(loaded))))
    }
}
