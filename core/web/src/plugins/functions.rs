//! What a plugin's templates may call: sentences of its own, signs of the theme, and forms whose every tag is
//! written here, so that they lead nowhere but to the plugin's own actions.
use super::dress::Words;
use crate::{
    locale::Lang,
    theme::functions::{Escaped, fault, html, icon, sentence_args},
};
use minijinja::{
    Environment, Error, State, Value, filters, tests,
    value::{Kwargs, Object},
};
use pappus_kernel::{plugin::Enabled, text::plain::LINK_REL};
use std::sync::{Arc, Mutex, PoisonError};

/// What the functions know of the fragment being rendered.
pub struct Around {
    pub slug: String,
    pub lang: Lang,
    pub words: Arc<Words>,
    pub plugin: Arc<Enabled>,
    /// What the form that was begun last is about.
    pub subject: Mutex<String>,
}

impl std::fmt::Debug for Around {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Around").field("slug", &self.slug).finish_non_exhaustive()
    }
}

impl Object for Around {}

pub fn register(env: &mut Environment<'static>) {
    env.add_filter("length", filters::length);
    env.add_filter("default", filters::default);
    env.add_filter("join", filters::join);
    env.add_filter("round", filters::round);
    env.add_test("defined", tests::is_defined);
    env.add_test("none", tests::is_none);
    env.add_function("t", t);
    env.add_function("icon", icon);
    env.add_function("form", form);
    env.add_function("choice", choice);
    env.add_function("submit", submit);
    env.add_function("end_form", || html("</fieldset></form>".into()));
    env.add_function("meter", meter);
    env.add_function("link", link);
}

fn around<T>(state: &State, use_it: impl FnOnce(&Around) -> T) -> Result<T, Error> {
    let found = state.lookup("around");
    let found = found.as_ref().and_then(|value| value.downcast_object_ref::<Around>());
    found.map(use_it).ok_or_else(|| fault("this function belongs in a fragment"))
}

/// `t("key", count=3)`: the plugin's sentence in the reader's language.
#[allow(clippy::needless_pass_by_value, reason = "the engine hands named arguments over")]
fn t(state: &State, key: &str, args: Kwargs) -> Result<Value, Error> {
    let known = sentence_args(key, &args)?;
    around(state, |here| Value::from(here.words.say(here.lang, key, &known)))
}

/// `form("vote", guid, label)`: begins a form for this action of the plugin, about this attachment.
fn form(state: &State, action: &str, subject: &str, label: &str) -> Result<Value, Error> {
    let letters = action.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if !letters || action.is_empty() {
        return Err(fault("an action has a name of a-z and `-`"));
    }
    around(state, |here| {
        subject.clone_into(&mut here.subject.lock().unwrap_or_else(PoisonError::into_inner));
        let slug = &here.slug;
        let (subject, label) = (Escaped(subject), Escaped(label));
        html(format!(
            "<form action=\"/p/{slug}/actions/{action}\" method=\"post\" class=\"stack\" accept-charset=\"utf-8\">\
             <input type=\"hidden\" name=\"subject\" value=\"{subject}\">\
             <fieldset class=\"ticks\"><legend class=\"vh\" dir=\"auto\">{label}</legend>"
        ))
    })
}

/// `choice("answer", value, label)`: one of several to choose from.
fn choice(state: &State, name: &str, value: &str, label: &str) -> Result<Value, Error> {
    around(state, |here| {
        let subject = here.subject.lock().unwrap_or_else(PoisonError::into_inner);
        let id = format!("{}-{}-{}", here.slug, Escaped(&subject), Escaped(value));
        html(format!(
            "<div class=\"tick\"><input type=\"radio\" id=\"{id}\" name=\"{}\" value=\"{}\" required>\
             <label for=\"{id}\" dir=\"auto\">{}</label></div>",
            Escaped(name),
            Escaped(value),
            Escaped(label)
        ))
    })
}

/// `submit(label)`: sends the form.
fn submit(label: &str) -> Value {
    html(format!("<button type=\"submit\" class=\"btn\">{}</button>", Escaped(label)))
}

/// `meter(part, whole, label)`: a bar; what it says stands beside it in words.
fn meter(part: u64, whole: u64, label: &str) -> Value {
    let whole = whole.max(1);
    html(format!(
        "<meter min=\"0\" max=\"{whole}\" value=\"{}\" aria-label=\"{}\"></meter>",
        part.min(whole),
        Escaped(label)
    ))
}

/// `link(url, words)`: to a site that the manifest declares; nothing where the administrator refused it.
fn link(state: &State, url: &str, words: &str) -> Result<Value, Error> {
    around(state, |here| {
        let (to, words) = (Escaped(url), Escaped(words));
        let link = || format!("<a href=\"{to}\" rel=\"{LINK_REL}\" dir=\"auto\">{words}</a>");
        html(if here.plugin.may_link(url) { link() } else { String::new() })
    })
}
