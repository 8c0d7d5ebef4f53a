//! What others did that a member wants to know. While one is unread, the next of the same kind about the same
//! thing only adds its actor. Nobody hears of themselves, of people they ignore, or of a post that they may
//! not read.
pub(crate) mod notice;
mod page;
mod store;

pub use notice::Told;
pub use page::{Notification, PAGE, page};

use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{CommentId, NotificationId, PersonId, PostId, Timestamp, UserId},
    post,
};
use std::{fmt, str::FromStr};

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody commented on my post.
    CommentOnPost,
    /// Somebody commented where I took part.
    AlsoCommented,
    /// Somebody likes my post.
    Liked,
    /// Somebody likes my comment.
    LikedComment,
    /// A post mentions me.
    Mentioned,
    /// A comment mentions me.
    MentionedInComment,
    /// Somebody passed my post on.
    Reshared,
    /// Somebody began to share with me.
    StartedSharing,
    /// A plugin has something to tell.
    Plugin,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::CommentOnPost,
        Self::AlsoCommented,
        Self::Liked,
        Self::LikedComment,
        Self::Mentioned,
        Self::MentionedInComment,
        Self::Reshared,
        Self::StartedSharing,
        Self::Plugin,
    ];

    /// As it is stored, and what clients call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommentOnPost => "comment_on_post",
            Self::AlsoCommented => "also_commented",
            Self::Liked => "liked",
            Self::LikedComment => "liked_comment",
            Self::Mentioned => "mentioned",
            Self::MentionedInComment => "mentioned_in_comment",
            Self::Reshared => "reshared",
            Self::StartedSharing => "started_sharing",
            Self::Plugin => "plugin",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(())
    }
}

/// How many the member has not seen.
pub async fn unread(pod: &Pod, who: Owner) -> Result<i64> {
    Ok(store::unread(&mut pod.db.read().await?, who).await?)
}

/// Marks one as seen.
pub async fn read(pod: &Pod, who: Owner, id: NotificationId) -> Result<()> {
    set_unread(pod, who, id, false).await
}

/// Marks one as seen or as not seen.
pub async fn set_unread(pod: &Pod, who: Owner, id: NotificationId, unread: bool) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    if !store::exists(&mut tx, who.user(), id).await? {
        return Err(Error::NotFound);
    }
    if unread && store::is_open_elsewhere(&mut tx, id).await? {
        return Ok(()); // a newer one about the same thing waits already
    }
    store::set_unread(&mut tx, id, unread).await?;
    Ok(tx.commit().await?)
}

/// Marks all as seen.
pub async fn read_all(pod: &Pod, who: Owner) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    store::read_all(&mut tx, who.user()).await?;
    Ok(tx.commit().await?)
}

/// Whether something that the member has not seen is about this post.
pub async fn is_unread_about(pod: &Pod, who: Owner, post: PostId) -> Result<bool> {
    Ok(store::unread_about_post(&mut pod.db.read().await?, who.user(), post).await?)
}

/// The member has seen this post, if they may: what is about it is seen.
pub async fn seen(pod: &Pod, who: Owner, key: &str) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    let post = post::store::find_readable(&mut tx, who.into(), key).await?.ok_or(Error::NotFound)?;
    settle(&mut tx, who.user(), post.id).await?;
    Ok(tx.commit().await?)
}

/// The member looks at a post: what is about it is seen.
pub async fn settle(tx: &mut Tx, user: UserId, post: PostId) -> db::Result<u64> {
    store::read_about_post(tx, user, post).await
}

// --- what happened ---

/// A post mentions members of this pod.
pub(crate) async fn mentioned(tx: &mut Tx, post: PostId, author: PersonId, now: Timestamp) -> db::Result<()> {
    let told = store::mentioned(tx, post, author, now).await?;
    store::add_actor(tx, &told, author, now).await
}

/// Somebody commented: who is mentioned hears of that; else the post's author hears of a comment, and who
/// took part before of another one.
pub(crate) async fn commented(
    tx: &mut Tx,
    post: PostId,
    comment: CommentId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    let mut told = store::mentioned_in_comment(tx, post, comment, author, now).await?;
    told.extend(store::comment_on_post(tx, post, comment, author, now).await?);
    told.extend(store::also_commented(tx, post, comment, author, now).await?);
    store::add_actor(tx, &told, author, now).await
}

/// Somebody likes a post.
pub(crate) async fn liked(tx: &mut Tx, post: PostId, author: PersonId, now: Timestamp) -> db::Result<()> {
    let told = store::to_author(tx, "liked", post, author, now).await?;
    store::add_actor(tx, &told, author, now).await
}

/// Somebody likes a comment.
pub(crate) async fn liked_comment(
    tx: &mut Tx,
    post: PostId,
    comment: CommentId,
    author: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    let told = store::liked_comment(tx, post, comment, author, now).await?;
    store::add_actor(tx, &told, author, now).await
}

/// Somebody passed a post on.
pub(crate) async fn reshared(tx: &mut Tx, root: PostId, author: PersonId, now: Timestamp) -> db::Result<()> {
    let told = store::to_author(tx, "reshared", root, author, now).await?;
    store::add_actor(tx, &told, author, now).await
}

/// Somebody began to share with a member.
pub(crate) async fn started_sharing(
    tx: &mut Tx,
    user: UserId,
    person: PersonId,
    now: Timestamp,
) -> db::Result<()> {
    let told = store::started_sharing(tx, user, person, now).await?;
    store::add_actor(tx, &told, person, now).await
}

/// The member shares back: they have seen it.
pub(crate) async fn read_started_sharing(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    store::read_started_sharing(tx, user, person).await
}

/// Neither shares with the other any more.
pub(crate) async fn forget_started_sharing(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    store::forget_started_sharing(tx, user, person).await
}

/// The member ignores somebody: what only they did is seen, and that they share is forgotten.
pub(crate) async fn settle_ignored(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<()> {
    store::read_only_by(tx, user, person).await?;
    store::forget_started_sharing(tx, user, person).await.map(drop)
}
