//! What a fuzzer does with an archive: everything that happens to it before a row is written.
#![allow(clippy::missing_panics_doc, reason = "what fails here is what a fuzzer looks for")]
use super::{
    begin,
    format::{Archive, ContactEntry, Group, SentTo},
    item, unpack,
};
use crate::{Timestamp, contact::aspect::AspectName, text::scan};
use pappus_federation::{archive, id::DiasporaId};

const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

/// Any file: it never unpacks to more than it may.
pub fn file(data: &[u8]) {
    let Ok(json) = unpack::unpack(data) else { return };
    assert!(json.len() as u64 <= unpack::most(data).max(data.len() as u64));
    self::json(&json);
}

/// The JSON of one: each thing in it as the import looks at it.
pub fn json(data: &[u8]) {
    let Ok(archive) = Archive::read(data) else { return };
    let _ = archive.identity();
    for item in begin::items(&archive) {
        assert!(!item.label.contains(char::is_control), "{item:?}");
        let _ = serde_json::from_str::<ContactEntry>(&item.payload);
        let _ = serde_json::from_str::<SentTo>(&item.payload);
        let _ = item.label.to_lowercase().parse::<DiasporaId>();
        if let Ok(group) = serde_json::from_str::<Group>(&item.payload) {
            let _ = AspectName::try_from(group.name.as_str());
        }
        if let Some(name) = scan::tag_name(&item.label) {
            assert_eq!(scan::tag_name(&name), Some(name));
        }
        entity(&item.payload);
    }
}

/// One that is read is printed and read as the same: of what was signed, every byte.
fn entity(payload: &str) {
    let Some(entity) = item::entity(payload, NOW) else { return };
    let printed = archive::to_json(&entity);
    let again = item::entity(&printed.to_string(), NOW).expect("what we print is readable");
    match (again.as_relayable(), entity.as_relayable()) {
        (Some(again), Some(entity)) => assert_eq!(again.signed().text(), entity.signed().text()),
        _ => assert_eq!(again.to_xml(), entity.to_xml()),
    }
}
