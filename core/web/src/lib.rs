//! The pod on the web: pages, forms and the files they need.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]
pub mod assets;
pub mod locale;
pub mod theme;
