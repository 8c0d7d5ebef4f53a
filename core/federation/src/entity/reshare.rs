//! A post that passes on somebody's public post.

use crate::id::{DiasporaId, Guid};
use crate::time::Timestamp;
use crate::xml::Element;

use super::Invalid;
use super::field::{Fields, Record, Value};

/// A reshare; always public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reshare {
    /// Who passes it on.
    pub author: DiasporaId,
    /// Its own name.
    pub guid: Guid,
    /// When.
    pub created_at: Timestamp,
    /// Whose post, and which; none if it was deleted.
    pub root: Option<(DiasporaId, Guid)>,
}

impl Reshare {
    pub(crate) const NAME: &'static str = "reshare";

    /// A reshare of `root`, which must be a public status message and no reshare itself.
    pub fn new(author: DiasporaId, guid: Guid, created_at: Timestamp, root: (DiasporaId, Guid)) -> Self {
        Self { author, guid, created_at, root: Some(root) }
    }

    pub(super) fn read(element: &Element, now: Timestamp) -> Result<Self, Invalid> {
        let properties = ["author", "guid", "created_at", "root_author", "root_guid"];
        let record = Record::new(Self::NAME, element, &properties)?;
        let root = match (record.maybe_id("root_author")?, record.maybe_guid("root_guid")?) {
            (Some(author), Some(guid)) => Some((author, guid)),
            (None, None) => None,
            _ => return Err(record.broken("root_guid", "both_or_none")),
        };
        Ok(Self {
            author: record.id("author")?,
            guid: record.guid("guid")?,
            created_at: record.instant_or("created_at", now)?,
            root,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        let root = self.root.as_ref();
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("created_at", Value::Time(self.created_at)),
            ("root_author", Value::optional(root.map(|(author, _)| author.as_str()))),
            ("root_guid", Value::optional(root.map(|(_, guid)| guid.as_str()))),
        ]
    }
}
