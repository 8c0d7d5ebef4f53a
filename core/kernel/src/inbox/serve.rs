//! What this pod hands out to whoever asks by guid: public posts and public comments of its members.
use super::gather::raw_name;
use crate::{Error, Pod, Result, account, attachment, id::UserId, moderation, outbox};
use outbox::store;
use pappus_federation::{entity::Kind, envelope};

/// The answer to `/fetch/TYPE/GUID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetchable {
    /// A magic envelope signed by the author.
    Envelope(String),
    /// The author's pod has it.
    Elsewhere(String),
}

/// Finds something public. What is limited is not found, whatever it is.
pub async fn fetchable(pod: &Pod, kind: &str, guid: &str) -> Result<Fetchable> {
    match kind {
        "post" | "status_message" | "reshare" => post(pod, kind, guid, guid).await,
        "poll" => enclosing(pod, &Kind::Poll, guid).await,
        "event" => enclosing(pod, &Kind::Event, guid).await,
        "comment" => comment(pod, guid).await,
        _ => Err(Error::NotFound),
    }
}

/// The post that `key` names; `kind` and `guid` are what was asked for.
async fn post(pod: &Pod, kind: &str, guid: &str, key: &str) -> Result<Fetchable> {
    let mut conn = pod.db.read().await?;
    let row = store::post_by_guid(&mut conn, key).await?;
    let row = row.filter(|row| row.public).ok_or(Error::NotFound)?;
    if !moderation::suspended(&mut conn, &[row.author_id]).await?.is_empty() {
        return Err(Error::NotFound);
    }
    match row.user_id {
        Some(user) => {
            let entity = outbox::post_entity(&mut conn, &row).await?;
            drop(conn);
            sign(pod, user, &row.author, entity.to_xml()).await
        }
        None => {
            let home =
                store::home_of(&mut pod.db.read().await?, row.author_id).await?.ok_or(Error::NotFound)?;
            Ok(Fetchable::Elsewhere(format!("{home}fetch/{kind}/{guid}")))
        }
    }
}

/// A poll or an event travels inside a post, and so it is answered.
async fn enclosing(pod: &Pod, kind: &Kind, guid: &str) -> Result<Fetchable> {
    let name = raw_name(kind);
    let owner = attachment::owner(&mut pod.db.read().await?, name, guid).await?.ok_or(Error::NotFound)?;
    post(pod, name, guid, &owner.guid).await
}

async fn comment(pod: &Pod, guid: &str) -> Result<Fetchable> {
    let mut conn = pod.db.read().await?;
    let id = store::comment_by_guid(&mut conn, guid).await?.ok_or(Error::NotFound)?;
    let row = store::comment(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let parent =
        store::post(&mut conn, row.post_id).await?.filter(|post| post.public).ok_or(Error::NotFound)?;
    let author = store::person_of(&mut conn, &row.author).await?.ok_or(Error::NotFound)?;
    if !moderation::suspended(&mut conn, &[author, parent.author_id]).await?.is_empty() {
        return Err(Error::NotFound);
    }
    if let Some(user) = row.user_id {
        drop(conn);
        let xml = outbox::comment_xml(pod, &row, &parent).await?;
        return sign(pod, user, &row.author, xml).await;
    }
    let home = store::home_of(&mut conn, author).await?.ok_or(Error::NotFound)?;
    Ok(Fetchable::Elsewhere(format!("{home}fetch/comment/{guid}")))
}

async fn sign(pod: &Pod, user: UserId, author: &str, xml: String) -> Result<Fetchable> {
    Ok(Fetchable::Envelope(envelope_of(pod, user, author, xml).await?))
}

pub(super) async fn envelope_of(pod: &Pod, user: UserId, author: &str, xml: String) -> Result<String> {
    let id = author.parse().map_err(Error::internal)?;
    let key = account::key::of(pod, user).await?;
    pod.compute(move || envelope::sign(&xml, &id, &key)).await?.map_err(Error::internal)
}
