//! The capability `jobs`: work that a plugin puts on the pod's queue for itself.
use pappus_kernel::plugin::jobs as kernel;

use crate::{
    bindings::{jobs, types},
    call::Guest,
    host::failure,
};

impl jobs::Host for Guest {
    async fn enqueue(
        &mut self,
        specs: Vec<jobs::Spec>,
    ) -> wasmtime::Result<Result<Vec<u64>, types::Failure>> {
        let spec = |spec: jobs::Spec| kernel::Spec {
            kind: spec.kind,
            payload: spec.payload,
            run_at: spec.run_at,
            dedupe_key: spec.dedupe_key,
            max_attempts: spec.max_attempts,
        };
        let specs: Vec<kernel::Spec> = specs.into_iter().map(spec).collect();
        let queued = self.asking(move |caller| async move { kernel::enqueue(&caller, specs).await }).await;
        let number = |id: i64| u64::try_from(id).unwrap_or(0);
        Ok(queued.map(|ids| ids.into_iter().map(number).collect()).map_err(|refusal| failure(&refusal)))
    }

    async fn cancel(&mut self, dedupe_key: String) -> wasmtime::Result<Result<u32, types::Failure>> {
        let cancel = self.asking(move |caller| async move { kernel::cancel(&caller, &dedupe_key).await });
        Ok(cancel.await.map_err(|refusal| failure(&refusal)))
    }
}
