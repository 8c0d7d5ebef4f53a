//! Comments: written here, received, taken back.
use super::{is_welcome, parent, participate, spokesman, store, take_part};
use crate::{
    Error, Invalid, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{CommentId, PersonId, PostId, Timestamp},
    notification,
    outbox::{self, Outgoing},
    person,
    post::{self, Arrival},
    stream::CommentItem,
    text::{self, Text, TextOf},
};

/// A text that may be a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentText(String);

impl TryFrom<String> for CommentText {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        post::valid(text.trim().to_owned()).map(Self)
    }
}

/// Writes a comment below a post that the member may read.
pub async fn create(pod: &Pod, who: Owner, post_key: &str, text: CommentText) -> Result<CommentItem> {
    let now = pod.clock.now();
    let guid = pod.new_guid().to_string();
    let mut tx = pod.db.begin_durable().await?;
    let post = parent(&mut tx, who, post_key).await?;
    let mut text = text.0;
    if !post.public {
        text = post::outsiders::unmention(pod, &mut tx, post.id, text).await?;
    }
    let mentioned = person::store::ids_of(&mut tx, &text::scan::mentions(&text)).await?;
    let new = NewComment {
        guid: guid.clone(),
        post: post.id,
        author: who.person(),
        text: text.clone(),
        created_at: now,
        mentioned: mentioned.into_iter().map(|(_, person)| person).collect(),
        thread_parent: None,
        edited_at: None,
        relay_xml: None,
    };
    let id = insert(&mut tx, &new, Arrival::News, now)
        .await?
        .ok_or_else(|| Error::internal("a fresh guid was taken"))?;
    take_part(pod, &mut tx, who, &post, now).await?;
    outbox::enqueue(&mut tx, &Outgoing::Comment(id), now).await?;
    let author = person::store::find(&mut tx, who.person()).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    let shown = Text { of: TextOf::Comment(id), text: text.clone(), limited: !post.public, cached: None };
    let html = text::render(pod, vec![shown]).await?.pop().unwrap_or_default();
    Ok(CommentItem { id, guid, author, text, html, created_at: now, likes_count: 0, liked: None, mine: true })
}

/// Deletes a comment: its author may, and the author of the post below which it stands.
pub async fn retract(pod: &Pod, who: Owner, key: &str) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let comment = store::readable_comment(&mut tx, who.into(), key).await?.ok_or(Error::NotFound)?;
    if comment.author_id != who.person() && comment.post_author_id != who.person() {
        return Err(Error::Forbidden("not-your-comment"));
    }
    let mut recipients = outbox::hear_of(&mut tx, comment.post_id, comment.id, comment.public).await?;
    // their pod made it: it must hear of it whether or not anybody there subscribes
    if comment.author_id != who.person() && !recipients.contains(&comment.author_id) {
        recipients.push(comment.author_id);
    }
    let retraction = Outgoing::Retraction {
        user: spokesman(&mut tx, who, comment.post_author_id).await?,
        author: comment.author_id,
        target_type: "Comment".into(),
        target_guid: comment.guid,
        public: comment.public,
        recipients,
    };
    outbox::enqueue(&mut tx, &retraction, now).await?;
    remove(&mut tx, comment.id, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// A comment from another pod, verified.
#[derive(Debug, Clone)]
pub struct NewComment {
    /// The name across pods.
    pub guid: String,
    /// The post below which it stands.
    pub post: PostId,
    /// Who wrote it.
    pub author: PersonId,
    /// As it was written.
    pub text: String,
    /// As its author says.
    pub created_at: Timestamp,
    /// The known people among those whom the scanner finds in the text.
    pub mentioned: Vec<PersonId>,
    /// The comment that it answers, where its author's pod shows threads.
    pub thread_parent: Option<String>,
    /// When its author changed it, if they say.
    pub edited_at: Option<Timestamp>,
    /// The signed element as it is sent on, for a post of this pod.
    pub relay_xml: Option<String>,
}

/// [`receive_as`] news.
pub async fn receive(tx: &mut Tx, new: NewComment, now: Timestamp) -> db::Result<Option<CommentId>> {
    receive_as(tx, new, Arrival::News, now).await
}

/// Stores a remote comment. None when it was seen before, was retracted, or the post's author ignores its
/// author ([`super::is_refused`]). Sending it on is the caller's.
pub async fn receive_as(
    tx: &mut Tx,
    new: NewComment,
    arrival: Arrival,
    now: Timestamp,
) -> db::Result<Option<CommentId>> {
    if !is_welcome(tx, "Comment", &new.guid, new.author, new.post).await? {
        return Ok(None);
    }
    let stored = insert(tx, &new, arrival, now).await?;
    if stored.is_none()
        && store::comment_author(tx, &new.guid).await?.is_some_and(|author| author != new.author)
    {
        post::claimed("comment", &new.guid, new.author);
    }
    Ok(stored)
}

async fn insert(
    tx: &mut Tx,
    new: &NewComment,
    arrival: Arrival,
    now: Timestamp,
) -> db::Result<Option<CommentId>> {
    let Some(id) = store::insert_comment(tx, new, now).await? else { return Ok(None) };
    store::count_comments(tx, new.post, 1).await?;
    if let Some(xml) = &new.relay_xml {
        store::keep_payload(tx, "comment", &new.guid, new.post, xml).await?;
    }
    store::mention(tx, new.post, id, &new.mentioned).await?;
    if arrival == Arrival::News {
        notification::commented(tx, new.post, id, new.author, now).await?;
    }
    Ok(Some(id))
}

/// Deletes a comment and remembers that it is gone. The caller knows that it may.
pub async fn remove(tx: &mut Tx, comment: CommentId, now: Timestamp) -> db::Result<()> {
    if let Some((guid, post, author)) = store::comment(tx, comment).await? {
        post::gone::bury(tx, "Comment", &guid, author, now).await?;
        store::forget_payload(tx, "comment", &guid).await?;
        store::forget_mentions(tx, post, comment).await?;
        store::delete_comment(tx, comment).await?;
        store::count_comments(tx, post, -1).await?;
        participate::less(tx, post, author).await?;
    }
    Ok(())
}
