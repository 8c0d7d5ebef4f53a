//! What is not to be had yet: when it is asked for again, and when it is given up. The move does not wait for it.
use super::store::{self, ItemRow};
use crate::{
    Error, Pod, Result,
    db::Tx,
    inbox::Brought,
    job::{self, Failure},
};
use std::time::Duration;

/// A pod that has enough questions is asked more in a minute.
const WHEN_BUSY: Duration = Duration::from_mins(1);
/// What was asked for comes again a little after what was not, so that the next round begins with other things.
const BEHIND: Duration = Duration::from_secs(5);

/// What is waited for.
#[derive(Debug)]
pub(super) struct Wait {
    why: Brought,
    /// The pod that was asked and did not answer.
    away_host: Option<String>,
}

impl Wait {
    /// This pod was asked.
    pub(super) fn asked(why: Brought, host: &str) -> Self {
        Self { why, away_host: (why == Brought::Away).then(|| host.to_owned()) }
    }

    /// Its pod did not answer lately and was not asked for this; or it answered, and led to one that did not.
    pub(super) const fn not_asked() -> Self {
        Self { why: Brought::Away, away_host: None }
    }
}

/// Writes down when it is tried again; or gives the reason for which it is given up.
pub(super) async fn postpone(
    pod: &Pod,
    tx: &mut Tx,
    item: &ItemRow,
    wait: &Wait,
) -> Result<Option<&'static str>> {
    let now = pod.clock.now();
    if wait.why == Brought::Busy {
        store::postpone(tx, item.id, item.tries, now.plus(WHEN_BUSY), None).await?;
        return Ok(None);
    }
    let tries = item.tries + 1;
    let what = || Error::Remote("what it hangs on is not to be had".into());
    let (failure, reason) = match wait.why {
        Brought::Away => (Failure::Away(what()), "pod-away"),
        _ => (Failure::Missing(what()), "parent-gone"),
    };
    let Some(pause) = job::next_try(&failure, tries, 0) else { return Ok(Some(reason)) };
    let behind = if wait.away_host.is_some() { BEHIND } else { Duration::ZERO };
    let host = wait.away_host.as_deref();
    store::postpone(tx, item.id, tries, now.plus(pause + behind), host).await?;
    Ok(None)
}
