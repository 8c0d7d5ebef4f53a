//! What a person tells about herself.

use std::fmt;

use jiff::civil::Date;

use crate::id::DiasporaId;
use crate::time::Timestamp;
use crate::xml::Element;

use super::Invalid;
use super::field::{Fields, MAX_LINE, MAX_TEXT, Record, Value, fits, has_path};

/// A calendar day as the protocol writes it; year 1004 or before means "no year".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Birthday(String);

impl Birthday {
    /// Reads `YYYY-MM-DD`, which must be a real day.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
        (shape && text.parse::<Date>().is_ok()).then(|| Self(text.to_owned()))
    }

    /// As on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// False if only day and month are told.
    pub fn has_year(&self) -> bool {
        self.0.get(..4).is_some_and(|year| year > "1004")
    }
}

impl fmt::Display for Birthday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rule for `birthday`: a day, or nothing.
pub fn is_birthday(text: &str) -> bool {
    text.is_empty() || Birthday::parse(text).is_some()
}

/// How many tags a `tag_string` has, counted as peers do: by `#`.
pub fn tag_count(tag_string: &str) -> usize {
    tag_string.matches('#').count()
}

/// A profile. The receiver clears what is absent, so it is always sent whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "the protocol has them as separate flags")]
pub struct Profile {
    /// Whose.
    pub author: DiasporaId,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    /// The whole name, from peers that do not split it.
    pub full_name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Picture of 300 pixels.
    pub image_url: Option<String>,
    /// Picture of 100 pixels.
    pub image_url_medium: Option<String>,
    /// Picture of 50 pixels.
    pub image_url_small: Option<String>,
    /// About the person, in Markdown.
    pub bio: Option<String>,
    /// The day.
    pub birthday: Option<Birthday>,
    /// In the person's own words.
    pub gender: Option<String>,
    /// Where the person lives.
    pub location: Option<String>,
    /// May be found by name.
    pub searchable: bool,
    /// The extended part (bio, birthday, gender, location) is for everybody.
    pub public: bool,
    /// Not safe for work.
    pub nsfw: bool,
    /// Up to five tags.
    pub tag_string: Option<String>,
    public_is_stated: bool,
}

impl Profile {
    pub(crate) const NAME: &'static str = "profile";
    const PROPERTIES: [&'static str; 16] = [
        "author",
        "edited_at",
        "full_name",
        "first_name",
        "last_name",
        "image_url",
        "image_url_medium",
        "image_url_small",
        "bio",
        "birthday",
        "gender",
        "location",
        "searchable",
        "public",
        "nsfw",
        "tag_string",
    ];

    /// An empty profile; fill in the fields.
    pub fn new(author: DiasporaId, public: bool) -> Self {
        Self {
            author,
            edited_at: None,
            full_name: None,
            first_name: None,
            last_name: None,
            image_url: None,
            image_url_medium: None,
            image_url_small: None,
            bio: None,
            birthday: None,
            gender: None,
            location: None,
            searchable: true,
            public,
            nsfw: false,
            tag_string: None,
            public_is_stated: true,
        }
    }

    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let record = Record::new(Self::NAME, element, &Self::PROPERTIES)?;
        let birthday = record
            .optional("birthday")
            .map(|day| Birthday::parse(day).ok_or_else(|| record.broken("birthday", "birthday")))
            .transpose()?;
        let tag_string = record.maybe("tag_string", MAX_TEXT)?;
        if tag_string.as_deref().is_some_and(|tags| tag_count(tags) > 5) {
            return Err(record.broken("tag_string", "five_tags"));
        }
        Ok(Self {
            author: record.id("author")?,
            edited_at: record.maybe_instant("edited_at"),
            full_name: name(&record, "full_name", 70)?,
            first_name: name(&record, "first_name", 32)?,
            last_name: name(&record, "last_name", 32)?,
            image_url: picture(&record, "image_url")?,
            image_url_medium: picture(&record, "image_url_medium")?,
            image_url_small: picture(&record, "image_url_small")?,
            bio: record.maybe("bio", MAX_TEXT)?,
            birthday,
            gender: record.maybe("gender", MAX_LINE)?,
            location: record.maybe("location", MAX_LINE)?,
            searchable: record.flag_or("searchable", true)?,
            public: record.flag_or("public", false)?,
            nsfw: record.flag_or("nsfw", false)?,
            tag_string,
            public_is_stated: record.present("public"),
        })
    }

    /// True if it may arrive publicly: it says so, or tells nothing that is meant for few.
    /// Some peers never say it; what they send publicly is taken as public.
    pub fn may_be_public(&self) -> bool {
        let base =
            self.bio.is_none() && self.birthday.is_none() && self.gender.is_none() && self.location.is_none();
        self.public || base || !self.public_is_stated
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("edited_at", Value::time(self.edited_at)),
            ("full_name", Value::optional(self.full_name.as_deref())),
            ("first_name", Value::optional(self.first_name.as_deref())),
            ("last_name", Value::optional(self.last_name.as_deref())),
            ("image_url", Value::optional(self.image_url.as_deref())),
            ("image_url_medium", Value::optional(self.image_url_medium.as_deref())),
            ("image_url_small", Value::optional(self.image_url_small.as_deref())),
            ("bio", Value::optional(self.bio.as_deref())),
            ("birthday", Value::optional(self.birthday.as_ref().map(Birthday::as_str))),
            ("gender", Value::optional(self.gender.as_deref())),
            ("location", Value::optional(self.location.as_deref())),
            ("searchable", Value::Bool(self.searchable)),
            ("public", Value::Bool(self.public)),
            ("nsfw", Value::Bool(self.nsfw)),
            ("tag_string", Value::optional(self.tag_string.as_deref())),
        ]
    }
}

/// Names have no `;`: it is what joins values under a signature.
pub(crate) fn is_name(text: &str, max: usize) -> bool {
    fits(text, max) && !text.contains(';')
}

fn name(record: &Record<'_>, property: &'static str, max: usize) -> Result<Option<String>, Invalid> {
    match record.optional(property) {
        Some(text) if !is_name(text, max) => Err(record.broken(property, "name")),
        text => Ok(text.map(str::to_owned)),
    }
}

fn picture(record: &Record<'_>, property: &'static str) -> Result<Option<String>, Invalid> {
    match record.optional(property) {
        Some(url) if !has_path(url) => Err(record.broken(property, "url")),
        url => Ok(url.map(str::to_owned)),
    }
}
