//! The one scanner for mentions and tags: it decides notifications, rows, federation and which links a
//! renderer may make. It knows no markup.
use pappus_federation::id::DiasporaId;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// A mention is never longer than this: what is inside the braces, in bytes.
const LONGEST_MENTION: usize = 512;
/// A tag is never longer than this, in characters.
const LONGEST_TAG: usize = 255;

/// A text is listed under so many tags: more are a way of being in the way.
const MOST_TAGS: usize = 100;

/// Something that the scanner found, by its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'t> {
    /// The first byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// What it is.
    pub kind: Kind<'t>,
}

/// What the scanner looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind<'t> {
    /// `@{Name; user@host}` or `@{user@host}`.
    Mention {
        /// The name as it was written, if one was.
        name: Option<&'t str>,
        /// The diaspora* ID in lower case.
        handle: String,
    },
    /// `#name`.
    Tag {
        /// In lower case, without the number sign.
        name: String,
    },
}

/// Everything in `text`, in order and never overlapping.
pub fn scan(text: &str) -> Vec<Found<'_>> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(skip) = text.get(at..).and_then(|rest| rest.find(['@', '#'])) {
        let start = at + skip;
        let (before, here) = text.split_at(start);
        let found = if here.starts_with('@') { mention(here) } else { tag(before, here) };
        at = start + 1;
        if let Some((length, kind)) = found {
            at = start + length;
            all.push(Found { start, end: at, kind });
        }
    }
    all
}

/// The diaspora* IDs that `text` mentions, each once, in order.
pub fn mentions(text: &str) -> Vec<String> {
    unique(scan(text).into_iter().filter_map(|found| match found.kind {
        Kind::Mention { handle, .. } => Some(handle),
        Kind::Tag { .. } => None,
    }))
}

/// The tags of `text`, each once, in order; no more than a hundred.
pub fn tags(text: &str) -> Vec<String> {
    let mut tags = unique(scan(text).into_iter().filter_map(|found| match found.kind {
        Kind::Tag { name } => Some(name),
        Kind::Mention { .. } => None,
    }));
    tags.truncate(MOST_TAGS);
    tags
}

/// What somebody typed as the name of a tag, with or without its sign, as the scanner would read it.
pub fn tag_name(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let sign = format!("#{}", typed.trim_start_matches('#'));
    match tag("", &sign) {
        Some((length, Kind::Tag { name })) if length == sign.len() => Some(name),
        _ => None,
    }
}

fn unique(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    all.filter(|one| seen.insert(one.clone())).collect()
}

fn mention(here: &str) -> Option<(usize, Kind<'_>)> {
    let inner = here.strip_prefix("@{")?;
    let window = inner.get(..inner.floor_char_boundary(LONGEST_MENTION))?;
    let inner = inner.get(..window.find('}')?)?;
    let (name, handle) = match inner.rsplit_once(' ') {
        None => (None, inner),
        Some((name, handle)) => (Some(name.strip_suffix(';').filter(|name| !name.is_empty())?), handle),
    };
    let handle: DiasporaId = handle.to_lowercase().parse().ok()?;
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    Some((inner.len() + 3, Kind::Mention { name, handle: handle.to_string() }))
}

fn tag<'t>(before: &str, here: &str) -> Option<(usize, Kind<'t>)> {
    let open = before.trim_end_matches(is_bidi_control).chars().next_back().is_none_or(char::is_whitespace);
    let body = here.strip_prefix('#').filter(|_| open)?;
    if body.starts_with("<3") {
        return Some((3, Kind::Tag { name: "<3".into() }));
    }
    let length = body.find(|c| !is_tag_char(c)).unwrap_or(body.len());
    let name = body.get(..length)?.to_lowercase();
    let fits = (1..=LONGEST_TAG).contains(&name.chars().count()) && name.chars().any(char::is_alphanumeric);
    fits.then_some((length + 1, Kind::Tag { name }))
}

/// Letters, marks, digits and connectors of any script, the hyphen and the Armenian marks inside words.
fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '-' | '\u{55b}' | '\u{55c}' | '\u{55e}' | '\u{58a}' | '\u{203f}' | '\u{2040}')
        || c.general_category_group() == GeneralCategoryGroup::Mark
}

const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_follow_a_start_or_a_space() {
        let text = "#One two#no (#no) #über_2 \u{200f}#شكرا\n#two-part #<3 # ## #-- http://x/#no #one";
        assert_eq!(tags(text), ["one", "über_2", "شكرا", "two-part", "<3"]);
    }

    #[test]
    fn a_mark_does_not_cut_a_word() {
        assert_eq!(tags("#हिन्दी #Բարեւ՜"), ["हिन्दी", "բարեւ՜"]);
    }

    #[test]
    fn a_tag_has_255_characters_at_most() {
        let (fits, long) = (format!("#{}", "ä".repeat(255)), format!("#{}", "ä".repeat(256)));
        assert_eq!((tags(&fits).len(), tags(&long).len()), (1, 0));
    }

    #[test]
    fn both_forms_of_a_mention_are_read() {
        let text = "@{Alice A; Alice@Pod.example} and @{bob@pod.example:3000}";
        let found = scan(text);
        let kinds: Vec<_> = found.iter().map(|found| found.kind.clone()).collect();
        let handle = String::from;
        assert_eq!(
            kinds,
            [
                Kind::Mention { name: Some("Alice A"), handle: handle("alice@pod.example") },
                Kind::Mention { name: None, handle: handle("bob@pod.example:3000") },
            ]
        );
        assert_eq!(&text[found[1].start..found[1].end], "@{bob@pod.example:3000}");
    }

    #[test]
    fn what_only_looks_like_a_mention_is_none() {
        for text in
            ["@{alice}", "@{a b@c.d}", "@{; b@c.d}", "@{}", "@{b@c.d", "@b@c.d", "@ {b@c.d}", "@{b @c.d}"]
        {
            assert_eq!(mentions(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(mentions("@{x @{bob@c.example}"), ["bob@c.example"]);
    }

    #[test]
    fn a_flood_of_openings_takes_no_time() {
        assert_eq!(scan(&"@{".repeat(1 << 20)), []);
    }

    #[test]
    fn a_typed_name_becomes_the_scanners_name() {
        assert_eq!(tag_name(" #Rust ").as_deref(), Some("rust"));
        assert_eq!(tag_name("rust lang"), None);
        assert_eq!(tag_name(""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_scanned_in_order(text in "\\PC*") {
            let found = scan(&text);
            assert!(found.is_sorted_by_key(|found| found.start));
            let mut last = 0;
            for one in found {
                assert!(one.start >= last && text.get(one.start..one.end).is_some());
                last = one.end;
            }
        }

        #[test]
        fn a_found_tag_is_found_again(text in "(#[\\PC]{0,12}|[ #@{};a-z.]{0,9})*") {
            for name in tags(&text) {
                assert_eq!(tags(&format!("#{name}")), std::slice::from_ref(&name));
                assert_eq!(tag_name(&name), Some(name));
            }
            for handle in mentions(&text) {
                assert_eq!(mentions(&format!("x @{{{handle}}} y")), [handle]);
            }
        }
    }
}
