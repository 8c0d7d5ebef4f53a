//! A subscription: "send me every interaction on this post".

use crate::id::{DiasporaId, Guid};
use crate::xml::Element;

use super::Invalid;
use super::field::{Fields, Record, Value};

/// A subscription to a post; sent privately to the post's author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// Who wants to hear.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// The post.
    pub parent_guid: Guid,
}

impl Participation {
    pub(crate) const NAME: &'static str = "participation";

    /// A subscription to a post.
    pub fn new(author: DiasporaId, guid: Guid, parent_guid: Guid) -> Self {
        Self { author, guid, parent_guid }
    }

    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &["author", "guid", "parent_guid", "parent_type"])?;
        if record.require("parent_type")? != "Post" {
            return Err(record.broken("parent_type", "post"));
        }
        Ok(Self {
            author: record.id("author")?,
            guid: record.guid("guid")?,
            parent_guid: record.guid("parent_guid")?,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("parent_guid", Value::Text(self.parent_guid.as_str())),
            ("parent_type", Value::Text("Post")),
        ]
    }
}
