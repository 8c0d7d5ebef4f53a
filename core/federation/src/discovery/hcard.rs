//! The hCard: a page of HTML of which only classes matter. It holds a person's GUID, key,
//! names and pictures. Peers' pages are full of other things, so it is read with a real HTML
//! tokenizer and by class alone.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::entity::field::has_path;
use crate::id::Guid;
use crate::key::{PublicKey, is_public_pem};

use super::{DiscoveryError, escape};

/// Bigger pages are not worth reading.
pub const MAX_BYTES: usize = 256 * 1024;
/// Deeper pages are not worth reading either.
const MAX_DEPTH: usize = 256;

/// What an hCard tells about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HCard {
    /// The person's name across pods.
    pub guid: Guid,
    /// The user name.
    pub nickname: Option<String>,
    /// The whole name.
    pub full_name: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The public key.
    pub public_key: PublicKey,
    /// Picture of 300 pixels; may be relative to the pod.
    pub photo_large_url: String,
    /// Picture of 100 pixels.
    pub photo_medium_url: String,
    /// Picture of 50 pixels.
    pub photo_small_url: String,
    /// May be found by name.
    pub searchable: bool,
}

impl HCard {
    /// Reads a page.
    pub fn from_html(page: &str) -> Result<Self, DiscoveryError> {
        if page.len() > MAX_BYTES {
            return Err(DiscoveryError::Unreadable);
        }
        let found = read(page);
        let text =
            |class: &str| found.texts.iter().find(|(name, _)| *name == class).map(|(_, text)| text.trim());
        let name = |class: &'static str, max: usize| match text(class).filter(|text| !text.is_empty()) {
            Some(text) if !crate::entity::field::fits(text, max) || text.contains(';') => {
                Err(DiscoveryError::Part(class))
            }
            text => Ok(text.map(str::to_owned)),
        };
        let photo = |class: &'static str| {
            let url = found.photos.iter().find(|(name, _)| *name == class).map(|(_, url)| url.clone());
            url.filter(|url| has_path(url)).ok_or(DiscoveryError::Part(class))
        };
        // Some pages have a second, empty one.
        let pem = found.texts.iter().find(|(class, text)| *class == "key" && is_public_pem(text));
        let public_key = pem.and_then(|(_, pem)| PublicKey::from_pem(pem).ok());
        let full_name = text("fn").ok_or(DiscoveryError::Part("fn"))?;
        if !crate::entity::field::fits(full_name, 70) {
            return Err(DiscoveryError::Part("fn"));
        }
        Ok(Self {
            guid: text("uid").and_then(|uid| uid.parse().ok()).ok_or(DiscoveryError::Part("uid"))?,
            nickname: text("nickname").filter(|text| !text.is_empty()).map(str::to_owned),
            full_name: full_name.to_owned(),
            first_name: name("given_name", 32)?,
            last_name: name("family_name", 32)?,
            public_key: public_key.ok_or(DiscoveryError::Part("key"))?,
            photo_large_url: photo("entity_photo")?,
            photo_medium_url: photo("entity_photo_medium")?,
            photo_small_url: photo("entity_photo_small")?,
            searchable: text("searchable") == Some("true"),
        })
    }

    /// Prints a page that every known peer understands; `base` is the pod's URL.
    pub fn to_html(&self, base: &str) -> String {
        let row = |class: &str, title: &str, inner: &str| {
            format!(" <dl class=\"entity_{class}\"><dt>{title}</dt><dd>{inner}</dd></dl>\n")
        };
        let span = |class: &str, text: &str| format!("<span class=\"{class}\">{}</span>", escape(text));
        let image = |size: u32, url: &str| {
            let url = escape(url);
            format!("<img class=\"photo avatar\" width=\"{size}\" height=\"{size}\" src=\"{url}\"/>")
        };
        let name = escape(&self.full_name);
        let (first, last) =
            (self.first_name.as_deref().unwrap_or_default(), self.last_name.as_deref().unwrap_or_default());
        let url = escape(base);
        let rows = [
            row("uid", "Uid", &span("uid", self.guid.as_str())),
            row("nickname", "Nickname", &span("nickname", self.nickname.as_deref().unwrap_or_default())),
            row("full_name", "Full_name", &span("fn", &self.full_name)),
            row("searchable", "Searchable", &span("searchable", &self.searchable.to_string())),
            row("key", "Key", &format!("<pre class=\"key\">{}</pre>", escape(&self.public_key.to_pem()))),
            row("first_name", "First_name", &span("given_name", first)),
            row("family_name", "Family_name", &span("family_name", last)),
            row("url", "Url", &format!("<a id=\"pod_location\" href=\"{url}\">{url}</a>")),
            row("photo", "Photo", &image(300, &self.photo_large_url)),
            row("photo_medium", "Photo_medium", &image(100, &self.photo_medium_url)),
            row("photo_small", "Photo_small", &image(50, &self.photo_small_url)),
        ];
        format!(
            "<!DOCTYPE html>\n<html>\n<head><meta charset=\"UTF-8\"/><title>{name}</title></head>\n<body>\n\
             <div id=\"content\">\n<h1>{name}</h1>\n\
             <div id=\"content_inner\" class=\"entity_profile vcard author\"><h2>User profile</h2>\n{}</div>\n\
             </div>\n</body>\n</html>\n",
            rows.concat()
        )
    }
}

const TEXTS: [&str; 7] = ["uid", "nickname", "fn", "given_name", "family_name", "key", "searchable"];
const PHOTOS: [&str; 3] = ["entity_photo", "entity_photo_medium", "entity_photo_small"];
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// What was found, in document order.
#[derive(Default)]
struct Found {
    texts: Vec<(&'static str, String)>,
    photos: Vec<(&'static str, String)>,
}

/// An open element: its name, and which of the wanted texts and photo boxes it is.
struct Open {
    name: String,
    text: Option<usize>,
    photo_box: Option<&'static str>,
}

#[derive(Default)]
struct State {
    found: Found,
    open: Vec<Open>,
}

fn read(page: &str) -> Found {
    let sink = Sink(RefCell::default());
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(page));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().found
}

struct Sink(RefCell<State>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.push(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return state.start(&tag),
            Token::TagToken(tag) => state.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn push(&mut self, text: &str) {
        let found = &mut self.found;
        for index in self.open.iter().filter_map(|open| open.text) {
            if let Some((_, into)) = found.texts.get_mut(index) {
                into.push_str(text);
            }
        }
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let attribute = |name: &str| {
            tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|found| &*found.value)
        };
        let classes = attribute("class").unwrap_or_default().split_ascii_whitespace().collect::<Vec<_>>();
        let wanted = |names: &[&'static str]| names.iter().find(|name| classes.contains(name)).copied();
        if classes.contains(&"photo")
            && let Some(src) = attribute("src")
        {
            for photo_box in self.open.iter().filter_map(|open| open.photo_box) {
                self.found.photos.push((photo_box, src.to_owned()));
            }
        }
        let name = &*tag.name;
        if !VOID.contains(&name) && !tag.self_closing && self.open.len() < MAX_DEPTH {
            let text = wanted(&TEXTS).map(|class| {
                self.found.texts.push((class, String::new()));
                self.found.texts.len() - 1
            });
            self.open.push(Open { name: name.to_owned(), text, photo_box: wanted(&PHOTOS) });
        }
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    /// Closes down to the element of that name; a stray end tag closes nothing.
    fn end(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.open.truncate(at);
        }
    }
}
