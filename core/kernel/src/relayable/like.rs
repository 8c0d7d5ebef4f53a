//! Likes of posts: one per person and post.
use super::{is_welcome, parent, participate, store, take_part, unlike};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{LikeId, PersonId, PostId, Timestamp},
    notification,
    outbox::{self, Outgoing},
    person::Person,
    post::{self, Arrival},
};

/// A member's like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    /// The row.
    pub id: LikeId,
    /// The name across pods.
    pub guid: String,
}

/// A like as whoever may read the post sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LikeItem {
    /// The row.
    pub id: LikeId,
    /// The name across pods.
    pub guid: String,
    /// Who likes it.
    #[sqlx(flatten)]
    pub author: Person,
    /// When.
    pub created_at: Timestamp,
}

/// The first 500 likes of a post; that the viewer may read it is the caller's to know.
pub async fn below(pod: &Pod, post: PostId) -> Result<Vec<LikeItem>> {
    Ok(store::likes_below(&mut pod.db.read().await?, post).await?)
}

/// Likes a post that the member may read.
pub async fn create(pod: &Pod, who: Owner, post_key: &str) -> Result<Like> {
    let now = pod.clock.now();
    let guid = pod.new_guid().to_string();
    let mut tx = pod.db.begin_durable().await?;
    let post = parent(&mut tx, who, post_key).await?;
    let new =
        NewLike { guid: guid.clone(), post: post.id, author: who.person(), created_at: now, relay_xml: None };
    let id = insert(&mut tx, &new, Arrival::News, now).await?.ok_or(Error::Conflict("liked"))?;
    take_part(pod, &mut tx, who, &post, now).await?;
    outbox::enqueue(&mut tx, &Outgoing::Like(id), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(Like { id, guid })
}

/// Takes the member's own like back.
pub async fn retract(pod: &Pod, who: Owner, post_key: &str) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let post = post::find_readable(&mut tx, who.into(), post_key).await?.ok_or(Error::NotFound)?;
    let (id, guid) = store::like_of(&mut tx, post.id, who.person()).await?.ok_or(Error::NotFound)?;
    unlike(&mut tx, who, (post.id, post.author_id), post.public, guid, now).await?;
    remove(&mut tx, id, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// A like from another pod, verified.
#[derive(Debug, Clone)]
pub struct NewLike {
    /// The name across pods.
    pub guid: String,
    /// What is liked.
    pub post: PostId,
    /// Who likes it.
    pub author: PersonId,
    /// When it came; likes carry no time.
    pub created_at: Timestamp,
    /// The signed element as it is sent on, for a post of this pod.
    pub relay_xml: Option<String>,
}

/// [`receive_as`] news.
pub async fn receive(tx: &mut Tx, new: NewLike, now: Timestamp) -> db::Result<Option<LikeId>> {
    receive_as(tx, new, Arrival::News, now).await
}

/// Stores a remote like. None when there is one already, it was retracted, or the post's author ignores its
/// author ([`super::is_refused`]). Sending it on is the caller's.
pub async fn receive_as(
    tx: &mut Tx,
    new: NewLike,
    arrival: Arrival,
    now: Timestamp,
) -> db::Result<Option<LikeId>> {
    if !is_welcome(tx, "Like", &new.guid, new.author, new.post).await? {
        return Ok(None);
    }
    let stored = insert(tx, &new, arrival, now).await?;
    if stored.is_none() && store::like_author(tx, &new.guid).await?.is_some_and(|author| author != new.author)
    {
        post::claimed("like", &new.guid, new.author);
    }
    Ok(stored)
}

async fn insert(tx: &mut Tx, new: &NewLike, arrival: Arrival, now: Timestamp) -> db::Result<Option<LikeId>> {
    let Some(id) = store::insert_like(tx, new, now).await? else { return Ok(None) };
    store::count_likes(tx, new.post, 1).await?;
    if let Some(xml) = &new.relay_xml {
        store::keep_payload(tx, "like", &new.guid, new.post, xml).await?;
    }
    if arrival == Arrival::News {
        notification::liked(tx, new.post, new.author, now).await?;
    }
    Ok(Some(id))
}

/// Deletes a like and remembers that it is gone. The caller knows that it may.
pub async fn remove(tx: &mut Tx, like: LikeId, now: Timestamp) -> db::Result<()> {
    if let Some((guid, post, author)) = store::like(tx, like).await? {
        post::gone::bury(tx, "Like", &guid, author, now).await?;
        store::forget_payload(tx, "like", &guid).await?;
        store::delete_like(tx, like).await?;
        store::count_likes(tx, post, -1).await?;
        participate::less(tx, post, author).await?;
    }
    Ok(())
}
