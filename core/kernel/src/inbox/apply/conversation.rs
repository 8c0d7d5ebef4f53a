//! Private conversations and their messages, each copy for one member.
use super::when;
use crate::{
    Error, Pod, Result, contact,
    conversation::{self, Arrival, NewConversation, NewMessage},
    id::{PersonId, UserId},
    inbox::{
        fetch::Budget,
        stop::{Denied, Stop},
    },
    person::{self, Person},
};
use pappus_federation::{
    entity::{Conversation, Invalid, Message},
    id::DiasporaId,
    receive::Refused,
};

/// With more people in it a conversation is refused.
const MOST_PARTICIPANTS: usize = 100;

pub(super) async fn conversation(
    pod: &Pod,
    it: Conversation,
    sender: &Person,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let Some(user) = recipient else { return Ok(()) };
    if it.participants.len() > MOST_PARTICIPANTS {
        let (entity, property) = ("conversation", "participants");
        return Err(Refused::Invalid(Invalid::Property { entity, property, rule: "too_many" }).into());
    }
    // before anybody is looked up for a stranger
    if contact::store::find(&mut pod.db.read().await?, user, sender.id).await?.is_none() {
        return Err(Denied::Stranger.into());
    }
    let mut participants = Vec::with_capacity(it.participants.len());
    for id in &it.participants {
        participants.push(found(pod, id, budget).await?);
    }
    let new = NewConversation {
        guid: it.guid.to_string(),
        author: sender.id,
        subject: it.subject,
        created_at: when(it.created_at),
        participants,
        messages: it.messages.into_iter().map(|message| new_message(message, sender.id)).collect(),
    };
    let mut tx = pod.db.begin().await?;
    verdict(conversation::receive(&mut tx, &new, user, pod.clock.now()).await?)?;
    Ok(tx.commit().await?)
}

/// One for a conversation that is not here comes again: its conversation may be on the way.
pub(super) async fn message(
    pod: &Pod,
    it: Message,
    sender: &Person,
    recipient: Option<UserId>,
) -> Result<(), Stop> {
    let Some(user) = recipient else { return Ok(()) };
    let mut tx = pod.db.begin().await?;
    let new = new_message(it, sender.id);
    verdict(conversation::receive_message(&mut tx, &new, user, pod.clock.now()).await?)?;
    Ok(tx.commit().await?)
}

fn verdict(arrival: Arrival) -> Result<(), Stop> {
    match arrival {
        Arrival::Stored => Ok(()),
        Arrival::Refused => Err(Denied::Stranger.into()),
        Arrival::Unknown => Err(Refused::ParentUnknown.into()),
    }
}

fn new_message(it: Message, author: PersonId) -> NewMessage {
    NewMessage {
        guid: it.guid.to_string(),
        conversation: it.conversation_guid.to_string(),
        author,
        text: it.text,
        created_at: when(it.created_at),
    }
}

/// Somebody in it, as who they are now: whoever began it may not have heard of a move. Who cannot be found is
/// looked for again when something is sent to them.
async fn found(pod: &Pod, id: &DiasporaId, budget: &mut Budget) -> Result<(String, Option<PersonId>)> {
    match budget.discover(pod, id).await {
        Ok(person) if person.closed => {
            let now = person::store::moved_to(&mut pod.db.read().await?, person.id).await?.unwrap_or(person);
            Ok((now.diaspora_id, Some(now.id)))
        }
        Ok(person) => Ok((person.diaspora_id, Some(person.id))),
        Err(Error::Storage(error)) => Err(error.into()),
        Err(error) => {
            tracing::info!(%error, "somebody in a conversation was not found");
            Ok((id.to_string(), None))
        }
    }
}
