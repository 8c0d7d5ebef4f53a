//! The processes of one pod. Several may serve from one PostgreSQL; each says every second that it lives and
//! which set of plugins it runs, so that a switch can wait until all of them have it.
mod store;

use crate::{Pod, Result};
use std::time::Duration;

/// Who has said nothing for so long is gone.
const GONE_AFTER: Duration = Duration::from_secs(5);
/// How often, and how many times, a switch looks whether everybody has it.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 80;

/// Says that this process lives, with the plugins that it runs now. Only on PostgreSQL: on SQLite there is one.
pub async fn beat(pod: &Pod) -> Result<()> {
    if !pod.db.is_shared() {
        return Ok(());
    }
    let mut tx = pod.db.begin().await?;
    store::beat(&mut tx, &pod.process, pod.plugins.generation(), pod.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Says that this process goes.
pub async fn leave(pod: &Pod) -> Result<()> {
    if !pod.db.is_shared() {
        return Ok(());
    }
    let mut tx = pod.db.begin().await?;
    store::leave(&mut tx, &pod.process, pod.clock.now().minus(GONE_AFTER)).await?;
    Ok(tx.commit().await?)
}

/// Returns when every living process runs the plugins that this one runs. One that lives and does not follow
/// costs a line in the log, not the admin's answer.
pub(crate) async fn await_plugins(pod: &Pod) -> Result<()> {
    if !pod.db.is_shared() {
        return Ok(());
    }
    let generation = pod.plugins.generation();
    for _ in 0..LOOKS {
        let since = pod.clock.now().minus(GONE_AFTER);
        let behind = store::behind(&mut pod.db.read().await?, &pod.process, generation, since).await?;
        if behind == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    tracing::warn!(generation, "another process of this pod has not taken over the change of plugins yet");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Parts,
        env::TestEntropy,
        plugin::NoPlugins,
        seal::Vault,
        testing::{NoFetch, Place, TestPod},
    };
    use std::{cell::Cell, sync::Arc};

    async fn another(pod: &TestPod, seed: u64) -> Arc<Pod> {
        let parts = Parts {
            db: pod.db.clone(),
            clock: pod.clock.clone(),
            entropy: Arc::new(TestEntropy::seeded(seed)),
            fetch: Arc::new(NoFetch),
            vault: Vault::new(&[7; 32]).unwrap(),
            media: pod.media.clone(),
            plugin_host: Arc::new(NoPlugins),
            base_url: Some("https://pod.test/".parse().unwrap()),
        };
        Pod::open(parts).await.unwrap()
    }

    async fn behind(pod: &Pod) -> i64 {
        let since = pod.clock.now().minus(GONE_AFTER);
        let mut conn = pod.db.read().await.unwrap();
        store::behind(&mut conn, &pod.process, pod.plugins.generation(), since).await.unwrap()
    }

    #[tokio::test]
    async fn a_switch_waits_for_every_living_process() {
        let Some(place) = Place::postgres().await else { return };
        let one = TestPod::new(place).await;
        let other = another(&one, 98).await;
        beat(&one).await.unwrap();
        beat(&other).await.unwrap();
        one.plugins.replace(1, vec![]);
        assert_eq!(behind(&one).await, 1);
        let switched = Cell::new(false);
        let switch = async {
            await_plugins(&one).await.unwrap();
            switched.set(true);
        };
        let follow = async {
            tokio::time::sleep(LOOK_EVERY * 3).await;
            assert!(!switched.get(), "the other process has not followed yet");
            other.plugins.replace(1, vec![]);
            beat(&other).await.unwrap();
        };
        tokio::join!(switch, follow);
        assert_eq!(behind(&one).await, 0);
    }

    #[tokio::test]
    async fn a_process_that_went_or_died_is_not_waited_for() {
        let Some(place) = Place::postgres().await else { return };
        let one = TestPod::new(place).await;
        let (gone, dead) = (another(&one, 98).await, another(&one, 99).await);
        beat(&gone).await.unwrap();
        one.plugins.replace(1, vec![]);
        assert_eq!(behind(&one).await, 1);
        leave(&gone).await.unwrap();
        assert_eq!(behind(&one).await, 0);
        beat(&dead).await.unwrap();
        assert_eq!(behind(&one).await, 1);
        one.clock.advance(GONE_AFTER + Duration::from_secs(1));
        assert_eq!(behind(&one).await, 0);
    }
}
