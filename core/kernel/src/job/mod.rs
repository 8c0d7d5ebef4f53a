//! The one queue. A job is written in the transaction that causes it, so it exists if and only if its
//! cause does; it is leased, so a dead worker loses the lease and not the job.
mod dead;
mod held;
mod lane;
mod patience;
mod runner;
mod settle;
mod store;

pub use dead::{Dead, drop_dead, list_dead, retry_dead, sweep_dead};
pub(crate) use held::{end_in, failures, id, stage};
pub use lane::Lane;
pub use runner::{run_due, take_over, work};
pub use store::{Backlog, backlog};

use crate::{
    Error, Pod,
    db::{self, Conn, Tx},
    id::{JobId, Timestamp},
};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};
use store::NewRow;

/// As often as the network's reference tries.
const ATTEMPTS: i64 = 10;

/// A kind of work. Runs at least once, so it must be safe to run again; what is not ends it in its own transaction
/// (`job::end_in`).
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stored with every job: rename the type as you like, never this.
    const KIND: &'static str;
    /// After so many failures it is given up and kept as dead.
    const ATTEMPTS: i64 = ATTEMPTS;
    /// Where it queues.
    const LANE: Lane = Lane::Work;

    /// Does it.
    fn run(self, pod: Arc<Pod>) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Why a job did not finish, and what that means for it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Again after the usual pause.
    #[error("{0}")]
    Retry(Error),
    /// What it refers to is not here yet: again soon, then as usual.
    #[error("{0}")]
    Missing(Error),
    /// Another pod that it needs is not there: again for eight days, as pods come back after a long weekend.
    #[error("{0}")]
    Away(Error),
    /// It was tried as often as it wanted to be: kept as dead.
    #[error("{0}")]
    Last(Error),
    /// Not a failure: there is more to do at this time.
    #[error("more to do later")]
    Again(Timestamp),
    /// It can never be done; a short reason for the log.
    #[error("gave up: {0}")]
    Drop(String),
}

/// Where a job stands that has just failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// For the first time: it waits from now on.
    First,
    /// Again, and it goes on waiting.
    Between,
    /// It is not tried again.
    Last,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::Drop("what it is about is gone".into()),
            error => Self::Retry(error),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Retry(error.into())
    }
}

/// Puts a job on the queue if, and only if, `tx` commits. Ring `pod.jobs_due` after the commit.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, now: Timestamp) -> db::Result<()> {
    enqueue_at(tx, job, None, now, now).await
}

/// The same for a job of which only one is wanted: a second with the same `key` is not queued while the
/// first waits, and does not run while the first runs.
pub async fn enqueue_at<J: Job>(
    tx: &mut Tx,
    job: &J,
    key: Option<&str>,
    run_at: Timestamp,
    now: Timestamp,
) -> db::Result<()> {
    let row = NewRow { payload: payload(job)?, key: key.map(str::to_owned), run_at, plugin: None };
    store::insert(tx, J::KIND, J::LANE, &row, now).await.map(drop)
}

/// The same for a job that runs for a plugin; its row, or that of the one that waits already.
pub(crate) async fn enqueue_for<J: Job>(
    tx: &mut Tx,
    job: &J,
    (plugin, key): (&str, &str),
    run_at: Timestamp,
    now: Timestamp,
) -> db::Result<JobId> {
    let row =
        NewRow { payload: payload(job)?, key: Some(key.to_owned()), run_at, plugin: Some(plugin.to_owned()) };
    store::insert(tx, J::KIND, J::LANE, &row, now).await
}

/// How many jobs of a plugin wait or run.
pub(crate) async fn of_plugin(conn: &mut Conn, plugin: &str) -> db::Result<i64> {
    store::of_plugin(conn, plugin).await
}

/// Takes a job off the queue that waits under this key; says how many that were.
pub(crate) async fn cancel<J: Job>(tx: &mut Tx, key: &str) -> db::Result<u64> {
    store::cancel(tx, J::KIND, key).await
}

/// A job for [`enqueue_all`].
#[derive(Debug)]
pub struct New<J> {
    /// What to do.
    pub job: J,
    /// Of which only one is wanted; no two of a list have the same.
    pub key: String,
    /// Not before.
    pub run_at: Timestamp,
}

/// Many keyed jobs of one kind in one statement. Callers sort them, so that two transactions never wait for each other.
pub async fn enqueue_all<J: Job>(tx: &mut Tx, jobs: Vec<New<J>>, now: Timestamp) -> db::Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let row = |new: New<J>| {
        let (payload, key, run_at) = (payload(&new.job)?, Some(new.key), new.run_at);
        Ok(NewRow { payload, key, run_at, plugin: None })
    };
    let rows = jobs.into_iter().map(row).collect::<db::Result<Vec<_>>>()?;
    store::insert_all(tx, J::KIND, J::LANE, rows, now).await
}

fn payload<J: Job>(job: &J) -> db::Result<String> {
    serde_json::to_string(job).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// The pause after which something that failed `failures` times is tried again, in the class of this failure; none
/// when it is given up.
pub(crate) fn next_try(failure: &Failure, failures: i64, chance: u8) -> Option<Duration> {
    patience::next(failure, ATTEMPTS, failures, chance)
}

/// The pause before retry `failures` (1 is the first): (n + 3)⁴ seconds, as the network's reference does,
/// and up to `n + 1` half minutes more so that a crowd spreads out.
pub fn pause(failures: i64, chance: u8) -> Duration {
    let n = u64::try_from(failures.clamp(1, 20)).unwrap_or(1);
    Duration::from_secs((n + 3).pow(4) + u64::from(chance) * 30 * (n + 1) / 256)
}

type Run = fn(Arc<Pod>, &str) -> Result<BoxFuture<'static, Result<(), Failure>>, serde_json::Error>;

struct Kind {
    name: &'static str,
    attempts: i64,
    run: Run,
}

const fn kind<J: Job>() -> Kind {
    Kind {
        name: J::KIND,
        attempts: J::ATTEMPTS,
        run: |pod, payload| {
            let job: J = serde_json::from_str(payload)?;
            Ok(Box::pin(job.run(pod)))
        },
    }
}

/// Every kind of job there is.
const KINDS: &[Kind] = &[
    kind::<crate::account::key::FillSpareKeys>(),
    kind::<crate::inbox::Receive>(),
    kind::<crate::inbox::FollowLinks>(),
    kind::<crate::inbox::FollowChain>(),
    kind::<crate::inbox::FetchThread>(),
    kind::<crate::inbox::CatchUp>(),
    kind::<crate::person::refresh::Refresh>(),
    kind::<crate::outbox::Dispatch>(),
    kind::<crate::outbox::Deliver>(),
    kind::<crate::outbox::Probe>(),
    kind::<crate::remote_pod::LearnSoftware>(),
    kind::<crate::moving::Import>(),
    kind::<crate::moving::Export>(),
    kind::<crate::media::Sweep>(),
    kind::<crate::plugin::account_data::EraseUser>(),
    kind::<crate::plugin::work::Work>(),
];
