//! What this pod hands out to whoever asks by guid: public posts, public comments of its members, and
//! everything below a public post of theirs.
use super::{receive::raw_name, store as inbox_store};
use crate::{Error, Pod, Result, account, id::UserId, outbox};
use outbox::store::{self, PostRow};
use pappus_federation::{entity::Kind, envelope};
use serde::{Deserialize, Serialize};

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
    let row = store::post_by_guid(&mut pod.db.read().await?, key).await?;
    let row = row.filter(|row| row.public).ok_or(Error::NotFound)?;
    match row.user_id {
        Some(user) => sign(pod, user, &row.author, outbox::status_message(&row)?.to_xml()).await,
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
    let row = inbox_store::raw(&mut pod.db.read().await?, name, guid).await?;
    let parent = row.and_then(|row| row.parent_guid).ok_or(Error::NotFound)?;
    post(pod, name, guid, &parent).await
}

async fn comment(pod: &Pod, guid: &str) -> Result<Fetchable> {
    let mut conn = pod.db.read().await?;
    let id = store::comment_by_guid(&mut conn, guid).await?.ok_or(Error::NotFound)?;
    let row = store::comment(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let parent =
        store::post(&mut conn, row.post_id).await?.filter(|post| post.public).ok_or(Error::NotFound)?;
    if let Some(user) = row.user_id {
        drop(conn);
        let xml = outbox::comment_xml(pod, &row, &parent).await?;
        return sign(pod, user, &row.author, xml).await;
    }
    let author = store::person_of(&mut conn, &row.author).await?.ok_or(Error::NotFound)?;
    let home = store::home_of(&mut conn, author).await?.ok_or(Error::NotFound)?;
    Ok(Fetchable::Elsewhere(format!("{home}fetch/comment/{guid}")))
}

async fn sign(pod: &Pod, user: UserId, author: &str, xml: String) -> Result<Fetchable> {
    Ok(Fetchable::Envelope(envelope_of(pod, user, author, xml).await?))
}

async fn envelope_of(pod: &Pod, user: UserId, author: &str, xml: String) -> Result<String> {
    let id = author.parse().map_err(Error::internal)?;
    let key = account::key::of(pod, user).await?;
    pod.compute(move || envelope::sign(&xml, &id, &key)).await?.map_err(Error::internal)
}

/// A comment or a like below a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hanging {
    /// `Comment` or `Like`.
    pub kind: String,
    /// Its name.
    pub guid: String,
    /// What the post's author sends on: the element as its author signed it, in the post author's envelope.
    pub envelope: String,
}

/// A part of everything below a post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadPage {
    /// In order; comments first.
    pub items: Vec<Hanging>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// Pieces on a page, and the bytes after which a page ends earlier.
const PAGE: i64 = 20;
const PAGE_BYTES: usize = 1024 * 1024;

/// Everything below a public post of a member, from `after` (empty: from the beginning) on. Each piece is
/// signed when it is first asked for, and kept.
pub async fn thread_page(pod: &Pod, guid: &str, after: &str) -> Result<ThreadPage> {
    let post = store::post_by_guid(&mut pod.db.read().await?, guid).await?.filter(|post| post.public);
    let post = post.ok_or(Error::NotFound)?;
    let user = post.user_id.ok_or(Error::NotFound)?;
    let (likes, after) = match after.strip_prefix('l') {
        Some(after) => (true, after),
        None => (false, after.strip_prefix('c').unwrap_or(after)),
    };
    let after: i64 = if after.is_empty() { 0 } else { after.parse().map_err(|_| Error::NotFound)? };
    let mut conn = pod.db.read().await?;
    let rows = if likes {
        inbox_store::likes_below(&mut conn, post.id, after, PAGE).await?
    } else {
        inbox_store::comments_below(&mut conn, post.id, after, PAGE).await?
    };
    drop(conn);
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
    let mut page = ThreadPage::default();
    let (mut last, mut bytes) = (after, 0);
    for row in rows {
        if bytes > PAGE_BYTES {
            page.next = Some(format!("{}{last}", if likes { 'l' } else { 'c' }));
            return Ok(page);
        }
        last = row.id;
        match piece(pod, user, &post, &row, likes).await {
            Ok(Some(envelope)) => {
                bytes += envelope.len();
                let kind = if likes { "Like" } else { "Comment" };
                page.items.push(Hanging { kind: kind.into(), guid: row.guid, envelope });
            }
            Ok(None) => {}
            // one that cannot be made any more is left out
            Err(error) => tracing::debug!(guid = row.guid, %error, "a piece of a thread is not to be had"),
        }
    }
    page.next = match (likes, full) {
        (true, true) => Some(format!("l{last}")),
        (true, false) => None,
        (false, true) => Some(format!("c{last}")),
        (false, false) => Some("l0".into()),
    };
    Ok(page)
}

/// The envelope of one piece, kept or made.
async fn piece(
    pod: &Pod,
    user: UserId,
    post: &PostRow,
    row: &inbox_store::Below,
    is_like: bool,
) -> Result<Option<String>> {
    if let Some(envelope) = &row.envelope {
        return Ok(Some(envelope.clone()));
    }
    let xml = if is_like {
        let like = store::like(&mut pod.db.read().await?, row.like()).await?;
        let Some(like) = like else { return Ok(None) };
        outbox::like_xml(pod, &like, post).await?
    } else {
        let comment = store::comment(&mut pod.db.read().await?, row.comment()).await?;
        let Some(comment) = comment else { return Ok(None) };
        outbox::comment_xml(pod, &comment, post).await?
    };
    let envelope = envelope_of(pod, user, &post.author, xml).await?;
    let mut tx = pod.db.begin().await?;
    if is_like {
        inbox_store::keep_like_envelope(&mut tx, row.like(), &envelope).await?;
    } else {
        inbox_store::keep_comment_envelope(&mut tx, row.comment(), &envelope).await?;
    }
    tx.commit().await?;
    Ok(Some(envelope))
}
