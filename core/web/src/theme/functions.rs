//! What templates may call: few functions, few filters. Filters that take strings apart are not among them,
//! so that no template can build a tag out of pieces of safe HTML.
use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::{Timestamp, tz::TimeZone};
use minijinja::{
    Environment, Error, ErrorKind, State, Value, filters, tests,
    value::{Kwargs, Object, ValueKind},
};

use super::{contract::Chrome, forms, head};
use crate::{assets, locale::Lang};

/// What the functions know of the page being rendered. A template can neither read nor forge it.
#[derive(Debug)]
pub struct Ambient {
    pub chrome: Arc<Chrome>,
    pub title: String,
    /// Links to the theme's style sheets.
    pub stylesheets: Arc<[String]>,
    /// Where the theme's own files are served: `/-/theme/<id>/<hash>/`.
    pub theme_base: Option<Arc<str>>,
    pub theme_files: Arc<[String]>,
}

impl Object for Ambient {}

/// The name under which the ambient stands in the context.
pub const AMBIENT: &str = "ambient";

pub fn register(env: &mut Environment<'static>) {
    env.add_filter("escape", filters::escape);
    env.add_filter("e", filters::escape);
    env.add_filter("length", filters::length);
    env.add_filter("default", filters::default);
    env.add_filter("lower", filters::lower);
    env.add_filter("upper", filters::upper);
    env.add_filter("join", filters::join);
    env.add_filter("round", filters::round);
    env.add_filter("urlencode", filters::urlencode);
    env.add_test("defined", tests::is_defined);
    env.add_test("none", tests::is_none);
    env.add_test("odd", tests::is_odd);
    env.add_test("even", tests::is_even);
    env.add_function("range", range);
    env.add_function("t", t);
    env.add_function("url", url);
    env.add_function("asset", asset);
    env.add_function("icon", icon);
    env.add_function("time", time);
    env.add_function("avatar", avatar);
    env.add_function("here", here);
    env.add_function("slot", slot);
    forms::register(env);
    env.add_function("head", |state: &State| ambient(state, |known| Ok(html(head::head(known)))));
    env.add_function("tail", |state: &State| ambient(state, |_| Ok(html(head::tail()))));
}

pub fn html(text: String) -> Value {
    Value::from_safe_string(text)
}

fn ambient<T>(state: &State, use_it: impl FnOnce(&Ambient) -> Result<T, Error>) -> Result<T, Error> {
    let found = state.lookup(AMBIENT);
    match found.as_ref().and_then(|value| value.downcast_object_ref::<Ambient>()) {
        Some(known) => use_it(known),
        None => Err(fault("this function belongs on a page")),
    }
}

pub fn fault(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// `range(n)`: at most 500 rounds.
fn range(end: u32) -> Result<Vec<u32>, Error> {
    if end > 500 { Err(fault("range ends at 500")) } else { Ok((0..end).collect()) }
}

/// The named arguments of a sentence.
pub fn sentence_args<'a>(key: &str, args: &'a Kwargs) -> Result<FluentArgs<'a>, Error> {
    let mut known = FluentArgs::new();
    for name in args.args() {
        let value: &Value = args.peek(name)?;
        let fluent = match value.kind() {
            ValueKind::Undefined => return Err(fault(format!("`{name}` of `{key}` is undefined"))),
            ValueKind::Number => match i64::try_from(value.clone()) {
                Ok(number) => FluentValue::from(number),
                Err(_) => FluentValue::from(value.to_string()),
            },
            _ => FluentValue::from(text_of(value)),
        };
        known.set(name, fluent);
    }
    Ok(known)
}

/// `t("key", count=3)`: the sentence in the reader's language, as text.
#[allow(clippy::needless_pass_by_value, reason = "the engine hands named arguments over")]
fn t(state: &State, key: &str, args: Kwargs) -> Result<Value, Error> {
    let known = sentence_args(key, &args)?;
    // A rule that nobody put into words is still a broken rule.
    let said = !key.starts_with("rule-") || Lang::En.find(key, &known).is_some();
    let key = if said { key } else { "rule-invalid" };
    ambient(state, |page| Ok(Value::from(page.chrome.lang.t(key, &known).as_ref())))
}

/// As it would be printed.
fn text_of(value: &Value) -> Cow<'_, str> {
    value.as_str().map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed)
}

/// `url("post", guid)`: the path of a page.
fn url(route: &str, subject: Option<&Value>) -> Result<Value, Error> {
    let path = match route {
        "home" => "/",
        "stream" => "/stream",
        "public" => "/public",
        "contacts" => "/contacts",
        "notifications" => "/notifications",
        "conversations" => "/conversations",
        "conversation_new" => "/conversations/new",
        "privacy" => "/privacy",
        "search" => "/people",
        "sign_in" => "/users/sign_in",
        "sign_up" => "/users/sign_up",
        "settings" => "/user/edit",
        "profile_edit" => "/profile/edit",
        "security" => "/user/security",
        "moving" => "/user/move",
        "settings_plugins" => "/settings/plugins",
        "admin" => "/admin",
        "admin_plugins" => "/admin/plugins",
        "admin_settings" => "/admin/settings",
        "admin_keys" => "/admin/keys",
        "admin_blocks" => "/admin/blocks",
        "admin_block_drafts" => "/admin/blocks/drafts",
        "admin_pods" => "/admin/pods",
        "admin_jobs" => "/admin/jobs",
        _ => return subject_url(route, subject),
    };
    Ok(Value::from(path))
}

fn subject_url(route: &str, subject: Option<&Value>) -> Result<Value, Error> {
    let prefix = match route {
        "person" => "/people/",
        "post" => "/posts/",
        "tag" => "/tags/",
        "aspect" => "/aspects?a_ids[]=",
        "admin_pod" => "/admin/pods/",
        "message_to" => "/conversations/new?person_id=",
        "aspect_contacts" => "/contacts?a_id=",
        _ => return Err(fault(format!("there is no page `{route}`"))),
    };
    let subject = subject.ok_or_else(|| fault(format!("`{route}` of what?")))?;
    let subject = text_of(subject);
    let mut path = String::with_capacity(prefix.len() + subject.len());
    path.push_str(prefix);
    push_encoded(&mut path, &subject);
    Ok(Value::from(path))
}

/// As a part of an address.
fn push_encoded(path: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase();
            path.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// `asset("leaf.svg")`: a file of the theme, else of the core.
fn asset(state: &State, name: &str) -> Result<String, Error> {
    ambient(state, |page| {
        if let Some(base) =
            page.theme_base.as_ref().filter(|_| page.theme_files.iter().any(|file| file == name))
        {
            return Ok(format!("{base}{name}"));
        }
        let core = assets::asset_url(name).map(str::to_owned);
        core.ok_or_else(|| fault(format!("there is no file `{name}`")))
    })
}

/// `icon("like")`: a sign beside words; screen readers pass over it.
pub fn icon(name: &str) -> Result<Value, Error> {
    if let Some(known) = ICONS.get(name) {
        return Ok(known.clone());
    }
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if !plain {
        return Err(fault(format!("there is no icon `{name}`")));
    }
    drawn(name).map(html).ok_or_else(|| fault("the icons are missing"))
}

/// Those of the core's file, ready to be printed: a page shows hundreds.
static ICONS: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    let file = assets::lookup("/-/core/icons.svg").map(|file| file.bytes).unwrap_or_default();
    let file = String::from_utf8_lossy(&file);
    let names = file.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    names.filter_map(|name| Some((name.to_owned(), html(drawn(name)?)))).collect()
});

fn drawn(name: &str) -> Option<String> {
    let sprite = assets::asset_url("icons.svg")?;
    Some(format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{sprite}#{name}\"/></svg>"))
}

/// `time(at)`: how long ago, with the moment itself as a title; `time(at, "date")`: the day;
/// `time(at, "moment")`: day and time, for what is yet to come.
/// `time(at, "message")`: how long ago, marked as old clients look for it.
fn time(state: &State, at: i64, style: Option<&str>) -> Result<Value, Error> {
    let moment = Timestamp::from_microsecond(at).map_err(|error| fault(error.to_string()))?;
    let utc = TimeZone::UTC.to_datetime(moment);
    let (day, clock) = (utc.date(), utc.time());
    let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
    ambient(state, |page| {
        let words = match style {
            Some("date") => day.to_string().into(),
            Some("moment") => format!("{day} {hour:02}:{minute:02} UTC").into(),
            _ => ago(&page.chrome, at).unwrap_or_else(|| day.to_string().into()),
        };
        let marks = if style == Some("message") {
            format!("class=\"timeago\" data-time-ago=\"{day}T{hour:02}:{minute:02}:{second:02}Z\" ")
        } else {
            String::new()
        };
        Ok(html(format!(
            "<time {marks}datetime=\"{day}T{hour:02}:{minute:02}:{second:02}Z\" \
             title=\"{day} {hour:02}:{minute:02} UTC\">{}</time>",
            Escaped(&words)
        )))
    })
}

/// Minutes, hours or days until a week; then the date is shorter.
fn ago(chrome: &Chrome, at: i64) -> Option<Cow<'static, str>> {
    let minutes = (chrome.now.saturating_sub(at)).max(0) / 60_000_000;
    let (key, count) = match minutes {
        0 => ("time-now", 0),
        1..60 => ("time-minutes", minutes),
        60..1440 => ("time-hours", minutes / 60),
        1440..10_080 => ("time-days", minutes / 1440),
        _ => return None,
    };
    let mut args = FluentArgs::new();
    args.set("count", count);
    Some(chrome.lang.t(key, &args))
}

/// `avatar(person, "s")`: the picture, or the first letter on the person's colour. The name stands beside it.
fn avatar(person: &Value, size: Option<&str>) -> Result<Value, Error> {
    let size = match size {
        Some("s") => "av av-s",
        Some("l") => "av av-l",
        _ => "av",
    };
    let picture = person.get_attr("avatar")?;
    if let Some(picture) = picture.as_str() {
        let src = Escaped(picture);
        return Ok(html(format!(
            "<img class=\"{size}\" src=\"{src}\" alt=\"\" width=\"96\" height=\"96\" loading=\"lazy\">"
        )));
    }
    let hue = person.get_attr("hue").ok().and_then(|hue| i64::try_from(hue).ok()).unwrap_or(1);
    let name = person.get_attr("name")?;
    let initial: String = text_of(&name)
        .chars()
        .find(|letter| letter.is_alphanumeric())
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    Ok(html(format!(
        "<span class=\"{size}\" data-hue=\"{hue}\" aria-hidden=\"true\">{}</span>",
        Escaped(&initial)
    )))
}

/// `here("/stream")`: whether the reader is on that page.
fn here(state: &State, path: &str) -> Result<bool, Error> {
    ambient(state, |page| {
        let now = &page.chrome.path;
        Ok(now == path || (!path.contains('?') && now.split('?').next() == Some(path)))
    })
}

/// What most slots hold.
static NOTHING: LazyLock<Value> = LazyLock::new(|| html(String::new()));

/// `slot("post.footer", guid)`: what plugins put there; mostly nothing.
fn slot(state: &State, name: &str, subject: Option<&str>) -> Result<Value, Error> {
    ambient(state, |page| {
        let found =
            page.chrome.slots.get(name).and_then(|subjects| subjects.get(subject.unwrap_or_default()));
        Ok(found.map_or_else(|| NOTHING.clone(), |fragment| fragment.value().clone()))
    })
}

/// Text made fit for HTML and for quoted attributes.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(out, self.0)
    }
}

/// Writes runs of harmless characters in one go.
pub fn write_escaped(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
        let (plain, special) = rest.split_at(at);
        out.write_str(plain)?;
        let (special, behind) = special.split_at(1);
        out.write_str(match special {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            "\"" => "&quot;",
            _ => "&#39;",
        })?;
        rest = behind;
    }
    out.write_str(rest)
}
