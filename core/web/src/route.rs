//! Every route of the pod in one table: method, path, who may use it, what answers, and sample paths for
//! the tests that walk it. A route that is not here does not exist.
use crate::{App, admin, error::Error, federation, files, gate, health, media, page};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};
use tower_http::csrf::CsrfLayer;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Anybody, once the pod is set up.
    Public,
    /// Signed-in members.
    Member,
    /// Admins; to everybody else it does not exist.
    Admin,
    /// Other pods: no session, no pages, no CSRF.
    Federation,
    /// Only while the pod has no admin.
    Setup,
    /// Files and health: no session, always there.
    Open,
}

/// One row of the table.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub policy: Policy,
    /// Paths that match, for the tests.
    pub sample: &'static str,
    /// A longer body is refused with 413.
    pub max_body: usize,
    serve: MethodRouter<App>,
}

/// For forms; the two receivers have limits of their own.
pub const FORM_BYTES: usize = 256 * 1024;

fn route<H, T>(method: Method, path: &'static str, policy: Policy, sample: &'static str, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    let filter = MethodFilter::try_from(method.clone()).expect("a method of HTTP");
    Route { method, path, policy, sample, max_body: FORM_BYTES, serve: on(filter, handler) }
}

macro_rules! routes {
    ($($method:ident $path:literal $policy:ident $handler:path, $sample:literal;)+) => {
        vec![$(route(Method::$method, $path, Policy::$policy, $sample, $handler)),+]
    };
}

/// Every route there is.
pub fn table() -> Vec<Route> {
    let mut all = pages();
    all.extend(machines());
    all
}

#[rustfmt::skip]
fn pages() -> Vec<Route> {
    routes! {
        GET "/" Public page::home::show, "/";
        GET "/setup" Setup page::setup::show, "/setup";
        POST "/setup" Setup page::setup::finish, "/setup";

        GET "/users/sign_in" Public page::sign_in::show, "/users/sign_in";
        POST "/users/sign_in" Public page::sign_in::submit, "/users/sign_in";
        GET "/users/sign_out" Public page::sign_in::ask_sign_out, "/users/sign_out";
        DELETE "/users/sign_out" Public page::sign_in::sign_out, "/users/sign_out";
        GET "/users/sign_up" Public page::sign_up::show, "/users/sign_up";
        POST "/users" Public page::sign_up::submit, "/users";
        GET "/registrations_closed" Public page::sign_up::closed, "/registrations_closed";
        GET "/login" Public page::sign_in::login, "/login";
    }
}

fn machines() -> Vec<Route> {
    let mut all = routes! {
        GET "/.well-known/webfinger" Federation federation::webfinger, "/.well-known/webfinger?resource=acct:a@b";
        GET "/.well-known/host-meta" Federation federation::host_meta, "/.well-known/host-meta";
        GET "/.well-known/nodeinfo" Federation federation::nodeinfo_links, "/.well-known/nodeinfo";
        GET "/nodeinfo/{version}" Federation federation::nodeinfo, "/nodeinfo/2.1";
        GET "/hcard/users/{guid}" Federation federation::hcard, "/hcard/users/0123456789abcdef";
        GET "/fetch/{kind}/{guid}" Federation federation::fetch, "/fetch/post/0123456789abcdef";
        GET "/-/core/{*path}" Open files::core_asset, "/-/core/gon.js";
        GET "/-/theme/{*path}" Open files::theme_asset, "/-/theme/seedhead/x/tokens.css";
        GET "/-/media/{mac}/{url}" Open media::show, "/-/media/00/aHR0cHM6Ly94";
        GET "/livez" Open health::livez, "/livez";
        GET "/readyz" Open health::readyz, "/readyz";
    };
    for (path, max_body) in [("/receive/public", 2 << 20), ("/receive/public/", 2 << 20)] {
        all.push(Route {
            max_body,
            ..route(Method::POST, path, Policy::Federation, path, federation::receive_public)
        });
    }
    for path in ["/receive/users/{guid}", "/receive/users/{guid}/"] {
        let sample = "/receive/users/0123456789abcdef";
        all.push(Route {
            max_body: 3 << 20,
            ..route(Method::POST, path, Policy::Federation, sample, federation::receive_private)
        });
    }
    all
}

/// The table as a router, each route behind the gate of its policy.
pub(crate) fn build(app: &App) -> Router<App> {
    let csrf = csrf(app);
    let mut router = Router::new();
    for Route { path, policy, max_body, mut serve, .. } in table() {
        serve = serve.route_layer(DefaultBodyLimit::max(max_body));
        if policy != Policy::Federation {
            serve = serve.route_layer(csrf.clone());
        }
        let state = gate::State { app: app.clone(), policy, route: path };
        serve = serve.route_layer(axum::middleware::from_fn_with_state(state, gate::pass));
        router = router.route(path, serve);
    }
    let elsewhere = |answer: MethodRouter<App>| {
        let state = gate::State { app: app.clone(), policy: Policy::Public, route: "none" };
        answer.layer(axum::middleware::from_fn_with_state(state, gate::pass))
    };
    router
        .fallback_service(elsewhere(axum::routing::any(|| async { Error::NotFound })).with_state(app.clone()))
        .method_not_allowed_fallback(|| async { Error::Method })
}

/// Decides by `Sec-Fetch-Site` and `Origin`, never by a token. The base URL is trusted too, for the proxy
/// that changes `Host`.
fn csrf(app: &App) -> CsrfLayer {
    let origin = app.pod.site().base_url.as_ref().map(|url| url.origin().ascii_serialization());
    origin.and_then(|origin| CsrfLayer::new().add_trusted_origin(origin).ok()).unwrap_or_default()
}
