//! Participations: somebody asks to be sent everything that happens to a post of this pod.
use super::store;
use crate::{
    db::{self, Tx},
    id::{PersonId, PostId, Timestamp},
};

/// Writes it down. That the person may read the post is the caller's to know.
pub async fn receive(
    tx: &mut Tx,
    guid: &str,
    post: PostId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    store::insert_participation(tx, guid, post, author, now).await.map(drop)
}
