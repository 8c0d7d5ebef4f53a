//! A post from another pod. It is stored once, however many members it was sent to.
use super::{NewPhoto, gone, photo, publish::spread, store};
use crate::{
    attachment,
    db::{self, Tx},
    id::{PersonId, PostId, Timestamp, UserId},
    person, tag, text,
};
use pappus_federation::{entity::StatusMessage, id::Guid};

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

/// Whether members hear of something that comes from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It was sent: it goes into home streams, and whom it concerns is notified.
    News,
    /// This pod fetched what happened before: it stands where it belongs, and that is all.
    CatchingUp,
}

/// [`receive_as`] news.
pub async fn receive(tx: &mut Tx, new: NewPost, now: Timestamp) -> db::Result<Option<PostId>> {
    receive_as(tx, new, Arrival::News, now).await
}

/// Stores a remote post. None when there is nothing new to say of it: it was seen before (then another
/// recipient is still let in), was retracted, or its guid belongs to somebody else's post.
pub async fn receive_as(
    tx: &mut Tx,
    new: NewPost,
    arrival: Arrival,
    now: Timestamp,
) -> db::Result<Option<PostId>> {
    if gone::is_taken_back(tx, "Post", &new.guid, new.author, None).await? {
        return Ok(None);
    }
    if let Some(known) = store::find_any_by_guid(tx, &new.guid).await? {
        if known.author_id != new.author {
            claimed("post", &new.guid, new.author);
        } else if !known.local {
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
        reshares: None,
    };
    let Some(id) = store::insert(tx, &row, now).await? else { return Ok(None) };
    photo::attach(tx, id, &new).await?;
    tag::write(tx, id, &tags, row.created_at).await?;
    if let Some(recipient) = new.recipient.filter(|_| !new.public) {
        store::share_with(tx, id, recipient).await?;
    }
    match arrival {
        Arrival::News => spread(tx, id, new.author, &new.mentioned, now).await?,
        Arrival::CatchingUp => store::mention(tx, id, &new.mentioned).await?,
    }
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
    let mentioned = person::store::ids_of(tx, &text::scan::mentions(&message.text)).await?;
    let new = NewPost {
        guid: message.guid.to_string(),
        author,
        text: message.text.clone(),
        public: message.public,
        provider: message.provider_display_name.clone(),
        created_at: Timestamp(message.created_at.micros()).min(now),
        photos: message.photos.iter().map(NewPhoto::from).collect(),
        mentioned: mentioned.into_iter().map(|(_, person)| person).collect(),
        recipient: None,
    };
    let row = store::NewRow {
        guid: &new.guid,
        author,
        text: &new.text,
        public: new.public,
        local: true,
        nsfw: tags.iter().any(|tag| tag == "nsfw"),
        provider: new.provider.as_deref(),
        created_at: new.created_at,
        reshares: None,
    };
    let Some(id) = store::insert(tx, &row, now).await? else { return Ok(None) };
    photo::attach(tx, id, &new).await?;
    tag::write(tx, id, &tags, row.created_at).await?;
    store::mention(tx, id, &new.mentioned).await?;
    for each in message.attachments() {
        attachment::attach(tx, id, each.kind, each.guid.as_ref().map(Guid::as_str), &each.xml).await?;
    }
    Ok(Some(id))
}

/// Two people say that the name is theirs, and both signed it: nothing tells who invented it. Whoever came first
/// keeps it until they take theirs back; the admin can see that somebody lost something by it.
pub(crate) fn claimed(kind: &'static str, guid: &str, author: PersonId) {
    metrics::counter!("fed_names_claimed_total", "type" => kind).increment(1);
    tracing::warn!(kind, guid, person.id = %author, "a {kind} came whose name is somebody else's here");
}

/// Another member of this pod is among the recipients of a limited post that is here already.
async fn let_in(tx: &mut Tx, post: PostId, new: &NewPost, now: Timestamp) -> db::Result<()> {
    let Some(recipient) = new.recipient.filter(|_| !new.public) else { return Ok(()) };
    if store::share_with(tx, post, recipient).await? > 0 {
        spread(tx, post, new.author, &new.mentioned, now).await?;
    }
    Ok(())
}
