//! Forms of plugins' settings: the manifest's settings as fields with the plugin's words, filled with what is chosen
//! or what was typed, and what was sent as the kernel takes it.
use super::dress::Words;
use crate::{
    App,
    fields::Fields,
    locale::Lang,
    theme::contract::{
        Form,
        plugin_settings::{ChoiceView, PluginSettings, SettingView},
    },
    visit::Visit,
};
use fluent_bundle::FluentArgs;
use pappus_kernel::plugin::{
    Enabled,
    manifest::{Setting, SettingKind},
    settings::form::{Field, Sent, Wrong},
};
use serde_json::Value;
use std::sync::Arc;

/// A form that was refused: what was sent, and what is wrong with it.
pub struct Refused<'a> {
    pub slug: &'a str,
    pub sent: &'a Sent,
    pub wrong: &'a [Wrong],
}

/// What was sent: `s[<key>]`, and `forget[]` with the keys of secrets.
pub fn sent(fields: &Fields) -> Sent {
    let value = |(name, value): &(String, String)| {
        let key = name.strip_prefix("s[")?.strip_suffix(']')?;
        Some((key.to_owned(), value.clone()))
    };
    Sent {
        values: fields.pairs().iter().filter_map(value).collect(),
        forget: fields.all("forget").into_iter().collect(),
    }
}

/// A plugin with its fields, as they are or as they were sent.
pub fn shown(
    app: &App,
    visit: &Visit,
    enabled: &Arc<Enabled>,
    fields: &[Field],
    refused: Option<&Refused<'_>>,
) -> PluginSettings {
    let dressed = app.wardrobe.of(&enabled.plugin);
    let manifest = enabled.plugin.manifest();
    let refused = refused.filter(|refused| refused.slug == enabled.slug());
    let said = Said { lang: visit.lang, words: dressed.words(), slug: enabled.slug() };
    PluginSettings {
        slug: enabled.slug().to_owned(),
        name: manifest.name.clone(),
        summary: manifest.description.clone(),
        fields: fields.iter().map(|field| said.field(field, refused)).collect(),
        acts: None,
    }
}

/// Which fields of a refused form are wrong.
pub fn form(refused: Option<&Refused<'_>>) -> Form {
    let Some(refused) = refused else { return Form::default() };
    let wrong = refused.wrong.iter();
    wrong.fold(Form::default(), |form, wrong| form.error(id(refused.slug, &wrong.key), wrong.rule))
}

fn id(slug: &str, key: &str) -> String {
    format!("setting-{slug}-{key}")
}

struct Said<'a> {
    lang: Lang,
    words: &'a Words,
    slug: &'a str,
}

impl Said<'_> {
    fn say(&self, key: &str) -> String {
        self.words.say(self.lang, key, &FluentArgs::new())
    }

    fn field(&self, field: &Field, refused: Option<&Refused<'_>>) -> SettingView {
        let setting = &field.setting;
        let typed = refused.map(|refused| refused.sent.values.get(&setting.key).map(String::as_str));
        let value = match typed {
            _ if setting.is_secret() => String::new(),
            Some(typed) => typed.unwrap_or_default().to_owned(),
            None => field.value.as_ref().map(text).unwrap_or_default(),
        };
        let wrong = refused.and_then(|refused| refused.wrong.iter().find(|wrong| wrong.key == setting.key));
        let (min, max) = bounds(&setting.kind);
        SettingView {
            key: setting.key.clone(),
            name: format!("s[{}]", setting.key),
            id: id(self.slug, &setting.key),
            label: self.say(&setting.label),
            help: setting.help.as_ref().map(|key| self.say(key)),
            kind: kind(&setting.kind),
            on: !matches!(value.as_str(), "" | "false" | "0"),
            choices: self.choices(setting, &value),
            min,
            max,
            is_set: field.is_set,
            typed: matches!(setting.kind, SettingKind::Secret { of: Some(_) }),
            problem: wrong.map(|wrong| self.problem(&setting.kind, wrong.rule)),
            value,
        }
    }

    fn choices(&self, setting: &Setting, value: &str) -> Vec<ChoiceView> {
        let SettingKind::Choice(choices) = &setting.kind else { return Vec::new() };
        let one = |choice: &String| ChoiceView {
            label: self.say(&format!("{}-{choice}", setting.label)),
            chosen: choice == value,
            value: choice.clone(),
        };
        choices.iter().map(one).collect()
    }

    fn problem(&self, kind: &SettingKind, rule: &'static str) -> String {
        let mut args = FluentArgs::new();
        let mut rule = rule;
        if let (SettingKind::Integer { min, max }, "setting-range") = (kind, rule) {
            // in letters: a number would be given the reader's grouping, which the field does not take
            args.set("min", min.to_string());
            args.set("max", max.to_string());
            rule = match (*min, *max) {
                (_, i64::MAX) => "setting-least",
                (i64::MIN, _) => "setting-most",
                _ => rule,
            };
        }
        let key = format!("rule-{rule}");
        let key = if Lang::En.find(&key, &args).is_some() { key.as_str() } else { "rule-invalid" };
        self.lang.t(key, &args).into_owned()
    }
}

const fn kind(kind: &SettingKind) -> &'static str {
    match kind {
        SettingKind::Text { .. } => "text",
        SettingKind::Integer { .. } => "integer",
        SettingKind::Boolean => "boolean",
        SettingKind::Choice(_) => "choice",
        SettingKind::Color => "color",
        SettingKind::Origin => "origin",
        SettingKind::Secret { .. } => "secret",
        SettingKind::Handle => "handle",
        SettingKind::List { .. } => "list",
    }
}

/// Letters of a text, or what a number may be.
fn bounds(kind: &SettingKind) -> (Option<i64>, Option<i64>) {
    match kind {
        SettingKind::Text { max, .. } => (None, i64::try_from(*max).ok()),
        SettingKind::Integer { min, max } => {
            ((*min > i64::MIN).then_some(*min), (*max < i64::MAX).then_some(*max))
        }
        _ => (None, None),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
