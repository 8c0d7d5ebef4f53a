//! The capability `jobs`: work that a plugin puts on the pod's queue for itself.
use serde_json::Value;

use super::{
    Caller, Capability, Hook, Refusal, kv,
    manifest::checked_key,
    work::{Work, own_key},
};
use crate::{id::Timestamp, job};
use std::time::Duration;

/// Pieces of work of one call.
pub const MOST: usize = 100;
/// Letters of one payload.
pub const LARGEST_PAYLOAD: usize = 64 * 1024;
/// What waits, runs or was given up of one plugin.
pub const BACKLOG: i64 = 10_000;
const LONGEST_KEY: usize = 200;
/// Nothing is put off for longer.
const FARTHEST: Duration = Duration::from_hours(366 * 24);

/// A piece of work.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    pub kind: String,
    /// JSON.
    pub payload: String,
    /// Milliseconds; none for at once.
    pub run_at: Option<i64>,
    /// Of those with one key, one waits.
    pub dedupe_key: Option<String>,
    /// 1 to 10.
    pub max_attempts: u8,
}

/// Puts all of them on the queue or, over a limit, none. The n-th number is of the n-th piece: of the one that waited
/// already, where there was one of its key.
pub async fn enqueue(caller: &Caller, specs: Vec<Spec>) -> Result<Vec<i64>, Refusal> {
    caller.may(Capability::Jobs)?;
    caller.may_change()?;
    let enabled = caller.enabled()?;
    if !enabled.plugin.hooks().contains(&Hook::JobRunner) {
        return Err(Refusal::Invalid("it has no hook that does the work".into()));
    }
    if specs.len() > MOST {
        return Err(Refusal::Quota(format!("more than {MOST} pieces of work at once")));
    }
    let pod = &caller.looking.pod;
    let now = pod.clock.now();
    let works = specs.into_iter().map(|spec| work(caller, spec, now)).collect::<Result<Vec<_>, _>>()?;
    let mut tx = pod.db.begin().await?;
    // nobody else adds to this plugin's until the end
    kv::store::hold(&mut tx, enabled.slug()).await?;
    let mut ids = Vec::with_capacity(works.len());
    for (work, run_at) in works {
        let id = job::enqueue_for(&mut tx, &work, (enabled.slug(), &work.key()), run_at, now).await?;
        ids.push(id.0);
    }
    if job::of_plugin(&mut tx, enabled.slug()).await? > BACKLOG {
        return Err(Refusal::Quota(format!("more than {BACKLOG} pieces of work would wait")));
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(ids)
}

/// Takes what waits under this key off the queue; says how many that were.
pub async fn cancel(caller: &Caller, dedupe_key: &str) -> Result<u32, Refusal> {
    caller.may(Capability::Jobs)?;
    caller.may_change()?;
    let enabled = caller.enabled()?;
    let mut tx = caller.looking.pod.db.begin().await?;
    let cancelled = job::cancel::<Work>(&mut tx, &own_key(enabled.slug(), dedupe_key)).await?;
    tx.commit().await?;
    Ok(u32::try_from(cancelled).unwrap_or(u32::MAX))
}

fn work(caller: &Caller, spec: Spec, now: Timestamp) -> Result<(Work, Timestamp), Refusal> {
    let invalid = |wrong: &str| Err(Refusal::Invalid(wrong.into()));
    if spec.payload.len() > LARGEST_PAYLOAD {
        return Err(Refusal::Quota(format!("a payload of more than {} KiB", LARGEST_PAYLOAD / 1024)));
    }
    let Ok(payload) = serde_json::from_str::<Value>(&spec.payload) else {
        return invalid("the payload is no JSON");
    };
    let Some(kind) = checked_key(spec.kind) else {
        return invalid("a kind of work is 1 to 30 of a-z, 0-9 and `-`");
    };
    if !(1..=Work::ATTEMPTS).contains(&spec.max_attempts) {
        return invalid("it is tried 1 to 10 times");
    }
    let sound = |key: &String| {
        !key.is_empty() && key.len() <= LONGEST_KEY && !key.starts_with(' ') && !key.contains('\0')
    };
    if !spec.dedupe_key.as_ref().is_none_or(sound) {
        return invalid("a key has 1 to 200 letters, the first of them no space");
    }
    let run_at = spec.run_at.map_or(now, |at| Timestamp(at.saturating_mul(1000)).max(now));
    if run_at > now.plus(FARTHEST) {
        return invalid("it is more than a year away");
    }
    // what has no key of its own gets one that nobody else has
    let random = || format!(" {}", hex::encode(caller.looking.pod.random::<16>()));
    let dedupe = spec.dedupe_key.unwrap_or_else(random);
    Ok((Work::own(caller.slug.as_str(), (kind, payload), dedupe, (spec.max_attempts, run_at)), run_at))
}
