//! Conversations and messages from other pods, verified. Each recipient gets a copy of their own, and it lets
//! in nobody but them.
use super::{fragment, store};
use crate::{
    contact,
    db::{self, Tx},
    id::{ConversationId, PersonId, Timestamp, UserId},
};

/// A conversation from another pod.
#[derive(Debug, Clone)]
pub struct NewConversation {
    /// The name across pods.
    pub guid: String,
    /// Who began it.
    pub author: PersonId,
    /// What it is about.
    pub subject: String,
    /// As its author says.
    pub created_at: Timestamp,
    /// Everybody in it by diaspora* ID, with the person where one was found.
    pub participants: Vec<(String, Option<PersonId>)>,
    /// Its first messages.
    pub messages: Vec<NewMessage>,
}

/// A message from another pod.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The name across pods.
    pub guid: String,
    /// The conversation's name.
    pub conversation: String,
    /// Who wrote it.
    pub author: PersonId,
    /// As it was written.
    pub text: String,
    /// As its author says.
    pub created_at: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It is stored, now or before.
    Stored,
    /// The member does not know its author, or the name belongs to something of somebody else.
    Refused,
    /// The member does not have this conversation yet.
    Unknown,
}

/// Stores a conversation for the member whose copy this is. Who is in it is what the first copy said: a later
/// one changes nothing and lets in nobody else.
pub async fn receive(
    tx: &mut Tx,
    new: &NewConversation,
    recipient: UserId,
    now: Timestamp,
) -> db::Result<Arrival> {
    if contact::store::find(tx, recipient, new.author).await?.is_none() {
        return Ok(Arrival::Refused);
    }
    let created_at = new.created_at.min(now);
    if let Some(id) = store::insert(tx, &new.guid, &new.subject, new.author, created_at).await? {
        store::insert_participants(tx, id, &new.participants).await?;
    }
    let mut known = store::find_any(tx, &new.guid).await?.ok_or(sqlx::Error::RowNotFound)?;
    if known.is_fragment && fragment::complete(tx, known.id, new, created_at).await? {
        known.author_id = new.author;
    }
    if known.author_id != new.author || !store::takes_part(tx, known.id, recipient).await? {
        return Ok(Arrival::Refused);
    }
    for message in &new.messages {
        store_message(tx, known.id, message, now).await?;
    }
    if store::show_to(tx, known.id, recipient, now).await? > 0 {
        store::catch_up(tx, known.id, recipient).await?;
    }
    Ok(Arrival::Stored)
}

/// Stores a message for the member whose copy this is. That its author and the member are in the conversation
/// was decided before, where it is known who is in it.
pub async fn receive_message(
    tx: &mut Tx,
    new: &NewMessage,
    recipient: UserId,
    now: Timestamp,
) -> db::Result<Arrival> {
    let known = match store::find_any(tx, &new.conversation).await? {
        Some(known) => known,
        None if fragment::begin(tx, new, recipient, now).await? => return Ok(Arrival::Stored),
        None => return Ok(Arrival::Unknown),
    };
    if !store::has(tx, known.id, recipient).await? {
        return Ok(Arrival::Unknown);
    }
    if known.is_fragment && !fragment::join(tx, known.id, new.author, recipient).await? {
        return Ok(Arrival::Refused);
    }
    if store_message(tx, known.id, new, now).await? { Ok(Arrival::Stored) } else { Ok(Arrival::Refused) }
}

/// False when the name belongs to another message.
pub(super) async fn store_message(
    tx: &mut Tx,
    conversation: ConversationId,
    new: &NewMessage,
    now: Timestamp,
) -> db::Result<bool> {
    let row = store::NewRow {
        guid: &new.guid,
        conversation,
        author: new.author,
        text: &new.text,
        created_at: new.created_at.min(now),
    };
    if store::insert_message(tx, &row, now).await?.is_some() {
        store::announce(tx, conversation, new.author, now).await?;
        return Ok(true);
    }
    store::is_message(tx, &new.guid, conversation, new.author).await
}
