//! A post from another pod. It is stored once, however many members it was sent to.
use super::{publish::spread, store};
use crate::{
    db::{self, Tx},
    id::{PersonId, PostId, Timestamp, UserId},
    person, tag, text,
};
use pappus_federation::entity::{Photo, StatusMessage};

/// A picture of a remote post; it stays where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPhoto {
    /// The name across pods.
    pub guid: String,
    /// Everything before the name.
    pub remote_path: String,
    /// The name of the file.
    pub remote_name: String,
    /// What it shows, in words.
    pub text: String,
    /// In pixels.
    pub width: Option<i64>,
    /// In pixels.
    pub height: Option<i64>,
    /// As its author says.
    pub created_at: Timestamp,
}

impl From<&Photo> for NewPhoto {
    fn from(photo: &Photo) -> Self {
        Self {
            guid: photo.guid.to_string(),
            remote_path: photo.remote_photo_path.clone(),
            remote_name: photo.remote_photo_name.clone(),
            text: photo.text.clone().unwrap_or_default(),
            width: photo.width.map(i64::from),
            height: photo.height.map(i64::from),
            created_at: Timestamp(photo.created_at.micros()),
        }
    }
}

/// A post from another pod, verified.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// The name across pods.
    pub guid: String,
    /// Who wrote it.
    pub author: PersonId,
    /// As it was written.
    pub text: String,
    /// For everybody.
    pub public: bool,
    /// What it was written with.
    pub provider: Option<String>,
    /// As its author says.
    pub created_at: Timestamp,
    /// In order.
    pub photos: Vec<NewPhoto>,
    /// The known people among those whom the scanner finds in the text.
    pub mentioned: Vec<PersonId>,
    /// The member it was encrypted for; none when it came publicly.
    pub recipient: Option<UserId>,
}

/// Stores a remote post. None when there is nothing new to say of it: it was seen before (then another
/// recipient is still let in), was retracted, or its guid belongs to somebody else's post.
pub async fn receive(tx: &mut Tx, new: NewPost, now: Timestamp) -> db::Result<Option<PostId>> {
    if store::is_buried(tx, "Post", &new.guid).await? {
        return Ok(None);
    }
    if let Some(known) = store::find_any_by_guid(tx, &new.guid).await? {
        if known.author_id == new.author && !known.local {
            let_in(tx, known.id, &new, now).await?;
        }
        return Ok(None);
    }
    let tags = text::scan::tags(&new.text);
    let row = store::NewRow {
        guid: &new.guid,
        author: new.author,
        text: &new.text,
        public: new.public,
        local: false,
        nsfw: tags.iter().any(|tag| tag == "nsfw"),
        provider: new.provider.as_deref(),
        created_at: new.created_at.min(now),
    };
    let Some(id) = store::insert(tx, &row, now).await? else { return Ok(None) };
    for (position, photo) in (0..).zip(&new.photos) {
        store::insert_photo(tx, id, new.author, photo, position).await?;
    }
    tag::write(tx, id, &tags, row.created_at).await?;
    if let Some(recipient) = new.recipient.filter(|_| !new.public) {
        store::share_with(tx, id, recipient).await?;
    }
    spread(tx, id, new.author, &new.mentioned, now).await?;
    Ok(Some(id))
}

/// Stores a post of a member that was written elsewhere, with its name and its date. Nobody is notified of
/// what was said years ago; it is in the streams where its date puts it.
pub(crate) async fn receive_own(
    tx: &mut Tx,
    author: PersonId,
    message: &StatusMessage,
    now: Timestamp,
) -> db::Result<Option<PostId>> {
    let tags = text::scan::tags(&message.text);
    let row = store::NewRow {
        guid: message.guid.as_str(),
        author,
        text: &message.text,
        public: message.public,
        local: true,
        nsfw: tags.iter().any(|tag| tag == "nsfw"),
        provider: message.provider_display_name.as_deref(),
        created_at: Timestamp(message.created_at.micros()).min(now),
    };
    let Some(id) = store::insert(tx, &row, now).await? else { return Ok(None) };
    for (position, photo) in (0..).zip(&message.photos) {
        store::insert_photo(tx, id, author, &NewPhoto::from(photo), position).await?;
    }
    tag::write(tx, id, &tags, row.created_at).await?;
    let mentioned = person::store::ids_of(tx, &text::scan::mentions(&message.text)).await?;
    let mentioned: Vec<PersonId> = mentioned.into_iter().map(|(_, person)| person).collect();
    store::mention(tx, id, &mentioned).await?;
    Ok(Some(id))
}

/// Another member of this pod is among the recipients of a limited post that is here already.
async fn let_in(tx: &mut Tx, post: PostId, new: &NewPost, now: Timestamp) -> db::Result<()> {
    let Some(recipient) = new.recipient.filter(|_| !new.public) else { return Ok(()) };
    if store::share_with(tx, post, recipient).await? > 0 {
        spread(tx, post, new.author, &new.mentioned, now).await?;
    }
    Ok(())
}
