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
