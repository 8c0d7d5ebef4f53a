//! What the inbox needs to know of the rows it finds.
mod beyond;

pub(super) use beyond::*;

use crate::{
    db::{Conn, Result, Tx},
    id::{CommentId, CommentLikeId, LikeId, PersonId, PostId, Timestamp, UserId},
    sql,
};

/// The member whose person has this guid.
pub(super) async fn recipient(conn: &mut Conn, guid: &str) -> Result<Option<UserId>> {
    conn.query(sql!("SELECT u.id FROM users u JOIN people p ON p.id = u.person_id WHERE p.guid = $1"))
        .bind(guid)
        .scalar()
        .await
}

/// The account is closed, or moved away.
pub(super) async fn is_closed(conn: &mut Conn, user: UserId) -> Result<bool> {
    Ok(conn
        .query(sql!(
            "SELECT p.closed_at FROM users u JOIN people p ON p.id = u.person_id
             WHERE u.id = $1 AND p.closed_at IS NOT NULL"
        ))
        .bind(user)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// The diaspora* ID of a member.
pub(super) async fn diaspora_id(conn: &mut Conn, user: UserId) -> Result<Option<String>> {
    conn.query(sql!("SELECT p.diaspora_id FROM users u JOIN people p ON p.id = u.person_id WHERE u.id = $1"))
        .bind(user)
        .scalar()
        .await
}

/// A post as the parent or the target of something.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct PostRow {
    pub id: PostId,
    pub guid: String,
    pub author_id: PersonId,
    pub author: String,
    pub public: bool,
    pub local: bool,
}

pub(super) async fn post(conn: &mut Conn, guid: &str) -> Result<Option<PostRow>> {
    conn.query(sql!(
        "SELECT o.id, o.guid, o.author_id, p.diaspora_id AS author, o.public, o.local FROM posts o JOIN people p ON p.id = o.author_id
         WHERE o.guid = $1"
    ))
    .bind(guid)
    .optional()
    .await
}

/// A comment or a like with the post it belongs to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct ChildRow {
    pub id: i64,
    pub author_id: PersonId,
    pub author: String,
    pub post_id: PostId,
    pub post_guid: String,
    pub post_author_id: PersonId,
    pub post_author: String,
    pub public: bool,
}

impl ChildRow {
    pub(super) const fn comment(&self) -> CommentId {
        CommentId(self.id)
    }

    pub(super) const fn like(&self) -> LikeId {
        LikeId(self.id)
    }

    pub(super) const fn comment_like(&self) -> CommentLikeId {
        CommentLikeId(self.id)
    }
}

pub(super) async fn comment(conn: &mut Conn, guid: &str) -> Result<Option<ChildRow>> {
    conn.query(sql!(
        "SELECT c.id, c.author_id, a.diaspora_id AS author, o.id AS post_id, o.guid AS post_guid,
                o.author_id AS post_author_id, p.diaspora_id AS post_author, o.public
         FROM comments c JOIN people a ON a.id = c.author_id JOIN posts o ON o.id = c.post_id
         JOIN people p ON p.id = o.author_id WHERE c.guid = $1"
    ))
    .bind(guid)
    .optional()
    .await
}

/// A like of a comment with what it hangs on.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct CommentLikeRow {
    pub comment_guid: String,
    pub comment_author: String,
    #[sqlx(flatten)]
    pub child: ChildRow,
}

pub(super) async fn comment_like(conn: &mut Conn, guid: &str) -> Result<Option<CommentLikeRow>> {
    conn.query(sql!(
        "SELECT l.id, l.author_id, a.diaspora_id AS author, o.id AS post_id, o.guid AS post_guid,
                o.author_id AS post_author_id, p.diaspora_id AS post_author, o.public,
                c.guid AS comment_guid, k.diaspora_id AS comment_author
         FROM comment_likes l JOIN people a ON a.id = l.author_id JOIN comments c ON c.id = l.comment_id
         JOIN people k ON k.id = c.author_id JOIN posts o ON o.id = c.post_id
         JOIN people p ON p.id = o.author_id WHERE l.guid = $1"
    ))
    .bind(guid)
    .optional()
    .await
}

/// Whose photo or subscription it is, and of which post.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct OwnedRow {
    pub author: String,
    pub post_guid: Option<String>,
}

pub(super) async fn photo(conn: &mut Conn, guid: &str) -> Result<Option<OwnedRow>> {
    conn.query(sql!(
        "SELECT a.diaspora_id AS author, o.guid AS post_guid FROM photos h JOIN people a ON a.id = h.author_id
         LEFT JOIN posts o ON o.id = h.post_id WHERE h.guid = $1"
    ))
    .bind(guid)
    .optional()
    .await
}

pub(super) async fn participation(conn: &mut Conn, guid: &str) -> Result<Option<OwnedRow>> {
    conn.query(sql!(
        "SELECT a.diaspora_id AS author, o.guid AS post_guid FROM participations t
         JOIN people a ON a.id = t.author_id JOIN posts o ON o.id = t.post_id WHERE t.guid = $1"
    ))
    .bind(guid)
    .optional()
    .await
}

pub(super) async fn like(conn: &mut Conn, guid: &str) -> Result<Option<ChildRow>> {
    conn.query(sql!(
        "SELECT l.id, l.author_id, a.diaspora_id AS author, o.id AS post_id, o.guid AS post_guid,
                o.author_id AS post_author_id, p.diaspora_id AS post_author, o.public
         FROM likes l JOIN people a ON a.id = l.author_id JOIN posts o ON o.id = l.post_id
         JOIN people p ON p.id = o.author_id WHERE l.guid = $1"
    ))
    .bind(guid)
    .optional()
    .await
}

/// Whether something of this name by one of these two, as who they are now, is gone.
pub(super) async fn is_retracted(conn: &mut Conn, kind: &str, guid: &str, by: [&str; 2]) -> Result<bool> {
    Ok(conn
        .query(sql!(
            "SELECT t.retracted_at FROM tombstones t WHERE t.kind = $1 AND t.guid = $2
               AND (t.author_id IS NULL OR t.author_id IN (SELECT COALESCE(p.moved_to_id, p.id) FROM people p
                                                           WHERE p.diaspora_id IN ($3, $4)))
             LIMIT 1"
        ))
        .bind(kind)
        .bind(guid)
        .bind(by[0])
        .bind(by[1])
        .scalar::<i64>()
        .await?
        .is_some())
}

/// An entity that is kept as it came.
pub(super) struct Raw<'a> {
    pub kind: &'a str,
    pub guid: &'a str,
    pub author: PersonId,
    /// The post that it hangs on.
    pub parent_guid: &'a str,
    /// What it is of: that post, or something on it. One of a kind by one author is kept.
    pub target_guid: &'a str,
    pub xml: &'a str,
}

pub(super) async fn insert_raw(tx: &mut Tx, raw: &Raw<'_>, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO raw_entities (kind, guid, author_id, parent_guid, target_guid, xml, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
    ))
    .bind(raw.kind)
    .bind(raw.guid)
    .bind(raw.author)
    .bind(raw.parent_guid)
    .bind(raw.target_guid)
    .bind(raw.xml)
    .bind(now)
    .run()
    .await
}

/// Who wrote the raw entity with this guid, and in what.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct RawRow {
    pub author: String,
    pub parent_guid: Option<String>,
}

pub(super) async fn raw(conn: &mut Conn, kind: &str, guid: &str) -> Result<Option<RawRow>> {
    conn.query(sql!(
        "SELECT p.diaspora_id AS author, r.parent_guid FROM raw_entities r JOIN people p ON p.id = r.author_id
         WHERE r.kind = $1 AND r.guid = $2"
    ))
    .bind(kind)
    .bind(guid)
    .optional()
    .await
}

/// A raw entity that hangs on a post, as one of its children.
pub(super) async fn raw_child(conn: &mut Conn, kind: &str, guid: &str) -> Result<Option<ChildRow>> {
    conn.query(sql!(
        "SELECT r.id, r.author_id, a.diaspora_id AS author, o.id AS post_id, o.guid AS post_guid,
                o.author_id AS post_author_id, p.diaspora_id AS post_author, o.public
         FROM raw_entities r JOIN people a ON a.id = r.author_id JOIN posts o ON o.guid = r.parent_guid
         JOIN people p ON p.id = o.author_id WHERE r.kind = $1 AND r.guid = $2"
    ))
    .bind(kind)
    .bind(guid)
    .optional()
    .await
}

pub(super) async fn delete_raw(tx: &mut Tx, kind: &str, guid: &str) -> Result<u64> {
    tx.query(sql!("DELETE FROM raw_entities WHERE kind = $1 AND guid = $2")).bind(kind).bind(guid).run().await
}

/// Whether the member ignores the person.
pub(super) async fn blocks(conn: &mut Conn, user: UserId, person: PersonId) -> Result<bool> {
    Ok(conn
        .query(sql!("SELECT created_at FROM blocks WHERE user_id = $1 AND person_id = $2"))
        .bind(user)
        .bind(person)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// Whether the person is in the frozen audience of a limited post.
pub(super) async fn was_sent(conn: &mut Conn, post: PostId, person: PersonId) -> Result<bool> {
    Ok(conn
        .query(sql!("SELECT person_id FROM post_audience WHERE post_id = $1 AND person_id = $2"))
        .bind(post)
        .bind(person)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// Who subscribes to remote posts in the name of the pod.
pub(super) async fn first_admin(conn: &mut Conn) -> Result<Option<(UserId, PersonId)>> {
    conn.query(sql!("SELECT id, person_id FROM users WHERE role = 'admin' ORDER BY id LIMIT 1"))
        .optional()
        .await
}

/// When the stored profile was last changed, as its owner says.
pub(super) async fn profile_edited_at(conn: &mut Conn, person: PersonId) -> Result<Option<Timestamp>> {
    Ok(conn
        .query(sql!("SELECT edited_at FROM profiles WHERE person_id = $1"))
        .bind(person)
        .scalar::<Option<i64>>()
        .await?
        .flatten()
        .map(Timestamp))
}

/// Where a remote person's pod is.
pub(super) async fn base_url(conn: &mut Conn, person: PersonId) -> Result<Option<String>> {
    conn.query(sql!(
        "SELECT r.base_url FROM people p JOIN remote_pods r ON r.id = p.remote_pod_id WHERE p.id = $1"
    ))
    .bind(person)
    .scalar()
    .await
}

/// How many received messages wait, those that were `tried` before or the others, and how many bytes they are; no
/// more than `most` are counted.
pub(super) async fn waiting(conn: &mut Conn, tried: bool, most: i64) -> Result<(i64, i64)> {
    let row: Option<(i64, i64)> = conn
        .query(sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(OCTET_LENGTH(j.payload)), 0) AS BIGINT)
             FROM (SELECT payload FROM jobs
                   WHERE kind = 'receive' AND state = 'waiting' AND (failures > 0) = $2 LIMIT $1) AS j"
        ))
        .bind(most)
        .bind(tried)
        .optional()
        .await?;
    Ok(row.unwrap_or_default())
}

/// Whether somebody of another pod has this guid at home.
pub(super) async fn is_called(conn: &mut Conn, diaspora_id: &str, guid: &str) -> Result<bool> {
    let home: Option<String> = conn
        .query(sql!("SELECT COALESCE(home_guid, guid) FROM people WHERE diaspora_id = $1"))
        .bind(diaspora_id)
        .scalar()
        .await?;
    Ok(home.is_some_and(|home| home == guid))
}
