//! Tags: words that the scanner found in posts, and that members follow.
pub(crate) mod store;

use crate::{
    Error, Invalid, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{PostId, TagId, Timestamp},
    text::scan,
};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Tag {
    /// The row.
    pub id: TagId,
    /// In lower case, without the number sign.
    pub name: String,
}

/// Follows a tag: public posts with it come into the member's stream from now on.
pub async fn follow(pod: &Pod, who: Owner, name: &str) -> Result<Tag> {
    let name = scan::tag_name(name).ok_or(Invalid::new("name", "characters"))?;
    let mut tx = pod.db.begin_durable().await?;
    store::insert(&mut tx, std::slice::from_ref(&name)).await?;
    let tag = store::find(&mut tx, &name).await?.ok_or_else(|| Error::internal("a tag is gone"))?;
    if store::follow(&mut tx, who.user(), tag.id).await? == 0 {
        return Err(Error::Conflict("following"));
    }
    tx.commit().await?;
    Ok(tag)
}

/// Does not follow it any more.
pub async fn unfollow(pod: &Pod, who: Owner, name: &str) -> Result<()> {
    let name = scan::tag_name(name).ok_or(Error::NotFound)?;
    let mut tx = pod.db.begin_durable().await?;
    let tag = store::find(&mut tx, &name).await?.ok_or(Error::NotFound)?;
    if store::unfollow(&mut tx, who.user(), tag.id).await? == 0 {
        return Err(Error::NotFound);
    }
    Ok(tx.commit().await?)
}

/// What the member follows, by name.
pub async fn followed(pod: &Pod, who: Owner) -> Result<Vec<Tag>> {
    Ok(store::followed(&mut pod.db.read().await?, who.user()).await?)
}

/// Writes down which tags a new post has.
pub(crate) async fn write(
    tx: &mut Tx,
    post: PostId,
    names: &[String],
    created_at: Timestamp,
) -> db::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    store::insert(tx, names).await?;
    store::tag_post(tx, post, names, created_at).await
}
