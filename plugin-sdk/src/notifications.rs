//! What a plugin tells members for whom it acts. Outside a pod, in a plugin's own tests, everything is told.
pub use crate::bindings::capabilities::pappus::plugin::notifications::Notice;
use crate::{Attr, Failure};

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::pappus::plugin::notifications as pod;
#[cfg(not(target_arch = "wasm32"))]
use everything as pod;

/// A notice of a kind that `plugin.toml` declares, in the words of one of the plugin's sentences. Whoever was told with
/// this key is not told again.
#[must_use]
pub fn notice(recipient: u64, kind: &str, message_key: &str, dedupe_key: &str) -> Notice {
    Notice {
        recipient,
        kind: kind.to_owned(),
        message_key: message_key.to_owned(),
        args: Vec::new(),
        actors: Vec::new(),
        target_post: None,
        path: None,
        dedupe_key: dedupe_key.to_owned(),
    }
}

/// A number for a sentence.
#[must_use]
pub fn number(key: &str, value: i64) -> Attr {
    Attr { key: key.to_owned(), value: value.to_string() }
}

/// Tells all or none of at most a hundred; how many were told anything new.
pub fn send(notices: &[Notice]) -> Result<u32, Failure> {
    pod::send(notices)
}

#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
mod everything {
    use super::{Failure, Notice};

    pub(super) fn send(notices: &[Notice]) -> Result<u32, Failure> {
        Ok(u32::try_from(notices.len()).unwrap_or(u32::MAX))
    }
}
