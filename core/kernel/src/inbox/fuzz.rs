//! What a fuzzer does with the answers of a pod that is asked for a thread or for older posts.
#![allow(clippy::missing_panics_doc, reason = "what fails here is what a fuzzer looks for")]
use super::{catch_up, thread};
use pappus_federation::{entity::Kind, id::Guid, receive};

/// Whose posts are asked for.
const AUTHOR: &str = "00000000000000000000000000000111";

/// The three answers there are: signed pieces, a post with its comments, a person's stream.
pub fn answer(data: &[u8]) {
    if let Some(page) = thread::page_of(data) {
        for piece in &page.items {
            let _ = Kind::from(piece.kind.as_str());
            let _ = piece.guid.parse::<Guid>();
            let _ = receive::open_fetched(piece.envelope.as_bytes());
        }
        // it becomes a part of the address that is asked next
        let next = page.next.unwrap_or_default();
        assert!(next.len() <= 64 && next.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{next}");
    }
    assert!(thread::listed(data).len() <= 5_000);
    assert!(catch_up::listed(data, AUTHOR).len() <= 15);
}
