//! Private messages as they travel: from their author straight to everybody else in the conversation,
//! encrypted for each.
use super::{
    dispatch::Parcel,
    entity::{guid, id, when},
    store::Recipient,
};
use crate::{
    Error, Pod, Result,
    conversation::store::{self, OutgoingRow},
    id::{ConversationId, MessageId, PersonId},
    person,
};
use futures_util::future::join_all;
use pappus_federation::entity::{Conversation, Entity, Message};

/// So many unknown participants are looked up for one message.
const MOST: usize = 8;

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
    // others wait no longer than the slowest of a few answers
    find_unknown(pod, row.conversation_id).await?;
    parcel(pod, &row, &Entity::Message(entity(&row)?)).await
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

/// Somebody whose pod did not answer when the conversation came may be found now. Who is not does not keep
/// the message from the others.
async fn find_unknown(pod: &Pod, conversation: ConversationId) -> Result<()> {
    let unknown = store::unknown(&mut pod.db.read().await?, conversation).await?;
    // not always the same, where there are more
    let [chance] = pod.random();
    let from = usize::from(chance) % unknown.len().max(1);
    let unknown: Vec<String> =
        unknown.iter().cycle().skip(from).take(MOST.min(unknown.len())).cloned().collect();
    let ids = unknown.iter().map(|name| id(name)).collect::<Result<Vec<_>>>()?;
    let answers = join_all(ids.iter().map(|id| person::discover(pod, id))).await;
    for (name, answer) in unknown.into_iter().zip(answers) {
        match answer {
            Ok(found) => {
                let mut tx = pod.db.begin().await?;
                store::found(&mut tx, &name, found.id).await?;
                tx.commit().await?;
            }
            Err(Error::Storage(error)) => return Err(error.into()),
            Err(error) => tracing::info!(%error, "somebody in a conversation cannot be found"),
        }
    }
    Ok(())
}
