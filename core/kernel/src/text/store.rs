//! Rendered texts: sanitised HTML with its placeholders, thrown away with the text that it was made from.
use super::{Text, TextOf};
use crate::{
    Pod,
    db::{self, Tx},
    id::{CommentId, MessageId, PersonId, PostId},
    sql,
};

/// Keeps what was rendered, each only while its text is there.
pub async fn keep(pod: &Pod, key: &str, texts: &[(&Text, &str)]) -> db::Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let mut tx = pod.db.begin().await?;
    for (text, html) in texts {
        match text.of {
            TextOf::Post(post) => keep_post(&mut tx, post, key, html).await?,
            TextOf::Comment(comment) => keep_comment(&mut tx, comment, key, html).await?,
            TextOf::Bio(person) => keep_bio(&mut tx, person, key, html, &text.text).await?,
            TextOf::Message(message) => keep_message(&mut tx, message, key, html).await?,
        }
    }
    tx.commit().await
}

async fn keep_post(tx: &mut Tx, post: PostId, key: &str, html: &str) -> db::Result<()> {
    tx.query(sql!(
        "INSERT INTO rendered_posts (post_id, renderer_key, html)
         SELECT p.id, CAST($2 AS TEXT), CAST($3 AS TEXT) FROM posts p WHERE p.id = $1 ON CONFLICT DO NOTHING"
    ))
    .bind(post)
    .bind(key)
    .bind(html)
    .run()
    .await
    .map(drop)
}

async fn keep_comment(tx: &mut Tx, comment: CommentId, key: &str, html: &str) -> db::Result<()> {
    tx.query(sql!(
        "INSERT INTO rendered_comments (comment_id, renderer_key, html)
         SELECT c.id, CAST($2 AS TEXT), CAST($3 AS TEXT) FROM comments c WHERE c.id = $1 ON CONFLICT DO NOTHING"
    ))
    .bind(comment)
    .bind(key)
    .bind(html)
    .run()
    .await
    .map(drop)
}

/// A bio, unlike the others, may have changed meanwhile.
async fn keep_bio(tx: &mut Tx, person: PersonId, key: &str, html: &str, bio: &str) -> db::Result<()> {
    tx.query(sql!(
        "INSERT INTO rendered_bios (person_id, renderer_key, html)
         SELECT f.person_id, CAST($2 AS TEXT), CAST($3 AS TEXT) FROM profiles f
         WHERE f.person_id = $1 AND f.bio = $4 ON CONFLICT DO NOTHING"
    ))
    .bind(person)
    .bind(key)
    .bind(html)
    .bind(bio)
    .run()
    .await
    .map(drop)
}

async fn keep_message(tx: &mut Tx, message: MessageId, key: &str, html: &str) -> db::Result<()> {
    tx.query(sql!(
        "INSERT INTO rendered_messages (message_id, renderer_key, html)
         SELECT m.id, CAST($2 AS TEXT), CAST($3 AS TEXT) FROM messages m WHERE m.id = $1 ON CONFLICT DO NOTHING"
    ))
    .bind(message)
    .bind(key)
    .bind(html)
    .run()
    .await
    .map(drop)
}
