//! A plugin can be wrong without the pod being wrong: each mischief costs its own result only.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]

mod common;

use common::{BUDGET_MS, Packages, html, load, renderer, texts};
use pappus_kernel::plugin::PluginError;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Calls the mischief five times, with good calls between; gives the last error.
async fn suffer(mischief: &str) -> PluginError {
    let packages = Packages::with(&[("guest", renderer("guest", mischief))]);
    let host = packages.host();
    let plugin = load(&host, "guest").await;
    let mut last = None;
    for _ in 0..5 {
        last = Some(plugin.render(&texts(&["!", "other"])).await.unwrap_err());
        let good = plugin.render(&texts(&["good", "ünd"])).await.unwrap();
        assert_eq!(html(&good), ["good", "ünd"], "after {last:?}");
    }
    last.unwrap()
}

#[tokio::test]
async fn a_guest_that_loops_is_stopped() {
    assert_eq!(suffer(common::LOOP).await, PluginError::Budget(Duration::from_millis(BUDGET_MS)));
}

#[tokio::test]
async fn a_guest_that_traps_loses_its_answer() {
    assert!(matches!(suffer(common::TRAP).await, PluginError::Trap(_)));
}

#[tokio::test]
async fn a_guest_that_eats_memory_is_refused_more() {
    assert_eq!(suffer(common::EAT_MEMORY).await, PluginError::Memory(16 * 1024 * 1024));
}

#[tokio::test]
async fn a_guest_that_recurses_for_ever_is_stopped() {
    assert!(matches!(suffer(common::RECURSE).await, PluginError::Trap(_)));
}

#[tokio::test]
async fn an_answer_of_ten_megabytes_is_refused() {
    assert_eq!(suffer(common::TEN_MEGABYTES).await, PluginError::Answer("it is larger than 4 MiB".into()));
}

#[tokio::test]
async fn a_single_text_that_is_too_long_is_refused() {
    // One answer for two texts would be refused as well, so this one is asked for a single text.
    let packages = Packages::with(&[("guest", renderer("guest", common::LONG_HTML))]);
    let host = packages.host();
    let plugin = load(&host, "guest").await;
    let error = plugin.render(&texts(&["!"])).await.unwrap_err();
    assert_eq!(error, PluginError::Answer("a text of more than 256 KiB".into()));
    assert_eq!(html(&plugin.render(&texts(&["good"])).await.unwrap()), ["good"]);
}

#[tokio::test]
async fn an_answer_of_the_wrong_length_is_refused() {
    assert_eq!(suffer(common::TOO_FEW).await, PluginError::Answer("0 texts for 2".into()));
    assert_eq!(suffer(common::TOO_MANY).await, PluginError::Answer("3 texts for 2".into()));
}

#[tokio::test]
async fn an_answer_that_lies_about_its_memory_is_refused() {
    for mischief in [common::LYING_LENGTH, common::ENDLESS_LIST, common::NOT_UTF8] {
        let error = suffer(mischief).await;
        assert!(matches!(error, PluginError::Trap(_) | PluginError::Answer(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_flood_of_log_lines_is_dropped() {
    let manifest = common::manifest("guest", "[capabilities]\nlog = { why = \"to flood it\" }");
    let guest =
        common::component("renderer", &common::frame(common::LOG_IMPORT, common::LOG_FLOOD), &manifest);
    let packages = Packages::with(&[("guest", guest)]);
    let host = packages.host();
    let plugin = load(&host, "guest").await;
    // Within its budget or not: the host goes on.
    let _ = plugin.render(&texts(&["!"])).await;
    assert_eq!(html(&plugin.render(&texts(&["good"])).await.unwrap()), ["good"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_some_guests_loop_every_call_of_the_others_succeeds() {
    const GOOD: usize = 200;
    let packages = Packages::with(&[("bad", renderer("bad", common::LOOP)), ("good", renderer("good", ""))]);
    let host = Arc::new(packages.host());
    let (bad, good) = (load(&host, "bad").await, load(&host, "good").await);
    let (stop, stopped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let loops: Vec<_> = (0..4)
        .map(|_| {
            let (bad, stop, stopped) = (Arc::clone(&bad), Arc::clone(&stop), Arc::clone(&stopped));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let error = bad.render(&texts(&["!"])).await.unwrap_err();
                    assert!(matches!(error, PluginError::Budget(_) | PluginError::Deadline(_)), "{error:?}");
                    stopped.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let mut succeeded = 0;
    while succeeded < GOOD || stopped.load(Ordering::Relaxed) < 8 {
        assert_eq!(html(&good.render(&texts(&["good"])).await.unwrap()), ["good"]);
        succeeded += 1;
    }
    stop.store(true, Ordering::Relaxed);
    for one in loops {
        one.await.unwrap();
    }
    assert!(succeeded >= GOOD && stopped.load(Ordering::Relaxed) >= 8);
}

#[tokio::test]
async fn callers_beyond_the_queue_are_sent_away() {
    let packages = Packages::with(&[("guest", renderer("guest", common::LOOP))]);
    let host = packages.host();
    let plugin = load(&host, "guest").await;
    let calls: Vec<_> = (0..60)
        .map(|_| {
            let plugin = Arc::clone(&plugin);
            tokio::spawn(async move { plugin.render(&texts(&["!"])).await.unwrap_err() })
        })
        .collect();
    let mut busy = 0;
    for call in calls {
        busy += usize::from(call.await.unwrap() == PluginError::Busy);
    }
    assert!(busy >= 10, "8 run and 32 wait, so most of the other 20 are sent away: {busy}");
    assert_eq!(html(&plugin.render(&texts(&["good"])).await.unwrap()), ["good"]);
}
