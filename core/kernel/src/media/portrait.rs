//! The picture of a member: the square in the middle of what they upload.
use super::{
    PATH, Size, picture, store,
    sweep::Sweep,
    upload::{keep, prepare},
};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::Tx,
    id::{PersonId, Timestamp},
    outbox::{self, Outgoing},
    person::profile,
};

/// Puts a new picture in the place of the old one, and tells every contact.
pub async fn set_portrait(pod: &Pod, who: Owner, file: Vec<u8>) -> Result<()> {
    let prepared = prepare(pod, file, picture::portrait).await?;
    let (media, name) = keep(pod, who.person(), prepared).await?;
    let site = pod.site();
    let at = |size: Size| Some(site.url(&format!("{PATH}{}{name}", size.prefix())));
    let urls = profile::Portrait { large: at(Size::Large), medium: at(Size::Medium), small: at(Size::Small) };
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let_go(&mut tx, who.person(), now).await?;
    store::become_kind(&mut tx, media, "portrait").await?;
    tell(&mut tx, who, &urls, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// The same with a photo that the member uploaded before, by the number of its row or its guid.
pub async fn set_portrait_from(pod: &Pod, who: Owner, photo: &str) -> Result<()> {
    let found = store::own(&mut pod.db.read().await?, who.person(), photo).await?.ok_or(Error::NotFound)?;
    let file = pod.media.get(Size::Full, &found.name).await?;
    set_portrait(pod, who, file.to_vec()).await
}

/// Leaves the member without a picture, and tells every contact.
pub async fn remove_portrait(pod: &Pod, who: Owner) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let_go(&mut tx, who.person(), now).await?;
    tell(&mut tx, who, &profile::Portrait::default(), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

async fn let_go(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<()> {
    if store::let_portraits_go(tx, person).await? > 0 {
        Sweep::enqueue(tx, now).await?;
    }
    Ok(())
}

async fn tell(tx: &mut Tx, who: Owner, urls: &profile::Portrait, now: Timestamp) -> Result<()> {
    profile::put_portrait(tx, who.person(), urls, now).await?;
    outbox::enqueue(tx, &Outgoing::Profile { user: who.user(), to: None }, now).await?;
    Ok(())
}
