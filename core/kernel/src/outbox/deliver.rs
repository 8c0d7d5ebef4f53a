//! What waits for one pod, sent: first one push, then a few at a time, those to one recipient in their order.
//! A pod that does not answer keeps nothing waiting but its own queue, and is left to the probe.
use super::{
    probe,
    push::{Pushed, push},
    queue::{self, Due, Ended},
};
use crate::{
    Pod, Result,
    db::{self, Tx},
    id::{DeliveryId, PayloadId, RemotePodId, Timestamp},
    job::{self, Failure, Job, Lane, New},
    remote_pod::{self, Direction, Event, RemotePod, State},
};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A delivery that the other pod refuses so often is given up.
const ATTEMPTS: i64 = 10;
/// Deliveries in memory at once: few for a pod that has not answered yet.
const FIRST: i64 = 4;
const BATCH: i64 = 20;
/// Pushes to one pod beside each other.
const IN_FLIGHT: usize = 4;
/// After so many the next pod has its turn.
const TURN: usize = 200;
/// How stale "last seen" may be, to spare a write for each delivery.
const SEEN_EVERY: Duration = Duration::from_hours(1);

/// Delivers what waits for a pod.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deliver {
    remote_pod: RemotePodId,
}

/// Queues the deliveries to pods, once for each.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    pods: impl IntoIterator<Item = RemotePodId>,
    now: Timestamp,
) -> db::Result<()> {
    let new = |remote_pod: RemotePodId| New {
        job: Deliver { remote_pod },
        key: remote_pod.to_string(),
        run_at: now,
    };
    job::enqueue_all(tx, pods.into_iter().map(new).collect(), now).await
}

impl Job for Deliver {
    const KIND: &'static str = "deliver";
    const ATTEMPTS: i64 = i64::MAX;
    const LANE: Lane = Lane::Deliver;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let remote = remote_pod::store::find(&mut pod.db.read().await?, self.remote_pod).await?;
        let Some(remote) = remote else { return Ok(()) };
        if remote_pod::is_shut_out(&pod, &remote).await? {
            return Ok(());
        }
        if remote.state(pod.clock.now()) != State::Ok {
            let mut tx = pod.db.begin().await?;
            probe::enqueue(&mut tx, remote.id, remote.retry_at, pod.clock.now()).await?;
            return Ok(tx.commit().await?);
        }
        let mut sent = 0;
        loop {
            let most = if sent == 0 { FIRST } else { BATCH };
            let batch = queue::due(&mut pod.db.read().await?, remote.id, most).await?;
            let now = pod.clock.now();
            let full = i64::try_from(batch.len()).is_ok_and(|rows| rows == most);
            let later = batch.iter().map(|due| due.retry_at).find(|at| *at > now);
            let batch: Vec<Due> = batch.into_iter().filter(|due| due.retry_at <= now).collect();
            sent += batch.len();
            let verdict = send(&pod, &remote, batch).await?;
            if verdict.down {
                return Ok(()); // the probe goes on
            }
            if !full || later.is_some() {
                // all that is due was in it
                let next = later.into_iter().chain(verdict.later).min();
                return next.map_or(Ok(()), |at| Err(Failure::Again(at)));
            }
            if sent >= TURN {
                return Err(Failure::Again(now));
            }
        }
    }
}

/// What a batch came to.
pub(super) struct Verdict {
    /// The pod does not answer; its probe is queued.
    pub down: bool,
    /// The pod answered.
    pub up: bool,
    /// When the next that was refused may be tried again.
    pub later: Option<Timestamp>,
}

/// Sends a batch and writes down how it went, in one transaction.
pub(super) async fn send(pod: &Pod, remote: &RemotePod, batch: Vec<Due>) -> Result<Verdict> {
    if batch.is_empty() {
        return Ok(Verdict { down: false, up: false, later: None });
    }
    let ended = push_all(pod, remote, batch).await?;
    note(pod, remote, &ended);
    let now = pod.clock.now();
    let up = ended.iter().any(|(_, pushed)| matches!(pushed, Pushed::Accepted | Pushed::Refused(_)));
    let down = ended.iter().find_map(|(_, pushed)| pushed.down());
    let down = down.map(|(why, pause)| (why.to_owned(), pause));
    let mut verdict = Verdict { down: down.is_some(), up, later: None };
    let mut tx = pod.db.begin().await?;
    let (mut gone, mut payloads) = (Vec::new(), Vec::new());
    for (due, pushed) in ended {
        match pushed {
            Pushed::Accepted | Pushed::Hopeless(_) => {
                gone.push(due.id);
                payloads.push(due.payload_id);
            }
            // the message need not be why; where it is, the probe finds out
            Pushed::Unreachable(_) | Pushed::Busy(..) => {}
            Pushed::Refused(why) | Pushed::Failed(why) => match again(pod, &due, why) {
                Some(ended) => {
                    verdict.later = verdict.later.into_iter().chain([ended.retry_at]).min();
                    queue::refused(&mut tx, &ended).await?;
                }
                None => {
                    gone.push(due.id);
                    payloads.push(due.payload_id);
                }
            },
        }
    }
    settle(&mut tx, &gone, &payloads).await?;
    if let Some((why, pause)) = down {
        let retry_at = remote_pod::failed(pod, &mut tx, remote, &why, pause).await?;
        probe::enqueue(&mut tx, remote.id, retry_at, now).await?;
    } else if up && remote.last_seen_at.is_none_or(|seen| now > seen.plus(SEEN_EVERY)) {
        remote_pod::store::seen(&mut tx, remote.id, now).await?;
    }
    tx.commit().await?;
    Ok(verdict)
}

/// The pod is there, and yet it never has an answer for this one: one more try of it is used up.
pub(super) async fn blame(pod: &Pod, due: &Due) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    match again(pod, due, "the pod is there and gives this message no answer".into()) {
        Some(ended) => queue::refused(&mut tx, &ended).await.map(drop)?,
        None => settle(&mut tx, &[due.id], &[due.payload_id]).await?,
    }
    Ok(tx.commit().await?)
}

/// When a refused delivery is tried again; None when it is given up.
fn again(pod: &Pod, due: &Due, error: String) -> Option<Ended> {
    let attempts = due.attempts + 1;
    let [chance] = pod.random();
    let retry_at = pod.clock.now().plus(job::pause(attempts, chance));
    (attempts < ATTEMPTS).then_some(Ended { id: due.id, attempts, error, retry_at })
}

async fn settle(tx: &mut Tx, gone: &[DeliveryId], payloads: &[PayloadId]) -> db::Result<()> {
    if !gone.is_empty() {
        queue::done(tx, gone).await?;
        queue::drop_payloads(tx, payloads).await?;
    }
    Ok(())
}

/// Pushes one; if the pod takes it or says why not, the others, each recipient's in their order. After the
/// first that finds nobody there, no further one begins.
async fn push_all(pod: &Pod, remote: &RemotePod, batch: Vec<Due>) -> Result<Vec<(Due, Pushed)>> {
    let mut batch = batch.into_iter();
    let Some(first) = batch.next() else { return Ok(Vec::new()) };
    let pushed = push(pod, remote, &first).await?;
    let alone = pushed.down().is_some();
    let mut ended = vec![(first, pushed)];
    if alone {
        return Ok(ended);
    }
    let mut queues = BTreeMap::<_, Vec<Due>>::new();
    for due in batch {
        queues.entry(due.recipient_id).or_default().push(due);
    }
    let stop = AtomicBool::new(false);
    let queues = stream::iter(queues.into_values()).map(|queue| push_queue(pod, remote, queue, &stop));
    let mut queues = queues.buffer_unordered(IN_FLIGHT);
    while let Some(queue) = queues.next().await {
        ended.extend(queue?);
    }
    Ok(ended)
}

async fn push_queue(
    pod: &Pod,
    remote: &RemotePod,
    queue: Vec<Due>,
    stop: &AtomicBool,
) -> Result<Vec<(Due, Pushed)>> {
    let mut ended = Vec::with_capacity(queue.len());
    for due in queue {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let pushed = push(pod, remote, &due).await?;
        if pushed.down().is_some() {
            stop.store(true, Ordering::Relaxed);
        }
        ended.push((due, pushed));
    }
    Ok(ended)
}

/// For the log of what went where; messages that are alike are one event.
fn note(pod: &Pod, remote: &RemotePod, ended: &[(Due, Pushed)]) {
    let mut events = BTreeMap::<_, i64>::new();
    for (due, pushed) in ended {
        let Some(guid) = &due.entity_guid else { continue };
        let given_up =
            matches!(pushed, Pushed::Refused(_) | Pushed::Failed(_)) && due.attempts + 1 >= ATTEMPTS;
        let result = if given_up { "gave_up" } else { pushed.label() };
        *events.entry((&due.entity, guid, result, pushed.reason())).or_default() += 1;
    }
    for ((entity, guid, result, reason), messages) in events {
        pod.federation_log.note(Event {
            at: pod.clock.now(),
            direction: Direction::Out,
            entity: entity.clone(),
            guid: guid.clone(),
            host: remote.host.clone(),
            result: result.into(),
            reason: reason.map(str::to_owned),
            messages,
        });
    }
}
