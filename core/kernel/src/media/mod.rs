//! Pictures of members: photos and portraits, taken in, made harmless, kept and shown to whom they are for.
mod files;
mod gif;
mod picture;
mod portrait;
mod retract;
mod show;
pub(crate) mod store;
mod sweep;
mod upload;

pub use files::Files;
pub use picture::MOST_PIXELS;
pub use portrait::{remove_portrait, set_portrait, set_portrait_from};
pub use retract::retract;
pub use show::{Album, Found, album, show};
pub use store::{AlbumPhoto, Waiting};
pub use sweep::sweep;
pub(crate) use sweep::{Sweep, sweep_after_close, sweep_after_photo, sweep_after_post};
pub(crate) use upload::hang;
pub use upload::{named, upload, waiting};

use crate::{Error, Invalid};

/// A longer file is refused.
pub const LARGEST_FILE: usize = 20 << 20;

/// On one post.
pub const MOST_PHOTOS: usize = 20;

/// Where pictures are on the pod; other pods put these addresses together themselves.
pub const PATH: &str = "/uploads/images/";

/// One of the versions that there are of a picture; other pods know them by their prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 50 by 50.
    Small,
    /// Within 100 by 100.
    Medium,
    /// Up to 300 wide.
    Large,
    /// Up to 700 wide.
    Scaled,
    /// As it is kept.
    Full,
}

impl Size {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Small, Self::Medium, Self::Large, Self::Scaled, Self::Full];

    /// What stands before the name.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Small => "thumb_small_",
            Self::Medium => "thumb_medium_",
            Self::Large => "thumb_large_",
            Self::Scaled => "scaled_full_",
            Self::Full => "",
        }
    }
}

/// `thumb_small_NAME` as its size and its name; none where it is no name of ours.
pub fn parse(file: &str) -> Option<(Size, &str)> {
    let (size, name) =
        Size::ALL.into_iter().find_map(|size| Some((size, file.strip_prefix(size.prefix())?)))?;
    let (random, suffix) = name.split_once('.')?;
    let is_ours = random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_ours && kind_of(suffix).is_some()).then_some((size, name))
}

/// The content type of a file with this suffix.
pub fn kind_of(suffix: &str) -> Option<&'static str> {
    match suffix {
        "webp" => Some("image/webp"),
        "gif" => Some("image/gif"),
        _ => None,
    }
}

/// Why a picture is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its bytes are none of the four formats.
    Format,
    /// Longer than [`LARGEST_FILE`].
    Bytes,
    /// More than [`MOST_PIXELS`], or too many frames.
    Pixels,
    /// It does not read as what it begins as.
    Broken,
}

impl Refused {
    /// The translation key.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Format => "picture-format",
            Self::Bytes => "picture-bytes",
            Self::Pixels => "picture-pixels",
            Self::Broken => "picture-broken",
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Invalid::new("photos", refused.rule()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_chance_and_a_suffix_behind_a_known_prefix() {
        let name = "0123456789abcdef0123456789abcdef.webp";
        assert_eq!(parse(name), Some((Size::Full, name)));
        assert_eq!(parse(&format!("thumb_small_{name}")), Some((Size::Small, name)));
        assert_eq!(parse(&format!("scaled_full_{name}")), Some((Size::Scaled, name)));
        for wrong in [
            "",
            ".webp",
            "../../secret.key",
            "thumb_huge_0123456789abcdef0123456789abcdef.webp",
            "0123456789abcdef0123456789abcdef.svg",
            "0123456789abcdef0123456789abcdeg.webp",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
