//! A text whose form came after the session had ended: it waits on the sign-in page, and comes back in its
//! form once somebody is let in.
use crate::{
    App,
    error::Result,
    fields::Fields,
    page::{conversations, post, stream},
    route::takes_text,
    visit::Visit,
};
use axum::response::Response;
use pappus_kernel::access::Owner;

/// What of a form is worth keeping; each is sent along by the sign-in page as `unsent[<name>]`.
const NAMES: [&str; 6] = ["text", "audience", "aspect_ids[]", "photos[]", "subject", "person_ids[]"];
/// What photos show, in words: `photo_text[<id>]`; and what plugins ask: `x[<slug>][…]`.
const NAMED: [&str; 2] = ["photo_text[", "x["];
const TO: &str = "unsent[to]";

/// Fields of the sign-in page that carry what was not sent; none is the usual case.
pub type Unsent = Vec<(String, String)>;

/// What the form that was sent to `path` says.
pub fn of(path: &str, fields: &Fields) -> Unsent {
    let path = path.split('?').next().unwrap_or_default();
    let texts = ["status_message[text]", "comment[text]", "conversation[text]", "message[text]", "text"];
    let text = texts.iter().find_map(|name| fields.get(name));
    let Some(text) = text.filter(|text| takes_text(path) && !text.trim().is_empty()) else {
        return Vec::new();
    };
    let named = |name: &str, value: &str| (format!("unsent[{name}]"), value.to_owned());
    let mut unsent = vec![(TO.to_owned(), path.to_owned()), named("text", text)];
    unsent.extend(fields.get("audience").map(|audience| named("audience", audience)));
    unsent.extend(fields.all("aspect_ids").iter().map(|id| named("aspect_ids[]", id)));
    unsent.extend(fields.get("conversation[subject]").map(|subject| named("subject", subject)));
    unsent.extend(fields.all("person_ids").iter().map(|id| named("person_ids[]", id)));
    unsent.extend(fields.all("photos").iter().map(|id| named("photos[]", id)));
    let more = fields.pairs().iter().filter(|(name, _)| NAMED.iter().any(|begin| name.starts_with(begin)));
    unsent.extend(more.map(|(name, value)| named(name, value)));
    unsent
}

/// The same, from a sign-in page that is sent.
pub fn carried(fields: &Fields) -> Unsent {
    if fields.get(TO).is_none_or(|path| !takes_text(path)) {
        return Vec::new();
    }
    let names = NAMES.map(|name| format!("unsent[{name}]"));
    let keep = |(name, _): &&(String, String)| {
        let plain = name.strip_prefix("unsent[").unwrap_or_default();
        name == TO || names.contains(name) || NAMED.iter().any(|begin| plain.starts_with(begin))
    };
    fields.pairs().iter().filter(keep).cloned().collect()
}

/// The form with what was not sent, for whoever was just let in.
pub async fn resume(app: &App, visit: &Visit, owner: Owner, unsent: &Unsent) -> Result<Response> {
    let plain = |(name, value): &(String, String)| {
        let name = name.strip_prefix("unsent[").and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        (name.to_owned(), value.clone())
    };
    let fields = Fields::of(unsent.iter().map(plain).collect());
    let (to, text) = (fields.text("to"), fields.text("text"));
    let below = |root: &str, what: &str| Some(to.strip_prefix(root)?.strip_suffix(what)?.to_owned());
    if let Some(key) = below("/posts/", "/comments") {
        return post::resume(app, visit, &key, text).await;
    }
    if let Some(key) = below("/conversations/", "/messages") {
        return conversations::resume_reply(app, visit, owner, &key, &text).await;
    }
    match to.as_str() {
        "/conversations" => conversations::resume(app, visit, owner, &fields).await,
        _ => stream::resume(app, visit, owner, text, &fields).await,
    }
}
