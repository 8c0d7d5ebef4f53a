//! Other pods, what waits for them, and jobs that gave up.
use super::{Answer, Wrong};
use pappus_kernel::{
    Error, Pod,
    access::Admin,
    id::JobId,
    job,
    remote_pod::{self, Filter, Row, State},
};
use serde::Serialize;
use serde_json::json;

pub(super) async fn list(pod: &Pod, filter: &Filter) -> Result<Answer, Wrong> {
    let now = pod.clock.now();
    let rows = remote_pod::list(pod, Admin::operator(), filter).await?;
    let row = |row: Row| Stated { state: row.state(now), row };
    Ok(json!(rows.into_iter().map(row).collect::<Vec<_>>()))
}

pub(super) async fn show(pod: &Pod, host: &str) -> Result<Answer, Wrong> {
    let details = remote_pod::show(pod, Admin::operator(), host).await;
    Ok(json!(details.map_err(|error| unknown(error, host))?))
}

pub(super) async fn recheck(pod: &Pod, host: &str) -> Result<Answer, Wrong> {
    remote_pod::recheck(pod, Admin::operator(), host).await.map_err(|error| unknown(error, host))?;
    Ok(json!({ "host": host, "queued": true }))
}

pub(super) async fn jobs(pod: &Pod) -> Result<Answer, Wrong> {
    let backlog = async { job::backlog(&mut pod.db.read().await?).await }.await;
    let backlog = backlog.map_err(Error::from)?;
    Ok(json!({ "backlog": backlog, "gave_up": job::list_dead(pod, Admin::operator()).await? }))
}

/// A pod with its state spelled out.
#[derive(Serialize)]
struct Stated {
    state: State,
    #[serde(flatten)]
    row: Row,
}

fn unknown(error: Error, host: &str) -> Wrong {
    match error {
        Error::NotFound => Wrong::failed(format!("no pod at {host} is known here")),
        error => error.into(),
    }
}

pub(super) fn settled(id: Option<JobId>, done: &str, outcome: Result<u64, Error>) -> Result<Answer, Wrong> {
    match (outcome, id) {
        (Ok(count), _) => Ok(json!({ done: count })),
        (Err(Error::NotFound), Some(id)) => Err(Wrong::failed(format!("no job {id} gave up"))),
        (Err(error), _) => Err(error.into()),
    }
}
