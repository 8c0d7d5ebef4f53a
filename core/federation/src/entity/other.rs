//! The relayables that features outside the core act on: votes and answers to events. Their
//! shape, signature, relay and retraction are the protocol's, so they are known here.

use crate::id::{DiasporaId, Guid};
use crate::signature::{Relayable, Shape, Signed};
use crate::time::Timestamp;
use crate::xml::{Element, Properties};

use super::field::{Fields, Record, Value};
use super::{Invalid, Kind};

/// A vote in a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollParticipation {
    /// Who votes.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// The poll (not the post it is in).
    pub parent_guid: Guid,
    /// The answer.
    pub poll_answer_guid: Guid,
    signed: Signed,
}

impl PollParticipation {
    pub(crate) const NAME: &'static str = "poll_participation";

    /// A new vote, not signed yet.
    pub fn new(author: DiasporaId, guid: Guid, poll: Guid, answer: Guid) -> Self {
        let signed = Signed::new(Properties::from_pairs([
            ("author", author.to_string()),
            ("guid", guid.to_string()),
            ("parent_guid", poll.to_string()),
            ("poll_answer_guid", answer.to_string()),
        ]));
        Self { author, guid, parent_guid: poll, poll_answer_guid: answer, signed }
    }

    pub(super) fn read(element: &Element, source: &str) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &[])?;
        Ok(Self {
            signed: Signed::read(&record, source)?,
            author: record.id("author")?,
            guid: record.guid("guid")?,
            parent_guid: record.guid("parent_guid")?,
            poll_answer_guid: record.guid("poll_answer_guid")?,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("parent_guid", Value::Text(self.parent_guid.as_str())),
            ("author_signature", Value::optional(self.signed.author_signature())),
            ("poll_answer_guid", Value::Text(self.poll_answer_guid.as_str())),
        ]
    }
}

/// What somebody answers to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as on the wire")]
pub enum Answer {
    Accepted,
    Declined,
    Tentative,
}

impl Answer {
    /// By its name on the wire.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Declined, Self::Tentative].into_iter().find(|answer| answer.as_str() == name)
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Tentative => "tentative",
        }
    }
}

/// An answer to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventParticipation {
    /// Who answers.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// The event.
    pub parent_guid: Guid,
    /// The answer.
    pub status: Answer,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    signed: Signed,
}

impl EventParticipation {
    pub(crate) const NAME: &'static str = "event_participation";

    /// A new answer, not signed yet.
    pub fn new(author: DiasporaId, guid: Guid, event: Guid, status: Answer) -> Self {
        let signed = Signed::new(Properties::from_pairs([
            ("author", author.to_string()),
            ("guid", guid.to_string()),
            ("parent_guid", event.to_string()),
            ("status", status.as_str().to_owned()),
        ]));
        Self { author, guid, parent_guid: event, status, edited_at: None, signed }
    }

    pub(super) fn read(element: &Element, source: &str) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &[])?;
        let status = Answer::named(record.require("status")?)
            .ok_or_else(|| record.broken("status", "accepted_declined_or_tentative"))?;
        Ok(Self {
            signed: Signed::read(&record, source)?,
            author: record.id("author")?,
            guid: record.guid("guid")?,
            parent_guid: record.guid("parent_guid")?,
            status,
            edited_at: record.maybe_instant("edited_at"),
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("parent_guid", Value::Text(self.parent_guid.as_str())),
            ("author_signature", Value::optional(self.signed.author_signature())),
            ("status", Value::Text(self.status.as_str())),
            ("edited_at", Value::time(self.edited_at)),
        ]
    }
}

macro_rules! relayable {
    ($name:ident, $parent:expr, $($own:literal: $shape:ident),+) => {
        impl Relayable for $name {
            fn author(&self) -> &DiasporaId {
                &self.author
            }

            fn guid(&self) -> &Guid {
                &self.guid
            }

            fn parent(&self) -> (Kind, &Guid) {
                ($parent, &self.parent_guid)
            }

            fn signed(&self) -> &Signed {
                &self.signed
            }

            fn signed_mut(&mut self) -> &mut Signed {
                &mut self.signed
            }

            fn known(&self) -> &'static [(&'static str, Shape)] {
                &[
                    ("author", Shape::Text),
                    ("guid", Shape::Text),
                    ("parent_guid", Shape::Text),
                    $(($own, Shape::$shape)),+
                ]
            }
        }
    };
}

relayable!(PollParticipation, Kind::Poll, "poll_answer_guid": Text);
relayable!(EventParticipation, Kind::Event, "status": Text, "edited_at": Time);
