//! What happened to one entity: how it came, where it went, where it still waits.
use super::{State, log, store};
use crate::{Pod, Result, access::Admin, id::Timestamp};

/// What is known of an entity's way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Trace {
    /// The entity.
    pub guid: String,
    /// What happened, the oldest first; events are kept for some days.
    pub events: Vec<log::Event>,
    /// Pods that it waits for.
    pub waiting: Vec<Delivering>,
}

/// An entity that waits for a pod.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Delivering {
    /// The pod.
    pub host: String,
    /// The element.
    pub entity: String,
    /// For so many people there, or once for all.
    pub waiting: i64,
    /// So often the pod refused it.
    pub attempts: i64,
    /// Why it refused it.
    pub refused: Option<String>,
    /// Why the pod was not reached.
    pub pod_error: Option<String>,
    /// Since when it is not reached.
    pub offline_since: Option<Timestamp>,
    /// Not before.
    pub next_try: Timestamp,
}

impl Delivering {
    /// Whether the pod is sent to.
    pub fn state(&self, now: Timestamp) -> State {
        State::of(self.offline_since, now)
    }
}

/// Follows an entity by its guid.
pub async fn trace(pod: &Pod, _who: Admin, guid: &str) -> Result<Trace> {
    let guid = guid.trim();
    let mut conn = pod.db.read().await?;
    let mut events = log::of_guid(&mut conn, guid, 500).await?;
    events.extend(pod.federation_log.unwritten(guid));
    let waiting = store::delivering(&mut conn, guid).await?;
    Ok(Trace { guid: guid.to_owned(), events, waiting })
}
