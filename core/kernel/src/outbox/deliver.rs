//! One push after the other to one pod. A pod that does not answer keeps only its own queue waiting.
use super::store::{self, Due};
use crate::{
    Error, Pod, Result,
    db::Tx,
    env::{FetchError, FetchRequest},
    id::{DeliveryId, RemotePodId, Timestamp},
    job::{self, Failure, Job},
    remote_pod::{self, ASLEEP_AFTER, RemotePod},
};
use pappus_federation::{key::PublicKey, sealed};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use url::Url;

/// A delivery that the other pod refuses so often is given up.
const ATTEMPTS: i64 = 10;
const BATCH: i64 = 50;

/// Delivers what waits for a pod.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deliver {
    remote_pod: RemotePodId,
}

/// Queues the delivery to a pod, once.
pub(super) async fn enqueue(tx: &mut Tx, remote_pod: RemotePodId, now: Timestamp) -> Result<(), sqlx::Error> {
    let key = remote_pod.to_string();
    job::enqueue_at(tx, &Deliver { remote_pod }, Some(&key), now, now).await
}

/// How a push went.
enum Pushed {
    Accepted,
    /// The pod is there and does not want this one.
    Refused(String),
    /// The pod is not there, or not well.
    Unreachable(String),
}

impl Job for Deliver {
    const KIND: &'static str = "deliver";
    const ATTEMPTS: i64 = i64::MAX;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let remote = remote_pod::store::find(&mut pod.db.read().await?, self.remote_pod).await?;
        let Some(remote) = remote else { return Ok(()) };
        let now = pod.clock.now();
        if remote.offline_since.is_some_and(|since| now > since.plus(ASLEEP_AFTER)) {
            return Ok(()); // woken by the next message from there
        }
        if remote.retry_at > now {
            return Err(Failure::Again(remote.retry_at));
        }
        let mut after = DeliveryId(0);
        let mut refused: Option<i64> = None;
        loop {
            let batch = store::due(&mut pod.db.read().await?, remote.id, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            for due in batch {
                match push(&pod, &remote, &due).await? {
                    Pushed::Accepted => settle(&pod, due.id).await?,
                    Pushed::Refused(error) => {
                        let attempts = refuse(&pod, &remote, &due, &error).await?;
                        refused = refused.max(attempts);
                    }
                    Pushed::Unreachable(error) => {
                        tracing::info!(
                            remote_pod.host = remote.host,
                            error,
                            "cannot deliver to {}",
                            remote.host
                        );
                        let retry_at = remote_pod::failed(&pod, &remote, &error).await?;
                        return Err(Failure::Again(retry_at));
                    }
                }
            }
        }
        if remote.failures > 0 {
            remote_pod::heard_of(&pod, remote.id).await?;
        }
        let mut tx = pod.db.begin().await?;
        store::sweep(&mut tx).await?;
        tx.commit().await?;
        match refused {
            None => Ok(()),
            Some(attempts) => {
                let [chance] = pod.random();
                Err(Failure::Again(pod.clock.now().plus(job::pause(attempts, chance))))
            }
        }
    }
}

async fn push(pod: &Pod, remote: &RemotePod, due: &Due) -> Result<Pushed> {
    let base = Url::parse(&remote.base_url).map_err(Error::internal)?;
    let (path, content_type, body) = match (due.public, &due.guid, &due.public_key) {
        (true, ..) => {
            ("receive/public".to_owned(), "application/magic-envelope+xml", due.envelope.clone().into_bytes())
        }
        (false, Some(guid), Some(key)) => {
            let (key, envelope) = (key.clone(), due.envelope.clone());
            let entropy = Arc::clone(&pod.entropy);
            let sealing = move || {
                let key = PublicKey::from_pem(&key)?;
                sealed::seal(&envelope, &key, &mut |bytes| entropy.fill(bytes))
            };
            match pod.compute(sealing).await? {
                Ok(body) => (format!("receive/users/{guid}"), "application/json", body.into_bytes()),
                Err(error) => return Ok(Pushed::Refused(format!("cannot encrypt: {error}"))),
            }
        }
        (false, ..) => return Ok(Pushed::Refused("the recipient is gone".into())),
    };
    let url = base.join(&path).map_err(Error::internal)?;
    let label =
        |result: &'static str| metrics::counter!("fed_deliveries_total", "result" => result).increment(1);
    Ok(match pod.fetch.send(FetchRequest::post(url, content_type, body)).await {
        Ok(answer) if answer.is_success() => {
            label("accepted");
            Pushed::Accepted
        }
        Ok(answer) if (400..500).contains(&answer.status) && !matches!(answer.status, 408 | 429) => {
            label("refused");
            Pushed::Refused(format!("HTTP {}", answer.status))
        }
        Ok(answer) => {
            label("failed");
            Pushed::Unreachable(format!("HTTP {}", answer.status))
        }
        Err(FetchError::TooLong(_)) => {
            label("accepted"); // it took the message and talks too much
            Pushed::Accepted
        }
        Err(error) => {
            label("unreachable");
            Pushed::Unreachable(error.to_string())
        }
    })
}

async fn settle(pod: &Pod, delivery: DeliveryId) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    store::done(&mut tx, delivery).await?;
    Ok(tx.commit().await?)
}

/// Counts; None when it is given up.
async fn refuse(pod: &Pod, remote: &RemotePod, due: &Due, error: &str) -> Result<Option<i64>> {
    let attempts = due.attempts + 1;
    tracing::info!(remote_pod.host = remote.host, error, attempts, "{} refuses a delivery", remote.host);
    let mut tx = pod.db.begin().await?;
    let left = if attempts >= ATTEMPTS {
        store::done(&mut tx, due.id).await?;
        None
    } else {
        store::count_attempt(&mut tx, due.id, error).await?;
        Some(attempts)
    };
    tx.commit().await?;
    Ok(left)
}
