//! What surrounds the whole router: request ids, spans and counts, headers, forms that stand for other
//! methods, and the last word when everything else failed.
use crate::{
    App,
    error::{self, Error},
    fields::Fields,
    gate::RouteLabel,
    locale::Lang,
    route::{ARCHIVE_PATH, FORM_BYTES, PACKAGES_PATH, PHOTOS_PATH, form_limit, takes_files, takes_text},
    theme, upload,
    visit::{RequestId, Visit},
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use fluent_bundle::FluentArgs;
use std::{sync::Arc, time::Duration};
use tracing::Instrument;

/// Names the request, opens its span, counts it.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    #[allow(clippy::disallowed_methods, reason = "telemetry measures real time")]
    let began = std::time::Instant::now();
    let id = hex::encode(app.pod.random::<8>());
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = %id, %method, path = request.uri().path());
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-request-id", id);
    }
    let route = response.extensions().get::<RouteLabel>().map_or("none", |label| label.0);
    let status = response.status().as_u16();
    let took = began.elapsed();
    let labels = [("method", method_label(&method).to_owned()), ("route", route.to_owned())];
    metrics::histogram!("http_request_duration_seconds", &labels).record(took.as_secs_f64());
    metrics::counter!("http_requests_total", "method" => method_label(&method), "route" => route, "status" => status.to_string())
        .increment(1);
    span.in_scope(|| tracing::info!(status, ms = took.as_millis(), "answered {status}"));
    response
}

/// Made-up methods must not make up metrics.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// Headers that every answer carries; what a handler set stays.
pub async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let mut response = next.run(request).await;
    let site = app.pod.site();
    let origin = match &site.base_url {
        Some(url) => url.origin().ascii_serialization(),
        // nobody is here yet who could be fooled, and the setup form should have its style
        None => host.filter(|host| is_host(host)).unwrap_or_default(),
    };
    let csp = HeaderValue::try_from(theme::csp(&origin));
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("x-diaspora-version"), pappus_kernel::VERSION),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let built = [("x-git-revision", pappus_kernel::REVISION), ("x-git-update", pappus_kernel::REVISED_AT)];
    let hidden = ("x-robots-tag", site.hidden.then_some("noindex"));
    for (name, value) in built.into_iter().chain([hidden]) {
        if let Some(value) = value {
            headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
        }
    }
    if let Ok(csp) = csp {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(csp);
    }
    response
}

/// Plain enough to stand in a header.
fn is_host(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'[' | b']'))
}

/// Reads the body of a form, within its limit, and turns a POST with `_method` into what it stands for.
/// Deliveries of other pods, archives and files pass untouched: their limit stands in the table, and nobody but a
/// member gets to send an archive.
pub async fn forms(State(app): State<App>, request: Request, next: Next) -> Response {
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path();
    if !writes
        || path.starts_with("/receive/")
        || path == ARCHIVE_PATH
        || path == PHOTOS_PATH
        || path == PACKAGES_PATH
        || upload::is_multipart(&request)
    {
        return rest(&app, request, next).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, form_limit(parts.uri.path())).await else {
        return dressed(&app, &parts, Error::TooLong.into_response()).await;
    };
    let is_form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if parts.method == Method::POST && is_form {
        match Fields::parse(&bytes).get("_method").map(str::to_ascii_lowercase).as_deref() {
            Some("delete") => parts.method = Method::DELETE,
            Some("put" | "patch") => parts.method = Method::PUT,
            _ => {}
        }
    }
    let too_long = takes_text(parts.uri.path()) && bytes.len() > FORM_BYTES;
    let mut response = rest(&app, Request::from_parts(parts, Body::from(bytes)), next).await;
    if too_long && response.status() == StatusCode::UNPROCESSABLE_ENTITY {
        // the page that keeps the text, under the status that says what is wrong with it
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    }
    response
}

/// A request that takes longer is given up; looking somebody up asks another pod twice.
const PATIENCE: Duration = Duration::from_secs(40);
/// Photos come over slow lines.
const LONG_PATIENCE: Duration = Duration::from_mins(15);

/// Gives up what takes too long.
pub async fn patience(request: Request, next: Next) -> Response {
    let slow = request.method() == Method::POST && takes_files(request.uri().path());
    let patience = if slow { LONG_PATIENCE } else { PATIENCE };
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Dresses what no gate has dressed: a wrong method, a time-out.
async fn rest(app: &App, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.extensions().get::<Arc<Error>>().is_none() {
        return response;
    }
    dressed(app, &kept, response).await
}

async fn dressed(app: &App, request: &Parts, response: Response) -> Response {
    match Visit::of(app, request, false).await {
        Ok(visit) => error::dress(app, &visit, response).await,
        Err(_) => response,
    }
}

/// The last word when a layer itself panicked.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a layer panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, Lang::En.t("error-500", &FluentArgs::new())).into_response()
}
