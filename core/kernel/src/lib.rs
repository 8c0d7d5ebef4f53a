//! The pod: accounts, storage, operations and jobs. An operation takes the [`Pod`], a proof of who asks
//! (`access`) and a valid value, and does one thing in one transaction. No HTTP, no templates, no plugin
//! engine: those stand behind the traits in `env` and `plugin`.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

pub mod access;
pub mod account;
pub mod attachment;
pub mod contact;
pub mod conversation;
pub mod db;
pub mod env;
pub mod error;
pub mod id;
pub mod inbox;
pub mod job;
pub mod media;
pub mod moderation;
pub mod moving;
pub mod notification;
pub mod outbox;
pub mod person;
pub mod plugin;
pub mod post;
pub mod process;
pub mod relayable;
pub mod remote_pod;
pub mod seal;
pub mod setting;
pub mod stream;
pub mod tag;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod zipped;

pub use error::{Error, Invalid, Result};
pub use id::Timestamp;

use crate::{
    db::Db,
    env::{Clock, Entropy, Fetch},
    plugin::{PluginHost, Plugins},
    seal::Vault,
    setting::Site,
};
use arc_swap::ArcSwap;
use pappus_federation::id::Guid;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

/// The version that the pod gives of itself.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that the pod was built from, where whoever built it says so (`PAPPUS_GIT_REVISION`).
pub const REVISION: Option<&str> = option_env!("PAPPUS_GIT_REVISION");

/// When that commit was made (`PAPPUS_GIT_UPDATE`).
pub const REVISED_AT: Option<&str> = option_env!("PAPPUS_GIT_UPDATE");

/// Everything that an operation may reach.
pub struct Pod {
    /// Storage.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Other machines.
    pub fetch: Arc<dyn Fetch>,
    /// Secrets at rest.
    pub vault: Vault,
    /// Pictures of members.
    pub media: media::Files,
    /// The plugins that are switched on.
    pub plugins: Plugins,
    /// What loads plugins.
    pub plugin_host: Arc<dyn PluginHost>,
    /// What was received and sent lately.
    pub federation_log: remote_pod::Log,
    /// Rung when a job was queued.
    pub jobs_due: Notify,
    /// What this process is called among those of the pod.
    pub process: String,
    /// Everything that runs beside the requests; a stop waits for it.
    pub tasks: TaskTracker,
    errands: inbox::Errands,
    site: ArcSwap<Site>,
    counted: account::Counted,
    cores: Arc<Semaphore>,
}

/// What a pod is made of.
pub struct Parts {
    /// Migrated storage.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Other machines.
    pub fetch: Arc<dyn Fetch>,
    /// Secrets at rest.
    pub vault: Vault,
    /// Pictures of members.
    pub media: media::Files,
    /// What loads plugins.
    pub plugin_host: Arc<dyn PluginHost>,
    /// The base URL that the configuration fixes, if it does.
    pub base_url: Option<url::Url>,
}

impl Pod {
    /// Reads the settings and checks that the pod's key opens its secrets.
    pub async fn open(parts: Parts) -> Result<Arc<Self>> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let mut name = [0; 16];
        parts.entropy.fill(&mut name);
        let pod = Self {
            process: hex::encode(name),
            fetch: Arc::new(moderation::Gate::new(parts.db.clone(), parts.fetch)),
            db: parts.db,
            clock: parts.clock,
            entropy: parts.entropy,
            vault: parts.vault,
            media: parts.media,
            plugins: Plugins::default(),
            plugin_host: parts.plugin_host,
            federation_log: remote_pod::Log::default(),
            jobs_due: Notify::new(),
            tasks: TaskTracker::new(),
            errands: inbox::Errands::default(),
            site: ArcSwap::from_pointee(Site::default()),
            counted: account::Counted::default(),
            cores: Arc::new(Semaphore::new(cores)),
        };
        setting::check_key(&pod).await?;
        setting::fix_base_url(&pod, parts.base_url).await?;
        setting::reload(&pod).await?;
        Ok(Arc::new(pod))
    }

    /// The settings as they are now.
    pub fn site(&self) -> Arc<Site> {
        self.site.load_full()
    }

    /// Runs heavy computing (RSA, password hashing) off the async threads, one per core at a time.
    pub async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let permit = Arc::clone(&self.cores).acquire_owned().await.map_err(Error::internal)?;
        let work = move || {
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }

    /// `N` fresh unpredictable bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A new name for an entity: 32 hexadecimal digits.
    pub fn new_guid(&self) -> Guid {
        Guid::from_random(self.random())
    }

    /// Seals `secret` for `place` under a fresh nonce.
    pub fn seal(&self, place: seal::Place<'_>, secret: &[u8]) -> Result<Vec<u8>> {
        self.vault.seal(place, self.random(), secret).map_err(Error::internal)
    }
}
