//! What plugins may ask of the pod, one file per capability. Each asks the kernel, in the name of the call's
//! [`Caller`](pappus_kernel::plugin::Caller); what is not granted is denied there.

mod clock;
mod federation_out;
mod jobs;
mod kv;
pub(crate) mod log;
mod notifications;
mod people;
mod random;
mod settings;

use pappus_kernel::plugin::{Caller, Capability, Refusal};

use crate::{bindings::types, call::Guest};

impl Guest {
    /// The call's caller, if this is granted.
    fn granted(&self, capability: Capability) -> Option<&Caller> {
        self.caller.as_ref().filter(|caller| caller.may(capability).is_ok())
    }

    /// Asks the kernel in the name of the call's caller.
    async fn asking<T: Send + 'static, F: Future<Output = Result<T, Refusal>> + Send + 'static>(
        &self,
        work: impl FnOnce(Caller) -> F,
    ) -> Result<T, Refusal> {
        let caller = self.caller.clone().ok_or(Refusal::Denied)?;
        self.outside(work(caller)).await
    }

    /// Runs what needs storage or the network on the pod's own threads: those of the plugins never hold a
    /// connection.
    async fn outside<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Some(main) = &self.main else { return Err(Refusal::Internal) };
        main.spawn(work).await.unwrap_or(Err(Refusal::Internal))
    }
}

fn failure(refusal: &Refusal) -> types::Failure {
    let code = match refusal {
        Refusal::Denied => types::ErrorCode::Denied,
        Refusal::NotFound => types::ErrorCode::NotFound,
        Refusal::Invalid(_) => types::ErrorCode::Invalid,
        Refusal::Conflict => types::ErrorCode::Conflict,
        Refusal::Quota(_) => types::ErrorCode::QuotaExceeded,
        Refusal::Internal => types::ErrorCode::Internal,
    };
    types::Failure { code, message: refusal.to_string(), retry_after_ms: None }
}
