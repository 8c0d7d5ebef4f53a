//! A theme's files: read from the pod's own folder or from disk, checked, and made ready to serve.
use std::{collections::BTreeMap, path::Path, sync::Arc};

use rust_embed::RustEmbed;

use super::{check, loader, loader::Layer, manifest::Manifest, protected_pages, style};
use crate::assets::{self, Asset};

const MAX_DEPTH: usize = 4;
const MAX_FILES: usize = 1000;
const MAX_BYTES: usize = 20 << 20;
const MAX_TEMPLATE: usize = 256 << 10;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../themes"]
struct Bundled;

/// Why a theme is not switched on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("theme {theme}: {reason}")]
pub struct Refused {
    pub theme: String,
    pub reason: String,
}

impl Refused {
    pub fn new(theme: &str, reason: impl Into<String>) -> Self {
        Self { theme: theme.to_owned(), reason: reason.into() }
    }
}

/// The files of one theme, by paths with `/`, and its manifest.
#[derive(Debug, Clone)]
pub struct Package {
    manifest: Manifest,
    files: BTreeMap<String, Vec<u8>>,
    hash: String,
}

impl Package {
    /// Ids of the themes that come with the pod.
    pub fn bundled_ids() -> Vec<String> {
        let mut ids: Vec<_> =
            Bundled::iter().filter_map(|path| path.strip_suffix("/theme.toml").map(str::to_owned)).collect();
        ids.sort();
        ids
    }

    /// A theme that comes with the pod.
    pub fn bundled(id: &str) -> Result<Self, Refused> {
        let folder = format!("{id}/");
        let files = Bundled::iter()
            .filter_map(|path| {
                let inside = path.strip_prefix(&folder)?.to_owned();
                Some((inside, Bundled::get(&path)?.data.into_owned()))
            })
            .collect::<BTreeMap<_, _>>();
        if files.is_empty() {
            return Err(Refused::new(id, "there is no such theme"));
        }
        Self::new(id, files)
    }

    /// A theme in a folder of its own.
    pub fn read(folder: &Path) -> Result<Self, Refused> {
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut files = BTreeMap::new();
        read_folder(folder, "", &mut files, 0).map_err(|reason| Refused::new(&name, reason))?;
        Self::new(&name, files)
    }

    /// Checks the files as far as that goes without rendering.
    pub fn new(name: &str, files: BTreeMap<String, Vec<u8>>) -> Result<Self, Refused> {
        let refuse = |reason: String| Refused::new(name, reason);
        let bytes: usize = files.values().map(Vec::len).sum();
        if files.len() > MAX_FILES || bytes > MAX_BYTES {
            return Err(refuse(format!("{} files of {bytes} bytes are too much", files.len())));
        }
        let text = files.get("theme.toml").ok_or_else(|| refuse("theme.toml is missing".into()))?;
        let text = std::str::from_utf8(text).map_err(|_| refuse("theme.toml is not text".into()))?;
        let manifest = Manifest::parse(text).map_err(|reason| refuse(format!("theme.toml: {reason}")))?;
        let mut all = Vec::with_capacity(bytes);
        for (path, content) in &files {
            check_file(path, content).map_err(refuse)?;
            all.extend_from_slice(path.as_bytes());
            all.extend_from_slice(&content.len().to_le_bytes());
            all.extend_from_slice(content);
        }
        Ok(Self { manifest, files, hash: assets::short_hash(&all) })
    }

    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// This theme and those it builds on, nearest first.
    pub(super) fn chain(&self) -> Result<Vec<Self>, Refused> {
        let mut chain = vec![self.clone()];
        while let Some(parent) = chain.last().and_then(|last| last.manifest.parent.clone()) {
            if chain.len() >= MAX_DEPTH || chain.iter().any(|link| *link.id() == parent) {
                return Err(Refused::new(self.id(), format!("the line of parents does not end: {parent}")));
            }
            let parent = Self::bundled(&parent).map_err(|error| {
                Refused::new(self.id(), format!("its parent is missing: {}", error.reason))
            })?;
            chain.push(parent);
        }
        for at in (1..chain.len()).rev() {
            let parent = chain.get(at).map(|link| link.manifest.clone());
            if let (Some(parent), Some(child)) = (parent, chain.get_mut(at - 1)) {
                child.manifest.inherit(&parent);
            }
        }
        Ok(chain)
    }

    pub(super) fn layer(&self) -> Result<Layer, Refused> {
        let templates = self
            .files
            .iter()
            .filter_map(|(path, source)| Some((path.strip_prefix("templates/")?.to_owned(), source)))
            .map(|(path, source)| {
                let text = std::str::from_utf8(source).map_err(|_| Refused::new(self.id(), "not text"))?;
                Ok((path, Arc::from(text)))
            })
            .collect::<Result<_, Refused>>()?;
        Ok(Layer { id: self.id().to_owned(), templates })
    }

    /// Where this version's files are served.
    pub(super) fn base(&self) -> String {
        format!("/-/theme/{}/{}/", self.id(), self.hash)
    }

    pub(super) fn asset_names(&self) -> Vec<String> {
        self.files.keys().filter_map(|path| path.strip_prefix("assets/").map(str::to_owned)).collect()
    }

    /// Everything to serve, and which of it are style sheets. Colours are inherited already, so only the
    /// theme in front writes them.
    pub(super) fn served(&self, front: bool) -> Result<Served, Refused> {
        let mut files = Vec::new();
        let mut sheets = Vec::new();
        let base = self.base();
        if front && self.manifest.has_tokens() {
            let sheet = self.manifest.stylesheet();
            let url = format!("{base}tokens-{}.css", assets::short_hash(sheet.as_bytes()));
            files.push((url.clone(), Asset::new(&url, sheet.into_bytes())));
            sheets.push(url);
        }
        for name in self.asset_names() {
            let url = format!("{base}{name}");
            let bytes = self.files.get(&format!("assets/{name}")).cloned().unwrap_or_default();
            let bytes = if name.rsplit('.').next() == Some("css") {
                sheets.push(url.clone());
                let source = String::from_utf8_lossy(&bytes).into_owned();
                let layered = style::layered(&source);
                layered
                    .map_err(|reason| Refused::new(self.id(), format!("assets/{name}: {reason}")))?
                    .into_bytes()
            } else {
                bytes
            };
            files.push((url.clone(), Asset::new(&url, bytes)));
        }
        Ok((files, sheets))
    }
}

/// Files by their addresses, and the addresses of those that are style sheets.
type Served = (Vec<(String, Asset)>, Vec<String>);

/// What one file of a theme may be.
fn check_file(path: &str, content: &[u8]) -> Result<(), String> {
    let odd = |part: &str| part.is_empty() || part.starts_with('.');
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '/');
    if path.split('/').any(odd) || !path.chars().all(plain) {
        return Err(format!("{path}: an odd name"));
    }
    if let Some(template) = path.strip_prefix("templates/") {
        return check_template(template, content).map_err(|reason| format!("{path}{reason}"));
    }
    let extension = path.rsplit('.').next().unwrap_or_default();
    if path.starts_with("assets/") {
        return match extension {
            "css" => {
                let source = std::str::from_utf8(content).map_err(|_| format!("{path}: not text"))?;
                style::layered(source).map(drop).map_err(|reason| format!("{path}: {reason}"))
            }
            "png" | "webp" | "avif" | "woff2" => Ok(()),
            _ => Err(format!("{path}: a theme brings css, png, webp, avif and woff2 only")),
        };
    }
    match (path, extension) {
        ("theme.toml" | "LICENSE", _) | (_, "md" | "txt") => Ok(()),
        _ if path.starts_with("screenshots/") => Ok(()),
        _ => Err(format!("{path}: no such file belongs to a theme")),
    }
}

fn check_template(path: &str, content: &[u8]) -> Result<(), String> {
    if content.len() > MAX_TEMPLATE {
        return Err(": too large".into());
    }
    if loader::is_protected(path, &protected_pages()) {
        return Err(": this page comes from the core only".into());
    }
    if !path.starts_with("theme/") && loader::core_template(path).is_none() {
        return Err(": the core has no such file; own parts go to templates/theme/".into());
    }
    let source = std::str::from_utf8(content).map_err(|_| ": not text".to_owned())?;
    check::check(source).map_err(|fault| format!(":{}: {}", fault.line, fault.reason))
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
    depth: usize,
) -> Result<(), String> {
    let broken = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(broken)?;
        if kind.is_symlink() || depth > 8 || files.len() > MAX_FILES {
            return Err(format!("{path}: links, deep folders and very many files are refused"));
        }
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), files, depth + 1)?;
        } else {
            if entry.metadata().map_err(broken)?.len() > MAX_BYTES as u64 {
                return Err(format!("{path}: too large"));
            }
            files.insert(path, std::fs::read(entry.path()).map_err(broken)?);
        }
    }
    Ok(())
}
