//! What others said below a member's posts, for the member's archive: as its authors signed it, so that the pod where the
//! member moves can hand it out. What a neighbour said is signed here, as it is when it is sent to subscribers.
use super::collect::{Me, PAGE};
use crate::{
    Pod, Result,
    db::{self, Conn},
    id::{CommentId, CommentLikeId, LikeId, PersonId},
    outbox::{
        self,
        store::{self as outgoing, PostRow, RelayableRow},
    },
    sql,
};
use pappus_federation::{
    archive,
    entity::{Entity, Kind},
    time,
};
use serde_json::Value;

/// Comments first: likes may be of those.
pub(super) async fn replies(pod: &Pod, me: &Me) -> Result<Vec<Value>> {
    let mut all = kept(pod, me, true).await?;
    for part in [Kind::Comment, Kind::Like] {
        neighbours(pod, me, &part, false, &mut all).await?;
    }
    all.extend(kept(pod, me, false).await?);
    neighbours(pod, me, &Kind::Like, true, &mut all).await?;
    Ok(all)
}

/// What was kept as it came.
#[derive(sqlx::FromRow)]
struct KeptRow {
    kind: String,
    guid: String,
    xml: String,
}

async fn kept(pod: &Pod, me: &Me, comments: bool) -> Result<Vec<Value>> {
    let now = time::Timestamp::from_micros(pod.clock.now().0);
    let (mut all, mut after) = (Vec::new(), (String::new(), String::new()));
    loop {
        let page = kept_below(&mut pod.db.read().await?, me.person_id, &after, comments).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = (last.kind.clone(), last.guid.clone());
        let mine = me.diaspora_id.clone();
        let read = move || {
            let entities = page.iter().filter_map(|row| Entity::parse(&row.xml, now).ok());
            let by_others = entities.filter(|entity| is_signed(entity) && entity.author().as_str() != mine);
            by_others.map(|entity| archive::to_json(&entity)).collect::<Vec<_>>()
        };
        all.extend(pod.compute(read).await?);
    }
}

fn is_signed(entity: &Entity) -> bool {
    entity.as_relayable().is_some_and(|relayable| relayable.signed().author_signature().is_some())
}

async fn kept_below(
    conn: &mut Conn,
    author: PersonId,
    (kind, guid): &(String, String),
    comments: bool,
) -> db::Result<Vec<KeptRow>> {
    conn.query(sql!(
        "SELECT y.kind, y.guid, y.xml FROM posts o JOIN relay_payloads y ON y.post_id = o.id
         WHERE o.author_id = $1 AND (y.kind = 'comment') = $4 AND (y.kind > $2 OR (y.kind = $2 AND y.guid > $3))
         ORDER BY y.kind, y.guid LIMIT $5"
    ))
    .bind(author)
    .bind(kind)
    .bind(guid)
    .bind(comments)
    .bind(PAGE)
    .all()
    .await
}

/// What neighbours said: comments, or likes of posts or of comments.
async fn neighbours(pod: &Pod, me: &Me, kind: &Kind, of_comments: bool, all: &mut Vec<Value>) -> Result<()> {
    let mut after = 0;
    loop {
        let mut conn = pod.db.read().await?;
        let page = match (kind, of_comments) {
            (Kind::Comment, _) => neighbours_comments(&mut conn, me.person_id, after).await?,
            (_, false) => neighbours_likes(&mut conn, me.person_id, after).await?,
            (_, true) => neighbours_comment_likes(&mut conn, me.person_id, after).await?,
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = *last;
        let mut rows = Vec::new();
        for id in page {
            let row = match (kind, of_comments) {
                (Kind::Comment, _) => outgoing::comment(&mut conn, CommentId(id)).await?,
                (_, false) => outgoing::like(&mut conn, LikeId(id)).await?,
                (_, true) => outgoing::comment_like(&mut conn, CommentLikeId(id)).await?,
            };
            let Some(row) = row else { continue };
            let post = outgoing::post(&mut conn, row.post_id).await?;
            rows.extend(post.map(|post| (row, post)));
        }
        drop(conn);
        for (row, post) in rows {
            all.extend(signed(pod, kind, &row, &post).await);
        }
    }
}

/// As its author signs it. What cannot be signed any more is left out.
async fn signed(pod: &Pod, kind: &Kind, row: &RelayableRow, post: &PostRow) -> Option<Value> {
    let now = time::Timestamp::from_micros(pod.clock.now().0);
    let xml = match kind {
        Kind::Comment => outbox::comment_xml(pod, row, post).await,
        _ => outbox::like_xml(pod, row, post).await,
    };
    match xml {
        Ok(xml) => Entity::parse(&xml, now).ok().map(|entity| archive::to_json(&entity)),
        Err(error) => {
            tracing::info!(guid = row.guid, %error, "what a neighbour said is left out of an archive");
            None
        }
    }
}

async fn neighbours_comments(conn: &mut Conn, author: PersonId, after: i64) -> db::Result<Vec<i64>> {
    conn.query(sql!(
        "SELECT c.id FROM posts o JOIN comments c ON c.post_id = o.id JOIN users u ON u.person_id = c.author_id
         WHERE o.author_id = $1 AND c.author_id <> $1 AND c.id > $2
           AND NOT EXISTS (SELECT 1 FROM relay_payloads y WHERE y.kind = 'comment' AND y.guid = c.guid)
         ORDER BY c.id LIMIT $3"
    ))
    .bind(author)
    .bind(after)
    .bind(PAGE)
    .scalars()
    .await
}

async fn neighbours_likes(conn: &mut Conn, author: PersonId, after: i64) -> db::Result<Vec<i64>> {
    conn.query(sql!(
        "SELECT l.id FROM posts o JOIN likes l ON l.post_id = o.id JOIN users u ON u.person_id = l.author_id
         WHERE o.author_id = $1 AND l.author_id <> $1 AND l.id > $2
           AND NOT EXISTS (SELECT 1 FROM relay_payloads y WHERE y.kind = 'like' AND y.guid = l.guid)
         ORDER BY l.id LIMIT $3"
    ))
    .bind(author)
    .bind(after)
    .bind(PAGE)
    .scalars()
    .await
}

async fn neighbours_comment_likes(conn: &mut Conn, author: PersonId, after: i64) -> db::Result<Vec<i64>> {
    conn.query(sql!(
        "SELECT l.id FROM posts o JOIN comments c ON c.post_id = o.id JOIN comment_likes l ON l.comment_id = c.id
         JOIN users u ON u.person_id = l.author_id
         WHERE o.author_id = $1 AND l.author_id <> $1 AND l.id > $2
           AND NOT EXISTS (SELECT 1 FROM relay_payloads y WHERE y.kind = 'like' AND y.guid = l.guid)
         ORDER BY l.id LIMIT $3"
    ))
    .bind(author)
    .bind(after)
    .bind(PAGE)
    .scalars()
    .await
}
