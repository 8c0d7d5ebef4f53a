//! How entities are read from elements and printed again: the property rules in one place.

use crate::id::{DiasporaId, Guid};
use crate::time::Timestamp;
use crate::xml::{self, Element};

use super::Invalid;

/// Longest text of posts, comments and messages, in characters.
pub const MAX_TEXT: usize = 65_535;
/// Longest short text (titles, subjects, answers), in characters.
pub const MAX_LINE: usize = 255;

/// A value as it is printed.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// An optional property without value: not printed.
    Absent,
    /// A required property without value: printed as an empty element.
    Empty,
    Text(&'a str),
    Bool(bool),
    Int(u32),
    Time(Timestamp),
    Record(Fields<'a>),
    /// Repeated elements, each named by the first part.
    List(&'static str, Vec<Fields<'a>>),
}

pub(crate) type Fields<'a> = Vec<(&'static str, Value<'a>)>;

impl<'a> Value<'a> {
    pub(crate) fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }

    pub(crate) fn required(text: &'a str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    pub(crate) fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Absent, Self::Time)
    }

    pub(crate) fn int(number: Option<u32>) -> Self {
        number.map_or(Self::Absent, Self::Int)
    }

    pub(crate) fn record(fields: Option<Fields<'a>>) -> Self {
        fields.map_or(Self::Absent, Self::Record)
    }
}

/// Prints an entity in the form that diaspora* writes: two spaces, no declaration, no final line feed.
pub(crate) fn print(root: &str, fields: &Fields<'_>) -> String {
    let mut out = String::new();
    print_record(&mut out, 0, root, fields);
    out.truncate(out.trim_end().len());
    out
}

fn print_record(out: &mut String, depth: usize, name: &str, fields: &Fields<'_>) {
    xml::indent(out, depth);
    out.push('<');
    out.push_str(name);
    out.push_str(">\n");
    for (name, value) in fields {
        let inner = depth + 1;
        match value {
            Value::Absent => {}
            Value::Empty => xml::write_leaf(out, inner, name, ""),
            Value::Text(text) => xml::write_leaf(out, inner, name, text),
            Value::Bool(flag) => xml::write_leaf(out, inner, name, if *flag { "true" } else { "false" }),
            Value::Int(number) => xml::write_leaf(out, inner, name, &number.to_string()),
            Value::Time(time) => xml::write_leaf(out, inner, name, &time.to_string()),
            Value::Record(fields) => print_record(out, inner, name, fields),
            Value::List(item, records) => {
                for fields in records {
                    print_record(out, inner, item, fields);
                }
            }
        }
    }
    xml::indent(out, depth);
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

/// Reads the properties of one element under the rules of its entity.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    kind: &'static str,
    element: &'a Element,
}

impl<'a> Record<'a> {
    /// `known` are the properties that may stand there once; `lists` those that may repeat.
    pub(crate) fn new(
        kind: &'static str,
        element: &'a Element,
        known: &[&'static str],
    ) -> Result<Self, Invalid> {
        match known.iter().find(|name| element.children_named(name).count() > 1) {
            Some(property) => Err(Invalid::Property { entity: kind, property, rule: "once" }),
            None => Ok(Self { kind, element }),
        }
    }

    pub(crate) fn element(&self) -> &'a Element {
        self.element
    }

    pub(crate) fn broken(&self, property: &'static str, rule: &'static str) -> Invalid {
        Invalid::Property { entity: self.kind, property, rule }
    }

    /// The text of a property that must be there; it may be empty.
    pub(crate) fn require(&self, name: &'static str) -> Result<&'a str, Invalid> {
        self.element.child(name).map(|child| child.text.as_str()).ok_or_else(|| self.broken(name, "required"))
    }

    /// The text of a property; none if it is absent or empty.
    pub(crate) fn optional(&self, name: &'static str) -> Option<&'a str> {
        self.element.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }

    pub(crate) fn present(&self, name: &'static str) -> bool {
        self.element.child(name).is_some()
    }

    /// A required text of 1 to `max` characters.
    pub(crate) fn filled(&self, name: &'static str, max: usize) -> Result<String, Invalid> {
        let text = self.require(name)?;
        if text.is_empty() {
            return Err(self.broken(name, "not_empty"));
        }
        self.at_most(name, text, max)
    }

    /// A required text that may be empty.
    pub(crate) fn any(&self, name: &'static str, max: usize) -> Result<String, Invalid> {
        self.at_most(name, self.require(name)?, max)
    }

    /// An optional text of at most `max` characters.
    pub(crate) fn maybe(&self, name: &'static str, max: usize) -> Result<Option<String>, Invalid> {
        self.optional(name).map(|text| self.at_most(name, text, max)).transpose()
    }

    fn at_most(&self, name: &'static str, text: &str, max: usize) -> Result<String, Invalid> {
        if fits(text, max) { Ok(text.to_owned()) } else { Err(self.broken(name, "too_long")) }
    }

    pub(crate) fn id(&self, name: &'static str) -> Result<DiasporaId, Invalid> {
        self.require(name)?.parse().map_err(|_| self.broken(name, "diaspora_id"))
    }

    pub(crate) fn maybe_id(&self, name: &'static str) -> Result<Option<DiasporaId>, Invalid> {
        let read = |text: &str| text.parse().map_err(|_| self.broken(name, "diaspora_id"));
        self.optional(name).map(read).transpose()
    }

    pub(crate) fn guid(&self, name: &'static str) -> Result<Guid, Invalid> {
        self.require(name)?.parse().map_err(|_| self.broken(name, "guid"))
    }

    pub(crate) fn maybe_guid(&self, name: &'static str) -> Result<Option<Guid>, Invalid> {
        let read = |text: &str| text.parse().map_err(|_| self.broken(name, "guid"));
        self.optional(name).map(read).transpose()
    }

    /// A required instant.
    pub(crate) fn instant(&self, name: &'static str) -> Result<Timestamp, Invalid> {
        Timestamp::parse(self.require(name)?).ok_or_else(|| self.broken(name, "timestamp"))
    }

    /// An instant that defaults to `now` if the element is absent.
    pub(crate) fn instant_or(&self, name: &'static str, now: Timestamp) -> Result<Timestamp, Invalid> {
        if self.present(name) { self.instant(name) } else { Ok(now) }
    }

    /// An instant that nobody depends on: unreadable is the same as absent.
    pub(crate) fn maybe_instant(&self, name: &'static str) -> Option<Timestamp> {
        self.optional(name).and_then(Timestamp::parse)
    }

    /// A flag with a default; what is there must be readable.
    pub(crate) fn flag_or(&self, name: &'static str, default: bool) -> Result<bool, Invalid> {
        if self.present(name) { self.flag(name) } else { Ok(default) }
    }

    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, Invalid> {
        xml::boolean(self.require(name)?).ok_or_else(|| self.broken(name, "boolean"))
    }

    /// Digits only, else none.
    pub(crate) fn integer(&self, name: &'static str) -> Option<u32> {
        self.optional(name).filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
    }

    /// A nested entity; an empty element counts as absent.
    pub(crate) fn nested(&self, name: &'static str) -> Option<&'a Element> {
        self.element.child(name).filter(|child| is_filled(child))
    }

    /// Nested entities of one name.
    pub(crate) fn list(&self, name: &'static str) -> impl Iterator<Item = &'a Element> {
        self.element.children.iter().filter(move |child| child.name == name && is_filled(child))
    }
}

fn is_filled(element: &Element) -> bool {
    !element.children.is_empty() || !element.text.trim().is_empty()
}

/// True if `text` has at most `max` characters, without counting all of a huge one.
pub(crate) fn fits(text: &str, max: usize) -> bool {
    text.len() <= max || text.chars().nth(max).is_none()
}

/// True for an absolute or relative URL that has a path.
pub(crate) fn has_path(url: &str) -> bool {
    if url.bytes().any(|b| b <= b' ' || b == 0x7f || b"<>\"\\^`{|}".contains(&b)) {
        return false;
    }
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme_ok = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
            let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            scheme_ok && !host.is_empty() && path.starts_with('/')
        }
        None => {
            !url.is_empty() && !url.starts_with(['?', '#']) && (url.starts_with('/') || !url.contains(':'))
        }
    }
}

/// True for an absolute http(s) URL with host and path.
pub(crate) fn is_absolute(url: &str) -> bool {
    url.contains("://") && has_path(url)
}
