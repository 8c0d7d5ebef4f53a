//! The pod's time. Outside a pod, in a plugin's own tests, it is the beginning of 1970 everywhere.
pub use crate::bindings::capabilities::pappus::plugin::types::Date;

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::pappus::plugin::clock as pod;
#[cfg(not(target_arch = "wasm32"))]
use still as pod;

/// Milliseconds since the beginning of 1970, in UTC.
#[must_use]
pub fn now() -> i64 {
    pod::now()
}

/// What day it is then in a zone such as `Europe/Berlin`; none where there is no such zone, or the capability is not
/// granted.
#[must_use]
pub fn local_date(at: i64, timezone: &str) -> Option<Date> {
    pod::local_date(at, timezone)
}

#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
mod still {
    use super::Date;

    pub(super) const fn now() -> i64 {
        0
    }

    pub(super) const fn local_date(_: i64, _: &str) -> Option<Date> {
        Some(Date { year: Some(1970), month: 1, day: 1 })
    }
}
