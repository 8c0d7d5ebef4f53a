//! Beginning a conversation with mutual contacts.
use super::{MessageText, Subject, store};
use crate::{
    Error, Invalid, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{ConversationId, PersonId, Timestamp},
    outbox::{self, Outgoing},
};
use std::collections::BTreeSet;

/// The most people that somebody can write to at once.
pub const MOST_RECIPIENTS: usize = 50;

/// A conversation that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The row.
    pub id: ConversationId,
    /// The name across pods.
    pub guid: String,
}

/// Begins a conversation with its first message. Everybody in `with` must be a mutual contact.
pub async fn start(
    pod: &Pod,
    who: Owner,
    subject: Subject,
    text: MessageText,
    with: &BTreeSet<PersonId>,
) -> Result<Started> {
    match with.len() {
        0 => return Err(Invalid::new("recipients", "required").into()),
        1..=MOST_RECIPIENTS => {}
        _ => return Err(Invalid::new("recipients", "too-many").into()),
    }
    let now = pod.clock.now();
    let guid = pod.new_guid().to_string();
    let message = pod.new_guid().to_string();
    let mut tx = pod.db.begin_durable().await?;
    let others = store::mutual_among(&mut tx, who.user(), with).await?;
    if others.len() != with.len() {
        return Err(Invalid::new("recipients", "not-mutual").into());
    }
    let taken = || Error::internal("a fresh guid was taken");
    let id = store::insert(&mut tx, &guid, subject.as_str(), who.person(), now).await?.ok_or_else(taken)?;
    invite(&mut tx, id, who, &others, now).await?;
    let first = store::NewRow {
        guid: &message,
        conversation: id,
        author: who.person(),
        text: &text.0,
        created_at: now,
    };
    store::insert_message(&mut tx, &first, now).await?.ok_or_else(taken)?;
    store::announce(&mut tx, id, who.person(), now).await?;
    if others.iter().any(|other| other.user_id.is_none()) {
        outbox::enqueue(&mut tx, &Outgoing::Conversation(id), now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(Started { id, guid })
}

/// Writes down who is in it, the author first, and shows it to those of this pod.
async fn invite(
    tx: &mut Tx,
    id: ConversationId,
    who: Owner,
    others: &[store::Addressee],
    now: Timestamp,
) -> db::Result<()> {
    let me = store::diaspora_id(tx, who.person()).await?.ok_or(sqlx::Error::RowNotFound)?;
    store::insert_participant(tx, id, &me, Some(who.person()), 0).await?;
    store::show_to(tx, id, who.user(), now).await?;
    for (other, position) in others.iter().zip(1..) {
        store::insert_participant(tx, id, &other.diaspora_id, Some(other.person_id), position).await?;
        if let Some(user) = other.user_id {
            store::show_to(tx, id, user, now).await?;
        }
    }
    Ok(())
}
