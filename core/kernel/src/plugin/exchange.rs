//! What the pod and a plugin hand each other: the contract in `plugin-sdk/wit` as the kernel's own types. What
//! comes back is checked for its size here and by nobody else, whatever ran the plugin.
use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::PluginError;

/// A plugin's answer in all may be that large.
const LARGEST_FRAGMENT: usize = 64 * 1024;
/// Letters of an attachment's data.
const LARGEST_DATA: usize = 64 * 1024;
const MOST_PROBLEMS: usize = 50;
/// Bytes of a file that a page hands out.
const LARGEST_FILE: usize = 1024 * 1024;
/// Letters of what a page puts into its title.
const LONGEST_TITLE: usize = 255;
/// What a page may hand out: nothing that a browser would run.
const FILES: [&str; 4] = ["application/json", "text/csv", "text/calendar", "text/plain"];

/// What a form says, in its order.
pub type Pairs = Vec<(String, String)>;

/// Something that hangs on a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Hung {
    /// Its name across pods; empty for what has none.
    pub guid: String,
    pub kind: String,
    /// What it holds: its element as JSON, and below `answers` how people answered.
    pub data: Value,
}

/// A post as a plugin sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct PostFacts {
    pub guid: String,
    pub author: String,
    pub text: String,
    pub public: bool,
    pub local: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// What it passes on.
    pub root: Option<String>,
    /// Those that are the plugin's own.
    pub attachments: Vec<Hung>,
}

/// What a place of a page is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    Nothing,
    Post(Arc<PostFacts>),
}

/// A place to fill.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub slot: String,
    pub about: About,
}

/// A piece of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Fragment {
    /// A template of the plugin's package with its data.
    Template { name: String, data: Value },
    /// Finished HTML: sanitised before anyone sees it.
    Html(String),
}

/// What is wrong with a form, as a key of the plugin's sentences.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldProblem {
    /// Empty for the whole form.
    pub field: String,
    pub key: String,
    pub args: Vec<(String, Value)>,
}

/// What became of a contribution to the composer.
#[derive(Debug, Clone, PartialEq)]
pub enum Composed {
    /// It was left empty.
    Nothing,
    Attach(Hung),
    Invalid(Vec<FieldProblem>),
}

/// A piece of work that a plugin does in the background.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRequest {
    pub id: u64,
    /// What the plugin calls it.
    pub kind: String,
    pub payload: Value,
    /// 1 for the first time.
    pub attempt: u8,
    /// The clock asked for it, and not the plugin.
    pub scheduled: bool,
}

/// How work of a plugin ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOutcome {
    Done,
    /// There is more to do after this pause.
    Again(Duration),
}

/// A button or small form of a plugin that somebody used.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionRequest {
    pub action: String,
    /// The attachment that it is about; the viewer may read its post.
    pub subject: Option<Hung>,
    pub form: Pairs,
}

/// What an action leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Acted {
    /// Done; the page is shown again.
    Done,
    /// Somewhere on this pod.
    Redirect(String),
    Invalid(Vec<FieldProblem>),
    Forbidden,
}

/// A page of a plugin that somebody asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRequest {
    /// Looking changes nothing; this is a form that was sent.
    pub posted: bool,
    /// Below the plugin's own path, without the slash before it.
    pub route: String,
    pub query: Pairs,
    pub form: Pairs,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq)]
pub enum Served {
    Page {
        /// A key of the plugin's sentences.
        title: String,
        /// What that sentence says as `$text`.
        text: Option<String>,
        body: Fragment,
    },
    /// Somewhere on this pod.
    Redirect(String),
    File {
        /// Its media type, one of a few.
        kind: &'static str,
        body: Vec<u8>,
        /// Seconds.
        max_age: u32,
    },
    NotFound,
    Forbidden,
}

/// The media type that this is, if pages may hand it out.
pub fn file_kind(named: &str) -> Option<&'static str> {
    let (kind, parameters) = named.split_once(';').unwrap_or((named, "charset=utf-8"));
    let is_text = parameters.trim().eq_ignore_ascii_case("charset=utf-8");
    FILES.into_iter().find(|one| is_text && one.eq_ignore_ascii_case(kind.trim()))
}

/// Node of a flattened tree: the first is the root, parents come before their children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub text: Option<String>,
    pub parent: Option<u32>,
}

impl Fragment {
    /// Itself, unless it is too large.
    pub fn checked(self) -> Result<Self, PluginError> {
        let size = match &self {
            Self::Template { name, data } => name.len() + size_of(data),
            Self::Html(html) => html.len(),
        };
        within("a fragment", size, LARGEST_FRAGMENT).map(|()| self)
    }
}

impl Composed {
    /// Itself, unless it is too large.
    pub fn checked(self) -> Result<Self, PluginError> {
        match &self {
            Self::Nothing => {}
            Self::Attach(hung) => within("an attachment", size_of(&hung.data), LARGEST_DATA)?,
            Self::Invalid(problems) => within("the problems of a form", problems.len(), MOST_PROBLEMS)?,
        }
        Ok(self)
    }
}

impl Served {
    /// Itself, unless it is too large.
    pub fn checked(self) -> Result<Self, PluginError> {
        match self {
            Self::Page { title, text, body } => {
                let length = title.chars().count() + text.as_deref().map_or(0, |text| text.chars().count());
                within("a title", length, LONGEST_TITLE)?;
                Ok(Self::Page { title, text, body: body.checked()? })
            }
            Self::File { ref body, .. } => within("a file", body.len(), LARGEST_FILE).map(|()| self),
            other => Ok(other),
        }
    }
}

fn size_of(value: &Value) -> usize {
    value.to_string().len()
}

fn within(what: &str, size: usize, most: usize) -> Result<(), PluginError> {
    if size <= most {
        Ok(())
    } else {
        Err(PluginError::Answer(format!("{what} of {size}, more than {most}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hand_out_nothing_that_a_browser_runs() {
        for (named, kind) in [
            ("text/csv", Some("text/csv")),
            ("Text/Calendar; charset=UTF-8", Some("text/calendar")),
            ("application/json;charset=utf-8", Some("application/json")),
            ("text/html", None),
            ("image/svg+xml", None),
            ("application/xhtml+xml", None),
            ("text/javascript", None),
            ("text/plain; charset=utf-7", None),
            ("text/plain, text/html", None),
            ("text/plain\r\nSet-Cookie: a", None),
            ("", None),
        ] {
            assert_eq!(file_kind(named), kind, "{named}");
        }
    }

    #[test]
    fn what_is_too_large_for_a_page_is_refused() {
        let file = |bytes| Served::File { kind: "text/csv", body: vec![b'a'; bytes], max_age: 0 };
        assert!(file(LARGEST_FILE).checked().is_ok() && file(LARGEST_FILE + 1).checked().is_err());
        let page = |text: usize, body: usize| Served::Page {
            title: "t".into(),
            text: Some("ä".repeat(text)),
            body: Fragment::Html("a".repeat(body)),
        };
        assert!(page(LONGEST_TITLE - 1, LARGEST_FRAGMENT).checked().is_ok());
        assert!(page(LONGEST_TITLE, 1).checked().is_err());
        assert!(page(1, LARGEST_FRAGMENT + 1).checked().is_err());
    }
}
