//! Rows of `remote_pods`.
use super::{RemotePod, Row};
use crate::{
    db::{Conn, Result, Tx},
    id::{RemotePodId, Timestamp},
    sql,
};

pub(super) async fn list(conn: &mut Conn) -> Result<Vec<Row>> {
    conn.query(sql!(
        "SELECT r.host, r.offline_since, r.last_error, r.last_seen_at,
                (SELECT COUNT(*) FROM people p WHERE p.remote_pod_id = r.id) AS people,
                (SELECT COUNT(*) FROM deliveries d WHERE d.remote_pod_id = r.id) AS waiting
         FROM remote_pods r ORDER BY r.offline_since IS NULL, r.host LIMIT 200"
    ))
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
