//! XML as the protocol uses it: a small strict reader into [`Element`]s, the ordered and
//! lossless [`Properties`] that relayable signatures cover, and a writer.
//!
//! Refused, because two readers may see different things in it: a DOCTYPE, an entity that
//! XML itself does not define, a document that is not well-formed, namespaces in a payload.

mod properties;

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

pub use properties::Properties;

/// Nesting beyond this is refused.
pub const MAX_DEPTH: usize = 16;
/// More elements than this are refused.
pub const MAX_ELEMENTS: usize = 2_000;

/// Why a document is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Broken syntax.
    #[error("not well-formed XML")]
    Malformed,
    /// A document type declaration, the door to every entity attack.
    #[error("a DOCTYPE is refused")]
    DocType,
    /// `&name;` for a name other than the five of XML.
    #[error("an undefined entity is refused")]
    Entity,
    /// Deeper than [`MAX_DEPTH`] or more than [`MAX_ELEMENTS`].
    #[error("too deep or too many elements")]
    TooLarge,
    /// A namespace where none belongs.
    #[error("a namespace in a payload is refused")]
    Namespace,
}

/// An element with its text and its children.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The name as written, prefix included.
    pub name: String,
    /// The text of the element and of all its descendants, in order.
    pub text: String,
    /// Child elements in document order.
    pub children: Vec<Element>,
    /// Attributes in order, values unescaped.
    pub attributes: Vec<(String, String)>,
    /// Where the element stands in the document, in bytes.
    pub span: Range<usize>,
}

impl Element {
    /// An element with nothing but text.
    pub fn leaf(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), ..Self::default() }
    }

    /// An element with children.
    pub fn branch(name: &str, children: Vec<Self>) -> Self {
        Self { name: name.to_owned(), children, ..Self::default() }
    }

    /// Prints names, texts and children; the names must be names of XML.
    pub fn to_xml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.truncate(out.trim_end().len());
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        if self.children.is_empty() {
            return write_leaf(out, depth, &self.name, &self.text);
        }
        indent(out, depth);
        out.extend(["<", &self.name, ">\n"]);
        for child in &self.children {
            child.write(out, depth + 1);
        }
        indent(out, depth);
        out.extend(["</", &self.name, ">\n"]);
    }

    /// Reads one whole document.
    pub fn parse(document: &str) -> Result<Self, XmlError> {
        if !document.chars().all(is_xml_char) {
            return Err(XmlError::Malformed);
        }
        let mut reader = Reader::from_str(document);
        reader.config_mut().check_comments = true;
        let mut tree = Tree::default();
        loop {
            let start = position(&reader);
            match reader.read_event().map_err(|_| XmlError::Malformed)? {
                Event::Start(tag) => tree.open(&tag, start)?,
                Event::Empty(tag) => {
                    tree.open(&tag, start)?;
                    tree.close(position(&reader))?;
                }
                Event::End(_) => tree.close(position(&reader))?,
                Event::Text(text) => tree.push_text(&text.xml10_content())?,
                Event::CData(text) => tree.push_cdata(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let resolved = match reference.resolve_char_ref().map_err(|_| XmlError::Malformed)? {
                        Some(char) if is_xml_char(char) => Cow::Owned(char.to_string()),
                        Some(_) => return Err(XmlError::Malformed),
                        None => {
                            let name = reference.into_inner();
                            Cow::Borrowed(resolve_predefined_entity(&name).ok_or(XmlError::Entity)?)
                        }
                    };
                    tree.push_cdata(&resolved)?;
                }
                Event::DocType(_) => return Err(XmlError::DocType),
                // A declaration is only one at the very start.
                Event::Decl(_) if start > 0 => return Err(XmlError::Malformed),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => return tree.finish(),
            }
        }
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of that name.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// True where a namespace is bound or used, here or below.
    pub(crate) fn uses_namespaces(&self) -> bool {
        self.name.contains(':')
            || self.attributes.iter().any(|(name, _)| name == "xmlns" || name.contains(':'))
            || self.children.iter().any(Self::uses_namespaces)
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// The document while it is being read.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<(), XmlError> {
        self.elements += 1;
        if self.open.len() >= MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(XmlError::TooLarge);
        }
        if self.root.is_some() {
            return Err(XmlError::Malformed);
        }
        let name = tag.name().into_inner().to_owned();
        if !is_name(&name) {
            return Err(XmlError::Malformed);
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| XmlError::Malformed)?;
            let key = attribute.key.into_inner().to_owned();
            attributes.push((key, unescape(&attribute.value)?));
        }
        self.open.push(Element { name, attributes, span: start..start, ..Element::default() });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), XmlError> {
        let mut element = self.open.pop().ok_or(XmlError::Malformed)?;
        element.span.end = end;
        match self.open.last_mut() {
            Some(parent) => {
                parent.text.push_str(&element.text);
                parent.children.push(element);
            }
            None => self.root = Some(element),
        }
        Ok(())
    }

    /// Text outside the root may only be white space.
    fn push_text(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\n', '\r']).is_empty() => {}
            None => return Err(XmlError::Malformed),
        }
        Ok(())
    }

    fn push_cdata(&mut self, text: &str) -> Result<(), XmlError> {
        self.open.last_mut().ok_or(XmlError::Malformed)?.text.push_str(text);
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(XmlError::Malformed),
        }
    }
}

fn unescape(value: &str) -> Result<String, XmlError> {
    quick_xml::escape::unescape(value).map(Cow::into_owned).map_err(|_| XmlError::Entity)
}

pub(crate) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

/// What XML 1.0 allows in a document.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Replaces what XML cannot carry by U+FFFD, as peers do before they sign.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml_char) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(|c| if is_xml_char(c) { c } else { '\u{fffd}' }).collect())
    }
}

/// Appends `text` escaped for element content.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Written literally it would come back as a line feed.
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
}

/// `true t yes y 1` and `false f no n 0`, in any case; anything else is neither.
pub fn boolean(text: &str) -> Option<bool> {
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(&["true", "t", "yes", "y", "1"]) {
        Some(true)
    } else if is_one_of(&["false", "f", "no", "n", "0"]) {
        Some(false)
    } else {
        None
    }
}

pub(crate) fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

pub(crate) fn write_leaf(out: &mut String, depth: usize, name: &str, value: &str) {
    indent(out, depth);
    out.push('<');
    out.push_str(name);
    if value.is_empty() {
        out.push_str("/>\n");
        return;
    }
    out.push('>');
    escape_into(out, value);
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_whole_however_it_is_written() {
        let read = Element::parse("<a>1&amp;2<![CDATA[<3>]]>&#x34;<b>5</b>\r\n6&#xD;</a>").unwrap();
        assert_eq!(read.text, "1&2<3>45\n6\r");
    }

    #[test]
    fn what_is_printed_is_read_as_the_same() {
        let answers = ["yes <&>", "no"].map(|text| Element::branch("c", vec![Element::leaf("d", text)]));
        let tree = Element::branch("a", [vec![Element::leaf("b", "")], answers.to_vec()].concat());
        let read = Element::parse(&tree.to_xml()).unwrap();
        assert_eq!(read.to_xml(), tree.to_xml());
        let texts: Vec<_> =
            read.children_named("c").filter_map(|c| c.child("d")).map(|d| d.text.as_str()).collect();
        assert_eq!(texts, ["yes <&>", "no"]);
    }

    #[test]
    fn what_readers_disagree_on_is_refused() {
        let deep = "<a>".repeat(17) + &"</a>".repeat(17);
        let wide = format!("<a>{}</a>", "<b/>".repeat(2_000));
        for (document, why) in [
            ("<!DOCTYPE a><a/>", XmlError::DocType),
            ("<a>&nbsp;</a>", XmlError::Entity),
            ("<a><b></a>", XmlError::Malformed),
            ("<a>", XmlError::Malformed),
            ("<a/><b/>", XmlError::Malformed),
            ("<a/>text", XmlError::Malformed),
            ("", XmlError::Malformed),
            ("<a>\u{1}</a>", XmlError::Malformed),
            ("<a>&#1;</a>", XmlError::Malformed),
            ("<a><?xml version='1.0'?></a>", XmlError::Malformed),
            (deep.as_str(), XmlError::TooLarge),
            (wide.as_str(), XmlError::TooLarge),
        ] {
            assert_eq!(Element::parse(document).err(), Some(why), "{document:.40}");
        }
    }

    #[test]
    fn a_span_covers_exactly_its_element() {
        let document = "<a>\n <b>x</b><c y='1'/> </a>";
        let read = Element::parse(document).unwrap();
        let spans: Vec<_> = read.children.iter().map(|child| &document[child.span.clone()]).collect();
        assert_eq!(spans, ["<b>x</b>", "<c y='1'/>"]);
    }

    #[test]
    fn what_xml_cannot_carry_becomes_a_replacement_character() {
        let mut out = String::new();
        escape_into(&mut out, "a\0b\rc<");
        assert_eq!(out, "a\u{fffd}b&#xD;c&lt;");
    }
}
