//! The short names of plugins.
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ManifestError;

/// The short name of a plugin: its folder, its part of a path, its prefix in forms.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = ManifestError;

    fn try_from(slug: String) -> Result<Self, ManifestError> {
        let letters = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let numeric = slug.bytes().all(|b| b.is_ascii_digit());
        let dashes = slug.starts_with('-') || slug.ends_with('-');
        if slug.is_empty() || slug.len() > 15 || !letters || numeric || dashes {
            return Err(ManifestError::new(
                "plugin.slug",
                "must be 1 to 15 of a-z, 0-9 and `-`, with at least one letter",
            ));
        }
        Ok(Self(slug))
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
