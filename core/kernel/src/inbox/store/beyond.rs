//! Rows behind what is fetched from other pods, and behind what is handed out to them.
use crate::{
    db::{Conn, Result, Tx},
    id::{CommentId, CommentLikeId, LikeId, PersonId, PostId, Timestamp},
    sql,
};

/// A remote person with their pod.
#[derive(Debug, sqlx::FromRow)]
pub(in crate::inbox) struct Home {
    pub diaspora_id: String,
    pub guid: String,
    pub base_url: String,
    pub retry_at: Timestamp,
}

impl Home {
    /// The pod does not answer: it is not asked for what can wait.
    pub(in crate::inbox) fn is_away(&self, now: Timestamp) -> bool {
        self.retry_at > now
    }
}

pub(in crate::inbox) async fn home(conn: &mut Conn, person: PersonId) -> Result<Option<Home>> {
    conn.query(sql!(
        "SELECT p.diaspora_id, COALESCE(p.home_guid, p.guid) AS guid, r.base_url, r.retry_at FROM people p
         JOIN remote_pods r ON r.id = p.remote_pod_id WHERE p.id = $1 AND p.closed_at IS NULL"
    ))
    .bind(person)
    .optional()
    .await
}

/// 1 when nobody asked for this person's posts before.
pub(in crate::inbox) async fn begin_catching_up(
    tx: &mut Tx,
    person: PersonId,
    now: Timestamp,
) -> Result<u64> {
    tx.query(sql!(
        "UPDATE people SET caught_up_at = $2
         WHERE id = $1 AND caught_up_at IS NULL AND remote_pod_id IS NOT NULL AND closed_at IS NULL"
    ))
    .bind(person)
    .bind(now)
    .run()
    .await
}

pub(in crate::inbox) async fn stop_catching_up(tx: &mut Tx, person: PersonId) -> Result<u64> {
    tx.query(sql!("UPDATE people SET caught_up_at = NULL WHERE id = $1")).bind(person).run().await
}

/// A remote post with its author's pod.
#[derive(Debug, sqlx::FromRow)]
pub(in crate::inbox) struct ThreadRoot {
    #[sqlx(rename = "post_guid")]
    pub guid: String,
    #[sqlx(flatten)]
    pub home: Home,
}

pub(in crate::inbox) async fn thread_root(conn: &mut Conn, post: PostId) -> Result<Option<ThreadRoot>> {
    conn.query(sql!(
        "SELECT o.guid AS post_guid, p.diaspora_id, COALESCE(p.home_guid, p.guid) AS guid, r.base_url, r.retry_at
         FROM posts o JOIN people p ON p.id = o.author_id JOIN remote_pods r ON r.id = p.remote_pod_id
         WHERE o.id = $1 AND o.public AND p.closed_at IS NULL"
    ))
    .bind(post)
    .optional()
    .await
}

pub(in crate::inbox) async fn remote_public_post(conn: &mut Conn, guid: &str) -> Result<Option<PostId>> {
    conn.query(sql!("SELECT id FROM posts WHERE guid = $1 AND public AND NOT local"))
        .bind(guid)
        .scalar()
        .await
}

/// Whether the thread of a remote public post was last asked for before a time, which depends on the post's
/// age. A post that came as news is complete when it arrives.
pub(in crate::inbox) async fn thread_is_due(
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

pub(in crate::inbox) async fn thread_asked(tx: &mut Tx, post: PostId, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO threads (post_id, asked_at) VALUES ($1, $2)
         ON CONFLICT (post_id) DO UPDATE SET asked_at = excluded.asked_at"
    ))
    .bind(post)
    .bind(now)
    .run()
    .await
}

/// Counts one run for the thread of a post; says how many there were since `day_ago`, or since the one that began
/// the day.
pub(in crate::inbox) async fn count_thread_run(
    tx: &mut Tx,
    post: PostId,
    now: Timestamp,
    day_ago: Timestamp,
) -> Result<i64> {
    tx.query(sql!(
        "INSERT INTO threads (post_id, asked_at, counted_from, runs) VALUES ($1, $2, $2, 1)
         ON CONFLICT (post_id) DO UPDATE SET
            runs = CASE WHEN threads.counted_from <= $3 THEN 1 ELSE threads.runs + 1 END,
            counted_from = CASE WHEN threads.counted_from <= $3 THEN excluded.counted_from ELSE threads.counted_from END
         RETURNING runs"
    ))
    .bind(post)
    .bind(now)
    .bind(day_ago)
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

// --- what is handed out ---

/// A comment or a like below a post, by somebody who is not suspended, with its envelope if one was made.
#[derive(Debug, sqlx::FromRow)]
pub(in crate::inbox) struct Below {
    pub id: i64,
    pub guid: String,
    pub envelope: Option<String>,
}

impl Below {
    pub(in crate::inbox) const fn comment(&self) -> CommentId {
        CommentId(self.id)
    }

    pub(in crate::inbox) const fn like(&self) -> LikeId {
        LikeId(self.id)
    }

    pub(in crate::inbox) const fn comment_like(&self) -> CommentLikeId {
        CommentLikeId(self.id)
    }
}

pub(in crate::inbox) async fn comments_below(
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

pub(in crate::inbox) async fn likes_below(
    conn: &mut Conn,
    post: PostId,
    after: i64,
    count: i64,
) -> Result<Vec<Below>> {
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

pub(in crate::inbox) async fn keep_comment_envelope(
    tx: &mut Tx,
    comment: CommentId,
    envelope: &str,
) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO comment_envelopes (comment_id, envelope) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    ))
    .bind(comment)
    .bind(envelope)
    .run()
    .await
}

pub(in crate::inbox) async fn keep_like_envelope(tx: &mut Tx, like: LikeId, envelope: &str) -> Result<u64> {
    tx.query(sql!("INSERT INTO like_envelopes (like_id, envelope) VALUES ($1, $2) ON CONFLICT DO NOTHING"))
        .bind(like)
        .bind(envelope)
        .run()
        .await
}

pub(in crate::inbox) async fn comment_likes_below(
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

pub(in crate::inbox) async fn keep_comment_like_envelope(
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

/// Whether a member shares with somebody of this pod.
pub(in crate::inbox) async fn is_shared_with(conn: &mut Conn, host: &str) -> Result<bool> {
    let shares: Option<i64> = conn
        .query(sql!(
            "SELECT c.id FROM remote_pods r JOIN people p ON p.remote_pod_id = r.id
             JOIN contacts c ON c.person_id = p.id WHERE r.host = $1 AND c.receiving LIMIT 1"
        ))
        .bind(host)
        .scalar()
        .await?;
    Ok(shares.is_some())
}
