//! Writes down how jobs went: those that are done in one statement, the others one by one.
use super::{Failure, KINDS, patience, store};
use crate::{Pod, Result, db::Tx};

/// A job that ended, and how.
pub(super) struct Ended {
    pub job: store::Claimed,
    pub outcome: Result<(), Failure>,
}

impl Ended {
    pub(super) const fn label(outcome: &Result<(), Failure>) -> &'static str {
        match outcome {
            Ok(()) => "done",
            Err(Failure::Again(_)) => "again",
            Err(Failure::Retry(_) | Failure::Missing(_) | Failure::Away(_)) => "retry",
            Err(Failure::Drop(_)) => "dropped",
        }
    }
}

/// Part of the transaction that the runner has open anyway.
pub(super) async fn settle(pod: &Pod, tx: &mut Tx, token: &str, ended: &[Ended]) -> Result<()> {
    let mut done = Vec::new();
    for one in ended {
        let id = one.job.id;
        match &one.outcome {
            Ok(()) | Err(Failure::Drop(_)) => done.push(id),
            // a waiting twin takes over
            Err(failure) if postpone(pod, tx, token, &one.job, failure).await? == 0 => done.push(id),
            Err(_) => {}
        }
    }
    if !done.is_empty() {
        store::finish(tx, &done, token).await?;
    }
    Ok(())
}

async fn postpone(
    pod: &Pod,
    tx: &mut Tx,
    token: &str,
    job: &store::Claimed,
    failure: &Failure,
) -> Result<u64> {
    if let Failure::Again(at) = failure {
        return Ok(store::postpone(tx, job.id, token, *at, 0, None).await?);
    }
    let failures = job.failures + 1;
    let attempts = KINDS.iter().find(|kind| kind.name == job.kind).map_or(10, |kind| kind.attempts);
    let [chance] = pod.random();
    let error = failure.to_string();
    match patience::next(failure, attempts, failures, chance) {
        Some(pause) => {
            let at = pod.clock.now().plus(pause);
            Ok(store::postpone(tx, job.id, token, at, failures, Some(&error)).await?)
        }
        None => Ok(store::bury(tx, job.id, token, failures, &error).await?),
    }
}

/// One line for each that did not simply end.
pub(super) fn tell(outcome: &Result<(), Failure>, failures: i64) {
    match outcome {
        Ok(()) | Err(Failure::Again(_)) => {}
        Err(Failure::Drop(reason)) => tracing::info!("dropped a job: {reason}"),
        Err(failure) => {
            tracing::warn!(
                failures = failures + 1,
                error = failure as &dyn std::error::Error,
                "a job failed: {failure}"
            );
        }
    }
}
