//! The queue: what it promises when work fails, repeats or its worker dies. On both databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use pappus_kernel::{
    account::key,
    env::Clock as _,
    inbox,
    job::{self, Backlog},
    sql,
    testing::on_both,
};
use std::{sync::Arc, time::Duration};

async fn backlog(pod: &pappus_kernel::Pod) -> Vec<(String, String, i64)> {
    let rows = job::backlog(&mut pod.db.read().await.unwrap()).await.unwrap();
    rows.into_iter().map(|Backlog { kind, state, count, .. }| (kind, state, count)).collect()
}

#[tokio::test]
async fn a_job_that_is_wanted_once_waits_once_and_fills_the_spare_keys() {
    on_both(async |pod| {
        for _ in 0..5 {
            key::ensure(&pod).await.unwrap();
        }
        assert_eq!(backlog(&pod).await, [("fill_spare_keys".into(), "waiting".into(), 1)]);
        assert_eq!(job::run_due(&pod.pod).await.unwrap(), 1);
        assert_eq!(backlog(&pod).await, []);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM spare_keys")).await, 3);
        key::ensure(&pod).await.unwrap();
        assert_eq!(job::run_due(&pod.pod).await.unwrap(), 1);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM spare_keys")).await, 3, "enough is enough");
    })
    .await;
}

#[tokio::test]
async fn a_job_that_kills_its_worker_five_times_is_put_aside() {
    on_both(async |pod| {
        inbox::accept_public(&pod, b"not an envelope".to_vec()).await.unwrap();
        let died =
            sql!("UPDATE jobs SET state = 'running', lease_token = 'dead', lease_until = 0, crashes = 4");
        pod.run(died).await;
        assert_eq!(job::run_due(&pod.pod).await.unwrap(), 0, "the fifth crash puts it aside");
        assert_eq!(backlog(&pod).await, [("receive".into(), "quarantined".into(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_lost_lease_is_taken_up_by_the_next_worker() {
    on_both(async |pod| {
        inbox::accept_public(&pod, b"not an envelope".to_vec()).await.unwrap();
        pod.run(sql!("UPDATE jobs SET state = 'running', lease_token = 'dead', lease_until = 0")).await;
        assert_eq!(job::run_due(&pod.pod).await.unwrap(), 1);
        assert_eq!(backlog(&pod).await, [], "it ran, and a message that is no envelope is dropped");
    })
    .await;
}

#[tokio::test]
async fn a_stopping_worker_ends_and_leaves_no_lease_behind() {
    on_both(async |pod| {
        for _ in 0..20 {
            inbox::accept_public(&pod, b"not an envelope".to_vec()).await.unwrap();
        }
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let worker = pod.tasks.spawn(job::work(Arc::clone(&pod.pod), async {
            let _ = stopped.await;
        }));
        while pod.count(sql!("SELECT COUNT(*) FROM jobs WHERE state = 'waiting'")).await == 20 {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
        worker.await.unwrap();
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM jobs WHERE state = 'running'")).await, 0);
        let left = pod.count(sql!("SELECT COUNT(*) FROM jobs")).await;
        assert!(left < 20, "it had begun");
        assert_eq!(job::run_due(&pod.pod).await.unwrap(), usize::try_from(left).unwrap());
    })
    .await;
}

#[tokio::test]
async fn pauses_grow_as_the_reference_says() {
    on_both(async |pod| {
        assert_eq!(job::pause(1, 0), Duration::from_secs(256));
        assert_eq!(job::pause(2, 0), Duration::from_secs(625));
        assert!(job::pause(2, 255) > job::pause(2, 0));
        assert!(job::pause(1000, 255) < Duration::from_hours(24 * 14));
        assert!(pod.clock.now().0 > 0);
    })
    .await;
}
