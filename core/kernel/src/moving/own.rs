//! What the member wrote and said before they moved here: with its names and dates, as if it had always been here.
use super::{
    format::SentTo,
    item::{Taken, is_own},
    store::ImportRow,
};
use crate::{
    Pod, Result,
    attachment::{self, NewAnswer},
    db::Tx,
    id::{PersonId, Timestamp},
    inbox, outbox, person,
    post::{self, NewReshare, Post},
    relayable::{self, comment::NewComment, comment_like::NewCommentLike, like::NewLike},
};
use pappus_federation::entity::{Comment, Entity, Kind, Like, Reshare, StatusMessage};

/// It was taken back here, by the member as who they were or as who they are.
async fn is_gone(tx: &mut Tx, import: &ImportRow, kind: &str, guid: &str) -> Result<bool> {
    Ok(post::gone::is_buried(tx, kind, guid, import.person_id, import.old_person_id).await?)
}

/// With its guid and its date. A limited one stays with those who were sent it and are known here; of what
/// the archive does not name nobody can read it but its author.
pub(super) async fn post(
    pod: &Pod,
    tx: &mut Tx,
    import: &ImportRow,
    message: StatusMessage,
    payload: &str,
) -> Result<Taken> {
    let guid = message.guid.as_str();
    if is_gone(tx, import, "Post", guid).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    let id = match post::store::find_any_by_guid(tx, guid).await? {
        Some(known) if !is_own(import, known.author_id) => return Ok(Taken::Skipped("guid-taken")),
        // this pod was sent it long ago: the move makes it the member's
        Some(known) if known.public != message.public => return Ok(Taken::Skipped("invalid")),
        Some(known) => known.id,
        None => match post::receive_own(tx, import.person_id, &message, pod.clock.now()).await? {
            Some(id) => id,
            None => return Ok(Taken::Skipped("guid-taken")),
        },
    };
    if !message.public {
        let sent: SentTo = serde_json::from_str(payload).unwrap_or_default();
        let people = person::store::ids_of(tx, &sent.subscribed_users_ids).await?;
        let people: Vec<PersonId> = people.into_iter().map(|(_, person)| person).collect();
        post::store::add_audience(tx, id, &people).await?;
    }
    Ok(Taken::Done)
}

/// Of a post of elsewhere that is known here.
pub(super) async fn reshare(pod: &Pod, tx: &mut Tx, import: &ImportRow, reshare: Reshare) -> Result<Taken> {
    let guid = reshare.guid.as_str();
    if is_gone(tx, import, "Post", guid).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    if let Some(known) = post::store::find_any_by_guid(tx, guid).await? {
        return Ok(if is_own(import, known.author_id) { Taken::Done } else { Taken::Skipped("guid-taken") });
    }
    let root = match &reshare.root {
        Some((_, root)) => post::store::find_any_by_guid(tx, root.as_str()).await?,
        None => None,
    };
    let Some(root) = root.filter(|root| root.public && !root.local) else {
        return Ok(Taken::Skipped("parent-unknown"));
    };
    let new = NewReshare {
        guid: guid.to_owned(),
        author: import.person_id,
        created_at: Timestamp(reshare.created_at.micros()),
        root: Some(root.id),
    };
    post::receive_own_reshare(pod, tx, new, pod.clock.now()).await?;
    if import.finished_at.is_some() {
        post::store::own_into_home(tx, import.user_id).await?;
    }
    Ok(Taken::Done)
}

/// A comment or a like belongs to a post of one's own, or to a public one of elsewhere that is known here.
/// What never arrived at a post of this pod does not appear there years later.
async fn parent(tx: &mut Tx, import: &ImportRow, guid: &str) -> Result<Result<Post, &'static str>> {
    let parent = post::store::find_any_by_guid(tx, guid).await?;
    Ok(parent.filter(|parent| fits(import, parent)).ok_or("parent-unknown"))
}

fn fits(import: &ImportRow, parent: &Post) -> bool {
    is_own(import, parent.author_id) || (parent.public && !parent.local)
}

pub(super) async fn comment(pod: &Pod, tx: &mut Tx, import: &ImportRow, comment: Comment) -> Result<Taken> {
    let guid = comment.guid.as_str();
    if is_gone(tx, import, "Comment", guid).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    if let Some(author) = relayable::store::author_of_comment(tx, guid).await? {
        return Ok(if is_own(import, author) { Taken::Done } else { Taken::Skipped("guid-taken") });
    }
    let parent = match parent(tx, import, comment.parent_guid.as_str()).await? {
        Ok(parent) => parent,
        Err(reason) => return Ok(Taken::Skipped(reason)),
    };
    let now = pod.clock.now();
    let thread_parent = comment.thread_parent().map(|guid| guid.to_string());
    let new = NewComment {
        guid: comment.guid.to_string(),
        post: parent.id,
        author: import.person_id,
        text: comment.text,
        created_at: Timestamp(comment.created_at.micros()).min(now),
        mentioned: Vec::new(),
        thread_parent,
        edited_at: comment.edited_at.map(|at| Timestamp(at.micros())),
        relay_xml: None,
    };
    if relayable::store::insert_comment(tx, &new, now).await?.is_some() {
        relayable::store::count_comments(tx, parent.id, 1).await?;
    }
    Ok(Taken::Done)
}

pub(super) async fn like(pod: &Pod, tx: &mut Tx, import: &ImportRow, like: Like) -> Result<Taken> {
    if is_gone(tx, import, "Like", like.guid.as_str()).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    let parent = match parent(tx, import, like.parent_guid.as_str()).await? {
        Ok(parent) => parent,
        Err(reason) => return Ok(Taken::Skipped(reason)),
    };
    if relayable::store::like_of(tx, parent.id, import.old_person_id).await?.is_some() {
        return Ok(Taken::Done);
    }
    let new = NewLike {
        guid: like.guid.to_string(),
        post: parent.id,
        author: import.person_id,
        created_at: pod.clock.now(),
        relay_xml: None,
    };
    if relayable::store::insert_like(tx, &new, pod.clock.now()).await?.is_some() {
        relayable::store::count_likes(tx, parent.id, 1).await?;
    }
    Ok(Taken::Done)
}

pub(super) async fn comment_like(pod: &Pod, tx: &mut Tx, import: &ImportRow, like: Like) -> Result<Taken> {
    if is_gone(tx, import, "Like", like.guid.as_str()).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    let Some(comment) = outbox::store::comment_by_guid(tx, like.parent_guid.as_str()).await? else {
        return Ok(Taken::Skipped("parent-unknown"));
    };
    let post = match relayable::store::comment(tx, comment).await? {
        Some((_, post, _)) => post::store::find(tx, post).await?,
        None => None,
    };
    let Some(post) = post.filter(|post| fits(import, post)) else {
        return Ok(Taken::Skipped("parent-unknown"));
    };
    if relayable::store::comment_like_of(tx, comment, import.old_person_id).await?.is_some() {
        return Ok(Taken::Done);
    }
    let new = NewCommentLike {
        guid: like.guid.to_string(),
        comment,
        post: post.id,
        author: import.person_id,
        relay_xml: None,
    };
    if relayable::store::insert_comment_like(tx, &new, pod.clock.now()).await?.is_some() {
        relayable::store::count_comment_likes(tx, comment, 1).await?;
    }
    Ok(Taken::Done)
}

/// A vote or an answer to an invitation, as the member's under who they are now.
pub(super) async fn answer(pod: &Pod, tx: &mut Tx, import: &ImportRow, answer: &Entity) -> Result<Taken> {
    let Some(relayable) = answer.as_relayable() else { return Ok(Taken::Skipped("kind")) };
    let ((kind, attached), guid) = (relayable.parent(), relayable.guid());
    let buried_as = if kind == Kind::Poll { Kind::PollParticipation } else { Kind::EventParticipation };
    if is_gone(tx, import, buried_as.as_str(), guid.as_str()).await? {
        return Ok(Taken::Skipped("retracted"));
    }
    let hung_on = (inbox::raw_name(&kind), attached.as_str());
    let Some(owner) = attachment::owner(tx, hung_on.0, hung_on.1).await? else {
        return Ok(Taken::Skipped("parent-unknown"));
    };
    if let Err(reason) = parent(tx, import, &owner.guid).await? {
        return Ok(Taken::Skipped(reason));
    }
    let choice = answer.choice().unwrap_or_default();
    let me = outbox::id(&import.new_id)?;
    let Ok(mine) = Entity::answer(answer.name(), me, guid.clone(), attached.clone(), choice) else {
        return Ok(Taken::Skipped("invalid"));
    };
    let new = NewAnswer {
        kind: answer.name(),
        guid: guid.as_str(),
        parent: hung_on,
        author: import.person_id,
        xml: &mine.to_xml(),
        choice,
        replaces: None,
    };
    attachment::receive_answer(tx, &new, pod.clock.now()).await?;
    Ok(Taken::Done)
}
