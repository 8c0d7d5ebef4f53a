//! Finds packages: components that carry their `plugin.toml`, in folders and inside the binary.

use std::{collections::BTreeSet, fs, io::Read as _, path::PathBuf};

use pappus_kernel::plugin::{Files, Found, LoadError, Manifest, Slug};
use wasmparser::{Encoding, Parser, Payload};

/// A larger component is refused unread.
pub(crate) const MAX_COMPONENT: u64 = 16 * 1024 * 1024;
const MANIFEST_SECTION: &str = "pappus:manifest";
const FILE_SECTION: &str = "pappus:file/";
/// Templates and sentences of one package, and how long each may be.
const MOST_FILES: usize = 200;
const LARGEST_FILE: usize = 256 * 1024;

/// A component and what it says about itself.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) manifest: Manifest,
    pub(crate) component: Vec<u8>,
    pub(crate) files: Files,
}

/// The places where packages are.
#[derive(Debug)]
pub(crate) struct Packages {
    dirs: Vec<PathBuf>,
    embedded: Vec<(String, &'static [u8])>,
}

impl Packages {
    pub(crate) fn new(dirs: Vec<PathBuf>, embedded: Vec<(String, &'static [u8])>) -> Self {
        Self { dirs, embedded }
    }

    pub(crate) fn found(&self) -> Vec<Found> {
        let describe =
            |slug: String| Found { manifest: self.read(&slug).map(|package| package.manifest), slug };
        self.slugs().into_iter().map(describe).collect()
    }

    fn slugs(&self) -> BTreeSet<String> {
        let mut slugs: BTreeSet<_> = self.embedded.iter().map(|(slug, _)| slug.clone()).collect();
        for entry in self.dirs.iter().filter_map(|dir| fs::read_dir(dir).ok()).flatten().flatten() {
            let path = entry.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(slug) = stem.filter(|_| path.extension().is_some_and(|extension| extension == "wasm"))
            {
                slugs.insert(slug.to_owned());
            }
        }
        slugs
    }

    pub(crate) fn read(&self, slug: &str) -> Result<Package, LoadError> {
        // A slug is no path: nothing outside the folders is ever opened.
        let slug = Slug::try_from(slug.to_owned()).map_err(|_| LoadError::NotFound(slug.to_owned()))?;
        let component = self.bytes(slug.as_str())?;
        let (manifest, files) = embedded_in(&component)?;
        if manifest.slug != slug {
            return Err(LoadError::Component(format!(
                "its file is called {slug}, but its slug is {}",
                manifest.slug
            )));
        }
        Ok(Package { manifest, component, files })
    }

    fn bytes(&self, slug: &str) -> Result<Vec<u8>, LoadError> {
        let file_name = format!("{slug}.wasm");
        if let Some(path) = self.dirs.iter().map(|dir| dir.join(&file_name)).find(|path| path.is_file()) {
            let unreadable =
                |error: std::io::Error| LoadError::Unreadable(format!("{}: {error}", path.display()));
            let mut bytes = Vec::new();
            fs::File::open(&path)
                .map_err(unreadable)?
                .take(MAX_COMPONENT + 1)
                .read_to_end(&mut bytes)
                .map_err(unreadable)?;
            if bytes.len() as u64 > MAX_COMPONENT {
                return Err(LoadError::TooLarge("its component is larger than 16 MiB".to_owned()));
            }
            return Ok(bytes);
        }
        let embedded = self.embedded.iter().find(|(name, _)| name == slug);
        embedded.map(|(_, bytes)| bytes.to_vec()).ok_or_else(|| LoadError::NotFound(slug.to_owned()))
    }
}

/// The manifest and the files that a component carries.
fn embedded_in(component: &[u8]) -> Result<(Manifest, Files), LoadError> {
    let (mut depth, mut manifest, mut files, mut count) = (0_u32, None, Files::default(), 0);
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
                manifest = Some(Manifest::parse(&text_of("plugin.toml", section.data())?)?);
            }
            Payload::CustomSection(section) if depth == 1 => {
                let Some(path) = section.name().strip_prefix(FILE_SECTION) else { continue };
                count += 1;
                if count > MOST_FILES || section.data().len() > LARGEST_FILE {
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

fn keep(files: &mut Files, path: &str, text: String) {
    match path.split_once('/') {
        Some(("templates", name)) => drop(files.templates.insert(name.to_owned(), text)),
        Some(("locales", name)) => {
            let language = name.strip_suffix(".ftl").unwrap_or(name);
            files.locales.insert(language.to_owned(), text);
        }
        _ => {}
    }
}

fn text_of(path: &str, bytes: &[u8]) -> Result<String, LoadError> {
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    text.map_err(|_| LoadError::Component(format!("its {path} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_not_a_slug() {
        let packages = Packages::new(vec![std::env::temp_dir()], vec![]);
        for slug in ["../etc/passwd", "/etc/passwd", "a/b", "", ".."] {
            assert!(matches!(packages.read(slug), Err(LoadError::NotFound(_))), "{slug}");
        }
    }

    #[test]
    fn a_file_that_is_no_component_is_refused_and_listed_with_its_reason() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("junk.wasm"), b"junk").unwrap();
        fs::write(dir.path().join("module.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
        fs::write(dir.path().join("nameless.wasm"), wat::parse_str("(component)").unwrap()).unwrap();
        let found = Packages::new(vec![dir.path().to_owned()], vec![]).found();
        let reasons: Vec<_> =
            found.into_iter().map(|found| found.manifest.unwrap_err().to_string()).collect();
        assert_eq!(reasons.len(), 3);
        assert!(reasons[1].contains("not a component"), "{reasons:?}");
        assert!(reasons[2].contains("carries no plugin.toml"), "{reasons:?}");
    }
}
