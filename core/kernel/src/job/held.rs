//! The job that runs: what it does and its end can be one transaction, so that it is done once even where its
//! worker is killed right after, or lost the lease and another has done it.
use super::{Failure, Stage, settle, store};
use crate::{
    db::{self, Tx},
    id::JobId,
};

tokio::task_local! {
    static HELD: Held;
}

struct Held {
    id: JobId,
    token: String,
    kind: String,
    failures: i64,
}

/// Lets `work` be what the leased job does.
pub(super) fn holding<W: Future>(
    job: &store::Claimed,
    token: &str,
    work: W,
) -> impl Future<Output = W::Output> + use<W> {
    let (token, kind) = (token.to_owned(), job.kind.clone());
    HELD.scope(Held { id: job.id, token, kind, failures: job.failures }, work)
}

/// The running job.
pub(crate) fn id() -> Option<JobId> {
    HELD.try_with(|held| held.id).ok()
}

/// How often the running job failed before.
pub(crate) fn failures() -> i64 {
    HELD.try_with(|held| held.failures).unwrap_or(0)
}

/// Where the running job stands if it fails like this.
pub(crate) fn stage(failure: &Failure) -> Stage {
    HELD.try_with(|held| settle::stage(&held.kind, held.failures, failure)).unwrap_or(Stage::Last)
}

/// Ends the running job, if and only if `tx` commits. False when it is not held any more: then somebody else does
/// it, and nothing may be committed. The last thing before the commit, so that whoever renews leases waits for
/// nothing else.
pub(crate) async fn end_in(tx: &mut Tx) -> db::Result<bool> {
    let Ok((id, token)) = HELD.try_with(|held| (held.id, held.token.clone())) else { return Ok(true) };
    Ok(store::finish(tx, &[id], &token).await? == 1)
}
