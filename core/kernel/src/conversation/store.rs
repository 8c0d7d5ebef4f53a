//! SQL about conversations: rows, and who of this pod has them. What one member sees is in `view`.
use super::State;
use crate::{
    access::Owner,
    db::{self, Conn, Tx},
    id::{ConversationId, MessageId, PersonId, RemotePodId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;
use std::collections::BTreeSet;

pub use super::view::{
    ListRow, MessageRow, Slice, contact, find_visible, list, messages, mutual, people, unread,
};

/// How a conversation stands, from its two columns.
pub const fn state(muted: bool, hidden: bool) -> State {
    match (muted, hidden) {
        (_, true) => State::Hidden,
        (true, false) => State::Muted,
        (false, false) => State::Open,
    }
}

// --- conversations and who is in them ---

/// None when the guid is taken.
pub async fn insert(
    tx: &mut Tx,
    guid: &str,
    subject: &str,
    author: PersonId,
    created_at: Timestamp,
) -> db::Result<Option<ConversationId>> {
    tx.query(sql!(
        "INSERT INTO conversations (guid, subject, author_id, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (guid) DO NOTHING RETURNING id"
    ))
    .bind(guid)
    .bind(subject)
    .bind(author)
    .bind(created_at)
    .scalar()
    .await
}

pub async fn insert_participant(
    tx: &mut Tx,
    id: ConversationId,
    diaspora_id: &str,
    person: Option<PersonId>,
    position: i64,
) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO conversation_participants (conversation_id, diaspora_id, person_id, position)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    ))
    .bind(id)
    .bind(diaspora_id)
    .bind(person)
    .bind(position)
    .run()
    .await
}

/// In the order in which the conversation's author names them.
pub async fn insert_participants(
    tx: &mut Tx,
    id: ConversationId,
    all: &[(String, Option<PersonId>)],
) -> db::Result<()> {
    for ((diaspora_id, person), position) in all.iter().zip(0..) {
        insert_participant(tx, id, diaspora_id, *person, position).await?;
    }
    Ok(())
}

/// The pod of a participant has said who that is.
pub async fn found(tx: &mut Tx, diaspora_id: &str, person: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE conversation_participants SET person_id = $2 WHERE diaspora_id = $1 AND person_id IS NULL"
    ))
    .bind(diaspora_id)
    .bind(person)
    .run()
    .await
}

/// Participants whose pod has not said who they are.
pub async fn unknown(conn: &mut Conn, id: ConversationId) -> db::Result<Vec<String>> {
    conn.query(sql!(
        "SELECT diaspora_id FROM conversation_participants WHERE conversation_id = $1 AND person_id IS NULL
         ORDER BY position"
    ))
    .bind(id)
    .scalars()
    .await
}

/// Everybody in it, as they are called now; nobody of a fragment, for who is in it is not known.
pub async fn participants(conn: &mut Conn, guid: &str) -> db::Result<Vec<String>> {
    conn.query(sql!(
        "SELECT COALESCE(p.diaspora_id, t.diaspora_id) FROM conversations c
         JOIN conversation_participants t ON t.conversation_id = c.id LEFT JOIN people p ON p.id = t.person_id
         WHERE c.guid = $1 AND c.subject <> '' ORDER BY t.position"
    ))
    .bind(guid)
    .scalars()
    .await
}

/// Whether the member is in it.
pub async fn takes_part(conn: &mut Conn, id: ConversationId, user: UserId) -> db::Result<bool> {
    let found: Option<ConversationId> = conn
        .query(sql!(
            "SELECT t.conversation_id FROM conversation_participants t JOIN users u ON u.person_id = t.person_id
             WHERE t.conversation_id = $1 AND u.id = $2"
        ))
        .bind(id)
        .bind(user)
        .scalar()
        .await?;
    Ok(found.is_some())
}

/// A conversation, whoever is in it: only for work that shows it to nobody.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Row {
    pub id: ConversationId,
    pub author_id: PersonId,
    /// Only later messages of it came: see `fragment`.
    pub is_fragment: bool,
}

pub async fn find_any(conn: &mut Conn, guid: &str) -> db::Result<Option<Row>> {
    conn.query(sql!("SELECT id, author_id, subject = '' AS is_fragment FROM conversations WHERE guid = $1"))
        .bind(guid)
        .optional()
        .await
}

pub async fn diaspora_id(conn: &mut Conn, person: PersonId) -> db::Result<Option<String>> {
    conn.query(sql!("SELECT diaspora_id FROM people WHERE id = $1")).bind(person).scalar().await
}

/// Somebody whom the member may write to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Addressee {
    pub person_id: PersonId,
    pub diaspora_id: String,
    /// The account, on this pod.
    pub user_id: Option<UserId>,
}

/// Those of `people` who share with the member and with whom the member shares. That a member of this pod
/// shares back is asked of their own row too.
pub async fn mutual_among(
    conn: &mut Conn,
    user: UserId,
    people: &BTreeSet<PersonId>,
) -> db::Result<Vec<Addressee>> {
    conn.query(sql!(
        sqlite: "SELECT p.id AS person_id, p.diaspora_id, o.id AS user_id FROM contacts c
                 JOIN people p ON p.id = c.person_id LEFT JOIN users o ON o.person_id = p.id
                 JOIN users me ON me.id = c.user_id
                 WHERE c.user_id = $1 AND c.sharing AND c.receiving AND p.closed_at IS NULL
                   AND (o.id IS NULL OR EXISTS (SELECT 1 FROM contacts b WHERE b.user_id = o.id
                                                AND b.person_id = me.person_id AND b.receiving))
                   AND p.id IN (SELECT value FROM json_each($2)) ORDER BY p.id",
        postgres: "SELECT p.id AS person_id, p.diaspora_id, o.id AS user_id FROM contacts c
                   JOIN people p ON p.id = c.person_id LEFT JOIN users o ON o.person_id = p.id
                   JOIN users me ON me.id = c.user_id
                   WHERE c.user_id = $1 AND c.sharing AND c.receiving AND p.closed_at IS NULL
                     AND (o.id IS NULL OR EXISTS (SELECT 1 FROM contacts b WHERE b.user_id = o.id
                                                  AND b.person_id = me.person_id AND b.receiving))
                     AND p.id IN (SELECT value::bigint FROM jsonb_array_elements_text($2)) ORDER BY p.id",
    ))
    .bind(user)
    .bind(Json(people))
    .all()
    .await
}

// --- how it stands with a member ---

/// 1 when the member did not have it before.
pub async fn show_to(tx: &mut Tx, id: ConversationId, user: UserId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO conversation_visibilities (conversation_id, user_id, unread, hidden, updated_at)
         VALUES ($1, $2, 0, FALSE, $3) ON CONFLICT DO NOTHING"
    ))
    .bind(id)
    .bind(user)
    .bind(now)
    .run()
    .await
}

pub async fn has(conn: &mut Conn, id: ConversationId, user: UserId) -> db::Result<bool> {
    let found: Option<ConversationId> = conn
        .query(sql!(
            "SELECT conversation_id FROM conversation_visibilities WHERE conversation_id = $1 AND user_id = $2"
        ))
        .bind(id)
        .bind(user)
        .scalar()
        .await?;
    Ok(found.is_some())
}

/// A new message of `author`: unread for everybody here who has not muted it and does not ignore them.
pub async fn announce(tx: &mut Tx, id: ConversationId, author: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE conversation_visibilities SET updated_at = $3, unread = unread + CASE
             WHEN EXISTS (SELECT 1 FROM users u WHERE u.id = conversation_visibilities.user_id
                          AND u.person_id = $2) THEN 0 ELSE 1 END
         WHERE conversation_id = $1 AND muted_after IS NULL
           AND NOT EXISTS (SELECT 1 FROM blocks b
                           WHERE b.user_id = conversation_visibilities.user_id AND b.person_id = $2)"
    ))
    .bind(id)
    .bind(author)
    .bind(now)
    .run()
    .await
}

/// Everything of others that was here before the member's copy came is unread.
pub async fn catch_up(tx: &mut Tx, id: ConversationId, user: UserId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE conversation_visibilities SET unread = (
             SELECT COUNT(*) FROM messages m JOIN users u ON u.id = $2
             WHERE m.conversation_id = $1 AND m.author_id <> u.person_id
               AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $2 AND b.person_id = m.author_id))
         WHERE conversation_id = $1 AND user_id = $2"
    ))
    .bind(id)
    .bind(user)
    .run()
    .await
}

/// From now on nothing is shown or counted. Muting again keeps the moment.
pub async fn mute(tx: &mut Tx, user: UserId, id: ConversationId, hidden: bool) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE conversation_visibilities SET hidden = $3, unread = 0, muted_after = COALESCE(
             muted_after, (SELECT MAX(m.id) FROM messages m WHERE m.conversation_id = $1), 0)
         WHERE conversation_id = $1 AND user_id = $2"
    ))
    .bind(id)
    .bind(user)
    .bind(hidden)
    .run()
    .await
}

/// Open again: what came meanwhile is there, and unread.
pub async fn open(tx: &mut Tx, who: Owner, id: ConversationId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE conversation_visibilities SET hidden = FALSE, muted_after = NULL,
             unread = (SELECT COUNT(*) FROM messages m WHERE m.conversation_id = $1 AND m.author_id <> $3
                       AND m.id > conversation_visibilities.muted_after
                       AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $2 AND b.person_id = m.author_id)),
             updated_at = COALESCE((SELECT MAX(m.arrived_at) FROM messages m WHERE m.conversation_id = $1
                                    AND m.id > conversation_visibilities.muted_after), updated_at)
         WHERE conversation_id = $1 AND user_id = $2 AND muted_after IS NOT NULL"
    ))
    .bind(id)
    .bind(who.user())
    .bind(who.person())
    .run()
    .await
}

/// `seen` messages are read; what came since stays unread.
pub async fn mark_read(tx: &mut Tx, user: UserId, id: ConversationId, seen: i64) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE conversation_visibilities SET unread = CASE WHEN unread > $3 THEN unread - $3 ELSE 0 END
         WHERE conversation_id = $1 AND user_id = $2"
    ))
    .bind(id)
    .bind(user)
    .bind(seen)
    .run()
    .await
}

// --- messages ---

pub struct NewRow<'a> {
    pub guid: &'a str,
    pub conversation: ConversationId,
    pub author: PersonId,
    pub text: &'a str,
    pub created_at: Timestamp,
}

/// None when the guid is taken.
pub async fn insert_message(tx: &mut Tx, new: &NewRow<'_>, now: Timestamp) -> db::Result<Option<MessageId>> {
    tx.query(sql!(
        "INSERT INTO messages (guid, conversation_id, author_id, text, created_at, arrived_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (guid) DO NOTHING RETURNING id"
    ))
    .bind(new.guid)
    .bind(new.conversation)
    .bind(new.author)
    .bind(new.text)
    .bind(new.created_at)
    .bind(now)
    .scalar()
    .await
}

/// Whether the guid names a message of this author in this conversation.
pub async fn is_message(
    conn: &mut Conn,
    guid: &str,
    id: ConversationId,
    author: PersonId,
) -> db::Result<bool> {
    let found: Option<MessageId> = conn
        .query(sql!("SELECT id FROM messages WHERE guid = $1 AND conversation_id = $2 AND author_id = $3"))
        .bind(guid)
        .bind(id)
        .bind(author)
        .scalar()
        .await?;
    Ok(found.is_some())
}

// --- what is sent ---

/// A message of a member with its conversation, as it travels.
#[derive(Debug, sqlx::FromRow)]
pub struct OutgoingRow {
    pub guid: String,
    pub text: String,
    pub created_at: Timestamp,
    pub author_id: PersonId,
    pub author: String,
    pub user_id: UserId,
    pub conversation_id: ConversationId,
    pub conversation_guid: String,
    pub subject: String,
}

pub async fn outgoing(conn: &mut Conn, message: MessageId) -> db::Result<Option<OutgoingRow>> {
    conn.query(sql!(
        "SELECT m.guid, m.text, m.created_at, m.author_id, p.diaspora_id AS author, u.id AS user_id,
                c.id AS conversation_id, c.guid AS conversation_guid, c.subject
         FROM messages m JOIN conversations c ON c.id = m.conversation_id JOIN people p ON p.id = m.author_id
         JOIN users u ON u.person_id = p.id WHERE m.id = $1"
    ))
    .bind(message)
    .optional()
    .await
}

/// The message that a conversation began with: its author's first one.
pub async fn first_message(conn: &mut Conn, id: ConversationId) -> db::Result<Option<MessageId>> {
    conn.query(sql!(
        "SELECT MIN(m.id) FROM messages m JOIN conversations c ON c.id = m.conversation_id
         WHERE c.id = $1 AND m.author_id = c.author_id"
    ))
    .bind(id)
    .scalar::<Option<MessageId>>()
    .await
    .map(Option::flatten)
}

/// Everybody in it on other pods, but the author of what is sent.
pub async fn remote(
    conn: &mut Conn,
    id: ConversationId,
    but: PersonId,
) -> db::Result<Vec<(PersonId, RemotePodId)>> {
    conn.query(sql!(
        "SELECT p.id, p.remote_pod_id FROM conversation_participants t JOIN people p ON p.id = t.person_id
         WHERE t.conversation_id = $1 AND p.id <> $2 AND p.remote_pod_id IS NOT NULL AND p.closed_at IS NULL
         ORDER BY p.id"
    ))
    .bind(id)
    .bind(but)
    .all()
    .await
}
