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
use pappus_kernel::{moving::LARGEST_UPLOAD, plugin::package::LARGEST as LARGEST_PACKAGE};

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

/// For forms; the two receivers have limits of their own. The longest text has 65,535 characters, and one
/// character may take twelve bytes of a form.
pub const FORM_BYTES: usize = 1 << 20;
/// Forms that hold a text are read further: one that is too long is shown again, with the 413.
pub const TEXT_BYTES: usize = 4 << 20;
/// For the form that takes a blocklist, and its path: in a form a list is up to three times as long as it is.
pub const LIST_BYTES: usize = 3 << 20;
pub const LIST_PATH: &str = "/admin/blocks/import";

/// Where an archive is uploaded.
pub const ARCHIVE_PATH: &str = "/user/move";

/// Where packages of plugins are uploaded.
pub const PACKAGES_PATH: &str = "/admin/plugins/packages";

/// Where photos are uploaded.
pub const PHOTOS_PATH: &str = "/photos";

/// Whether a form that is sent to `path` may bring files.
pub fn takes_files(path: &str) -> bool {
    matches!(path, "/status_messages" | PHOTOS_PATH | "/profile/photo" | ARCHIVE_PATH | PACKAGES_PATH)
}

/// How much of a form that is sent to `path` is read.
pub fn form_limit(path: &str) -> usize {
    match path {
        LIST_PATH => LIST_BYTES,
        _ if takes_text(path) => TEXT_BYTES,
        _ => FORM_BYTES,
    }
}

/// Whether a form that is sent to `path` may hold a text that somebody would not like to lose.
pub fn takes_text(path: &str) -> bool {
    matches!(path, "/status_messages" | "/users/sign_in" | "/conversations")
        || (path.starts_with("/posts/") && path.ends_with("/comments"))
        || (path.starts_with("/conversations/") && path.ends_with("/messages"))
}

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
    all.extend(pictures());
    all.extend(plugin_settings());
    all.extend(between_people());
    for route in all.iter_mut().filter(|route| takes_text(route.path)) {
        route.max_body = TEXT_BYTES;
    }
    for route in all.iter_mut().filter(|route| route.method == Method::POST && takes_files(route.path)) {
        route.max_body = page::photo::MOST_BYTES;
    }
    all.push(Route {
        max_body: LARGEST_UPLOAD + FORM_BYTES,
        ..route(Method::POST, ARCHIVE_PATH, Policy::Member, ARCHIVE_PATH, page::moving::take)
    });
    all.push(Route {
        max_body: LARGEST_PACKAGE + FORM_BYTES,
        ..route(Method::POST, PACKAGES_PATH, Policy::Admin, PACKAGES_PATH, admin::plugins::install)
    });
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

        GET "/public" Public page::stream::public, "/public";
        GET "/public/{file}" Public page::feed::show, "/public/alice.atom";
        GET "/tags/{name}" Public page::stream::tag, "/tags/rust";
        GET "/posts/{key}" Public page::post::show, "/posts/0123456789abcdef";
        GET "/p/{key}" Public page::post::show, "/p/1";
        POST "/p/{slug}/actions/{action}" Member page::plugin::act, "/p/example/actions/do";
        GET "/people/{guid}" Public page::person::show, "/people/0123456789abcdef";
        GET "/people/{guid}/stream" Public page::person::posts_json, "/people/0123456789abcdef/stream";
        GET "/people/{guid}/stream.json" Public page::person::posts_json, "/people/0123456789abcdef/stream.json";
        GET "/posts/{key}/comments" Public page::post::comments, "/posts/0123456789abcdef/comments";
        GET "/posts/{key}/comments.json" Public page::post::comments, "/posts/0123456789abcdef/comments.json";
        GET "/statistics" Public page::statistics::show, "/statistics";
        GET "/u/{name}" Public page::person::by_name, "/u/alice";

        GET "/stream" Member page::stream::mine, "/stream";
        GET "/aspects" Member page::stream::aspects, "/aspects?a_ids[]=1";
        GET "/status_messages/new" Member page::stream::compose, "/status_messages/new";
        POST "/status_messages" Member page::stream::publish, "/status_messages";
        DELETE "/posts/{key}" Member page::post::delete, "/posts/0123456789abcdef";
        POST "/posts/{key}/likes" Member page::post::like, "/posts/0123456789abcdef/likes";
        DELETE "/posts/{key}/likes" Member page::post::unlike, "/posts/0123456789abcdef/likes";
        DELETE "/posts/{key}/likes/{id}" Member page::post::unlike, "/posts/0123456789abcdef/likes/1";
        POST "/posts/{key}/comments" Member page::post::comment, "/posts/0123456789abcdef/comments";
        DELETE "/posts/{key}/comments/{comment}" Member page::post::delete_comment, "/posts/0123456789abcdef/comments/1";
        DELETE "/comments/{comment}" Member page::post::delete_comment, "/comments/0123456789abcdef";
        POST "/comments/{comment}/likes" Member page::post::like_comment, "/comments/0123456789abcdef/likes";
        DELETE "/comments/{comment}/likes" Member page::post::unlike_comment, "/comments/0123456789abcdef/likes";
        DELETE "/comments/{comment}/likes/{id}" Member page::post::unlike_comment, "/comments/0123456789abcdef/likes/1";
        POST "/reshares" Member page::post::reshare, "/reshares";
        POST "/tag_followings" Member page::stream::follow, "/tag_followings";
        DELETE "/tag_followings/{id}" Member page::stream::unfollow, "/tag_followings/1";

        GET "/people" Member page::person::search, "/people?q=alice";
        POST "/people/{guid}/aspects" Member page::person::set_aspects, "/people/0123456789abcdef/aspects";
        GET "/contacts" Member page::contacts::show, "/contacts";
        POST "/contacts" Member page::contacts::add, "/contacts";
        POST "/aspects" Member page::contacts::create_aspect, "/aspects";
        PUT "/aspects/{id}" Member page::contacts::rename_aspect, "/aspects/1";
        DELETE "/aspects/{id}" Member page::contacts::delete_aspect, "/aspects/1";
        POST "/aspect_memberships" Member page::contacts::join, "/aspect_memberships";
        DELETE "/aspect_memberships/{id}" Member page::contacts::leave, "/aspect_memberships/1";

        GET "/notifications" Member page::notifications::show, "/notifications";
        PUT "/notifications/{id}" Member page::notifications::read, "/notifications/1";
        GET "/notifications/read_all" Member page::notifications::ask_read_all, "/notifications/read_all";
        POST "/notifications/read_all" Member page::notifications::read_all, "/notifications/read_all";

        GET "/user/edit" Member page::settings::account, "/user/edit";
        PUT "/user/edit" Member page::settings::change_account, "/user/edit";
        PUT "/user" Member page::settings::change_account, "/user";
        DELETE "/user" Member page::settings::close_account, "/user";
        GET "/profile/edit" Member page::settings::profile, "/profile/edit";
        PUT "/profile" Member page::settings::change_profile, "/profile";
        GET "/user/security" Member page::security::show, "/user/security";
        GET "/two_factor_authentication" Member page::security::show, "/two_factor_authentication";
        POST "/two_factor_authentication" Member page::security::begin, "/two_factor_authentication";
        DELETE "/two_factor_authentication" Member page::security::disable, "/two_factor_authentication";
        POST "/two_factor_authentication/confirm" Member page::security::confirm, "/two_factor_authentication/confirm";
        POST "/two_factor_authentication/recovery_codes" Member page::security::new_codes, "/two_factor_authentication/recovery_codes";
        DELETE "/user/sessions/{id}" Member page::security::revoke, "/user/sessions/1";
        POST "/user/password" Member page::security::change_password, "/user/password";
        GET "/user/move" Member page::moving::show, "/user/move";
        POST "/user/export_profile" Member page::moving::ask, "/user/export_profile";
        GET "/user/download_profile" Member page::moving::offer, "/user/download_profile";
        POST "/user/download_profile" Member page::moving::download, "/user/download_profile";

        GET "/admin" Admin admin::overview::show, "/admin";
        GET "/admin/settings" Admin admin::settings::show, "/admin/settings";
        POST "/admin/settings" Admin admin::settings::change, "/admin/settings";
        GET "/admin/keys" Admin admin::keys::show, "/admin/keys";
        POST "/admin/keys/{person}" Admin admin::keys::accept, "/admin/keys/1";
        GET "/admin/plugins" Admin admin::plugins::show, "/admin/plugins";
        POST "/admin/plugins/{slug}/enable" Admin admin::plugins::enable, "/admin/plugins/none/enable";
        POST "/admin/plugins/{slug}/disable" Admin admin::plugins::disable, "/admin/plugins/none/disable";
        POST "/admin/plugins/{slug}/roll_back" Admin admin::plugins::roll_back, "/admin/plugins/none/roll_back";
        POST "/admin/plugins/{slug}/uninstall" Admin admin::plugins::uninstall, "/admin/plugins/none/uninstall";
        GET "/admin/blocks" Admin admin::blocks::show, "/admin/blocks";
        POST "/admin/blocks" Admin admin::blocks::add, "/admin/blocks";
        PUT "/admin/blocks/{id}" Admin admin::blocks::change, "/admin/blocks/1";
        DELETE "/admin/blocks/{id}" Admin admin::blocks::remove, "/admin/blocks/1";
        GET "/admin/blocks/export" Admin admin::blocks::export, "/admin/blocks/export";
        GET "/admin/blocks/drafts" Admin admin::blocks::drafts, "/admin/blocks/drafts";
        POST "/admin/blocks/drafts" Admin admin::blocks::decide, "/admin/blocks/drafts";
        GET "/admin/pods" Admin admin::pods::list, "/admin/pods?state=asleep&q=x";
        GET "/admin/pods/{host}" Admin admin::pods::show, "/admin/pods/pod.example";
        POST "/admin/pods/{host}/recheck" Admin admin::pods::recheck, "/admin/pods/pod.example/recheck";
        GET "/admin/jobs" Admin admin::jobs::show, "/admin/jobs";
        DELETE "/admin/jobs" Admin admin::jobs::discard_all, "/admin/jobs";
        POST "/admin/jobs/retry" Admin admin::jobs::retry_all, "/admin/jobs/retry";
        POST "/admin/jobs/{id}/retry" Admin admin::jobs::retry, "/admin/jobs/1/retry";
        DELETE "/admin/jobs/{id}" Admin admin::jobs::discard, "/admin/jobs/1";
    }
}

/// Pictures of members.
#[rustfmt::skip]
fn pictures() -> Vec<Route> {
    routes! {
        GET "/people/{guid}/photos" Public page::photo::album, "/people/0123456789abcdef/photos";
        GET "/people/{guid}/photos.json" Public page::photo::album, "/people/0123456789abcdef/photos.json";
        GET "/uploads/images/{file}" Public page::photo::show, "/uploads/images/0123456789abcdef0123456789abcdef.webp";
        POST "/photos" Member page::photo::create, "/photos";
        DELETE "/photos/{key}" Member page::photo::delete, "/photos/1";
        PUT "/photos/{key}/make_profile_photo" Member page::photo::make_portrait, "/photos/1/make_profile_photo";
        POST "/profile/photo" Member page::photo::set_portrait, "/profile/photo";
        DELETE "/profile/photo" Member page::photo::remove_portrait, "/profile/photo";
    }
}

/// What people choose for plugins.
#[rustfmt::skip]
fn plugin_settings() -> Vec<Route> {
    routes! {
        GET "/settings/plugins" Member page::plugin_settings::mine, "/settings/plugins";
        POST "/settings/plugins/{slug}" Member page::plugin_settings::change_mine, "/settings/plugins/none";
        POST "/settings/plugins/{slug}/switch" Member page::plugin_settings::switch, "/settings/plugins/none/switch";
        GET "/admin/plugins/{slug}/settings" Admin page::plugin_settings::of_the_pod, "/admin/plugins/none/settings";
        POST "/admin/plugins/{slug}/settings" Admin page::plugin_settings::change_of_the_pod, "/admin/plugins/none/settings";
    }
}

/// Conversations, and who is ignored.
#[rustfmt::skip]
fn between_people() -> Vec<Route> {
    routes! {
        GET "/conversations" Member page::conversations::show, "/conversations";
        POST "/conversations" Member page::conversations::start, "/conversations";
        GET "/conversations/new" Member page::conversations::compose, "/conversations/new";
        GET "/conversations/{key}" Member page::conversations::find, "/conversations/1";
        GET "/conversations/{key}/raw" Member page::conversations::raw, "/conversations/1/raw";
        POST "/conversations/{key}/messages" Member page::conversations::reply, "/conversations/1/messages";
        PUT "/conversations/{key}/visibility" Member page::conversations::set_state, "/conversations/1/visibility";
        DELETE "/conversations/{key}/visibility" Member page::conversations::hide, "/conversations/1/visibility";
        POST "/blocks" Member page::privacy::ignore, "/blocks";
        DELETE "/blocks/{key}" Member page::privacy::stop_ignoring, "/blocks/1";
        GET "/privacy" Member page::privacy::show, "/privacy";
    }
}

fn machines() -> Vec<Route> {
    let mut all = routes! {
        GET "/.well-known/webfinger" Federation federation::webfinger, "/.well-known/webfinger?resource=acct:a@b";
        GET "/.well-known/host-meta" Federation federation::host_meta, "/.well-known/host-meta";
        GET "/.well-known/nodeinfo" Federation federation::nodeinfo_links, "/.well-known/nodeinfo";
        GET "/nodeinfo/{version}" Federation federation::nodeinfo, "/nodeinfo/2.1";
        GET "/statistics.json" Federation federation::statistics, "/statistics.json";
        GET "/-/thread/{guid}" Federation federation::thread, "/-/thread/0123456789abcdef";
        GET "/robots.txt" Open files::robots, "/robots.txt";
        GET "/hcard/users/{guid}" Federation federation::hcard, "/hcard/users/0123456789abcdef";
        GET "/fetch/{kind}/{guid}" Federation federation::fetch, "/fetch/post/0123456789abcdef";
        GET "/-/core/{*path}" Open files::core_asset, "/-/core/gon.js";
        GET "/-/theme/{*path}" Open files::theme_asset, "/-/theme/seedhead/x/tokens.css";
        GET "/assets/user/default.png" Open files::default_portrait, "/assets/user/default.png";
        GET "/-/media/{mac}/{url}" Open media::show, "/-/media/00/aHR0cHM6Ly94";
        GET "/livez" Open health::livez, "/livez";
        GET "/readyz" Open health::readyz, "/readyz";
    };
    all.push(Route {
        max_body: LIST_BYTES,
        ..route(Method::POST, LIST_PATH, Policy::Admin, LIST_PATH, admin::blocks::import)
    });
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
    let mut router = Router::new();
    for Route { path, policy, max_body, mut serve, .. } in table() {
        serve = serve.route_layer(DefaultBodyLimit::max(max_body));
        if policy != Policy::Federation {
            serve = serve.route_layer(axum::middleware::from_fn_with_state(app.clone(), gate::same_site));
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
