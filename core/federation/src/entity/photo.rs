//! A photo: inside a status message, or on its own.

use crate::id::{DiasporaId, Guid};
use crate::time::Timestamp;
use crate::xml::Element;

use super::Invalid;
use super::field::{Fields, MAX_TEXT, Record, Value, has_path};

/// A photo. Its picture is at `remote_photo_path` + `remote_photo_name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its name.
    pub guid: Guid,
    /// Who took it: the author of the post it is in.
    pub author: DiasporaId,
    /// True if everybody may see it.
    pub public: bool,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    /// The folder, with a slash at its end.
    pub remote_photo_path: String,
    /// The file.
    pub remote_photo_name: String,
    /// What is to be seen, in words.
    pub text: Option<String>,
    /// The post it is in.
    pub status_message_guid: Option<Guid>,
    /// In pixels.
    pub height: Option<u32>,
    /// In pixels.
    pub width: Option<u32>,
}

impl Photo {
    pub(crate) const NAME: &'static str = "photo";
    const PROPERTIES: [&'static str; 11] = [
        "guid",
        "author",
        "public",
        "created_at",
        "edited_at",
        "remote_photo_path",
        "remote_photo_name",
        "text",
        "status_message_guid",
        "height",
        "width",
    ];

    pub(super) fn read(element: &Element, now: Timestamp) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &Self::PROPERTIES)?;
        let remote_photo_path = record.filled("remote_photo_path", MAX_TEXT)?;
        if !has_path(&remote_photo_path) || !remote_photo_path.ends_with('/') {
            return Err(record.broken("remote_photo_path", "url_of_a_folder"));
        }
        Ok(Self {
            guid: record.guid("guid")?,
            author: record.id("author")?,
            public: record.flag_or("public", false)?,
            created_at: record.instant_or("created_at", now)?,
            edited_at: record.maybe_instant("edited_at"),
            remote_photo_path,
            remote_photo_name: record.filled("remote_photo_name", MAX_TEXT)?,
            text: record.maybe("text", MAX_TEXT)?,
            status_message_guid: record.maybe_guid("status_message_guid")?,
            height: record.integer("height"),
            width: record.integer("width"),
        })
    }

    /// Where the picture is.
    pub fn url(&self) -> String {
        format!("{}{}", self.remote_photo_path, self.remote_photo_name)
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("guid", Value::Text(self.guid.as_str())),
            ("author", Value::Text(self.author.as_str())),
            ("public", Value::Bool(self.public)),
            ("created_at", Value::Time(self.created_at)),
            ("edited_at", Value::time(self.edited_at)),
            ("remote_photo_path", Value::Text(&self.remote_photo_path)),
            ("remote_photo_name", Value::Text(&self.remote_photo_name)),
            ("text", Value::optional(self.text.as_deref())),
            ("status_message_guid", Value::optional(self.status_message_guid.as_ref().map(Guid::as_str))),
            ("height", Value::int(self.height)),
            ("width", Value::int(self.width)),
        ]
    }
}
