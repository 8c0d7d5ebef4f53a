//! Pages of plugins' own, `/p/{slug}/{route}`: the plugin says what stands there, the pod shows it in the theme's layout.
//! For members, and for visitors where the plugin's manifest says so.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::see_other,
    plugins,
    theme::contract::{SafeHtml, plain::PluginPage},
    visit::{Visit, local_path},
};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    self as kernel,
    plugin::{
        self, Enabled, Hook,
        exchange::{PageRequest, Pairs, Served},
    },
};
use std::sync::Arc;

/// Fields of a form or a query at most.
const FIELDS: usize = 100;
/// Letters of a route at most.
const LONGEST_ROUTE: usize = 200;
/// A file is kept no longer than a day.
const LONGEST_AGE: u32 = 24 * 60 * 60;

/// `GET /p/{slug}/{route}`
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Path((slug, route)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response> {
    answer(&app, &visit, &slug, (false, route), (&uri, Pairs::new())).await
}

/// `POST /p/{slug}/{route}`
pub async fn submit(
    State(app): State<App>,
    visit: Visit,
    Path((slug, route)): Path<(String, String)>,
    uri: Uri,
    fields: Fields,
) -> Result<Response> {
    let own = |(name, _): &&(String, String)| !name.starts_with('_');
    let form = fields.pairs().iter().filter(own).take(FIELDS).cloned().collect();
    answer(&app, &visit, &slug, (true, route), (&uri, form)).await
}

async fn answer(
    app: &App,
    visit: &Visit,
    slug: &str,
    (posted, route): (bool, String),
    (uri, form): (&Uri, Pairs),
) -> Result<Response> {
    let enabled = app.pod.plugins.find(slug).filter(|enabled| enabled.plugin.hooks().contains(&Hook::Pages));
    let enabled = enabled.filter(|_| route.chars().count() <= LONGEST_ROUTE).ok_or(Error::NotFound)?;
    if visit.me().is_none() && !enabled.plugin.manifest().public_pages {
        return Err(Error::SignInFirst);
    }
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query = query.take(FIELDS).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let request = PageRequest { posted, route, query, form };
    let served = plugin::serve(&plugins::looking(app, visit), &enabled, request).await;
    match served.ok_or_else(|| failed(&enabled))? {
        Served::Page { title, text, body } => {
            let html = plugins::fragment(app, visit.lang, &enabled, &body).ok_or_else(|| failed(&enabled))?;
            let text = text.unwrap_or_default();
            let title = plugins::sentence(app, visit.lang, &enabled, &title, &text);
            let boxed = format!("<div class=\"slot\" data-plugin=\"{slug}\">{html}</div>");
            let page = PluginPage { heading: title, body: SafeHtml::sanitised(boxed) };
            Ok(app.render(visit, &page).await?.into_response())
        }
        Served::Redirect(path) => Ok(see_other(local_path(&path).ok_or_else(|| failed(&enabled))?)),
        Served::File { kind, body, max_age } => Ok(file(slug, kind, body, max_age)),
        Served::NotFound => Err(Error::NotFound),
        Served::Forbidden => Err(kernel::Error::Forbidden("plugin").into()),
    }
}

fn failed(enabled: &Arc<Enabled>) -> Error {
    Error::PluginFailed(enabled.slug().to_owned())
}

/// A file to save: no browser shows it, and none takes it for anything else than it says.
fn file(slug: &str, kind: &'static str, body: Vec<u8>, max_age: u32) -> Response {
    let ending = match kind {
        "application/json" => "json",
        "text/csv" => "csv",
        "text/calendar" => "ics",
        _ => "txt",
    };
    let kept = match max_age {
        0 => "no-store".to_owned(),
        seconds => format!("private, max-age={}", seconds.min(LONGEST_AGE)),
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{slug}.{ending}\"")),
        (header::CACHE_CONTROL, kept),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ] {
        // all of it is ASCII of ours: a slug is `a-z`, `0-9` and `-`
        headers.insert(name, HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("")));
    }
    response
}
