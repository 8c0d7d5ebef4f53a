//! A comment on a post: relayable.

use crate::id::{DiasporaId, Guid};
use crate::signature::{Relayable, Shape, Signed};
use crate::time::Timestamp;
use crate::xml::{Element, Properties};

use super::field::{Fields, MAX_TEXT, Record, Value, fits};
use super::{Invalid, Kind};

const THREAD_PARENT: &str = "thread_parent_guid";

/// A comment. What travels is its [`Signed`] part; the other fields are read from there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comment {
    /// Who wrote it.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// The post.
    pub parent_guid: Guid,
    /// The text, in Markdown.
    pub text: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    signed: Signed,
}

impl Comment {
    pub(crate) const NAME: &'static str = "comment";

    /// A new comment, not signed yet. White space around the text is dropped here, because
    /// diaspora* drops it after the signature was made and so breaks it for everybody else.
    pub fn new(
        author: DiasporaId,
        guid: Guid,
        parent_guid: Guid,
        text: &str,
        created_at: Timestamp,
    ) -> Result<Self, Invalid> {
        let text = crate::xml::clean(text.trim()).into_owned();
        let broken = |rule| Invalid::Property { entity: Self::NAME, property: "text", rule };
        if text.is_empty() {
            return Err(broken("not_empty"));
        }
        if !fits(&text, MAX_TEXT) {
            return Err(broken("too_long"));
        }
        let signed = Signed::new(Properties::from_pairs([
            ("author", author.to_string()),
            ("guid", guid.to_string()),
            ("parent_guid", parent_guid.to_string()),
            ("text", text.clone()),
            ("created_at", created_at.to_string()),
        ]));
        Ok(Self { author, guid, parent_guid, text, created_at, edited_at: None, signed })
    }

    /// With when it was last changed and the comment that it answers, where those are known; to be signed after that.
    #[must_use]
    pub fn with_history(mut self, edited_at: Option<Timestamp>, thread_parent: Option<&Guid>) -> Self {
        self.edited_at = edited_at;
        let edited_at = edited_at.map(|at| at.to_string());
        self.signed.add("edited_at", edited_at);
        self.signed.add(THREAD_PARENT, thread_parent.map(ToString::to_string));
        self
    }

    /// The comment that this one answers, where its author's pod shows threads. Kept as one of the unknown
    /// elements; what is no name counts as none.
    pub fn thread_parent(&self) -> Option<Guid> {
        self.signed.properties().get(THREAD_PARENT).and_then(|guid| guid.parse().ok())
    }

    pub(super) fn read(element: &Element, source: &str, now: Timestamp) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &[])?;
        Ok(Self {
            signed: Signed::read(&record, source)?,
            author: record.id("author")?,
            guid: record.guid("guid")?,
            parent_guid: record.guid("parent_guid")?,
            text: record.filled("text", MAX_TEXT)?,
            created_at: record.instant_or("created_at", now)?,
            edited_at: record.maybe_instant("edited_at"),
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("parent_guid", Value::Text(self.parent_guid.as_str())),
            ("author_signature", Value::optional(self.signed.author_signature())),
            ("text", Value::Text(&self.text)),
            ("created_at", Value::Time(self.created_at)),
            ("edited_at", Value::time(self.edited_at)),
        ]
    }
}

impl Relayable for Comment {
    fn author(&self) -> &DiasporaId {
        &self.author
    }

    fn guid(&self) -> &Guid {
        &self.guid
    }

    fn parent(&self) -> (Kind, &Guid) {
        (Kind::Post, &self.parent_guid)
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
            ("text", Shape::Text),
            ("created_at", Shape::Time),
            ("edited_at", Shape::Time),
        ]
    }
}
