//! Rows of `pod_blocks` and `block_drafts`, and what they make of people.
use super::{NewBlock, Severity};
use crate::{
    access::Admin,
    db::{Conn, Result, Tx},
    id::{BlockId, DraftId, PersonId, RemotePodId, Timestamp},
    sql,
};
use sqlx::types::Json;

/// A rule, as deciding needs it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Rule {
    pub target: String,
    pub subdomains: bool,
    pub severity: i64,
    pub reject_media: bool,
    pub reason: String,
}

/// The rules about any of these names.
pub(super) async fn rules_of(conn: &mut Conn, names: &[&str]) -> Result<Vec<Rule>> {
    conn.query(sql!(
        sqlite: "SELECT target, subdomains, severity, reject_media, reason FROM pod_blocks
                 WHERE target IN (SELECT value FROM json_each($1)) ORDER BY target",
        postgres: "SELECT target, subdomains, severity, reject_media, reason FROM pod_blocks
                   WHERE target IN (SELECT jsonb_array_elements_text($1)) ORDER BY target",
    ))
    .bind(Json(names))
    .all()
    .await
}

pub(super) async fn rules(conn: &mut Conn) -> Result<Vec<Rule>> {
    conn.query(sql!("SELECT target, subdomains, severity, reject_media, reason FROM pod_blocks")).all().await
}

/// A rule, as an admin sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub struct Block {
    /// The row.
    pub id: BlockId,
    /// A host, or a diaspora* ID.
    pub target: String,
    /// Of a host: everything below it too.
    pub subdomains: bool,
    /// 0 none, 1 silenced, 2 suspended.
    pub severity: i64,
    /// Their pictures are not shown.
    pub reject_media: bool,
    /// Carried from list to list.
    pub reject_reports: bool,
    /// A published list shall not spell the host out.
    pub obfuscate: bool,
    /// For members.
    pub reason: String,
    /// For admins.
    pub note: String,
    /// The admin's name; none when it was done from the command line.
    pub actor: Option<String>,
    /// When it was first made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Block {
    /// How far it goes.
    pub const fn severity(&self) -> Severity {
        Severity::of(self.severity)
    }
}

pub(super) async fn list(conn: &mut Conn) -> Result<Vec<Block>> {
    conn.query(sql!(
        "SELECT b.id, b.target, b.subdomains, b.severity, b.reject_media, b.reject_reports, b.obfuscate, b.reason,
                b.note, u.username AS actor, b.created_at, b.updated_at
         FROM pod_blocks b LEFT JOIN users u ON u.id = b.actor_id ORDER BY b.target"
    ))
    .all()
    .await
}

pub(super) async fn find(conn: &mut Conn, id: BlockId) -> Result<Option<Block>> {
    conn.query(sql!(
        "SELECT b.id, b.target, b.subdomains, b.severity, b.reject_media, b.reject_reports, b.obfuscate, b.reason,
                b.note, u.username AS actor, b.created_at, b.updated_at
         FROM pod_blocks b LEFT JOIN users u ON u.id = b.actor_id WHERE b.id = $1"
    ))
    .bind(id)
    .optional()
    .await
}

pub(super) async fn put(tx: &mut Tx, who: Admin, new: &NewBlock, now: Timestamp) -> Result<BlockId> {
    tx.query(sql!(
        "INSERT INTO pod_blocks (target, subdomains, severity, reject_media, reject_reports, obfuscate, reason, note,
                                 actor_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
         ON CONFLICT (target) DO UPDATE SET subdomains = excluded.subdomains, severity = excluded.severity,
             reject_media = excluded.reject_media, reject_reports = excluded.reject_reports,
             obfuscate = excluded.obfuscate, reason = excluded.reason, note = excluded.note,
             actor_id = excluded.actor_id, updated_at = excluded.updated_at
         RETURNING id"
    ))
    .bind(new.target.as_str())
    .bind(new.subdomains)
    .bind(new.severity.number())
    .bind(new.reject_media)
    .bind(new.reject_reports)
    .bind(new.obfuscate)
    .bind(&new.reason)
    .bind(&new.note)
    .bind(who.user())
    .bind(now)
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

pub(super) async fn delete(tx: &mut Tx, target: &str) -> Result<u64> {
    tx.query(sql!("DELETE FROM pod_blocks WHERE target = $1")).bind(target).run().await
}

/// The role of a member with this diaspora* ID.
pub(super) async fn role(conn: &mut Conn, diaspora_id: &str) -> Result<Option<String>> {
    conn.query(sql!(
        "SELECT u.role FROM users u JOIN people p ON p.id = u.person_id WHERE p.diaspora_id = $1"
    ))
    .bind(diaspora_id)
    .scalar()
    .await
}

// --- what the rules make of people ---

pub(super) async fn pods(conn: &mut Conn) -> Result<Vec<(RemotePodId, String)>> {
    conn.query(sql!("SELECT id, host FROM remote_pods")).all().await
}

/// Everybody of these pods.
pub(super) async fn set_pods(tx: &mut Tx, pods: &[RemotePodId], severity: i64, media: bool) -> Result<u64> {
    tx.query(sql!(
        sqlite: "UPDATE people SET standing = $2, media_hidden = $3
                 WHERE remote_pod_id IN (SELECT value FROM json_each($1))",
        postgres: "UPDATE people SET standing = $2, media_hidden = $3
                   WHERE remote_pod_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))",
    ))
    .bind(Json(pods))
    .bind(severity)
    .bind(media)
    .run()
    .await
}

/// Everybody, before the rules say otherwise.
pub(super) async fn clear_people(tx: &mut Tx) -> Result<u64> {
    tx.query(sql!("UPDATE people SET standing = 0, media_hidden = FALSE WHERE standing > 0 OR media_hidden"))
        .run()
        .await
}

/// A rule about one person adds to what holds for their pod.
pub(super) async fn raise_person(tx: &mut Tx, diaspora_id: &str, severity: i64, media: bool) -> Result<u64> {
    tx.query(sql!(
        "UPDATE people SET standing = CASE WHEN standing > $2 THEN standing ELSE $2 END,
                media_hidden = (media_hidden OR $3) WHERE diaspora_id = $1"
    ))
    .bind(diaspora_id)
    .bind(severity)
    .bind(media)
    .run()
    .await
}

/// What waits for whom nothing is sent to any more.
pub(super) async fn drop_deliveries(tx: &mut Tx, pods: &[RemotePodId]) -> Result<u64> {
    tx.query(sql!(
        sqlite: "DELETE FROM deliveries WHERE remote_pod_id IN (SELECT value FROM json_each($1))
                    OR recipient_id IN (SELECT id FROM people WHERE standing > 1)",
        postgres: "DELETE FROM deliveries
                   WHERE remote_pod_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))
                      OR recipient_id IN (SELECT id FROM people WHERE standing > 1)",
    ))
    .bind(Json(pods))
    .run()
    .await
}

pub(super) async fn suspended(conn: &mut Conn, people: &[PersonId]) -> Result<Vec<PersonId>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(sql!(
        sqlite: "SELECT id FROM people WHERE standing > 1 AND id IN (SELECT value FROM json_each($1))",
        postgres: "SELECT id FROM people
                   WHERE standing > 1 AND id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))",
    ))
    .bind(Json(people))
    .scalars()
    .await
}

// --- drafts ---

/// A line of an imported list.
#[derive(Debug, Clone, sqlx::FromRow)]
#[allow(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub(super) struct DraftRow {
    pub id: DraftId,
    pub target: String,
    pub subdomains: bool,
    pub severity: i64,
    pub reject_media: bool,
    pub reject_reports: bool,
    pub obfuscate: bool,
    pub reason: String,
    pub source: String,
    /// What the rule about the same host is now.
    pub present: Option<i64>,
}

pub(super) async fn drafts(conn: &mut Conn, count: i64) -> Result<Vec<DraftRow>> {
    conn.query(sql!(
        "SELECT d.id, d.target, d.subdomains, d.severity, d.reject_media, d.reject_reports, d.obfuscate, d.reason,
                d.source, b.severity AS present
         FROM block_drafts d LEFT JOIN pod_blocks b ON b.target = d.target ORDER BY d.target LIMIT $1"
    ))
    .bind(count)
    .all()
    .await
}

pub(super) async fn count_drafts(conn: &mut Conn) -> Result<i64> {
    Ok(conn.query(sql!("SELECT COUNT(*) FROM block_drafts")).scalar().await?.unwrap_or(0))
}

pub(super) async fn draft(conn: &mut Conn, id: DraftId) -> Result<Option<DraftRow>> {
    conn.query(sql!(
        "SELECT d.id, d.target, d.subdomains, d.severity, d.reject_media, d.reject_reports, d.obfuscate, d.reason,
                d.source, b.severity AS present
         FROM block_drafts d LEFT JOIN pod_blocks b ON b.target = d.target WHERE d.id = $1"
    ))
    .bind(id)
    .optional()
    .await
}

/// 0 where a rule says the same already.
pub(super) async fn put_draft(tx: &mut Tx, new: &NewBlock, source: &str, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO block_drafts (target, subdomains, severity, reject_media, reject_reports, obfuscate, reason,
                                   source, created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
         WHERE NOT EXISTS (SELECT 1 FROM pod_blocks b WHERE b.target = $1 AND b.severity = $3
                             AND b.reject_media = $4 AND b.subdomains = $2)
         ON CONFLICT (target) DO UPDATE SET subdomains = excluded.subdomains, severity = excluded.severity,
             reject_media = excluded.reject_media, reject_reports = excluded.reject_reports,
             obfuscate = excluded.obfuscate, reason = excluded.reason, source = excluded.source,
             created_at = excluded.created_at"
    ))
    .bind(new.target.as_str())
    .bind(new.subdomains)
    .bind(new.severity.number())
    .bind(new.reject_media)
    .bind(new.reject_reports)
    .bind(new.obfuscate)
    .bind(&new.reason)
    .bind(source)
    .bind(now)
    .run()
    .await
}

pub(super) async fn delete_draft(tx: &mut Tx, id: DraftId) -> Result<u64> {
    tx.query(sql!("DELETE FROM block_drafts WHERE id = $1")).bind(id).run().await
}

/// Known pods with the people there, and how many contacts members have among them.
pub(super) async fn crowds(conn: &mut Conn) -> Result<Vec<(String, i64, i64)>> {
    conn.query(sql!(
        "SELECT r.host, COUNT(DISTINCT p.id), COUNT(c.id) FROM remote_pods r JOIN people p ON p.remote_pod_id = r.id
         LEFT JOIN contacts c ON c.person_id = p.id GROUP BY r.host"
    ))
    .all()
    .await
}
