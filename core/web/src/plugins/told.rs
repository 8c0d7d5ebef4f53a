//! What plugins tell members, in the reader's language.
use crate::{App, locale::Lang};
use fluent_bundle::{FluentArgs, FluentValue};
use pappus_kernel::{notification::Told, person::Person};
use serde_json::{Map, Value};

/// The plugin's sentence; while it is off, one of the pod that says so. `$name` is the first of those who did it.
pub fn told(app: &App, lang: Lang, told: &Told, first: Option<&Person>) -> String {
    let Some(enabled) = app.pod.plugins.find(&told.plugin) else {
        return lang.t("notification-plugin", &FluentArgs::new()).into_owned();
    };
    let mut args = FluentArgs::new();
    if let Some(person) = first {
        args.set("name", person.name.clone());
    }
    let given: Map<String, Value> = serde_json::from_str(&told.args).unwrap_or_default();
    for (name, value) in given {
        match (value.as_i64(), value.as_str()) {
            (Some(number), _) => args.set(name, FluentValue::from(number)),
            (None, text) => args.set(name, text.unwrap_or_default().to_owned()),
        }
    }
    app.wardrobe.of(&enabled.plugin).words().say(lang, &told.message_key, &args)
}
