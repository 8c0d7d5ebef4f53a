//! One post with what is below it.
use super::store;
use crate::{
    Error, Pod, Result,
    access::Viewer,
    person::Person,
    stream::{self, Cursor, Item},
    text,
};

/// The most likers that a post's page names.
const LIKERS: i64 = 30;

/// The most comments on one page of a post.
pub const COMMENTS: i64 = 100;

/// The most comments that a program is given at once.
const WHOLE: i64 = 1000;

/// A post, the newest of its comments, and who likes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// With its comments, the oldest first.
    pub item: Item,
    /// Where the comments before these end; none when there are none.
    pub older: Option<Cursor>,
    /// The viewer first, up to 30.
    pub likers: Vec<Person>,
}

/// The post that `key` (a guid, or the number of its row) names. One that the viewer may not read does not
/// exist.
pub async fn show(pod: &Pod, viewer: Viewer, key: &str) -> Result<Shown> {
    show_before(pod, viewer, key, None).await
}

/// The same with the comments before a place among them.
pub async fn show_before(pod: &Pod, viewer: Viewer, key: &str, before: Option<Cursor>) -> Result<Shown> {
    show_some(pod, viewer, key, before, COMMENTS).await
}

/// The same with all comments, or the newest thousand, for programs.
pub async fn show_whole(pod: &Pod, viewer: Viewer, key: &str) -> Result<Shown> {
    show_some(pod, viewer, key, None, WHOLE).await
}

async fn show_some(
    pod: &Pod,
    viewer: Viewer,
    key: &str,
    before: Option<Cursor>,
    count: i64,
) -> Result<Shown> {
    let renderer_key = text::renderer_key(pod);
    let slice = stream::store::Slice {
        viewer,
        key: &renderer_key,
        before: before.unwrap_or_default(),
        limit: count + 1,
    };
    let mut conn = pod.db.read().await?;
    let post = store::find_readable(&mut conn, viewer, key).await?.ok_or(Error::NotFound)?;
    let row = stream::store::one(&mut conn, viewer, &renderer_key, post.id).await?.ok_or(Error::NotFound)?;
    let mut comments = stream::store::comments_before(&mut conn, slice, post.id).await?;
    let likers = stream::store::likers(&mut conn, viewer, post.id, LIKERS).await?;
    drop(conn);
    let more = i64::try_from(comments.len()).is_ok_and(|found| found > count);
    if more {
        comments.remove(0);
    }
    let older = comments.first().filter(|_| more).map(|first| Cursor::at(first.created_at, first.id.0));
    let item = stream::show(pod, viewer, vec![row], comments).await?.pop().ok_or(Error::NotFound)?;
    Ok(Shown { item, older, likers })
}
