//! A component that carries its `plugin.toml` and its files in sections of its own.
use std::collections::BTreeSet;

use pappus_kernel::plugin::{Files, LoadError, Manifest};
use wasmparser::{Encoding, Parser, Payload};

use super::{ALL_FILES, LARGEST_FILE, MAX_COMPONENT, MOST_FILES, Package, is_file, keep, stray, text_of};

const MANIFEST_SECTION: &str = "pappus:manifest";
const FILE_SECTION: &str = "pappus:file/";

/// A component without a zip around it is a whole package, and nobody signed it.
pub(super) fn read(component: Vec<u8>) -> Result<Package, LoadError> {
    if component.len() as u64 > MAX_COMPONENT {
        return Err(LoadError::TooLarge("its component is larger than 16 MiB".to_owned()));
    }
    let (manifest_text, files) = embedded_in(&component)?;
    let manifest = Manifest::parse(&manifest_text)?;
    Ok(Package { manifest, manifest_text, component, files, signed_by: None })
}

/// The manifest and the files that a component carries.
pub(super) fn embedded_in(component: &[u8]) -> Result<(String, Files), LoadError> {
    let (mut depth, mut manifest, mut files) = (0_u32, None, Files::default());
    let (mut seen, mut bytes) = (BTreeSet::new(), 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| LoadError::Component(error.to_string()))? {
            Payload::Version { encoding, .. } => {
                if depth == 0 && encoding != Encoding::Component {
                    return Err(LoadError::Component("it is a module, not a component".to_owned()));
                }
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 1 && section.name() == MANIFEST_SECTION => {
                // readers that take the first one and readers that take the last one must see the same
                let before = manifest.replace(text_of("plugin.toml", section.data())?);
                check_alone(before.as_ref())?;
            }
            Payload::CustomSection(section) if depth == 1 => {
                let Some(path) = section.name().strip_prefix(FILE_SECTION) else { continue };
                if !is_file(path) {
                    return Err(stray(path));
                }
                if !seen.insert(path.to_owned()) {
                    return Err(LoadError::Component(format!("it carries two {path}")));
                }
                bytes += section.data().len();
                if seen.len() > MOST_FILES || section.data().len() > LARGEST_FILE || bytes > ALL_FILES {
                    return Err(LoadError::TooLarge(format!("{path}, or too many files")));
                }
                keep(&mut files, path, text_of(path, section.data())?);
            }
            _ => {}
        }
    }
    let manifest = manifest.ok_or_else(|| LoadError::Component("it carries no plugin.toml".to_owned()))?;
    Ok((manifest, files))
}

fn check_alone(before: Option<&String>) -> Result<(), LoadError> {
    match before {
        Some(_) => Err(LoadError::Component("it carries two plugin.toml".to_owned())),
        None => Ok(()),
    }
}
