//! Other pods as this one has met them: where they are, whether they answer, and when to try again.
pub(crate) mod store;

use crate::{
    Pod, Result,
    access::Admin,
    id::{RemotePodId, Timestamp},
    job,
};

/// A pod that failed for so long without a break is asleep: nothing is sent to it until it is heard of.
pub const ASLEEP_AFTER: std::time::Duration = std::time::Duration::from_hours(14 * 24);

/// Another pod.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RemotePod {
    /// Its row.
    pub id: RemotePodId,
    /// What its people's diaspora* IDs end in.
    pub host: String,
    /// Where it is, ending in a slash.
    pub base_url: String,
    /// Since when every try failed; none while it answers.
    pub offline_since: Option<Timestamp>,
    /// Failures without a break.
    pub failures: i64,
    /// No delivery before.
    pub retry_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it last sent something or answered.
    pub last_seen_at: Option<Timestamp>,
}

/// Another pod with what waits for it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// Its host.
    pub host: String,
    /// Since when every try failed.
    pub offline_since: Option<Timestamp>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it last sent something or answered.
    pub last_seen_at: Option<Timestamp>,
    /// Known people there.
    pub people: i64,
    /// Deliveries that wait.
    pub waiting: i64,
}

/// Known pods, those with trouble first.
pub async fn list(pod: &Pod, _who: Admin) -> Result<Vec<Row>> {
    Ok(store::list(&mut pod.db.read().await?).await?)
}

/// A sign of life: failures are forgotten and what waits may go at once.
pub(crate) async fn heard_of(pod: &Pod, id: RemotePodId) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    store::succeeded(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Counts a failed try and says when the next one may be.
pub(crate) async fn failed(pod: &Pod, remote: &RemotePod, error: &str) -> Result<Timestamp> {
    let now = pod.clock.now();
    let failures = remote.failures + 1;
    let [chance] = pod.random();
    let retry_at = now.plus(job::pause(failures, chance));
    let mut tx = pod.db.begin().await?;
    store::failed(&mut tx, remote.id, failures, retry_at, error, now).await?;
    tx.commit().await?;
    Ok(retry_at)
}
