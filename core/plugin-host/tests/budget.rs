//! What a runaway plugin costs, in processor time of the whole process: hence alone in its file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{BUDGET_MS, Packages, load, renderer, texts};
use rustix::time::{ClockId, clock_gettime};

fn process_cpu_ms() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec).unwrap() * 1000 + u64::try_from(time.tv_nsec).unwrap() / 1_000_000
}

#[tokio::test]
async fn a_loop_costs_at_most_three_budgets() {
    const RUNS: u64 = 5;
    let packages = Packages::with(&[("guest", renderer("guest", common::LOOP))]);
    let host = packages.host();
    let plugin = load(&host, "guest").await;
    let before = process_cpu_ms();
    for _ in 0..RUNS {
        plugin.render(&texts(&["!"])).await.unwrap_err();
    }
    let used = process_cpu_ms() - before;
    assert!(used >= RUNS * BUDGET_MS, "the budget is processor time, and it is given in full: {used} ms");
    assert!(used <= RUNS * BUDGET_MS * 3, "{used} ms");
}
