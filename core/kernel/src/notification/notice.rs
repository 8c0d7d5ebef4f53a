//! What plugins tell members: rows of `plugin_notices`, each with the notification that shows it.
use super::store;
use crate::{
    can_see,
    db::{self, Conn, Tx},
    id::{NotificationId, PersonId, PostId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;
use std::time::Duration;

/// A plugin tells one member at most so much within a day.
pub(crate) const PER_DAY: i64 = 100;
const DAY: Duration = Duration::from_hours(24);

/// What is told, in words of the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The plugin's slug.
    pub plugin: String,
    /// What the plugin calls such news.
    pub kind: String,
    /// Which of its sentences.
    pub message_key: String,
    /// What stands in it, as a JSON object.
    pub args: String,
    /// Where it leads on this pod.
    pub path: Option<String>,
}

/// Whom it is told, about what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct To<'a> {
    pub user: UserId,
    pub dedupe_key: &'a str,
    pub post: Option<PostId>,
    /// Who did it; none of whom the member ignores.
    pub actors: &'a [PersonId],
}

/// None when the member was told that already.
pub(crate) async fn tell(
    tx: &mut Tx,
    told: &Told,
    to: &To<'_>,
    now: Timestamp,
) -> db::Result<Option<NotificationId>> {
    let Some(notice) = insert(tx, told, to, now).await? else { return Ok(None) };
    let id: Option<NotificationId> = tx
        .query(sql!(
            "INSERT INTO notifications (user_id, kind, post_id, notice_id, unread, created_at, updated_at)
             VALUES ($1, 'plugin', $2, $3, TRUE, $4, $4) RETURNING id"
        ))
        .bind(to.user)
        .bind(to.post)
        .bind(notice)
        .bind(now)
        .scalar()
        .await?;
    let id = id.ok_or(sqlx::Error::RowNotFound)?;
    // the last one is the first to be named
    for (actor, age) in to.actors.iter().zip(0i64..) {
        store::add_actor(tx, &[id], *actor, Timestamp(now.0 - age)).await?;
    }
    Ok(Some(id))
}

async fn insert(tx: &mut Tx, told: &Told, to: &To<'_>, now: Timestamp) -> db::Result<Option<i64>> {
    tx.query(sql!(
        "INSERT INTO plugin_notices (plugin, user_id, dedupe_key, kind, message_key, args, path, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (plugin, user_id, dedupe_key) DO NOTHING RETURNING id"
    ))
    .bind(&told.plugin)
    .bind(to.user)
    .bind(to.dedupe_key)
    .bind(&told.kind)
    .bind(&told.message_key)
    .bind(&told.args)
    .bind(&told.path)
    .bind(now)
    .scalar()
    .await
}

/// Whether a plugin told this member more than it may within a day.
pub(crate) async fn too_many(
    conn: &mut Conn,
    plugin: &str,
    user: UserId,
    now: Timestamp,
) -> db::Result<bool> {
    let told: Option<i64> = conn
        .query(sql!(
            "SELECT COUNT(*) FROM plugin_notices WHERE user_id = $1 AND plugin = $2 AND created_at > $3"
        ))
        .bind(user)
        .bind(plugin)
        .bind(now.minus(DAY))
        .scalar()
        .await?;
    Ok(told.unwrap_or(0) > PER_DAY)
}

/// Those of these people of whom a member may hear.
pub(crate) async fn heard_of(
    conn: &mut Conn,
    (user, person): (UserId, PersonId),
    handles: &[String],
) -> db::Result<Vec<(String, PersonId)>> {
    conn.query(sql!(
        sqlite: concat!(
            "SELECT p.diaspora_id, p.id FROM people p
             WHERE p.diaspora_id IN (SELECT value FROM json_each($1)) AND p.id <> $2 AND ",
            can_see!("p.id", "$2", "$3"),
            " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $3 AND b.person_id = p.id)"
        ),
        postgres: concat!(
            "SELECT p.diaspora_id, p.id FROM people p
             WHERE p.diaspora_id IN (SELECT value FROM jsonb_array_elements_text($1)) AND p.id <> $2 AND ",
            can_see!("p.id", "$2", "$3"),
            " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $3 AND b.person_id = p.id)"
        ),
    ))
    .bind(Json(handles))
    .bind(person)
    .bind(user)
    .all()
    .await
}
