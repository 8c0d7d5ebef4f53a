//! Reads a theme's template before it is ever run, and refuses what a theme may not contain.
//!
//! The HTML between the tags is followed character by character. At each `{{ … }}` and `{% … %}` the place in the
//! HTML is known, and every branch must end where it began; so what is checked is what will be printed, whichever
//! way the template runs. Only listed elements and attributes pass: forms, scripts and the rest are not on the list.
mod allowed;
#[cfg(test)]
mod tests;

use allowed::{ATTRIBUTES, ELEMENTS, URLS};
use minijinja::{
    machinery::{Token, tokenize},
    syntax::SyntaxConfig,
};

/// Statements that open a body, which `end…` closes.
const BODIES: &[&str] = &["if", "for", "block", "with", "set", "filter", "macro", "call"];

/// Why a template is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub reason: String,
}

/// Where in the HTML we are.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Text,
    /// Just after `<`.
    Open,
    /// In the name of an element; `true` for an end tag.
    Name(String, bool),
    /// In a tag, between attributes.
    Tag,
    Attribute(String),
    /// After an attribute's name and a space.
    AfterAttribute,
    /// After `=`.
    Equals(String),
    Value {
        attribute: String,
        quote: char,
        value: String,
    },
    /// Just after a value's closing quote.
    AfterValue,
    Doctype,
}

struct Reader {
    place: Place,
    bodies: Vec<(String, Place)>,
    line: usize,
}

/// The first fault of a theme's template, if it has one.
pub fn check(source: &str) -> Result<(), Fault> {
    let mut reader = Reader { place: Place::Text, bodies: Vec::new(), line: 1 };
    let mut words: Vec<String> = Vec::new();
    let mut assigns = false;
    let mut in_statement = false;
    for token in tokenize(source, false, SyntaxConfig::default()) {
        let (token, span) = token.map_err(|error| Fault {
            line: error.line().unwrap_or(reader.line),
            reason: error.to_string(),
        })?;
        reader.line = usize::from(span.start_line);
        match token {
            Token::TemplateData(text) => reader.text(text)?,
            Token::VariableStart => reader.expression()?,
            Token::BlockStart => {
                words.clear();
                assigns = false;
                in_statement = true;
            }
            Token::BlockEnd => {
                in_statement = false;
                reader.statement(words.first().map_or("", String::as_str), assigns)?;
            }
            Token::Assign if in_statement => assigns = true,
            Token::Ident(word) if in_statement => words.push(word.to_owned()),
            _ => {}
        }
    }
    match (&reader.place, reader.bodies.last()) {
        (_, Some((name, _))) => reader.fault(format!("`{name}` is not ended")),
        (Place::Text, None) => Ok(()),
        _ => reader.fault("a tag is not closed"),
    }
}

impl Reader {
    fn fault<T>(&self, reason: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { line: self.line, reason: reason.into() })
    }

    /// `{{ … }}` may stand in text and in quoted values.
    fn expression(&mut self) -> Result<(), Fault> {
        match &mut self.place {
            Place::Text => Ok(()),
            Place::Value { value, .. } => {
                value.push('\u{FFFC}');
                Ok(())
            }
            _ => self.fault("an expression in a tag must stand in a quoted value"),
        }
    }

    fn statement(&mut self, word: &str, assigns: bool) -> Result<(), Fault> {
        match word {
            "autoescape" | "endautoescape" => return self.fault("escaping cannot be switched off"),
            "do" => return self.fault("`do` is not for themes"),
            _ => {}
        }
        if let Place::Attribute(name) = &self.place {
            self.attribute(name)?;
            self.place = Place::AfterValue;
        } else if let Place::Name(name, _) = &self.place {
            self.element(name)?;
            self.place = Place::AfterValue;
        } else if self.place == Place::AfterAttribute {
            self.place = Place::AfterValue;
        }
        if !matches!(self.place, Place::Text | Place::Tag | Place::AfterValue | Place::Value { .. }) {
            return self.fault("a statement stands inside a name or next to one");
        }
        if matches!(&self.place, Place::Value { attribute, .. } if URLS.contains(&attribute.as_str())) {
            return self.fault("an address is put together outside of its attribute");
        }
        if let Some(opened) = word.strip_prefix("end") {
            return match self.bodies.pop() {
                Some((name, place)) if name == opened && self.comes_back_to(&place) => {
                    self.settle();
                    Ok(())
                }
                Some((name, _)) => self.fault(format!("`{name}` ends in another place than it began")),
                None => self.fault(format!("`{word}` ends nothing")),
            };
        }
        if matches!(word, "else" | "elif") {
            let Some((name, place)) = self.bodies.last().cloned() else {
                return self.fault(format!("`{word}` without a beginning"));
            };
            if !self.comes_back_to(&place) {
                return self.fault(format!("a branch of `{name}` ends in another place than it began"));
            }
            self.settle();
            return Ok(());
        }
        let in_text = self.place == Place::Text;
        if BODIES.contains(&word) && !(word == "set" && assigns) {
            if !in_text && !matches!(word, "if" | "for") {
                return self.fault(format!("`{word}` cannot stand in a tag"));
            }
            self.bodies.push((word.to_owned(), self.place.clone()));
        } else if !in_text && word != "set" {
            return self.fault(format!("`{word}` cannot stand in a tag"));
        }
        Ok(())
    }

    /// Between attributes, whichever branch was taken: the next one needs a space before it.
    fn settle(&mut self) {
        if self.place == Place::Tag {
            self.place = Place::AfterValue;
        }
    }

    /// The same place; within a value it may have grown, and in a tag there may be one attribute more.
    fn comes_back_to(&self, before: &Place) -> bool {
        match (&self.place, before) {
            (Place::Value { attribute, quote, .. }, Place::Value { attribute: other, quote: theirs, .. }) => {
                attribute == other && quote == theirs
            }
            (Place::Tag | Place::AfterValue, Place::Tag | Place::AfterValue) => true,
            (now, before) => now == before,
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        for char in text.chars() {
            if char == '\n' {
                self.line += 1;
            }
            let place = std::mem::replace(&mut self.place, Place::Text);
            self.place = self.next(place, char)?;
        }
        Ok(())
    }

    #[allow(clippy::match_same_arms, reason = "one line for each step, in the order of the HTML")]
    fn next(&mut self, place: Place, char: char) -> Result<Place, Fault> {
        Ok(match (place, char) {
            (Place::Text, '<') => Place::Open,
            (Place::Text, _) => Place::Text,
            (Place::Open, '/') => Place::Name(String::new(), true),
            (Place::Open, '!') => Place::Doctype,
            (Place::Open, letter) if letter.is_ascii_alphabetic() => Place::Name(letter.to_string(), false),
            (Place::Open, _) => return self.fault("`<` in text is written `&lt;`"),
            (Place::Doctype, '>') => Place::Text,
            (Place::Doctype, letter) if letter.is_ascii_alphabetic() || letter == ' ' => Place::Doctype,
            (Place::Doctype, _) => return self.fault("comments are written `{# … #}`"),
            (Place::Name(name, _), '>') => {
                self.element(&name)?;
                Place::Text
            }
            (Place::Name(name, _), space) if space.is_ascii_whitespace() => {
                self.element(&name)?;
                Place::Tag
            }
            (Place::Name(mut name, end), letter) if letter.is_ascii_alphanumeric() => {
                name.push(letter);
                Place::Name(name, end)
            }
            (Place::Name(name, _), _) => return self.fault(format!("`{name}` is no element for a theme")),
            (Place::AfterValue | Place::Tag, '>') => Place::Text,
            (Place::Tag | Place::AfterValue, '/') => Place::Tag,
            (Place::Tag | Place::AfterValue, space) if space.is_ascii_whitespace() => Place::Tag,
            (Place::AfterValue, _) => return self.fault("a space is missing after an attribute"),
            (Place::Tag, letter) => self.attribute_letter(String::new(), letter)?,
            (Place::Attribute(name), '=') => {
                self.attribute(&name)?;
                Place::Equals(name)
            }
            (Place::Attribute(name), '>') => {
                self.attribute(&name)?;
                Place::Text
            }
            (Place::Attribute(name), space) if space.is_ascii_whitespace() => {
                self.attribute(&name)?;
                Place::AfterAttribute
            }
            (Place::Attribute(name), letter) => self.attribute_letter(name, letter)?,
            (Place::AfterAttribute, '=') => return self.fault("no space before `=`"),
            (Place::AfterAttribute, char) => return self.next(Place::Tag, char),
            (Place::Equals(attribute), quote @ ('"' | '\'')) => {
                Place::Value { attribute, quote, value: String::new() }
            }
            (Place::Equals(name), _) => return self.fault(format!("the value of `{name}` needs quotes")),
            (Place::Value { attribute, quote, value }, char) if char == quote => {
                self.value(&attribute, &value)?;
                Place::AfterValue
            }
            (Place::Value { attribute, quote, mut value }, char) => {
                value.push(char);
                Place::Value { attribute, quote, value }
            }
        })
    }

    fn element(&self, name: &str) -> Result<(), Fault> {
        if ELEMENTS.contains(&name.to_ascii_lowercase().as_str()) {
            return Ok(());
        }
        self.fault(match name.to_ascii_lowercase().as_str() {
            "form" | "input" | "button" | "select" | "textarea" | "label" | "fieldset" => {
                format!("`{name}` comes from the kit only")
            }
            _ => format!("`{name}` is no element for a theme"),
        })
    }

    fn attribute_letter(&self, mut name: String, letter: char) -> Result<Place, Fault> {
        if !letter.is_ascii_alphanumeric() && letter != '-' {
            return self.fault(format!("`{letter}` in the name of an attribute"));
        }
        name.push(letter.to_ascii_lowercase());
        Ok(Place::Attribute(name))
    }

    fn attribute(&self, name: &str) -> Result<(), Fault> {
        let ours = ["aria-", "data-"].iter().any(|prefix| name.starts_with(prefix));
        if ATTRIBUTES.contains(&name) || (ours && !name.starts_with("data-hx")) {
            return Ok(());
        }
        self.fault(format!("`{name}` is no attribute for a theme"))
    }

    fn value(&self, attribute: &str, value: &str) -> Result<(), Fault> {
        if !URLS.contains(&attribute) {
            return Ok(());
        }
        if value.replace("&amp;", "").contains('&') {
            return self.fault("an address is written without character references");
        }
        let plain: String = value
            .chars()
            .filter(|char| !char.is_whitespace() && !char.is_control() && *char != '\u{FFFC}')
            .flat_map(char::to_lowercase)
            .collect();
        let schemes = ["javascript:", "vbscript:", "data:", "blob:"];
        if schemes.iter().any(|scheme| plain.contains(scheme)) {
            return self.fault("an address begins with http, https or /");
        }
        Ok(())
    }
}
