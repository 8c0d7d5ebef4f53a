//! The member's notifications, newest first.
use super::{Kind, Told};
use crate::{
    Error, Pod, Result,
    access::Owner,
    can_read,
    db::{self, Conn},
    id::{NotificationId, Timestamp},
    person::{Person, person_columns},
    sql,
    stream::Cursor,
    text::plain,
};
use sqlx::types::Json;
use std::collections::HashMap;

/// How many are on a page.
pub const PAGE: i64 = 25;

/// Something that others did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The row.
    pub id: NotificationId,
    /// What it is about.
    pub kind: Kind,
    /// Who did it, the last one first.
    pub actors: Vec<Person>,
    /// The post it is about.
    pub post_guid: Option<String>,
    /// The beginning of that post.
    pub post_title: Option<String>,
    /// The comment that mentions the member.
    pub comment_guid: Option<String>,
    /// What a plugin tells.
    pub told: Option<Told>,
    /// The member has not seen it.
    pub unread: bool,
    /// When it was first made.
    pub created_at: Timestamp,
    /// When the last actor joined.
    pub updated_at: Timestamp,
}

impl Notification {
    /// Where the next page begins when this is the last one of a page.
    pub fn cursor(&self) -> Cursor {
        Cursor::at(self.updated_at, self.id.0)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: NotificationId,
    kind: String,
    unread: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    post_guid: Option<String>,
    post_text: Option<String>,
    comment_guid: Option<String>,
    plugin: Option<String>,
    notice_kind: Option<String>,
    message_key: Option<String>,
    args: Option<String>,
    path: Option<String>,
}

impl Row {
    fn told(&mut self) -> Option<Told> {
        Some(Told {
            plugin: self.plugin.take()?,
            kind: self.notice_kind.take()?,
            message_key: self.message_key.take()?,
            args: self.args.take()?,
            path: self.path.take(),
        })
    }
}

#[derive(sqlx::FromRow)]
struct Actor {
    notification_id: NotificationId,
    #[sqlx(flatten)]
    person: Person,
}

/// A page of notifications; a full one has a next page at the last one's cursor.
pub async fn page(pod: &Pod, who: Owner, before: Option<Cursor>) -> Result<Vec<Notification>> {
    let mut conn = pod.db.read().await?;
    let rows = rows(&mut conn, who, before.unwrap_or_default()).await?;
    let ids: Vec<NotificationId> = rows.iter().map(|row| row.id).collect();
    let mut actors: HashMap<NotificationId, Vec<Person>> = HashMap::new();
    for actor in actors_of(&mut conn, &ids).await? {
        actors.entry(actor.notification_id).or_default().push(actor.person);
    }
    let notification = |mut row: Row| {
        Ok(Notification {
            told: row.told(),
            id: row.id,
            kind: row.kind.parse().map_err(|()| Error::internal("an unknown kind of notification"))?,
            actors: actors.remove(&row.id).unwrap_or_default(),
            post_guid: row.post_guid,
            post_title: row.post_text.map(|text| plain::title(&text)),
            comment_guid: row.comment_guid,
            unread: row.unread,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    };
    rows.into_iter().map(notification).collect()
}

async fn rows(conn: &mut Conn, who: Owner, before: Cursor) -> db::Result<Vec<Row>> {
    conn.query(sql!(concat!(
        "SELECT n.id, n.kind, n.unread, n.created_at, n.updated_at, p.guid AS post_guid, p.text AS post_text,
                c.guid AS comment_guid, t.plugin, t.kind AS notice_kind, t.message_key, t.args, t.path
         FROM notifications n LEFT JOIN posts p ON p.id = n.post_id LEFT JOIN comments c ON c.id = n.comment_id
         LEFT JOIN plugin_notices t ON t.id = n.notice_id
         WHERE n.user_id = $2 AND (n.updated_at, n.id) < ($3, $4) AND (n.post_id IS NULL OR ",
        can_read!("p", "$1", "$2"),
        ") ORDER BY n.updated_at DESC, n.id DESC LIMIT $5"
    )))
    .bind(who.person())
    .bind(who.user())
    .bind(before.time())
    .bind(before.row())
    .bind(PAGE)
    .all()
    .await
}

async fn actors_of(conn: &mut Conn, ids: &[NotificationId]) -> db::Result<Vec<Actor>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(sql!(
        sqlite: concat!(
            "SELECT a.notification_id, ", person_columns!("p", "f"),
            " FROM notification_actors a JOIN people p ON p.id = a.person_id
              LEFT JOIN profiles f ON f.person_id = p.id
              WHERE a.notification_id IN (SELECT value FROM json_each($1)) ORDER BY a.at DESC, p.id"
        ),
        postgres: concat!(
            "SELECT a.notification_id, ", person_columns!("p", "f"),
            " FROM notification_actors a JOIN people p ON p.id = a.person_id
              LEFT JOIN profiles f ON f.person_id = p.id
              WHERE a.notification_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))
              ORDER BY a.at DESC, p.id"
        ),
    ))
    .bind(Json(ids))
    .all()
    .await
}
