//! Files that the pod serves itself: found by names that carry a hash of the content, so a browser may
//! keep them for ever. Built for release they are inside the binary; while developing they are read from disk.
use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use aws_lc_rs::digest;
use rust_embed::RustEmbed;

/// Path below which the core's own files are served.
pub const CORE: &str = "/-/core/";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Static;

/// The client bundle; built by `cargo xtask client`. Without it every page still works.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/client/dist"]
#[allow_missing = true]
struct Bundle;

/// A file as it is sent.
#[derive(Debug, Clone)]
pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    pub content_type: &'static str,
    /// In quotes, as the header wants it.
    pub etag: String,
    /// Asked for by a name with its hash: may be kept for ever.
    pub immutable: bool,
}

impl Asset {
    pub fn new(path: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            etag: format!("\"{}\"", short_hash(&bytes)),
            content_type: content_type(path),
            bytes,
            immutable: true,
        }
    }
}

/// A file of the core by the path of the request: `/-/core/base-0123456789ab.css`, or without the hash.
pub fn lookup(path: &str) -> Option<Asset> {
    let name = path.strip_prefix(CORE)?;
    if let Some(bytes) = file(name) {
        return Some(Asset { immutable: false, ..Asset::new(name, bytes) });
    }
    let (stem, extension) = name.rsplit_once('.')?;
    let (stem, hash) = stem.rsplit_once('-')?;
    let plain = format!("{stem}.{extension}");
    let asset = Asset::new(&plain, file(&plain)?);
    (asset.etag.trim_matches('"') == hash).then_some(asset)
}

/// Where to find the core's file `name`; none if there is no such file.
/// While developing the name carries no hash, so that an edited file shows at once.
pub fn asset_url(name: &str) -> Option<&'static str> {
    static URLS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
        let url = |name: &str| {
            if cfg!(debug_assertions) { Some(format!("{CORE}{name}")) } else { hashed_url(name) }
        };
        Static::iter()
            .chain(Bundle::iter())
            .filter_map(|name| Some((name.to_string(), url(&name)?)))
            .collect()
    });
    URLS.get(name).map(String::as_str)
}

/// Twelve digits that stand for this content.
pub fn short_hash(bytes: &[u8]) -> String {
    let mut hash = hex::encode(digest::digest(&digest::SHA256, bytes));
    hash.truncate(12);
    hash
}

fn hashed_url(name: &str) -> Option<String> {
    let hash = short_hash(&file(name)?);
    let (stem, extension) = name.rsplit_once('.')?;
    Some(format!("{CORE}{stem}-{hash}.{extension}"))
}

fn file(name: &str) -> Option<Cow<'static, [u8]>> {
    Static::get(name).or_else(|| Bundle::get(name)).map(|file| file.data)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_hash_and_not_by_a_wrong_one() {
        let url = hashed_url("base.css").unwrap();
        let found = lookup(&url).unwrap();
        assert!(found.immutable && found.content_type.starts_with("text/css"));
        assert!(!lookup("/-/core/base.css").unwrap().immutable);
        assert!(lookup("/-/core/base-000000000000.css").is_none());
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        for path in
            ["/-/core/../Cargo.toml", "/-/core//etc/passwd", "/-/core/%2e%2e/x", "/-/core/", "/etc/passwd"]
        {
            assert!(lookup(path).is_none(), "{path}");
        }
    }
}
