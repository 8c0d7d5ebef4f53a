//! Themes: typed pages in, HTML out, from layered templates that cannot hurt.
//!
//! A theme is checked as a whole before it is switched on, and while it is on, a page it cannot render is
//! rendered by the core. Reading order: `contract`, `package` (a theme's files), `loader`, `functions`.
pub mod check;
pub mod contract;
pub mod csp;
mod forms;
pub(crate) mod functions;
mod head;
pub(crate) mod loader;
pub mod manifest;
pub mod package;
mod style;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwap;
use fluent_bundle::FluentArgs;
use minijinja::{
    Environment, Value, context,
    value::{Enumerator, Object, Serde},
};

use self::{
    contract::{Chrome, Message, Page},
    functions::{AMBIENT, Ambient},
    loader::Layers,
    package::{Package, Refused},
};
use crate::{assets::Asset, locale::Lang};

pub use self::csp::csp;

/// A page that not even the core's own templates could render.
#[derive(Debug, thiserror::Error)]
#[error("cannot render {template}: {reason}")]
pub struct RenderError {
    pub template: &'static str,
    reason: String,
    #[source]
    source: minijinja::Error,
}

impl RenderError {
    fn new(template: &'static str, source: minijinja::Error) -> Self {
        let mut reason = source.to_string();
        let mut cause = std::error::Error::source(&source);
        while let Some(error) = cause {
            reason.push_str("; ");
            reason.push_str(&error.to_string());
            cause = error.source();
        }
        Self { template, reason, source }
    }
}

/// The theme that is on. Cheap to share; switching it disturbs no request.
#[derive(Debug)]
pub struct Theme {
    active: ArcSwap<Active>,
    incidents: AtomicU64,
}

/// One theme, ready: its templates over its parents' over the core's.
#[derive(Debug)]
struct Active {
    id: String,
    env: Environment<'static>,
    layers: Arc<Layers>,
    stylesheets: Arc<[String]>,
    /// Files by their paths below `/-/theme/`, those of parents too.
    files: Vec<(String, Asset)>,
    base: Option<Arc<str>>,
    names: Arc<[String]>,
}

impl Theme {
    /// The core's own look, without any theme.
    pub fn core() -> Self {
        let layers = Arc::new(Layers::default());
        let active = Active {
            id: "core".into(),
            env: Arc::clone(&layers).environment(),
            layers,
            stylesheets: Arc::new([]),
            files: Vec::new(),
            base: None,
            names: Arc::new([]),
        };
        Self { active: ArcSwap::from_pointee(active), incidents: AtomicU64::new(0) }
    }

    /// A theme that comes with the pod, by its id; `core` is none at all. That every page renders in it
    /// is proven by the tests, and not again at every start.
    pub fn bundled(id: &str) -> Result<Self, Refused> {
        let theme = Self::core();
        if id != "core" {
            theme.active.store(Arc::new(Active::build(&Package::bundled(id)?)?));
        }
        Ok(theme)
    }

    /// Switches to `package` if every page renders in it; otherwise says why not, and the old one stays.
    pub fn switch(&self, package: &Package) -> Result<(), Refused> {
        let active = Active::build(package)?;
        active.prove()?;
        self.active.store(Arc::new(active));
        Ok(())
    }

    /// Which theme is on.
    pub fn id(&self) -> String {
        self.active.load().id.clone()
    }

    /// How often a page fell back to the core since the start.
    pub fn incidents(&self) -> u64 {
        self.incidents.load(Ordering::Relaxed)
    }

    /// A file of the theme by the path of the request: `/-/theme/<id>/<hash>/<file>`.
    pub fn lookup(&self, path: &str) -> Option<Asset> {
        let active = self.active.load();
        active.files.iter().find(|(url, _)| url == path).map(|(_, asset)| asset.clone())
    }

    /// The page as HTML. A theme that fails costs its own look only.
    pub fn render<P: Page>(&self, chrome: &Chrome, page: &P) -> Result<String, RenderError> {
        let active = self.active.load();
        let context = active.context(chrome, page);
        let fallback = loader::safe_name(P::TEMPLATE);
        let name = if page.protected() { fallback.clone() } else { active.layers.first(P::TEMPLATE) };
        let error = match active.fill(&name, &context) {
            Ok(html) => return Ok(html),
            Err(error) => RenderError::new(P::TEMPLATE, error),
        };
        if name == fallback {
            return Err(error);
        }
        self.incidents.fetch_add(1, Ordering::Relaxed);
        tracing::error!(theme.id = active.id, template = name, %error, "a theme could not render a page; the core did");
        active.fill(&fallback, &context).map_err(|error| RenderError::new(P::TEMPLATE, error))
    }
}

/// What a template sees: the page's own fields, and around them what every page has. Each name that a template
/// uses is looked for here, those of the functions, too, so a look must be short.
#[derive(Debug)]
struct Whole {
    around: [(&'static str, Value); 6],
    page: Value,
}

impl Object for Whole {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let around = self.around.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
        around.or_else(|| self.page.get_attr(key).ok().filter(|value| !value.is_undefined()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let around = self.around.iter().map(|(name, _)| Value::from(*name));
        Enumerator::Values(around.chain(self.page.try_iter().into_iter().flatten()).collect())
    }
}

impl Active {
    fn build(package: &Package) -> Result<Self, Refused> {
        let chain = package.chain()?;
        let mut files = Vec::new();
        let mut stylesheets = Vec::new();
        for (at, link) in chain.iter().enumerate().rev() {
            let (served, sheets) = link.served(at == 0)?;
            files.extend(served);
            stylesheets.extend(sheets);
        }
        let layers = chain.iter().map(Package::layer).collect::<Result<Vec<_>, _>>()?;
        let layers = Arc::new(Layers(layers));
        Ok(Self {
            id: package.id().to_owned(),
            env: Arc::clone(&layers).environment(),
            layers,
            stylesheets: stylesheets.into(),
            base: Some(package.base().into()),
            names: package.asset_names().into(),
            files,
        })
    }

    fn context<P: Page>(&self, chrome: &Chrome, page: &P) -> Value {
        let title = sentence(chrome.lang, &page.title());
        let chrome = Arc::new(chrome.clone());
        let id =
            P::TEMPLATE.rsplit('/').next().and_then(|file| file.strip_suffix(".html")).unwrap_or_default();
        let ambient = Ambient {
            chrome: Arc::clone(&chrome),
            title: title.clone(),
            stylesheets: Arc::clone(&self.stylesheets),
            theme_base: self.base.clone(),
            theme_files: Arc::clone(&self.names),
        };
        let about = context! {
            id,
            title,
            lang => chrome.lang.id(),
            dir => chrome.lang.dir(),
            mode => chrome.mode.as_str(),
            path => chrome.path.clone(),
            canonical => chrome.canonical.clone(),
        };
        Value::from_object(Whole {
            around: [
                (AMBIENT, Value::from_object(ambient)),
                ("pod", Value::from(Serde(&chrome.pod))),
                ("me", Value::from(Serde(&chrome.me))),
                ("flash", Value::from(Serde(&chrome.flash))),
                ("page", about),
                ("theme", context! { id => self.id.clone() }),
            ],
            page: Value::from(Serde(page)),
        })
    }

    fn fill(&self, name: &str, context: &Value) -> Result<String, minijinja::Error> {
        self.env.get_template(name)?.render(context.clone())
    }

    /// Reads every template of the theme, and renders every sample of every page in every language.
    fn prove(&self) -> Result<(), Refused> {
        for name in self.layers.names() {
            let read = self.env.get_template(&name).map(drop);
            read.map_err(|error| Refused::new(&self.id, format!("{name}: {error}")))?;
        }
        macro_rules! prove {
            ($page:ty) => {
                for lang in Lang::ALL {
                    for chrome in Chrome::samples(lang) {
                        for sample in <$page as Page>::samples() {
                            self.prove_one(&chrome, &sample)?;
                        }
                    }
                }
            };
        }
        crate::for_each_page!(prove);
        Ok(())
    }

    fn prove_one<P: Page>(&self, chrome: &Chrome, page: &P) -> Result<(), Refused> {
        if page.protected() {
            return Ok(());
        }
        let html = self
            .fill(&self.layers.first(P::TEMPLATE), &self.context(chrome, page))
            .map_err(|error| Refused::new(&self.id, RenderError::new(P::TEMPLATE, error).to_string()))?;
        for landmark in ["<main id=\"main\"", "name=\"csrf-token\"", "id=\"say\""] {
            if !html.contains(landmark) {
                return Err(Refused::new(
                    &self.id,
                    format!("{} comes out without `{landmark}`", P::TEMPLATE),
                ));
            }
        }
        Ok(())
    }
}

fn sentence(lang: Lang, message: &Message) -> String {
    let mut args = FluentArgs::new();
    for (name, value) in &message.args {
        args.set(*name, value.as_str());
    }
    lang.t(message.key, &args).into_owned()
}

/// Paths of the pages that themes may not bring.
fn protected_pages() -> Vec<&'static str> {
    let mut paths = Vec::new();
    macro_rules! collect {
        ($page:ty) => {
            if <$page as Page>::PROTECTED {
                paths.push(<$page as Page>::TEMPLATE);
            }
        };
    }
    crate::for_each_page!(collect);
    paths
}
