//! One call into a plugin: a fresh store with limits, a budget of processor time, and an answer to the
//! question which limit it was.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use pappus_kernel::plugin::{Caller, Hook, PluginError};
use rustix::time::{ClockId, clock_gettime};
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit, time::Instant};
use tracing::Instrument as _;
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};

use crate::{component::Loaded, engine::TABLE_LIMIT, host::log::LogQuota};

/// What a guest may hand over in one call: arguments of host functions and its answer.
const HANDED_OVER: usize = 4 * 1024 * 1024;
/// A call that is not even given its processor time within this many budgets is given up.
const WALL_FACTOR: u32 = 10;
const WALL_LEAST: Duration = Duration::from_secs(2);
/// Callers that wait for one plugin; the next one is sent away.
const WAITING: usize = 32;

/// The state that belongs to one instance.
pub(crate) struct Guest {
    pub(crate) plugin: Arc<str>,
    pub(crate) log: Arc<LogQuota>,
    /// On whose behalf; none where the plugin can ask for nothing.
    pub(crate) caller: Option<Caller>,
    /// The runtime of the pod, for what needs storage.
    pub(crate) main: Option<Handle>,
    pub(crate) since: Instant,
    limits: Limits,
}

/// Refuses growth, and remembers it: the crash that follows is then called by its name.
#[derive(Debug)]
pub(crate) struct Limits {
    memory: usize,
    refused: bool,
}

impl Limits {
    pub(crate) fn new(memory: usize) -> Self {
        Self { memory, refused: false }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, _now: usize, desired: usize, _max: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.memory;
        self.refused |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, _now: usize, desired: usize, _max: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_LIMIT)
    }
}

/// Processor time of one call, summed over the threads that it ran on.
#[derive(Debug, Default)]
struct Meter {
    used: AtomicU64,
    began: AtomicU64,
    spent: AtomicBool,
}

impl Meter {
    fn now() -> u64 {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
    }

    fn total(&self) -> u64 {
        let began = self.began.load(Ordering::Relaxed);
        self.used.load(Ordering::Relaxed) + Self::now().saturating_sub(began)
    }

    /// Runs `future`, counting only while it is being polled.
    async fn measure<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        std::future::poll_fn(|context| {
            let began = Self::now();
            self.began.store(began, Ordering::Relaxed);
            let poll = future.as_mut().poll(context);
            self.used.fetch_add(Self::now().saturating_sub(began), Ordering::Relaxed);
            poll
        })
        .await
    }
}

pub(crate) type Work<'s, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 's>>;

impl Loaded {
    /// Calls into a fresh instance on the plugin threads.
    pub(crate) async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        hook: Hook,
        caller: Option<Caller>,
        work: impl for<'s> FnOnce(&'s mut Store<Guest>) -> Work<'s, T> + Send + 'static,
    ) -> Result<T, PluginError> {
        let plugin = Arc::clone(self);
        let main = Handle::try_current().ok();
        let (slug, version) = (self.manifest.slug.as_str(), self.manifest.version.as_str());
        let span = tracing::info_span!("plugin.call", plugin.name = slug, plugin.version = version, %hook);
        let call = async move { plugin.call_here(hook, (caller, main), work).await }.instrument(span);
        self.shared.run(call).await.unwrap_or_else(|| Err(PluginError::Trap("the host failed".to_owned())))
    }

    async fn call_here<T>(
        self: &Arc<Self>,
        hook: Hook,
        asking: (Option<Caller>, Option<Handle>),
        work: impl for<'s> FnOnce(&'s mut Store<Guest>) -> Work<'s, T> + Send,
    ) -> Result<T, PluginError> {
        let _places = self.places().await?;
        let budget = self.manifest.limits(hook).budget;
        let meter = Arc::new(Meter::default());
        let mut store = self.store(budget, &meter, asking);
        let ticking = self.shared.ticking();
        let wall = (budget * WALL_FACTOR).max(WALL_LEAST);
        let outcome = tokio::time::timeout(wall, meter.measure(work(&mut store))).await;
        drop(ticking);
        let used = Duration::from_nanos(meter.used.load(Ordering::Relaxed));
        metrics::histogram!("plugin_cpu_seconds", "plugin" => self.manifest.slug.to_string(), "hook" => hook.name())
            .record(used.as_secs_f64());
        match outcome {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(why(&error, &meter, store.data(), budget)),
            Err(_) => Err(PluginError::Deadline(wall)),
        }
    }

    /// A place among this plugin's calls, then one among all calls.
    async fn places(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), PluginError> {
        let place = if let Ok(place) = Arc::clone(&self.calls).try_acquire_owned() {
            place
        } else {
            let _waiting = Waiting::new(&self.waiting).ok_or(PluginError::Busy)?;
            Arc::clone(&self.calls).acquire_owned().await.map_err(|_| PluginError::Busy)?
        };
        let slot = Arc::clone(&self.shared.calls).acquire_owned().await.map_err(|_| PluginError::Busy)?;
        Ok((place, slot))
    }

    fn store(
        &self,
        budget: Duration,
        meter: &Arc<Meter>,
        (caller, main): (Option<Caller>, Option<Handle>),
    ) -> Store<Guest> {
        let guest = Guest {
            plugin: self.manifest.slug.as_str().into(),
            log: Arc::clone(&self.log),
            caller,
            main,
            since: Instant::now(),
            limits: Limits::new(self.manifest.memory_mib as usize * 1024 * 1024),
        };
        let mut store = Store::new(&self.shared.engine, guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_hostcall_fuel(HANDED_OVER);
        // From here on, instantiation included, each tick compares what was used with the budget.
        store.set_epoch_deadline(1);
        let meter = Arc::clone(meter);
        let budget = u64::try_from(budget.as_nanos()).unwrap_or(u64::MAX);
        store.epoch_deadline_callback(move |_| {
            if meter.total() <= budget {
                return Ok(UpdateDeadline::Yield(1));
            }
            meter.spent.store(true, Ordering::Relaxed);
            Ok(UpdateDeadline::Interrupt)
        });
        store
    }
}

/// Which limit it was, or what else.
fn why(error: &wasmtime::Error, meter: &Meter, guest: &Guest, budget: Duration) -> PluginError {
    let reason: String = error.root_cause().to_string().chars().take(300).collect();
    if meter.spent.load(Ordering::Relaxed) {
        PluginError::Budget(budget)
    } else if guest.limits.refused {
        PluginError::Memory(guest.limits.memory)
    } else if reason.contains("fuel allocated for hostcalls") {
        PluginError::Answer(format!("it is larger than {} MiB", HANDED_OVER / (1024 * 1024)))
    } else {
        PluginError::Trap(reason)
    }
}

/// Counts a waiting caller for as long as it waits.
struct Waiting<'p>(&'p AtomicUsize);

impl<'p> Waiting<'p> {
    fn new(waiting: &'p AtomicUsize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let counted = Self(waiting);
        (before < WAITING).then_some(counted)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
