//! Where templates come from: theme, its parents, and at last the core, by names `@layer/path`.
//!
//! The layer `safe` is the core's files again, out of which no name leads: protected pages and the kit live there.
use std::{borrow::Cow, collections::BTreeMap, path::Path, sync::Arc};

use minijinja::{
    Environment, Error, Output, State, TemplateSource, UndefinedBehavior, Value, escape_formatter,
};
use rust_embed::RustEmbed;

use super::functions;

/// Paid for by instructions and by bytes: a page of twenty posts costs about a twentieth of it.
pub const PAGE_FUEL: u64 = 150_000;
const RECURSION: usize = 80;
const CORE: &str = "core";
const SAFE: &str = "safe";
/// Building blocks of forms: for the core's files only. Themes call `kit.html`, which uses them.
const FORMS: &str = "kit/";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct CoreTemplates;

/// One theme's templates, by their paths below `templates/`.
#[derive(Debug, Default)]
pub struct Layer {
    pub id: String,
    pub templates: BTreeMap<String, Arc<str>>,
}

/// The chain of a theme: itself first, the core not among them.
#[derive(Debug, Default)]
pub struct Layers(pub Vec<Layer>);

impl Layers {
    /// The full name of the first file that has this path.
    pub fn first(&self, path: &str) -> String {
        self.after(None, path)
    }

    /// Full names of everything the themes themselves bring.
    pub fn names(&self) -> Vec<String> {
        let of = |layer: &Layer| layer.templates.keys().map(|path| full(&layer.id, path)).collect::<Vec<_>>();
        self.0.iter().flat_map(of).collect()
    }

    fn after(&self, layer: Option<&str>, path: &str) -> String {
        let skip = layer
            .map_or(0, |id| self.0.iter().position(|each| each.id == id).map_or(self.0.len(), |at| at + 1));
        let found = self.0.iter().skip(skip).find(|layer| layer.templates.contains_key(path));
        full(found.map_or(CORE, |layer| &layer.id), path)
    }

    /// What `name` means in the file `parent`.
    fn join(&self, name: &str, parent: &str) -> String {
        let (layer, _) =
            parent.strip_prefix('@').and_then(|full| full.split_once('/')).unwrap_or((SAFE, parent));
        let (wish, path) = match name.split_once(':') {
            Some((wish, path)) => (Some(wish), path),
            None => (None, name),
        };
        let theirs = layer != SAFE && layer != CORE;
        if theirs && path.starts_with(FORMS) {
            return full("nowhere", path);
        }
        if layer == SAFE || is_kit(path) {
            return full(SAFE, path);
        }
        match wish {
            Some("core") => full(CORE, path),
            Some("parent") => self.after(Some(layer), path),
            Some(_) => full("nowhere", path),
            None => self.first(path),
        }
    }

    fn load(&self, name: &str) -> Option<TemplateSource> {
        let (layer, path) = name.strip_prefix('@')?.split_once('/')?;
        if layer == CORE || layer == SAFE {
            return core_template(path).map(|source| fresh(path, TemplateSource::new(source.into_owned())));
        }
        let layer = self.0.iter().find(|each| each.id == layer)?;
        layer.templates.get(path).map(|source| TemplateSource::new(source.to_string()))
    }

    /// An environment in which these layers are all there is: no file, no network, no variable of the machine.
    pub fn environment(self: Arc<Self>) -> Environment<'static> {
        let mut env = sandbox(PAGE_FUEL, RECURSION);
        let layers = Arc::clone(&self);
        env.set_path_join_callback(move |name, parent| Cow::Owned(layers.join(name, parent)));
        env.set_loader(move |name| Ok::<_, Error>(self.load(name)));
        functions::register(&mut env);
        env
    }
}

/// An environment in which nothing is to be had, and templates cost at most so much.
pub fn sandbox(fuel: u64, recursion: usize) -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.set_formatter(print);
    env.set_fuel(Some(fuel));
    env.set_recursion_limit(recursion);
    env.set_debug(true);
    env
}

/// While developing, an edited file shows with the next page.
fn fresh(path: &str, source: TemplateSource) -> TemplateSource {
    if !cfg!(debug_assertions) {
        return source;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(path);
    let changed = move || file.metadata().and_then(|known| known.modified()).ok();
    let loaded = changed();
    source.with_uptodate_check(move || changed() == loaded)
}

/// Escapes plain strings as HTML needs it, slashes left alone: old clients look for addresses in the source.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text).map_err(Error::from),
        Some(text) => functions::write_escaped(out, text).map_err(Error::from),
        None => escape_formatter(out, state, value),
    }
}

/// The core's own file: what every theme stands on.
pub fn safe_name(path: &str) -> String {
    full(SAFE, path)
}

pub fn core_template(path: &str) -> Option<Cow<'static, str>> {
    let file = CoreTemplates::get(path)?;
    match file.data {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// Whether the template of this full name is one of the core's files.
pub fn is_core(name: &str) -> bool {
    let layer = name.strip_prefix('@').and_then(|full| full.split_once('/'));
    layer.is_some_and(|(layer, _)| layer == SAFE || layer == CORE)
}

fn is_kit(path: &str) -> bool {
    path == "kit.html" || path.starts_with(FORMS)
}

/// Whether a theme may not bring a file of this path.
pub fn is_protected(path: &str, protected_pages: &[&str]) -> bool {
    is_kit(path) || path == "admin.html" || protected_pages.contains(&path)
}

fn full(layer: &str, path: &str) -> String {
    format!("@{layer}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Arc<Layers> {
        let layer = |id: &str, files: &[(&str, &str)]| Layer {
            id: id.into(),
            templates: files.iter().map(|(path, source)| ((*path).into(), Arc::from(*source))).collect(),
        };
        Arc::new(Layers(vec![
            layer("child", &[("parts/x.html", "child {% include 'parent:parts/x.html' %}")]),
            layer("mother", &[("parts/x.html", "mother"), ("kit.html", "forged")]),
        ]))
    }

    #[test]
    fn a_file_is_taken_from_the_first_layer_and_continues_in_the_next() {
        let env = layers().environment();
        let page = env.get_template(&layers().first("parts/x.html")).unwrap().render(()).unwrap();
        assert_eq!(page, "child mother");
    }

    #[test]
    fn no_name_leads_out_of_the_layers_or_to_a_forged_kit() {
        let layers = layers();
        assert_eq!(layers.join("kit.html", "@child/pages/a.html"), "@safe/kit.html");
        assert_eq!(layers.join("parent:kit.html", "@child/pages/a.html"), "@safe/kit.html");
        assert_eq!(layers.join("parts/x.html", "@safe/pages/a.html"), "@safe/parts/x.html");
        for name in [
            "../../etc/passwd",
            "/etc/passwd",
            "@mother/kit.html",
            "evil:x",
            "core:../../Cargo.toml",
            "kit/forms.html",
        ] {
            let full = layers.join(name, "@child/pages/a.html");
            assert!(layers.load(&full).is_none(), "{name} → {full}");
        }
    }
}
