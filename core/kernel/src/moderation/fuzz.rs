//! What a fuzzer does with a blocklist: each rule that is read can be made, and the list that we print of them is
//! read as the same rules.
#![allow(clippy::missing_panics_doc, reason = "what fails here is what a fuzzer looks for")]
use super::{
    Block, Severity,
    blocklist::{Entry, MOST, parse, print},
};
use crate::{Timestamp, id::BlockId};

/// Any text, as a list with a head line or without one.
pub fn blocklist(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    for plain in [Severity::None, Severity::Silence] {
        let Ok(read) = parse(text, plain) else { continue };
        assert!(read.entries.len() <= MOST && read.problems.len() <= read.problem_count);
        let blocks: Vec<Block> = read.entries.iter().map(made).collect();
        let Ok(again) = parse(&print(&blocks), plain) else {
            assert!(blocks.is_empty(), "{text}");
            continue;
        };
        assert_eq!(again.problem_count, 0, "{:?}", again.problems);
        for (again, block) in again.entries.iter().zip(&blocks) {
            assert_eq!((&again.host, &again.severity), (&block.target, &block.severity().name().to_owned()));
            assert_eq!(again.reason, block.reason.trim());
        }
        assert_eq!(again.entries.len(), blocks.len());
    }
}

fn made(entry: &Entry) -> Block {
    let new = entry.to_block().expect("what was read can be made");
    Block {
        id: BlockId(1),
        target: new.target.to_string(),
        subdomains: new.subdomains,
        severity: new.severity.number(),
        reject_media: new.reject_media,
        reject_reports: new.reject_reports,
        obfuscate: new.obfuscate,
        reason: new.reason,
        note: new.note,
        actor: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}
