//! What the pod asks of plugins: their manifests, their hooks and the two traits that a plugin host
//! implements. Nothing here knows how a plugin runs; `registry` holds those that are switched on.

pub mod account_data;
mod ask;
pub mod breaker;
mod caller;
pub mod data;
mod disable;
mod enable;
pub mod exchange;
pub mod federation_out;
mod install;
pub mod jobs;
pub mod kv;
mod list;
pub mod manifest;
pub mod member;
pub mod notifications;
pub mod package;
pub mod people;
mod reason;
pub mod registry;
mod reload;
mod render;
pub mod schedule;
pub mod settings;
pub mod slots;
pub(crate) mod store;
mod uninstall;
pub(crate) mod work;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::UserId;

pub use ask::{Acting, Filled, act, compose, serve};
pub use caller::{Caller, Looking, Member, Refusal};
pub use disable::disable;
pub use enable::{EnableError, enable, enable_seen, update};
pub use install::{Accept, Installed, discard, install, roll_back};
pub use list::{OtherPackage, PluginRow, PluginState, list};
pub use manifest::{Capability, HookLimits, Manifest, ManifestError, Slug};
pub use reason::Reason;
pub use registry::{Enabled, Grants, Plugins};
pub use reload::{load_enabled, refresh};
pub use uninstall::{Data, uninstall};

/// A place where a plugin may take part. A component shows by its exports which ones it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    Lifecycle,
    TextRenderer,
    ContentFilter,
    Events,
    JobRunner,
    UiSlots,
    Pages,
    Composer,
    Actions,
    Federation,
    AccountData,
    Health,
}

impl Hook {
    pub const ALL: [Self; 12] = [
        Self::Lifecycle,
        Self::TextRenderer,
        Self::ContentFilter,
        Self::Events,
        Self::JobRunner,
        Self::UiSlots,
        Self::Pages,
        Self::Composer,
        Self::Actions,
        Self::Federation,
        Self::AccountData,
        Self::Health,
    ];

    /// The name of its interface, which is also its key in `plugin.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::TextRenderer => "text-renderer",
            Self::ContentFilter => "content-filter",
            Self::Events => "events",
            Self::JobRunner => "job-runner",
            Self::UiSlots => "ui-slots",
            Self::Pages => "pages",
            Self::Composer => "composer",
            Self::Actions => "actions",
            Self::Federation => "federation",
            Self::AccountData => "account-data",
            Self::Health => "health",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// Whether texts of people pass through it, so that it is granted with an [`Audience`].
    pub fn sees_texts(self) -> bool {
        matches!(self, Self::TextRenderer | Self::ContentFilter | Self::UiSlots | Self::Events)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whose texts a hook gets to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Only what everybody may read.
    Public,
    /// What the viewer of the page may read.
    AsViewer,
    /// Limited texts too.
    AllText,
}

impl Audience {
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::AsViewer => "as-viewer",
            Self::AllText => "all-text",
        }
    }

    /// The one that a form or a command names.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Public, Self::AsViewer, Self::AllText].into_iter().find(|audience| audience.name() == name)
    }
}

/// A text to render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderSource {
    pub text: String,
    /// One line without blocks: a title, a notification.
    pub inline_only: bool,
    /// Not for everybody: it is rendered alone, in an instance that has seen nothing else.
    pub limited: bool,
}

/// What a renderer made of one text. The HTML is the plugin's: sanitise it before anyone sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderedText {
    pub html: String,
    pub plain: String,
    pub links: Vec<String>,
    pub images: Vec<String>,
}

/// Why a call into a plugin gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    #[error("it crashed: {0}")]
    Trap(String),
    #[error("it used more than its {} ms of processor time", .0.as_millis())]
    Budget(Duration),
    #[error("it gave no answer within {} ms", .0.as_millis())]
    Deadline(Duration),
    #[error("it asked for more than its {} MiB of memory", .0 / (1024 * 1024))]
    Memory(usize),
    #[error("its answer was refused: {0}")]
    Answer(String),
    #[error("too many of its calls are running already")]
    Busy,
    #[error("it does not offer {0}")]
    NoHook(Hook),
    /// It said so itself.
    #[error("it gave up: {0}")]
    Failed(String),
    /// What was asked for is not to be had: no fault of its.
    #[error("it could not do that: {0}")]
    Declined(String),
}

impl PluginError {
    /// The label under which metrics count it.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Trap(_) => "trap",
            Self::Budget(_) => "budget",
            Self::Deadline(_) => "deadline",
            Self::Memory(_) => "memory",
            Self::Answer(_) => "answer",
            Self::Busy => "busy",
            Self::NoHook(_) => "no_hook",
            Self::Failed(_) => "failed",
            Self::Declined(_) => "declined",
        }
    }
}

/// Why a package cannot be switched on, in words for the administrator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("there is no plugin `{0}` on this pod")]
    NotFound(String),
    #[error("its file cannot be read: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("it needs version {needs} of the plugin interface; this pod has {has}")]
    Api { needs: String, has: String },
    #[error("it imports `{0}`, which this pod does not offer")]
    UnknownImport(String),
    #[error("it imports `{0}`, but its plugin.toml does not declare it")]
    UndeclaredImport(String),
    #[error("its plugin.toml declares the hook `{0}`, but it does not export it")]
    MissingHook(Hook),
    #[error("it exports the hook `{0}`, but its plugin.toml does not declare it")]
    UndeclaredHook(Hook),
    #[error("it needs more than this pod gives a plugin: {0}")]
    TooLarge(String),
    #[error("the plugin {by}, which is on, makes `{kind}` already; a post holds one of a kind")]
    Taken { kind: String, by: String },
    #[error("its signature is no good: {0}")]
    Signature(String),
    #[error("it is signed by {brought}, and this pod knows the plugin from {known}")]
    OtherAuthor { known: String, brought: String },
    #[error("the plugin comes with the pod, and this package is signed by {brought}")]
    Bundled { brought: String },
    #[error("`{slug}` is the name of {id} on this pod")]
    OtherPlugin { slug: String, id: String },
    #[error("it is version {brought}, and {present} is here already")]
    Older { brought: String, present: String },
    #[error("it is not a working component: {0}")]
    Component(String),
}

/// A plugin that is ready to be called. Every call is safe: it returns within its limits whatever
/// the plugin does, and leaves nothing behind.
#[async_trait]
pub trait Plugin: Send + Sync {
    fn manifest(&self) -> &Manifest;
    fn hooks(&self) -> &[Hook];
    /// Of the component and its files, in hexadecimal: two plugins that differ in anything differ here.
    fn sha256(&self) -> &str;
    /// What its package holds besides the component.
    fn files(&self) -> &Files;
    /// The n-th answer is for the n-th source; there are as many of one as of the other.
    async fn render(&self, sources: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError>;

    /// The n-th answer is for the n-th place; there are as many of one as of the other.
    async fn fill(
        &self,
        _caller: Caller,
        _places: Vec<exchange::Place>,
    ) -> Result<Vec<Option<exchange::Fragment>>, PluginError> {
        Err(PluginError::NoHook(Hook::UiSlots))
    }

    /// Makes an attachment of the fields that it added to the composer.
    async fn compose(
        &self,
        _caller: Caller,
        _contribution: &str,
        _form: exchange::Pairs,
    ) -> Result<exchange::Composed, PluginError> {
        Err(PluginError::NoHook(Hook::Composer))
    }

    /// Somebody used one of its buttons or small forms.
    async fn act(
        &self,
        _caller: Caller,
        _request: exchange::ActionRequest,
    ) -> Result<exchange::Acted, PluginError> {
        Err(PluginError::NoHook(Hook::Actions))
    }

    /// Does a piece of work in the background.
    async fn run(
        &self,
        _caller: Caller,
        _job: exchange::JobRequest,
    ) -> Result<exchange::JobOutcome, PluginError> {
        Err(PluginError::NoHook(Hook::JobRunner))
    }

    /// What it keeps of a member where the pod cannot see whose it is; null for nothing.
    async fn export_user(&self, _caller: Caller, _user: UserId) -> Result<serde_json::Value, PluginError> {
        Err(PluginError::NoHook(Hook::AccountData))
    }

    /// The member's account was closed. It may be told twice.
    async fn erase_user(&self, _caller: Caller, _user: UserId) -> Result<(), PluginError> {
        Err(PluginError::NoHook(Hook::AccountData))
    }

    /// A page of its own.
    async fn serve(
        &self,
        _caller: Caller,
        _request: exchange::PageRequest,
    ) -> Result<exchange::Served, PluginError> {
        Err(PluginError::NoHook(Hook::Pages))
    }
}

/// Files of a package that the pod reads itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// By their names below `templates/`.
    pub templates: BTreeMap<String, String>,
    /// By language.
    pub locales: BTreeMap<String, String>,
}

/// A package that lies where the pod looks for plugins.
#[derive(Debug, Clone)]
pub struct Found {
    pub slug: String,
    /// What it says about itself, or why that cannot be read.
    pub manifest: Result<Manifest, LoadError>,
}

/// Finds packages and makes plugins of them.
#[async_trait]
pub trait PluginHost: Send + Sync {
    /// All packages, by slug.
    async fn packages(&self) -> Vec<Found>;
    async fn load(&self, slug: &str) -> Result<Arc<dyn Plugin>, LoadError>;
    /// The plugin of a package that is no file of the host's, with its signature checked.
    async fn load_package(&self, package: Vec<u8>) -> Result<(Opened, Arc<dyn Plugin>), LoadError>;
}

/// A package that was looked into.
#[derive(Debug, Clone)]
pub struct Opened {
    pub manifest: Manifest,
    /// `plugin.toml` as it stands there.
    pub manifest_text: String,
    /// The minisign key of its author; none when it is not signed.
    pub signed_by: Option<String>,
}

/// A pod without plugins.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPlugins;

#[async_trait]
impl PluginHost for NoPlugins {
    async fn packages(&self) -> Vec<Found> {
        Vec::new()
    }

    async fn load(&self, slug: &str) -> Result<Arc<dyn Plugin>, LoadError> {
        Err(LoadError::NotFound(slug.to_owned()))
    }

    async fn load_package(&self, _: Vec<u8>) -> Result<(Opened, Arc<dyn Plugin>), LoadError> {
        Err(LoadError::Component("this pod runs without a plugin engine".to_owned()))
    }
}
