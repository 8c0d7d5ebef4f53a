//! Workers: claim a batch, run each job beside the others, write down how it went.
use super::{Failure, KINDS, Kind, pause, store};
use crate::{Error, Pod, Result, id::Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// A lease that is not renewed for so long belongs to a dead worker.
const LEASE: Duration = Duration::from_mins(1);
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// Looks for due jobs at least this often: other processes ring no bell here.
const POLL: Duration = Duration::from_secs(1);
const AT_ONCE: usize = 8;
/// How long a stop waits for running jobs before it gives them back.
const GRACE: Duration = Duration::from_secs(15);

/// Works until `stop` resolves, then finishes what runs or gives it back.
pub async fn work(pod: Arc<Pod>, stop: impl Future<Output = ()> + Send) {
    let token = hex::encode(pod.random::<16>());
    let mut running = JoinSet::new();
    let mut renewed = pod.clock.now();
    tokio::pin!(stop);
    loop {
        while running.try_join_next().is_some() {}
        let now = pod.clock.now();
        if now >= renewed.plus(RENEW_EVERY) {
            renewed = now;
            report("renew leases", renew(&pod, &token, now).await);
        }
        match claim(&pod, &token, AT_ONCE.saturating_sub(running.len())).await {
            Ok(claimed) if !claimed.is_empty() => {
                for job in claimed {
                    running.spawn(run(Arc::clone(&pod), token.clone(), job));
                }
                continue;
            }
            Ok(_) => {}
            Err(error) => report("claim jobs", Err(error)),
        }
        tokio::select! {
            () = &mut stop => break,
            () = pod.jobs_due.notified() => {}
            _ = running.join_next(), if !running.is_empty() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    let drained = tokio::time::timeout(GRACE, async { while running.join_next().await.is_some() {} }).await;
    running.shutdown().await;
    if drained.is_err() {
        report("give jobs back", give_back(&pod, &token).await);
    }
}

/// Runs everything that is due, and what that causes, one after the other. Says how many jobs ran.
/// For tests and for commands; a serving pod has `work`.
pub async fn run_due(pod: &Arc<Pod>) -> Result<usize> {
    let token = hex::encode(pod.random::<16>());
    let mut ran = 0;
    loop {
        let claimed = claim(pod, &token, 1).await?;
        if claimed.is_empty() {
            return Ok(ran);
        }
        for job in claimed {
            run(Arc::clone(pod), token.clone(), job).await;
            ran += 1;
        }
    }
}

async fn claim(pod: &Pod, token: &str, count: usize) -> Result<Vec<store::Claimed>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    store::reclaim(&mut tx, now).await?;
    let count = i64::try_from(count).unwrap_or(1);
    let claimed = store::claim(&mut tx, now, now.plus(LEASE), token, count).await?;
    tx.commit().await?;
    Ok(claimed)
}

async fn renew(pod: &Pod, token: &str, now: Timestamp) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    store::renew(&mut tx, token, now.plus(LEASE)).await?;
    Ok(tx.commit().await?)
}

async fn give_back(pod: &Pod, token: &str) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    store::give_back(&mut tx, token).await?;
    Ok(tx.commit().await?)
}

#[tracing::instrument(name = "job", skip_all, fields(job.id = %job.id, job.kind = %job.kind))]
async fn run(pod: Arc<Pod>, token: String, job: store::Claimed) {
    let kind = KINDS.iter().find(|kind| kind.name == job.kind);
    let outcome = match kind.map(|kind| (kind.run)(Arc::clone(&pod), &job.payload)) {
        Some(Ok(work)) => work.await,
        Some(Err(error)) => Err(Failure::Retry(Error::internal(error))),
        None => Err(Failure::Retry(Error::internal("no such kind of job in this version"))),
    };
    let label = match &outcome {
        Ok(()) => "done",
        Err(Failure::Again(_)) => "again",
        Err(Failure::Retry(_)) => "retry",
        Err(Failure::Drop(_)) => "dropped",
    };
    metrics::counter!("jobs_total", "kind" => job.kind.clone(), "outcome" => label).increment(1);
    report("write down how a job went", settle(&pod, &token, &job, kind, outcome).await);
}

async fn settle(
    pod: &Pod,
    token: &str,
    job: &store::Claimed,
    kind: Option<&Kind>,
    outcome: Result<(), Failure>,
) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let moved = match outcome {
        Ok(()) => store::finish(&mut tx, job.id, token).await?,
        Err(Failure::Drop(reason)) => {
            tracing::info!(reason, "dropped a job");
            store::finish(&mut tx, job.id, token).await?
        }
        Err(Failure::Again(at)) => store::postpone(&mut tx, job.id, token, at, 0, None).await?,
        Err(Failure::Retry(error)) => {
            let failures = job.failures + 1;
            tracing::warn!(failures, error = &error as &dyn std::error::Error, "a job failed: {error}");
            if failures >= kind.map_or(10, |kind| kind.attempts) {
                store::bury(&mut tx, job.id, token, failures, &error.to_string()).await?
            } else {
                let [chance] = pod.random();
                let at = now.plus(pause(failures, chance));
                store::postpone(&mut tx, job.id, token, at, failures, Some(&error.to_string())).await?
            }
        }
    };
    if moved == 0 {
        // a waiting twin takes over
        store::finish(&mut tx, job.id, token).await?;
    }
    Ok(tx.commit().await?)
}

fn report(what: &str, outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot {what}: {error}");
    }
}
