//! One message of a conversation.

use crate::id::{DiasporaId, Guid};
use crate::time::Timestamp;
use crate::xml::Element;

use super::Invalid;
use super::field::{Fields, MAX_TEXT, Record, Value};

/// A message; goes from its author straight to every other participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who wrote it.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// The text, in Markdown.
    pub text: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    /// The conversation.
    pub conversation_guid: Guid,
}

impl Message {
    pub(crate) const NAME: &'static str = "message";

    /// A new message.
    pub fn new(
        author: DiasporaId,
        guid: Guid,
        text: String,
        created_at: Timestamp,
        conversation_guid: Guid,
    ) -> Self {
        Self { author, guid, text, created_at, edited_at: None, conversation_guid }
    }

    pub(super) fn read(element: &Element, now: Timestamp) -> Result<Self, Invalid> {
        let properties = ["author", "guid", "text", "created_at", "edited_at", "conversation_guid"];
        let record = Record::new(Self::NAME, element, &properties)?;
        Ok(Self {
            author: record.id("author")?,
            guid: record.guid("guid")?,
            text: record.filled("text", MAX_TEXT)?,
            created_at: record.instant_or("created_at", now)?,
            edited_at: record.maybe_instant("edited_at"),
            conversation_guid: record.guid("conversation_guid")?,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("text", Value::Text(&self.text)),
            ("created_at", Value::Time(self.created_at)),
            ("edited_at", Value::time(self.edited_at)),
            ("conversation_guid", Value::Text(self.conversation_guid.as_str())),
        ]
    }
}
