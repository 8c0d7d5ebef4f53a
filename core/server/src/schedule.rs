//! What happens by the clock: plugins and settings that another process changed, sessions that ended, key
//! pairs that are missing, what the queue, the federation log and the archives keep no longer.
use crate::fetch::Outside;
use pappus_kernel::{Pod, Result, account, job, media, moving, plugin, process, remote_pod, setting};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Keeps the pod in order until `stop`.
pub async fn keep(pod: Arc<Pod>, outside: Arc<Outside>, stop: CancellationToken) {
    let mut seconds = tokio::time::interval(SECOND);
    let mut minutes = tokio::time::interval(MINUTE);
    let mut hours = tokio::time::interval(HOUR);
    loop {
        tokio::select! {
            () = stop.cancelled() => return report("take leave", process::leave(&pod).await),
            _ = seconds.tick() => {
                report("look for changed plugins", plugin::refresh(&pod).await);
                report("start what plugins do by the clock", plugin::schedule::start(&pod).await);
                report("say that this process lives", process::beat(&pod).await);
                report("look for changed settings", setting::reload(&pod).await);
                outside.introduce(pod.site().base_url.as_ref());
            }
            _ = minutes.tick() => {
                report("reckon when plugins are due", plugin::schedule::prepare(&pod).await);
            }
            _ = hours.tick() => {
                report("see to spare keys", account::key::ensure(&pod).await);
                report("remove ended sessions", account::session::sweep(&pod).await.map(drop));
                report("remove what plugins kept for a time", plugin::data::sweep(&pod).await);
                report("remove old archives", moving::sweep(&pod).await);
                report("remove photos that nobody published", media::sweep(&pod).await);
                report("forget old jobs that gave up", job::sweep_dead(&pod).await.map(drop));
                report("clean up after deliveries", remote_pod::sweep(&pod).await);
            }
        }
    }
}

fn report(what: &str, outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot {what}: {error}");
    }
}
