//! A chain of references that goes on where one message is followed no further: a reshare of a reshare of a reshare.
//! The next part of it is fetched by a job of its own, and what waits for that comes again when all parts had their
//! time: the last one first.
use super::{
    fetch::Budget,
    gather::{find, is_retracted},
    places::Cause,
    stop::Stop,
};
use crate::{
    Pod, Result,
    job::{self, Failure, Job},
};
use pappus_federation::{
    entity::Kind,
    id::{DiasporaId, Guid},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// With three steps in each, the message's own among them, no peer reads longer chains than these.
const PARTS: u8 = 5;
/// Between the second tries of one part and of the one before it.
const APART: Duration = Duration::from_mins(1);

/// Where a chain goes on.
#[derive(Debug, Clone)]
pub(super) struct Beyond {
    pub kind: Kind,
    pub guid: Guid,
    pub from: DiasporaId,
    pub cause: Cause,
}

/// Fetches one part of a chain.
#[derive(Debug, Serialize, Deserialize)]
pub struct FollowChain {
    kind: String,
    guid: String,
    from: String,
    part: u8,
    /// It was tried, and waited for what is beyond.
    again: bool,
    /// The pod whose people sent what begins the chain.
    #[serde(default)]
    by: Option<String>,
}

/// Has the next part fetched, and `waiting`, which ends with the part of this number, come again after it.
pub(super) async fn go_on<J: Job>(
    pod: &Pod,
    waiting: &J,
    part: u8,
    beyond: &Beyond,
    why: String,
) -> Result<(), Failure> {
    let left = PARTS.saturating_sub(part);
    if left == 0 {
        return Err(Failure::Drop(why));
    }
    let next = FollowChain::of(beyond, part + 1);
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    job::enqueue(&mut tx, &next, now).await?;
    job::enqueue_at(&mut tx, waiting, None, now.plus(APART * u32::from(left)), now).await?;
    if job::end_in(&mut tx).await? {
        tx.commit().await?;
        pod.jobs_due.notify_one();
    }
    Ok(())
}

/// Has the next part fetched for something that this pod wants by itself, and asks for again.
pub(super) async fn fetch_next(pod: &Pod, beyond: &Beyond) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    job::enqueue(&mut tx, &FollowChain::of(beyond, 1), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

impl FollowChain {
    fn of(beyond: &Beyond, part: u8) -> Self {
        Self {
            kind: beyond.kind.as_str().to_owned(),
            guid: beyond.guid.to_string(),
            from: beyond.from.to_string(),
            part,
            again: false,
            by: beyond.cause.host().map(str::to_owned),
        }
    }
}

impl Job for FollowChain {
    const KIND: &'static str = "follow_chain";
    const ATTEMPTS: i64 = 1;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let kind = Kind::from(self.kind.as_str());
        let (Ok(guid), Ok(from)) = (self.guid.parse::<Guid>(), self.from.parse::<DiasporaId>()) else {
            return Ok(());
        };
        if find(&pod, &kind, &guid).await?.is_some() || is_retracted(&pod, &kind, &guid, &from, None).await? {
            return Ok(());
        }
        let outcome =
            Box::pin(Budget::of(Cause::later(self.by.as_deref())).fetch(&pod, &kind, &guid, &from)).await;
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Deep(beyond)) if !self.again => {
                let (part, why) = (self.part, Stop::Deep(beyond.clone()).to_string());
                go_on(&pod, &Self { again: true, ..self }, part, &beyond, why).await
            }
            // whoever waits for it says so
            Err(error) => Err(Failure::Drop(error.to_string())),
        }
    }
}
