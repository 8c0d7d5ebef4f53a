//! Rows of `remote_pods`.
use super::{Counts, RemotePod, Row, list::Waiting, trace::Delivering};
use crate::{
    db::{Conn, Result, Tx},
    id::{RemotePodId, Timestamp},
    sql,
};
use sqlx::types::Json;

/// Whether a rule of an admin suspends the pod `r`, on whichever port it is.
macro_rules! blocked {
    () => {
        "EXISTS (SELECT 1 FROM pod_blocks b WHERE b.severity > 1
                 AND (r.host = b.target OR r.host LIKE b.target || ':%'
                      OR (b.subdomains AND (r.host LIKE '%.' || b.target OR r.host LIKE '%.' || b.target || ':%'))))"
    };
}

/// The columns of [`Row`], of the pod `r`.
macro_rules! row {
    () => {
        concat!(
            "SELECT r.host, r.offline_since, r.failures, r.retry_at, r.last_error, r.last_seen_at,
                    (SELECT COUNT(*) FROM people p WHERE p.remote_pod_id = r.id) AS people,
                    (SELECT COUNT(*) FROM deliveries d WHERE d.remote_pod_id = r.id) AS waiting,
                    (SELECT MIN(d.created_at) FROM deliveries d WHERE d.remote_pod_id = r.id) AS oldest, ",
            blocked!(),
            " AS blocked FROM remote_pods r "
        )
    };
}

pub(super) async fn list(
    conn: &mut Conn,
    state: &str,
    text: &str,
    asleep: Timestamp,
    count: usize,
) -> Result<Vec<Row>> {
    conn.query(sql!(concat!(
        row!(),
        "WHERE ($1 = '' OR $1 = CASE WHEN ",
        blocked!(),
        " THEN 'blocked' WHEN r.offline_since IS NULL THEN 'ok' WHEN r.offline_since < $3 THEN 'asleep'
          ELSE 'retrying' END)
           AND ($2 = '' OR r.host LIKE '%' || $2 || '%')
         ORDER BY r.offline_since IS NULL, r.host LIMIT $4"
    )))
    .bind(state)
    .bind(text)
    .bind(asleep)
    .bind(i64::try_from(count).unwrap_or(1))
    .all()
    .await
}

pub(super) async fn row(conn: &mut Conn, host: &str) -> Result<Option<Row>> {
    conn.query(sql!(concat!(row!(), "WHERE r.host = $1"))).bind(host).optional().await
}

pub(super) async fn queue(conn: &mut Conn, host: &str) -> Result<Vec<Waiting>> {
    conn.query(sql!(
        "SELECT y.entity, y.public, COUNT(*) AS count, MAX(d.last_error) AS last_error
         FROM deliveries d JOIN remote_pods r ON r.id = d.remote_pod_id JOIN payloads y ON y.id = d.payload_id
         WHERE r.host = $1 GROUP BY y.entity, y.public ORDER BY y.entity, y.public"
    ))
    .bind(host)
    .all()
    .await
}

pub(super) async fn counts(conn: &mut Conn, asleep: Timestamp) -> Result<Counts> {
    conn.query(sql!(concat!(
        "SELECT COALESCE(SUM(CASE WHEN NOT s.blocked AND s.offline_since IS NULL THEN 1 ELSE 0 END), 0) AS ok,
                COALESCE(SUM(CASE WHEN NOT s.blocked AND s.offline_since >= $1 THEN 1 ELSE 0 END), 0) AS retrying,
                COALESCE(SUM(CASE WHEN NOT s.blocked AND s.offline_since < $1 THEN 1 ELSE 0 END), 0) AS asleep,
                COALESCE(SUM(CASE WHEN s.blocked THEN 1 ELSE 0 END), 0) AS blocked,
                (SELECT COUNT(*) FROM deliveries) AS waiting,
                (SELECT MIN(created_at) FROM deliveries) AS oldest
         FROM (SELECT r.offline_since, ",
        blocked!(),
        " AS blocked FROM remote_pods r) s"
    )))
    .bind(asleep)
    .one()
    .await
}

/// Where an entity waits to be sent.
pub(super) async fn delivering(conn: &mut Conn, guid: &str) -> Result<Vec<Delivering>> {
    conn.query(sql!(
        "SELECT r.host, y.entity, COUNT(*) AS waiting, MAX(d.attempts) AS attempts, MAX(d.last_error) AS refused,
                MAX(r.last_error) AS pod_error, MAX(r.offline_since) AS offline_since,
                MAX(CASE WHEN d.retry_at > r.retry_at THEN d.retry_at ELSE r.retry_at END) AS next_try
         FROM payloads y JOIN deliveries d ON d.payload_id = y.id JOIN remote_pods r ON r.id = d.remote_pod_id
         WHERE y.guid = $1 GROUP BY r.host, y.entity ORDER BY r.host LIMIT 1000"
    ))
    .bind(guid)
    .all()
    .await
}

pub(crate) async fn find(conn: &mut Conn, id: RemotePodId) -> Result<Option<RemotePod>> {
    conn.query(sql!(
        "SELECT id, host, base_url, offline_since, failures, retry_at, last_error, last_seen_at
         FROM remote_pods WHERE id = $1"
    ))
    .bind(id)
    .optional()
    .await
}

pub(super) async fn find_by_host(conn: &mut Conn, host: &str) -> Result<Option<RemotePod>> {
    conn.query(sql!(
        "SELECT id, host, base_url, offline_since, failures, retry_at, last_error, last_seen_at
         FROM remote_pods WHERE host = $1"
    ))
    .bind(host)
    .optional()
    .await
}

/// The pod at `host`, where it has failed since it was last heard of.
pub(super) async fn failing(conn: &mut Conn, host: &str) -> Result<Option<RemotePodId>> {
    conn.query(sql!("SELECT id FROM remote_pods WHERE host = $1 AND failures > 0")).bind(host).scalar().await
}

/// The row of `host`, made if it is not there.
pub(crate) async fn ensure(tx: &mut Tx, host: &str, base_url: &str, now: Timestamp) -> Result<RemotePodId> {
    tx.query(sql!(
        "INSERT INTO remote_pods (host, base_url, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (host) DO UPDATE SET base_url = excluded.base_url RETURNING id"
    ))
    .bind(host)
    .bind(base_url)
    .bind(now)
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

pub(super) async fn succeeded(tx: &mut Tx, id: RemotePodId, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "UPDATE remote_pods SET offline_since = NULL, failures = 0, retry_at = 0, last_error = NULL, last_seen_at = $2
         WHERE id = $1"
    ))
    .bind(id)
    .bind(now)
    .run()
    .await
}

pub(crate) async fn seen(tx: &mut Tx, id: RemotePodId, now: Timestamp) -> Result<u64> {
    tx.query(sql!("UPDATE remote_pods SET last_seen_at = $2 WHERE id = $1")).bind(id).bind(now).run().await
}

pub(super) async fn failed(
    tx: &mut Tx,
    id: RemotePodId,
    failures: i64,
    retry_at: Timestamp,
    error: &str,
    now: Timestamp,
) -> Result<u64> {
    tx.query(sql!(
        "UPDATE remote_pods SET failures = $2, retry_at = $3, last_error = $4,
                offline_since = COALESCE(offline_since, $5) WHERE id = $1"
    ))
    .bind(id)
    .bind(failures)
    .bind(retry_at)
    .bind(error)
    .bind(now)
    .run()
    .await
}

/// Lets the next try happen now.
pub(super) async fn try_now(tx: &mut Tx, id: RemotePodId) -> Result<u64> {
    tx.query(sql!("UPDATE remote_pods SET retry_at = 0 WHERE id = $1")).bind(id).run().await
}

pub(super) async fn forget_deliveries_to(tx: &mut Tx, id: RemotePodId) -> Result<u64> {
    tx.query(sql!("DELETE FROM deliveries WHERE remote_pod_id = $1")).bind(id).run().await
}

/// Gives up what waits for pods that have been away for very long.
pub(super) async fn forget_deliveries(tx: &mut Tx, since: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "DELETE FROM deliveries WHERE remote_pod_id IN (SELECT id FROM remote_pods WHERE offline_since < $1)"
    ))
    .bind(since)
    .run()
    .await
}

/// Takes some answering pods that were last asked what they run before a time, and notes that they are asked now.
pub(super) async fn begin_asking_software(
    tx: &mut Tx,
    before: Timestamp,
    now: Timestamp,
    count: i64,
) -> Result<Vec<RemotePodId>> {
    tx.query(sql!(
        "UPDATE remote_pods SET software_asked_at = $2 WHERE id IN (
           SELECT r.id FROM remote_pods r WHERE r.software_asked_at < $1 AND r.offline_since IS NULL
           ORDER BY r.software_asked_at, r.id LIMIT $3) RETURNING id"
    ))
    .bind(before)
    .bind(now)
    .bind(count)
    .scalars()
    .await
}

pub(super) async fn note_software(tx: &mut Tx, id: RemotePodId, name: &str) -> Result<u64> {
    tx.query(sql!("UPDATE remote_pods SET software = $2 WHERE id = $1")).bind(id).bind(name).run().await
}

/// Those of some pods that run this.
pub(super) async fn running(conn: &mut Conn, name: &str, pods: &[RemotePodId]) -> Result<Vec<RemotePodId>> {
    conn.query(sql!(
        sqlite: "SELECT id FROM remote_pods WHERE software = $1 AND id IN (SELECT value FROM json_each($2))",
        postgres: "SELECT id FROM remote_pods WHERE software = $1
                     AND id IN (SELECT value::bigint FROM jsonb_array_elements_text($2))",
    ))
    .bind(name)
    .bind(Json(pods))
    .scalars()
    .await
}
