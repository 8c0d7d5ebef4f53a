//! Writes down how jobs went: those that are done in one statement, the others one by one.
use super::{Failure, KINDS, Stage, patience, store};
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
            Err(Failure::Retry(_) | Failure::Missing(_) | Failure::Away(_) | Failure::Last(_)) => "retry",
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
    let attempts = attempts(&job.kind);
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

fn attempts(kind: &str) -> i64 {
    KINDS.iter().find(|known| known.name == kind).map_or(10, |known| known.attempts)
}

/// Where a job of this kind stands that failed so often before.
pub(super) fn stage(kind: &str, failures: i64, failure: &Failure) -> Stage {
    match failure {
        Failure::Drop(_) => Stage::Last,
        Failure::Again(_) => Stage::Between,
        failure if patience::next(failure, attempts(kind), failures + 1, 0).is_none() => Stage::Last,
        _ if failures == 0 => Stage::First,
        _ => Stage::Between,
    }
}

/// One line when it begins to fail and one when it gives up, however often it is tried in between.
pub(super) fn tell(kind: &str, failures: i64, outcome: &Result<(), Failure>) {
    let Err(failure) = outcome else { return };
    let (stage, failures) = (stage(kind, failures, failure), failures + 1);
    let error = failure as &dyn std::error::Error;
    match (failure, stage) {
        (Failure::Again(_), _) => {}
        (Failure::Drop(reason), _) => tracing::info!("dropped a job: {reason}"),
        (_, Stage::First) => {
            tracing::warn!(failures, error, "a job failed and is tried again later: {failure}");
        }
        (_, Stage::Between) => tracing::debug!(failures, error, "a job failed again: {failure}"),
        (_, Stage::Last) => tracing::warn!(failures, error, "a job failed for the last time: {failure}"),
    }
}
