//! Writing into a conversation.
use super::{MessageText, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    id::{ConversationId, MessageId},
    outbox::{self, Outgoing},
};

/// A message that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The row.
    pub id: MessageId,
    /// The name across pods.
    pub guid: String,
    /// Where it stands.
    pub conversation: ConversationId,
}

/// Sends a message to everybody in the conversation that `key` (a guid, or the number of its row) names.
pub async fn reply(pod: &Pod, who: Owner, key: &str, text: MessageText) -> Result<Sent> {
    let now = pod.clock.now();
    let guid = pod.new_guid().to_string();
    let mut tx = pod.db.begin_durable().await?;
    let conversation = store::find_visible(&mut tx, who.user(), key).await?.ok_or(Error::NotFound)?;
    if conversation.muted {
        return Err(Error::Forbidden("muted"));
    }
    let new = store::NewRow {
        guid: &guid,
        conversation: conversation.id,
        author: who.person(),
        text: &text.0,
        created_at: now,
    };
    let id = store::insert_message(&mut tx, &new, now).await?;
    let id = id.ok_or_else(|| Error::internal("a fresh guid was taken"))?;
    store::announce(&mut tx, conversation.id, who.person(), now).await?;
    outbox::enqueue(&mut tx, &Outgoing::Message(id), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(Sent { id, guid, conversation: conversation.id })
}
