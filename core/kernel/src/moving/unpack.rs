//! From the bytes of a file to JSON: plain, in gzip or in a zip. Nothing is written to disk, and a file that
//! would unpack to more than it may is given up on the way, not afterwards.
use crate::{Invalid, zipped::promised_entries};
use flate2::read::GzDecoder;
use std::{
    io::{Cursor, Read},
    path::Path,
};
use zip::ZipArchive;

/// A larger file is not taken.
pub const LARGEST_UPLOAD: usize = 64 << 20;
/// What it unpacks to; the archives of busy accounts have some tens of megabytes.
const LARGEST: u64 = 256 << 20;
/// Texts are packed to a tenth, at best to a fiftieth.
const RATIO: u64 = 200;
/// For a small file the ratio says nothing.
const ALWAYS: u64 = 1 << 20;
/// An archive with its photos in one file.
const ENTRIES: usize = 5_000;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";
const ZIP_END: &[u8] = b"PK\x05\x06";

/// The archive's JSON.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, Invalid> {
    let most = most(bytes);
    if bytes.len() > LARGEST_UPLOAD {
        return Err(wrong("archive-too-large"));
    }
    if bytes.starts_with(GZIP) {
        return gunzip(bytes, most);
    }
    if bytes.starts_with(ZIP) || bytes.starts_with(ZIP_END) {
        let inner = unzip(bytes, most)?;
        return if inner.starts_with(GZIP) { gunzip(&inner, most) } else { Ok(inner) };
    }
    Ok(bytes.to_vec())
}

/// What this file may unpack to.
pub(super) fn most(bytes: &[u8]) -> u64 {
    LARGEST.min(ALWAYS.max((bytes.len() as u64).saturating_mul(RATIO)))
}

pub(super) const fn wrong(rule: &'static str) -> Invalid {
    Invalid::new("archive", rule)
}

fn gunzip(bytes: &[u8], most: u64) -> Result<Vec<u8>, Invalid> {
    read(GzDecoder::new(bytes), most)
}

fn read(from: impl Read, most: u64) -> Result<Vec<u8>, Invalid> {
    let mut out = Vec::new();
    from.take(most + 1).read_to_end(&mut out).map_err(|_| wrong("archive-damaged"))?;
    if out.len() as u64 > most { Err(wrong("archive-too-large")) } else { Ok(out) }
}

fn unzip(bytes: &[u8], most: u64) -> Result<Vec<u8>, Invalid> {
    if promised_entries(bytes) > ENTRIES {
        return Err(wrong("archive-too-large"));
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| wrong("archive-damaged"))?;
    if zip.len() > ENTRIES {
        return Err(wrong("archive-too-large"));
    }
    let names: Vec<String> = zip.file_names().map(str::to_owned).collect();
    if names.iter().any(|name| !is_plain(name)) {
        return Err(wrong("archive-paths"));
    }
    let is_json = |name: &&String| {
        let name = name.to_ascii_lowercase();
        let inner = Path::new(name.strip_suffix(".gz").unwrap_or(&name));
        inner.extension().is_some_and(|kind| kind == "json")
    };
    let mut wanted = names.iter().filter(is_json);
    let (Some(name), None) = (wanted.next(), wanted.next()) else { return Err(wrong("archive-which-file")) };
    let file = zip.by_name(name).map_err(|_| wrong("archive-damaged"))?;
    read(file, most)
}

/// A name that stays below the folder it is in.
fn is_plain(name: &str) -> bool {
    let odd = name.contains(['\\', '\0', ':']) || name.starts_with('/') || name.len() > 1_024;
    !odd && name.split('/').all(|part| part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            out.start_file(*name, SimpleFileOptions::default()).unwrap();
            out.write_all(bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    fn rule(bytes: &[u8]) -> &'static str {
        unpack(bytes).unwrap_err().rule
    }

    #[test]
    fn the_same_archive_comes_out_of_every_wrapping() {
        let json = br#"{"version":"2.0"}"#;
        for packed in [
            json.to_vec(),
            gzip(json),
            zip(&[("archive.json", json)]),
            zip(&[("photos/", b""), ("photos/a.jpg", b"x"), ("in/archive.json", json)]),
            zip(&[("archive.json.gz", &gzip(json))]),
        ] {
            assert_eq!(unpack(&packed).unwrap(), json);
        }
    }

    #[test]
    fn a_bomb_is_put_out_before_it_goes_off() {
        let zeros = vec![b' '; 300 << 20];
        let (gz, zipped) = (gzip(&zeros), zip(&[("a.json", &zeros)]));
        assert!(gz.len() < 1 << 20 && zipped.len() < 1 << 20, "they are small before");
        assert_eq!((rule(&gz), rule(&zipped)), ("archive-too-large", "archive-too-large"));
        assert_eq!(rule(&zip(&[("a.json.gz", &gz)])), "archive-too-large");
        // the ratio alone is enough
        assert_eq!(rule(&gzip(&vec![b' '; 10 << 20])), "archive-too-large");
        assert_eq!(rule(&vec![b' '; LARGEST_UPLOAD + 1]), "archive-too-large");
        let name = |at: usize| format!("{at}.txt");
        let names: Vec<String> = (0..=ENTRIES).map(name).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(rule(&zip(&files)), "archive-too-large");
    }

    #[test]
    fn tricks_with_paths_are_refused() {
        for name in ["../a.json", "/etc/a.json", "a/../../a.json", "a\\b.json", "c:a.json"] {
            assert_eq!(rule(&zip(&[(name, b"{}")])), "archive-paths", "{name}");
        }
        let long = format!("{}.json", "n".repeat(60_000));
        assert_eq!(rule(&zip(&[(&long, b"{}")])), "archive-paths");
    }

    #[test]
    fn what_is_cut_off_or_ambiguous_is_said_to_be_so() {
        let noise: Vec<u8> =
            (0..10_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let (gz, zipped) = (gzip(&noise), zip(&[("a.json", &noise)]));
        assert_eq!(rule(&gz[..gz.len() / 2]), "archive-damaged");
        assert_eq!(rule(&zipped[..zipped.len() / 2]), "archive-damaged");
        assert_eq!(rule(&zip(&[("a.json", b"{}"), ("b.json", b"{}")])), "archive-which-file");
        assert_eq!(rule(&zip(&[("readme.txt", b"{}")])), "archive-which-file");
    }
}
