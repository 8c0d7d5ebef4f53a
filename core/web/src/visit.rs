//! One request seen as a visit: who reads, in which language, from where; found once, in the gate.
use crate::{App, cookie, error::Error, limit, locale::Lang};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use pappus_kernel::{
    access::{Admin, Owner, Viewer},
    account::session::{self, Session},
};
use std::{convert::Infallible, net::IpAddr, ops::Deref, sync::Arc};

/// What the pages know about the request.
#[derive(Clone)]
pub struct Visit(Arc<Facts>);

#[derive(Clone)]
pub struct Facts {
    /// Open, or waiting for the code.
    pub session: Option<Session>,
    /// The token in the session cookie, whatever it is worth.
    pub token: Option<String>,
    pub lang: Lang,
    /// Path and query.
    pub path: String,
    pub request_id: String,
    pub is_get: bool,
    /// Modern browsers say where a request comes from; other clients do not.
    pub browser: bool,
    /// The reader wants JSON.
    pub json: bool,
    pub ip: IpAddr,
    /// What the last form left to say.
    pub flash: Option<&'static str>,
    /// For the list of sessions.
    pub agent: String,
}

impl Deref for Visit {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.0
    }
}

/// Given by the outermost layer.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl Visit {
    /// Reads the request and, with `known`, looks up the session: one statement.
    pub async fn of(app: &App, request: &Parts, known: bool) -> Result<Self, Error> {
        let headers = &request.headers;
        let token = cookie::read(headers, cookie::session_name(&app.pod.site()));
        let session = match token.as_deref().filter(|_| known) {
            Some(token) => session::find(&app.pod, token).await?,
            None => None,
        };
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let spoken = session.as_ref().map(|session| session.language.as_str());
        let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self(Arc::new(Facts {
            lang: Lang::negotiate(spoken, Some(text(header::ACCEPT_LANGUAGE))),
            session,
            token,
            path: path.to_owned(),
            request_id: request.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            is_get: matches!(request.method, Method::GET | Method::HEAD),
            browser: headers.keys().any(|name| name.as_str().starts_with("sec-fetch-")),
            json: wants_json(request.uri.path(), text(header::ACCEPT)),
            ip: limit::client_ip(&request.extensions, headers, &app.trusted_proxies),
            flash: cookie::flash(headers),
            agent: text(header::USER_AGENT).to_owned(),
        })))
    }

    /// The same visit, by whoever was just let in with a text that they could not send before.
    pub async fn resumed(&self, app: &App, token: &str) -> Result<Self, Error> {
        let session = session::find(&app.pod, token).await?;
        let lang = session.as_ref().and_then(|session| Lang::from_id(&session.language)).unwrap_or(self.lang);
        let flash = Some("flash-unsent");
        Ok(Self(Arc::new(Facts {
            session,
            lang,
            flash,
            token: Some(token.to_owned()),
            ..Facts::clone(&self.0)
        })))
    }

    pub fn owner(&self) -> Option<Owner> {
        self.session.as_ref().and_then(Session::owner)
    }

    pub fn viewer(&self) -> Viewer {
        self.owner().map_or(Viewer::Visitor, Viewer::Member)
    }

    pub fn admin(&self) -> Option<Admin> {
        self.session.as_ref().and_then(Session::admin)
    }

    /// The session, if the second factor is not missing.
    pub fn me(&self) -> Option<&Session> {
        self.session.as_ref().filter(|session| session.owner().is_some())
    }

    /// Browser and system in a few words, for the list of sessions.
    pub fn device(&self) -> String {
        device(&self.agent)
    }
}

fn wants_json(path: &str, accept: &str) -> bool {
    let suffix = std::path::Path::new(path).extension().is_some_and(|suffix| suffix == "json");
    suffix || accept.trim_start().starts_with("application/json")
}

fn device(agent: &str) -> String {
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // the order matters: most browsers also claim to be the ones below them
    let browser = find(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().filter(|c| !c.is_control()).take(60).collect(),
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().expect("the gate puts a visit into every request"))
    }
}

/// The signed-in member: a handler that takes one cannot be reached without.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn(pub Owner);

impl FromRequestParts<App> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        parts.extensions.get::<Visit>().and_then(Visit::owner).map(Self).ok_or(Error::SignInFirst)
    }
}

/// An admin; to everybody else the page does not exist.
#[derive(Debug, Clone, Copy)]
pub struct IsAdmin(pub Admin);

impl FromRequestParts<App> for IsAdmin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        parts.extensions.get::<Visit>().and_then(Visit::admin).map(Self).ok_or(Error::NotFound)
    }
}

/// A path on this pod to go back to, or none: nothing that leads to another host.
pub fn local_path(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

/// Where a form came from, if it was one of our own pages.
pub fn referring_path(headers: &HeaderMap, base: &str) -> Option<String> {
    let referer = headers.get(header::REFERER)?.to_str().ok()?;
    let path = referer.strip_prefix(base.trim_end_matches('/'))?;
    local_path(path).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_pod_are_returned_to() {
        for good in ["/", "/stream", "/tags/x?max_time=1", "/people/0a"] {
            assert_eq!(local_path(good), Some(good));
        }
        for bad in
            ["", "stream", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/\n/x", "/ä"]
        {
            assert_eq!(local_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_device_is_named_in_two_words() {
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(device(agent), "Chrome · Linux");
        assert_eq!(device("curl/8.0"), "curl/8.0");
    }
}
