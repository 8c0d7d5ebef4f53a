//! A like (or a dislike) of a post or a comment: relayable.

use crate::id::{DiasporaId, Guid};
use crate::signature::{Relayable, Shape, Signed};
use crate::xml::{Element, Properties};

use super::field::{Fields, Record, Value};
use super::{Invalid, Kind};

/// A like. What travels is its [`Signed`] part; the other fields are read from there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Like {
    /// Who likes.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// What is liked.
    pub parent_guid: Guid,
    /// A post or a comment.
    pub parent_kind: Kind,
    /// False for a dislike, which only some peers have.
    pub positive: bool,
    signed: Signed,
}

impl Like {
    pub(crate) const NAME: &'static str = "like";

    /// A new like of a post or of a comment, not signed yet.
    pub fn new(author: DiasporaId, guid: Guid, of_comment: bool, parent_guid: Guid) -> Self {
        let parent_kind = if of_comment { Kind::Comment } else { Kind::Post };
        let signed = Signed::new(Properties::from_pairs([
            ("author", author.to_string()),
            ("guid", guid.to_string()),
            ("parent_guid", parent_guid.to_string()),
            ("parent_type", parent_kind.as_str().to_owned()),
            ("positive", "true".to_owned()),
        ]));
        Self { author, guid, parent_guid, parent_kind, positive: true, signed }
    }

    pub(super) fn read(element: &Element, source: &str) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &[])?;
        let parent_kind = match record.require("parent_type")? {
            "Post" => Kind::Post,
            "Comment" => Kind::Comment,
            _ => return Err(record.broken("parent_type", "post_or_comment")),
        };
        Ok(Self {
            signed: Signed::read(&record, source)?,
            author: record.id("author")?,
            guid: record.guid("guid")?,
            parent_guid: record.guid("parent_guid")?,
            parent_kind,
            positive: record.flag("positive")?,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("parent_guid", Value::Text(self.parent_guid.as_str())),
            ("author_signature", Value::optional(self.signed.author_signature())),
            ("parent_type", Value::Text(self.parent_kind.as_str())),
            ("positive", Value::Bool(self.positive)),
        ]
    }
}

impl Relayable for Like {
    fn author(&self) -> &DiasporaId {
        &self.author
    }

    fn guid(&self) -> &Guid {
        &self.guid
    }

    fn parent(&self) -> (Kind, &Guid) {
        (self.parent_kind.clone(), &self.parent_guid)
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
            ("parent_type", Shape::Text),
            ("positive", Shape::Bool),
        ]
    }
}
