//! What people chose for the plugin (`[[setting]]` in `plugin.toml`), as JSON, and secrets that it may use but not
//! read. Outside a pod, in a plugin's own tests, nothing is chosen: read with a default at hand.
use crate::{Failure, bindings::capabilities::pappus::plugin::types::UserId};

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::pappus::plugin::settings as pod;
#[cfg(not(target_arch = "wasm32"))]
use nothing as pod;

/// A setting of the pod; none where nothing is chosen and there is no default, or the capability is not granted.
#[must_use]
pub fn site(key: &str) -> Option<String> {
    pod::site(key)
}

/// A setting of a member for whom the plugin may act.
#[must_use]
pub fn user(user: UserId, key: &str) -> Option<String> {
    pod::user(user, key)
}

/// Chooses for a member; `null` goes back to the default.
pub fn set_user(user: UserId, key: &str, value: &str) -> Result<(), Failure> {
    pod::set_user(user, key, value)
}

/// Whether the pod (no user) or the member has given this secret.
#[must_use]
pub fn has_secret(user: Option<UserId>, key: &str) -> bool {
    pod::has_secret(user, key)
}

/// Keeps a secret that the plugin obtained. It is sent to `origin` and nowhere else.
pub fn store_secret(user: Option<UserId>, key: &str, origin: &str, value: &str) -> Result<(), Failure> {
    pod::store_secret(user, key, origin, value)
}

/// Members who switched the plugin on, behind `after`, by number.
#[must_use]
pub fn enabled_users(after: Option<UserId>, limit: u32) -> Vec<UserId> {
    pod::enabled_users(after, limit)
}

#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
mod nothing {
    use super::{Failure, UserId};

    pub(super) const fn site(_: &str) -> Option<String> {
        None
    }

    pub(super) const fn user(_: UserId, _: &str) -> Option<String> {
        None
    }

    pub(super) const fn set_user(_: UserId, _: &str, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    pub(super) const fn has_secret(_: Option<UserId>, _: &str) -> bool {
        false
    }

    pub(super) const fn store_secret(_: Option<UserId>, _: &str, _: &str, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    pub(super) const fn enabled_users(_: Option<UserId>, _: u32) -> Vec<UserId> {
        Vec::new()
    }
}
