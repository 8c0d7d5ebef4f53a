//! `/-/core/…` and `/-/theme/…`: the pod's own files, under names that change with their content.
use crate::{App, assets::Asset, error::Error};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// `GET /-/core/{*path}`
pub async fn core_asset(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let asset = crate::assets::lookup(&path).ok_or(Error::NotFound)?;
    Ok(answer(asset, &headers))
}

/// `GET /-/theme/{*path}`
pub async fn theme_asset(
    State(app): State<App>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let asset = app.themes.asset(&path).ok_or(Error::NotFound)?;
    Ok(answer(asset, &headers))
}

fn answer(asset: Asset, asked: &HeaderMap) -> Response {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let etag = format!("\"{}\"", asset.etag);
    let mut response = if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.bytes.into_response()
    };
    let cache = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let (Ok(kind), Ok(etag)) = (HeaderValue::try_from(asset.content_type), HeaderValue::try_from(etag)) {
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::ETAG, etag);
    }
    response
}
