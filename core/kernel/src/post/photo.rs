//! Photos: inside a post, or on their own before or after it. A remote one stays where it is.
use super::{gone, receive::NewPost, store};
use crate::{
    db::{self, Tx},
    id::{PersonId, PostId, Timestamp},
    media, sql,
};
use pappus_federation::entity::Photo;

/// A picture; a remote one stays where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPhoto {
    /// The name across pods.
    pub guid: String,
    /// For everybody.
    pub public: bool,
    /// The post it belongs to, which may come later.
    pub post_guid: Option<String>,
    /// Everything before the name.
    pub remote_path: String,
    /// The name of the file.
    pub remote_name: String,
    /// What it shows, in words.
    pub text: String,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// As its author says.
    pub created_at: Timestamp,
    /// When its author changed it, if they say.
    pub edited_at: Option<Timestamp>,
}

impl From<&Photo> for NewPhoto {
    fn from(photo: &Photo) -> Self {
        let when = |at: pappus_federation::time::Timestamp| Timestamp(at.micros());
        Self {
            guid: photo.guid.to_string(),
            public: photo.public,
            post_guid: photo.status_message_guid.as_ref().map(ToString::to_string),
            remote_path: photo.remote_photo_path.clone(),
            remote_name: photo.remote_photo_name.clone(),
            text: photo.text.clone().unwrap_or_default(),
            width: photo.width.map(i64::from),
            height: photo.height.map(i64::from),
            created_at: when(photo.created_at),
            edited_at: photo.edited_at.map(when),
        }
    }
}

/// The photos that came inside a post, and those that came before it on their own.
pub(super) async fn attach(tx: &mut Tx, post: PostId, new: &NewPost) -> db::Result<()> {
    for (position, photo) in (0..).zip(&new.photos) {
        if gone::is_taken_back(tx, "Photo", &photo.guid, new.author, None).await? {
            continue;
        }
        upsert(tx, new.author, photo).await?;
        place(tx, new.author, &photo.guid, post, position).await?;
    }
    adopt(tx, post).await?;
    Ok(())
}

/// A photo on its own: stored, or changed where the same author sends it again. One whose post is here is
/// hung on it; a limited photo never on a public post.
pub async fn receive(tx: &mut Tx, author: PersonId, new: &NewPhoto) -> db::Result<()> {
    if gone::is_taken_back(tx, "Photo", &new.guid, author, None).await? || upsert(tx, author, new).await? == 0
    {
        return Ok(());
    }
    if let Some(guid) = &new.post_guid
        && let Some(post) = store::find_any_by_guid(tx, guid).await?
    {
        adopt(tx, post.id).await?;
    }
    Ok(())
}

/// Deletes a photo of `author` and remembers that it is gone. The caller knows that it may.
pub async fn remove(tx: &mut Tx, guid: &str, author: PersonId, now: Timestamp) -> db::Result<()> {
    gone::bury(tx, "Photo", guid, author, now).await?;
    media::sweep_after_photo(tx, guid, now).await?;
    tx.query(sql!("DELETE FROM photos WHERE guid = $1")).bind(guid).run().await.map(drop)
}

/// 0 when the guid is somebody else's, or what is known is newer.
async fn upsert(tx: &mut Tx, author: PersonId, photo: &NewPhoto) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO photos (guid, author_id, position, remote_path, remote_name, text, width, height, created_at,
                             public, post_guid, edited_at)
         VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (guid) DO UPDATE SET
             remote_path = excluded.remote_path, remote_name = excluded.remote_name, text = excluded.text,
             width = excluded.width, height = excluded.height, edited_at = excluded.edited_at,
             post_guid = COALESCE(photos.post_guid, excluded.post_guid)
         WHERE photos.author_id = excluded.author_id
           AND COALESCE(photos.edited_at, 0) <= COALESCE(excluded.edited_at, photos.edited_at, 0)"
    ))
    .bind(&photo.guid)
    .bind(author)
    .bind(&photo.remote_path)
    .bind(&photo.remote_name)
    .bind(&photo.text)
    .bind(photo.width)
    .bind(photo.height)
    .bind(photo.created_at)
    .bind(photo.public)
    .bind(&photo.post_guid)
    .bind(photo.edited_at)
    .run()
    .await
}

/// A photo that hangs somewhere already stays there.
async fn place(tx: &mut Tx, author: PersonId, guid: &str, post: PostId, position: i64) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE photos SET post_id = $3, position = $4
         WHERE guid = $1 AND author_id = $2 AND (post_id IS NULL OR post_id = $3)"
    ))
    .bind(guid)
    .bind(author)
    .bind(post)
    .bind(position)
    .run()
    .await
}

/// Photos by the post's author that name it and hang nowhere.
async fn adopt(tx: &mut Tx, post: PostId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE photos SET post_id = $1,
                position = (SELECT COUNT(*) FROM photos o WHERE o.post_id = $1)
         WHERE post_id IS NULL
           AND EXISTS (SELECT 1 FROM posts p WHERE p.id = $1 AND p.guid = photos.post_guid
                       AND p.author_id = photos.author_id AND (photos.public OR NOT p.public))"
    ))
    .bind(post)
    .run()
    .await
}
