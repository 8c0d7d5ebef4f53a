//! Work in the background: the hook `job-runner`, and what a plugin puts on the pod's queue for itself.
pub use crate::bindings::{
    capabilities::pappus::plugin::jobs::Spec,
    job_runner::exports::pappus::plugin::job_runner::{Job, Outcome},
};
use crate::{CallContext, Failure};

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::pappus::plugin::jobs as pod;
#[cfg(not(target_arch = "wasm32"))]
use nothing as pod;

/// Work that comes by the clock (`[[schedule]]` in `plugin.toml`) or that the plugin asked for.
pub trait JobRunner {
    /// Does it. It may be done twice, so it must be safe to repeat; after a failure it is tried again later. The payload
    /// of a member's own schedule is `{"user": <number>}`, and the context has that member's language and zone.
    fn run(context: &CallContext, job: &Job) -> Result<Outcome, Failure>;
}

/// Work to be done at once, tried ten times.
#[must_use]
pub fn spec(kind: &str, payload: String) -> Spec {
    Spec { kind: kind.to_owned(), payload, run_at: None, dedupe_key: None, max_attempts: 10 }
}

/// Puts work on the queue, at most a hundred pieces; the n-th number is of the n-th piece, or of the one that waited
/// under its key already.
pub fn enqueue(specs: &[Spec]) -> Result<Vec<u64>, Failure> {
    pod::enqueue(specs)
}

/// Takes what waits under this key off the queue; how many that were.
pub fn cancel(dedupe_key: &str) -> Result<u32, Failure> {
    pod::cancel(dedupe_key)
}

#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
mod nothing {
    use super::{Failure, Spec};

    pub(super) fn enqueue(specs: &[Spec]) -> Result<Vec<u64>, Failure> {
        Ok((1..).take(specs.len()).collect())
    }

    pub(super) const fn cancel(_: &str) -> Result<u32, Failure> {
        Ok(0)
    }
}

/// Offers the hook `job-runner` with a type that implements [`JobRunner`].
#[macro_export]
macro_rules! job_runner {
    ($runner:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use bindings::exports::pappus::plugin::job_runner::{Guest, Job, Outcome};
            use $crate::bindings::job_runner as bindings;

            struct Component;

            impl Guest for Component {
                fn run(context: $crate::CallContext, job: Job) -> Result<Outcome, $crate::Failure> {
                    <$runner as $crate::JobRunner>::run(&context, &job)
                }
            }

    bindings::export_job_runner!(Component with_types_in bindings);
        };
    };
}
