//! What hangs on a post: comments, likes (of it or of its comments) and participations. The pod of the post's author is where they are
//! kept and from where they are sent on.
pub mod comment;
pub mod comment_like;
pub mod like;
pub mod participate;
pub(crate) mod store;

use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Conn, Tx},
    id::{PersonId, PostId, Timestamp, UserId},
    outbox::{self, Outgoing},
    person,
    post::{self, Post},
};

/// Whether the author of a post ignores this person, or blocks this member from elsewhere: what they write below
/// it is refused. A post's author of this pod tells them so by a retraction.
pub async fn is_refused(conn: &mut Conn, post: PostId, author: PersonId) -> db::Result<bool> {
    store::is_refused(conn, post, author).await
}

/// The post that a member wants to say something about.
async fn parent(tx: &mut Tx, who: Owner, key: &str) -> Result<Post> {
    let post = post::find_readable(tx, who.into(), key).await?.ok_or(Error::NotFound)?;
    if store::is_refused(tx, post.id, who.person()).await? {
        return Err(Error::Forbidden("ignored"));
    }
    Ok(post)
}

/// Who signs that something below a post is gone: its author, if they are of this pod. Every pod takes that from
/// them, even one that has not heard that who said it moved here.
async fn spokesman(tx: &mut Tx, who: Owner, post_author: PersonId) -> db::Result<UserId> {
    Ok(person::store::user_of(tx, post_author).await?.unwrap_or_else(|| who.user()))
}

/// A member takes their own like back: whoever hears of what happens to the post is told.
async fn unlike(
    tx: &mut Tx,
    who: Owner,
    (post, author): (PostId, PersonId),
    public: bool,
    guid: String,
    now: Timestamp,
) -> db::Result<()> {
    let retraction = Outgoing::Retraction {
        user: spokesman(tx, who, author).await?,
        author: who.person(),
        target_type: "Like".into(),
        target_guid: guid,
        public,
        recipients: outbox::subscribers(tx, post).await?,
    };
    outbox::enqueue(tx, &retraction, now).await
}

/// Whether something that came may hang on a post: it was not taken back, and its author is not ignored.
async fn is_welcome(tx: &mut Tx, kind: &str, guid: &str, author: PersonId, post: PostId) -> db::Result<bool> {
    Ok(!post::gone::is_taken_back(tx, kind, guid, author, Some(post)).await?
        && !store::is_refused(tx, post, author).await?)
}

/// Each interaction with somebody else's post holds the member's subscription to it; the first one with a
/// remote post asks its pod for the later ones.
pub(crate) async fn take_part(
    pod: &Pod,
    tx: &mut Tx,
    who: Owner,
    post: &Post,
    now: Timestamp,
) -> db::Result<()> {
    if post.author_id == who.person() {
        return Ok(());
    }
    let guid = pod.new_guid().to_string();
    let interactions = store::hold_participation(tx, &guid, post.id, who.person(), now).await?;
    if interactions == 1 && !post.local {
        let participation = Outgoing::Participation { user: who.user(), post: post.id };
        outbox::enqueue(tx, &participation, now).await?;
    }
    Ok(())
}
