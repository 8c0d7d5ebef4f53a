//! Jobs that gave up or crashed too often: kept, so that whoever runs the pod can see, repeat or drop them.
use super::store;
use crate::{
    Error, Pod, Result,
    access::Admin,
    id::{JobId, Timestamp},
};
use std::time::Duration;

/// They are kept for so long, and never more than so many.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);
const KEPT: i64 = 2000;

/// A job that is put aside. What it carries stays out of sight: it may be limited.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Dead {
    /// Its row.
    pub id: JobId,
    /// What it was to do.
    pub kind: String,
    /// `dead` (gave up) or `quarantined` (crashed too often).
    pub state: String,
    /// So often it failed.
    pub failures: i64,
    /// So often its worker died.
    pub crashes: i64,
    /// Why it failed the last time.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// Those put aside, the newest first.
pub async fn list_dead(pod: &Pod, _who: Admin) -> Result<Vec<Dead>> {
    Ok(store::dead(&mut pod.db.read().await?, 200).await?)
}

/// Tries one again, or all of them; says how many.
pub async fn retry_dead(pod: &Pod, _who: Admin, id: Option<JobId>) -> Result<u64> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    // a twin that waits already does it
    let twins = store::drop_dead_twins(&mut tx, id).await?;
    let retried = twins + store::revive(&mut tx, id, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    found(id, retried)
}

/// Throws one away, or all of them; says how many.
pub async fn drop_dead(pod: &Pod, _who: Admin, id: Option<JobId>) -> Result<u64> {
    let mut tx = pod.db.begin_durable().await?;
    let dropped = store::delete_dead(&mut tx, id).await?;
    tx.commit().await?;
    found(id, dropped)
}

fn found(id: Option<JobId>, rows: u64) -> Result<u64> {
    if id.is_some() && rows == 0 { Err(Error::NotFound) } else { Ok(rows) }
}

/// Forgets the oldest of them.
pub async fn sweep_dead(pod: &Pod) -> Result<u64> {
    let before = pod.clock.now().minus(KEPT_FOR);
    let mut tx = pod.db.begin().await?;
    let swept = store::sweep_dead(&mut tx, before, KEPT).await?;
    tx.commit().await?;
    Ok(swept)
}
