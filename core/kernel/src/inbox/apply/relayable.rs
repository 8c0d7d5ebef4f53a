//! What hangs on posts: comments, likes, votes and the like, participations.
use super::{mentioned, when};
use crate::{
    Error, Pod, Result,
    attachment::{self, NewAnswer},
    db::Tx,
    id::{PersonId, Timestamp},
    inbox::{
        fetch::Budget,
        gather::raw_name,
        receive::may_answer,
        stop::{Denied, Stop},
        store::{self, PostRow, Raw},
    },
    moving,
    outbox::{self, Outgoing},
    person::{self, Person},
    post::{self, Arrival},
    relayable::{
        self,
        comment::{self, NewComment},
        comment_like::{self, NewCommentLike},
        like::{self, NewLike},
        participate,
    },
};
use pappus_federation::{
    entity::{Comment, Entity, Kind, Like, Participation},
    id::{DiasporaId, Guid},
    signature::Relayable,
};

/// Whoever said it, as who they are now: what others send on may come after the word of a move.
async fn author(pod: &Pod, id: &DiasporaId, budget: &mut Budget) -> Result<PersonId> {
    let person = budget.discover(pod, id).await?;
    Ok(moving::newest(&mut pod.db.read().await?, person.id).await?.unwrap_or(person.id))
}

pub(in crate::inbox) async fn comment(
    pod: &Pod,
    comment: Comment,
    relay: Option<String>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let author = author(pod, &comment.author, budget).await?;
    let parent = store::post(&mut pod.db.read().await?, comment.parent_guid.as_str()).await?;
    let public = parent.is_some_and(|parent| parent.public);
    let mentioned = mentioned(pod, &comment.text, public, budget).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let parent = store::post(&mut tx, comment.parent_guid.as_str()).await?.ok_or(Error::NotFound)?;
    let target = ("Comment", comment.guid.as_str());
    if is_unwanted(pod, &mut tx, &parent, author, target, budget.arrival()).await? {
        return unwanted(pod, tx).await;
    }
    let relays = relay.is_some() && budget.arrival() == Arrival::News;
    let new = NewComment {
        guid: comment.guid.to_string(),
        post: parent.id,
        author,
        thread_parent: comment.thread_parent().map(|guid| guid.to_string()),
        edited_at: comment.edited_at.map(when),
        text: comment.text,
        created_at: when(comment.created_at).min(now),
        mentioned,
        relay_xml: relay,
    };
    if let Some(id) = comment::receive_as(&mut tx, new, budget.arrival(), now).await?
        && relays
    {
        outbox::enqueue(&mut tx, &Outgoing::Comment(id), now).await?;
    }
    done(pod, tx).await
}

/// A like of a post or of a comment. A dislike is kept and relayed, and counts for nothing.
pub(in crate::inbox) async fn like(
    pod: &Pod,
    like: Like,
    relay: Option<String>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let author = author(pod, &like.author, budget).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let guid = like.parent_guid.as_str();
    let (post, comment) = match like.parent_kind {
        Kind::Comment => {
            let row = store::comment(&mut tx, guid).await?.ok_or(Error::NotFound)?;
            (row.post_guid.clone(), Some(row.comment()))
        }
        _ => (guid.to_owned(), None),
    };
    let parent = store::post(&mut tx, &post).await?.ok_or(Error::NotFound)?;
    let target = ("Like", like.guid.as_str());
    if is_unwanted(pod, &mut tx, &parent, author, target, budget.arrival()).await? {
        return unwanted(pod, tx).await;
    }
    let (relays, guid) = (relay.is_some() && budget.arrival() == Arrival::News, like.guid.to_string());
    let stored = match comment {
        _ if !like.positive => keep(&mut tx, like, author, &parent, relay, now).await?,
        Some(comment) => {
            let new = NewCommentLike { guid, comment, post: parent.id, author, relay_xml: relay };
            comment_like::receive_as(&mut tx, new, budget.arrival(), now).await?.map(Outgoing::CommentLike)
        }
        None => {
            let name = guid.clone();
            let new = NewLike { guid, post: parent.id, author, created_at: now, relay_xml: relay };
            let stored = like::receive_as(&mut tx, new, budget.arrival(), now).await?;
            if stored.is_none() && budget.arrival() == Arrival::News {
                other_like_stays(&mut tx, &parent, author, &name).await?;
            }
            stored.map(Outgoing::Like)
        }
    };
    if let Some(outgoing) = stored
        && relays
    {
        outbox::enqueue(&mut tx, &outgoing, now).await?;
    }
    done(pod, tx).await
}

/// Everybody likes a post once. Who does so already under another name took that like back, and the word of it
/// is still on its way: an error, so that this one is tried again.
async fn other_like_stays(tx: &mut Tx, parent: &PostRow, author: PersonId, guid: &str) -> Result<()> {
    let other = relayable::store::like_of(tx, parent.id, author).await?;
    if other.is_none_or(|(_, other)| other == guid)
        || post::gone::is_taken_back(tx, "Like", guid, author, Some(parent.id)).await?
    {
        return Ok(());
    }
    Err(Error::Remote("its author likes the post already, with a like that may be taken back".into()))
}

/// A dislike: as it came, one of each post or comment by each author. It counts for nothing, so that another is not
/// even waited for.
async fn keep(
    tx: &mut Tx,
    dislike: Like,
    author: PersonId,
    parent: &PostRow,
    relay: Option<String>,
    now: Timestamp,
) -> Result<Option<Outgoing>> {
    let (guid, target) = (dislike.guid.to_string(), dislike.parent_guid.to_string());
    if post::gone::is_taken_back(tx, "Like", &guid, author, Some(parent.id)).await? {
        return Ok(None);
    }
    let entity = Entity::Like(dislike);
    let xml = relay.unwrap_or_else(|| entity.to_xml());
    let raw = Raw {
        kind: entity.name(),
        guid: &guid,
        author,
        parent_guid: &parent.guid,
        target_guid: &target,
        xml: &xml,
    };
    if store::insert_raw(tx, &raw, now).await? == 0 {
        return Ok(None);
    }
    relayable::store::keep_payload(tx, entity.name(), &guid, parent.id, &xml).await?;
    Ok(Some(Outgoing::Relay { entity: entity.name().into(), guid, author }))
}

/// An answer to something that hangs on a post: a vote, a reply to an invitation.
pub(in crate::inbox) async fn answer(
    pod: &Pod,
    entity: &Entity,
    relay: Option<String>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let Some((kind, attached)) = parent_of(entity) else { return Ok(()) };
    let author = author(pod, entity.author(), budget).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let Some(guid) = entity.guid().map(Guid::as_str) else { return Ok(()) };
    let buried_as = answer_kind(entity).as_str().to_owned();
    let owner = attachment::owner(&mut tx, raw_name(&kind), attached.as_str()).await?;
    let owner = owner.ok_or(Error::NotFound)?;
    let parent = store::post(&mut tx, &owner.guid).await?.ok_or(Error::NotFound)?;
    if is_unwanted(pod, &mut tx, &parent, author, (&buried_as, guid), budget.arrival()).await? {
        return unwanted(pod, tx).await;
    }
    if post::gone::is_taken_back(&mut tx, &buried_as, guid, author, Some(parent.id)).await? {
        return Err(Denied::Gone.into());
    }
    let xml = relay.clone().unwrap_or_else(|| entity.to_xml());
    let new = NewAnswer {
        kind: entity.name(),
        guid,
        parent: (raw_name(&kind), attached.as_str()),
        author,
        xml: &xml,
        choice: entity.choice().unwrap_or_default(),
        // what an archive holds may be older than what is here
        replaces: (kind == Kind::Event && budget.arrival() == Arrival::News).then_some(buried_as.as_str()),
    };
    if attachment::receive_answer(&mut tx, &new, now).await?.is_some() && relay.is_some() {
        relayable::store::keep_payload(&mut tx, entity.name(), guid, parent.id, &xml).await?;
        if budget.arrival() == Arrival::News {
            let relay = Outgoing::Relay { entity: entity.name().into(), guid: guid.to_owned(), author };
            outbox::enqueue(&mut tx, &relay, now).await?;
        }
    }
    done(pod, tx).await
}

fn parent_of(entity: &Entity) -> Option<(Kind, &Guid)> {
    entity.as_relayable().map(Relayable::parent)
}

const fn answer_kind(entity: &Entity) -> Kind {
    match entity {
        Entity::PollParticipation(_) => Kind::PollParticipation,
        _ => Kind::EventParticipation,
    }
}

/// Somebody wants to hear what happens to a post of this pod. Of a limited one only its audience may.
pub(super) async fn participation(pod: &Pod, it: &Participation, sender: &Person) -> Result<(), Stop> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    if let Some(post) = store::post(&mut tx, it.parent_guid.as_str()).await?
        && (post.public || store::was_sent(&mut tx, post.id, sender.id).await?)
    {
        participate::receive(&mut tx, it.guid.as_str(), post.id, sender.id, now).await?;
        return Ok(tx.commit().await?);
    }
    Err(Denied::Unwanted.into())
}

async fn done(pod: &Pod, tx: Tx) -> Result<(), Stop> {
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// What is answered is committed, and the message is refused.
async fn unwanted(pod: &Pod, tx: Tx) -> Result<(), Stop> {
    done(pod, tx).await?;
    Err(Denied::Unwanted.into())
}

/// On a post of this pod: whoever its author ignores is told by a retraction that it was not wanted, if it is news; and
/// in a limited thread nobody speaks who was not sent the post.
async fn is_unwanted(
    pod: &Pod,
    tx: &mut Tx,
    parent: &PostRow,
    author: PersonId,
    (target_type, guid): (&str, &str),
    arrival: Arrival,
) -> Result<bool> {
    if !parent.local {
        return Ok(false);
    }
    if !parent.public && author != parent.author_id && !store::was_sent(tx, parent.id, author).await? {
        return Ok(true);
    }
    if !relayable::is_refused(tx, parent.id, author).await? {
        return Ok(false);
    }
    if arrival == Arrival::News
        && let Some(user) = person::store::user_of(tx, parent.author_id).await?
        && let Some(id) = outbox::store::diaspora_id(tx, author).await?
        && may_answer(pod, &id, "retraction")
    {
        let retraction = Outgoing::Retraction {
            user,
            author,
            target_type: target_type.into(),
            target_guid: guid.to_owned(),
            public: parent.public,
            recipients: vec![author],
        };
        outbox::enqueue(tx, &retraction, pod.clock.now()).await?;
    }
    Ok(true)
}
