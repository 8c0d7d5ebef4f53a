//! Taking a post back, with everything that hangs on it.
use super::{gone, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    attachment,
    db::{self, Tx},
    id::{PostId, Timestamp},
    media,
    outbox::{self, Outgoing},
    relayable,
};

/// Deletes the member's own post here and wherever it was sent.
pub async fn retract(pod: &Pod, who: Owner, key: &str) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let post = store::find_readable(&mut tx, who.into(), key).await?.ok_or(Error::NotFound)?;
    if post.author_id != who.person() {
        return Err(Error::Forbidden("not-your-post"));
    }
    let recipients = outbox::subscribers(&mut tx, post.id).await?;
    let retraction = Outgoing::Retraction {
        user: who.user(),
        author: who.person(),
        target_type: "Post".into(),
        target_guid: post.guid,
        public: post.public,
        recipients,
    };
    outbox::enqueue(&mut tx, &retraction, now).await?;
    remove(&mut tx, post.id, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Deletes a post and remembers that it is gone. The caller knows that it may.
pub async fn remove(tx: &mut Tx, post: PostId, now: Timestamp) -> db::Result<()> {
    if let Some(post) = store::find(tx, post).await? {
        gone::bury(tx, "Post", &post.guid, post.author_id, now).await?;
        attachment::bury_of(tx, post.id, now).await?;
        if post.local {
            media::sweep_after_post(tx, post.id, now).await?;
        }
        store::delete(tx, post.id).await?;
        if let Some(root) = post.root_id {
            store::count_reshares(tx, root, -1).await?;
            relayable::participate::less(tx, root, post.author_id).await?;
        }
    }
    Ok(())
}
