//! Participations: somebody asks to be sent everything that happens to a post. A member's is held by their
//! interactions and ends with the last one; nothing on the wire ends somebody else's but they themselves.
use super::store;
use crate::{
    db::{self, Tx},
    id::{PersonId, PostId, Timestamp},
    post,
};

/// Writes it down. That the person may read the post is the caller's to know.
pub async fn receive(
    tx: &mut Tx,
    guid: &str,
    post: PostId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    if post::gone::is_taken_back(tx, "Participation", guid, author, None).await? {
        return Ok(());
    }
    store::insert_participation(tx, guid, post, author, now).await.map(drop)
}

/// One interaction of a member was taken back.
pub(crate) async fn less(tx: &mut Tx, post: PostId, author: PersonId) -> db::Result<()> {
    store::release_participation(tx, post, author).await?;
    store::sweep_participation(tx, post, author).await.map(drop)
}

/// The subscriber wants no more.
pub(crate) async fn remove(tx: &mut Tx, guid: &str, author: PersonId, now: Timestamp) -> db::Result<()> {
    post::gone::bury(tx, "Participation", guid, author, now).await?;
    store::delete_participation(tx, guid).await.map(drop)
}
