//! Who somebody is, as the member for whom the plugin acts may see them. Outside a pod, in a plugin's own tests, nobody
//! is known.
pub use crate::bindings::capabilities::pappus::plugin::{
    people::Filter,
    types::{Date, Profile},
};
use crate::{Failure, bindings::capabilities::pappus::plugin::types::PageInfo};

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::pappus::plugin::people as pod;
#[cfg(not(target_arch = "wasm32"))]
use nothing as pod;

/// The n-th answer is for the n-th diaspora* ID, as this member sees them, or a visitor; at most a hundred.
pub fn get(viewer: Option<u64>, handles: &[String]) -> Result<Vec<Option<Profile>>, Failure> {
    pod::get(viewer, handles)
}

/// A member for whom the plugin may act.
pub fn user(id: u64) -> Result<Option<Profile>, Failure> {
    pod::user(id)
}

/// People with whom this member shares, at most a hundred; with what to pass as `cursor` for more.
pub fn contacts(
    of: u64,
    filter: &Filter,
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<Profile>, Option<String>), Failure> {
    pod::contacts(of, filter, &PageInfo { cursor, limit })
}

#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
mod nothing {
    use super::{Failure, Filter, PageInfo, Profile};

    pub(super) fn get(_: Option<u64>, handles: &[String]) -> Result<Vec<Option<Profile>>, Failure> {
        Ok(vec![None; handles.len()])
    }

    pub(super) const fn user(_: u64) -> Result<Option<Profile>, Failure> {
        Ok(None)
    }

    pub(super) const fn contacts(
        _: u64,
        _: &Filter,
        _: &PageInfo,
    ) -> Result<(Vec<Profile>, Option<String>), Failure> {
        Ok((Vec::new(), None))
    }
}
