//! Private messages as they travel: from their author straight to everybody else in the conversation,
//! encrypted for each.
use super::{
    Dispatch, Outgoing,
    dispatch::Parcel,
    entity::{guid, id, when},
    store::Recipient,
};
use crate::{
    Error, Pod, Result,
    conversation::store::{self, OutgoingRow},
    id::{ConversationId, MessageId, PersonId},
    inbox, job,
};
use pappus_federation::entity::{Conversation, Entity, Message};

/// So many unknown participants are looked up for one message.
const MOST: usize = 20;

/// A conversation with the message that it begins with.
pub(super) async fn whole(pod: &Pod, conversation: ConversationId) -> Result<Parcel> {
    let mut conn = pod.db.read().await?;
    let first = store::first_message(&mut conn, conversation).await?.ok_or(Error::NotFound)?;
    let row = store::outgoing(&mut conn, first).await?.ok_or(Error::NotFound)?;
    let people = store::participants(&mut conn, &row.conversation_guid).await?;
    drop(conn);
    let people = people.iter().map(|one| id(one)).collect::<Result<Vec<_>>>()?;
    let entity = Conversation::new(row.subject.clone(), people, entity(&row)?);
    parcel(pod, &row, &Entity::Conversation(entity)).await
}

/// The same, for one of those in it.
pub(super) async fn introduction(pod: &Pod, conversation: ConversationId, to: PersonId) -> Result<Parcel> {
    let mut parcel = whole(pod, conversation).await?;
    parcel.to.retain(|recipient| recipient.person_id == to);
    Ok(parcel)
}

/// A later message.
pub(super) async fn message(pod: &Pod, message: MessageId) -> Result<Parcel> {
    let row = store::outgoing(&mut pod.db.read().await?, message).await?.ok_or(Error::NotFound)?;
    look_up(pod, message, row.conversation_id).await?;
    parcel(pod, &row, &Entity::Message(entity(&row)?)).await
}

/// The same for somebody who was not known when it was sent. Fails until their pod answers.
pub(super) async fn late(pod: &Pod, message: MessageId, name: &str) -> Result<Parcel> {
    let row = store::outgoing(&mut pod.db.read().await?, message).await?.ok_or(Error::NotFound)?;
    let person = inbox::find_person(pod, &id(name)?).await?.id;
    let mut tx = pod.db.begin().await?;
    store::found(&mut tx, name, person).await?;
    tx.commit().await?;
    let mut parcel = parcel(pod, &row, &Entity::Message(entity(&row)?)).await?;
    parcel.to.retain(|recipient| recipient.person_id == person);
    Ok(parcel)
}

fn entity(row: &OutgoingRow) -> Result<Message> {
    Ok(Message::new(
        id(&row.author)?,
        guid(&row.guid)?,
        row.text.clone(),
        when(row.created_at),
        guid(&row.conversation_guid)?,
    ))
}

async fn parcel(pod: &Pod, row: &OutgoingRow, entity: &Entity) -> Result<Parcel> {
    let to = store::remote(&mut pod.db.read().await?, row.conversation_id, row.author_id).await?;
    let to = to.into_iter().map(|(person_id, remote_pod_id)| Recipient { person_id, remote_pod_id });
    Ok(Parcel::of(row.user_id, entity, false, to.collect()))
}

/// Somebody whose pod did not answer when the conversation came may be found now: each by a job of their own, so that
/// they delay nobody who is known.
async fn look_up(pod: &Pod, message: MessageId, conversation: ConversationId) -> Result<()> {
    let unknown = store::unknown(&mut pod.db.read().await?, conversation).await?;
    if unknown.is_empty() {
        return Ok(());
    }
    let now = pod.clock.now();
    // not always the same, where there are more
    let [chance] = pod.random();
    let from = usize::from(chance) % unknown.len();
    let mut tx = pod.db.begin().await?;
    for name in unknown.iter().cycle().skip(from).take(MOST.min(unknown.len())) {
        let key = format!("message {message} {name}");
        let one = Dispatch(Outgoing::LateMessage { message, name: name.clone() });
        job::enqueue_at(&mut tx, &one, Some(&key), now, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}
