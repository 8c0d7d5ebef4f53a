//! Rows of `jobs`.
use super::{Dead, Lane};
use crate::{
    db::{Conn, Result, Tx},
    id::{JobId, Timestamp},
    sql,
};
use sqlx::types::Json;

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Claimed {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub failures: i64,
    pub run_at: Timestamp,
}

/// A job to insert.
#[derive(Debug, serde::Serialize)]
pub(super) struct NewRow {
    pub payload: String,
    pub key: Option<String>,
    pub run_at: Timestamp,
    /// The plugin that it is of.
    pub plugin: Option<String>,
}

/// The row, or the one with its key that waits already.
pub(super) async fn insert(
    tx: &mut Tx,
    kind: &str,
    lane: Lane,
    new: &NewRow,
    now: Timestamp,
) -> Result<JobId> {
    tx.query(sql!(
        "INSERT INTO jobs (kind, lane, payload, key, run_at, state, created_at, plugin)
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7)
         ON CONFLICT (kind, key) WHERE key IS NOT NULL AND state = 'waiting'
         DO UPDATE SET run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END
         RETURNING id"
    ))
    .bind(kind)
    .bind(lane.number())
    .bind(&new.payload)
    .bind(new.key.as_deref())
    .bind(new.run_at)
    .bind(now)
    .bind(new.plugin.as_deref())
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

pub(super) async fn insert_all(
    tx: &mut Tx,
    kind: &str,
    lane: Lane,
    rows: Vec<NewRow>,
    now: Timestamp,
) -> Result<()> {
    tx.query(sql!(
        sqlite: "INSERT INTO jobs (kind, lane, payload, key, run_at, state, created_at)
                 SELECT $1, $2, value->>'payload', value->>'key', value->>'run_at', 'waiting', $4
                 FROM json_each($3) WHERE TRUE
                 ON CONFLICT (kind, key) WHERE key IS NOT NULL AND state = 'waiting'
                 DO UPDATE SET run_at = MIN(excluded.run_at, jobs.run_at)",
        postgres: "INSERT INTO jobs (kind, lane, payload, key, run_at, state, created_at)
                   SELECT $1, $2, x.payload, x.key, x.run_at, 'waiting', $4
                   FROM jsonb_to_recordset($3) AS x (payload text, key text, run_at bigint)
                   ON CONFLICT (kind, key) WHERE key IS NOT NULL AND state = 'waiting'
                   DO UPDATE SET run_at = LEAST(excluded.run_at, jobs.run_at)",
    ))
    .bind(kind)
    .bind(lane.number())
    .bind(Json(rows))
    .bind(now)
    .run()
    .await
    .map(drop)
}

/// Leases up to `count` due jobs of a lane, in their order. Of the jobs with one key, one at a time.
/// (PostgreSQL may evaluate an `IN` of a locking subquery again for each row, and lease more than the limit.)
pub(super) async fn claim(
    tx: &mut Tx,
    lane: Lane,
    now: Timestamp,
    until: Timestamp,
    token: &str,
    count: usize,
) -> Result<Vec<Claimed>> {
    let claim = tx.query(sql!(
        sqlite: "UPDATE jobs SET state = 'running', lease_until = $2, lease_token = $3
                 WHERE id IN (SELECT j.id FROM jobs j WHERE j.state = 'waiting' AND j.lane = $5 AND j.run_at <= $1
                              AND (j.key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r WHERE r.kind = j.kind
                                   AND r.key = j.key AND r.state = 'running'))
                              ORDER BY j.run_at, j.id LIMIT $4)
                 RETURNING id, kind, payload, failures, run_at",
        postgres: "UPDATE jobs SET state = 'running', lease_until = $2, lease_token = $3
                   WHERE id = ANY(ARRAY(
                     SELECT j.id FROM jobs j WHERE j.state = 'waiting' AND j.lane = $5 AND j.run_at <= $1
                     AND (j.key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r WHERE r.kind = j.kind
                          AND r.key = j.key AND r.state = 'running'))
                     ORDER BY j.run_at, j.id LIMIT $4 FOR UPDATE SKIP LOCKED))
                   RETURNING id, kind, payload, failures, run_at",
    ));
    let claim = claim.bind(now).bind(until).bind(token).bind(i64::try_from(count).unwrap_or(1));
    let mut jobs: Vec<Claimed> = claim.bind(lane.number()).all().await?;
    jobs.sort_by_key(|job| (job.run_at, job.id));
    Ok(jobs)
}

pub(super) async fn renew(tx: &mut Tx, token: &str, until: Timestamp) -> Result<u64> {
    tx.query(sql!("UPDATE jobs SET lease_until = $2 WHERE lease_token = $1 AND state = 'running'"))
        .bind(token)
        .bind(until)
        .run()
        .await
}

pub(super) async fn finish(tx: &mut Tx, ids: &[JobId], token: &str) -> Result<u64> {
    tx.query(sql!(
        sqlite: "DELETE FROM jobs WHERE lease_token = $2 AND id IN (SELECT value FROM json_each($1))",
        postgres: "DELETE FROM jobs WHERE lease_token = $2
                     AND id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))",
    ))
    .bind(Json(ids))
    .bind(token)
    .run()
    .await
}

/// Back to waiting, an orderly end: crashes before it are forgotten. A twin with the same key that waits already does the work instead: then 0.
pub(super) async fn postpone(
    tx: &mut Tx,
    id: JobId,
    token: &str,
    run_at: Timestamp,
    failures: i64,
    error: Option<&str>,
) -> Result<u64> {
    tx.query(sql!(
        "UPDATE jobs SET state = 'waiting', run_at = $3, failures = $4, last_error = $5, crashes = 0,
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

/// Jobs whose worker died: a crash each, and at the fifth they are put aside for somebody to look at. From the
/// second on they start at different times, so that the one that kills is alone when it does.
pub(super) async fn reclaim(tx: &mut Tx, leased_until: Timestamp, now: Timestamp) -> Result<u64> {
    drop_twins(tx, None, leased_until).await?;
    tx.query(sql!(
        "UPDATE jobs SET state = CASE WHEN crashes >= 4 THEN 'quarantined' ELSE 'waiting' END,
                run_at = CASE WHEN crashes = 0 OR run_at > $2 THEN run_at
                              ELSE $2 + crashes * (id % 10) * 1000000 END,
                crashes = crashes + 1, lease_until = NULL, lease_token = NULL
         WHERE state = 'running' AND lease_until < $1"
    ))
    .bind(leased_until)
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

// --- put aside ---

pub(super) async fn dead(conn: &mut Conn, count: i64) -> Result<Vec<Dead>> {
    conn.query(sql!(
        "SELECT id, kind, state, failures, crashes, last_error, created_at FROM jobs
         WHERE state IN ('dead', 'quarantined') ORDER BY id DESC LIMIT $1"
    ))
    .bind(count)
    .all()
    .await
}

/// A twin with the key of one put aside waits already, or a later one is put aside, too.
pub(super) async fn drop_dead_twins(tx: &mut Tx, id: Option<JobId>) -> Result<u64> {
    tx.query(sql!(
        "DELETE FROM jobs WHERE state IN ('dead', 'quarantined') AND key IS NOT NULL
           AND (id = $1 OR $1 IS NULL)
           AND EXISTS (SELECT 1 FROM jobs w WHERE w.kind = jobs.kind AND w.key = jobs.key AND w.id <> jobs.id
                       AND (w.state = 'waiting' OR (w.state IN ('dead', 'quarantined') AND w.id > jobs.id)))"
    ))
    .bind(id)
    .run()
    .await
}

pub(super) async fn revive(tx: &mut Tx, id: Option<JobId>, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "UPDATE jobs SET state = 'waiting', run_at = $2, failures = 0, crashes = 0
         WHERE state IN ('dead', 'quarantined') AND (id = $1 OR $1 IS NULL)"
    ))
    .bind(id)
    .bind(now)
    .run()
    .await
}

pub(super) async fn delete_dead(tx: &mut Tx, id: Option<JobId>) -> Result<u64> {
    tx.query(sql!("DELETE FROM jobs WHERE state IN ('dead', 'quarantined') AND (id = $1 OR $1 IS NULL)"))
        .bind(id)
        .run()
        .await
}

pub(super) async fn sweep_dead(tx: &mut Tx, before: Timestamp, kept: i64) -> Result<u64> {
    tx.query(sql!(
        "DELETE FROM jobs WHERE state IN ('dead', 'quarantined') AND (created_at < $1 OR id NOT IN
           (SELECT d.id FROM jobs d WHERE d.state IN ('dead', 'quarantined') ORDER BY d.id DESC LIMIT $2))"
    ))
    .bind(before)
    .bind(kept)
    .run()
    .await
}

// --- of plugins ---

/// So many of a plugin wait or run.
pub(super) async fn of_plugin(conn: &mut Conn, plugin: &str) -> Result<i64> {
    let count = sql!("SELECT COUNT(*) FROM jobs WHERE plugin = $1");
    Ok(conn.query(count).bind(plugin).scalar().await?.unwrap_or(0))
}

pub(super) async fn cancel(tx: &mut Tx, kind: &str, key: &str) -> Result<u64> {
    tx.query(sql!("DELETE FROM jobs WHERE kind = $1 AND key = $2 AND state = 'waiting'"))
        .bind(kind)
        .bind(key)
        .run()
        .await
}
