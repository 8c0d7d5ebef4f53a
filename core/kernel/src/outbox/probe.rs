//! A failing pod is asked with one single try whether it is there again: with the first thing that waits for
//! it, or, when nothing does or it is asleep, with the question that asks for nothing, NodeInfo.
use super::{deliver, queue};
use crate::{
    Pod, Result,
    db::{self, Tx},
    env::{FetchError, FetchRequest},
    id::{RemotePodId, Timestamp},
    job::{self, Failure, Job, Lane},
    remote_pod::{self, RemotePod, State},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use url::Url;

/// After every so many failures the pod is asked whether it is there at all: it may be the message that fails.
const SUSPICIOUS: i64 = 4;

/// Tries one pod.
#[derive(Debug, Serialize, Deserialize)]
pub struct Probe {
    remote_pod: RemotePodId,
}

/// Queues the try, once.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    remote_pod: RemotePodId,
    at: Timestamp,
    now: Timestamp,
) -> db::Result<()> {
    job::enqueue_at(tx, &Probe { remote_pod }, Some(&remote_pod.to_string()), at, now).await
}

impl Job for Probe {
    const KIND: &'static str = "probe";
    const ATTEMPTS: i64 = i64::MAX;
    const LANE: Lane = Lane::Probe;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let remote = remote_pod::store::find(&mut pod.db.read().await?, self.remote_pod).await?;
        let Some(remote) = remote else { return Ok(()) };
        if remote_pod::is_shut_out(&pod, &remote).await? {
            return Ok(());
        }
        let now = pod.clock.now();
        if remote.retry_at > now {
            return Err(Failure::Again(remote.retry_at));
        }
        if remote.state(now) == State::Retrying {
            let mut first = queue::due(&mut pod.db.read().await?, remote.id, 1).await?;
            first.retain(|due| due.retry_at <= now);
            if !first.is_empty() {
                let again = first.first().filter(|_| remote.failures % SUSPICIOUS == SUSPICIOUS - 1).cloned();
                let verdict = deliver::send(&pod, &remote, first).await?;
                if verdict.up {
                    revive(&pod, &remote).await?;
                    return Ok(());
                }
                // it failed some times now: perhaps it is the message and not the pod
                if let Some(due) = again
                    && verdict.down
                    && ask(&pod, &remote).await.is_ok()
                {
                    deliver::blame(&pod, &due).await?;
                    revive(&pod, &remote).await?;
                    return Ok(());
                }
                if verdict.down {
                    return Ok(()); // the next one is queued
                }
            }
        }
        match ask(&pod, &remote).await {
            Ok(()) => Ok(revive(&pod, &remote).await?),
            Err((why, pause)) => {
                let mut tx = pod.db.begin().await?;
                let retry_at = remote_pod::failed(&pod, &mut tx, &remote, &why, pause).await?;
                tx.commit().await?;
                Err(Failure::Again(retry_at))
            }
        }
    }
}

async fn revive(pod: &Pod, remote: &RemotePod) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    remote_pod::answered(&mut tx, remote.id, pod.clock.now()).await?;
    tx.commit().await?;
    if remote.failures > 0 {
        tracing::info!(remote_pod.host = remote.host, "{} is back", remote.host);
    }
    pod.jobs_due.notify_one();
    Ok(())
}

/// Any answer but a failure of the server says that it is there.
async fn ask(pod: &Pod, remote: &RemotePod) -> Result<(), (String, Option<Duration>)> {
    let base = Url::parse(&remote.base_url).map_err(|error| (error.to_string(), None))?;
    let url = base.join(".well-known/nodeinfo").map_err(|error| (error.to_string(), None))?;
    match pod.fetch.send(FetchRequest::get(url, "application/json", 64 * 1024)).await {
        Ok(answer) if answer.status >= 500 => Err((format!("HTTP {}", answer.status), answer.retry_after)),
        Ok(_) | Err(FetchError::TooLong(_)) => Ok(()),
        Err(error) => Err((error.to_string(), None)),
    }
}
