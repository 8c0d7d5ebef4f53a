//! What a command asks of the pod, whether a running server does it or the command itself. Each is one of
//! the kernel's operations, done as the operator: whoever may use the pod's files.
mod accounts;
mod blocks;
mod plugins;
mod pods;
mod wrong;

pub use accounts::setup_link;
pub use wrong::Wrong;

use crate::{
    archive,
    examine::{self, Finding},
};
use pappus_kernel::{
    Pod,
    access::Admin,
    id::JobId,
    job,
    moderation::{self, blocklist},
    plugin,
    remote_pod::{self, Filter},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{path::PathBuf, sync::Arc};

/// What came of it.
pub type Answer = serde_json::Value;

/// Something that a command asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Operation {
    /// A new setup link; `origin` is where the server listens.
    SetupLink {
        /// Used as long as the pod has no base URL.
        origin: String,
    },
    /// Settings and the first admin at once.
    SetUp {
        /// Where the pod is for everybody.
        base_url: String,
        /// What the pod is called.
        pod_name: String,
        /// The admin.
        member: Member,
        /// Anybody may sign up.
        open: bool,
    },
    /// A new account.
    CreateUser {
        /// Whose.
        member: Member,
        /// Runs the pod.
        admin: bool,
    },
    /// A new account, into which the one of an archive moves.
    ImportAccount {
        /// Whose.
        member: Member,
        /// The archive: a file that the pod's user can read.
        file: PathBuf,
    },
    /// How far that has come.
    ImportProgress {
        /// The new account.
        username: String,
    },
    /// A member's archive is to be made.
    ExportAccount {
        /// Whose.
        username: String,
    },
    /// It is written to a file, once it is made.
    SaveArchive {
        /// Whose.
        username: String,
        /// A file that is not there yet.
        file: PathBuf,
    },
    /// The end of an account.
    CloseUser {
        /// Whose.
        username: String,
    },
    /// Switches a plugin on, with everything that its manifest asks for.
    EnablePlugin {
        /// Which.
        slug: String,
    },
    /// Switches a plugin off.
    DisablePlugin {
        /// Which.
        slug: String,
    },
    /// Takes a package.
    InstallPlugin {
        /// A file that the pod's user can read.
        file: PathBuf,
        /// What is taken all the same.
        accept: plugin::Accept,
    },
    /// Lets the version that waits run.
    UpdatePlugin {
        /// Which.
        slug: String,
    },
    /// Throws the version away that waits.
    DiscardPlugin {
        /// Which.
        slug: String,
    },
    /// Goes back to the version before.
    RollBackPlugin {
        /// Which.
        slug: String,
    },
    /// Removes a package.
    UninstallPlugin {
        /// Which.
        slug: String,
        /// With what it stored.
        purge: bool,
    },
    /// Every plugin.
    ListPlugins,
    /// Takes the key that the pod of a person of another pod shows now.
    ResetKey {
        /// Whose: a diaspora* ID.
        diaspora_id: String,
    },
    /// Blocks a pod or a person.
    Block(NewBlock),
    /// Lifts a block.
    Unblock {
        /// A host or a diaspora* ID.
        target: String,
    },
    /// Every block.
    ListBlocks,
    /// The same as fediverse servers exchange it.
    ExportBlocks,
    /// Lines of a list that are to wait for a decision.
    DraftBlocks {
        /// The lines.
        entries: Vec<blocklist::Entry>,
        /// The list.
        source: String,
    },
    /// What waits.
    ListDrafts,
    /// Makes blocks of what waits.
    ApproveDrafts {
        /// Their hosts.
        hosts: Vec<String>,
    },
    /// Other pods, and what waits for them.
    ListPods {
        /// Which.
        filter: Filter,
    },
    /// One of them.
    ShowPod {
        /// Its host.
        host: String,
    },
    /// Asks it now whether it is there.
    RecheckPod {
        /// Its host.
        host: String,
    },
    /// Follows an entity.
    TraceEntity {
        /// Its name.
        guid: String,
    },
    /// What waits, and what gave up.
    ListJobs,
    /// Tries what gave up again.
    RetryJobs {
        /// One; all of them without.
        id: Option<JobId>,
    },
    /// Throws away what gave up.
    DropJobs {
        /// One; all of them without.
        id: Option<JobId>,
    },
    /// How the pod is.
    Examine,
}

/// Somebody who gets an account.
#[derive(Clone, Serialize, Deserialize)]
pub struct Member {
    /// Their name.
    pub username: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The language of their pages.
    pub language: String,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member").field("username", &self.username).finish_non_exhaustive()
    }
}

/// A block, as a command spells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewBlock {
    /// A host or a diaspora* ID.
    pub target: String,
    /// `noop`, `silence` or `suspend`.
    pub severity: String,
    /// Everything below the host, too.
    pub subdomains: bool,
    /// Their pictures are hidden.
    pub reject_media: bool,
    /// For members.
    pub reason: String,
    /// For admins.
    pub note: String,
}

/// What an operation works on.
pub struct Room {
    /// The pod.
    pub pod: Arc<Pod>,
    /// How the engine under its plugins started.
    pub engine: Finding,
}

impl Operation {
    /// Does it.
    pub async fn run(self, room: &Room) -> Result<Answer, Wrong> {
        let (who, pod) = (Admin::operator(), &room.pod);
        match self {
            Self::SetupLink { origin } => setup_link(pod, &origin).await,
            Self::SetUp { base_url, pod_name, member, open } => {
                accounts::set_up(pod, base_url, pod_name, member, open).await
            }
            Self::CreateUser { member, admin } => accounts::create(pod, member, admin).await,
            Self::ImportAccount { member, file } => archive::import(pod, member, &file).await,
            Self::ImportProgress { username } => archive::progress(pod, &username).await,
            Self::ExportAccount { username } => archive::ask(pod, &username).await,
            Self::SaveArchive { username, file } => archive::save(pod, &username, &file).await,
            Self::CloseUser { username } => accounts::end(pod, &username).await,
            Self::EnablePlugin { slug } => plugins::enable(pod, &slug).await,
            Self::DisablePlugin { slug } => plugins::disable(pod, &slug).await,
            Self::InstallPlugin { file, accept } => plugins::install(pod, &file, accept).await,
            Self::UpdatePlugin { slug } => plugins::update(pod, &slug).await,
            Self::DiscardPlugin { slug } => plugins::discard(pod, &slug).await,
            Self::RollBackPlugin { slug } => plugins::roll_back(pod, &slug).await,
            Self::UninstallPlugin { slug, purge } => plugins::uninstall(pod, &slug, purge).await,
            Self::ListPlugins => Ok(json!(plugin::list(pod).await?)),
            Self::ResetKey { diaspora_id } => accounts::reset_key(pod, &diaspora_id).await,
            Self::Block(new) => blocks::add(pod, new).await,
            Self::Unblock { target } => blocks::lift(pod, &target).await,
            Self::ListBlocks => blocks::list(pod).await,
            Self::ExportBlocks => Ok(json!({ "list": blocklist::print(&moderation::list(pod, who).await?) })),
            Self::DraftBlocks { entries, source } => {
                Ok(json!(moderation::import(pod, who, &entries, &source).await?))
            }
            Self::ListDrafts => blocks::drafts(pod).await,
            Self::ApproveDrafts { hosts } => blocks::approve(pod, &hosts).await,
            Self::ListPods { filter } => pods::list(pod, &filter).await,
            Self::ShowPod { host } => pods::show(pod, &host).await,
            Self::RecheckPod { host } => pods::recheck(pod, &host).await,
            Self::TraceEntity { guid } => Ok(json!(remote_pod::trace(pod, who, &guid).await?)),
            Self::ListJobs => pods::jobs(pod).await,
            Self::RetryJobs { id } => pods::settled(id, "retried", job::retry_dead(pod, who, id).await),
            Self::DropJobs { id } => pods::settled(id, "dropped", job::drop_dead(pod, who, id).await),
            Self::Examine => Ok(json!(examine::room(room).await)),
        }
    }
}
