//! The one engine of the process: its limits, the clock that interrupts guests, and the threads that
//! guests run on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use pappus_kernel::plugin::Manifest;
use tokio::{runtime::Runtime, sync::Semaphore};
use wasmtime::{Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Calls that run at once, over all plugins; the others wait. Bounds memory: each may grow to its limit.
const CALLS: usize = 24;
const SLOTS: u32 = 32;
const TICK: Duration = Duration::from_millis(1);
pub(crate) const MEMORY_LIMIT: usize = Manifest::MAX_MEMORY_MIB as usize * 1024 * 1024;
pub(crate) const TABLE_LIMIT: usize = 20_000;

/// Why no plugin can run on this machine.
#[derive(Debug)]
pub struct EngineError(String);

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "plugins cannot run here: {}", self.0)
    }
}

impl std::error::Error for EngineError {}

/// What all plugins share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) small_address_space: bool,
    pub(crate) calls: Arc<Semaphore>,
    ticker: Arc<Ticker>,
    /// Guests never run on the threads that serve sockets: one that yields again and again would starve
    /// their I/O. Taken out only by `drop`.
    runtime: Option<Runtime>,
}

impl Shared {
    pub(crate) fn start() -> Result<Self, EngineError> {
        let (engine, small_address_space) = match Engine::new(&config(false)) {
            Ok(engine) => (engine, false),
            Err(error) => {
                tracing::warn!(%error, "no room for the large address space, plugins take the small one: {error}");
                (Engine::new(&config(true)).map_err(|error| EngineError(error.to_string()))?, true)
            }
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(thread::available_parallelism().map_or(2, usize::from))
            .thread_name("plugins")
            .event_interval(4)
            .enable_time()
            .build()
            .map_err(|error| EngineError(error.to_string()))?;
        let ticker = Ticker::start(engine.weak()).map_err(|error| EngineError(error.to_string()))?;
        let calls = Arc::new(Semaphore::new(CALLS));
        Ok(Self { engine, small_address_space, calls, ticker, runtime: Some(runtime) })
    }

    /// Runs `work` on the plugin threads; `None` when it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        self.runtime.as_ref()?.spawn(work).await.ok()
    }

    /// Runs `work` beside them, where it may wait for disks and compilers.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        self.runtime.as_ref()?.spawn_blocking(work).await.ok()
    }

    /// The clock runs as long as somebody holds what this gives.
    pub(crate) fn ticking(&self) -> Ticking {
        Ticking::new(Arc::clone(&self.ticker))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.ticker.stopped.store(true, Ordering::Release);
        self.ticker.thread.unpark();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn config(small_address_space: bool) -> Config {
    // Where the kernel tells which pages a guest wrote, keeping them is cheap; elsewhere it is not.
    let scan = PoolingAllocationConfig::is_pagemap_scan_available();
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_core_instances(SLOTS * 8)
        .total_memories(SLOTS)
        .total_tables(SLOTS * 4)
        .total_stacks(SLOTS)
        .max_memory_size(MEMORY_LIMIT)
        .max_memories_per_component(1)
        .max_tables_per_component(20)
        .table_elements(TABLE_LIMIT)
        .max_core_instances_per_component(60)
        .max_core_instance_size(2 << 20)
        .max_component_instance_size(2 << 20)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(if scan { 1 << 20 } else { 64 << 10 })
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_memory64(false)
        .relaxed_simd_deterministic(true)
        .epoch_interruption(true)
        .concurrency_support(false)
        .max_wasm_stack(512 << 10)
        .async_stack_size(1 << 20)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    if small_address_space {
        config
            .memory_reservation(MEMORY_LIMIT as u64)
            .memory_guard_size(64 << 10)
            .guard_before_linear_memory(false);
    }
    config
}

/// Interrupts guests every millisecond, so that their budget is checked. An OS thread, since a timer of a
/// runtime stops with its runtime; asleep while no guest runs.
struct Ticker {
    thread: Thread,
    running: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Ticker {
    fn start(engine: EngineWeak) -> std::io::Result<Arc<Self>> {
        let (running, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (guests, stop) = (Arc::clone(&running), Arc::clone(&stopped));
        let tick = move || {
            while !stop.load(Ordering::Acquire) {
                if guests.load(Ordering::Acquire) == 0 {
                    thread::park();
                    continue;
                }
                thread::park_timeout(TICK);
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        };
        let thread = thread::Builder::new().name("plugin-clock".to_owned()).spawn(tick)?.thread().clone();
        Ok(Arc::new(Self { thread, running, stopped }))
    }
}

pub(crate) struct Ticking(Arc<Ticker>);

impl Ticking {
    fn new(ticker: Arc<Ticker>) -> Self {
        if ticker.running.fetch_add(1, Ordering::AcqRel) == 0 {
            ticker.thread.unpark();
        }
        Self(ticker)
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}
