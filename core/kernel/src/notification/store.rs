//! SQL about notifications. Each `INSERT` picks who is told: never the actor, never somebody who ignores the
//! actor or may not read the post.
use crate::{
    access::Owner,
    can_read, can_see,
    db::{self, Conn, Tx},
    id::{CommentId, NotificationId, PersonId, PostId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;

/// Behind a `SELECT` of who is told: the first about something opens a notification, the next ones join it.
macro_rules! joined {
    () => {
        " ON CONFLICT (user_id, kind, COALESCE(post_id, 0), COALESCE(person_id, 0), COALESCE(comment_id, 0),
            COALESCE(notice_id, 0)) WHERE unread
          DO UPDATE SET updated_at = excluded.updated_at RETURNING id"
    };
}

/// The member `u` may hear from the person `$2` about the post `p`.
macro_rules! may_hear {
    () => {
        concat!(
            "u.person_id <> $2 AND ",
            can_read!("p", "u.person_id", "u.id"),
            " AND ",
            can_see!("$2", "u.person_id", "u.id"),
            " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = u.id AND b.person_id = $2)"
        )
    };
}

/// Once per member and post, even when the post comes again for another recipient.
pub async fn mentioned(
    tx: &mut Tx,
    post: PostId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<Vec<NotificationId>> {
    tx.query(sql!(concat!(
        "INSERT INTO notifications (user_id, kind, post_id, unread, created_at, updated_at)
         SELECT u.id, 'mentioned', p.id, TRUE, CAST($3 AS BIGINT), CAST($3 AS BIGINT)
         FROM posts p JOIN mentions m ON m.post_id = p.id AND m.comment_id = 0 JOIN users u ON u.person_id = m.person_id
         WHERE p.id = $1 AND ", may_hear!(),
        " AND NOT EXISTS (SELECT 1 FROM notifications n
                          WHERE n.user_id = u.id AND n.kind = 'mentioned' AND n.post_id = p.id)",
        joined!()
    )))
    .bind(post)
    .bind(author)
    .bind(now)
    .scalars()
    .await
}

pub async fn mentioned_in_comment(
    tx: &mut Tx,
    post: PostId,
    comment: CommentId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<Vec<NotificationId>> {
    tx.query(sql!(concat!(
        "INSERT INTO notifications (user_id, kind, post_id, comment_id, unread, created_at, updated_at)
         SELECT u.id, 'mentioned_in_comment', p.id, m.comment_id, TRUE, CAST($3 AS BIGINT), CAST($3 AS BIGINT)
         FROM posts p JOIN mentions m ON m.post_id = p.id AND m.comment_id = $4
         JOIN users u ON u.person_id = m.person_id
         WHERE p.id = $1 AND ",
        may_hear!(),
        joined!()
    )))
    .bind(post)
    .bind(author)
    .bind(now)
    .bind(comment)
    .scalars()
    .await
}

pub async fn comment_on_post(
    tx: &mut Tx,
    post: PostId,
    comment: CommentId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<Vec<NotificationId>> {
    tx.query(sql!(concat!(
        "INSERT INTO notifications (user_id, kind, post_id, unread, created_at, updated_at)
         SELECT u.id, 'comment_on_post', p.id, TRUE, CAST($3 AS BIGINT), CAST($3 AS BIGINT)
         FROM posts p JOIN users u ON u.person_id = p.author_id
         WHERE p.id = $1 AND ",
        may_hear!(),
        " AND NOT EXISTS (SELECT 1 FROM mentions m
                          WHERE m.post_id = p.id AND m.comment_id = $4 AND m.person_id = u.person_id)",
        joined!()
    )))
    .bind(post)
    .bind(author)
    .bind(now)
    .bind(comment)
    .scalars()
    .await
}

pub async fn also_commented(
    tx: &mut Tx,
    post: PostId,
    comment: CommentId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<Vec<NotificationId>> {
    tx.query(sql!(concat!(
        "INSERT INTO notifications (user_id, kind, post_id, unread, created_at, updated_at)
         SELECT u.id, 'also_commented', p.id, TRUE, CAST($3 AS BIGINT), CAST($3 AS BIGINT)
         FROM posts p JOIN users u ON u.person_id <> p.author_id
         WHERE p.id = $1 AND u.person_id IN (
             SELECT c.author_id FROM comments c WHERE c.post_id = $1
             UNION SELECT l.author_id FROM likes l WHERE l.post_id = $1)
           AND ",
        may_hear!(),
        " AND NOT EXISTS (SELECT 1 FROM mentions m
                          WHERE m.post_id = p.id AND m.comment_id = $4 AND m.person_id = u.person_id)",
        joined!()
    )))
    .bind(post)
    .bind(author)
    .bind(now)
    .bind(comment)
    .scalars()
    .await
}

/// Tells the author of a post what somebody did to it: `liked`, `reshared`.
pub async fn to_author(
    tx: &mut Tx,
    kind: &str,
    post: PostId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<Vec<NotificationId>> {
    tx.query(sql!(concat!(
        "INSERT INTO notifications (user_id, kind, post_id, unread, created_at, updated_at)
         SELECT u.id, $4, p.id, TRUE, CAST($3 AS BIGINT), CAST($3 AS BIGINT)
         FROM posts p JOIN users u ON u.person_id = p.author_id
         WHERE p.id = $1 AND ",
        may_hear!(),
        joined!()
    )))
    .bind(post)
    .bind(author)
    .bind(now)
    .bind(kind)
    .scalars()
    .await
}

pub async fn liked_comment(
    tx: &mut Tx,
    post: PostId,
    comment: CommentId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<Vec<NotificationId>> {
    tx.query(sql!(concat!(
        "INSERT INTO notifications (user_id, kind, post_id, comment_id, unread, created_at, updated_at)
         SELECT u.id, 'liked_comment', p.id, c.id, TRUE, CAST($3 AS BIGINT), CAST($3 AS BIGINT)
         FROM posts p JOIN comments c ON c.post_id = p.id JOIN users u ON u.person_id = c.author_id
         WHERE p.id = $1 AND c.id = $4 AND ",
        may_hear!(),
        joined!()
    )))
    .bind(post)
    .bind(author)
    .bind(now)
    .bind(comment)
    .scalars()
    .await
}

pub async fn started_sharing(
    tx: &mut Tx,
    user: UserId,
    person: PersonId,
    now: Timestamp,
) -> db::Result<Vec<NotificationId>> {
    tx.query(sql!(concat!(
        "INSERT INTO notifications (user_id, kind, person_id, unread, created_at, updated_at)
         SELECT u.id, 'started_sharing', CAST($2 AS BIGINT), TRUE, CAST($3 AS BIGINT), CAST($3 AS BIGINT)
         FROM users u WHERE u.id = $1 AND u.person_id <> $2 AND ",
        can_see!("$2", "u.person_id", "u.id"),
        "  AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = u.id AND b.person_id = $2)",
        joined!()
    )))
    .bind(user)
    .bind(person)
    .bind(now)
    .scalars()
    .await
}

pub async fn read_started_sharing(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE notifications SET unread = FALSE
         WHERE user_id = $1 AND person_id = $2 AND kind = 'started_sharing' AND unread"
    ))
    .bind(user)
    .bind(person)
    .run()
    .await
}

pub async fn forget_started_sharing(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "DELETE FROM notifications WHERE user_id = $1 AND person_id = $2 AND kind = 'started_sharing'"
    ))
    .bind(user)
    .bind(person)
    .run()
    .await
}

/// What nobody but this person did.
pub async fn read_only_by(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE notifications SET unread = FALSE WHERE user_id = $1 AND unread
           AND EXISTS (SELECT 1 FROM notification_actors a
                       WHERE a.notification_id = notifications.id AND a.person_id = $2)
           AND NOT EXISTS (SELECT 1 FROM notification_actors a
                           WHERE a.notification_id = notifications.id AND a.person_id <> $2)"
    ))
    .bind(user)
    .bind(person)
    .run()
    .await
}

pub async fn add_actor(
    tx: &mut Tx,
    told: &[NotificationId],
    actor: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    tx.query(sql!(
        sqlite: "INSERT INTO notification_actors (notification_id, person_id, at)
                 SELECT value, $2, $3 FROM json_each($1) WHERE TRUE
                 ON CONFLICT (notification_id, person_id) DO UPDATE SET at = excluded.at",
        postgres: "INSERT INTO notification_actors (notification_id, person_id, at)
                   SELECT value::bigint, CAST($2 AS BIGINT), CAST($3 AS BIGINT)
                   FROM jsonb_array_elements_text($1) AS t(value)
                   ON CONFLICT (notification_id, person_id) DO UPDATE SET at = excluded.at",
    ))
    .bind(Json(told))
    .bind(actor)
    .bind(now)
    .run()
    .await
    .map(drop)
}

// --- the member's own ---

pub async fn unread(conn: &mut Conn, who: Owner) -> db::Result<i64> {
    let count = conn.query(sql!(concat!(
        "SELECT COUNT(*) FROM notifications n LEFT JOIN posts p ON p.id = n.post_id
         WHERE n.user_id = $2 AND n.unread AND (n.post_id IS NULL OR ",
        can_read!("p", "$1", "$2"),
        ")"
    )));
    Ok(count.bind(who.person()).bind(who.user()).scalar().await?.unwrap_or(0))
}

pub async fn unread_about_post(conn: &mut Conn, user: UserId, post: PostId) -> db::Result<bool> {
    let found: Option<NotificationId> = conn
        .query(sql!("SELECT id FROM notifications WHERE user_id = $1 AND post_id = $2 AND unread LIMIT 1"))
        .bind(user)
        .bind(post)
        .scalar()
        .await?;
    Ok(found.is_some())
}

pub async fn exists(conn: &mut Conn, user: UserId, id: NotificationId) -> db::Result<bool> {
    let found: Option<NotificationId> = conn
        .query(sql!("SELECT id FROM notifications WHERE id = $2 AND user_id = $1"))
        .bind(user)
        .bind(id)
        .scalar()
        .await?;
    Ok(found.is_some())
}

/// Another unread one is about the same thing.
pub async fn is_open_elsewhere(conn: &mut Conn, id: NotificationId) -> db::Result<bool> {
    let found: Option<NotificationId> = conn
        .query(sql!(
            "SELECT o.id FROM notifications n JOIN notifications o ON o.user_id = n.user_id AND o.kind = n.kind
             WHERE n.id = $1 AND o.id <> n.id AND o.unread AND COALESCE(o.post_id, 0) = COALESCE(n.post_id, 0)
               AND COALESCE(o.person_id, 0) = COALESCE(n.person_id, 0)
               AND COALESCE(o.comment_id, 0) = COALESCE(n.comment_id, 0)
               AND COALESCE(o.notice_id, 0) = COALESCE(n.notice_id, 0)"
        ))
        .bind(id)
        .scalar()
        .await?;
    Ok(found.is_some())
}

pub async fn set_unread(tx: &mut Tx, id: NotificationId, unread: bool) -> db::Result<u64> {
    tx.query(sql!("UPDATE notifications SET unread = $2 WHERE id = $1")).bind(id).bind(unread).run().await
}

pub async fn read_all(tx: &mut Tx, user: UserId) -> db::Result<u64> {
    tx.query(sql!("UPDATE notifications SET unread = FALSE WHERE user_id = $1 AND unread"))
        .bind(user)
        .run()
        .await
}

pub async fn read_about_post(tx: &mut Tx, user: UserId, post: PostId) -> db::Result<u64> {
    tx.query(sql!("UPDATE notifications SET unread = FALSE WHERE user_id = $1 AND post_id = $2 AND unread"))
        .bind(user)
        .bind(post)
        .run()
        .await
}
