//! The fuzz targets of this crate, for a moment.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../../federation/fuzz/smoke.rs"]
mod smoke;

use pappus_kernel::{inbox, moderation, moving, text};

fn smoke(name: &str, target: fn(&[u8]), copies: usize) -> usize {
    smoke::smoke(env!("CARGO_MANIFEST_DIR"), name, target, copies)
}

#[test]
fn archives_as_json() {
    assert_eq!(smoke("archive", moving::fuzz::json, 1_000), 2);
}

#[test]
fn files_that_may_be_archives() {
    assert_eq!(smoke("unpack", moving::fuzz::file, 500), 4);
}

#[test]
fn blocklists() {
    assert_eq!(smoke("blocklist", moderation::fuzz::blocklist, 1_000), 3);
}

#[test]
fn answers_about_threads_and_streams() {
    assert_eq!(smoke("answer", inbox::fuzz::answer, 700), 3);
}

#[test]
fn mentions_and_tags() {
    assert_eq!(smoke("scan", text::fuzz::scanned, 2_000), 1);
}

#[test]
fn texts_without_markup() {
    assert_eq!(smoke("plain", text::fuzz::plain, 1_000), 1);
}

#[test]
fn html_that_somebody_made() {
    assert_eq!(smoke("sanitise", text::fuzz::sanitised, 500), 4);
}
