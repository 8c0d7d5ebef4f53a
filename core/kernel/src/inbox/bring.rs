//! Things that this pod wants by itself, one at a time, as what belongs to an account that moves in hangs on them: each
//! with a budget like that of a message, and with an answer that says whether to ask again.
use super::{
    chain,
    errands::{Errand, Miss},
    fetch::Budget,
    gather::{find, is_retracted},
    stop::Stop,
};
use crate::{Error, Pod, Result};
use pappus_federation::{
    entity::Kind,
    id::{DiasporaId, Guid},
};

/// Look-ups for one thing.
const FETCHES: u8 = 6;
const PEOPLE: u8 = 12;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brought {
    /// It is here.
    Here,
    /// It is not to be had: its pod does not have it, it was taken back, or it is no good.
    Absent,
    /// Part of what it needs is still on its way.
    Missing,
    /// The pod is not asked more at this moment.
    Busy,
    /// Its pod does not answer.
    Away,
}

/// The budget of one thing.
pub(super) fn budget() -> Budget {
    Budget::catching_up(FETCHES, PEOPLE)
}

/// Whether something of this name is here.
pub(crate) async fn is_here(pod: &Pod, kind: &Kind, guid: &Guid) -> Result<bool> {
    Ok(find(pod, kind, guid).await?.is_some())
}

/// Gets something public from the pod of `from`, if it is not here; what `from` or `other` took back stays away.
pub(crate) async fn bring(
    pod: &Pod,
    kind: &Kind,
    guid: &Guid,
    from: &DiasporaId,
    other: &DiasporaId,
) -> Result<Brought> {
    if is_here(pod, kind, guid).await? {
        return Ok(Brought::Here);
    }
    if is_retracted(pod, kind, guid, from, Some(other)).await? {
        return Ok(Brought::Absent);
    }
    let mut budget = budget();
    match Box::pin(budget.fetch(pod, kind, guid, from)).await {
        Ok(()) if is_here(pod, kind, guid).await? => Ok(Brought::Here),
        Ok(()) | Err(Stop::Refused(_) | Stop::Denied(_) | Stop::Suspended(_)) => Ok(Brought::Absent),
        Err(Stop::Deep(beyond)) => {
            chain::fetch_next(pod, &beyond).await?;
            Ok(Brought::Missing)
        }
        Err(Stop::Spent) => Ok(Brought::Missing),
        Err(Stop::Failed(error) | Stop::UnknownSender(error)) => not_had(error, &budget),
    }
}

/// Whether it was this very pod that did not answer just now, and not one that it led to.
pub(crate) fn did_not_answer(pod: &Pod, kind: &Kind, guid: &Guid, host: &str) -> bool {
    let Some(name) = kind.fetch_name() else { return true };
    let errand = Errand { host, name, guid: guid.as_str() };
    pod.errands.missing(&errand, pod.clock.now()) == Some(Miss::Away)
}

/// What a failed look-up means for what it was for.
pub(super) fn not_had(error: Error, budget: &Budget) -> Result<Brought> {
    match error {
        Error::NotFound => Ok(Brought::Absent),
        Error::Remote(_) | Error::Unusable(_) if budget.fell_short() => Ok(Brought::Busy),
        Error::Remote(_) | Error::Unusable(_) => Ok(Brought::Away),
        error => Err(error),
    }
}
