//! Chance, and names across pods.

/// A fresh name for something that hangs on a post.
#[must_use]
pub fn guid() -> String {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::capabilities::pappus::plugin::random::new_guid();
    #[cfg(not(target_arch = "wasm32"))]
    {
        // outside a pod, in a plugin's own tests: names that differ are enough
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1);
        format!("{:032x}", NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
