//! The podmin's pages about other pods: who is blocked, and imported lists that wait.
use serde::Serialize;

use super::{Form, Message, Page, views::SAMPLE_NOW};

/// How far a rule goes: word `block-level-<level>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Media,
    Silence,
    Suspend,
}

/// A rule. Lifting posts (`_method=delete`) to `/admin/blocks/<id>`.
#[derive(Debug, Clone, Serialize)]
pub struct BlockView {
    pub id: i64,
    /// A host, or a diaspora* ID.
    pub target: String,
    pub subdomains: bool,
    pub level: Level,
    /// A silenced one whose pictures are hidden too.
    pub pictures_hidden: bool,
    pub reason: String,
    pub note: String,
    /// The admin; none for the command line.
    pub actor: Option<String>,
    pub at: i64,
}

/// `/admin/blocks`. Posts there, or with `_method=put` to `/admin/blocks/<id>`: `target`, `level`, `subdomains`,
/// `media`, `reason`, `note`.
#[derive(Debug, Clone, Serialize)]
pub struct AdminBlocksPage {
    pub blocks: Vec<BlockView>,
    /// Lines of imported lists that wait.
    pub drafts: u64,
    /// The rule that the form changes; none where it makes one.
    pub editing: Option<i64>,
    pub form: Form,
}

impl Page for AdminBlocksPage {
    const TEMPLATE: &'static str = "pages/admin_blocks.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-blocks-title")
    }

    fn samples() -> Vec<Self> {
        let block = |id, target: &str, level| BlockView {
            id,
            target: target.into(),
            subdomains: id == 1,
            level,
            pictures_hidden: level == Level::Silence,
            reason: if id == 2 { String::new() } else { "Sells <b>things</b>.".into() },
            note: if id == 2 { String::new() } else { "Wrote to their podmin.".into() },
            actor: (id == 1).then(|| "robin".into()),
            at: SAMPLE_NOW,
        };
        let blocks = vec![
            block(1, "spam.example", Level::Suspend),
            block(2, "loud@garden.example", Level::Silence),
            block(3, "pictures.example", Level::Media),
        ];
        let fresh = Form::default().value("level", "suspend");
        let typed = fresh.clone().value("target", "spam").value("subdomains", "true");
        let refused = typed.clone().error("target", "not-a-host").error("level", "required");
        vec![
            Self { blocks: vec![], drafts: 0, editing: None, form: fresh },
            Self { blocks: blocks.clone(), drafts: 3, editing: Some(1), form: typed },
            Self { blocks, drafts: 0, editing: None, form: refused },
        ]
    }
}

/// A line of an imported list.
#[derive(Debug, Clone, Serialize)]
pub struct DraftView {
    pub id: i64,
    pub target: String,
    pub subdomains: bool,
    pub level: Level,
    pub pictures_hidden: bool,
    pub reason: String,
    pub source: String,
    /// What a rule says already.
    pub present: Option<Level>,
    /// Known people whom it would touch.
    pub people: u64,
    /// Contacts that members have among them.
    pub contacts: u64,
}

/// A line that was of no use: sentence `rule-<rule>`.
#[derive(Debug, Clone, Serialize)]
pub struct ProblemView {
    pub line: u64,
    pub text: String,
    pub rule: String,
}

/// `/admin/blocks/drafts`. Posts there: `draft[]`, `decision` (`approve`, `discard`); a list to
/// `/admin/blocks/import`: `list`, `source`, `level`.
#[derive(Debug, Clone, Serialize)]
pub struct AdminBlockDraftsPage {
    pub drafts: Vec<DraftView>,
    /// All that wait, of which these are the first.
    pub waiting: u64,
    pub problems: Vec<ProblemView>,
    pub problem_count: u64,
    pub form: Form,
}

impl Page for AdminBlockDraftsPage {
    const TEMPLATE: &'static str = "pages/admin_block_drafts.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-drafts-title")
    }

    fn samples() -> Vec<Self> {
        let draft = |id, target: &str, level, present| DraftView {
            id,
            target: target.into(),
            subdomains: id == 1,
            level,
            pictures_hidden: id == 2,
            reason: if id == 2 { String::new() } else { "Sells <b>things</b>.".into() },
            source: "A list".into(),
            present,
            people: 12,
            contacts: 3,
        };
        let drafts = vec![
            draft(1, "spam.example", Level::Suspend, None),
            draft(2, "loud.example", Level::Silence, Some(Level::Suspend)),
        ];
        let problem =
            |rule: &str| ProblemView { line: 7, text: "sp*m.example,suspend".into(), rule: rule.into() };
        let none = Self {
            drafts: vec![],
            waiting: 0,
            problems: vec![],
            problem_count: 0,
            form: Form::default().value("level", "suspend"),
        };
        let refused = Self { form: none.form.clone().error("list", "too-long"), ..none.clone() };
        let read = Self {
            drafts,
            waiting: 700,
            problems: vec![problem("obfuscated"), problem("no-effect")],
            problem_count: 2,
            form: none.form.clone(),
        };
        vec![none, refused, read]
    }
}
