//! What other pods can make this one do, and what it gets by itself: against a network that a test writes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod catching_up;
mod crowds;
mod hostile;
mod network;
mod refused;
mod threads;
