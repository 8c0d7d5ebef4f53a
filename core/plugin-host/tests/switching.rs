//! Plugins are switched on and off while the pod runs: on both sides of the change every call gets an
//! answer, and a plugin that cannot be loaded changes nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use common::{Packages, renderer, texts};
use pappus_kernel::{
    Parts, Pod, Timestamp,
    access::Admin,
    db::{Db, migrate},
    env::{Fetch, FetchError, FetchRequest, FetchResponse, TestClock, TestEntropy},
    plugin::{EnableError, PluginState, disable, enable, list, load_enabled, refresh},
    seal::Vault,
};

/// This pod is alone in the world.
struct Nobody;

#[async_trait]
impl Fetch for Nobody {
    async fn send(&self, _: FetchRequest) -> Result<FetchResponse, FetchError> {
        Err(FetchError::Network("nobody is there".to_owned()))
    }
}

async fn pod(packages: &Packages, database: &std::path::Path) -> Arc<Pod> {
    let db = Db::open_sqlite(database, 2).await.unwrap();
    migrate(&db).await.unwrap();
    let parts = Parts {
        media: pappus_kernel::media::Files::in_memory(),
        db,
        clock: Arc::new(TestClock::at(Timestamp(1_000_000))),
        entropy: Arc::new(TestEntropy::seeded(7)),
        fetch: Arc::new(Nobody),
        vault: Vault::new(&[7; 32]).unwrap(),
        plugin_host: Arc::new(packages.host()),
        base_url: None,
    };
    let pod = Pod::open(parts).await.unwrap();
    load_enabled(&pod).await.unwrap();
    pod
}

async fn html(pod: &Pod, text: &str) -> Option<String> {
    pod.plugins.render(texts(&[text])).await.pop().unwrap().map(|rendered| rendered.html)
}

async fn state(pod: &Pod, slug: &str) -> (PluginState, Option<String>) {
    let row = list(pod).await.unwrap().into_iter().find(|row| row.slug == slug).unwrap();
    (row.state, row.last_error)
}

#[tokio::test]
async fn a_plugin_goes_on_and_off_and_is_on_again_after_a_restart() {
    let packages = Packages::with(&[("guest", renderer("guest", ""))]);
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("pod.db");
    let running = pod(&packages, &database).await;
    assert_eq!(state(&running, "guest").await, (PluginState::Disabled, None));
    assert_eq!(html(&running, "hi").await, None);

    enable(&running, Admin::operator(), "guest", None).await.unwrap();
    assert_eq!(html(&running, "hi").await.as_deref(), Some("hi"));
    assert_eq!(state(&running, "guest").await, (PluginState::Enabled, None));
    let key = running.plugins.renderer_key().unwrap();

    disable(&running, Admin::operator(), "guest").await.unwrap();
    assert_eq!((html(&running, "hi").await, running.plugins.renderer_key()), (None, None));
    assert!(disable(&running, Admin::operator(), "guest").await.is_err(), "it is off already");

    enable(&running, Admin::operator(), "guest", None).await.unwrap();
    running.db.close().await;
    let again = pod(&packages, &database).await;
    assert_eq!(html(&again, "hi").await.as_deref(), Some("hi"));
    assert_eq!(again.plugins.renderer_key(), Some(key));
}

#[tokio::test]
async fn another_process_is_noticed() {
    let packages = Packages::with(&[("guest", renderer("guest", ""))]);
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("pod.db");
    let (one, other) = (pod(&packages, &database).await, pod(&packages, &database).await);
    enable(&one, Admin::operator(), "guest", None).await.unwrap();
    assert_eq!(html(&other, "hi").await, None);
    refresh(&other).await.unwrap();
    assert_eq!(html(&other, "hi").await.as_deref(), Some("hi"));
    disable(&one, Admin::operator(), "guest").await.unwrap();
    refresh(&other).await.unwrap();
    assert_eq!(html(&other, "hi").await, None);
}

#[tokio::test]
async fn a_broken_package_is_refused_with_its_reason_and_the_old_one_stays() {
    let packages = Packages::with(&[("guest", renderer("guest", "")), ("junk", b"junk".to_vec())]);
    let dir = tempfile::tempdir().unwrap();
    let running = pod(&packages, &dir.path().join("pod.db")).await;
    enable(&running, Admin::operator(), "guest", None).await.unwrap();

    for slug in ["junk", "nowhere", "../guest"] {
        let error = enable(&running, Admin::operator(), slug, None).await.unwrap_err();
        assert!(matches!(error, EnableError::Refused(_)), "{error}");
    }
    packages.put("guest", b"not even wasm");
    assert!(enable(&running, Admin::operator(), "guest", None).await.is_err());
    assert_eq!(html(&running, "hi").await.as_deref(), Some("hi"), "the one that was loaded runs on");
    let (state, error) = state(&running, "junk").await;
    assert_eq!(state, PluginState::Broken);
    assert!(error.unwrap().contains("not a working component"));
}

#[tokio::test]
async fn a_plugin_that_cannot_be_loaded_at_the_start_is_shown_and_the_pod_runs() {
    let packages = Packages::with(&[("guest", renderer("guest", ""))]);
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("pod.db");
    let first = pod(&packages, &database).await;
    enable(&first, Admin::operator(), "guest", None).await.unwrap();
    first.db.close().await;

    packages.put("guest", b"junk");
    let broken = pod(&packages, &database).await;
    assert_eq!(state(&broken, "guest").await.0, PluginState::Broken);
    assert_eq!(html(&broken, "hi").await, None);
    broken.db.close().await;

    packages.put("guest", &renderer("guest", common::TRAP));
    let newer = pod(&packages, &database).await;
    assert_eq!(
        html(&newer, "hi").await.as_deref(),
        Some("hi"),
        "a newer package that asks for no more just runs"
    );
}

#[tokio::test]
async fn a_plugin_that_keeps_failing_is_shown_as_failing() {
    let packages = Packages::with(&[("guest", renderer("guest", common::TRAP))]);
    let dir = tempfile::tempdir().unwrap();
    let running = pod(&packages, &dir.path().join("pod.db")).await;
    enable(&running, Admin::operator(), "guest", None).await.unwrap();
    for n in 0..5 {
        assert_eq!(html(&running, &format!("!{n}")).await, None);
    }
    let (state, error) = state(&running, "guest").await;
    assert_eq!(state, PluginState::Failing);
    assert!(error.unwrap().contains("it crashed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_lost_while_plugins_are_switched() {
    const SWITCHES: usize = 20;
    const CALLS: usize = 100;
    // Two renderers: the first by slug is in charge, so switching it on and off changes who answers.
    let packages = Packages::with(&[("a-one", renderer("a-one", "")), ("b-two", renderer("b-two", ""))]);
    let dir = tempfile::tempdir().unwrap();
    let running = pod(&packages, &dir.path().join("pod.db")).await;
    enable(&running, Admin::operator(), "b-two", None).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (running, stop) = (Arc::clone(&running), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut calls = 0;
                while !stop.load(Ordering::Relaxed) || calls < CALLS / 4 {
                    assert_eq!(html(&running, "hi").await.as_deref(), Some("hi"));
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    for _ in 0..SWITCHES / 2 {
        enable(&running, Admin::operator(), "a-one", None).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        disable(&running, Admin::operator(), "a-one").await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.unwrap();
    }
    assert!(calls >= CALLS, "{calls} calls");
}
