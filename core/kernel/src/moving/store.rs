//! Who moved where, and rows of `archive_imports`, `archive_import_items` and `archive_exports`.
use super::{LeftOut, Skipped, begin::Item};
use crate::{
    db::{Conn, Result, Tx},
    id::{ConversationId, PersonId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;

// --- moves ---

/// Where a person is now, if they moved.
pub(crate) async fn moved_to(conn: &mut Conn, person: PersonId) -> Result<Option<PersonId>> {
    Ok(conn
        .query(sql!("SELECT moved_to_id FROM people WHERE id = $1 AND moved_to_id IS NOT NULL"))
        .bind(person)
        .scalar::<i64>()
        .await?
        .map(PersonId))
}

/// Who this person was before.
pub(super) async fn moved_from(conn: &mut Conn, person: PersonId) -> Result<Vec<PersonId>> {
    conn.query(sql!("SELECT id FROM people WHERE moved_to_id = $1 ORDER BY id")).bind(person).scalars().await
}

pub(super) async fn user_has_moved(conn: &mut Conn, user: UserId) -> Result<bool> {
    Ok(conn
        .query(sql!(
            "SELECT p.id FROM users u JOIN people p ON p.id = u.person_id
             WHERE u.id = $1 AND p.moved_to_id IS NOT NULL"
        ))
        .bind(user)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// Members who share with a person, with their own identities.
pub(super) async fn followers(conn: &mut Conn, person: PersonId) -> Result<Vec<(UserId, PersonId)>> {
    conn.query(sql!(
        "SELECT u.id, u.person_id FROM contacts c JOIN users u ON u.id = c.user_id
         WHERE c.person_id = $1 AND c.receiving AND u.locked_at IS NULL ORDER BY u.id"
    ))
    .bind(person)
    .all()
    .await
}

/// So many conversations are sent once more to somebody who moved, the last ones.
const INTRODUCED: i64 = 100;

/// Conversations that members began with this person, but not with somebody whom they ignore.
pub(super) async fn begun_here_with(conn: &mut Conn, person: PersonId) -> Result<Vec<ConversationId>> {
    conn.query(sql!(
        "SELECT c.id FROM people p
         JOIN conversation_participants t ON t.person_id = p.id OR t.diaspora_id = p.diaspora_id
         JOIN conversations c ON c.id = t.conversation_id JOIN users u ON u.person_id = c.author_id
         WHERE p.id = $1 AND c.author_id <> $1 AND c.subject <> '' AND u.locked_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = u.id AND b.person_id = p.id)
         ORDER BY c.id DESC LIMIT $2"
    ))
    .bind(person)
    .bind(INTRODUCED)
    .scalars()
    .await
}

pub(super) async fn is_contact(conn: &mut Conn, user: UserId, person: PersonId) -> Result<bool> {
    Ok(conn
        .query(sql!("SELECT id FROM contacts WHERE user_id = $1 AND person_id = $2 AND receiving"))
        .bind(user)
        .bind(person)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// Pictures of the person that lay on the old pod are told to lie elsewhere.
pub(super) async fn move_photos(tx: &mut Tx, person: PersonId, old_base: &str, path: &str) -> Result<u64> {
    tx.query(sql!(
        "UPDATE photos SET remote_path = $3 WHERE author_id = $1 AND substr(remote_path, 1, length($2)) = $2"
    ))
    .bind(person)
    .bind(old_base)
    .bind(path)
    .run()
    .await
}

// --- imports ---

/// An account on its way in.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct ImportRow {
    pub id: i64,
    pub user_id: UserId,
    /// The member's identity here.
    pub person_id: PersonId,
    pub username: String,
    pub new_id: String,
    pub old_person_id: PersonId,
    pub old_id: String,
    pub private_key: Option<Vec<u8>>,
    pub finished_at: Option<Timestamp>,
}

pub(super) async fn import(conn: &mut Conn, id: i64) -> Result<Option<ImportRow>> {
    conn.query(sql!(
        "SELECT i.id, i.user_id, u.person_id, u.username, n.diaspora_id AS new_id, i.old_person_id,
                o.diaspora_id AS old_id, i.private_key, i.finished_at
         FROM archive_imports i JOIN users u ON u.id = i.user_id JOIN people n ON n.id = u.person_id
         JOIN people o ON o.id = i.old_person_id WHERE i.id = $1 AND n.closed_at IS NULL"
    ))
    .bind(id)
    .optional()
    .await
}

pub(super) async fn import_of(conn: &mut Conn, user: UserId) -> Result<Option<i64>> {
    conn.query(sql!("SELECT id FROM archive_imports WHERE user_id = $1")).bind(user).scalar().await
}

/// Whether somebody moves, or moved, this identity into this pod.
pub(super) async fn is_moving(conn: &mut Conn, old: PersonId) -> Result<bool> {
    Ok(conn
        .query(sql!("SELECT id FROM archive_imports WHERE old_person_id = $1 LIMIT 1"))
        .bind(old)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// None when this member moves in already.
pub(super) async fn insert_import(
    tx: &mut Tx,
    user: UserId,
    old: PersonId,
    private_key: &[u8],
    now: Timestamp,
) -> Result<Option<i64>> {
    tx.query(sql!(
        "INSERT INTO archive_imports (user_id, old_person_id, private_key, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING id"
    ))
    .bind(user)
    .bind(old)
    .bind(private_key)
    .bind(now)
    .scalar()
    .await
}

/// The end: the old private key is gone with it.
pub(super) async fn finish_import(tx: &mut Tx, id: i64, now: Timestamp) -> Result<u64> {
    tx.query(sql!("UPDATE archive_imports SET private_key = NULL, finished_at = $2 WHERE id = $1"))
        .bind(id)
        .bind(now)
        .run()
        .await
}

/// In their order.
pub(super) async fn insert_items(tx: &mut Tx, import: i64, items: &[Item]) -> Result<u64> {
    let rows: Vec<_> =
        items.iter().map(|item| (item.kind, &item.label, &item.payload, item.reason)).collect();
    tx.query(sql!(
        sqlite: "INSERT INTO archive_import_items (import_id, kind, label, payload, reason, state)
                 SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3,
                        CASE WHEN value ->> 3 IS NULL THEN 'waiting' ELSE 'skipped' END
                 FROM json_each($2) WHERE TRUE ORDER BY key",
        postgres: "INSERT INTO archive_import_items (import_id, kind, label, payload, reason, state)
                   SELECT CAST($1 AS BIGINT), t.one ->> 0, t.one ->> 1, t.one ->> 2, t.one ->> 3,
                          CASE WHEN t.one ->> 3 IS NULL THEN 'waiting' ELSE 'skipped' END
                   FROM jsonb_array_elements($2) WITH ORDINALITY AS t(one, at) ORDER BY t.at",
    ))
    .bind(import)
    .bind(Json(rows))
    .run()
    .await
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct ItemRow {
    pub id: i64,
    pub kind: String,
    pub label: String,
    pub payload: String,
    /// How often what it hangs on was not to be had.
    pub tries: i64,
}

/// The next things to do, in their order; what is tried again comes when its time has come.
pub(super) async fn due(conn: &mut Conn, import: i64, now: Timestamp, count: i64) -> Result<Vec<ItemRow>> {
    conn.query(sql!(
        "SELECT id, kind, label, payload, tries FROM archive_import_items
         WHERE import_id = $1 AND state = 'waiting' AND due_at <= $2 ORDER BY due_at, id LIMIT $3"
    ))
    .bind(import)
    .bind(now)
    .bind(count)
    .all()
    .await
}

/// When something is to be tried again next.
pub(super) async fn next_due(conn: &mut Conn, import: i64) -> Result<Option<Timestamp>> {
    conn.query(sql!(
        "SELECT due_at FROM archive_import_items WHERE import_id = $1 AND state = 'waiting'
         ORDER BY due_at, id LIMIT 1"
    ))
    .bind(import)
    .scalar()
    .await
}

/// So many things were asked for at this pod, without an answer, and wait for the next try; at most `most` are counted.
pub(super) async fn unanswered(
    conn: &mut Conn,
    import: i64,
    host: &str,
    now: Timestamp,
    most: i64,
) -> Result<i64> {
    Ok(conn
        .query(sql!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM archive_import_items
             WHERE import_id = $1 AND away_host = $2 AND due_at > $3 AND state = 'waiting' LIMIT $4) q"
        ))
        .bind(import)
        .bind(host)
        .bind(now)
        .bind(most)
        .scalar()
        .await?
        .unwrap_or(0))
}

/// It is tried again at this time.
pub(super) async fn postpone(
    tx: &mut Tx,
    item: i64,
    tries: i64,
    due_at: Timestamp,
    away_host: Option<&str>,
) -> Result<u64> {
    tx.query(sql!("UPDATE archive_import_items SET tries = $2, due_at = $3, away_host = $4 WHERE id = $1"))
        .bind(item)
        .bind(tries)
        .bind(due_at)
        .bind(away_host)
        .run()
        .await
}

/// Written in the transaction of what the item brought.
pub(super) async fn settle(
    tx: &mut Tx,
    item: i64,
    state: &str,
    reason: Option<&str>,
    person: Option<PersonId>,
) -> Result<u64> {
    tx.query(sql!(
        "UPDATE archive_import_items SET state = $2, reason = $3, person_id = $4, payload = '' WHERE id = $1"
    ))
    .bind(item)
    .bind(state)
    .bind(reason)
    .bind(person)
    .run()
    .await
}

/// A pod that did not answer for one contact is not asked for the next.
pub(super) async fn is_dead(conn: &mut Conn, import: i64, host: &str) -> Result<bool> {
    Ok(conn
        .query(sql!(
            "SELECT id FROM archive_import_items
             WHERE import_id = $1 AND state = 'skipped' AND reason = 'unreachable'
               AND substr(label, length(label) - length($2), length($2) + 1) = '@' || $2 LIMIT 1"
        ))
        .bind(import)
        .bind(host)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// The contacts of the archive that were found.
pub(super) async fn found(conn: &mut Conn, import: i64) -> Result<Vec<PersonId>> {
    conn.query(sql!(
        "SELECT DISTINCT person_id FROM archive_import_items WHERE import_id = $1 AND person_id IS NOT NULL
         ORDER BY person_id"
    ))
    .bind(import)
    .scalars()
    .await
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct CountRow {
    pub kind: String,
    pub state: String,
    pub count: i64,
}

pub(super) async fn counts(conn: &mut Conn, import: i64) -> Result<Vec<CountRow>> {
    conn.query(sql!(
        "SELECT kind, state, COUNT(*) AS count FROM archive_import_items WHERE import_id = $1
         GROUP BY kind, state ORDER BY MIN(id)"
    ))
    .bind(import)
    .all()
    .await
}

pub(super) async fn left_out(conn: &mut Conn, import: i64) -> Result<Vec<LeftOut>> {
    conn.query(sql!(
        "SELECT reason, COUNT(*) AS count FROM archive_import_items
         WHERE import_id = $1 AND state = 'skipped' AND reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1"
    ))
    .bind(import)
    .all()
    .await
}

pub(super) async fn skipped(conn: &mut Conn, import: i64, count: i64) -> Result<Vec<Skipped>> {
    conn.query(sql!(
        "SELECT kind, label, COALESCE(reason, '') AS reason FROM archive_import_items WHERE import_id = $1 AND state = 'skipped'
         ORDER BY id LIMIT $2"
    ))
    .bind(import)
    .bind(count)
    .all()
    .await
}

// --- exports ---

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct ExportRow {
    pub bytes: i64,
    pub asked_at: Timestamp,
    pub made_at: Option<Timestamp>,
}

pub(super) async fn export(conn: &mut Conn, user: UserId) -> Result<Option<ExportRow>> {
    conn.query(sql!("SELECT bytes, asked_at, made_at FROM archive_exports WHERE user_id = $1"))
        .bind(user)
        .optional()
        .await
}

/// A new request takes the place of the old archive.
pub(super) async fn ask_export(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO archive_exports (user_id, asked_at) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET data = NULL, bytes = 0, made_at = NULL, asked_at = excluded.asked_at"
    ))
    .bind(user)
    .bind(now)
    .run()
    .await
}

pub(super) async fn keep_export(
    tx: &mut Tx,
    user: UserId,
    data: &[u8],
    bytes: i64,
    now: Timestamp,
) -> Result<u64> {
    tx.query(sql!(
        "UPDATE archive_exports SET data = $2, bytes = $3, made_at = $4 WHERE user_id = $1 AND made_at IS NULL"
    ))
    .bind(user)
    .bind(data)
    .bind(bytes)
    .bind(now)
    .run()
    .await
}

pub(super) async fn export_data(conn: &mut Conn, user: UserId) -> Result<Option<Vec<u8>>> {
    conn.query(sql!("SELECT data FROM archive_exports WHERE user_id = $1 AND data IS NOT NULL"))
        .bind(user)
        .scalar()
        .await
}

pub(super) async fn delete_exports(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query(sql!("DELETE FROM archive_exports WHERE asked_at < $1")).bind(before).run().await
}
