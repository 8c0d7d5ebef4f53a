//! Rows of `payloads` and `deliveries`.
use crate::{
    db::{Conn, Result, Tx},
    id::{DeliveryId, PayloadId, PersonId, RemotePodId, Timestamp},
    sql,
};
use sqlx::types::Json;

/// What is sent, once however many it goes to.
pub(crate) struct NewPayload<'a> {
    pub sender: PersonId,
    pub entity: &'a str,
    pub guid: Option<&'a str>,
    pub envelope: &'a str,
    pub public: bool,
}

pub(crate) async fn insert_payload(tx: &mut Tx, new: &NewPayload<'_>, now: Timestamp) -> Result<PayloadId> {
    tx.query(sql!(
        "INSERT INTO payloads (sender_id, entity, guid, envelope, public, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
    ))
    .bind(new.sender)
    .bind(new.entity)
    .bind(new.guid)
    .bind(new.envelope)
    .bind(new.public)
    .bind(now)
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

/// One row for each pod and recipient; recipient 0 stands for the whole pod. A pod that is asleep since
/// before `asleep` is not sent to.
pub(crate) async fn insert_deliveries(
    tx: &mut Tx,
    payload: PayloadId,
    to: &[(RemotePodId, PersonId)],
    asleep: Timestamp,
    now: Timestamp,
) -> Result<Vec<RemotePodId>> {
    tx.query(sql!(
        sqlite: "INSERT INTO deliveries (payload_id, remote_pod_id, recipient_id, created_at)
                 SELECT $1, r.id, value->>1, $4 FROM json_each($2) JOIN remote_pods r ON r.id = value->>0
                 WHERE r.offline_since IS NULL OR r.offline_since >= $3
                 ON CONFLICT DO NOTHING RETURNING remote_pod_id",
        postgres: "INSERT INTO deliveries (payload_id, remote_pod_id, recipient_id, created_at)
                   SELECT $1, r.id, (x.value->>1)::bigint, $4
                   FROM jsonb_array_elements($2) AS x (value) JOIN remote_pods r ON r.id = (x.value->>0)::bigint
                   WHERE r.offline_since IS NULL OR r.offline_since >= $3
                   ON CONFLICT DO NOTHING RETURNING remote_pod_id",
    ))
    .bind(payload)
    .bind(Json(to))
    .bind(asleep)
    .bind(now)
    .scalars()
    .await
}

/// A delivery with what it takes to make it; the key is empty where a whole pod is sent to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Due {
    pub id: DeliveryId,
    pub payload_id: PayloadId,
    pub recipient_id: PersonId,
    pub attempts: i64,
    pub retry_at: Timestamp,
    pub entity: String,
    pub entity_guid: Option<String>,
    pub public: bool,
    pub envelope: String,
    pub guid: Option<String>,
    pub public_key: Option<String>,
}

/// The next deliveries to a pod: those never refused first, then by when they may be tried again.
pub(crate) async fn due(conn: &mut Conn, to: RemotePodId, count: i64) -> Result<Vec<Due>> {
    conn.query(sql!(
        "SELECT d.id, d.payload_id, d.recipient_id, d.attempts, d.retry_at, y.entity, y.guid AS entity_guid,
                y.public, y.envelope, COALESCE(p.home_guid, p.guid) AS guid, p.public_key
         FROM deliveries d JOIN payloads y ON y.id = d.payload_id LEFT JOIN people p ON p.id = d.recipient_id
         WHERE d.remote_pod_id = $1 ORDER BY d.retry_at, d.id LIMIT $2"
    ))
    .bind(to)
    .bind(count)
    .all()
    .await
}

pub(crate) async fn done(tx: &mut Tx, deliveries: &[DeliveryId]) -> Result<u64> {
    tx.query(sql!(
        sqlite: "DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each($1))",
        postgres: "DELETE FROM deliveries WHERE id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))",
    ))
    .bind(Json(deliveries))
    .run()
    .await
}

/// Removes those of a few payloads that everybody has.
pub(crate) async fn drop_payloads(tx: &mut Tx, payloads: &[PayloadId]) -> Result<u64> {
    tx.query(sql!(
        sqlite: "DELETE FROM payloads WHERE id IN (SELECT value FROM json_each($1))
                   AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.payload_id = payloads.id)",
        postgres: "DELETE FROM payloads WHERE id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))
                     AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.payload_id = payloads.id)",
    ))
    .bind(Json(payloads))
    .run()
    .await
}

/// Removes every payload that everybody has: those whose last two deliveries ended at the same moment.
pub(crate) async fn sweep(tx: &mut Tx) -> Result<u64> {
    tx.query(sql!(
        "DELETE FROM payloads WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.payload_id = payloads.id)"
    ))
    .run()
    .await
}

/// A delivery that was refused, and when it is tried again.
pub(crate) struct Ended {
    pub id: DeliveryId,
    pub attempts: i64,
    pub error: String,
    pub retry_at: Timestamp,
}

pub(crate) async fn refused(tx: &mut Tx, ended: &Ended) -> Result<u64> {
    tx.query(sql!("UPDATE deliveries SET attempts = $2, last_error = $3, retry_at = $4 WHERE id = $1"))
        .bind(ended.id)
        .bind(ended.attempts)
        .bind(&ended.error)
        .bind(ended.retry_at)
        .run()
        .await
}

pub(crate) async fn waiting(conn: &mut Conn, to: RemotePodId) -> Result<bool> {
    Ok(conn
        .query(sql!("SELECT id FROM deliveries WHERE remote_pod_id = $1 LIMIT 1"))
        .bind(to)
        .scalar::<i64>()
        .await?
        .is_some())
}
