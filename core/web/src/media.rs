//! `/-/media/{mac}/{url}`: pictures of other pods, fetched by us so that readers stay unknown there. Only
//! addresses that we signed ourselves, only raster pictures by their first bytes, never anything that runs.
use crate::{App, error::Error};
use aws_lc_rs::hmac;
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use moka::future::Cache;
use pappus_kernel::{env::FetchRequest, moderation};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use url::Url;

const MAX_BYTES: usize = 5 << 20;
/// How long a picture is kept, and how long one that could not be had is not asked for again.
const FRESH: Duration = Duration::from_hours(1);
const DEAD: Duration = Duration::from_mins(10);
const CACHE_BYTES: u64 = 16 << 20;
/// Of the tag: 128 bits are enough against guessing, and keep addresses short.
const TAG: usize = 16;

/// Signs addresses and keeps the pictures that were asked for lately.
pub struct Media {
    key: hmac::Key,
    cache: Cache<String, Picture>,
    at_once: Semaphore,
}

/// A picture, or that there is none.
#[derive(Clone)]
enum Picture {
    Raster(&'static str, Bytes),
    None,
}

/// Each kind has its time.
struct Lasts;

impl moka::Expiry<String, Picture> for Lasts {
    fn expire_after_create(&self, _: &String, picture: &Picture, _: std::time::Instant) -> Option<Duration> {
        Some(match picture {
            Picture::Raster(..) => FRESH,
            Picture::None => DEAD,
        })
    }
}

impl Media {
    pub fn new(key: &[u8]) -> Self {
        let weigh = |url: &String, picture: &Picture| match picture {
            Picture::Raster(_, bytes) => u32::try_from(bytes.len() + url.len()).unwrap_or(u32::MAX),
            Picture::None => u32::try_from(url.len()).unwrap_or(u32::MAX),
        };
        let cache = Cache::builder().weigher(weigh).max_capacity(CACHE_BYTES).expire_after(Lasts).build();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), cache, at_once: Semaphore::new(16) }
    }

    /// The path on this pod under which the picture at `url` is shown; a path of this pod stays.
    pub fn path(&self, url: &str) -> String {
        let mac = hex::encode(self.mac(url));
        format!("/-/media/{mac}/{}", URL_SAFE_NO_PAD.encode(url))
    }

    fn mac(&self, url: &str) -> Vec<u8> {
        hmac::sign(&self.key, url.as_bytes()).as_ref().iter().take(TAG).copied().collect()
    }

    fn opened(&self, mac: &str, url: &str) -> Option<String> {
        let url = String::from_utf8(URL_SAFE_NO_PAD.decode(url).ok()?).ok()?;
        let given = hex::decode(mac).ok()?;
        let same: bool = subtle::ConstantTimeEq::ct_eq(given.as_slice(), self.mac(&url).as_slice()).into();
        same.then_some(url)
    }
}

/// `GET /-/media/{mac}/{url}`
pub async fn show(
    State(app): State<App>,
    Path((mac, url)): Path<(String, String)>,
) -> Result<Response, Error> {
    let url = app.media.opened(&mac, &url).ok_or(Error::NotFound)?;
    if hidden(&app, &url).await? {
        return Err(Error::NotFound);
    }
    let fetched = app.media.cache.try_get_with(url.clone(), fetch(&app, &url)).await;
    let Picture::Raster(kind, bytes) = fetched.map_err(|error: Arc<Error>| Error::Status(error.status()))?
    else {
        return Err(Error::NotFound);
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "private, max-age=86400"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    Ok((headers, bytes).into_response())
}

/// An admin decided that pictures of that host are not shown here.
async fn hidden(app: &App, url: &str) -> Result<bool, Error> {
    let Some(host) = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)) else {
        return Ok(false);
    };
    let mut conn = app.pod.db.read().await.map_err(pappus_kernel::Error::from)?;
    let standing =
        moderation::standing_of_host(&mut conn, &host).await.map_err(pappus_kernel::Error::from)?;
    Ok(standing.media_hidden)
}

async fn fetch(app: &App, url: &str) -> Result<Picture, Error> {
    let Ok(url) = Url::parse(url) else { return Ok(Picture::None) };
    let _turn = app.media.at_once.acquire().await.map_err(|_| Error::Unavailable("stopping"))?;
    let request = FetchRequest::get(url, "image/webp,image/png,image/jpeg,image/gif,image/avif", MAX_BYTES);
    match app.pod.fetch.send(request).await {
        Ok(answer) if answer.is_success() => {
            Ok(raster(&answer.body).map_or(Picture::None, |kind| Picture::Raster(kind, answer.body.into())))
        }
        // a host that is gone is not asked again by every reader of the page
        Ok(_) | Err(_) => Ok(Picture::None),
    }
}

/// The type of a raster picture by its first bytes. No SVG: that is a program.
fn raster(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => Some("image/avif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_we_signed_are_fetched() {
        let media = Media::new(&[1; 32]);
        let path = media.path("https://pod.example/a.png");
        let (mac, url) = path.strip_prefix("/-/media/").unwrap().split_once('/').unwrap();
        assert_eq!(media.opened(mac, url).as_deref(), Some("https://pod.example/a.png"));
        let other = URL_SAFE_NO_PAD.encode("http://127.0.0.1/");
        assert_eq!(media.opened(mac, &other), None);
        assert_eq!(media.opened("", url), None);
        assert_eq!(Media::new(&[2; 32]).opened(mac, url), None);
    }

    #[test]
    fn only_raster_pictures_pass() {
        assert_eq!(raster(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(raster(b"GIF89a"), Some("image/gif"));
        for bad in [&b"<svg xmlns='http://www.w3.org/2000/svg'>"[..], b"<!doctype html>", b"", b"RIFF"] {
            assert_eq!(raster(bad), None);
        }
    }
}
