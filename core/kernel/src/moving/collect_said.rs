//! What a member said to others, for their archive: comments, likes of posts and of comments, votes and other answers. All
//! are signed, those below the member's own posts too: readers want it so. Beside each stands where its post is.
use super::{
    collect::{Me, PAGE},
    format::Whereabouts,
};
use crate::{
    Error, Pod, Result,
    db::{self, Conn},
    id::{AnswerId, CommentId, CommentLikeId, LikeId, PersonId, Timestamp},
    outbox, sql,
};
use pappus_federation::{
    archive,
    entity::{Comment, Entity, Like},
    key::{KeyError, PrivateKey},
    signature::Relayable as _,
    time,
};
use serde_json::Value;

/// One of them, not signed yet.
struct Said {
    entity: Entity,
    there: Whereabouts,
}

impl Said {
    fn new(entity: impl Into<Entity>, root_author: &str, root_guid: &str) -> Self {
        let (root_author, root_guid) = (Some(root_author.to_owned()), Some(root_guid.to_owned()));
        Self { entity: entity.into(), there: Whereabouts { root_author, root_guid } }
    }
}

/// What was said first comes first, comments before what may be below them.
pub(super) async fn relayables(pod: &Pod, me: &Me, key: &PrivateKey) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut after = CommentId(0);
    loop {
        let page = own_comments(&mut pod.db.read().await?, me.person_id, after).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let made = page.iter().map(|row| comment(me, row)).collect::<Result<Vec<_>>>()?;
        all.extend(sign(pod, key, made).await?);
    }
    let mut after = LikeId(0);
    loop {
        let page = own_likes(&mut pod.db.read().await?, me.person_id, after).await?;
        let Some(last) = page.last() else { break };
        after = LikeId(last.id);
        let made = page.iter().map(|row| like(me, row, false)).collect::<Result<Vec<_>>>()?;
        all.extend(sign(pod, key, made).await?);
    }
    let mut after = CommentLikeId(0);
    loop {
        let page = own_comment_likes(&mut pod.db.read().await?, me.person_id, after).await?;
        let Some(last) = page.last() else { break };
        after = CommentLikeId(last.id);
        let made = page.iter().map(|row| like(me, row, true)).collect::<Result<Vec<_>>>()?;
        all.extend(sign(pod, key, made).await?);
    }
    let mut after = AnswerId(0);
    loop {
        let page = own_answers(&mut pod.db.read().await?, me.person_id, after).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.id;
        let made = page.iter().map(|row| answer(me, row)).collect::<Result<Vec<_>>>()?;
        all.extend(sign(pod, key, made).await?);
    }
}

async fn sign(pod: &Pod, key: &PrivateKey, made: Vec<Said>) -> Result<Vec<Value>> {
    let key = key.clone();
    let signing = move || made.into_iter().map(|said| signed(said, &key)).collect::<Result<Vec<_>, _>>();
    pod.compute(signing).await?.map_err(Error::internal)
}

fn signed(mut said: Said, key: &PrivateKey) -> Result<Value, KeyError> {
    match &mut said.entity {
        Entity::Comment(it) => it.sign(key)?,
        Entity::Like(it) => it.sign(key)?,
        answer => answer.sign_answer(key)?,
    }
    let mut json = archive::to_json(&said.entity);
    if let (Some(json), Ok(Value::Object(there))) = (json.as_object_mut(), serde_json::to_value(said.there)) {
        json.extend(there);
    }
    Ok(json)
}

#[derive(sqlx::FromRow)]
struct CommentRow {
    id: CommentId,
    guid: String,
    root_guid: String,
    root_author: String,
    text: String,
    created_at: Timestamp,
    edited_at: Option<Timestamp>,
    thread_parent_guid: Option<String>,
}

async fn own_comments(conn: &mut Conn, author: PersonId, after: CommentId) -> db::Result<Vec<CommentRow>> {
    conn.query(sql!(
        "SELECT c.id, c.guid, o.guid AS root_guid, a.diaspora_id AS root_author, c.text, c.created_at, c.edited_at,
                c.thread_parent_guid
         FROM comments c JOIN posts o ON o.id = c.post_id JOIN people a ON a.id = o.author_id
         WHERE c.author_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3"
    ))
    .bind(author)
    .bind(after)
    .bind(PAGE)
    .all()
    .await
}

fn comment(me: &Me, row: &CommentRow) -> Result<Said> {
    let when = |at: Timestamp| time::Timestamp::from_micros(at.0);
    let (author, guid) = (outbox::id(&me.diaspora_id)?, outbox::guid(&row.guid)?);
    let made = Comment::new(author, guid, outbox::guid(&row.root_guid)?, &row.text, when(row.created_at));
    let answers = row.thread_parent_guid.as_deref().map(outbox::guid).transpose()?;
    let made = made.map_err(Error::internal)?.with_history(row.edited_at.map(when), answers.as_ref());
    Ok(Said::new(made, &row.root_author, &row.root_guid))
}

/// A like of a post or of a comment.
#[derive(sqlx::FromRow)]
struct LikeRow {
    id: i64,
    guid: String,
    parent_guid: String,
    root_guid: String,
    root_author: String,
}

async fn own_likes(conn: &mut Conn, author: PersonId, after: LikeId) -> db::Result<Vec<LikeRow>> {
    conn.query(sql!(
        "SELECT l.id, l.guid, o.guid AS parent_guid, o.guid AS root_guid, a.diaspora_id AS root_author
         FROM likes l JOIN posts o ON o.id = l.post_id JOIN people a ON a.id = o.author_id
         WHERE l.author_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3"
    ))
    .bind(author)
    .bind(after)
    .bind(PAGE)
    .all()
    .await
}

async fn own_comment_likes(
    conn: &mut Conn,
    author: PersonId,
    after: CommentLikeId,
) -> db::Result<Vec<LikeRow>> {
    conn.query(sql!(
        "SELECT l.id, l.guid, c.guid AS parent_guid, o.guid AS root_guid, a.diaspora_id AS root_author
         FROM comment_likes l JOIN comments c ON c.id = l.comment_id JOIN posts o ON o.id = c.post_id
         JOIN people a ON a.id = o.author_id WHERE l.author_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3"
    ))
    .bind(author)
    .bind(after)
    .bind(PAGE)
    .all()
    .await
}

fn like(me: &Me, row: &LikeRow, of_comment: bool) -> Result<Said> {
    let (author, parent) = (outbox::id(&me.diaspora_id)?, outbox::guid(&row.parent_guid)?);
    let made = Like::new(author, outbox::guid(&row.guid)?, of_comment, parent);
    Ok(Said::new(made, &row.root_author, &row.root_guid))
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    id: AnswerId,
    kind: String,
    guid: String,
    parent_guid: String,
    choice: String,
    root_guid: String,
    root_author: String,
}

async fn own_answers(conn: &mut Conn, author: PersonId, after: AnswerId) -> db::Result<Vec<AnswerRow>> {
    conn.query(sql!(
        "SELECT r.id, r.kind, r.guid, h.guid AS parent_guid, r.choice, o.guid AS root_guid,
                a.diaspora_id AS root_author
         FROM attachment_answers r JOIN attachments h ON h.id = r.attachment_id JOIN posts o ON o.id = h.post_id
         JOIN people a ON a.id = o.author_id
         WHERE r.author_id = $1 AND r.id > $2 AND h.guid IS NOT NULL ORDER BY r.id LIMIT $3"
    ))
    .bind(author)
    .bind(after)
    .bind(PAGE)
    .all()
    .await
}

fn answer(me: &Me, row: &AnswerRow) -> Result<Said> {
    let (author, parent) = (outbox::id(&me.diaspora_id)?, outbox::guid(&row.parent_guid)?);
    let made = Entity::answer(&row.kind, author, outbox::guid(&row.guid)?, parent, &row.choice);
    Ok(Said::new(made.map_err(Error::internal)?, &row.root_author, &row.root_guid))
}
