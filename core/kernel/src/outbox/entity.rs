//! Rows to entities of the protocol.
use super::store::{PostRow, ProfileRow, RelayableRow};
use crate::{Error, Pod, Result, account, id::Timestamp};
use pappus_federation::{
    entity::{Birthday, Comment, Entity, Like, Profile, StatusMessage},
    id::{DiasporaId, Guid},
    key::PrivateKey,
    signature::Relayable,
    time,
};

/// A post of a member as it travels.
pub(crate) fn status_message(post: &PostRow) -> Result<Entity> {
    let mut message = StatusMessage::new(
        id(&post.author)?,
        guid(&post.guid)?,
        when(post.created_at),
        post.public,
        post.text.clone(),
    );
    message.provider_display_name.clone_from(&post.provider);
    Ok(Entity::StatusMessage(Box::new(message)))
}

/// A comment as it travels: as it came, or made and signed here. The author of the post needs no signature.
pub(crate) async fn comment_xml(pod: &Pod, row: &RelayableRow, parent: &PostRow) -> Result<String> {
    if let Some(xml) = &row.xml {
        return Ok(xml.clone());
    }
    let comment = Comment::new(
        id(&row.author)?,
        guid(&row.guid)?,
        guid(&parent.guid)?,
        &row.text,
        when(row.created_at),
    );
    signed(pod, row, parent, comment.map_err(Error::internal)?, "comment").await
}

/// The same for a like.
pub(super) async fn like_xml(pod: &Pod, row: &RelayableRow, parent: &PostRow) -> Result<String> {
    if let Some(xml) = &row.xml {
        return Ok(xml.clone());
    }
    let like = Like::new(id(&row.author)?, guid(&row.guid)?, false, guid(&parent.guid)?);
    signed(pod, row, parent, like, "like").await
}

async fn signed<R>(
    pod: &Pod,
    row: &RelayableRow,
    parent: &PostRow,
    mut entity: R,
    name: &'static str,
) -> Result<String>
where
    R: Relayable + Send + 'static,
{
    if row.author != parent.author {
        let key = key_of(pod, row).await?;
        entity = pod.compute(move || entity.sign(&key).map(|()| entity)).await?.map_err(Error::internal)?;
    }
    Ok(entity.relay_xml(name))
}

async fn key_of(pod: &Pod, row: &RelayableRow) -> Result<PrivateKey> {
    let user = row.user_id.ok_or_else(|| Error::internal("a remote entity was not kept as it came"))?;
    account::key::of(pod, user).await
}

/// A member's whole profile; `public` says whether everybody gets all of it.
pub(crate) fn profile(row: ProfileRow) -> Result<Entity> {
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut profile = Profile::new(id(&row.diaspora_id)?, row.public_details);
    profile.edited_at = Some(when(row.updated_at));
    profile.first_name = text(row.first_name);
    profile.last_name = text(row.last_name);
    profile.image_url = row.image_url;
    profile.image_url_medium = row.image_url_medium;
    profile.image_url_small = row.image_url_small;
    profile.bio = text(row.bio);
    profile.birthday = row.birthday.as_deref().and_then(Birthday::parse);
    profile.gender = text(row.gender);
    profile.location = text(row.location);
    profile.searchable = row.searchable;
    profile.nsfw = row.nsfw;
    profile.tag_string = text(row.tag_string);
    Ok(Entity::Profile(Box::new(profile)))
}

pub(crate) fn id(text: &str) -> Result<DiasporaId> {
    text.parse().map_err(Error::internal)
}

pub(crate) fn guid(text: &str) -> Result<Guid> {
    text.parse().map_err(Error::internal)
}

fn when(at: Timestamp) -> time::Timestamp {
    time::Timestamp::from_micros(at.0)
}
