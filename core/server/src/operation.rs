//! What a command asks of the pod, whether a running server does it or the command itself. Each is one of
//! the kernel's operations, done as the operator: whoever may use the pod's files.
use crate::{
    archive,
    examine::{self, Finding},
};
use pappus_kernel::{
    Error, Invalid, Pod,
    access::Admin,
    account::{
        close,
        setup::{self, Setup},
        sign_up::{self, NewMember},
    },
    id::JobId,
    job,
    moderation::{self, Block, Draft, NewBlock, blocklist},
    person::key_change,
    plugin::{self, EnableError},
    remote_pod::{self, Filter, Row, State},
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
    /// Every plugin.
    ListPlugins,
    /// Takes the key that the pod of a person of another pod shows now.
    ResetKey {
        /// Whose: a diaspora* ID.
        diaspora_id: String,
    },
    /// Blocks a pod or a person.
    Block {
        /// A host or a diaspora* ID.
        target: String,
        /// `noop`, `silence` or `suspend`.
        severity: String,
        /// Everything below the host, too.
        subdomains: bool,
        /// Their pictures are hidden.
        reject_media: bool,
        /// For members.
        reason: String,
        /// For admins.
        note: String,
    },
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

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Wrong {
    /// In words.
    pub message: String,
    /// The exit code of the command.
    pub exit: u8,
}

impl Wrong {
    /// The command was used wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit: 2 }
    }

    /// It was not possible.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit: 1 }
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Self::usage(in_words(&invalid)),
            Error::InvalidFields(fields) => {
                Self::usage(fields.iter().map(in_words).collect::<Vec<_>>().join("; "))
            }
            Error::Conflict("set-up") => Self::failed("the pod is set up already"),
            Error::Forbidden("not-set-up") => {
                Self { message: "the pod is not set up yet: run `pappus setup`".into(), exit: 3 }
            }
            Error::Forbidden(reason) => Self::failed(reason),
            error => Self::failed(error.to_string()),
        }
    }
}

fn in_words(invalid: &Invalid) -> String {
    let rule = match invalid.rule {
        "required" => "is needed",
        "too-long" => "is too long",
        "too-short" => "is too short",
        "characters" => "holds characters that are not allowed",
        "reserved" => "is a reserved name",
        "taken" => "is taken",
        "not-an-address" => "is not an address",
        "not-a-url" => "is not a URL",
        "not-a-base-url" => "must be a scheme and a host, such as https://pod.example",
        "needs-https" => "needs https",
        "not-a-host" => "is neither a host nor a diaspora* ID",
        "own-pod" => "would block this very pod",
        "is-admin" => "is an admin of this pod",
        "unknown" => "is nobody here",
        "too-many" => "has more lines than are taken at once",
        "not-an-archive" => "is not an archive of an account",
        "archive-version" => "is of a version that this pod cannot read: it reads version 2.0",
        "archive-too-large" => "holds more than an archive may",
        "archive-damaged" => "is damaged or was cut off",
        "archive-paths" => "names places outside itself",
        "archive-which-file" => "must hold exactly one .json file",
        "archive-key" => "holds no usable private key",
        "archive-not-yours" => "holds a private key that is not the one of its account",
        "archive-unknown" => "is of an account that its old pod does not know",
        "archive-unreachable" => "cannot be proven to be its owner's: the old pod does not answer",
        "archive-same-pod" => "is of an account of this pod",
        "archive-moved" => "is of an account that is closed or has moved already",
        "archive-once" => "came too late: somebody has moved into this account already",
        "fixed" => "is fixed already and cannot change",
        other => other,
    };
    format!("{} {rule}", invalid.field.replace('_', " "))
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
                let Member { username, email, password, language } = member;
                let form =
                    Setup { base_url, pod_name, username: username.clone(), email, password, open, language };
                setup::finish_as_operator(pod, who, form).await?;
                Ok(account(pod, &username, true))
            }
            Self::CreateUser { member, admin } => {
                let Member { username, email, password, language } = member;
                let new = NewMember { username: username.clone(), email, password, language };
                sign_up::create_as_operator(pod, who, new, admin).await?;
                Ok(account(pod, &username, admin))
            }
            Self::ImportAccount { member, file } => archive::import(pod, member, &file).await,
            Self::ImportProgress { username } => archive::progress(pod, &username).await,
            Self::ExportAccount { username } => archive::ask(pod, &username).await,
            Self::SaveArchive { username, file } => archive::save(pod, &username, &file).await,
            Self::CloseUser { username } => {
                close::close_as_operator(pod, who, &username).await.map_err(|error| match error {
                    Error::NotFound => Wrong::failed(format!("nobody here is called {username}")),
                    Error::Conflict(_) => {
                        Wrong::failed(format!("the account of {username} is closed already"))
                    }
                    Error::Invalid(_) => Wrong::failed("this is the only admin"),
                    error => error.into(),
                })?;
                Ok(json!({ "username": username, "closed": true }))
            }
            Self::EnablePlugin { slug } => {
                plugin::enable(pod, who, &slug, None).await?;
                Ok(json!({ "slug": slug, "enabled": true }))
            }
            Self::DisablePlugin { slug } => {
                plugin::disable(pod, who, &slug).await.map_err(|error| match error {
                    Error::NotFound => Wrong::failed(format!("the plugin {slug} is not on")),
                    error => error.into(),
                })?;
                Ok(json!({ "slug": slug, "enabled": false }))
            }
            Self::ListPlugins => Ok(json!(plugin::list(pod).await?)),
            Self::ResetKey { diaspora_id } => reset_key(pod, who, &diaspora_id).await,
            Self::Block { target, severity, subdomains, reject_media, reason, note } => {
                let severity = severity.parse().map_err(|()| Wrong::usage("no such severity"))?;
                let target = target.parse().map_err(Error::from)?;
                let new =
                    NewBlock { subdomains, reject_media, reason, note, ..NewBlock::of(target, severity) };
                let answer = json!({ "target": new.target.as_str(), "severity": severity.name() });
                moderation::block(pod, who, new).await?;
                Ok(answer)
            }
            Self::Unblock { target } => {
                let target = target.parse().map_err(Error::from)?;
                moderation::unblock(pod, who, &target).await.map_err(|error| match error {
                    Error::NotFound => Wrong::failed(format!("{target} is not blocked")),
                    error => error.into(),
                })?;
                Ok(json!({ "target": target.as_str() }))
            }
            Self::ListBlocks => Ok(moderation::list(pod, who).await?.iter().map(block_row).collect()),
            Self::ExportBlocks => Ok(json!({ "list": blocklist::print(&moderation::list(pod, who).await?) })),
            Self::DraftBlocks { entries, source } => {
                Ok(json!(moderation::import(pod, who, &entries, &source).await?))
            }
            Self::ListDrafts => Ok(moderation::drafts(pod, who).await?.0.iter().map(draft_row).collect()),
            Self::ApproveDrafts { hosts } => {
                let (drafts, _) = moderation::drafts(pod, who).await?;
                let chosen = drafts.iter().filter(|draft| hosts.contains(&draft.target));
                let ids: Vec<_> = chosen.map(|draft| draft.id).collect();
                Ok(json!({ "approved": moderation::approve(pod, who, &ids).await? }))
            }
            Self::ListPods { filter } => {
                let now = pod.clock.now();
                let rows = remote_pod::list(pod, who, &filter).await?;
                let row = |row: Row| Stated { state: row.state(now), row };
                Ok(json!(rows.into_iter().map(row).collect::<Vec<_>>()))
            }
            Self::ShowPod { host } => match remote_pod::show(pod, who, &host).await {
                Ok(details) => Ok(json!(details)),
                Err(error) => Err(unknown_pod(error, &host)),
            },
            Self::RecheckPod { host } => match remote_pod::recheck(pod, who, &host).await {
                Ok(()) => Ok(json!({ "host": host, "queued": true })),
                Err(error) => Err(unknown_pod(error, &host)),
            },
            Self::TraceEntity { guid } => Ok(json!(remote_pod::trace(pod, who, &guid).await?)),
            Self::ListJobs => {
                let backlog = async { job::backlog(&mut pod.db.read().await?).await }.await;
                let backlog = backlog.map_err(Error::from)?;
                Ok(json!({ "backlog": backlog, "gave_up": job::list_dead(pod, who).await? }))
            }
            Self::RetryJobs { id } => jobs(id, "retried", job::retry_dead(pod, who, id).await),
            Self::DropJobs { id } => jobs(id, "dropped", job::drop_dead(pod, who, id).await),
            Self::Examine => Ok(json!(examine::room(room).await)),
        }
    }
}

impl From<EnableError> for Wrong {
    fn from(error: EnableError) -> Self {
        match error {
            EnableError::Refused(reason) => Self::failed(format!("the plugin stays as it was: {reason}")),
            EnableError::Other(error) => error.into(),
        }
    }
}

async fn reset_key(pod: &Pod, who: Admin, diaspora_id: &str) -> Result<Answer, Wrong> {
    let change = key_change::reset(pod, who, diaspora_id).await.map_err(|error| match error {
        Error::NotFound => {
            Wrong::failed(format!("{diaspora_id} is nobody of another pod that is known here"))
        }
        Error::Conflict("same-key") => {
            Wrong::failed(format!("the pod of {diaspora_id} shows the key that is known here"))
        }
        Error::Conflict(_) => Wrong::failed("the new account's guid belongs to somebody else"),
        error => error.into(),
    })?;
    Ok(json!({
        "diaspora_id": change.person.diaspora_id,
        "old": change.kept,
        "new": change.shown,
        "new_account": change.new_account,
    }))
}

fn block_row(block: &Block) -> Answer {
    json!({
        "target": block.target, "severity": block.severity().name(), "subdomains": block.subdomains,
        "reject_media": block.reject_media, "reason": block.reason, "note": block.note, "by": block.actor,
        "created_at": block.created_at, "updated_at": block.updated_at,
    })
}

fn draft_row(draft: &Draft) -> Answer {
    json!({
        "target": draft.target, "severity": draft.severity.name(), "subdomains": draft.subdomains,
        "reject_media": draft.reject_media, "reason": draft.reason, "source": draft.source,
        "people": draft.people, "contacts": draft.contacts,
    })
}

/// A pod with its state spelled out.
#[derive(Serialize)]
struct Stated {
    state: State,
    #[serde(flatten)]
    row: Row,
}

fn unknown_pod(error: Error, host: &str) -> Wrong {
    match error {
        Error::NotFound => Wrong::failed(format!("no pod at {host} is known here")),
        error => error.into(),
    }
}

fn jobs(id: Option<JobId>, done: &str, outcome: Result<u64, Error>) -> Result<Answer, Wrong> {
    match (outcome, id) {
        (Ok(count), _) => Ok(json!({ done: count })),
        (Err(Error::NotFound), Some(id)) => Err(Wrong::failed(format!("no job {id} gave up"))),
        (Err(error), _) => Err(error.into()),
    }
}

fn account(pod: &Pod, username: &str, admin: bool) -> Answer {
    let username = username.trim().to_ascii_lowercase();
    json!({ "diaspora_id": format!("{username}@{}", pod.site().host()), "username": username, "admin": admin })
}

/// A fresh link, and where it leads.
pub async fn setup_link(pod: &Pod, origin: &str) -> Result<Answer, Wrong> {
    let token = setup::new_link(pod).await?;
    let site = pod.site();
    let origin = site.base_url.as_ref().map_or(origin, |url| url.as_str()).trim_end_matches('/');
    Ok(json!({ "url": format!("{origin}/setup?token={token}") }))
}
