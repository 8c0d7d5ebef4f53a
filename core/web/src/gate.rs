//! What every request passes on its way to a handler: who is it, may they, and how does an error look.
use crate::{
    App, cookie,
    error::{self, Error},
    route::Policy,
    theme::contract::entry::NotSetUpPage,
    visit::Visit,
};
use axum::{
    extract::{self, Request},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc};

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
        Policy::Open => contained(next, request).await,
        Policy::Federation => machine(&state, request, next).await,
        _ => person(&state, request, next).await,
    };
    response.extensions_mut().insert(RouteLabel(state.route));
    response
}

/// Other pods get bare statuses; a reason where it helps their admins.
async fn machine(state: &State, request: Request, next: Next) -> Response {
    let mut response = match state.app.is_set_up().await {
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

/// None lets the request through.
async fn admit(state: &State, visit: &Visit, uri: &Uri) -> Result<Option<Response>, Error> {
    if uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00")) {
        return Err(Error::Malformed("the address holds a zero character"));
    }
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
    headers.append(header::VARY, HeaderValue::from_static("Cookie, Accept, Accept-Language"));
}
