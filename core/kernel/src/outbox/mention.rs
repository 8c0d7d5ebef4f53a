//! Who is mentioned and was not known when the text was written: looked up before it is sent, so that they
//! are sent it; and later, where their pod did not answer. Only for public texts: whoever is outside of a
//! limited post must not even be asked for.
use super::{Dispatch, Outgoing, store};
use crate::{
    Error, Pod, Result, db,
    db::Tx,
    id::{CommentId, PersonId, PostId},
    job, person, post, relayable,
    text::scan,
};
use futures_util::future::join_all;
use pappus_federation::id::DiasporaId;
use std::time::Duration;

/// So many people of one text are looked up; the others are found when somebody opens their page.
const MOST: usize = 20;
/// A pod that did not answer is asked again after this; then as often as any job.
const LATER: Duration = Duration::from_mins(10);

pub(super) async fn in_post(pod: &Pod, post: PostId) -> Result<()> {
    let row = store::post(&mut pod.db.read().await?, post).await?.ok_or(Error::NotFound)?;
    if !row.public || row.user_id.is_none() {
        return Ok(());
    }
    look_up(pod, post, None, &row.text).await
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
    look_up(pod, row.post_id, Some(comment), &row.text).await
}

/// Somebody whose pod did not answer before. Fails until it does.
pub(super) async fn late(
    pod: &Pod,
    post: PostId,
    comment: Option<CommentId>,
    name: &str,
) -> Result<PersonId> {
    let row = store::post(&mut pod.db.read().await?, post).await?.ok_or(Error::NotFound)?;
    let id: DiasporaId = name.parse().map_err(Error::internal)?;
    if !row.public {
        return Err(Error::NotFound);
    }
    let person = person::discover(pod, &id).await?.id;
    let mut tx = pod.db.begin().await?;
    write(&mut tx, post, comment, &[person]).await?;
    tx.commit().await?;
    Ok(person)
}

/// All are asked at once: the slowest pod is waited for, not their sum.
async fn look_up(pod: &Pod, post: PostId, comment: Option<CommentId>, text: &str) -> Result<()> {
    let names = scan::mentions(text);
    let known = person::store::ids_of(&mut pod.db.read().await?, &names).await?;
    let unknown = names.iter().filter(|name| !known.iter().any(|(id, _)| id == *name));
    let unknown: Vec<DiasporaId> = unknown.take(MOST).filter_map(|name| name.parse().ok()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let answers = join_all(unknown.iter().map(|id| person::discover(pod, id))).await;
    let now = pod.clock.now();
    let mut found = Vec::new();
    let mut tx = pod.db.begin().await?;
    for (id, answer) in unknown.iter().zip(answers) {
        match answer {
            Ok(person) => found.push(person.id),
            Err(Error::Storage(error)) => return Err(error.into()),
            Err(Error::Remote(error) | Error::Unusable(error)) => {
                tracing::info!(error, "a mentioned person is looked up later");
                let key = format!("mention {post} {} {id}", comment.map_or(0, |comment| comment.0));
                let again = Dispatch(Outgoing::Mention { post, comment, name: id.to_string() });
                job::enqueue_at(&mut tx, &again, Some(&key), now.plus(LATER), now).await?;
            }
            Err(error) => tracing::info!(%error, "a mentioned person was not found"),
        }
    }
    write(&mut tx, post, comment, &found).await?;
    Ok(tx.commit().await?)
}

async fn write(tx: &mut Tx, post: PostId, comment: Option<CommentId>, people: &[PersonId]) -> db::Result<()> {
    match comment {
        Some(comment) => relayable::store::mention(tx, post, comment, people).await,
        None => post::store::mention(tx, post, people).await,
    }
}
