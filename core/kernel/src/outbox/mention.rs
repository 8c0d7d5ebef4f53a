//! Who is mentioned and was not known when the text was written: looked up beside the sending, by jobs that try
//! again where a pod does not answer, and sent the text when they are found. Only for public texts: whoever is
//! outside of a limited post must not even be asked for.
use super::{Dispatch, Outgoing, store};
use crate::{
    Error, Pod, Result, db,
    db::Tx,
    id::{CommentId, PersonId, PostId},
    job, person, post, relayable,
    text::scan,
};
use pappus_federation::id::DiasporaId;

/// So many people of one text are looked up; the others are found when somebody opens their page.
const MOST: usize = 100;

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

/// One of them. Fails until their pod answers.
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
    let person = match person::discover(pod, &id).await {
        Ok(person) => person.id,
        Err(error @ (Error::Storage(_) | Error::Remote(_) | Error::Unusable(_))) => return Err(error),
        Err(error) => {
            tracing::info!(%error, "a mentioned person was not found");
            return Err(Error::NotFound);
        }
    };
    let mut tx = pod.db.begin().await?;
    write(&mut tx, post, comment, &[person]).await?;
    tx.commit().await?;
    Ok(person)
}

/// Each is looked up by a job of their own: a pod that does not answer delays nobody who is known.
async fn look_up(pod: &Pod, post: PostId, comment: Option<CommentId>, text: &str) -> Result<()> {
    let names = scan::mentions(text);
    let known = person::store::ids_of(&mut pod.db.read().await?, &names).await?;
    let unknown = names.iter().filter(|name| !known.iter().any(|(id, _)| id == *name));
    let unknown: Vec<DiasporaId> = unknown.take(MOST).filter_map(|name| name.parse().ok()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    for id in unknown {
        let key = format!("mention {post} {} {id}", comment.map_or(0, |comment| comment.0));
        let one = Dispatch(Outgoing::Mention { post, comment, name: id.to_string() });
        job::enqueue_at(&mut tx, &one, Some(&key), now, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

async fn write(tx: &mut Tx, post: PostId, comment: Option<CommentId>, people: &[PersonId]) -> db::Result<()> {
    match comment {
        Some(comment) => relayable::store::mention(tx, post, comment, people).await,
        None => post::store::mention(tx, post, people).await,
    }
}
