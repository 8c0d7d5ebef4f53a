//! Showing pictures to whom they are for.
use super::{Size, kind_of, parse, store};
use crate::{
    Error, Pod, Result,
    access::Viewer,
    person::{self, Person},
    stream::Cursor,
};
use bytes::Bytes;

/// A picture that the viewer may see.
#[derive(Debug, Clone)]
pub struct Found {
    /// The file.
    pub bytes: Bytes,
    /// Its content type.
    pub kind: &'static str,
    /// To everybody, and it never changes.
    pub public: bool,
}

/// The file of this name, in the size that its prefix says; to whoever may not see it, it does not exist.
pub async fn show(pod: &Pod, viewer: Viewer, file: &str) -> Result<Found> {
    let (size, name) = parse(file).ok_or(Error::NotFound)?;
    let shown = store::find(&mut pod.db.read().await?, viewer, name).await?.ok_or(Error::NotFound)?;
    let size = if shown.scaled { size } else { Size::Full };
    let kind = name.rsplit_once('.').and_then(|(_, suffix)| kind_of(suffix)).ok_or(Error::NotFound)?;
    Ok(Found { bytes: pod.media.get(size, name).await?, kind, public: shown.public })
}

/// A page of somebody's photos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Album {
    /// Whose it is.
    pub person: Person,
    /// The newest first.
    pub photos: Vec<store::AlbumPhoto>,
    /// Where the next page begins; none on the last one.
    pub older: Option<Cursor>,
}

/// The photos of the person with this guid, from posts that the viewer may read.
pub async fn album(
    pod: &Pod,
    viewer: Viewer,
    guid: &str,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Album> {
    let mut conn = pod.db.read().await?;
    let person = person::store::find_by_guid(&mut conn, guid).await?.ok_or(Error::NotFound)?;
    if !person.local && viewer.owner().is_none() {
        return Err(Error::Forbidden("sign-in-first"));
    }
    let before = before.unwrap_or_default();
    let mut photos = store::album(&mut conn, viewer, person.id, before, limit + 1).await?;
    let more = i64::try_from(photos.len()).is_ok_and(|found| found > limit);
    if more {
        photos.pop();
    }
    let older = photos.last().filter(|_| more).map(|last| Cursor::at(last.created_at, last.id.0));
    Ok(Album { person, photos, older })
}
