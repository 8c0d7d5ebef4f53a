//! What was retracted, and what was taken back before it came.
use crate::{
    db::{self, Conn, Tx},
    id::{PersonId, PostId, Timestamp},
    sql,
};

/// So that a replay does not make it again. `kind` is the entity's type.
pub async fn bury(tx: &mut Tx, kind: &str, guid: &str, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO tombstones (kind, guid, retracted_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    ))
    .bind(kind)
    .bind(guid)
    .bind(now)
    .run()
    .await
}

/// Whether it was retracted, or taken back before it came: by its author, or by the author of the post that it
/// hangs on.
pub async fn is_taken_back(
    conn: &mut Conn,
    kind: &str,
    guid: &str,
    author: PersonId,
    post: Option<PostId>,
) -> db::Result<bool> {
    let found: Option<String> = conn
        .query(sql!(
            "SELECT guid FROM tombstones WHERE kind = $1 AND guid = $2
             UNION ALL SELECT e.guid FROM early_retractions e WHERE e.kind = $1 AND e.guid = $2
               AND (e.sender_id = $3 OR e.sender_id = (SELECT author_id FROM posts WHERE id = $4)) LIMIT 1"
        ))
        .bind(kind)
        .bind(guid)
        .bind(author)
        .bind(post)
        .scalar()
        .await?;
    Ok(found.is_some())
}

pub async fn is_buried(conn: &mut Conn, kind: &str, guid: &str) -> db::Result<bool> {
    let found: Option<String> = conn
        .query(sql!("SELECT guid FROM tombstones WHERE kind = $1 AND guid = $2"))
        .bind(kind)
        .bind(guid)
        .scalar()
        .await?;
    Ok(found.is_some())
}
