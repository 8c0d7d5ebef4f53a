//! "I share with you", or no longer.

use crate::id::DiasporaId;
use crate::xml::Element;

use super::Invalid;
use super::field::{Fields, Record, Value};

/// How its author stands to its recipient. Private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Whose relation.
    pub author: DiasporaId,
    /// To whom.
    pub recipient: DiasporaId,
    /// The author wants the recipient's posts.
    pub following: bool,
    /// The author will send limited posts to the recipient.
    pub sharing: bool,
    /// The author blocks the recipient.
    pub blocking: bool,
}

impl Contact {
    pub(crate) const NAME: &'static str = "contact";

    /// The author starts sharing with, or stops.
    pub fn new(author: DiasporaId, recipient: DiasporaId, sharing: bool) -> Self {
        Self { author, recipient, following: sharing, sharing, blocking: false }
    }

    /// The author blocks.
    pub fn blocking(author: DiasporaId, recipient: DiasporaId) -> Self {
        Self { author, recipient, following: false, sharing: false, blocking: true }
    }

    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let properties = ["author", "recipient", "following", "sharing", "blocking"];
        let record = Record::new(Self::NAME, element, &properties)?;
        let contact = Self {
            author: record.id("author")?,
            recipient: record.id("recipient")?,
            following: record.flag_or("following", true)?,
            sharing: record.flag_or("sharing", true)?,
            blocking: record.flag_or("blocking", false)?,
        };
        if contact.blocking && (contact.following || contact.sharing) {
            return Err(record.broken("blocking", "blocking_or_sharing"));
        }
        Ok(contact)
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("recipient", Value::Text(self.recipient.as_str())),
            ("following", Value::Bool(self.following)),
            ("sharing", Value::Bool(self.sharing)),
            ("blocking", Value::Bool(self.blocking)),
        ]
    }
}
