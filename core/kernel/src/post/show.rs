//! One post with everything below it.
use super::store;
use crate::{
    Error, Pod, Result,
    access::Viewer,
    person::Person,
    stream::{self, Item},
    text,
};

/// The most likers that a post's page names.
const LIKERS: i64 = 30;

/// A post, all of its comments, and who likes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// With all comments.
    pub item: Item,
    /// The viewer first, up to 30.
    pub likers: Vec<Person>,
}

/// The post that `key` (a guid, or the number of its row) names. One that the viewer may not read does not
/// exist.
pub async fn show(pod: &Pod, viewer: Viewer, key: &str) -> Result<Shown> {
    let renderer_key = text::renderer_key(pod);
    let mut conn = pod.db.read().await?;
    let post = store::find_readable(&mut conn, viewer, key).await?.ok_or(Error::NotFound)?;
    let row = stream::store::one(&mut conn, viewer, &renderer_key, post.id).await?.ok_or(Error::NotFound)?;
    let comments = stream::store::all_comments(&mut conn, viewer, &renderer_key, post.id).await?;
    let likers = stream::store::likers(&mut conn, viewer, post.id, LIKERS).await?;
    drop(conn);
    let item = stream::show(pod, viewer, vec![row], comments).await?.pop().ok_or(Error::NotFound)?;
    Ok(Shown { item, likers })
}
