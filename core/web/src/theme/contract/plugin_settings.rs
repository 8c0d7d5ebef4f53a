//! What people choose for plugins: forms that the pod makes of the manifests.
use serde::Serialize;

use super::{Form, Message, Page};

/// One setting. The name of its field is `s[<key>]`; a secret is forgotten by `forget[]` with its key.
#[derive(Debug, Clone, Serialize)]
pub struct SettingView {
    pub key: String,
    pub name: String,
    pub id: String,
    /// In the plugin's words.
    pub label: String,
    pub help: Option<String>,
    /// `text`, `integer`, `boolean`, `choice`, `color`, `origin`, `secret`, `handle`, `list` (a line each)
    pub kind: &'static str,
    /// What is chosen, or what was typed; never a secret.
    pub value: String,
    /// Of a boolean.
    pub on: bool,
    pub choices: Vec<ChoiceView>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// Of a secret: it is there.
    pub is_set: bool,
    /// Of a secret: it can be typed here.
    pub typed: bool,
    /// What is wrong, in words.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ChoiceView {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// A plugin with what there is to choose about it.
#[derive(Debug, Clone, Serialize)]
pub struct PluginSettings {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub fields: Vec<SettingView>,
    /// Whether it may act for the member; none where it acts for nobody.
    pub acts: Option<bool>,
}

impl PluginSettings {
    fn samples() -> Vec<Self> {
        let kinds = ["text", "integer", "boolean", "choice", "color", "origin", "secret", "handle", "list"];
        let field = |(at, kind): (usize, &'static str)| SettingView {
            key: kind.into(),
            name: format!("s[{kind}]"),
            id: format!("example-{kind}"),
            label: format!("A <{kind}>"),
            help: (at % 2 == 0).then(|| "What it is for.".into()),
            kind,
            value: if kind == "color" { "#00aa88".into() } else { "</textarea>\"x".into() },
            on: true,
            choices: ["a", "b"]
                .map(|it| ChoiceView { value: it.into(), label: it.into(), chosen: it == "b" })
                .into(),
            min: (kind == "integer").then_some(2),
            max: matches!(kind, "integer" | "text").then_some(50),
            is_set: true,
            typed: true,
            problem: (at % 3 == 0).then(|| "Something is wrong with it.".into()),
        };
        let full = Self {
            slug: "example".into(),
            name: "Example".into(),
            summary: "Does <b>something</b>.".into(),
            fields: kinds.into_iter().enumerate().map(field).collect(),
            acts: Some(true),
        };
        let mut bare = Self { slug: "quiet".into(), acts: Some(false), ..full.clone() };
        bare.fields.retain(|field| field.kind == "secret");
        for field in &mut bare.fields {
            (field.is_set, field.typed, field.id) = (false, false, "quiet-secret".into());
        }
        vec![full, bare]
    }
}

/// `/settings/plugins`. Each plugin posts to `/settings/plugins/<slug>`, its switch to
/// `/settings/plugins/<slug>/switch` (`on`: `true` or `false`).
#[derive(Debug, Clone, Serialize)]
pub struct SettingsPluginsPage {
    pub plugins: Vec<PluginSettings>,
    /// Which fields are wrong.
    pub form: Form,
}

impl Page for SettingsPluginsPage {
    const TEMPLATE: &'static str = "pages/settings_plugins.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("settings-plugins-title")
    }

    fn samples() -> Vec<Self> {
        let form = Form::default().error("example-text", "too-long");
        vec![
            Self { plugins: vec![], form: Form::default() },
            Self { plugins: PluginSettings::samples(), form },
        ]
    }
}

/// `/admin/plugins/<slug>/settings`. Posts there.
#[derive(Debug, Clone, Serialize)]
pub struct AdminPluginSettingsPage {
    pub plugin: PluginSettings,
    /// Which fields are wrong.
    pub form: Form,
}

impl Page for AdminPluginSettingsPage {
    const TEMPLATE: &'static str = "pages/admin_plugin_settings.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-plugin-settings-title").with("name", &*self.plugin.name)
    }

    fn samples() -> Vec<Self> {
        let form = Form::default().error("example-text", "too-long");
        let samples = PluginSettings::samples().into_iter();
        let mut all: Vec<Self> = samples.map(|plugin| Self { plugin, form: form.clone() }).collect();
        for page in &mut all {
            page.plugin.acts = None;
        }
        if let Some(last) = all.last_mut() {
            (last.plugin.fields, last.form) = (vec![], Form::default());
        }
        all
    }
}
