//! What hangs on posts and is not for the core to understand: polls, events, places, previews, and what people
//! answer to them. The protocol's rules were checked on the way in; here they are elements, kept whole for
//! whoever declares their kind.
mod answer;
mod data;
mod hung;
mod store;

use crate::{
    Pod, Result,
    access::Viewer,
    db::{self, Conn, Tx},
    id::{AnswerId, PersonId, PostId, Timestamp},
    person::Person,
    post, relayable,
};
pub use answer::answer_as;
pub use hung::{Draft, draft, of_action, of_page};
pub(crate) use store::Owner;

/// An element that hangs on a post.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Attachment {
    /// The post.
    pub post_id: PostId,
    /// The element's name, such as `poll`.
    pub kind: String,
    /// Its name across pods, for what has one.
    pub guid: Option<String>,
    /// The element.
    pub xml: String,
}

/// What somebody answered to an attachment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Answer {
    /// The post on which the attachment hangs.
    pub post_id: PostId,
    /// The element's name, such as `poll_participation`.
    pub kind: String,
    /// Its name across pods.
    pub guid: String,
    /// The attachment's name across pods.
    pub parent_guid: String,
    /// The element.
    pub xml: String,
    /// Who answered.
    #[sqlx(flatten)]
    pub author: Person,
}

/// What hangs on these posts and is of this kind, as far as the viewer may read the posts.
pub async fn of_posts(pod: &Pod, viewer: Viewer, posts: &[PostId], kind: &str) -> Result<Vec<Attachment>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::of_posts(&mut pod.db.read().await?, viewer, posts, kind).await?)
}

/// Every answer of this kind below these posts, as far as the viewer may read the posts.
pub async fn answers(pod: &Pod, viewer: Viewer, posts: &[PostId], kind: &str) -> Result<Vec<Answer>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::answers(&mut pod.db.read().await?, viewer, posts, kind).await?)
}

/// Everything that hangs on a post, for sending it.
pub(crate) async fn of_post(conn: &mut Conn, post: PostId) -> db::Result<Vec<String>> {
    store::of_post(conn, post).await
}

/// The post on which a named attachment hangs.
pub(crate) async fn owner(conn: &mut Conn, kind: &str, guid: &str) -> db::Result<Option<Owner>> {
    store::owner(conn, kind, guid).await
}

/// Hangs an element on a post. False, and nothing done, where its name is taken.
pub(crate) async fn attach(
    tx: &mut Tx,
    post: PostId,
    kind: &str,
    guid: Option<&str>,
    xml: &str,
) -> db::Result<bool> {
    Ok(store::insert(tx, post, kind, guid, xml).await? > 0)
}

/// Takes a named element of `author` off its post, with what was answered to it, and remembers that it is gone.
pub(crate) async fn detach(
    tx: &mut Tx,
    buried_as: &str,
    (kind, guid): (&str, &str),
    author: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    post::gone::bury(tx, buried_as, guid, author, now).await?;
    store::delete(tx, kind, guid).await.map(drop)
}

/// A post goes: answers to what hung on it are not waited for.
pub(crate) async fn bury_of(tx: &mut Tx, post: PostId, now: Timestamp) -> db::Result<()> {
    store::bury_of(tx, post, now).await.map(drop)
}

/// An answer from another pod, verified.
#[derive(Debug, Clone)]
pub struct NewAnswer<'a> {
    /// The element's name.
    pub kind: &'a str,
    /// Its name across pods.
    pub guid: &'a str,
    /// The attachment's kind and name.
    pub parent: (&'a str, &'a str),
    /// Who answers.
    pub author: PersonId,
    /// The element, as it is sent on.
    pub xml: &'a str,
    /// Which of the offered things it chooses.
    pub choice: &'a str,
    /// A later answer of the same person takes the place of the first one, which is buried under this name so
    /// that a replay does not bring it back.
    pub replaces: Option<&'a str>,
}

/// Stores an answer. None when it is nothing new: it was seen before, this person has answered and may not
/// change it, or the attachment is gone.
pub async fn receive_answer(
    tx: &mut Tx,
    new: &NewAnswer<'_>,
    now: Timestamp,
) -> db::Result<Option<AnswerId>> {
    if let Some(buried_as) = new.replaces
        && let Some(former) = store::former_answer(tx, new).await?
    {
        remove_answer(tx, buried_as, (new.kind, &former), new.author, now).await?;
        relayable::store::forget_payload(tx, new.kind, &former).await?;
    }
    store::insert_answer(tx, new, now).await
}

/// An answer with what decides who may take it back.
pub(crate) async fn answer(conn: &mut Conn, kind: &str, guid: &str) -> db::Result<Option<store::AnswerRow>> {
    store::answer(conn, kind, guid).await
}

/// Deletes an answer of `author` and remembers that it is gone. The caller knows that it may.
pub(crate) async fn remove_answer(
    tx: &mut Tx,
    buried_as: &str,
    (kind, guid): (&str, &str),
    author: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    post::gone::bury(tx, buried_as, guid, author, now).await?;
    store::delete_answer(tx, kind, guid).await.map(drop)
}
