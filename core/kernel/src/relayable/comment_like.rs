//! Likes of comments: one per person and comment. They travel through the pod of the post's author.
use super::{is_welcome, like::Like, participate, store, take_part, unlike};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{CommentId, CommentLikeId, LikeId, PersonId, PostId, Timestamp},
    notification,
    outbox::{self, Outgoing},
    post::{self, Arrival},
};

/// Likes a comment below a post that the member may read.
pub async fn create(pod: &Pod, who: Owner, comment_key: &str) -> Result<Like> {
    let now = pod.clock.now();
    let guid = pod.new_guid().to_string();
    let mut tx = pod.db.begin_durable().await?;
    let comment = store::readable_comment(&mut tx, who.into(), comment_key).await?.ok_or(Error::NotFound)?;
    let post = post::store::find(&mut tx, comment.post_id).await?.ok_or(Error::NotFound)?;
    if store::is_refused(&mut tx, post.id, who.person()).await? {
        return Err(Error::Forbidden("ignored"));
    }
    let new = NewCommentLike {
        guid: guid.clone(),
        comment: comment.id,
        post: post.id,
        author: who.person(),
        relay_xml: None,
    };
    let id = insert(&mut tx, &new, Arrival::News, now).await?.ok_or(Error::Conflict("liked"))?;
    take_part(pod, &mut tx, who, &post, now).await?;
    outbox::enqueue(&mut tx, &Outgoing::CommentLike(id), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(Like { id: LikeId(id.0), guid })
}

/// Takes the member's own like back.
pub async fn retract(pod: &Pod, who: Owner, comment_key: &str) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let comment = store::readable_comment(&mut tx, who.into(), comment_key).await?.ok_or(Error::NotFound)?;
    let found = store::comment_like_of(&mut tx, comment.id, who.person()).await?;
    let (id, guid) = found.ok_or(Error::NotFound)?;
    unlike(&mut tx, who, (comment.post_id, comment.post_author_id), comment.public, guid, now).await?;
    remove(&mut tx, id, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// A like of a comment from another pod, verified.
#[derive(Debug, Clone)]
pub struct NewCommentLike {
    /// The name across pods.
    pub guid: String,
    /// What is liked.
    pub comment: CommentId,
    /// The post below which that stands.
    pub post: PostId,
    /// Who likes it.
    pub author: PersonId,
    /// The signed element as it is sent on, for a post of this pod.
    pub relay_xml: Option<String>,
}

/// [`receive_as`] news.
pub async fn receive(tx: &mut Tx, new: NewCommentLike, now: Timestamp) -> db::Result<Option<CommentLikeId>> {
    receive_as(tx, new, Arrival::News, now).await
}

/// Stores a remote like. None when there is one already, it was retracted, or the post's author ignores its
/// author ([`super::is_refused`]). Sending it on is the caller's.
pub async fn receive_as(
    tx: &mut Tx,
    new: NewCommentLike,
    arrival: Arrival,
    now: Timestamp,
) -> db::Result<Option<CommentLikeId>> {
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

async fn insert(
    tx: &mut Tx,
    new: &NewCommentLike,
    arrival: Arrival,
    now: Timestamp,
) -> db::Result<Option<CommentLikeId>> {
    let Some(id) = store::insert_comment_like(tx, new, now).await? else { return Ok(None) };
    store::count_comment_likes(tx, new.comment, 1).await?;
    if let Some(xml) = &new.relay_xml {
        store::keep_payload(tx, "like", &new.guid, new.post, xml).await?;
    }
    if arrival == Arrival::News {
        notification::liked_comment(tx, new.post, new.comment, new.author, now).await?;
    }
    Ok(Some(id))
}

/// Deletes a like and remembers that it is gone. The caller knows that it may.
pub async fn remove(tx: &mut Tx, like: CommentLikeId, now: Timestamp) -> db::Result<()> {
    if let Some(row) = store::comment_like(tx, like).await? {
        post::gone::bury(tx, "Like", &row.guid, row.author_id, now).await?;
        store::forget_payload(tx, "like", &row.guid).await?;
        store::delete_comment_like(tx, like).await?;
        store::count_comment_likes(tx, row.comment_id, -1).await?;
        participate::less(tx, row.post_id, row.author_id).await?;
    }
    Ok(())
}
