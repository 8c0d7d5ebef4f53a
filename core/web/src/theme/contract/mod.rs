//! What a template may use: one type per page and part, with samples of every state.
//! Names and fields here are the interface that themes are written against.
pub mod admin;
pub mod blocks;
pub mod conversations;
pub mod entry;
pub mod moving;
pub mod people;
pub mod plain;
pub mod plugin_settings;
pub mod pods;
pub mod settings;
pub mod stream;
pub mod views;

use std::collections::BTreeMap;

use minijinja::Value;
use serde::Serialize;

use crate::locale::Lang;

/// A page. `samples` makes the theme check render it in every state.
pub trait Page: Serialize {
    /// Path below `templates/`; the file's stem is the page's id.
    const TEMPLATE: &'static str;

    /// Pages where a password, a right or a way back is at stake always come from the core's own files.
    const PROTECTED: bool = false;

    /// What stands in the title bar and, mostly, in the `h1`.
    fn title(&self) -> Message;

    /// Whether this very page must come from the core's files.
    fn protected(&self) -> bool {
        Self::PROTECTED
    }

    /// The posts on it, which plugins may add to.
    fn posts(&self) -> Vec<&views::PostView> {
        Vec::new()
    }

    fn samples() -> Vec<Self>
    where
        Self: Sized;
}

/// A sentence by its key, with what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub key: &'static str,
    pub args: Vec<(&'static str, String)>,
}

impl Message {
    pub fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

/// HTML that the kernel's sanitiser made: the one kind of string that a page prints unescaped.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct SafeHtml(Value);

impl SafeHtml {
    /// Only for what comes out of the sanitiser, or is written by us.
    pub fn sanitised(html: impl Into<String>) -> Self {
        Self(Value::from_safe_string(html.into()))
    }

    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    /// More of the same behind it.
    pub(crate) fn append(&mut self, html: &str) {
        let whole = format!("{}{html}", self.0.as_str().unwrap_or_default());
        self.0 = Value::from_safe_string(whole);
    }
}

impl Default for SafeHtml {
    fn default() -> Self {
        Self::sanitised(String::new())
    }
}

/// What every page gets besides its own context.
#[derive(Debug, Clone)]
pub struct Chrome {
    pub pod: PodView,
    /// None for a visitor.
    pub me: Option<Me>,
    pub lang: Lang,
    pub mode: Mode,
    /// Path and query of the request, for "you are here" and to come back after a form.
    pub path: String,
    /// Absolute address of this page; none where it should not be kept.
    pub canonical: Option<String>,
    pub flash: Vec<Flash>,
    /// The complete `window.gon={};gon.user=…` line for clients that read it, not yet escaped.
    pub gon: Option<String>,
    pub csrf: String,
    /// Microseconds since 1970, from the pod's clock.
    pub now: i64,
    /// What plugins put into named places: slot, subject (a guid or empty), fragment.
    pub slots: BTreeMap<String, BTreeMap<String, SafeHtml>>,
}

#[derive(Debug, Clone, Serialize)]
pub struct PodView {
    pub name: String,
    /// Base URL without a slash at the end.
    pub url: String,
    pub version: String,
    pub registrations_open: bool,
    /// A loopback pod: it does not federate, and says so on every page.
    pub development: bool,
}

/// The signed-in member.
#[derive(Debug, Clone, Serialize)]
pub struct Me {
    pub name: String,
    pub handle: String,
    pub guid: String,
    pub avatar: Option<String>,
    pub unread_notifications: u64,
    pub unread_conversations: u64,
    pub is_admin: bool,
    /// For the rail: my aspects in their order.
    pub aspects: Vec<views::AspectView>,
    /// For the rail: followed tags without number signs.
    pub tags: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A line said once after a form: `key` is a message `flash-…`.
#[derive(Debug, Clone, Serialize)]
pub struct Flash {
    pub kind: FlashKind,
    pub key: String,
    /// Arguments of the message.
    pub args: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FlashKind {
    Done,
    Notice,
    Problem,
}

/// What somebody typed, and which rule each field breaks: shown at the field, text kept.
/// Names are those of the form's fields; rules are `Invalid::rule` of the kernel (`rule-…` in the locales).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Form {
    pub values: BTreeMap<String, String>,
    pub errors: BTreeMap<String, String>,
    /// What is wrong with none of the fields, in words.
    pub said: Option<String>,
}

impl Form {
    #[must_use]
    pub fn value(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    #[must_use]
    pub fn error(mut self, name: impl Into<String>, rule: impl Into<String>) -> Self {
        self.errors.insert(name.into(), rule.into());
        self
    }
}

impl Chrome {
    /// A plain chrome: a visitor in the light of day.
    pub fn visitor(pod: PodView, lang: Lang, path: impl Into<String>, now: i64) -> Self {
        Self {
            pod,
            me: None,
            lang,
            mode: Mode::Auto,
            path: path.into(),
            canonical: None,
            flash: Vec::new(),
            gon: None,
            csrf: String::new(),
            now,
            slots: BTreeMap::new(),
        }
    }

    /// One for a visitor and one for a member, for checks of themes.
    pub fn samples(lang: Lang) -> Vec<Self> {
        let pod = PodView {
            name: "Meadow".into(),
            url: "https://meadow.example".into(),
            version: "0.10.0".into(),
            registrations_open: true,
            development: false,
        };
        let mut visitor = Self::visitor(pod.clone(), lang, "/", views::SAMPLE_NOW);
        visitor.csrf = "sample-token".into();
        visitor.canonical = Some("https://meadow.example/".into());
        let me = Me {
            name: "Robin <b>".into(),
            handle: "robin@meadow.example".into(),
            guid: "f".repeat(32),
            avatar: None,
            unread_notifications: 3,
            unread_conversations: 2,
            is_admin: true,
            aspects: views::AspectView::sample_list(),
            tags: vec!["gardening".into(), "rust".into()],
        };
        let flash = vec![Flash { kind: FlashKind::Done, key: "flash-saved".into(), args: BTreeMap::new() }];
        let gon = "window.gon={};gon.user={\"id\":1};gon.preloads={};gon.appConfig={};".to_owned();
        let member = Self {
            me: Some(me),
            flash,
            gon: Some(gon),
            path: "/stream".into(),
            mode: Mode::Dark,
            pod: PodView { development: true, ..pod },
            ..visitor.clone()
        };
        vec![visitor, member]
    }
}

/// Calls `$visit!(Type)` for every page there is: checks and samples cannot forget one.
#[macro_export]
macro_rules! for_each_page {
    ($visit:ident) => {{
        use $crate::theme::contract::{
            admin, blocks, conversations, entry, moving, people, plain, plugin_settings, pods, settings,
            stream,
        };
        $visit!(entry::SetupTokenPage);
        $visit!(entry::SetupPage);
        $visit!(entry::NotSetUpPage);
        $visit!(entry::SignUpPage);
        $visit!(entry::RegistrationsClosedPage);
        $visit!(entry::SignInPage);
        $visit!(entry::SignInCodePage);
        $visit!(entry::HomePage);
        $visit!(stream::StreamPage);
        $visit!(stream::PostPage);
        $visit!(stream::TagPage);
        $visit!(people::ProfilePage);
        $visit!(people::PhotosPage);
        $visit!(people::SearchPage);
        $visit!(people::ContactsPage);
        $visit!(people::NotificationsPage);
        $visit!(settings::SettingsAccountPage);
        $visit!(settings::SettingsProfilePage);
        $visit!(settings::SettingsSecurityPage);
        $visit!(settings::SettingsPrivacyPage);
        $visit!(plugin_settings::SettingsPluginsPage);
        $visit!(plugin_settings::AdminPluginSettingsPage);
        $visit!(conversations::ConversationsPage);
        $visit!(conversations::ConversationNewPage);
        $visit!(moving::SettingsMovingPage);
        $visit!(admin::AdminOverviewPage);
        $visit!(admin::AdminPluginsPage);
        $visit!(admin::AdminSettingsPage);
        $visit!(admin::AdminKeysPage);
        $visit!(blocks::AdminBlocksPage);
        $visit!(blocks::AdminBlockDraftsPage);
        $visit!(pods::AdminPodsPage);
        $visit!(pods::AdminPodPage);
        $visit!(pods::AdminJobsPage);
        $visit!(plain::ConfirmPage);
        $visit!(plain::StatisticsPage);
        $visit!(plain::ErrorPage);
    }};
}
