//! Other pods as this one has met them: where they are, whether they answer, and when to try again. A pod that
//! fails is left alone for growing pauses; after each, one single try decides (`outbox::probe`).
mod list;
mod log;
mod recheck;
mod software;
pub(crate) mod store;
mod sweep;
mod trace;

pub use list::{Counts, Details, Filter, LONGEST_LIST, Row, Waiting, counts, list, show};
pub use log::{Direction, Event, Log};
pub use recheck::recheck;
pub use software::LearnSoftware;
pub(crate) use software::deaf;
pub use sweep::sweep;
pub use trace::{Delivering, Trace, trace};

use crate::{
    Pod, Result,
    db::{self, Tx},
    id::{RemotePodId, Timestamp},
    job, moderation, outbox,
};
use std::time::Duration;

/// A pod that failed for so long without a break is asleep: nothing is sent to it until it is heard of.
pub const ASLEEP_AFTER: Duration = Duration::from_hours(14 * 24);
/// The longest pause between two tries, and how often one asleep is looked for.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// Whether a pod is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It answered the last time, or was never asked.
    Ok,
    /// It failed; single tries after growing pauses.
    Retrying,
    /// It failed for fourteen days: nothing is sent.
    Asleep,
    /// An admin suspended it: nothing is sent.
    Blocked,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Retrying, Self::Asleep, Self::Blocked];

    /// As pages, commands and figures call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Retrying => "retrying",
            Self::Asleep => "asleep",
            Self::Blocked => "blocked",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Of a pod that fails since then, or does not.
    pub fn of(offline_since: Option<Timestamp>, now: Timestamp) -> Self {
        match offline_since {
            None => Self::Ok,
            Some(since) if now > since.plus(ASLEEP_AFTER) => Self::Asleep,
            Some(_) => Self::Retrying,
        }
    }
}

/// Another pod.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RemotePod {
    /// Its row.
    pub id: RemotePodId,
    /// What its people's diaspora* IDs end in.
    pub host: String,
    /// Where it is, ending in a slash.
    pub base_url: String,
    /// Since when every try failed; none while it answers.
    pub offline_since: Option<Timestamp>,
    /// Failures without a break.
    pub failures: i64,
    /// No delivery before.
    pub retry_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it last sent something or answered.
    pub last_seen_at: Option<Timestamp>,
}

impl RemotePod {
    /// Whether it is sent to.
    pub fn state(&self, now: Timestamp) -> State {
        State::of(self.offline_since, now)
    }
}

/// Whether an admin suspended a pod; then nothing that waited for it is sent any more.
pub(crate) async fn is_shut_out(pod: &Pod, remote: &RemotePod) -> db::Result<bool> {
    if !moderation::standing_of_host(&mut pod.db.read().await?, &remote.host).await?.is_suspended() {
        return Ok(false);
    }
    let mut tx = pod.db.begin().await?;
    let dropped = store::forget_deliveries_to(&mut tx, remote.id).await?;
    tx.commit().await?;
    tracing::info!(remote_pod.host = remote.host, dropped, "{} is suspended: nothing is sent", remote.host);
    Ok(true)
}

/// It answered, or sent something: failures are forgotten and what waits may go at once.
pub(crate) async fn answered(tx: &mut Tx, id: RemotePodId, now: Timestamp) -> db::Result<()> {
    store::succeeded(tx, id, now).await?;
    if outbox::queue::waiting(tx, id).await? {
        outbox::enqueue_deliveries(tx, [id], now).await?;
    }
    Ok(())
}

/// A sign of life from whoever is at `host`; costs one look where there is nothing to forget.
pub async fn heard_of(pod: &Pod, host: &str) -> Result<()> {
    let Some(id) = store::failing(&mut pod.db.read().await?, host).await? else { return Ok(()) };
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    answered(&mut tx, id, now).await?;
    tx.commit().await?;
    tracing::info!(remote_pod.host = host, "{host} is back");
    pod.jobs_due.notify_one();
    Ok(())
}

/// Counts a failed try and says when the next one may be: not before the pause that the pod asked for.
pub(crate) async fn failed(
    pod: &Pod,
    tx: &mut Tx,
    remote: &RemotePod,
    error: &str,
    asked: Option<Duration>,
) -> db::Result<Timestamp> {
    let now = pod.clock.now();
    let failures = remote.failures + 1;
    let [chance] = pod.random();
    let pause = match remote.state(now) {
        State::Asleep => LONGEST_PAUSE,
        State::Ok | State::Retrying | State::Blocked => job::pause(failures, chance).min(LONGEST_PAUSE),
    };
    let retry_at = now.plus(pause.max(asked.unwrap_or_default().min(LONGEST_PAUSE)));
    store::failed(tx, remote.id, failures, retry_at, error, now).await?;
    tracing::info!(remote_pod.host = remote.host, failures, error, "{} does not answer", remote.host);
    Ok(retry_at)
}
