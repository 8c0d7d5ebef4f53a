//! The fuzz targets of this crate, for a moment.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../fuzz/targets.rs"]
mod targets;

#[path = "../fuzz/smoke.rs"]
mod smoke;

fn smoke(name: &str, target: fn(&[u8]), copies: usize) -> usize {
    smoke::smoke(env!("CARGO_MANIFEST_DIR"), name, target, copies)
}

#[test]
fn entities() {
    assert_eq!(smoke("entity", targets::entity, 400), 16);
}

#[test]
fn envelopes() {
    assert_eq!(smoke("envelope", targets::envelope, 60), 15);
}

#[test]
fn sealed_envelopes() {
    assert_eq!(smoke("sealed", targets::sealed, 12), 15);
}

#[test]
fn webfinger_documents() {
    assert_eq!(smoke("webfinger", targets::webfinger, 1_000), 2);
}

#[test]
fn hcards() {
    assert_eq!(smoke("hcard", targets::hcard, 500), 2);
}

#[test]
fn host_meta_documents() {
    assert_eq!(smoke("host_meta", targets::host_meta, 1_000), 1);
}

#[test]
fn nodeinfo_documents() {
    assert_eq!(smoke("nodeinfo", targets::nodeinfo, 1_000), 3);
}

#[test]
fn keys() {
    assert_eq!(smoke("key", targets::key, 200), 3);
}

#[test]
fn links_in_texts() {
    assert_eq!(smoke("uri", targets::uri, 2_000), 1);
}
