//! A member uploads a photo. It waits for a post until it is published with one, and for a day at most.
use super::{
    LARGEST_FILE, MOST_PHOTOS, PATH, Refused, Waiting,
    picture::{self, Prepared},
    store::{self, NewMedia, NewPhoto},
};
use crate::{
    Error, Invalid, Pod, Result,
    access::Owner,
    db::Tx,
    id::{MediaId, PersonId, PhotoId, PostId},
    post::Attached,
};

/// So many may wait for one member: five posts full.
const MOST_WAITING: usize = 5 * MOST_PHOTOS;

/// How long a description may be, in characters.
const LONGEST_DESCRIPTION: usize = 2000;

/// Keeps a photo until it is published.
pub async fn upload(pod: &Pod, who: Owner, file: Vec<u8>) -> Result<Waiting> {
    let mut conn = pod.db.read().await?;
    if store::waiting(&mut conn, who.person()).await?.len() >= MOST_WAITING {
        return Err(Invalid::new("photos", "picture-waiting").into());
    }
    drop(conn);
    let prepared = prepare(pod, file, picture::photo).await?;
    let now = pod.clock.now();
    let (width, height) = (i64::from(prepared.width), i64::from(prepared.height));
    let (media, name) = keep(pod, who.person(), prepared).await?;
    let (guid, path) = (pod.new_guid().to_string(), pod.site().url(PATH));
    let mut tx = pod.db.begin_durable().await?;
    let author = who.person();
    let new = NewPhoto { media, guid: &guid, author, path: &path, name: &name, width, height };
    let id = store::insert_photo(&mut tx, &new, now).await?;
    store::become_kind(&mut tx, media, "photo").await?;
    tx.commit().await?;
    let id = id.ok_or_else(|| Error::internal("the photo has no row"))?;
    Ok(Waiting { id, guid, name, width, height, text: String::new(), created_at: now })
}

/// Opens a file off the async threads, few at a time.
pub(super) async fn prepare(
    pod: &Pod,
    file: Vec<u8>,
    how: fn(&[u8]) -> Result<Prepared, Refused>,
) -> Result<Prepared> {
    if file.len() > LARGEST_FILE {
        return Err(Refused::Bytes.into());
    }
    let _turn = pod.media.turn().await?;
    Ok(pod.compute(move || how(&file)).await??)
}

/// Writes the files. The row comes first: files that nobody knows of would stay for ever.
pub(super) async fn keep(pod: &Pod, owner: PersonId, prepared: Prepared) -> Result<(MediaId, String)> {
    let name = format!("{}.{}", hex::encode(pod.random::<16>()), prepared.suffix);
    let scaled = prepared.files.len() > 1;
    let mut tx = pod.db.begin().await?;
    let new = NewMedia { name: &name, owner, scaled };
    let media = store::begin(&mut tx, &new, pod.clock.now()).await?;
    tx.commit().await?;
    for (size, bytes) in prepared.files {
        pod.media.put(size, &name, bytes).await?;
    }
    Ok((media.ok_or_else(|| Error::internal("the picture has no row"))?, name))
}

/// The member's photos that wait for a post, the oldest first.
pub async fn waiting(pod: &Pod, who: Owner) -> Result<Vec<Waiting>> {
    Ok(store::waiting(&mut pod.db.read().await?, who.person()).await?)
}

/// Those of these that wait, in this order, each with its new description where one is given; kept, so that a
/// form that comes back shows what was typed. The others are left out: they are somebody else's, or gone.
pub async fn named(pod: &Pod, who: Owner, wanted: &[Attached]) -> Result<Vec<Waiting>> {
    let all = waiting(pod, who).await?;
    let mut found = Vec::new();
    let mut tx = pod.db.begin().await?;
    for one in wanted {
        let Some(mut photo) = all.iter().find(|photo| photo.id == one.id).cloned() else { continue };
        if let Some(text) = &one.text {
            photo.text = description(text);
            store::describe(&mut tx, who.person(), photo.id, &photo.text).await?;
        }
        found.push(photo);
    }
    tx.commit().await?;
    Ok(found)
}

/// In one paragraph, and not too long.
fn description(text: &str) -> String {
    let text = text.replace('\0', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_DESCRIPTION).collect()
}

/// Hangs photos on a new post, in this order.
pub(crate) async fn hang(tx: &mut Tx, author: PersonId, post: PostId, photos: &[Attached]) -> Result<()> {
    if photos.len() > MOST_PHOTOS {
        return Err(Invalid::new("photos", "picture-count").into());
    }
    for (position, photo) in (0..).zip(photos) {
        if let Some(text) = &photo.text {
            store::describe(tx, author, photo.id, &description(text)).await?;
        }
        if store::hang(tx, photo.id, post, position).await? != 1 {
            return Err(unknown(photo.id));
        }
    }
    Ok(())
}

fn unknown(photo: PhotoId) -> Error {
    tracing::debug!(photo = %photo.0, "a photo that does not wait was to be published");
    Invalid::new("photos", "picture-gone").into()
}
