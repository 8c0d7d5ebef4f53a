//! What every request passes on its way to a handler: who is it, may they, and how does an error look.
use crate::{
    App, cookie,
    error::{self, Error},
    fields::Fields,
    page::{self, unsent},
    route::{Policy, takes_text},
    theme::contract::entry::NotSetUpPage,
    upload,
    visit::Visit,
};
use axum::{
    extract::{self, FromRequest, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tower::{Layer, ServiceExt};
use tower_http::csrf::CsrfLayer;

/// The row of the table that this gate stands before.
#[derive(Clone)]
pub struct State {
    pub app: App,
    pub policy: Policy,
    pub route: &'static str,
}

/// The path of the table that answered, for metrics.
#[derive(Clone, Copy)]
pub struct RouteLabel(pub &'static str);

/// Lets a request through, or says why not.
pub async fn pass(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    let mut response = match state.policy {
        Policy::Open => match sound(request.uri()) {
            Ok(()) => contained(next, request).await,
            Err(error) => error.into_response(),
        },
        Policy::Federation => machine(&state, request, next).await,
        _ => person(&state, request, next).await,
    };
    response.extensions_mut().insert(RouteLabel(state.route));
    response
}

/// Other pods get bare statuses; a reason where it helps their admins.
async fn machine(state: &State, request: Request, next: Next) -> Response {
    let ready = match sound(request.uri()) {
        Ok(()) => state.app.is_set_up().await,
        Err(error) => Err(error),
    };
    let mut response = match ready {
        Ok(true) => contained(next, request).await,
        Ok(false) => Error::Unavailable("this pod is not set up yet").into_response(),
        Err(error) => error.into_response(),
    };
    let Some(error) = response.extensions_mut().remove::<Arc<Error>>() else { return response };
    let reason = if error.status().is_server_error() && !matches!(*error, Error::Unavailable(_)) {
        error.status().to_string()
    } else {
        error.to_string()
    };
    let (parts, _) = response.into_parts();
    (parts, reason).into_response()
}

async fn person(state: &State, request: Request, next: Next) -> Response {
    let app = &state.app;
    let (mut parts, body) = request.into_parts();
    let visit = match Visit::of(app, &parts, true).await {
        Ok(visit) => visit,
        Err(error) => return without_session(app, &parts, error).await,
    };
    parts.extensions.insert(visit.clone());
    let answer = match admit(state, &visit, &parts.uri).await {
        Ok(None) => contained(next, Request::from_parts(parts, body)).await,
        Ok(Some(elsewhere)) => elsewhere,
        Err(Error::SignInFirst) => sign_in_first(app, &visit, Request::from_parts(parts, body)).await,
        Err(error) => error.into_response(),
    };
    let mut response = error::dress(app, &visit, answer).await;
    finish(app, &visit, &mut response);
    response
}

/// When not even the session can be read, the page says so to a visitor.
async fn without_session(app: &App, request: &Parts, error: Error) -> Response {
    match Visit::of(app, request, false).await {
        Ok(visit) => error::dress(app, &visit, error.into_response()).await,
        Err(_) => error.into_response(),
    }
}

/// PostgreSQL has no place for a zero character, and no address of ours needs one.
fn sound(uri: &Uri) -> Result<(), Error> {
    let holds_zero = |text: &str| text.contains("%00");
    if holds_zero(uri.path()) || uri.query().is_some_and(holds_zero) {
        return Err(Error::Malformed("the address holds a zero character"));
    }
    Ok(())
}

/// Where the session has ended, a text that was sent is not lost: it waits on the sign-in page.
async fn sign_in_first(app: &App, visit: &Visit, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let keeps =
        request.method() == Method::POST && !visit.json && takes_text(&path) && is_ours(app, &request);
    let fields = match keeps {
        true if upload::is_multipart(&request) => upload::words(app, request, 64 << 20).await,
        true => Fields::from_request(request, app).await.unwrap_or_default(),
        false => Fields::default(),
    };
    let unsent = unsent::of(&path, &fields);
    if unsent.is_empty() {
        return Error::SignInFirst.into_response();
    }
    match page::sign_in::holding(app, visit, unsent).await {
        Ok(page) => (StatusCode::UNAUTHORIZED, page).into_response(),
        Err(error) => error.into_response(),
    }
}

/// Sent by a page of this pod: what another site wrote is not kept in anybody's name.
fn is_ours(app: &App, request: &Request) -> bool {
    let said = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    match said(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => site == "same-origin",
        None => said(header::ORIGIN).is_some_and(|origin| Some(origin) == origin_of(app).as_deref()),
    }
}

fn origin_of(app: &App) -> Option<String> {
    app.pod.site().base_url.as_ref().map(|url| url.origin().ascii_serialization())
}

/// Forgery is decided by `Sec-Fetch-Site` and `Origin`, never by a token. The base URL is trusted too, for
/// the proxy that changes `Host`; it is read anew, since the setup form may just have fixed it. An origin
/// that a browser will not name is nobody's.
pub async fn same_site(extract::State(app): extract::State<App>, request: Request, next: Next) -> Response {
    // what changes nothing cannot be forged: the layer would look no further either, only later
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let nameless = request.headers().get(header::ORIGIN).is_some_and(|origin| origin == "null");
    if nameless && !request.method().is_safe() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let trusted = origin_of(&app).and_then(|origin| CsrfLayer::new().add_trusted_origin(origin).ok());
    match trusted.unwrap_or_default().layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// None lets the request through.
async fn admit(state: &State, visit: &Visit, uri: &Uri) -> Result<Option<Response>, Error> {
    sound(uri)?;
    match (state.policy, state.app.is_set_up().await?) {
        (Policy::Setup, true) => return Ok(Some(Redirect::to("/").into_response())),
        (Policy::Setup, false) => return Ok(None),
        (_, false) => return not_set_up(&state.app, visit).await.map(Some),
        (_, true) => {}
    }
    match state.policy {
        Policy::Member | Policy::Admin if visit.owner().is_none() => Err(Error::SignInFirst),
        Policy::Admin if visit.admin().is_none() => Err(Error::NotFound),
        _ => Ok(None),
    }
}

async fn not_set_up(app: &App, visit: &Visit) -> Result<Response, Error> {
    let mut response =
        (StatusCode::SERVICE_UNAVAILABLE, app.render(visit, &NotSetUpPage {}).await?).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    Ok(response)
}

/// A handler that panics costs its own answer only.
async fn contained(next: Next, request: Request) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            tracing::error!(panic = words.unwrap_or_default(), "a handler panicked");
            Error::Panic.into_response()
        }
    }
}

fn finish(app: &App, visit: &Visit, response: &mut Response) {
    let status = response.status();
    let headers = response.headers_mut();
    let is_page =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page && visit.flash.is_some() && status != StatusCode::NOT_FOUND {
        headers.append(header::SET_COOKIE, cookie::said(&app.pod.site()));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    // what is the same for everybody may be kept by whoever stands between
    let for_all =
        headers.get(header::CACHE_CONTROL).is_some_and(|said| said.as_bytes().starts_with(b"public, "));
    if !for_all || is_page {
        headers.append(header::VARY, HeaderValue::from_static("Cookie, Accept, Accept-Language"));
    }
}
