//! Who is mentioned and was not known when the text was written: looked up before it is sent, so that they
//! are sent it. Only for public texts: whoever is outside of a limited post must not even be asked for.
use super::store;
use crate::{
    Error, Pod, Result,
    id::{CommentId, PersonId, PostId},
    person, post, relayable,
    text::scan,
};
use futures_util::future::join_all;
use pappus_federation::id::DiasporaId;

/// So many people of one text are looked up; the others are found when somebody opens their page.
const MOST: usize = 20;

pub(super) async fn in_post(pod: &Pod, post: PostId) -> Result<()> {
    let row = store::post(&mut pod.db.read().await?, post).await?.ok_or(Error::NotFound)?;
    if !row.public || row.user_id.is_none() {
        return Ok(());
    }
    let found = look_up(pod, &row.text).await?;
    if found.is_empty() {
        return Ok(());
    }
    let mut tx = pod.db.begin().await?;
    post::store::mention(&mut tx, post, &found).await?;
    Ok(tx.commit().await?)
}

/// What came from elsewhere was looked through when it came.
pub(super) async fn in_comment(pod: &Pod, comment: CommentId) -> Result<()> {
    let mut conn = pod.db.read().await?;
    let row = store::comment(&mut conn, comment).await?.ok_or(Error::NotFound)?;
    let parent = store::post(&mut conn, row.post_id).await?.ok_or(Error::NotFound)?;
    drop(conn);
    if !parent.public || row.user_id.is_none() {
        return Ok(());
    }
    let found = look_up(pod, &row.text).await?;
    if found.is_empty() {
        return Ok(());
    }
    let mut tx = pod.db.begin().await?;
    relayable::store::mention(&mut tx, row.post_id, comment, &found).await?;
    Ok(tx.commit().await?)
}

/// Everybody new whom their pods know. All are asked at once: the slowest pod is waited for, not their sum.
async fn look_up(pod: &Pod, text: &str) -> Result<Vec<PersonId>> {
    let names = scan::mentions(text);
    let known = person::store::ids_of(&mut pod.db.read().await?, &names).await?;
    let unknown = names.iter().filter(|name| !known.iter().any(|(id, _)| id == *name));
    let unknown: Vec<DiasporaId> = unknown.take(MOST).filter_map(|name| name.parse().ok()).collect();
    let mut found = Vec::new();
    for person in join_all(unknown.iter().map(|id| person::discover(pod, id))).await {
        match person {
            Ok(person) => found.push(person.id),
            Err(Error::Storage(error)) => return Err(error.into()),
            Err(error) => tracing::info!(%error, "a mentioned person was not found"),
        }
    }
    Ok(found)
}
