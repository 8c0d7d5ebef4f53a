//! What is only found inside other entities: location, poll, event, embed.

use crate::id::{DiasporaId, Guid};
use crate::time::Timestamp;
use crate::xml::Element;

use super::Invalid;
use super::field::{Fields, MAX_LINE, MAX_TEXT, Record, Value, is_absolute};

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// In words; may be empty.
    pub address: String,
    /// Latitude, as written.
    pub lat: String,
    /// Longitude, as written.
    pub lng: String,
}

impl Location {
    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new("location", element, &["address", "lat", "lng"])?;
        Ok(Self {
            address: record.any("address", MAX_TEXT)?,
            lat: record.filled("lat", MAX_LINE)?,
            lng: record.filled("lng", MAX_LINE)?,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("address", Value::required(&self.address)),
            ("lat", Value::Text(&self.lat)),
            ("lng", Value::Text(&self.lng)),
        ]
    }
}

/// A question with answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// Its name: what a vote refers to.
    pub guid: Guid,
    /// The question.
    pub question: String,
    /// Two or more answers.
    pub answers: Vec<PollAnswer>,
}

/// Whether this element lets people choose this: an answer of a poll, a status of an event.
pub fn offers(xml: &str, choice: &str) -> bool {
    let Ok(element) = Element::parse(xml) else { return false };
    match element.name.as_str() {
        "poll" => {
            Poll::read(&element).is_ok_and(|poll| poll.answers.iter().any(|a| a.guid.as_str() == choice))
        }
        "event" => super::Answer::named(choice).is_some(),
        _ => false,
    }
}

/// One answer of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollAnswer {
    /// Its name.
    pub guid: Guid,
    /// Its text.
    pub answer: String,
}

impl Poll {
    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new("poll", element, &["guid", "question"])?;
        let answers = record.list("poll_answer").map(PollAnswer::read).collect::<Result<Vec<_>, _>>()?;
        if answers.len() < 2 {
            return Err(record.broken("poll_answer", "at_least_two"));
        }
        Ok(Self { guid: record.guid("guid")?, question: record.filled("question", MAX_LINE)?, answers })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        let answers = self.answers.iter().map(PollAnswer::fields).collect();
        vec![
            ("guid", Value::Text(self.guid.as_str())),
            ("question", Value::Text(&self.question)),
            ("poll_answers", Value::List("poll_answer", answers)),
        ]
    }
}

impl PollAnswer {
    fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new("poll_answer", element, &["guid", "answer"])?;
        Ok(Self { guid: record.guid("guid")?, answer: record.filled("answer", MAX_LINE)? })
    }

    fn fields(&self) -> Fields<'_> {
        vec![("guid", Value::Text(self.guid.as_str())), ("answer", Value::Text(&self.answer))]
    }
}

/// Something that happens at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who made it: the author of the post it is in.
    pub author: DiasporaId,
    /// Its name: what an answer refers to.
    pub guid: Guid,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    /// Its title.
    pub summary: String,
    /// More about it.
    pub description: Option<String>,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// True if times of day do not matter.
    pub all_day: bool,
    /// `Area/Location`.
    pub timezone: Option<String>,
    /// Where it is.
    pub location: Option<Location>,
}

impl Event {
    const PROPERTIES: [&'static str; 10] = [
        "author",
        "guid",
        "edited_at",
        "summary",
        "description",
        "start",
        "end",
        "all_day",
        "timezone",
        "location",
    ];

    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new("event", element, &Self::PROPERTIES)?;
        let timezone = record.maybe("timezone", MAX_LINE)?;
        if timezone.as_deref().is_some_and(|zone| !is_timezone(zone)) {
            return Err(record.broken("timezone", "timezone"));
        }
        Ok(Self {
            author: record.id("author")?,
            guid: record.guid("guid")?,
            edited_at: record.maybe_instant("edited_at"),
            summary: record.filled("summary", MAX_LINE)?,
            description: record.maybe("description", MAX_TEXT)?,
            start: record.instant("start")?,
            end: record.maybe_instant("end"),
            all_day: record.flag_or("all_day", false)?,
            timezone,
            location: record.nested("location").map(Location::read).transpose()?,
        })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("guid", Value::Text(self.guid.as_str())),
            ("edited_at", Value::time(self.edited_at)),
            ("summary", Value::Text(&self.summary)),
            ("description", Value::optional(self.description.as_deref())),
            ("start", Value::Time(self.start)),
            ("end", Value::time(self.end)),
            ("all_day", Value::Bool(self.all_day)),
            ("timezone", Value::optional(self.timezone.as_deref())),
            ("location", Value::record(self.location.as_ref().map(Location::fields))),
        ]
    }
}

/// `Area/Location` or `Area/Location/Sub`.
fn is_timezone(zone: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "_-+".contains(c));
    (2..=3).contains(&zone.split('/').count()) && zone.split('/').all(word)
}

/// A preview of something elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embed {
    /// What it previews.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// A few words.
    pub description: Option<String>,
    /// A picture.
    pub image: Option<String>,
    /// True: the author wants no preview.
    pub nothing: Option<bool>,
}

impl Embed {
    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new("embed", element, &["url", "title", "description", "image", "nothing"])?;
        let nothing = if record.optional("nothing").is_some() { Some(record.flag("nothing")?) } else { None };
        let embed = Self {
            url: record.maybe("url", MAX_TEXT)?,
            title: record.maybe("title", MAX_LINE)?,
            description: record.maybe("description", MAX_TEXT)?,
            image: record.maybe("image", MAX_TEXT)?,
            nothing,
        };
        if embed.image.as_deref().is_some_and(|image| !is_absolute(image)) {
            return Err(record.broken("image", "url"));
        }
        if embed.url.is_some() == (nothing == Some(true)) {
            return Err(record.broken("url", "either_url_or_nothing"));
        }
        Ok(embed)
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("url", Value::optional(self.url.as_deref())),
            ("title", Value::optional(self.title.as_deref())),
            ("description", Value::optional(self.description.as_deref())),
            ("image", Value::optional(self.image.as_deref())),
            ("nothing", self.nothing.map_or(Value::Absent, Value::Bool)),
        ]
    }
}
