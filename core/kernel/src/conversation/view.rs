//! SQL for what a member sees of conversations. Every statement starts from the member's own rows.
use crate::{
    db::{self, Conn},
    id::{ContactId, ConversationId, MessageId, PersonId, Timestamp, UserId},
    person::{Person, person_columns},
    sql,
    stream::Cursor,
};
use sqlx::types::Json;

/// The message `m` is shown to the member of the row `v`: it came before the mute, and they do not ignore its
/// author.
macro_rules! is_shown {
    () => {
        "(v.muted_after IS NULL OR m.id <= v.muted_after)
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = v.user_id AND b.person_id = m.author_id)"
    };
}

/// A conversation that the member has.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct VisibleRow {
    pub id: ConversationId,
    pub guid: String,
    pub subject: String,
    pub created_at: Timestamp,
    pub unread: i64,
    pub muted: bool,
    pub hidden: bool,
    pub updated_at: Timestamp,
    #[sqlx(flatten)]
    pub author: Person,
}

/// The conversation that `key` (a guid, or the number of its row) names, if the member has it.
pub async fn find_visible(conn: &mut Conn, user: UserId, key: &str) -> db::Result<Option<VisibleRow>> {
    let id = if key.len() < 16 { key.parse().unwrap_or(0) } else { 0 };
    conn.query(sql!(concat!(
        "SELECT c.id, c.guid, c.subject, c.created_at, v.unread, v.muted_after IS NOT NULL AS muted, v.hidden,
                v.updated_at, ",
        person_columns!("p", "f"),
        " FROM conversation_visibilities v JOIN conversations c ON c.id = v.conversation_id
          JOIN people p ON p.id = c.author_id LEFT JOIN profiles f ON f.person_id = p.id
          WHERE v.user_id = $1 AND (c.guid = $2 OR c.id = $3)"
    )))
    .bind(user)
    .bind(key)
    .bind(ConversationId(id))
    .optional()
    .await
}

/// A conversation in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ListRow {
    pub id: ConversationId,
    pub guid: String,
    pub subject: String,
    pub created_at: Timestamp,
    pub unread: i64,
    pub muted: bool,
    pub hidden: bool,
    pub updated_at: Timestamp,
    pub last_text: Option<String>,
    #[sqlx(flatten)]
    pub author: Person,
}

pub async fn list(
    conn: &mut Conn,
    user: UserId,
    hidden: bool,
    before: Cursor,
    count: i64,
) -> db::Result<Vec<ListRow>> {
    conn.query(sql!(concat!(
        "SELECT c.id, c.guid, c.subject, c.created_at, v.unread, v.muted_after IS NOT NULL AS muted, v.hidden,
                v.updated_at,
                (SELECT m.text FROM messages m WHERE m.conversation_id = c.id AND ",
        is_shown!(),
        "        ORDER BY m.created_at DESC, m.id DESC LIMIT 1) AS last_text, ",
        person_columns!("p", "f"),
        " FROM conversation_visibilities v JOIN conversations c ON c.id = v.conversation_id
          JOIN people p ON p.id = c.author_id LEFT JOIN profiles f ON f.person_id = p.id
          WHERE v.user_id = $1 AND v.hidden = $2 AND (v.updated_at, v.conversation_id) < ($3, $4)
          ORDER BY v.updated_at DESC, v.conversation_id DESC LIMIT $5"
    )))
    .bind(user)
    .bind(hidden)
    .bind(before.time())
    .bind(before.row())
    .bind(count)
    .all()
    .await
}

/// Somebody in one of several conversations.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ParticipantRow {
    pub conversation_id: ConversationId,
    #[sqlx(flatten)]
    pub person: Person,
}

/// Everybody known in these conversations, in the order that their authors named them.
pub async fn people(conn: &mut Conn, ids: &[ConversationId]) -> db::Result<Vec<ParticipantRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(sql!(
        sqlite: concat!(
            "SELECT t.conversation_id, ", person_columns!("p", "f"),
            " FROM conversation_participants t JOIN conversations c ON c.id = t.conversation_id
              JOIN people p ON p.id = t.person_id LEFT JOIN profiles f ON f.person_id = p.id
              WHERE t.conversation_id IN (SELECT value FROM json_each($1))
              ORDER BY CASE WHEN p.id = c.author_id THEN 0 ELSE 1 END, t.position"
        ),
        postgres: concat!(
            "SELECT t.conversation_id, ", person_columns!("p", "f"),
            " FROM conversation_participants t JOIN conversations c ON c.id = t.conversation_id
              JOIN people p ON p.id = t.person_id LEFT JOIN profiles f ON f.person_id = p.id
              WHERE t.conversation_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))
              ORDER BY CASE WHEN p.id = c.author_id THEN 0 ELSE 1 END, t.position"
        ),
    ))
    .bind(Json(ids))
    .all()
    .await
}

/// Which part of a conversation.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    /// The renderer's key.
    pub key: &'a str,
    pub before: Cursor,
    pub limit: i64,
}

/// A message with its author.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MessageRow {
    pub id: MessageId,
    pub guid: String,
    pub text: String,
    pub created_at: Timestamp,
    pub cached: Option<String>,
    #[sqlx(flatten)]
    pub author: Person,
}

/// Newest first.
pub async fn messages(
    conn: &mut Conn,
    user: UserId,
    id: ConversationId,
    slice: Slice<'_>,
) -> db::Result<Vec<MessageRow>> {
    conn.query(sql!(concat!(
        "SELECT m.id, m.guid, m.text, m.created_at, r.html AS cached, ",
        person_columns!("p", "f"),
        " FROM conversation_visibilities v JOIN messages m ON m.conversation_id = v.conversation_id
          JOIN people p ON p.id = m.author_id LEFT JOIN profiles f ON f.person_id = p.id
          LEFT JOIN rendered_messages r ON r.message_id = m.id AND r.renderer_key = $3
          WHERE v.user_id = $1 AND v.conversation_id = $2 AND (m.created_at, m.id) < ($4, $5) AND ",
        is_shown!(),
        " ORDER BY m.created_at DESC, m.id DESC LIMIT $6"
    )))
    .bind(user)
    .bind(id)
    .bind(slice.key)
    .bind(slice.before.time())
    .bind(slice.before.row())
    .bind(slice.limit)
    .all()
    .await
}

/// Messages that the member has not seen.
pub async fn unread(conn: &mut Conn, user: UserId) -> db::Result<i64> {
    let count: Option<i64> = conn
        .query(sql!(
            "SELECT CAST(COALESCE(SUM(unread), 0) AS BIGINT) FROM conversation_visibilities WHERE user_id = $1"
        ))
        .bind(user)
        .scalar()
        .await?;
    Ok(count.unwrap_or(0))
}

/// More contacts than this are not offered in one form.
const OFFERED: i64 = 500;

/// Who shares with the member and with whom the member shares, by name.
pub async fn mutual(conn: &mut Conn, user: UserId) -> db::Result<Vec<Person>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        " FROM contacts c JOIN people p ON p.id = c.person_id LEFT JOIN profiles f ON f.person_id = p.id
          WHERE c.user_id = $1 AND c.sharing AND c.receiving AND p.closed_at IS NULL
          ORDER BY COALESCE(f.full_name, ''), p.diaspora_id LIMIT $2"
    )))
    .bind(user)
    .bind(OFFERED)
    .all()
    .await
}

pub async fn contact(conn: &mut Conn, user: UserId, id: ContactId) -> db::Result<Option<PersonId>> {
    conn.query(sql!("SELECT person_id FROM contacts WHERE user_id = $1 AND id = $2"))
        .bind(user)
        .bind(id)
        .scalar()
        .await
}
