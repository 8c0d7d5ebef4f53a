//! What went wrong, and the one place where that meets HTTP.
use crate::theme::contract::plain::ErrorPage;
use crate::{App, page::said_rule, visit::Visit};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use pappus_kernel::error as kernel;
use std::sync::Arc;

/// What a handler answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request got no page of its own.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("sign in first")]
    SignInFirst,
    #[error("not found")]
    NotFound,
    #[error("this address does not take that method")]
    Method,
    #[error("the request makes no sense: {0}")]
    Malformed(&'static str),
    #[error("the body is too long")]
    TooLong,
    #[error("the body is of a type that this address does not take")]
    MediaType,
    #[error("the pod is not ready: {0}")]
    Unavailable(&'static str),
    #[error("too many requests")]
    TooMany(u64),
    /// A plugin refused a form, in the reader's words.
    #[error("{0}")]
    Refused(String),
    /// A plugin had no answer to a form.
    #[error("the plugin {0} gave no answer")]
    PluginFailed(String),
    #[error(transparent)]
    Domain(#[from] kernel::Error),
    #[error("cannot render: {0}")]
    Render(String),
    #[error("the handler panicked")]
    Panic,
    /// A bare status from a layer below.
    #[error("{0}")]
    Status(StatusCode),
}

impl From<kernel::Invalid> for Error {
    fn from(invalid: kernel::Invalid) -> Self {
        Self::Domain(invalid.into())
    }
}

impl Error {
    /// The one place where an error meets HTTP.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::NotFound | Self::Domain(kernel::Error::NotFound) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany(_) | Self::Domain(kernel::Error::TooMany(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Domain(kernel::Error::Forbidden(_)) => StatusCode::FORBIDDEN,
            Self::Domain(kernel::Error::Invalid(_) | kernel::Error::InvalidFields(_)) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Domain(kernel::Error::Conflict(_)) => StatusCode::CONFLICT,
            Self::Domain(kernel::Error::Remote(_) | kernel::Error::Unusable(_)) => StatusCode::BAD_GATEWAY,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable(_) | Self::PluginFailed(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Domain(
                kernel::Error::Storage(_) | kernel::Error::WrongKey | kernel::Error::Internal(_),
            )
            | Self::Render(_)
            | Self::Panic => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Status(status) => *status,
        }
    }

    fn wait(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) | Self::Domain(kernel::Error::TooMany(seconds)) => Some(*seconds),
            Self::Unavailable(_) | Self::PluginFailed(_) => Some(30),
            _ => None,
        }
    }

    /// Words that say what was wrong.
    fn words(&self) -> Option<String> {
        match self {
            Self::Refused(words) => Some(words.clone()).filter(|words| !words.is_empty()),
            _ => None,
        }
    }

    /// The key of the rule that was broken, where that says more than the status.
    fn rule(&self) -> Option<String> {
        match self {
            Self::Domain(kernel::Error::Invalid(invalid)) => Some(said_rule(invalid.rule).to_owned()),
            Self::Domain(kernel::Error::InvalidFields(fields)) => {
                fields.first().map(|invalid| said_rule(invalid.rule).to_owned())
            }
            _ => None,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() && !matches!(self, Self::Unavailable(_) | Self::PluginFailed(_)) {
            tracing::error!(error = &self as &dyn std::error::Error, "a request failed: {self}");
        }
        let mut response = status.into_response();
        if let Some(seconds) = self.wait() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A text that came with what went wrong, so that its page can give it back.
#[derive(Clone)]
struct Kept(String);

/// The error, and what was written and is not sent.
pub fn keeping(error: Error, text: &str) -> Response {
    let mut response = error.into_response();
    response.extensions_mut().insert(Kept(text.to_owned()));
    response
}

/// Gives a bare error its page in the look and language of the reader, or JSON if that was asked for.
pub async fn dress(app: &App, visit: &Visit, response: Response) -> Response {
    let status = response.status();
    let error = response.extensions().get::<Arc<Error>>().cloned();
    let Some(error) = error.or_else(|| bare(&response).then(|| Arc::new(Error::Status(status)))) else {
        return response;
    };
    if matches!(*error, Error::SignInFirst) && !visit.json {
        return sign_in_first(visit);
    }
    let (mut parts, _) = response.into_parts();
    parts.extensions.remove::<Arc<Error>>();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if visit.json {
        let said = serde_json::json!({ "error": error.to_string(), "rule": error.rule() });
        return (parts.status, parts.headers, Json(said)).into_response();
    }
    let page = ErrorPage {
        status: status.as_u16(),
        request_id: status.is_server_error().then(|| visit.request_id.clone()),
        rule: error.rule(),
        words: error.words(),
        kept: parts.extensions.remove::<Kept>().map(|kept| kept.0).filter(|text| !text.trim().is_empty()),
    };
    match app.render(visit, &page).await {
        Ok(html) => (parts.status, parts.headers, html).into_response(),
        Err(failed) => {
            tracing::error!(error = %failed, "the error page failed too");
            (parts.status, parts.headers, status.to_string()).into_response()
        }
    }
}

/// An error that a layer below made, without a page of its own.
fn bare(response: &Response) -> bool {
    let wrong = response.status().is_client_error() || response.status().is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    wrong && kind.is_none_or(|kind| kind.starts_with("text/plain"))
}

/// 302, which old clients insist on; a form that was lost to a timeout leads to a page that can be shown.
fn sign_in_first(visit: &Visit) -> Response {
    let mut to = "/users/sign_in".to_owned();
    if visit.is_get && visit.path != "/" && visit.path != "/stream" {
        let back: String = url::form_urlencoded::byte_serialize(visit.path.as_bytes()).collect();
        to = format!("{to}?return_to={back}");
    }
    let mut response = Redirect::to(&to).into_response();
    *response.status_mut() = StatusCode::FOUND;
    response
}
