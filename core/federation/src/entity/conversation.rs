//! A private conversation with its first messages.

use crate::id::{DiasporaId, Guid};
use crate::time::Timestamp;
use crate::xml::Element;

use super::field::{Fields, MAX_LINE, MAX_TEXT, Record, Value};
use super::{Invalid, Message};

/// A conversation between its author and others. Private.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// Who began it.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// What it is about.
    pub subject: String,
    /// When.
    pub created_at: Timestamp,
    /// Everybody in it, the author too.
    pub participants: Vec<DiasporaId>,
    /// The first messages, all by the author.
    pub messages: Vec<Message>,
    /// `participants` as on the wire.
    joined: String,
}

impl Conversation {
    pub(crate) const NAME: &'static str = "conversation";

    /// A conversation that begins with one message.
    pub fn new(subject: String, participants: Vec<DiasporaId>, first: Message) -> Self {
        let joined = participants.iter().map(DiasporaId::as_str).collect::<Vec<_>>().join(";");
        Self {
            author: first.author.clone(),
            guid: first.conversation_guid.clone(),
            subject,
            created_at: first.created_at,
            participants,
            messages: vec![first],
            joined,
        }
    }

    pub(super) fn read(element: &Element, now: Timestamp) -> Result<Self, Invalid> {
        let properties = ["author", "guid", "subject", "created_at", "participants"];
        let record = Record::new(Self::NAME, element, &properties)?;
        let author = record.id("author")?;
        let guid = record.guid("guid")?;
        let joined = record.filled("participants", MAX_TEXT)?;
        let participants = Self::participants(&joined)
            .filter(|ids| ids.contains(&author))
            .ok_or_else(|| record.broken("participants", "two_or_more_with_the_author"))?;
        let messages =
            record.list("message").map(|m| Message::read(m, now)).collect::<Result<Vec<_>, _>>()?;
        if messages.iter().any(|message| message.author != author || message.conversation_guid != guid) {
            return Err(record.broken("message", "same_author_and_conversation"));
        }
        Ok(Self {
            author,
            guid,
            subject: record.filled("subject", MAX_LINE)?,
            created_at: record.instant_or("created_at", now)?,
            participants,
            messages,
            joined,
        })
    }

    /// Reads two or more ids joined by `;`.
    pub fn participants(joined: &str) -> Option<Vec<DiasporaId>> {
        let ids = joined.split(';').map(|id| id.parse().ok()).collect::<Option<Vec<_>>>()?;
        (ids.len() >= 2).then_some(ids)
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("subject", Value::Text(&self.subject)),
            ("created_at", Value::Time(self.created_at)),
            ("participants", Value::Text(&self.joined)),
            ("messages", Value::List("message", self.messages.iter().map(Message::fields).collect())),
        ]
    }
}
