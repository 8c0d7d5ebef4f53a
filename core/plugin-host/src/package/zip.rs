//! The zip that plugins are handed around in: `plugin.toml`, `plugin.wasm`, `templates/`, `locales/`, a README, and who
//! signed it. Nothing is written to disk, and whatever would unpack to more than it may is given up on the way.
use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use ::zip::ZipArchive;
use pappus_kernel::{
    plugin::{Files, LoadError, Manifest},
    zipped,
};

use super::{
    ALL_FILES, LARGEST_FILE, MAX_COMPONENT, MOST_FILES, Package, component, is_file, keep, signature, stray,
    text_of,
};

const MANIFEST: &str = "plugin.toml";
const COMPONENT: &str = "plugin.wasm";
/// The author's public key, and its signature over everything but these two.
const KEY: &str = "KEY";
const SIGNATURE: &str = "SIGNATURE";
/// Files for people, which the pod does not read.
const READING: [&str; 3] = ["README.md", "CHANGELOG.md", "LICENSE"];

pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// Reads a package. Everything in it is something that belongs into a package, once.
pub(super) fn read(bytes: &[u8]) -> Result<Package, LoadError> {
    let mut entries = unpack(bytes)?;
    let key = entries.remove(KEY);
    let sealed = entries.remove(SIGNATURE);
    let signed_by = match (key, sealed) {
        (Some(key), Some(sealed)) => {
            let contents = signature::contents(entries.iter().map(|(path, bytes)| (path.as_str(), &**bytes)));
            Some(signature::check(&contents, &text_of(KEY, &key)?, &text_of(SIGNATURE, &sealed)?)?)
        }
        (None, None) => None,
        _ => return Err(LoadError::Signature("KEY and SIGNATURE belong together".to_owned())),
    };
    let take = |entries: &mut BTreeMap<String, Vec<u8>>, path: &str| {
        entries.remove(path).ok_or_else(|| LoadError::Component(format!("there is no {path} in it")))
    };
    let manifest_text = text_of(MANIFEST, &take(&mut entries, MANIFEST)?)?;
    let component = take(&mut entries, COMPONENT)?;
    check_same(&component, &manifest_text)?;
    let mut files = Files::default();
    for (path, bytes) in &entries {
        keep(&mut files, path, text_of(path, bytes)?);
    }
    let manifest = Manifest::parse(&manifest_text)?;
    Ok(Package { manifest, manifest_text, component, files, signed_by })
}

/// A component says itself who it is: what lies beside it must say the same, and files stand in one place.
fn check_same(component: &[u8], manifest: &str) -> Result<(), LoadError> {
    let (inside, files) = component::embedded_in(component)?;
    if inside != manifest {
        return Err(LoadError::Component("its plugin.toml is not the one inside plugin.wasm".to_owned()));
    }
    if files == Files::default() {
        Ok(())
    } else {
        Err(LoadError::Component("its plugin.wasm holds files of its own".to_owned()))
    }
}

fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, LoadError> {
    let damaged = |error: ::zip::result::ZipError| LoadError::Component(format!("a damaged zip: {error}"));
    let promised = zipped::promised_entries(bytes);
    if promised > MOST_FILES {
        return Err(LoadError::TooLarge("too many files".to_owned()));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    // readers keep the last of several entries of one name, and other readers the first
    if archive.len() != promised {
        return Err(LoadError::Component(
            "a zip that lists a file twice, or more files than it has".to_owned(),
        ));
    }
    let (mut entries, mut texts) = (BTreeMap::new(), 0);
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).map_err(damaged)?;
        let path = file.name().to_owned();
        if !belongs(&path) || file.is_symlink() {
            return Err(stray(&path));
        }
        let most = if path == COMPONENT { MAX_COMPONENT } else { LARGEST_FILE as u64 };
        let mut unpacked = Vec::new();
        let read = file.by_ref().take(most + 1).read_to_end(&mut unpacked);
        read.map_err(|error| LoadError::Component(format!("a damaged zip: {error}")))?;
        if unpacked.len() as u64 > most {
            return Err(LoadError::TooLarge(format!("its {path} is larger than {} KiB", most / 1024)));
        }
        texts += if path == COMPONENT { 0 } else { unpacked.len() };
        if texts > ALL_FILES {
            return Err(LoadError::TooLarge("its files are larger than 4 MiB together".to_owned()));
        }
        entries.insert(path, unpacked);
    }
    Ok(entries)
}

/// Whether a package holds such a file.
fn belongs(path: &str) -> bool {
    [MANIFEST, COMPONENT, KEY, SIGNATURE].contains(&path) || READING.contains(&path) || is_file(path)
}
