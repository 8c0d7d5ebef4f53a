//! Finds mentions and tags and puts marks in their places.

use std::collections::HashMap;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// What is inside the braces, in bytes.
const LONGEST_MENTION: usize = 512;

/// Noncharacters: no text needs them, so a mark cannot be forged.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// What stands behind a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept<'t> {
    Mention { source: &'t str, name: Option<&'t str>, handle: &'t str },
    Tag { source: &'t str, name: &'t str },
}

impl Kept<'_> {
    /// As it was written.
    pub fn source(&self) -> &str {
        match self {
            Self::Mention { source, .. } | Self::Tag { source, .. } => source,
        }
    }

    /// As it reads without markup.
    pub fn plain(&self) -> &str {
        match self {
            Self::Mention { name, handle, .. } => name.unwrap_or(handle),
            Self::Tag { source, .. } => source,
        }
    }
}

/// A text whose mentions and tags are marks.
#[derive(Debug)]
pub struct Protected<'t> {
    pub text: String,
    kept: Vec<Kept<'t>>,
}

/// A piece of a marked text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'p, 't> {
    Text(&'p str),
    Kept(&'p Kept<'t>),
}

impl<'t> Protected<'t> {
    pub fn new(source: &'t str) -> Self {
        let mut protected = Self { text: String::with_capacity(source.len()), kept: Vec::new() };
        let mut numbers: HashMap<&'t str, usize> = HashMap::new();
        let (mut rest, mut before) = (source, None);
        while let Some(letter) = rest.chars().next() {
            let found = match letter {
                '@' => mention(rest),
                '#' if starts_tag(before) => tag(rest),
                _ => None,
            };
            let used = found.as_ref().map_or(letter.len_utf8(), |kept| kept.source().len());
            let (taken, left) = rest.split_at(used);
            match found {
                Some(kept) => {
                    let number = *numbers.entry(taken).or_insert_with(|| {
                        protected.kept.push(kept);
                        protected.kept.len() - 1
                    });
                    protected.text.push(OPEN);
                    protected.text.push_str(&number.to_string());
                    protected.text.push(CLOSE);
                }
                None if matches!(letter, '\u{fdd0}'..='\u{fdef}') => {}
                None => protected.text.push_str(taken),
            }
            before = taken.chars().next_back().filter(|letter| !is_bidi_control(*letter)).or(before);
            rest = left;
        }
        protected
    }

    pub fn is_marked(text: &str) -> bool {
        text.contains(OPEN)
    }

    /// The pieces of a text that came out of the parser.
    pub fn pieces<'p>(&'p self, text: &'p str) -> Vec<Piece<'p, 't>> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((head, tail)) = rest.split_once(OPEN) {
            if !head.is_empty() {
                pieces.push(Piece::Text(head));
            }
            let (number, left) = tail.split_once(CLOSE).unwrap_or((tail, ""));
            pieces.extend(number.parse().ok().and_then(|n: usize| self.kept.get(n)).map(Piece::Kept));
            rest = left;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        pieces
    }

    /// `text` with what stood there in place of its marks.
    pub fn restored(&self, text: &str) -> String {
        self.joined(text, Kept::source)
    }

    /// `text` with what its marks read as.
    pub fn plain(&self, text: &str) -> String {
        self.joined(text, Kept::plain)
    }

    fn joined<'p>(&'p self, text: &'p str, read: impl Fn(&'p Kept<'t>) -> &'p str) -> String {
        let part = |piece| match piece {
            Piece::Text(text) => text,
            Piece::Kept(kept) => read(kept),
        };
        self.pieces(text).into_iter().map(part).collect()
    }
}

/// Whether a tag may begin behind this letter: at the start or after a space, as the pod itself reads it.
fn starts_tag(before: Option<char>) -> bool {
    before.is_none_or(char::is_whitespace)
}

/// Marks of direction stand between a space and a tag without parting them.
fn is_bidi_control(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_tag_letter(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(
            letter,
            '_' | '-' | '\u{55b}' | '\u{55c}' | '\u{55e}' | '\u{58a}' | '\u{203f}' | '\u{2040}'
        )
        || letter.general_category_group() == GeneralCategoryGroup::Mark
}

fn tag(text: &str) -> Option<Kept<'_>> {
    let name = text.strip_prefix('#')?;
    let length = if name.starts_with("<3") {
        2
    } else {
        let end = name.find(|letter| !is_tag_letter(letter)).unwrap_or(name.len());
        name.get(..end)?.chars().any(char::is_alphanumeric).then_some(end)?
    };
    Some(Kept::Tag { source: text.get(..=length)?, name: name.get(..length)? })
}

/// `@{Name; handle}` or `@{handle}`.
fn mention(text: &str) -> Option<Kept<'_>> {
    let inside = text.strip_prefix("@{")?;
    let window = inside.get(..inside.floor_char_boundary(LONGEST_MENTION))?;
    let inside = inside.get(..window.find('}')?)?;
    let (name, handle) = match inside.rsplit_once(' ') {
        None => (None, inside),
        Some((name, handle)) => (Some(name.strip_suffix(';').filter(|name| !name.is_empty())?), handle),
    };
    let source = text.get(..inside.len() + 3)?;
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    is_handle(handle).then_some(Kept::Mention { source, name, handle })
}

fn is_handle(text: &str) -> bool {
    let letters = |part: &str, also: &[u8]| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || also.contains(&b))
    };
    text.split_once('@').is_some_and(|(user, host)| letters(user, b"._-+") && letters(host, b".-:[]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        Protected::new(text).kept.iter().map(|kept| kept.source().to_owned()).collect()
    }

    #[test]
    fn mentions_are_found_with_and_without_a_name() {
        assert_eq!(
            found("hi @{A_b_ c; a@pod.example}, @{b@pod.example:3000}"),
            ["@{A_b_ c; a@pod.example}", "@{b@pod.example:3000}"]
        );
        assert_eq!(
            Protected::new("@{A; B; a@x.y}").kept,
            [Kept::Mention { source: "@{A; B; a@x.y}", name: Some("A; B"), handle: "a@x.y" }]
        );
    }

    #[test]
    fn what_only_looks_like_a_mention_is_text() {
        for text in ["@{", "@{}", "@{no handle}", "@{A;b@c.d}", "@{b @c.d}", "a@b.c", "@{; <b>@x.y}"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn tags_begin_at_a_boundary_and_end_before_punctuation() {
        assert_eq!(
            found("#a #b_c_d, #ü-1) \u{200f}#e* #<3\n#日本. #हिन्दी"),
            ["#a", "#b_c_d", "#ü-1", "#e", "#<3", "#日本", "#हिन्दी"]
        );
        for text in
            ["a#b", "(#b)", "*#b*", "#-_", "\u{200f}x#b", "http://x/#y", "&#35;", "# heading", "##", "\\#no"]
        {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_forged_mark_is_removed() {
        let protected = Protected::new("\u{fdd0}0\u{fdd1} #a");
        assert_eq!(protected.restored(&protected.text), "0 #a");
    }
}
