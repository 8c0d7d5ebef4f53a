//! SQL about comments, likes and participations.
use super::{
    comment::NewComment,
    comment_like::NewCommentLike,
    like::{LikeItem, NewLike},
};
use crate::{
    access::Viewer,
    can_read,
    db::{self, Conn, Tx},
    id::{CommentId, CommentLikeId, LikeId, PersonId, PostId, Timestamp, UserId},
    person::person_columns,
    sql,
};
use sqlx::types::Json;

pub async fn is_refused(conn: &mut Conn, post: PostId, author: PersonId) -> db::Result<bool> {
    let refused: Option<PostId> = conn
        .query(sql!(
            "SELECT p.id FROM posts p WHERE p.id = $1
               AND (EXISTS (SELECT 1 FROM users u JOIN blocks b ON b.user_id = u.id
                            WHERE u.person_id = p.author_id AND b.person_id = $2)
                    OR EXISTS (SELECT 1 FROM users u JOIN blocked_by b ON b.user_id = u.id
                               WHERE u.person_id = $2 AND b.person_id = p.author_id))"
        ))
        .bind(post)
        .bind(author)
        .scalar()
        .await?;
    Ok(refused.is_some())
}

/// Whose comment has this name.
pub async fn comment_author(conn: &mut Conn, guid: &str) -> db::Result<Option<PersonId>> {
    conn.query(sql!("SELECT author_id FROM comments WHERE guid = $1")).bind(guid).scalar().await
}

/// Whose like, of a post or of a comment, has this name.
pub async fn like_author(conn: &mut Conn, guid: &str) -> db::Result<Option<PersonId>> {
    conn.query(sql!(
        "SELECT author_id FROM likes WHERE guid = $1 UNION ALL SELECT author_id FROM comment_likes WHERE guid = $1"
    ))
    .bind(guid)
    .scalar()
    .await
}

// --- comments ---

/// A comment with what decides who may delete it.
#[derive(Debug, sqlx::FromRow)]
pub struct CommentRow {
    pub id: CommentId,
    pub guid: String,
    pub author_id: PersonId,
    pub post_id: PostId,
    pub post_author_id: PersonId,
    pub public: bool,
}

/// None when it was seen before, or when the post is gone.
pub async fn insert_comment(tx: &mut Tx, new: &NewComment, now: Timestamp) -> db::Result<Option<CommentId>> {
    tx.query(sql!(
        "INSERT INTO comments (guid, post_id, author_id, text, created_at, arrived_at, thread_parent_guid, edited_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (guid) DO NOTHING RETURNING id"
    ))
    .bind(&new.guid)
    .bind(new.post)
    .bind(new.author)
    .bind(&new.text)
    .bind(new.created_at.min(now))
    .bind(now)
    .bind(&new.thread_parent)
    .bind(new.edited_at)
    .scalar()
    .await
}

/// The comment that `key` (a guid, or the number of its row) names, if the viewer may read its post.
pub async fn readable_comment(conn: &mut Conn, viewer: Viewer, key: &str) -> db::Result<Option<CommentRow>> {
    let (person, user): (PersonId, UserId) = viewer.ids();
    let id = if key.len() < 16 { key.parse().unwrap_or(0) } else { 0 };
    conn.query(sql!(concat!(
        "SELECT c.id, c.guid, c.author_id, c.post_id, p.author_id AS post_author_id, p.public
         FROM comments c JOIN posts p ON p.id = c.post_id
         WHERE (c.guid = $1 OR c.id = $4) AND ",
        can_read!("p", "$2", "$3")
    )))
    .bind(key)
    .bind(person)
    .bind(user)
    .bind(CommentId(id))
    .optional()
    .await
}

pub async fn comment(conn: &mut Conn, id: CommentId) -> db::Result<Option<(String, PostId, PersonId)>> {
    conn.query(sql!("SELECT guid, post_id, author_id FROM comments WHERE id = $1")).bind(id).optional().await
}

pub async fn author_of_comment(conn: &mut Conn, guid: &str) -> db::Result<Option<PersonId>> {
    conn.query(sql!("SELECT author_id FROM comments WHERE guid = $1")).bind(guid).scalar().await
}

pub async fn delete_comment(tx: &mut Tx, id: CommentId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM comments WHERE id = $1")).bind(id).run().await
}

pub async fn count_comments(tx: &mut Tx, post: PostId, by: i64) -> db::Result<u64> {
    tx.query(sql!("UPDATE posts SET comments_count = comments_count + $2 WHERE id = $1"))
        .bind(post)
        .bind(by)
        .run()
        .await
}

/// In a comment on a limited post only those can be mentioned who took part in it.
pub async fn mention(tx: &mut Tx, post: PostId, comment: CommentId, people: &[PersonId]) -> db::Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    tx.query(sql!(
        sqlite: "INSERT INTO mentions (post_id, comment_id, person_id)
                 SELECT p.id, $2, m.value FROM posts p, json_each($3) m
                 WHERE p.id = $1 AND (p.public OR m.value = p.author_id
                     OR EXISTS (SELECT 1 FROM comments c WHERE c.post_id = p.id AND c.author_id = m.value)
                     OR EXISTS (SELECT 1 FROM likes l WHERE l.post_id = p.id AND l.author_id = m.value))
                 ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO mentions (post_id, comment_id, person_id)
                   SELECT p.id, CAST($2 AS BIGINT), m.id FROM posts p,
                       (SELECT value::bigint AS id FROM jsonb_array_elements_text($3) AS t(value)) m
                   WHERE p.id = $1 AND (p.public OR m.id = p.author_id
                       OR EXISTS (SELECT 1 FROM comments c WHERE c.post_id = p.id AND c.author_id = m.id)
                       OR EXISTS (SELECT 1 FROM likes l WHERE l.post_id = p.id AND l.author_id = m.id))
                   ON CONFLICT DO NOTHING",
    ))
    .bind(post)
    .bind(comment)
    .bind(Json(people))
    .run()
    .await
    .map(drop)
}

pub async fn forget_mentions(tx: &mut Tx, post: PostId, comment: CommentId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM mentions WHERE post_id = $1 AND comment_id = $2"))
        .bind(post)
        .bind(comment)
        .run()
        .await
}

// --- likes ---

/// None when this person likes the post already, or the guid is taken.
pub async fn insert_like(tx: &mut Tx, new: &NewLike, now: Timestamp) -> db::Result<Option<LikeId>> {
    tx.query(sql!(
        "INSERT INTO likes (guid, post_id, author_id, created_at)
         SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT)
         WHERE NOT EXISTS (SELECT 1 FROM comment_likes o WHERE o.guid = $1)
         ON CONFLICT DO NOTHING RETURNING id"
    ))
    .bind(&new.guid)
    .bind(new.post)
    .bind(new.author)
    .bind(new.created_at.min(now))
    .scalar()
    .await
}

pub async fn like_of(
    conn: &mut Conn,
    post: PostId,
    author: PersonId,
) -> db::Result<Option<(LikeId, String)>> {
    conn.query(sql!("SELECT id, guid FROM likes WHERE post_id = $1 AND author_id = $2"))
        .bind(post)
        .bind(author)
        .optional()
        .await
}

pub async fn likes_below(conn: &mut Conn, post: PostId) -> db::Result<Vec<LikeItem>> {
    conn.query(sql!(concat!(
        "SELECT l.id, l.guid, l.created_at, ",
        person_columns!("a", "f"),
        " FROM likes l JOIN people a ON a.id = l.author_id LEFT JOIN profiles f ON f.person_id = a.id
         WHERE l.post_id = $1 ORDER BY l.id LIMIT 500"
    )))
    .bind(post)
    .all()
    .await
}

pub async fn like(conn: &mut Conn, id: LikeId) -> db::Result<Option<(String, PostId, PersonId)>> {
    conn.query(sql!("SELECT guid, post_id, author_id FROM likes WHERE id = $1")).bind(id).optional().await
}

pub async fn delete_like(tx: &mut Tx, id: LikeId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM likes WHERE id = $1")).bind(id).run().await
}

pub async fn count_likes(tx: &mut Tx, post: PostId, by: i64) -> db::Result<u64> {
    tx.query(sql!("UPDATE posts SET likes_count = likes_count + $2 WHERE id = $1"))
        .bind(post)
        .bind(by)
        .run()
        .await
}

// --- likes of comments ---

/// None when this person likes the comment already, or the guid is taken.
pub async fn insert_comment_like(
    tx: &mut Tx,
    new: &NewCommentLike,
    now: Timestamp,
) -> db::Result<Option<CommentLikeId>> {
    tx.query(sql!(
        "INSERT INTO comment_likes (guid, comment_id, author_id, created_at)
         SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT)
         WHERE NOT EXISTS (SELECT 1 FROM likes o WHERE o.guid = $1)
         ON CONFLICT DO NOTHING RETURNING id"
    ))
    .bind(&new.guid)
    .bind(new.comment)
    .bind(new.author)
    .bind(now)
    .scalar()
    .await
}

pub async fn comment_like_of(
    conn: &mut Conn,
    comment: CommentId,
    author: PersonId,
) -> db::Result<Option<(CommentLikeId, String)>> {
    conn.query(sql!("SELECT id, guid FROM comment_likes WHERE comment_id = $1 AND author_id = $2"))
        .bind(comment)
        .bind(author)
        .optional()
        .await
}

/// A like of a comment, with the post it hangs on.
#[derive(Debug, sqlx::FromRow)]
pub struct CommentLikeRow {
    pub guid: String,
    pub comment_id: CommentId,
    pub post_id: PostId,
    pub author_id: PersonId,
}

pub async fn comment_like(conn: &mut Conn, id: CommentLikeId) -> db::Result<Option<CommentLikeRow>> {
    conn.query(sql!(
        "SELECT l.guid, l.comment_id, c.post_id, l.author_id
         FROM comment_likes l JOIN comments c ON c.id = l.comment_id WHERE l.id = $1"
    ))
    .bind(id)
    .optional()
    .await
}

pub async fn delete_comment_like(tx: &mut Tx, id: CommentLikeId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM comment_likes WHERE id = $1")).bind(id).run().await
}

pub async fn count_comment_likes(tx: &mut Tx, comment: CommentId, by: i64) -> db::Result<u64> {
    tx.query(sql!("UPDATE comments SET likes_count = likes_count + $2 WHERE id = $1"))
        .bind(comment)
        .bind(by)
        .run()
        .await
}

// --- participations ---

/// One interaction more; says how many there are now.
pub async fn hold_participation(
    tx: &mut Tx,
    guid: &str,
    post: PostId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<i64> {
    tx.query(sql!(
        "INSERT INTO participations (guid, post_id, author_id, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (post_id, author_id) DO UPDATE SET count = participations.count + 1 RETURNING count"
    ))
    .bind(guid)
    .bind(post)
    .bind(author)
    .bind(now)
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

/// One interaction of a member less.
pub async fn release_participation(tx: &mut Tx, post: PostId, author: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE participations SET count = count - 1
         WHERE post_id = $1 AND author_id = $2 AND author_id IN (SELECT person_id FROM users)"
    ))
    .bind(post)
    .bind(author)
    .run()
    .await
}

pub async fn sweep_participation(tx: &mut Tx, post: PostId, author: PersonId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM participations WHERE post_id = $1 AND author_id = $2 AND count <= 0"))
        .bind(post)
        .bind(author)
        .run()
        .await
}

pub async fn delete_participation(tx: &mut Tx, guid: &str) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM participations WHERE guid = $1")).bind(guid).run().await
}

/// 1 when this person did not take part before.
pub async fn insert_participation(
    tx: &mut Tx,
    guid: &str,
    post: PostId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO participations (guid, post_id, author_id, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING"
    ))
    .bind(guid)
    .bind(post)
    .bind(author)
    .bind(now)
    .run()
    .await
}

/// The signed element, for sending it on again.
pub async fn keep_payload(tx: &mut Tx, kind: &str, guid: &str, post: PostId, xml: &str) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO relay_payloads (kind, guid, post_id, xml) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    ))
    .bind(kind)
    .bind(guid)
    .bind(post)
    .bind(xml)
    .run()
    .await
}

pub async fn forget_payload(tx: &mut Tx, kind: &str, guid: &str) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM relay_payloads WHERE kind = $1 AND guid = $2"))
        .bind(kind)
        .bind(guid)
        .run()
        .await
}
