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

use super::{LARGEST_FILE, MAX_COMPONENT, MOST_FILES, Package, component, keep, signature, text_of};

const MANIFEST: &str = "plugin.toml";
const COMPONENT: &str = "plugin.wasm";
/// The author's public key, and its signature over everything but these two.
const KEY: &str = "KEY";
const SIGNATURE: &str = "SIGNATURE";
/// Files for people, which the pod does not read.
const READING: [&str; 3] = ["README.md", "CHANGELOG.md", "LICENSE"];
/// Folders, and the ends of the names of their files.
const FOLDERS: [(&str, &str); 2] = [("templates", ".html"), ("locales", ".ftl")];

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
    let mut entries = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).map_err(damaged)?;
        if file.is_dir() {
            continue;
        }
        let path = file.name().to_owned();
        if !belongs(&path) || file.is_symlink() {
            let shown: String = path.chars().filter(|letter| !letter.is_control()).take(60).collect();
            return Err(LoadError::Component(format!("`{shown}` does not belong into a package")));
        }
        let most = if path == COMPONENT { MAX_COMPONENT } else { LARGEST_FILE as u64 };
        let mut unpacked = Vec::new();
        let read = file.by_ref().take(most + 1).read_to_end(&mut unpacked);
        read.map_err(|error| LoadError::Component(format!("a damaged zip: {error}")))?;
        if unpacked.len() as u64 > most {
            return Err(LoadError::TooLarge(format!("its {path} is larger than {} KiB", most / 1024)));
        }
        entries.insert(path, unpacked);
    }
    Ok(entries)
}

/// Whether a package holds such a file. Anything else is refused: nobody would ever look at it.
fn belongs(path: &str) -> bool {
    if [MANIFEST, COMPONENT, KEY, SIGNATURE].contains(&path) || READING.contains(&path) {
        return true;
    }
    let plain = |name: &str| {
        name.len() <= 80
            && !name.starts_with('.')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    path.split_once('/').is_some_and(|(folder, name)| {
        FOLDERS.iter().any(|(known, end)| folder == *known && name.ends_with(end)) && plain(name)
    })
}
