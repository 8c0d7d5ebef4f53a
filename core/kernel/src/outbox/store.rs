//! Who is sent what, and what of it the rows say.
use crate::{
    db::{Conn, Result},
    id::{CommentId, CommentLikeId, LikeId, PersonId, PostId, RemotePodId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;

/// Somebody on another pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub(crate) struct Recipient {
    pub person_id: PersonId,
    pub remote_pod_id: RemotePodId,
}

/// Remote people who get everything about a post of this pod: its frozen audience when it is limited;
/// else the author's contacts in either direction, who is mentioned, who asked for it, who passed it on, and
/// of a reshare the author of its root. Of what its author wrote before they moved here, the pod that they
/// left has a copy, and asked nobody for it.
pub(crate) async fn subscribers(conn: &mut Conn, post: PostId) -> Result<Vec<Recipient>> {
    conn.query(sql!(
        "SELECT p.id AS person_id, p.remote_pod_id FROM people p
         WHERE p.remote_pod_id IS NOT NULL AND p.closed_at IS NULL AND p.id IN (
           SELECT a.person_id FROM post_audience a WHERE a.post_id = $1
           UNION SELECT c.person_id FROM contacts c JOIN users u ON u.id = c.user_id
                 JOIN posts o ON o.author_id = u.person_id WHERE o.id = $1 AND o.public
           UNION SELECT m.person_id FROM mentions m JOIN posts o ON o.id = m.post_id
                 WHERE o.id = $1 AND m.comment_id = 0 AND o.public
           UNION SELECT t.author_id FROM participations t JOIN posts o ON o.id = t.post_id
                 WHERE o.id = $1 AND o.public
           UNION SELECT s.author_id FROM posts s JOIN posts o ON o.id = s.root_id WHERE o.id = $1 AND o.public
           UNION SELECT r.author_id FROM posts r JOIN posts o ON o.root_id = r.id WHERE o.id = $1)
         UNION SELECT f.id, f.remote_pod_id FROM posts o JOIN people f ON f.moved_to_id = o.author_id
         WHERE o.id = $1 AND o.public AND o.created_at < f.closed_at AND f.remote_pod_id IS NOT NULL
         ORDER BY 1"
    ))
    .bind(post)
    .all()
    .await
}

/// The author of a post, if they are on another pod.
pub(crate) async fn remote_author(conn: &mut Conn, post: PostId) -> Result<Vec<Recipient>> {
    conn.query(sql!(
        "SELECT p.id AS person_id, p.remote_pod_id FROM posts o JOIN people p ON p.id = o.author_id
         WHERE o.id = $1 AND p.remote_pod_id IS NOT NULL"
    ))
    .bind(post)
    .all()
    .await
}

/// A person, if they are on another pod.
pub(crate) async fn remote(conn: &mut Conn, person: PersonId) -> Result<Vec<Recipient>> {
    conn.query(sql!(
        "SELECT id AS person_id, remote_pod_id FROM people WHERE id = $1 AND remote_pod_id IS NOT NULL"
    ))
    .bind(person)
    .all()
    .await
}

/// Those of a list of people who are on other pods.
pub(crate) async fn remote_of(conn: &mut Conn, people: &[PersonId]) -> Result<Vec<Recipient>> {
    conn.query(sql!(
        sqlite: "SELECT id AS person_id, remote_pod_id FROM people
                 WHERE remote_pod_id IS NOT NULL AND id IN (SELECT value FROM json_each($1)) ORDER BY id",
        postgres: "SELECT id AS person_id, remote_pod_id FROM people
                   WHERE remote_pod_id IS NOT NULL
                     AND id IN (SELECT value::bigint FROM jsonb_array_elements_text($1)) ORDER BY id",
    ))
    .bind(Json(people))
    .all()
    .await
}

/// A contact on another pod.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct RemoteContact {
    #[sqlx(flatten)]
    pub recipient: Recipient,
    /// The member shares with them.
    pub receiving: bool,
}

/// A member's contacts on other pods, in either direction.
pub(crate) async fn remote_contacts(conn: &mut Conn, user: UserId) -> Result<Vec<RemoteContact>> {
    conn.query(sql!(
        "SELECT p.id AS person_id, p.remote_pod_id, c.receiving FROM contacts c JOIN people p ON p.id = c.person_id
         WHERE c.user_id = $1 AND p.remote_pod_id IS NOT NULL AND p.closed_at IS NULL ORDER BY p.id"
    ))
    .bind(user)
    .all()
    .await
}

// --- what is sent ---

/// A post with its author.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct PostRow {
    pub id: PostId,
    pub guid: String,
    pub text: String,
    pub public: bool,
    pub provider: Option<String>,
    pub created_at: Timestamp,
    pub author_id: PersonId,
    pub author: String,
    /// The account of a local author.
    pub user_id: Option<UserId>,
    pub is_reshare: bool,
    pub root_id: Option<PostId>,
}

macro_rules! select_post {
    ($where:literal) => {
        concat!(
            "SELECT o.id, o.guid, o.text, o.public, o.provider, o.created_at, o.author_id, p.diaspora_id AS author,
                    u.id AS user_id, o.kind = 'reshare' AS is_reshare, o.root_id
             FROM posts o JOIN people p ON p.id = o.author_id LEFT JOIN users u ON u.person_id = p.id WHERE ",
            $where
        )
    };
}

pub(crate) async fn post(conn: &mut Conn, post: PostId) -> Result<Option<PostRow>> {
    conn.query(sql!(select_post!("o.id = $1"))).bind(post).optional().await
}

pub(crate) async fn post_by_guid(conn: &mut Conn, guid: &str) -> Result<Option<PostRow>> {
    conn.query(sql!(select_post!("o.guid = $1"))).bind(guid).optional().await
}

/// A photo of a post.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct PhotoRow {
    pub guid: String,
    pub remote_path: String,
    pub remote_name: String,
    pub text: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
}

pub(crate) async fn photos(conn: &mut Conn, post: PostId) -> Result<Vec<PhotoRow>> {
    conn.query(sql!(
        "SELECT guid, remote_path, remote_name, text, width, height, created_at, edited_at
         FROM photos WHERE post_id = $1 ORDER BY position, id"
    ))
    .bind(post)
    .all()
    .await
}

/// A comment or a like; `text` is empty for a like.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct RelayableRow {
    pub guid: String,
    pub text: String,
    pub created_at: Timestamp,
    pub post_id: PostId,
    pub author: String,
    pub user_id: Option<UserId>,
    pub remote_pod_id: Option<RemotePodId>,
    /// As it came, when the author is remote and the post is of this pod.
    pub xml: Option<String>,
    /// What a like is of, when that is a comment.
    pub comment_guid: Option<String>,
    /// When a comment was changed, and the one that it answers.
    pub edited_at: Option<Timestamp>,
    pub thread_parent_guid: Option<String>,
}

pub(crate) async fn comment(conn: &mut Conn, comment: CommentId) -> Result<Option<RelayableRow>> {
    conn.query(sql!(
        "SELECT c.guid, c.text, c.created_at, c.post_id, p.diaspora_id AS author, u.id AS user_id, p.remote_pod_id,
                y.xml, CAST(NULL AS TEXT) AS comment_guid, c.edited_at, c.thread_parent_guid
         FROM comments c JOIN people p ON p.id = c.author_id LEFT JOIN users u ON u.person_id = p.id
         LEFT JOIN relay_payloads y ON y.kind = 'comment' AND y.guid = c.guid WHERE c.id = $1"
    ))
    .bind(comment)
    .optional()
    .await
}

pub(crate) async fn comment_by_guid(conn: &mut Conn, guid: &str) -> Result<Option<CommentId>> {
    conn.query(sql!("SELECT id FROM comments WHERE guid = $1")).bind(guid).scalar().await
}

pub(crate) async fn like(conn: &mut Conn, like: LikeId) -> Result<Option<RelayableRow>> {
    conn.query(sql!(
        "SELECT l.guid, '' AS text, l.created_at, l.post_id, p.diaspora_id AS author, u.id AS user_id,
                p.remote_pod_id, y.xml, CAST(NULL AS TEXT) AS comment_guid,
                CAST(NULL AS BIGINT) AS edited_at, CAST(NULL AS TEXT) AS thread_parent_guid
         FROM likes l JOIN people p ON p.id = l.author_id LEFT JOIN users u ON u.person_id = p.id
         LEFT JOIN relay_payloads y ON y.kind = 'like' AND y.guid = l.guid WHERE l.id = $1"
    ))
    .bind(like)
    .optional()
    .await
}

pub(crate) async fn comment_like(conn: &mut Conn, like: CommentLikeId) -> Result<Option<RelayableRow>> {
    conn.query(sql!(
        "SELECT l.guid, '' AS text, l.created_at, c.post_id, p.diaspora_id AS author, u.id AS user_id,
                p.remote_pod_id, y.xml, c.guid AS comment_guid,
                CAST(NULL AS BIGINT) AS edited_at, CAST(NULL AS TEXT) AS thread_parent_guid
         FROM comment_likes l JOIN comments c ON c.id = l.comment_id JOIN people p ON p.id = l.author_id
         LEFT JOIN users u ON u.person_id = p.id
         LEFT JOIN relay_payloads y ON y.kind = 'like' AND y.guid = l.guid WHERE l.id = $1"
    ))
    .bind(like)
    .optional()
    .await
}

/// What is relayed as it came; the author is remote.
pub(crate) async fn relayed(
    conn: &mut Conn,
    entity: &str,
    guid: &str,
    author: PersonId,
) -> Result<Option<RelayableRow>> {
    conn.query(sql!(
        "SELECT y.guid, '' AS text, o.created_at, y.post_id, p.diaspora_id AS author, u.id AS user_id,
                p.remote_pod_id, y.xml, CAST(NULL AS TEXT) AS comment_guid,
                CAST(NULL AS BIGINT) AS edited_at, CAST(NULL AS TEXT) AS thread_parent_guid
         FROM relay_payloads y JOIN posts o ON o.id = y.post_id JOIN people p ON p.id = $3
         LEFT JOIN users u ON u.person_id = p.id
         WHERE y.kind = $1 AND y.guid = $2"
    ))
    .bind(entity)
    .bind(guid)
    .bind(author)
    .optional()
    .await
}

/// The last word of a closed account: which element, and the element.
pub(crate) async fn farewell(conn: &mut Conn, user: UserId) -> Result<Option<(String, String)>> {
    conn.query(sql!("SELECT entity, xml FROM farewells WHERE user_id = $1")).bind(user).optional().await
}

/// Remote people whom a comment mentions.
pub(crate) async fn mentioned_in(conn: &mut Conn, comment: CommentId) -> Result<Vec<Recipient>> {
    conn.query(sql!(
        "SELECT p.id AS person_id, p.remote_pod_id FROM mentions m JOIN people p ON p.id = m.person_id
         WHERE m.comment_id = $1 AND p.remote_pod_id IS NOT NULL ORDER BY p.id"
    ))
    .bind(comment)
    .all()
    .await
}

/// A member as the sender of something.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Sender {
    pub person_id: PersonId,
    pub diaspora_id: String,
}

pub(crate) async fn sender(conn: &mut Conn, user: UserId) -> Result<Option<Sender>> {
    conn.query(sql!(
        "SELECT p.id AS person_id, p.diaspora_id FROM users u JOIN people p ON p.id = u.person_id WHERE u.id = $1"
    ))
    .bind(user)
    .optional()
    .await
}

pub(crate) async fn diaspora_id(conn: &mut Conn, person: PersonId) -> Result<Option<String>> {
    conn.query(sql!("SELECT diaspora_id FROM people WHERE id = $1")).bind(person).scalar().await
}

/// Whether the member shares with the person.
pub(crate) async fn receiving(conn: &mut Conn, user: UserId, person: PersonId) -> Result<bool> {
    Ok(conn
        .query(sql!("SELECT receiving FROM contacts WHERE user_id = $1 AND person_id = $2"))
        .bind(user)
        .bind(person)
        .scalar()
        .await?
        .unwrap_or(false))
}

/// A member's whole profile, as it is federated.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ProfileRow {
    pub diaspora_id: String,
    pub first_name: String,
    pub last_name: String,
    pub image_url: Option<String>,
    pub image_url_medium: Option<String>,
    pub image_url_small: Option<String>,
    pub bio: String,
    pub birthday: Option<String>,
    pub gender: String,
    pub location: String,
    pub tag_string: String,
    pub searchable: bool,
    pub nsfw: bool,
    pub public_details: bool,
    pub updated_at: Timestamp,
}

pub(crate) async fn profile(conn: &mut Conn, user: UserId) -> Result<Option<ProfileRow>> {
    conn.query(sql!(
        "SELECT p.diaspora_id, f.first_name, f.last_name, f.image_url, f.image_url_medium, f.image_url_small,
                f.bio, f.birthday, f.gender, f.location, f.tag_string, f.searchable, f.nsfw, f.public_details,
                f.updated_at
         FROM users u JOIN people p ON p.id = u.person_id JOIN profiles f ON f.person_id = p.id WHERE u.id = $1"
    ))
    .bind(user)
    .optional()
    .await
}

/// Another pod with its base URL, for a redirect.
pub(crate) async fn home_of(conn: &mut Conn, person: PersonId) -> Result<Option<String>> {
    conn.query(sql!(
        "SELECT r.base_url FROM people p JOIN remote_pods r ON r.id = p.remote_pod_id WHERE p.id = $1"
    ))
    .bind(person)
    .scalar()
    .await
}

/// The participation that a member's interaction made.
pub(crate) async fn participation(conn: &mut Conn, user: UserId, post: PostId) -> Result<Option<String>> {
    conn.query(sql!(
        "SELECT t.guid FROM participations t JOIN users u ON u.person_id = t.author_id
         WHERE u.id = $1 AND t.post_id = $2"
    ))
    .bind(user)
    .bind(post)
    .scalar()
    .await
}

pub(crate) async fn person_of(conn: &mut Conn, diaspora_id: &str) -> Result<Option<PersonId>> {
    conn.query(sql!("SELECT id FROM people WHERE diaspora_id = $1")).bind(diaspora_id).scalar().await
}
