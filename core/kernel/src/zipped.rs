//! What can be told of a zip before it is read.
/// The end of a zip with the longest comment.
const TAIL: usize = 22 + 65_535;
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP64_END: &[u8] = b"PK\x06\x07";

/// How many entries the end of the file promises, wherever a reader may see that end: the list of entries is
/// read into memory before anybody can count it.
pub fn promised_entries(bytes: &[u8]) -> usize {
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or_default();
    let at = |mark: &'static [u8]| {
        tail.windows(4).enumerate().filter(move |(_, four)| *four == mark).map(|(at, _)| at)
    };
    if at(ZIP64_END).next().is_some() {
        return usize::MAX; // more than 65 535 of them, or made to look so
    }
    let count = |at: usize| match tail.get(at + 10..at + 12) {
        Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => 0,
    };
    at(ZIP_END).map(count).max().unwrap_or(0)
}
