//! The hook `job-runner`: work of plugins on the one queue, by the clock or because they asked for it.
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Enabled, Hook, Looking, Slug, ask, exchange, member, store};
use crate::{
    Error, Pod,
    db::{self, Tx},
    id::{Timestamp, UserId},
    job::{self, Failure, Job},
    sql,
};
use std::time::Duration;

/// How long work of a plugin that is off rests between two looks; switching it on wakes it at once.
const OFF: Duration = Duration::from_hours(24);
/// The same where the plugin is on and not loaded in this process.
pub(super) const NOT_LOADED: Duration = Duration::from_mins(10);
/// The same where the plugin keeps failing and is left alone for a while: it was not tried.
const LEFT_ALONE: Duration = Duration::from_mins(1);
/// The least that work rests that says that there is more to do.
const LEAST_REST: Duration = Duration::from_secs(1);

/// One piece of work of a plugin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Work {
    plugin: String,
    /// What the plugin calls it.
    kind: String,
    payload: Value,
    scheduled: bool,
    /// The member whose schedule it is.
    user: Option<UserId>,
    /// Among the plugin's own: one of a key waits.
    dedupe: Option<String>,
    attempts: u8,
    /// Not before.
    run_at: Timestamp,
}

impl Work {
    /// So often it is tried at most.
    pub(super) const ATTEMPTS: u8 = 10;

    pub(super) fn scheduled(plugin: &str, job: &str, user: UserId) -> Self {
        let user = (user != UserId(0)).then_some(user);
        Self {
            plugin: plugin.to_owned(),
            kind: job.to_owned(),
            payload: user.map_or_else(|| json!({}), |user| json!({ "user": user })),
            scheduled: true,
            user,
            dedupe: None,
            attempts: Self::ATTEMPTS,
            run_at: Timestamp(0),
        }
    }

    /// What the plugin asked for itself, as kind and payload.
    pub(super) fn own(
        plugin: &str,
        (kind, payload): (String, Value),
        dedupe: String,
        (attempts, run_at): (u8, Timestamp),
    ) -> Self {
        let (scheduled, user, dedupe) = (false, None, Some(dedupe));
        Self { plugin: plugin.to_owned(), kind, payload, scheduled, user, dedupe, attempts, run_at }
    }

    /// Of those with one key, one waits and one runs.
    pub(super) fn key(&self) -> String {
        match (&self.dedupe, self.user) {
            (Some(dedupe), _) => own_key(&self.plugin, dedupe),
            (None, user) => format!("{}/at/{}/{}", self.plugin, self.kind, user.unwrap_or(UserId(0))),
        }
    }
}

/// The queue's key of a plugin's own key.
pub(super) fn own_key(plugin: &str, dedupe: &str) -> String {
    format!("{plugin}/own/{dedupe}")
}

impl Job for Work {
    const KIND: &'static str = "plugin";
    const LANE: job::Lane = job::Lane::Plugin;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let now = pod.clock.now();
        if self.run_at > now {
            return Err(Failure::Again(self.run_at));
        }
        let runs = |enabled: &Arc<Enabled>| enabled.plugin.hooks().contains(&Hook::JobRunner);
        let Some(enabled) = pod.plugins.find(&self.plugin).filter(runs) else {
            return self.rest(&pod, now).await;
        };
        let Some(looking) = on_behalf(&self, &pod).await? else { return Ok(()) };
        if enabled.breaker.is_open() {
            return Err(Failure::Again(now.plus(LEFT_ALONE)));
        }
        let request = exchange::JobRequest {
            id: job::id().map_or(0, |id| u64::try_from(id.0).unwrap_or(0)),
            kind: self.kind.clone(),
            payload: self.payload.clone(),
            attempt: u8::try_from(job::failures() + 1).unwrap_or(u8::MAX),
            scheduled: self.scheduled,
        };
        let mut said = "it is left alone for a while".to_owned();
        let call = async {
            let done = enabled.plugin.run(ask::in_background(&looking, &enabled), request).await;
            done.inspect_err(|error| said = error.to_string())
        };
        match enabled.call(Hook::JobRunner, call).await {
            Some(exchange::JobOutcome::Done) => Ok(()),
            Some(exchange::JobOutcome::Again(pause)) => Err(Failure::Again(now.plus(pause.max(LEAST_REST)))),
            // whoever took their leave back while it ran is the reason
            None if on_behalf(&self, &pod).await?.is_none() => Ok(()),
            None => Err(self.failed(&said)),
        }
    }
}

impl Work {
    /// The plugin is off: what the clock asked for is past when it comes back, what it asked for itself waits. One that
    /// is only not loaded here, as in safe mode, is looked for again soon.
    async fn rest(&self, pod: &Pod, now: Timestamp) -> Result<(), Failure> {
        let row = store::find(&mut pod.db.read().await?, &self.plugin).await?;
        if row.is_some_and(|row| row.enabled) {
            return Err(Failure::Again(now.plus(NOT_LOADED)));
        }
        if self.scheduled { Ok(()) } else { Err(Failure::Again(now.plus(OFF))) }
    }

    fn failed(&self, said: &str) -> Failure {
        let error = Error::internal(format!("{} of the plugin {}: {said}", self.kind, self.plugin));
        if job::failures() + 1 >= i64::from(self.attempts) {
            Failure::Last(error)
        } else {
            Failure::Retry(error)
        }
    }
}

/// For whom it is done; nobody where a member does not let the plugin act any more.
async fn on_behalf(work: &Work, pod: &Arc<Pod>) -> Result<Option<Looking>, Failure> {
    let nobody = Looking::nobody(Arc::clone(pod));
    let Some(user) = work.user else { return Ok(Some(nobody)) };
    let mut conn = pod.db.read().await?;
    let Ok(slug) = Slug::try_from(work.plugin.clone()) else { return Ok(None) };
    if member::acting(&mut conn, &slug, user).await?.is_none() {
        return Ok(None);
    }
    let words: Option<(String, String)> =
        conn.query(sql!("SELECT language, timezone FROM users WHERE id = $1")).bind(user).optional().await?;
    Ok(words.map(|(locale, timezone)| Looking { locale, timezone, ..nobody }))
}

/// In the transaction that switches a plugin on: what rested looks whether it is due.
pub(super) async fn wake(tx: &mut Tx, slug: &str, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!("UPDATE jobs SET run_at = $2 WHERE plugin = $1 AND state = 'waiting' AND run_at > $2"))
        .bind(slug)
        .bind(now)
        .run()
        .await
}
