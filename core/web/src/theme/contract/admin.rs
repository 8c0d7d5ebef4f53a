//! The podmin's pages: an overview and the plugins.
use serde::Serialize;
use std::collections::BTreeMap;

use super::{
    Form, Message, Page,
    views::{PersonView, SAMPLE_NOW},
};

/// A number of the overview: label `figure-<id>`, value as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// `members`, `active`, `posts`, `comments`, `queue`, `delivered`, `failing_pods`, `plugins`, `uptime`.
    pub id: String,
    pub value: String,
}

/// Something that wants the podmin: sentence `need-<id>` with `$count`.
#[derive(Debug, Clone, Serialize)]
pub struct Need {
    /// `dead_jobs`, `failing_pods`, `plugins_failed`, `changed_keys`, `development`.
    pub id: String,
    pub count: u64,
    pub url: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct AdminOverviewPage {
    pub figures: Vec<Figure>,
    pub needs: Vec<Need>,
    pub version: String,
    /// `SQLite` or `PostgreSQL`, with its version.
    pub database: String,
    pub registrations_open: bool,
}

impl Page for AdminOverviewPage {
    const TEMPLATE: &'static str = "pages/admin_overview.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-overview-title")
    }

    fn samples() -> Vec<Self> {
        let ids = [
            "members",
            "active",
            "posts",
            "comments",
            "queue",
            "delivered",
            "failing_pods",
            "plugins",
            "uptime",
        ];
        let needs = ["dead_jobs", "failing_pods", "plugins_failed", "changed_keys", "development"];
        let quiet = Self {
            figures: ids.map(|id| Figure { id: id.into(), value: "214".into() }).into(),
            needs: vec![],
            version: "0.10.0".into(),
            database: "SQLite 3.50".into(),
            registrations_open: true,
        };
        let busy = Self {
            needs: needs
                .iter()
                .zip(1..)
                .map(|(id, count)| Need {
                    id: (*id).into(),
                    count,
                    url: (*id == "plugins_failed").then(|| "/admin/plugins".into()),
                })
                .collect(),
            registrations_open: false,
            ..quiet.clone()
        };
        vec![quiet, busy]
    }
}

/// How much a grant can hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    Low,
    Middle,
    High,
}

/// Something that a plugin asks for. Its sentence is `grant-<key>`, or `name` as it is where there is none.
#[derive(Debug, Clone, Serialize)]
pub struct GrantView {
    /// What the form sends in `grants[]`.
    pub name: String,
    /// Message key without `grant-`: `text-renderer`, `ui-slots`, …; `link` for a site, whose origin is the name.
    pub key: String,
    pub risk: Risk,
    /// The author's reason, from the manifest.
    pub reason: String,
    pub granted: bool,
    /// Of a hook that sees texts: `public` or `all-text`; the form sends it in `audience[<name>]`.
    pub audience: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PluginState {
    Running,
    Disabled,
    /// Switched on and not able to run.
    Failed,
    /// Found, and never switched on.
    Found,
    /// Its package is gone, and what it stored is here.
    Removed,
}

/// Why a plugin fails: the sentence `plugin-error-<key>` with its arguments.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    pub key: String,
    pub args: BTreeMap<String, String>,
}

/// Posts to `/admin/plugins/<slug>/enable` (`grants[]`) and `/admin/plugins/<slug>/disable`.
#[derive(Debug, Clone, Serialize)]
pub struct PluginView {
    pub slug: String,
    pub id: String,
    pub name: String,
    pub version: String,
    pub summary: String,
    pub authors: Vec<String>,
    pub license: String,
    pub state: PluginState,
    pub grants: Vec<GrantView>,
    /// In words, as the host reported it.
    pub last_error: Option<Fault>,
    pub memory_mib: u64,
    pub time_ms: u64,
    /// Calls that failed since the start.
    pub failures: u64,
    /// The podmin brought its package, and can remove it.
    pub installed: bool,
    /// The key of its author; none where nobody signed it.
    pub signed_by: Option<String>,
    /// It acts in the names of members who let it.
    pub acts_for_members: bool,
    /// The podmin has something to choose at `/admin/plugins/<slug>/settings`.
    pub has_settings: bool,
    /// What names the present package in forms, as `package`.
    pub package: String,
    /// A newer version that asks for more: the present one goes on until that is decided.
    pub waiting: Option<OtherVersion>,
    /// The version to go back to.
    pub previous: Option<OtherVersion>,
}

/// Another version of a plugin. The one that waits posts to `/admin/plugins/<slug>/update` (`grants[]`, `package`) or
/// `/admin/plugins/<slug>/discard` (`package`), the one before to `/admin/plugins/<slug>/roll_back` (`package`).
#[derive(Debug, Clone, Serialize)]
pub struct OtherVersion {
    pub version: String,
    /// What names it in forms.
    pub package: String,
    pub signed_by: Option<String>,
    /// What it asks for, if it waits.
    pub grants: Vec<GrantView>,
}

/// Packages are posted to `/admin/plugins/packages` as `multipart/form-data`: `package`, `author`. Beside what stands at
/// [`PluginView`]: `/admin/plugins/<slug>/uninstall` (`purge`).
#[derive(Debug, Clone, Serialize)]
pub struct AdminPluginsPage {
    pub plugins: Vec<PluginView>,
    /// Why a package was not taken.
    pub refused: Option<Fault>,
    pub form: Form,
}

impl Page for AdminPluginsPage {
    const TEMPLATE: &'static str = "pages/admin_plugins.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-plugins-title")
    }

    fn samples() -> Vec<Self> {
        let grants = [
            ("text-renderer", Risk::High),
            ("posts", Risk::Middle),
            ("https://maps.example", Risk::Middle),
            ("something-new", Risk::Low),
        ];
        let plugin = |slug: &str, state| PluginView {
            slug: slug.into(),
            id: format!("org.pappus.{slug}"),
            name: format!("Plugin {slug}"),
            version: "0.1.0".into(),
            summary: "Turns <b>marks</b> into headings, lists and links.".into(),
            authors: vec!["Lea".into()],
            license: "MIT OR Apache-2.0".into(),
            state,
            grants: grants
                .map(|(name, risk)| GrantView {
                    name: name.into(),
                    key: if name.starts_with("https:") { "link".into() } else { name.into() },
                    risk,
                    reason: "Posts are to look as their authors meant them.".into(),
                    granted: state == PluginState::Running,
                    audience: (name == "text-renderer").then_some("all-text"),
                })
                .into(),
            last_error: (state == PluginState::Failed).then(|| Fault {
                key: "trap".into(),
                args: BTreeMap::from([("detail".into(), "out of memory in <render>".into())]),
            }),
            memory_mib: 16,
            time_ms: 20,
            failures: u64::from(state == PluginState::Failed) * 7,
            installed: false,
            signed_by: None,
            acts_for_members: state == PluginState::Disabled,
            has_settings: state == PluginState::Running,
            package: String::new(),
            waiting: None,
            previous: None,
        };
        let running = plugin("emphasis", PluginState::Running);
        let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        let other = |version: &str, grants| OtherVersion {
            version: version.into(),
            package: "00ff".into(),
            signed_by: Some(key.into()),
            grants,
        };
        let brought = PluginView {
            installed: true,
            signed_by: Some(key.into()),
            waiting: Some(other("0.2.0", running.grants.clone())),
            previous: Some(other("0.0.9", vec![])),
            ..plugin("notes", PluginState::Running)
        };
        let all = vec![
            running,
            brought,
            PluginView { installed: true, ..plugin("survey", PluginState::Failed) },
            plugin("places", PluginState::Disabled),
            PluginView { grants: vec![], ..plugin("quiet", PluginState::Found) },
            PluginView { grants: vec![], ..plugin("old", PluginState::Removed) },
        ];
        let empty = Self { plugins: vec![], refused: None, form: Form::default() };
        let args = BTreeMap::from([("by".into(), key.into()), ("has".into(), "RWR".into())]);
        let refused = Some(Fault { key: "other-author".into(), args });
        let form = Form::default().error("package", "required");
        vec![empty.clone(), Self { plugins: all, form, ..empty.clone() }, Self { refused, ..empty }]
    }
}

/// `/admin/settings`. Posts there: `pod_name`, `registrations` (`open`, `closed`).
#[derive(Debug, Clone, Serialize)]
pub struct AdminSettingsPage {
    pub base_url: String,
    pub form: Form,
}

impl Page for AdminSettingsPage {
    const TEMPLATE: &'static str = "pages/admin_settings.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-settings-title")
    }

    fn samples() -> Vec<Self> {
        let fresh = Form::default().value("pod_name", "Meadow").value("registrations", "closed");
        let base_url = "https://meadow.example".to_owned();
        vec![
            Self { base_url: base_url.clone(), form: fresh.clone() },
            Self { base_url, form: fresh.value("pod_name", "").error("pod_name", "required") },
        ]
    }
}

/// Somebody whose pod shows another key. Posts to `/admin/keys/<id>`: `shown`, the fingerprint.
#[derive(Debug, Clone, Serialize)]
pub struct KeyChangeView {
    pub id: i64,
    pub person: PersonView,
    /// The fingerprint of the key that is kept.
    pub kept: String,
    /// The fingerprint of the one that their pod shows.
    pub shown: String,
    /// The account there is a new one.
    pub new_account: bool,
    /// Microseconds.
    pub at: i64,
}

/// `/admin/keys`.
#[derive(Debug, Clone, Serialize)]
pub struct AdminKeysPage {
    pub changes: Vec<KeyChangeView>,
}

impl Page for AdminKeysPage {
    const TEMPLATE: &'static str = "pages/admin_keys.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-keys-title")
    }

    fn samples() -> Vec<Self> {
        let change = KeyChangeView {
            id: 7,
            person: PersonView::sample("Alia Okafor", "alia@garden.example"),
            kept: "00aa 11bb 22cc 33dd 44ee 55ff 6600 7711".into(),
            shown: "ffee ddcc bbaa 9988 7766 5544 3322 1100".into(),
            new_account: true,
            at: SAMPLE_NOW,
        };
        let kept_account = KeyChangeView { id: 8, new_account: false, ..change.clone() };
        vec![Self { changes: vec![] }, Self { changes: vec![change, kept_account] }]
    }
}
