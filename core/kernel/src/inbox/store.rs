//! What the inbox needs to know of the rows it finds.
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

pub(super) async fn is_retracted(conn: &mut Conn, kind: &str, guid: &str) -> Result<bool> {
    Ok(conn
        .query(sql!("SELECT retracted_at FROM tombstones WHERE kind = $1 AND guid = $2"))
        .bind(kind)
        .bind(guid)
        .scalar::<i64>()
        .await?
        .is_some())
}

/// An entity that is kept as it came.
pub(super) struct Raw<'a> {
    pub kind: &'a str,
    pub guid: &'a str,
    pub author: PersonId,
    pub parent_guid: Option<&'a str>,
    pub recipient: Option<UserId>,
    pub xml: &'a str,
}

pub(super) async fn insert_raw(tx: &mut Tx, raw: &Raw<'_>, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO raw_entities (kind, guid, author_id, parent_guid, recipient_id, xml, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, guid) DO NOTHING"
    ))
    .bind(raw.kind)
    .bind(raw.guid)
    .bind(raw.author)
    .bind(raw.parent_guid)
    .bind(raw.recipient)
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

// --- what is fetched ---

/// A remote person with their pod.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Home {
    pub diaspora_id: String,
    pub guid: String,
    pub base_url: String,
    pub retry_at: Timestamp,
}

impl Home {
    /// The pod does not answer: it is not asked for what can wait.
    pub(super) fn is_away(&self, now: Timestamp) -> bool {
        self.retry_at > now
    }
}

pub(super) async fn home(conn: &mut Conn, person: PersonId) -> Result<Option<Home>> {
    conn.query(sql!(
        "SELECT p.diaspora_id, COALESCE(p.home_guid, p.guid) AS guid, r.base_url, r.retry_at FROM people p
         JOIN remote_pods r ON r.id = p.remote_pod_id WHERE p.id = $1 AND p.closed_at IS NULL"
    ))
    .bind(person)
    .optional()
    .await
}

/// How many received messages wait, and how many bytes they are; no more than `most` are counted.
pub(super) async fn waiting(conn: &mut Conn, most: i64) -> Result<(i64, i64)> {
    let row: Option<(i64, i64)> = conn
        .query(sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(OCTET_LENGTH(j.payload)), 0) AS BIGINT)
             FROM (SELECT payload FROM jobs WHERE kind = 'receive' AND state = 'waiting' LIMIT $1) AS j"
        ))
        .bind(most)
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

/// 1 when nobody asked for this person's posts before.
pub(super) async fn begin_catching_up(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "UPDATE people SET caught_up_at = $2
         WHERE id = $1 AND caught_up_at IS NULL AND remote_pod_id IS NOT NULL AND closed_at IS NULL"
    ))
    .bind(person)
    .bind(now)
    .run()
    .await
}

pub(super) async fn stop_catching_up(tx: &mut Tx, person: PersonId) -> Result<u64> {
    tx.query(sql!("UPDATE people SET caught_up_at = NULL WHERE id = $1")).bind(person).run().await
}

/// A remote post with its author's pod.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ThreadRoot {
    #[sqlx(rename = "post_guid")]
    pub guid: String,
    #[sqlx(flatten)]
    pub home: Home,
}

pub(super) async fn thread_root(conn: &mut Conn, post: PostId) -> Result<Option<ThreadRoot>> {
    conn.query(sql!(
        "SELECT o.guid AS post_guid, p.diaspora_id, COALESCE(p.home_guid, p.guid) AS guid, r.base_url, r.retry_at
         FROM posts o JOIN people p ON p.id = o.author_id JOIN remote_pods r ON r.id = p.remote_pod_id
         WHERE o.id = $1 AND o.public AND p.closed_at IS NULL"
    ))
    .bind(post)
    .optional()
    .await
}

pub(super) async fn remote_public_post(conn: &mut Conn, guid: &str) -> Result<Option<PostId>> {
    conn.query(sql!("SELECT id FROM posts WHERE guid = $1 AND public AND NOT local"))
        .bind(guid)
        .scalar()
        .await
}

/// Whether the thread of a remote public post was last asked for before a time, which depends on the post's
/// age. A post that came as news is complete when it arrives.
pub(super) async fn thread_is_due(
    conn: &mut Conn,
    post: PostId,
    young_since: Timestamp,
    young: Timestamp,
    old: Timestamp,
) -> Result<bool> {
    Ok(conn
        .query(sql!(
            "SELECT o.id FROM posts o LEFT JOIN threads t ON t.post_id = o.id
             WHERE o.id = $1 AND o.public AND NOT o.local
               AND COALESCE(t.asked_at, o.arrived_at) < CASE WHEN o.created_at > $2
                   THEN CAST($3 AS BIGINT) ELSE CAST($4 AS BIGINT) END"
        ))
        .bind(post)
        .bind(young_since)
        .bind(young)
        .bind(old)
        .scalar::<i64>()
        .await?
        .is_some())
}

pub(super) async fn thread_asked(tx: &mut Tx, post: PostId, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO threads (post_id, asked_at) VALUES ($1, $2)
         ON CONFLICT (post_id) DO UPDATE SET asked_at = excluded.asked_at"
    ))
    .bind(post)
    .bind(now)
    .run()
    .await
}

// --- what is handed out ---

/// A comment or a like below a post, by somebody who is not suspended, with its envelope if one was made.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Below {
    pub id: i64,
    pub guid: String,
    pub envelope: Option<String>,
}

impl Below {
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

pub(super) async fn comments_below(
    conn: &mut Conn,
    post: PostId,
    after: i64,
    count: i64,
) -> Result<Vec<Below>> {
    conn.query(sql!(
        "SELECT c.id, c.guid, e.envelope FROM comments c JOIN people w ON w.id = c.author_id AND w.standing < 2
         LEFT JOIN comment_envelopes e ON e.comment_id = c.id
         WHERE c.post_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3"
    ))
    .bind(post)
    .bind(after)
    .bind(count)
    .all()
    .await
}

pub(super) async fn likes_below(conn: &mut Conn, post: PostId, after: i64, count: i64) -> Result<Vec<Below>> {
    conn.query(sql!(
        "SELECT l.id, l.guid, e.envelope FROM likes l JOIN people w ON w.id = l.author_id AND w.standing < 2
         LEFT JOIN like_envelopes e ON e.like_id = l.id
         WHERE l.post_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3"
    ))
    .bind(post)
    .bind(after)
    .bind(count)
    .all()
    .await
}

pub(super) async fn keep_comment_envelope(tx: &mut Tx, comment: CommentId, envelope: &str) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO comment_envelopes (comment_id, envelope) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    ))
    .bind(comment)
    .bind(envelope)
    .run()
    .await
}

pub(super) async fn keep_like_envelope(tx: &mut Tx, like: LikeId, envelope: &str) -> Result<u64> {
    tx.query(sql!("INSERT INTO like_envelopes (like_id, envelope) VALUES ($1, $2) ON CONFLICT DO NOTHING"))
        .bind(like)
        .bind(envelope)
        .run()
        .await
}

pub(super) async fn comment_likes_below(
    conn: &mut Conn,
    post: PostId,
    after: i64,
    count: i64,
) -> Result<Vec<Below>> {
    conn.query(sql!(
        "SELECT l.id, l.guid, e.envelope FROM comment_likes l JOIN comments c ON c.id = l.comment_id
         JOIN people w ON w.id = l.author_id AND w.standing < 2
         LEFT JOIN comment_like_envelopes e ON e.comment_like_id = l.id
         WHERE c.post_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3"
    ))
    .bind(post)
    .bind(after)
    .bind(count)
    .all()
    .await
}

pub(super) async fn keep_comment_like_envelope(
    tx: &mut Tx,
    like: CommentLikeId,
    envelope: &str,
) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO comment_like_envelopes (comment_like_id, envelope) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    ))
    .bind(like)
    .bind(envelope)
    .run()
    .await
}
