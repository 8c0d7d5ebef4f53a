//! `diaspora://` links in texts that came from elsewhere: what they name is fetched beside, so that a slow
//! or absent pod delays no message. Nothing depends on it, so it is tried once.
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
use pappus_federation::{entity::Kind, id::DiasporaUri};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Follows the links of one message, and those of what they lead to.
#[derive(Debug, Serialize, Deserialize)]
pub struct FollowLinks {
    links: Vec<String>,
    /// The pod whose people wrote them.
    #[serde(default)]
    by: Option<String>,
}

/// Queues it where there is anything to follow.
pub(super) async fn queue(pod: &Pod, links: Vec<DiasporaUri>, cause: &Cause) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let by = cause.host().map(str::to_owned);
    let job = FollowLinks { links: links.iter().map(ToString::to_string).collect(), by };
    let mut tx = pod.db.begin().await?;
    job::enqueue(&mut tx, &job, pod.clock.now()).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

impl Job for FollowLinks {
    const KIND: &'static str = "follow_links";
    const ATTEMPTS: i64 = 1;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let mut budget = Budget::of(Cause::later(self.by.as_deref()));
        budget.note(self.links.iter().flat_map(|link| DiasporaUri::scan(link)).collect());
        while let Some(link) = budget.next_link() {
            match Box::pin(follow(&pod, &link, &mut budget)).await {
                Ok(()) => {}
                Err(Stop::Spent) => break,
                Err(error) => tracing::debug!(%link, %error, "a link was not followed"),
            }
        }
        Ok(())
    }
}

async fn follow(pod: &Pod, link: &DiasporaUri, budget: &mut Budget) -> Result<(), Stop> {
    let kind = match link.entity.as_str() {
        "post" | "status_message" | "reshare" => Kind::Post,
        "comment" => Kind::Comment,
        "poll" => Kind::Poll,
        "event" => Kind::Event,
        _ => return Ok(()),
    };
    if find(pod, &kind, &link.guid).await?.is_some()
        || is_retracted(pod, &kind, &link.guid, &link.author, None).await?
    {
        return Ok(());
    }
    budget.fetch(pod, &kind, &link.guid, &link.author).await
}
