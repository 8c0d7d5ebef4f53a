//! The end of an account, here or on another pod: what the person published goes, what they said to others stays
//! under a name that says nothing.
use super::profile::{self, ProfileData};
use crate::{
    db::{self, Tx},
    id::{PersonId, Timestamp},
    media, sql,
};

/// Closes it. Posts, photos, subscriptions, mentions and contacts in both directions go; comments, likes,
/// answers and messages stay.
pub(crate) async fn close(tx: &mut Tx, person: PersonId, now: Timestamp) -> db::Result<()> {
    mark(tx, person, now).await?;
    bury_posts(tx, person, now).await?;
    bury_photos(tx, person, now).await?;
    uncount_reshares(tx, person).await?;
    media::sweep_after_close(tx, person, now).await?;
    for statement in [
        sql!("DELETE FROM posts WHERE author_id = $1"),
        sql!("DELETE FROM photos WHERE author_id = $1"),
        sql!("DELETE FROM mentions WHERE person_id = $1"),
        sql!("DELETE FROM participations WHERE author_id = $1"),
        sql!("DELETE FROM contacts WHERE person_id = $1"),
        sql!("DELETE FROM blocks WHERE person_id = $1"),
        sql!("DELETE FROM blocked_by WHERE person_id = $1"),
        sql!("DELETE FROM notifications WHERE person_id = $1"),
    ] {
        tx.query(statement).bind(person).run().await?;
    }
    profile::write(tx, person, &ProfileData::default(), now).await
}

async fn mark(tx: &mut Tx, person: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!("UPDATE people SET closed_at = COALESCE(closed_at, $2) WHERE id = $1"))
        .bind(person)
        .bind(now)
        .run()
        .await
}

/// So that nothing waits for them, and nothing brings them back.
async fn bury_posts(tx: &mut Tx, person: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO tombstones (kind, guid, author_id, retracted_at)
         SELECT 'Post', guid, author_id, CAST($2 AS BIGINT) FROM posts WHERE author_id = $1 ON CONFLICT DO NOTHING"
    ))
    .bind(person)
    .bind(now)
    .run()
    .await
}

async fn bury_photos(tx: &mut Tx, person: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO tombstones (kind, guid, author_id, retracted_at)
         SELECT 'Photo', guid, author_id, CAST($2 AS BIGINT) FROM photos WHERE author_id = $1 ON CONFLICT DO NOTHING"
    ))
    .bind(person)
    .bind(now)
    .run()
    .await
}

/// There is one reshare per author and root.
async fn uncount_reshares(tx: &mut Tx, person: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE posts SET reshares_count = reshares_count - 1
         WHERE id IN (SELECT r.root_id FROM posts r WHERE r.author_id = $1)"
    ))
    .bind(person)
    .run()
    .await
}
