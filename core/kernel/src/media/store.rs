//! SQL about pictures of members.
use crate::{
    access::Viewer,
    can_read, can_see,
    db::{self, Conn, Tx},
    id::{MediaId, PersonId, PhotoId, PostId, Timestamp},
    sql,
    stream::Cursor,
};

/// A photo that waits for its post.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// The row.
    pub id: PhotoId,
    /// The name across pods.
    pub guid: String,
    /// The end of its address.
    pub name: String,
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
    /// What it shows, in words.
    pub text: String,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

pub struct NewMedia<'a> {
    pub name: &'a str,
    pub owner: PersonId,
    pub scaled: bool,
}

/// Its files are not there yet.
pub async fn begin(tx: &mut Tx, new: &NewMedia<'_>, now: Timestamp) -> db::Result<Option<MediaId>> {
    tx.query(sql!(
        "INSERT INTO media (name, owner_id, kind, scaled, created_at) VALUES ($1, $2, 'upload', $3, $4) RETURNING id"
    ))
    .bind(new.name)
    .bind(new.owner)
    .bind(new.scaled)
    .bind(now)
    .scalar()
    .await
}

pub async fn become_kind(tx: &mut Tx, media: MediaId, kind: &str) -> db::Result<u64> {
    tx.query(sql!("UPDATE media SET kind = $2 WHERE id = $1")).bind(media).bind(kind).run().await
}

/// The portrait that this person had is another's to delete. Says how many there were.
pub async fn let_portraits_go(tx: &mut Tx, person: PersonId) -> db::Result<u64> {
    tx.query(sql!("UPDATE media SET kind = 'former' WHERE owner_id = $1 AND kind = 'portrait'"))
        .bind(person)
        .run()
        .await
}

pub struct NewPhoto<'a> {
    pub media: MediaId,
    pub guid: &'a str,
    pub author: PersonId,
    pub path: &'a str,
    pub name: &'a str,
    pub width: i64,
    pub height: i64,
}

pub async fn insert_photo(tx: &mut Tx, new: &NewPhoto<'_>, now: Timestamp) -> db::Result<Option<PhotoId>> {
    tx.query(sql!(
        "INSERT INTO photos (guid, author_id, position, remote_path, remote_name, text, width, height, created_at,
                             public, media_id)
         VALUES ($1, $2, 0, $3, $4, '', $5, $6, $7, FALSE, $8) RETURNING id"
    ))
    .bind(new.guid)
    .bind(new.author)
    .bind(new.path)
    .bind(new.name)
    .bind(new.width)
    .bind(new.height)
    .bind(now)
    .bind(new.media)
    .scalar()
    .await
}

/// The member's photos that hang on no post, the oldest first.
pub async fn waiting(conn: &mut Conn, author: PersonId) -> db::Result<Vec<Waiting>> {
    conn.query(sql!(
        "SELECT id, guid, remote_name AS name, COALESCE(width, 0) AS width, COALESCE(height, 0) AS height, text,
                created_at
         FROM photos WHERE author_id = $1 AND post_id IS NULL AND media_id IS NOT NULL ORDER BY id"
    ))
    .bind(author)
    .all()
    .await
}

pub async fn describe(tx: &mut Tx, author: PersonId, photo: PhotoId, text: &str) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE photos SET text = $3
         WHERE id = $2 AND author_id = $1 AND post_id IS NULL AND media_id IS NOT NULL"
    ))
    .bind(author)
    .bind(photo)
    .bind(text)
    .run()
    .await
}

/// 1 where it is the author's and hung nowhere.
pub async fn hang(tx: &mut Tx, photo: PhotoId, post: PostId, position: i64) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE photos SET post_id = $2, position = $3, public = (SELECT p.public FROM posts p WHERE p.id = $2)
         WHERE id = $1 AND post_id IS NULL AND media_id IS NOT NULL
           AND author_id = (SELECT p.author_id FROM posts p WHERE p.id = $2)"
    ))
    .bind(photo)
    .bind(post)
    .bind(position)
    .run()
    .await
}

/// A member's own photo.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Own {
    pub guid: String,
    pub name: String,
    pub post_id: Option<PostId>,
    /// Of the post.
    pub public: bool,
    /// Nothing else is in its post.
    pub alone: bool,
}

/// By the number of its row or its guid.
pub async fn own(conn: &mut Conn, author: PersonId, key: &str) -> db::Result<Option<Own>> {
    let id = key.parse::<i64>().unwrap_or(0);
    conn.query(sql!(
        "SELECT h.guid, h.remote_name AS name, h.post_id, COALESCE(p.public, FALSE) AS public,
                (p.id IS NOT NULL AND TRIM(p.text) = ''
                 AND NOT EXISTS (SELECT 1 FROM photos o WHERE o.post_id = p.id AND o.id <> h.id)) AS alone
         FROM photos h LEFT JOIN posts p ON p.id = h.post_id
         WHERE h.author_id = $1 AND h.media_id IS NOT NULL AND (h.id = $2 OR h.guid = $3)"
    ))
    .bind(author)
    .bind(id)
    .bind(key)
    .optional()
    .await
}

/// What may be shown.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Shown {
    pub scaled: bool,
    /// To everybody, for ever.
    pub public: bool,
}

/// The picture of this name, if the viewer may see it. A portrait is for everybody, a photo for whoever reads
/// its post, or for its author as long as it has none. Other pods cannot say for whom they ask: where a limited
/// post went to another pod, whoever is nobody here and knows the name is let in; a member never is.
pub async fn find(conn: &mut Conn, viewer: Viewer, name: &str) -> db::Result<Option<Shown>> {
    let (person, user) = viewer.ids();
    conn.query(sql!(concat!(
        "SELECT m.scaled, COALESCE(p.public, m.kind = 'portrait') AS public
         FROM media m JOIN people o ON o.id = m.owner_id
         LEFT JOIN photos h ON h.media_id = m.id LEFT JOIN posts p ON p.id = h.post_id
         WHERE m.name = $1 AND (
             (m.kind = 'portrait' AND o.closed_at IS NULL)
             OR (h.post_id IS NULL AND h.author_id = $2)
             OR (p.id IS NOT NULL AND ",
        can_read!("p", "$2", "$3"),
        ")
             OR ($2 = 0 AND NOT p.public AND ",
        can_see!("p.author_id", "$2", "$3"),
        " AND EXISTS (SELECT 1 FROM post_audience a JOIN people r ON r.id = a.person_id
                           WHERE a.post_id = p.id AND r.remote_pod_id IS NOT NULL)))"
    )))
    .bind(name)
    .bind(person)
    .bind(user)
    .optional()
    .await
}

/// A photo of an album, with the post that it hangs on.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AlbumPhoto {
    /// The row.
    pub id: PhotoId,
    /// The name across pods.
    pub guid: String,
    /// Its address; of a remote pod for a remote photo.
    pub url: String,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// What it shows, in words.
    pub text: String,
    /// As its author says.
    pub created_at: Timestamp,
    /// The post's row.
    pub post_id: PostId,
    /// The post's name across pods.
    pub post_guid: String,
}

/// Photos of somebody in posts that the viewer may read, the newest first.
pub async fn album(
    conn: &mut Conn,
    viewer: Viewer,
    author: PersonId,
    before: Cursor,
    limit: i64,
) -> db::Result<Vec<AlbumPhoto>> {
    let (person, user) = viewer.ids();
    conn.query(sql!(concat!(
        "SELECT h.id, h.guid, h.remote_path || h.remote_name AS url, h.width, h.height, h.text, h.created_at,
                h.post_id, p.guid AS post_guid
         FROM photos h JOIN posts p ON p.id = h.post_id
         WHERE h.author_id = $1 AND (h.created_at < $4 OR (h.created_at = $4 AND h.id < $5)) AND ",
        can_read!("p", "$2", "$3"),
        " AND NOT EXISTS (SELECT 1 FROM people m WHERE m.id = h.author_id AND m.media_hidden)
         ORDER BY h.created_at DESC, h.id DESC LIMIT $6"
    )))
    .bind(author)
    .bind(person)
    .bind(user)
    .bind(before.time())
    .bind(before.row())
    .bind(limit)
    .all()
    .await
}

// --- what is gone ---

pub async fn post_has_files(conn: &mut Conn, post: PostId) -> db::Result<bool> {
    let found: Option<PhotoId> = conn
        .query(sql!("SELECT id FROM photos WHERE post_id = $1 AND media_id IS NOT NULL LIMIT 1"))
        .bind(post)
        .scalar()
        .await?;
    Ok(found.is_some())
}

pub async fn photo_has_files(conn: &mut Conn, guid: &str) -> db::Result<bool> {
    let found: Option<PhotoId> = conn
        .query(sql!("SELECT id FROM photos WHERE guid = $1 AND media_id IS NOT NULL"))
        .bind(guid)
        .scalar()
        .await?;
    Ok(found.is_some())
}

pub async fn person_has_files(conn: &mut Conn, person: PersonId) -> db::Result<bool> {
    let found: Option<MediaId> =
        conn.query(sql!("SELECT id FROM media WHERE owner_id = $1 LIMIT 1")).bind(person).scalar().await?;
    Ok(found.is_some())
}

pub async fn delete_photo(tx: &mut Tx, guid: &str) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM photos WHERE guid = $1")).bind(guid).run().await
}

/// Photos that nobody hung anywhere in time.
pub async fn delete_forgotten(tx: &mut Tx, before: Timestamp) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM photos WHERE media_id IS NOT NULL AND post_id IS NULL AND created_at < $1"))
        .bind(before)
        .run()
        .await
}

/// A picture whose files have no purpose any more.
#[derive(Debug, sqlx::FromRow)]
pub struct Leftover {
    pub id: MediaId,
    pub name: String,
    pub scaled: bool,
}

/// `before` is when an upload that never became anything began.
pub async fn leftovers(conn: &mut Conn, before: Timestamp, limit: i64) -> db::Result<Vec<Leftover>> {
    conn.query(sql!(
        "SELECT m.id, m.name, m.scaled FROM media m JOIN people o ON o.id = m.owner_id
         WHERE m.kind = 'former'
            OR (m.kind = 'upload' AND m.created_at < $1)
            OR (m.kind = 'portrait' AND o.closed_at IS NOT NULL)
            OR (m.kind = 'photo' AND NOT EXISTS (SELECT 1 FROM photos h WHERE h.media_id = m.id))
         ORDER BY m.id LIMIT $2"
    ))
    .bind(before)
    .bind(limit)
    .all()
    .await
}

pub async fn delete(tx: &mut Tx, media: MediaId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM media WHERE id = $1")).bind(media).run().await
}
