//! Rows to entities of the protocol.
use super::store::{self, PostRow, ProfileRow, RelayableRow};
use crate::{Error, Pod, Result, account, attachment, db::Conn, id::Timestamp};
use pappus_federation::{
    entity::{Birthday, Comment, Entity, Like, Photo, Profile, Reshare, StatusMessage},
    id::{DiasporaId, Guid},
    key::PrivateKey,
    signature::Relayable,
    time,
};

/// A post of a member as it travels, with everything that hangs on it.
pub(crate) async fn post_entity(conn: &mut Conn, post: &PostRow) -> Result<Entity> {
    if post.is_reshare {
        return reshare(conn, post).await;
    }
    let mut message = StatusMessage::new(
        id(&post.author)?,
        guid(&post.guid)?,
        when(post.created_at),
        post.public,
        post.text.clone(),
    );
    message.provider_display_name.clone_from(&post.provider);
    for row in store::photos(conn, post.id).await? {
        message.photos.push(photo(post, row)?);
    }
    for xml in attachment::of_post(conn, post.id).await? {
        message.attach(&xml).map_err(Error::internal)?;
    }
    Ok(Entity::StatusMessage(Box::new(message)))
}

/// The root is named as long as it is there.
async fn reshare(conn: &mut Conn, post: &PostRow) -> Result<Entity> {
    let root = match post.root_id {
        Some(root) => store::post(conn, root).await?,
        None => None,
    };
    let root = root.map(|root| Ok::<_, Error>((id(&root.author)?, guid(&root.guid)?))).transpose()?;
    let (author, name) = (id(&post.author)?, guid(&post.guid)?);
    Ok(Entity::Reshare(Reshare { author, guid: name, created_at: when(post.created_at), root }))
}

/// Photos are as public as their post.
fn photo(post: &PostRow, row: store::PhotoRow) -> Result<Photo> {
    let side = |length: Option<i64>| length.and_then(|length| u32::try_from(length).ok());
    Ok(Photo {
        guid: guid(&row.guid)?,
        author: id(&post.author)?,
        public: post.public,
        created_at: when(row.created_at),
        edited_at: row.edited_at.map(when),
        remote_photo_path: row.remote_path,
        remote_photo_name: row.remote_name,
        text: Some(row.text).filter(|text| !text.is_empty()),
        status_message_guid: Some(guid(&post.guid)?),
        height: side(row.height),
        width: side(row.width),
    })
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
    let answers = row.thread_parent_guid.as_deref().map(guid).transpose()?;
    let comment = comment.map_err(Error::internal)?.with_history(row.edited_at.map(when), answers.as_ref());
    signed(pod, row, parent, comment, "comment").await
}

/// The same for a like, of the post or of a comment below it.
pub(crate) async fn like_xml(pod: &Pod, row: &RelayableRow, parent: &PostRow) -> Result<String> {
    if let Some(xml) = &row.xml {
        return Ok(xml.clone());
    }
    let (of_comment, target) = row.comment_guid.as_ref().map_or((false, &parent.guid), |guid| (true, guid));
    let like = Like::new(id(&row.author)?, guid(&row.guid)?, of_comment, guid(target)?);
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
pub(crate) fn profile(row: ProfileRow) -> Result<Profile> {
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
    Ok(profile)
}

/// Without the details, where those are for contacts only.
pub(crate) fn for_everybody(mut profile: Profile) -> Profile {
    if !profile.public {
        profile.bio = None;
        profile.birthday = None;
        profile.gender = None;
        profile.location = None;
    }
    profile
}

pub(crate) fn id(text: &str) -> Result<DiasporaId> {
    text.parse().map_err(Error::internal)
}

pub(crate) fn guid(text: &str) -> Result<Guid> {
    text.parse().map_err(Error::internal)
}

pub(super) fn when(at: Timestamp) -> time::Timestamp {
    time::Timestamp::from_micros(at.0)
}

/// The guid in an element that was made or checked before: its own, or the one of what it takes back.
pub(super) fn name_in(xml: &str) -> Option<&str> {
    let after = |mark: &str| Some(xml.split_once(mark)?.1.split_once('<')?.0);
    after("<target_guid>").or_else(|| after("<guid>"))
}
