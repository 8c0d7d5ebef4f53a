//! SQL about posts, their audience and home streams.
use crate::{
    access::Viewer,
    can_read,
    db::{self, Conn, Tx},
    id::{AspectId, PersonId, PostId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;
use std::collections::BTreeSet;

/// A post, as operations on it need it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Post {
    /// The row.
    pub id: PostId,
    /// The name across pods.
    pub guid: String,
    /// Who wrote it.
    pub author_id: PersonId,
    /// For everybody.
    pub public: bool,
    /// Its author is of this pod.
    pub local: bool,
    /// It passes on somebody else's post.
    pub is_reshare: bool,
    /// The post that it passes on; none where that was deleted.
    pub root_id: Option<PostId>,
}

/// The columns of [`Post`], of `posts p`.
macro_rules! post_columns {
    () => {
        "p.id, p.guid, p.author_id, p.public, p.local, p.kind = 'reshare' AS is_reshare, p.root_id"
    };
}

pub struct NewRow<'a> {
    pub guid: &'a str,
    pub author: PersonId,
    pub text: &'a str,
    pub public: bool,
    pub local: bool,
    pub nsfw: bool,
    pub provider: Option<&'a str>,
    pub created_at: Timestamp,
    /// Of a reshare; its own text is empty.
    pub reshares: Option<Reshares>,
}

/// What a reshare passes on.
#[derive(Debug, Clone, Copy)]
pub enum Reshares {
    /// A status message.
    Post(PostId),
    /// One that was deleted.
    Gone,
}

/// Numbers are rows of this pod, anything longer is a guid.
const SHORTEST_GUID: usize = 16;

/// The post that `key` (a guid, or the number of its row) names, if the viewer may read it.
pub async fn find_readable(conn: &mut Conn, viewer: Viewer, key: &str) -> db::Result<Option<Post>> {
    let (person, user) = viewer.ids();
    if key.len() >= SHORTEST_GUID {
        return find_by_guid(conn, key, person, user).await;
    }
    let Ok(id) = key.parse() else { return Ok(None) };
    find_by_id(conn, PostId(id), person, user).await
}

async fn find_by_guid(
    conn: &mut Conn,
    guid: &str,
    person: PersonId,
    user: UserId,
) -> db::Result<Option<Post>> {
    conn.query(sql!(concat!(
        "SELECT ",
        post_columns!(),
        " FROM posts p WHERE p.guid = $1 AND ",
        can_read!("p", "$2", "$3")
    )))
    .bind(guid)
    .bind(person)
    .bind(user)
    .optional()
    .await
}

async fn find_by_id(conn: &mut Conn, id: PostId, person: PersonId, user: UserId) -> db::Result<Option<Post>> {
    conn.query(sql!(concat!(
        "SELECT ",
        post_columns!(),
        " FROM posts p WHERE p.id = $1 AND ",
        can_read!("p", "$2", "$3")
    )))
    .bind(id)
    .bind(person)
    .bind(user)
    .optional()
    .await
}

/// Whoever may read it: only for work that shows it to nobody.
pub async fn find(conn: &mut Conn, id: PostId) -> db::Result<Option<Post>> {
    conn.query(sql!(concat!("SELECT ", post_columns!(), " FROM posts p WHERE p.id = $1")))
        .bind(id)
        .optional()
        .await
}

pub async fn find_any_by_guid(conn: &mut Conn, guid: &str) -> db::Result<Option<Post>> {
    conn.query(sql!(concat!("SELECT ", post_columns!(), " FROM posts p WHERE p.guid = $1")))
        .bind(guid)
        .optional()
        .await
}

/// None when the guid is taken, or the author reshares that post already.
pub async fn insert(tx: &mut Tx, post: &NewRow<'_>, now: Timestamp) -> db::Result<Option<PostId>> {
    let (kind, root) = match post.reshares {
        None => ("status_message", None),
        Some(Reshares::Post(root)) => ("reshare", Some(root)),
        Some(Reshares::Gone) => ("reshare", None),
    };
    tx.query(sql!(
        "INSERT INTO posts (guid, author_id, text, public, local, nsfw, provider, created_at, arrived_at, kind, root_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING id"
    ))
    .bind(post.guid)
    .bind(post.author)
    .bind(post.text)
    .bind(post.public)
    .bind(post.local)
    .bind(post.nsfw)
    .bind(post.provider)
    .bind(post.created_at)
    .bind(now)
    .bind(kind)
    .bind(root)
    .scalar()
    .await
}

pub async fn count_reshares(tx: &mut Tx, root: PostId, by: i64) -> db::Result<u64> {
    tx.query(sql!("UPDATE posts SET reshares_count = reshares_count + $2 WHERE id = $1"))
        .bind(root)
        .bind(by)
        .run()
        .await
}

pub async fn delete(tx: &mut Tx, post: PostId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM posts WHERE id = $1")).bind(post).run().await
}

// --- audience ---

/// Says how many of `aspects` are the member's: only those are chosen.
pub async fn choose_aspects(
    tx: &mut Tx,
    user: UserId,
    post: PostId,
    aspects: &BTreeSet<AspectId>,
) -> db::Result<u64> {
    tx.query(sql!(
        sqlite: "INSERT INTO aspect_visibilities (post_id, aspect_id)
                 SELECT $1, id FROM aspects WHERE user_id = $2 AND id IN (SELECT value FROM json_each($3))",
        postgres: "INSERT INTO aspect_visibilities (post_id, aspect_id)
                   SELECT CAST($1 AS BIGINT), id FROM aspects
                   WHERE user_id = $2 AND id IN (SELECT value::bigint FROM jsonb_array_elements_text($3))",
    ))
    .bind(post)
    .bind(user)
    .bind(Json(aspects))
    .run()
    .await
}

pub async fn choose_all_aspects(tx: &mut Tx, user: UserId, post: PostId) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO aspect_visibilities (post_id, aspect_id)
         SELECT CAST($1 AS BIGINT), id FROM aspects WHERE user_id = $2"
    ))
    .bind(post)
    .bind(user)
    .run()
    .await
}

/// The people in the chosen aspects now, local and remote; not the author.
pub async fn freeze_audience(tx: &mut Tx, post: PostId) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO post_audience (post_id, person_id)
         SELECT DISTINCT p.id, c.person_id FROM posts p
         JOIN aspect_visibilities av ON av.post_id = p.id
         JOIN aspect_memberships m ON m.aspect_id = av.aspect_id
         JOIN contacts c ON c.id = m.contact_id
         JOIN people o ON o.id = c.person_id
         WHERE p.id = $1 AND c.receiving AND c.person_id <> p.author_id AND o.closed_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM blocked_by b WHERE b.user_id = c.user_id AND b.person_id = c.person_id)"
    ))
    .bind(post)
    .run()
    .await
}

/// More people of a limited post's audience, as its author's archive names them.
pub async fn add_audience(tx: &mut Tx, post: PostId, people: &[PersonId]) -> db::Result<u64> {
    tx.query(sql!(
        sqlite: "INSERT INTO post_audience (post_id, person_id)
                 SELECT p.id, a.value FROM posts p, json_each($2) a
                 WHERE p.id = $1 AND NOT p.public AND a.value <> p.author_id ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO post_audience (post_id, person_id)
                   SELECT p.id, a.value::bigint FROM posts p, jsonb_array_elements_text($2) AS a(value)
                   WHERE p.id = $1 AND NOT p.public AND a.value::bigint <> p.author_id ON CONFLICT DO NOTHING",
    ))
    .bind(post)
    .bind(Json(people))
    .run()
    .await
}

/// 1 when this user was not among the recipients before.
pub async fn share_with(tx: &mut Tx, post: PostId, user: UserId) -> db::Result<u64> {
    tx.query(sql!("INSERT INTO share_visibilities (post_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"))
        .bind(post)
        .bind(user)
        .run()
        .await
}

/// Writes who is mentioned. In a limited post of this pod only its audience can be.
pub async fn mention(tx: &mut Tx, post: PostId, people: &[PersonId]) -> db::Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    tx.query(sql!(
        sqlite: "INSERT INTO mentions (post_id, comment_id, person_id)
                 SELECT p.id, 0, m.value FROM posts p, json_each($2) m
                 WHERE p.id = $1 AND (p.public OR NOT p.local OR EXISTS (
                     SELECT 1 FROM post_audience a WHERE a.post_id = p.id AND a.person_id = m.value))
                 ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO mentions (post_id, comment_id, person_id)
                   SELECT p.id, 0, m.value::bigint FROM posts p, jsonb_array_elements_text($2) AS m(value)
                   WHERE p.id = $1 AND (p.public OR NOT p.local OR EXISTS (
                       SELECT 1 FROM post_audience a WHERE a.post_id = p.id AND a.person_id = m.value::bigint))
                   ON CONFLICT DO NOTHING",
    ))
    .bind(post)
    .bind(Json(people))
    .run()
    .await
    .map(drop)
}

pub async fn set_text(tx: &mut Tx, post: PostId, text: &str) -> db::Result<u64> {
    tx.query(sql!("UPDATE posts SET text = $2 WHERE id = $1")).bind(post).bind(text).run().await
}

/// Those of these diaspora* IDs that a limited post is known to have reached: its author, its audience, its
/// recipients here, and who took part below it.
pub async fn insiders(conn: &mut Conn, post: PostId, ids: &[String]) -> db::Result<Vec<String>> {
    conn.query(sql!(
        sqlite: "SELECT p.diaspora_id FROM people p JOIN posts o ON o.id = $1
                 WHERE p.diaspora_id IN (SELECT value FROM json_each($2)) AND (
                     p.id = o.author_id
                     OR EXISTS (SELECT 1 FROM post_audience a WHERE a.post_id = o.id AND a.person_id = p.id)
                     OR EXISTS (SELECT 1 FROM share_visibilities s JOIN users u ON u.id = s.user_id
                                WHERE s.post_id = o.id AND u.person_id = p.id)
                     OR EXISTS (SELECT 1 FROM comments c WHERE c.post_id = o.id AND c.author_id = p.id)
                     OR EXISTS (SELECT 1 FROM likes l WHERE l.post_id = o.id AND l.author_id = p.id))",
        postgres: "SELECT p.diaspora_id FROM people p JOIN posts o ON o.id = $1
                   WHERE p.diaspora_id IN (SELECT jsonb_array_elements_text($2)) AND (
                       p.id = o.author_id
                       OR EXISTS (SELECT 1 FROM post_audience a WHERE a.post_id = o.id AND a.person_id = p.id)
                       OR EXISTS (SELECT 1 FROM share_visibilities s JOIN users u ON u.id = s.user_id
                                  WHERE s.post_id = o.id AND u.person_id = p.id)
                       OR EXISTS (SELECT 1 FROM comments c WHERE c.post_id = o.id AND c.author_id = p.id)
                       OR EXISTS (SELECT 1 FROM likes l WHERE l.post_id = o.id AND l.author_id = p.id))",
    ))
    .bind(post)
    .bind(Json(ids))
    .scalars()
    .await
}

// --- home streams ---

/// Puts a post into the home streams of this pod: of its author, of who follows the author or one of its
/// tags, and of who is mentioned; never of somebody who may not read it or ignores the author.
pub async fn enter_homes(tx: &mut Tx, post: PostId) -> db::Result<u64> {
    tx.query(sql!(concat!(
        "INSERT INTO home_entries (user_id, post_id, sort_at, reasons)
         SELECT r.user_id, p.id, p.created_at, CAST(SUM(r.reason) AS BIGINT)
         FROM (SELECT c.user_id, 1 AS reason FROM contacts c JOIN posts o ON o.author_id = c.person_id
               WHERE o.id = $1 AND c.receiving
               UNION SELECT u.id, 2 FROM users u JOIN posts o ON o.author_id = u.person_id WHERE o.id = $1
               UNION SELECT g.user_id, 4 FROM tag_followings g JOIN post_tags t ON t.tag_id = g.tag_id
                     JOIN posts o ON o.id = t.post_id WHERE o.id = $1 AND o.public
               UNION SELECT u.id, 8 FROM users u JOIN mentions m ON m.person_id = u.person_id
                     WHERE m.post_id = $1 AND m.comment_id = 0) r
         JOIN posts p ON p.id = $1 JOIN users v ON v.id = r.user_id
         WHERE ",
        can_read!("p", "v.person_id", "v.id"),
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = v.id AND b.person_id = p.author_id)
         GROUP BY r.user_id, p.id, p.created_at
         ON CONFLICT (user_id, post_id) DO UPDATE SET reasons = excluded.reasons"
    )))
    .bind(post)
    .run()
    .await
}

/// The newest readable posts of somebody whom the member begins to follow.
pub async fn follow_into_home(tx: &mut Tx, user: UserId, author: PersonId) -> db::Result<u64> {
    tx.query(sql!(concat!(
        "INSERT INTO home_entries (user_id, post_id, sort_at, reasons)
         SELECT q.user_id, q.id, q.created_at, 1 FROM (
             SELECT v.id AS user_id, p.id, p.created_at FROM posts p JOIN users v ON v.id = $1
             WHERE p.author_id = $2 AND ",
        can_read!("p", "v.person_id", "v.id"),
        "    ORDER BY p.created_at DESC, p.id DESC LIMIT 50) q
         WHERE q.id > 0
         ON CONFLICT (user_id, post_id) DO UPDATE SET reasons = home_entries.reasons | 1"
    )))
    .bind(user)
    .bind(author)
    .run()
    .await
}

/// The member's own newest posts, which came with an archive.
pub async fn own_into_home(tx: &mut Tx, user: UserId) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO home_entries (user_id, post_id, sort_at, reasons)
         SELECT q.user_id, q.id, q.created_at, 2 FROM (
             SELECT v.id AS user_id, p.id, p.created_at FROM posts p JOIN users v ON v.person_id = p.author_id
             WHERE v.id = $1 ORDER BY p.created_at DESC, p.id DESC LIMIT 50) q
         WHERE q.id > 0
         ON CONFLICT (user_id, post_id) DO UPDATE SET reasons = home_entries.reasons | 2"
    ))
    .bind(user)
    .run()
    .await
}

/// The member does not follow these authors any more: entries for that reason alone go with `sweep_home`.
pub async fn leave_home(tx: &mut Tx, user: UserId, authors: &[PersonId]) -> db::Result<u64> {
    tx.query(sql!(
        sqlite: "UPDATE home_entries SET reasons = reasons & ~1
                 WHERE user_id = $1 AND post_id IN
                   (SELECT id FROM posts WHERE author_id IN (SELECT value FROM json_each($2)))",
        postgres: "UPDATE home_entries SET reasons = reasons & ~1
                   WHERE user_id = $1 AND post_id IN (SELECT id FROM posts WHERE author_id IN
                     (SELECT value::bigint FROM jsonb_array_elements_text($2)))",
    ))
    .bind(user)
    .bind(Json(authors))
    .run()
    .await
}

/// The member ignores this author: nothing of theirs stays, whatever brought it.
pub async fn clear_home(tx: &mut Tx, user: UserId, author: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "DELETE FROM home_entries
         WHERE user_id = $1 AND post_id IN (SELECT id FROM posts WHERE author_id = $2)"
    ))
    .bind(user)
    .bind(author)
    .run()
    .await
}

pub async fn sweep_home(tx: &mut Tx, user: UserId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM home_entries WHERE user_id = $1 AND reasons = 0")).bind(user).run().await
}
