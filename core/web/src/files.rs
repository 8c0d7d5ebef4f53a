//! `/-/core/…` and `/-/theme/…`: the pod's own files, under names that change with their content.
use crate::{App, assets::Asset, error::Error};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use std::borrow::Cow;

/// `GET /-/core/{*path}`
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn core_asset(uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let asset = crate::assets::lookup(uri.path()).ok_or(Error::NotFound)?;
    Ok(answer(asset, &headers))
}

/// `GET /assets/user/default.png`: the picture of people without one, where other pods expect it.
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn default_portrait(headers: HeaderMap) -> Result<Response, Error> {
    let asset = crate::assets::lookup("/-/core/person.png").ok_or(Error::NotFound)?;
    Ok(answer(asset, &headers))
}

/// For everybody who asks: what is not worth reading, or is made for one reader.
const WELCOME: &str = "\
User-agent: *
Disallow: /admin
Disallow: /users/
Disallow: /fetch/
Disallow: /receive/
Disallow: /hcard/
Disallow: /people?
Disallow: /-/media/
Disallow: /-/thread/
";

const AWAY: &str = "User-agent: *\nDisallow: /\n";

/// `GET /robots.txt`
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn robots(State(app): State<App>) -> Response {
    let rules = if app.pod.site().hidden { AWAY } else { WELCOME };
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], rules).into_response()
}

/// `GET /-/theme/{*path}`
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn theme_asset(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let asset = app.theme.lookup(uri.path()).ok_or(Error::NotFound)?;
    Ok(answer(asset, &headers))
}

fn answer(asset: Asset, asked: &HeaderMap) -> Response {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let mut response = if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match asset.bytes {
            Cow::Borrowed(bytes) => bytes.into_response(),
            Cow::Owned(bytes) => bytes.into_response(),
        }
    };
    let cache = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let (Ok(kind), Ok(etag)) =
        (HeaderValue::try_from(asset.content_type), HeaderValue::try_from(asset.etag))
    {
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::ETAG, etag);
    }
    response
}
