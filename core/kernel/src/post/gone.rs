//! What was retracted, and what was taken back before it came.
use crate::{
    db::{self, Conn, Tx},
    id::{PersonId, PostId, Timestamp},
    sql,
};

/// So that a replay does not make it again. `kind` is the entity's type, `author` whose it was, whoever took it
/// back: for everybody else the name is free.
pub async fn bury(tx: &mut Tx, kind: &str, guid: &str, author: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO tombstones (kind, guid, author_id, retracted_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING"
    ))
    .bind(kind)
    .bind(guid)
    .bind(author)
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
            "SELECT guid FROM tombstones WHERE kind = $1 AND guid = $2 AND (author_id = $3 OR author_id IS NULL)
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

/// Whether it was retracted as one of these two's, who are one human.
pub async fn is_buried(
    conn: &mut Conn,
    kind: &str,
    guid: &str,
    author: PersonId,
    formerly: PersonId,
) -> db::Result<bool> {
    let found: Option<String> = conn
        .query(sql!(
            "SELECT guid FROM tombstones
             WHERE kind = $1 AND guid = $2 AND (author_id IN ($3, $4) OR author_id IS NULL) LIMIT 1"
        ))
        .bind(kind)
        .bind(guid)
        .bind(author)
        .bind(formerly)
        .scalar()
        .await?;
    Ok(found.is_some())
}
