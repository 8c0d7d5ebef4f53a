//! `[media]`: where members' pictures lie.
use super::{Mistake, Read};
use std::path::PathBuf;
use url::Url;

/// Where members' pictures lie.
#[derive(Clone)]
pub enum Media {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket. Holds a secret: never log it.
    Bucket(Bucket),
}

/// A bucket of an S3-compatible store.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is; none is Amazon's.
    pub endpoint: Option<Url>,
    /// Its region.
    pub region: String,
    /// The key's id.
    pub access_key: String,
    /// The key's secret.
    pub secret_key: String,
}

impl Read<'_> {
    /// A bucket, if one is named.
    pub(super) fn media(&self) -> Result<Media, Mistake> {
        let Some(name) = self.text("media.s3_bucket") else {
            let folder = self.path("media.dir").unwrap_or_else(|| self.data.join("media"));
            return Ok(Media::Folder(folder));
        };
        let needed = |key| {
            let problem = "a bucket needs it, and it is not set";
            let fix = "Set it, or take media.s3_bucket out to keep pictures in a folder";
            self.text(key).ok_or_else(|| self.wrong(key, problem, fix))
        };
        let endpoint = match self.text("media.s3_endpoint") {
            None => None,
            Some(text) => {
                let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
                let wrong = || {
                    let problem = format!("`{text}` is not the address of a store");
                    self.wrong("media.s3_endpoint", problem, "Write it like https://s3.example")
                };
                Some(url.ok_or_else(wrong)?)
            }
        };
        Ok(Media::Bucket(Bucket {
            name,
            endpoint,
            region: self.text("media.s3_region").unwrap_or_default(),
            access_key: needed("media.s3_access_key")?,
            secret_key: needed("media.s3_secret_key")?,
        }))
    }
}
