//! SQL about tags.
use super::Tag;
use crate::{
    db::{self, Conn, Tx},
    id::{PostId, TagId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;

pub async fn insert(tx: &mut Tx, names: &[String]) -> db::Result<()> {
    tx.query(sql!(
        sqlite: "INSERT INTO tags (name) SELECT value FROM json_each($1) WHERE TRUE ORDER BY value
                 ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO tags (name) SELECT value FROM jsonb_array_elements_text($1) AS t(value) ORDER BY value
                   ON CONFLICT DO NOTHING",
    ))
    .bind(Json(names))
    .run()
    .await
    .map(drop)
}

pub async fn tag_post(tx: &mut Tx, post: PostId, names: &[String], created_at: Timestamp) -> db::Result<()> {
    tx.query(sql!(
        sqlite: "INSERT INTO post_tags (tag_id, post_id, created_at)
                 SELECT id, $1, $3 FROM tags WHERE name IN (SELECT value FROM json_each($2))
                 ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO post_tags (tag_id, post_id, created_at)
                   SELECT id, CAST($1 AS BIGINT), CAST($3 AS BIGINT) FROM tags
                   WHERE name IN (SELECT jsonb_array_elements_text($2)) ON CONFLICT DO NOTHING",
    ))
    .bind(post)
    .bind(Json(names))
    .bind(created_at)
    .run()
    .await
    .map(drop)
}

pub async fn find(conn: &mut Conn, name: &str) -> db::Result<Option<Tag>> {
    conn.query(sql!("SELECT id, name FROM tags WHERE name = $1")).bind(name).optional().await
}

pub async fn follow(tx: &mut Tx, user: UserId, tag: TagId) -> db::Result<u64> {
    tx.query(sql!("INSERT INTO tag_followings (user_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"))
        .bind(user)
        .bind(tag)
        .run()
        .await
}

pub async fn unfollow(tx: &mut Tx, user: UserId, tag: TagId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM tag_followings WHERE user_id = $1 AND tag_id = $2"))
        .bind(user)
        .bind(tag)
        .run()
        .await
}

pub async fn followed(conn: &mut Conn, user: UserId) -> db::Result<Vec<Tag>> {
    conn.query(sql!(
        "SELECT t.id, t.name FROM tag_followings f JOIN tags t ON t.id = f.tag_id WHERE f.user_id = $1 ORDER BY t.name"
    ))
    .bind(user)
    .all()
    .await
}
