//! Asks a pod now whether it is there, whatever its pause says.
use super::store;
use crate::{Error, Pod, Result, access::Admin, outbox};

/// Queues the try; what waits goes when it succeeds.
pub async fn recheck(pod: &Pod, _who: Admin, host: &str) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let found = store::find_by_host(&mut tx, &host.trim().to_lowercase()).await?;
    let remote = found.ok_or(Error::NotFound)?;
    store::try_now(&mut tx, remote.id).await?;
    outbox::enqueue_probe(&mut tx, remote.id, now, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}
