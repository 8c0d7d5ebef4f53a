//! Pages and forms, one file each: extract, one operation, answer.
pub mod contacts;
pub mod conversations;
pub mod feed;
pub mod home;
pub mod moving;
pub mod notifications;
pub mod person;
pub mod photo;
pub mod plugin;
pub mod plugin_settings;
pub mod post;
pub mod privacy;
pub mod security;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod sign_up;
pub mod statistics;
pub mod stream;
pub mod unsent;

use crate::{App, cookie, error::Error, locale::Lang, theme::contract::Form};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use fluent_bundle::FluentArgs;
use pappus_kernel::error as kernel;

/// 303: the answer to a form of our own.
pub fn see_other(path: &str) -> Response {
    away(StatusCode::SEE_OTHER, path)
}

/// 301: what was here is there now, for good.
pub fn moved(to: &str) -> Response {
    away(StatusCode::MOVED_PERMANENTLY, to)
}

/// 302: where old clients insist on it.
pub fn found(path: &str) -> Response {
    away(StatusCode::FOUND, path)
}

fn away(status: StatusCode, path: &str) -> Response {
    let Ok(to) = HeaderValue::try_from(path) else { return Error::NotFound.into_response() };
    (status, [(header::LOCATION, to)]).into_response()
}

/// Leaves a sentence for the page that comes next.
pub fn saying(app: &App, key: &'static str, mut response: Response) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie::say(&app.pod.site(), key));
    response
}

/// Puts each broken rule at its field; every other error goes on. `names` are the kernel's fields and the
/// form's, where those differ.
pub fn field_errors(error: kernel::Error, mut form: Form, names: &[(&str, &str)]) -> Result<Form, Error> {
    let fields = match error {
        kernel::Error::Invalid(invalid) => vec![invalid],
        kernel::Error::InvalidFields(fields) => fields,
        error => return Err(error.into()),
    };
    for invalid in fields {
        let name =
            names.iter().find(|(field, _)| *field == invalid.field).map_or(invalid.field, |(_, name)| *name);
        form = form.error(name, said_rule(invalid.rule));
    }
    Ok(form)
}

/// A rule for which there is a sentence; one that nobody wrote a sentence for is simply not right.
pub fn said_rule(rule: &'static str) -> &'static str {
    let has_sentence = Lang::En.find(&format!("rule-{rule}"), &FluentArgs::new()).is_some();
    match rule {
        _ if has_sentence => rule,
        "characters" => "invalid-chars",
        _ => "invalid",
    }
}
