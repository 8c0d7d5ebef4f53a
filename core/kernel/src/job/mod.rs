//! The one queue. A job is written in the transaction that causes it, so it exists if and only if its
//! cause does; it is leased, so a dead worker loses the lease and not the job.
mod runner;
mod store;

pub use runner::{run_due, work};
pub use store::{Backlog, backlog};

use crate::{
    Error, Pod,
    db::{self, Tx},
    id::Timestamp,
};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};

/// A kind of work. Runs at least once, so it must be safe to run again.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stored with every job: rename the type as you like, never this.
    const KIND: &'static str;
    /// After so many failures it is given up and kept as dead.
    const ATTEMPTS: i64 = 10;

    /// Does it.
    fn run(self, pod: Arc<Pod>) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Why a job did not finish, and what that means for it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Again after the usual pause.
    #[error("{0}")]
    Retry(Error),
    /// Not a failure: there is more to do at this time.
    #[error("more to do later")]
    Again(Timestamp),
    /// It can never be done; a short reason for the log.
    #[error("gave up: {0}")]
    Drop(String),
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
    let payload = serde_json::to_string(job).map_err(|error| sqlx::Error::Encode(error.into()))?;
    store::insert(tx, J::KIND, &payload, key, run_at, now).await
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
    kind::<crate::outbox::Dispatch>(),
    kind::<crate::outbox::Deliver>(),
    kind::<crate::moving::Import>(),
    kind::<crate::moving::Export>(),
];
