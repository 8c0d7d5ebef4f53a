//! What runs on other pods, as their NodeInfo says. Nearly everything is the same to all; Friendica drops some of what
//! comes publicly.
use super::{is_shut_out, store};
use crate::{
    Error, Pod, Result,
    db::{self, Conn, Tx},
    env::FetchRequest,
    id::{RemotePodId, Timestamp},
    job::{self, Failure, Job, Lane, New},
};
use pappus_federation::discovery::nodeinfo::{self, Software};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long an answer is good for; who moves to other software keeps no old habits for longer.
const GOOD_FOR: Duration = Duration::from_hours(14 * 24);
/// Pods that are asked after one look at the clock.
const AT_ONCE: i64 = 200;
const LONGEST: usize = 64 * 1024;
const LONGEST_NAME: usize = 64;

/// Asks one pod what it runs.
#[derive(Debug, Serialize, Deserialize)]
pub struct LearnSoftware {
    remote_pod: RemotePodId,
}

/// Queues the question to pods that were not asked lately and answer.
pub(super) async fn ask_some(tx: &mut Tx, now: Timestamp) -> db::Result<()> {
    let mut due = store::begin_asking_software(tx, now.minus(GOOD_FOR), now, AT_ONCE).await?;
    due.sort_unstable();
    let new = |remote_pod: RemotePodId| New {
        job: LearnSoftware { remote_pod },
        key: remote_pod.to_string(),
        run_at: now,
    };
    job::enqueue_all(tx, due.into_iter().map(new).collect(), now).await
}

/// Those of some pods that take a person's own news only privately: from a profile and from the word of a move
/// that come publicly Friendica learns nothing.
pub(crate) async fn deaf(
    conn: &mut Conn,
    entity: &str,
    pods: &[RemotePodId],
) -> db::Result<Vec<RemotePodId>> {
    if !matches!(entity, "profile" | "account_migration") {
        return Ok(Vec::new());
    }
    store::running(conn, "friendica", pods).await
}

impl Job for LearnSoftware {
    const KIND: &'static str = "learn_software";
    const ATTEMPTS: i64 = 2;
    const LANE: Lane = Lane::Probe;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let remote = store::find(&mut pod.db.read().await?, self.remote_pod).await?;
        let Some(remote) = remote else { return Ok(()) };
        if is_shut_out(&pod, &remote).await? || remote.retry_at > pod.clock.now() {
            return Ok(());
        }
        let Some(name) = name(&pod, &remote.base_url).await? else { return Ok(()) };
        let mut tx = pod.db.begin().await?;
        store::note_software(&mut tx, remote.id, &name).await?;
        Ok(tx.commit().await?)
    }
}

/// In small letters; none where the pod does not say.
async fn name(pod: &Pod, base: &str) -> Result<Option<String>> {
    let base = Url::parse(base).map_err(Error::internal)?;
    let links = base.join(".well-known/nodeinfo").map_err(Error::internal)?;
    let Some(links) = get(pod, links).await? else { return Ok(None) };
    let document = nodeinfo::newest_link(&links).and_then(|link| base.join(&link).ok());
    // what a pod is, it says itself
    let Some(document) = document.filter(|url| url.origin() == base.origin()) else { return Ok(None) };
    let Some(document) = get(pod, document).await? else { return Ok(None) };
    let name = Software::read(&document).ok().map(|software| software.name.trim().to_lowercase());
    Ok(name.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains('\0')))
}

async fn get(pod: &Pod, url: Url) -> Result<Option<Vec<u8>>> {
    let answer = pod.fetch.send(FetchRequest::get(url, "application/json", LONGEST)).await;
    let answer = answer.map_err(|error| Error::Remote(error.to_string()))?;
    Ok(answer.is_success().then_some(answer.body))
}
