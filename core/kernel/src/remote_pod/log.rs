//! A log of what was received and sent, by entity and pod, without texts: for whoever runs the pod, kept for
//! some days. It is written along with the jobs' own rows, so it costs a message no transaction.
use crate::{
    db::{Conn, Result, Tx},
    id::Timestamp,
    sql,
};
use sqlx::types::Json;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

const KEPT_FOR: Duration = Duration::from_hours(7 * 24);
const KEPT: i64 = 200_000;
/// What is not written down yet; more is lost.
const BUFFER: usize = 10_000;
/// So many pods have a label of their own in the figures, those heard of first; the rest share one.
const LABELS: usize = 200;
const LONGEST_REASON: usize = 300;

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "TEXT", rename_all = "lowercase")]
pub enum Direction {
    /// Received.
    In,
    /// Sent.
    Out,
}

/// Something that happened to an entity.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Received or sent.
    pub direction: Direction,
    /// Its element.
    pub entity: String,
    /// Its name; of what has none of its own (a profile, a contact), its sender's.
    pub guid: String,
    /// The other pod; empty for all that it was dispatched to.
    pub host: String,
    /// `accepted`, `waits`, `dispatched`, `gave_up`, `refused`, `failed`, or the rule by which this pod refused it.
    pub result: String,
    /// In words, where there is more to say.
    pub reason: Option<String>,
    /// So many messages.
    pub messages: i64,
}

/// Events on their way to the database.
#[derive(Debug, Default)]
pub struct Log {
    buffer: Mutex<Vec<Event>>,
    labels: Mutex<BTreeSet<String>>,
}

impl Log {
    /// Adds an event; the next transaction of the worker writes it down.
    pub fn note(&self, mut event: Event) {
        if let Some(reason) = &mut event.reason
            && let Some((end, _)) = reason.char_indices().nth(LONGEST_REASON)
        {
            reason.truncate(end);
        }
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        if buffer.len() < BUFFER {
            buffer.push(event);
        }
    }

    pub(super) fn unwritten(&self, guid: &str) -> Vec<Event> {
        let buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        buffer.iter().filter(|event| event.guid == guid).cloned().collect()
    }

    /// Writes down what there is, in one statement.
    pub(crate) async fn flush(&self, tx: &mut Tx) -> Result<()> {
        let events = std::mem::take(&mut *self.buffer.lock().unwrap_or_else(PoisonError::into_inner));
        if events.is_empty() {
            return Ok(());
        }
        insert(tx, &events).await.map(drop)
    }

    /// The label of a pod in the figures: a bounded number of them.
    pub(crate) fn label(&self, host: &str) -> String {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        if labels.contains(host) {
            return host.to_owned();
        }
        if labels.len() >= LABELS {
            return "other".to_owned();
        }
        labels.insert(host.to_owned());
        host.to_owned()
    }
}

async fn insert(tx: &mut Tx, events: &[Event]) -> Result<u64> {
    tx.query(sql!(
        sqlite: "INSERT INTO federation_events (at, direction, entity, guid, host, result, reason, messages)
                 SELECT value->>'at', value->>'direction', value->>'entity', value->>'guid', value->>'host',
                        value->>'result', value->>'reason', value->>'messages' FROM json_each($1)",
        postgres: "INSERT INTO federation_events (at, direction, entity, guid, host, result, reason, messages)
                   SELECT x.at, x.direction, x.entity, x.guid, x.host, x.result, x.reason, x.messages
                   FROM jsonb_to_recordset($1) AS x (at bigint, direction text, entity text, guid text, host text,
                                                     result text, reason text, messages bigint)",
    ))
    .bind(Json(events))
    .run()
    .await
}

/// What happened to an entity, the oldest first.
pub(super) async fn of_guid(conn: &mut Conn, guid: &str, count: i64) -> Result<Vec<Event>> {
    conn.query(sql!(
        "SELECT at, direction, entity, guid, host, result, reason, messages FROM federation_events
         WHERE guid = $1 ORDER BY id LIMIT $2"
    ))
    .bind(guid)
    .bind(count)
    .all()
    .await
}

/// What happened with a pod, the newest first.
pub(super) async fn of_host(conn: &mut Conn, host: &str, count: i64) -> Result<Vec<Event>> {
    conn.query(sql!(
        "SELECT at, direction, entity, guid, host, result, reason, messages FROM federation_events
         WHERE host = $1 ORDER BY id DESC LIMIT $2"
    ))
    .bind(host)
    .bind(count)
    .all()
    .await
}

/// Forgets what is old, and what is more than is kept.
pub(super) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "DELETE FROM federation_events
         WHERE at < $1 OR id <= (SELECT COALESCE(MAX(e.id), 0) - $2 FROM federation_events e)"
    ))
    .bind(now.minus(KEPT_FOR))
    .bind(KEPT)
    .run()
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_of_pods_shares_one_label() {
        let log = Log::default();
        let labels: BTreeSet<_> = (0..5000).map(|n| log.label(&format!("pod{n}.test"))).collect();
        assert_eq!(labels.len(), LABELS + 1);
        assert_eq!(log.label("pod0.test"), "pod0.test", "whoever has one keeps it");
    }

    #[test]
    fn the_buffer_and_its_reasons_are_bounded() {
        let log = Log::default();
        let event = Event {
            at: Timestamp(0),
            direction: Direction::In,
            entity: "like".into(),
            guid: "g".into(),
            host: "pod.test".into(),
            result: "sender".into(),
            reason: Some("é".repeat(5000)),
            messages: 1,
        };
        for _ in 0..BUFFER + 10 {
            log.note(event.clone());
        }
        let kept = log.unwritten("g");
        assert_eq!(kept.len(), BUFFER);
        assert!(kept.iter().all(|event| event.reason.as_ref().is_some_and(|why| why.chars().count() == 300)));
        assert_eq!(log.unwritten("other"), []);
    }
}
