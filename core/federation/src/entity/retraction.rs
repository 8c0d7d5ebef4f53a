//! Taking something back.

use crate::id::{DiasporaId, Guid};
use crate::xml::Element;

use super::field::{Fields, MAX_LINE, Record, Value};
use super::{Invalid, Kind};

/// A retraction. Who may retract is decided by the envelope's sender, not by `author`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retraction {
    /// The author of the target, or whom a peer takes for it.
    pub author: DiasporaId,
    /// What goes.
    pub target_guid: Guid,
    /// What that is.
    pub target_kind: Kind,
    /// `target_type` as on the wire.
    target_type: String,
}

impl Retraction {
    pub(crate) const NAME: &'static str = "retraction";

    /// A retraction of something by `author`.
    pub fn new(author: DiasporaId, target_kind: Kind, target_guid: Guid) -> Self {
        let target_type = target_kind.as_str().to_owned();
        Self { author, target_guid, target_kind, target_type }
    }

    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &["author", "target_guid", "target_type"])?;
        let target_type = record.filled("target_type", MAX_LINE)?;
        Ok(Self {
            author: record.id("author")?,
            target_guid: record.guid("target_guid")?,
            target_kind: Kind::from(target_type.as_str()),
            target_type,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("target_guid", Value::Text(self.target_guid.as_str())),
            ("target_type", Value::Text(&self.target_type)),
        ]
    }
}
