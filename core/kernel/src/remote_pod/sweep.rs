//! What is not kept for ever: deliveries to pods that never came back, payloads that everybody has, old events, and
//! what was known of other pods' software.
use super::{ASLEEP_AFTER, log, software, store};
use crate::{Pod, Result, outbox};

/// Cleans up; run now and then.
pub async fn sweep(pod: &Pod) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    // as long again as it took to fall asleep
    let given_up = store::forget_deliveries(&mut tx, now.minus(ASLEEP_AFTER * 2)).await?;
    outbox::queue::sweep(&mut tx).await?;
    log::sweep(&mut tx, now).await?;
    software::ask_some(&mut tx, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    if given_up > 0 {
        tracing::info!("gave up {given_up} deliveries to pods that have been away for four weeks");
    }
    Ok(())
}
