//! Rows of `jobs`.
use crate::{
    db::{Conn, Result, Tx},
    id::{JobId, Timestamp},
    sql,
};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Claimed {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub failures: i64,
}

pub(super) async fn insert(
    tx: &mut Tx,
    kind: &str,
    payload: &str,
    key: Option<&str>,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    tx.query(sql!(
        "INSERT INTO jobs (kind, payload, key, run_at, state, created_at) VALUES ($1, $2, $3, $4, 'waiting', $5)
         ON CONFLICT (kind, key) WHERE key IS NOT NULL AND state = 'waiting'
         DO UPDATE SET run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END"
    ))
    .bind(kind)
    .bind(payload)
    .bind(key)
    .bind(run_at)
    .bind(now)
    .run()
    .await
    .map(drop)
}

/// Leases up to `count` due jobs. Of the jobs with one key, one at a time.
pub(super) async fn claim(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    token: &str,
    count: i64,
) -> Result<Vec<Claimed>> {
    tx.query(sql!(
        sqlite: "UPDATE jobs SET state = 'running', lease_until = $2, lease_token = $3
                 WHERE id IN (SELECT j.id FROM jobs j WHERE j.state = 'waiting' AND j.run_at <= $1
                              AND (j.key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r WHERE r.kind = j.kind
                                   AND r.key = j.key AND r.state = 'running'))
                              ORDER BY j.run_at, j.id LIMIT $4)
                 RETURNING id, kind, payload, failures",
        postgres: "UPDATE jobs SET state = 'running', lease_until = $2, lease_token = $3
                   WHERE id IN (SELECT j.id FROM jobs j WHERE j.state = 'waiting' AND j.run_at <= $1
                                AND (j.key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r WHERE r.kind = j.kind
                                     AND r.key = j.key AND r.state = 'running'))
                                ORDER BY j.run_at, j.id LIMIT $4 FOR UPDATE SKIP LOCKED)
                   RETURNING id, kind, payload, failures",
    ))
    .bind(now)
    .bind(until)
    .bind(token)
    .bind(count)
    .all()
    .await
}

pub(super) async fn renew(tx: &mut Tx, token: &str, until: Timestamp) -> Result<u64> {
    tx.query(sql!("UPDATE jobs SET lease_until = $2 WHERE lease_token = $1 AND state = 'running'"))
        .bind(token)
        .bind(until)
        .run()
        .await
}

pub(super) async fn finish(tx: &mut Tx, id: JobId, token: &str) -> Result<u64> {
    tx.query(sql!("DELETE FROM jobs WHERE id = $1 AND lease_token = $2")).bind(id).bind(token).run().await
}

/// Back to waiting. A twin with the same key that waits already does the work instead: then 0.
pub(super) async fn postpone(
    tx: &mut Tx,
    id: JobId,
    token: &str,
    run_at: Timestamp,
    failures: i64,
    error: Option<&str>,
) -> Result<u64> {
    tx.query(sql!(
        "UPDATE jobs SET state = 'waiting', run_at = $3, failures = $4, last_error = $5,
                lease_until = NULL, lease_token = NULL
         WHERE id = $1 AND lease_token = $2
           AND (key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs w WHERE w.kind = jobs.kind AND w.key = jobs.key
                AND w.state = 'waiting'))"
    ))
    .bind(id)
    .bind(token)
    .bind(run_at)
    .bind(failures)
    .bind(error)
    .run()
    .await
}

pub(super) async fn bury(tx: &mut Tx, id: JobId, token: &str, failures: i64, error: &str) -> Result<u64> {
    tx.query(sql!(
        "UPDATE jobs SET state = 'dead', failures = $3, last_error = $4, lease_until = NULL, lease_token = NULL
         WHERE id = $1 AND lease_token = $2"
    ))
    .bind(id)
    .bind(token)
    .bind(failures)
    .bind(error)
    .run()
    .await
}

/// Gives back what this worker still holds, untouched.
pub(super) async fn give_back(tx: &mut Tx, token: &str) -> Result<u64> {
    drop_twins(tx, Some(token), Timestamp(i64::MIN)).await?;
    tx.query(sql!(
        "UPDATE jobs SET state = 'waiting', lease_until = NULL, lease_token = NULL
         WHERE lease_token = $1 AND state = 'running'"
    ))
    .bind(token)
    .run()
    .await
}

/// Jobs whose worker died: a crash each, and at the fifth they are put aside for somebody to look at.
pub(super) async fn reclaim(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    drop_twins(tx, None, now).await?;
    tx.query(sql!(
        "UPDATE jobs SET state = CASE WHEN crashes >= 4 THEN 'quarantined' ELSE 'waiting' END,
                crashes = crashes + 1, lease_until = NULL, lease_token = NULL
         WHERE state = 'running' AND lease_until < $1"
    ))
    .bind(now)
    .run()
    .await
}

/// Removes running jobs that are about to wait again while a twin with their key waits already.
async fn drop_twins(tx: &mut Tx, token: Option<&str>, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "DELETE FROM jobs WHERE state = 'running' AND (lease_token = $1 OR lease_until < $2) AND key IS NOT NULL
           AND EXISTS (SELECT 1 FROM jobs w WHERE w.kind = jobs.kind AND w.key = jobs.key AND w.state = 'waiting')"
    ))
    .bind(token)
    .bind(now)
    .run()
    .await
}

/// How much waits.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Backlog {
    /// The kind of job.
    pub kind: String,
    /// waiting, running, dead or quarantined
    pub state: String,
    /// So many.
    pub count: i64,
    /// The oldest is due since, in microseconds since the Unix epoch.
    pub oldest: Timestamp,
}

/// How much waits, by kind and state.
pub async fn backlog(conn: &mut Conn) -> Result<Vec<Backlog>> {
    conn.query(sql!(
        "SELECT kind, state, COUNT(*) AS count, MIN(run_at) AS oldest FROM jobs GROUP BY kind, state ORDER BY kind, state"
    ))
    .all()
    .await
}
