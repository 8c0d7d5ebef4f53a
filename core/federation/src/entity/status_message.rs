//! A post with a text, and what may hang on it.

use crate::id::{DiasporaId, Guid};
use crate::time::Timestamp;
use crate::xml::Element;

use super::field::{Fields, MAX_LINE, MAX_TEXT, Record, Value, print};
use super::{Embed, Event, Invalid, Location, Photo, Poll};

/// What hangs on a post and means nothing to most readers: its kind, its name if it has one, and the element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The element's name: `location`, `poll`, `event` or `embed`.
    pub kind: &'static str,
    /// What answers to it refer to.
    pub guid: Option<Guid>,
    /// The element, on its own.
    pub xml: String,
}

/// A post that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusMessage {
    /// Who wrote it.
    pub author: DiasporaId,
    /// Its name.
    pub guid: Guid,
    /// When.
    pub created_at: Timestamp,
    /// True if everybody may read it.
    pub public: bool,
    /// The program it was written with.
    pub provider_display_name: Option<String>,
    /// The text, in Markdown; may be empty.
    pub text: String,
    /// When it was last changed; diaspora* posts never are.
    pub edited_at: Option<Timestamp>,
    /// Photos, in order.
    pub photos: Vec<Photo>,
    /// Where it was written.
    pub location: Option<Location>,
    /// A poll.
    pub poll: Option<Poll>,
    /// An event.
    pub event: Option<Event>,
    /// A preview.
    pub embed: Option<Embed>,
}

impl StatusMessage {
    pub(crate) const NAME: &'static str = "status_message";
    const PROPERTIES: [&'static str; 11] = [
        "author",
        "guid",
        "created_at",
        "public",
        "provider_display_name",
        "text",
        "edited_at",
        "location",
        "poll",
        "event",
        "embed",
    ];

    /// A post with a text alone.
    pub fn new(author: DiasporaId, guid: Guid, created_at: Timestamp, public: bool, text: String) -> Self {
        Self {
            author,
            guid,
            created_at,
            public,
            provider_display_name: None,
            text,
            edited_at: None,
            photos: Vec::new(),
            location: None,
            poll: None,
            event: None,
            embed: None,
        }
    }

    pub(super) fn read(element: &Element, now: Timestamp) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &Self::PROPERTIES)?;
        let author = record.id("author")?;
        let photos =
            record.list("photo").map(|photo| Photo::read(photo, now)).collect::<Result<Vec<_>, _>>()?;
        if photos.iter().any(|photo| photo.author != author) {
            return Err(record.broken("photo", "same_author"));
        }
        let event = record.nested("event").map(Event::read).transpose()?;
        if event.as_ref().is_some_and(|event| event.author != author) {
            return Err(record.broken("event", "same_author"));
        }
        Ok(Self {
            author,
            guid: record.guid("guid")?,
            created_at: record.instant_or("created_at", now)?,
            public: record.flag_or("public", false)?,
            provider_display_name: record.maybe("provider_display_name", MAX_LINE)?,
            text: record.any("text", MAX_TEXT)?,
            edited_at: record.maybe_instant("edited_at"),
            photos,
            location: record.nested("location").map(Location::read).transpose()?,
            poll: record.nested("poll").map(Poll::read).transpose()?,
            event,
            embed: record.nested("embed").map(Embed::read).transpose()?,
        })
    }

    /// Everything that hangs on it but photos, for keeping; [`attach`](Self::attach) puts it back.
    pub fn attachments(&self) -> Vec<Attachment> {
        let one = |kind: &'static str, guid: Option<&Guid>, fields: Option<Fields<'_>>| {
            fields.map(|fields| Attachment { kind, guid: guid.cloned(), xml: print(kind, &fields) })
        };
        let (poll, event) = (self.poll.as_ref(), self.event.as_ref());
        [
            one("location", None, self.location.as_ref().map(Location::fields)),
            one("poll", poll.map(|poll| &poll.guid), poll.map(Poll::fields)),
            one("event", event.map(|event| &event.guid), event.map(Event::fields)),
            one("embed", None, self.embed.as_ref().map(Embed::fields)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Hangs an element on it, under the same rules as one that came with it.
    pub fn attach(&mut self, xml: &str) -> Result<(), Invalid> {
        let element = Element::parse(xml)?;
        match element.name.as_str() {
            "location" => self.location = Some(Location::read(&element)?),
            "poll" => self.poll = Some(Poll::read(&element)?),
            "embed" => self.embed = Some(Embed::read(&element)?),
            "event" => {
                let event = Event::read(&element)?;
                if event.author != self.author {
                    return Err(Invalid::Property {
                        entity: Self::NAME,
                        property: "event",
                        rule: "same_author",
                    });
                }
                self.event = Some(event);
            }
            _ => return Err(Invalid::Unknown),
        }
        Ok(())
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("created_at", Value::Time(self.created_at)),
            ("public", Value::Bool(self.public)),
            ("provider_display_name", Value::optional(self.provider_display_name.as_deref())),
            ("text", Value::required(&self.text)),
            ("edited_at", Value::time(self.edited_at)),
            ("photos", Value::List("photo", self.photos.iter().map(Photo::fields).collect())),
            ("location", Value::record(self.location.as_ref().map(Location::fields))),
            ("poll", Value::record(self.poll.as_ref().map(Poll::fields))),
            ("event", Value::record(self.event.as_ref().map(Event::fields))),
            ("embed", Value::record(self.embed.as_ref().map(Embed::fields))),
        ]
    }
}
