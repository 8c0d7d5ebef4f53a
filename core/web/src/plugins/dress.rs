//! What a plugin's package holds for pages: its templates, checked like a theme's, and its sentences. Read once for
//! each component.
use super::functions::{self, Around};
use crate::{
    locale::{self, Lang},
    theme::{check, loader::sandbox},
};
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use minijinja::{Environment, Error, ErrorKind, Value, context, value::Serde};
use pappus_kernel::plugin::{Enabled, Files, Plugin};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, RwLock},
};

/// A fragment costs at most so much: a poll with twenty answers takes a hundredth of it.
const FUEL: u64 = 50_000;
const RECURSION: usize = 20;
/// Packages that are kept; more than any pod has switched on.
const KEPT: usize = 200;

/// The templates and sentences of all plugins, by the hash of the component.
#[derive(Default)]
pub struct Wardrobe(RwLock<HashMap<String, Arc<Dressed>>>);

impl Wardrobe {
    pub fn of(&self, plugin: &Arc<dyn Plugin>) -> Arc<Dressed> {
        let known = self.0.read().ok().and_then(|all| all.get(plugin.sha256()).cloned());
        known.unwrap_or_else(|| {
            let dressed = Arc::new(Dressed::new(plugin.manifest().slug.as_str(), plugin.files()));
            if let Ok(mut all) = self.0.write() {
                if all.len() >= KEPT {
                    all.clear();
                }
                all.insert(plugin.sha256().to_owned(), Arc::clone(&dressed));
            }
            dressed
        })
    }
}

/// One plugin's.
pub struct Dressed {
    env: Environment<'static>,
    words: Arc<Words>,
}

impl Dressed {
    /// A template that breaks the rules of themes is left out, with its reason in the log.
    fn new(slug: &str, files: &Files) -> Self {
        let mut env = sandbox(FUEL, RECURSION);
        functions::register(&mut env);
        for (name, source) in &files.templates {
            let refused = match check::check(source) {
                Err(fault) => Some(format!("line {}: {}", fault.line, fault.reason)),
                Ok(()) => env.add_template_owned(name.clone(), source.clone()).err().map(|e| e.to_string()),
            };
            if let Some(reason) = refused {
                tracing::error!(
                    plugin.name = slug,
                    template = name,
                    reason,
                    "a plugin's template is refused: {reason}"
                );
            }
        }
        Self { env, words: Arc::new(Words::new(slug, files)) }
    }

    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The template with its data below `data`, in the reader's language.
    pub fn render(
        &self,
        plugin: &Arc<Enabled>,
        lang: Lang,
        name: &str,
        data: &serde_json::Value,
    ) -> Result<String, Error> {
        let template = self.env.get_template(name).map_err(|error| match error.kind() {
            ErrorKind::TemplateNotFound => {
                Error::new(ErrorKind::TemplateNotFound, format!("{name} is not in its package"))
            }
            _ => error,
        })?;
        let around = Around {
            slug: plugin.slug().to_owned(),
            lang,
            words: Arc::clone(&self.words),
            plugin: Arc::clone(plugin),
            subject: Mutex::default(),
        };
        template.render(context! { data => Value::from(Serde(data)), around => Value::from_object(around) })
    }
}

/// A plugin's sentences in every language that it speaks.
pub struct Words(HashMap<String, FluentBundle<FluentResource>>);

impl Words {
    fn new(slug: &str, files: &Files) -> Self {
        let mut all = HashMap::new();
        for (language, source) in &files.locales {
            let mut bundle = locale::bundle(language);
            locale::add(&mut bundle, &format!("{slug}/locales/{language}.ftl"), source.clone(), |_| {});
            all.insert(language.clone(), bundle);
        }
        Self(all)
    }

    /// The sentence of `key` as text; in English where the language lacks it, and the key where there is none.
    pub fn say(&self, lang: Lang, key: &str, args: &FluentArgs<'_>) -> String {
        let mut languages = [lang.id(), Lang::En.id()].into_iter();
        let said = languages.find_map(|id| locale::say(self.0.get(id)?, key, args));
        said.unwrap_or_else(|| format!("⟦{key}⟧"))
    }
}
