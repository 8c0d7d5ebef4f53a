//! What hangs on posts: comments, likes, participations.
use super::{mentioned, when};
use crate::{
    Error, Pod, Result,
    db::Tx,
    id::{PersonId, Timestamp},
    inbox::{fetch::Budget, store},
    outbox::{self, Outgoing},
    person::{self, Person},
    relayable::{
        self,
        comment::{self, NewComment},
        like::{self, NewLike},
        participate,
    },
};
use pappus_federation::entity::{Comment, Like, Participation};

pub(super) async fn comment(
    pod: &Pod,
    comment: Comment,
    relay: Option<String>,
    budget: &mut Budget,
) -> Result<()> {
    let author = budget.discover(pod, &comment.author).await?;
    let mentioned = mentioned(pod, &comment.text, budget).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let parent = store::post(&mut tx, comment.parent_guid.as_str()).await?.ok_or(Error::NotFound)?;
    if refuse(&mut tx, &parent, author.id, "Comment", comment.guid.as_str(), now).await? {
        tx.commit().await?;
        return Ok(());
    }
    let relays = relay.is_some();
    let new = NewComment {
        guid: comment.guid.to_string(),
        post: parent.id,
        author: author.id,
        text: comment.text,
        created_at: when(comment.created_at).min(now),
        mentioned,
        relay_xml: relay,
    };
    if let Some(id) = comment::receive_as(&mut tx, new, budget.arrival(), now).await?
        && relays
    {
        outbox::enqueue(&mut tx, &Outgoing::Comment(id), now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

pub(super) async fn like(pod: &Pod, like: Like, relay: Option<String>, budget: &mut Budget) -> Result<()> {
    let author = budget.discover(pod, &like.author).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let parent = store::post(&mut tx, like.parent_guid.as_str()).await?.ok_or(Error::NotFound)?;
    if refuse(&mut tx, &parent, author.id, "Like", like.guid.as_str(), now).await? {
        tx.commit().await?;
        return Ok(());
    }
    let relays = relay.is_some();
    let new = NewLike {
        guid: like.guid.to_string(),
        post: parent.id,
        author: author.id,
        created_at: now,
        relay_xml: relay,
    };
    if let Some(id) = like::receive_as(&mut tx, new, budget.arrival(), now).await?
        && relays
    {
        outbox::enqueue(&mut tx, &Outgoing::Like(id), now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Somebody wants to hear what happens to a post of this pod. Of a limited one only its audience may.
pub(super) async fn participation(pod: &Pod, it: &Participation, sender: &Person) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    if let Some(post) = store::post(&mut tx, it.parent_guid.as_str()).await?
        && (post.public || store::was_sent(&mut tx, post.id, sender.id).await?)
    {
        participate::receive(&mut tx, it.guid.as_str(), post.id, sender.id, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Somebody whom the post's author ignores is told by a retraction that it was not wanted.
async fn refuse(
    tx: &mut Tx,
    parent: &store::PostRow,
    author: PersonId,
    target_type: &str,
    guid: &str,
    now: Timestamp,
) -> Result<bool> {
    if !parent.local || !relayable::is_refused(tx, parent.id, author).await? {
        return Ok(false);
    }
    if let Some(user) = person::store::user_of(tx, parent.author_id).await? {
        let retraction = Outgoing::Retraction {
            user,
            author,
            target_type: target_type.into(),
            target_guid: guid.to_owned(),
            public: parent.public,
            recipients: vec![author],
        };
        outbox::enqueue(tx, &retraction, now).await?;
    }
    Ok(true)
}
