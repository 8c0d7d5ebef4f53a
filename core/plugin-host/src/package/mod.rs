//! Packages: a component that carries its `plugin.toml` and its files, or a zip of the same with a signature. They lie in
//! folders and inside the binary, or are handed over by the kernel, which keeps those that were installed.
mod component;
mod signature;
mod zip;

use std::{collections::BTreeSet, fs, io::Read as _, path::PathBuf};

use pappus_kernel::plugin::{Files, Found, LoadError, Manifest, Opened, Slug};

/// A larger component is refused unread.
pub(crate) const MAX_COMPONENT: u64 = 16 * 1024 * 1024;
/// Templates and sentences of one package, and how long each may be.
const MOST_FILES: usize = 200;
const LARGEST_FILE: usize = 256 * 1024;
/// All of them together: they stay in memory.
const ALL_FILES: usize = 4 * 1024 * 1024;
/// Folders of files, and the ends of their names.
const FOLDERS: [(&str, &str); 2] = [("templates", ".html"), ("locales", ".ftl")];

/// A component and what it says about itself.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) manifest: Manifest,
    /// `plugin.toml` as it stands there.
    pub(crate) manifest_text: String,
    pub(crate) component: Vec<u8>,
    pub(crate) files: Files,
    /// The minisign key that signed all of it; none for a component without a zip around it, and for a zip without a
    /// signature.
    pub(crate) signed_by: Option<String>,
}

impl Package {
    /// Reads either form.
    pub(crate) fn of(bytes: Vec<u8>) -> Result<Self, LoadError> {
        if zip::is_zip(&bytes) { zip::read(&bytes) } else { component::read(bytes) }
    }

    /// What is told of it.
    pub(crate) fn opened(&self) -> Opened {
        Opened {
            manifest: self.manifest.clone(),
            manifest_text: self.manifest_text.clone(),
            signed_by: self.signed_by.clone(),
        }
    }
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
        let package = component::read(self.bytes(slug.as_str())?)?;
        if package.manifest.slug != slug {
            return Err(LoadError::Component(format!(
                "its file is called {slug}, but its slug is {}",
                package.manifest.slug
            )));
        }
        Ok(package)
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

/// Whether this is the path of a template or of sentences.
fn is_file(path: &str) -> bool {
    let plain = |name: &str| {
        name.len() <= 80
            && !name.starts_with('.')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    path.split_once('/').is_some_and(|(folder, name)| {
        FOLDERS.iter().any(|(known, end)| folder == *known && name.ends_with(end)) && plain(name)
    })
}

/// Anything else is refused: nobody would ever look at it.
fn stray(path: &str) -> LoadError {
    let shown: String = path.chars().filter(|letter| !letter.is_control()).take(60).collect();
    LoadError::Component(format!("`{shown}` does not belong into a package"))
}

/// Puts a file of the package where the pod looks for it; what is for people is left out.
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
