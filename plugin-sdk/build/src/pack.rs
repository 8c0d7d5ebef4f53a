//! From a component to the zip that is handed around: the same bytes every time but for the signature, where its author
//! wants one.
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::digest;
use minisign::{KeyPair, PublicKey, SecretKeyBox};
use wasmparser::{Parser, Payload};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::component::{FILE_SECTION, MANIFEST_SECTION, without_sections};

/// Files by their paths.
type Entries = BTreeMap<String, Vec<u8>>;

/// Files for people that go along, by the names that they have in a plugin's folder.
pub const READING: [&str; 3] = ["README.md", "CHANGELOG.md", "LICENSE"];

/// A key in the two files of minisign.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// To be kept secret; it has no password.
    pub secret: String,
    pub public: String,
}

/// A new key to sign packages with.
pub fn new_key() -> Result<NewKey> {
    let pair = KeyPair::generate_unencrypted_keypair().context("cannot make a key")?;
    let secret = pair.sk.to_box(None).context("cannot write the key")?.into_string();
    let public = pair.pk.to_box().context("cannot write the key")?.into_string();
    Ok(NewKey { secret, public })
}

/// The package of a component as [`build`](crate::build) makes it. `reading` are files of [`READING`] with their names;
/// `secret` is the text of a minisign key without a password.
pub fn pack(component: &[u8], reading: &[(String, Vec<u8>)], secret: Option<&str>) -> Result<Vec<u8>> {
    let (manifest, mut entries) = parts(component)?;
    let bare = without_sections(component, |name| name.starts_with(FILE_SECTION))?;
    entries.insert("plugin.toml".to_owned(), manifest);
    entries.insert("plugin.wasm".to_owned(), bare);
    for (name, bytes) in reading {
        ensure!(READING.contains(&name.as_str()), "{name} does not go into a package");
        entries.insert(name.clone(), bytes.clone());
    }
    if let Some(secret) = secret {
        let (key, signature) = sign(secret, &contents(&entries))?;
        entries.insert("KEY".to_owned(), key.into_bytes());
        entries.insert("SIGNATURE".to_owned(), signature.into_bytes());
    }
    zipped(&entries)
}

/// The same code with another `plugin.toml`, and without the other files: for tests of updates.
pub fn remade(component: &[u8], manifest: &str) -> Result<Vec<u8>> {
    let ours = |name: &str| name == MANIFEST_SECTION || name.starts_with(FILE_SECTION);
    Ok(crate::embed_manifest(without_sections(component, ours)?, manifest))
}

/// `plugin.toml` and the other files that a component carries, by their paths.
fn parts(component: &[u8]) -> Result<(Vec<u8>, Entries)> {
    let (mut manifest, mut files, mut depth) = (None, BTreeMap::new(), 0_u32);
    for payload in Parser::new(0).parse_all(component) {
        match payload.context("it is no component")? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 1 => {
                if section.name() == MANIFEST_SECTION {
                    manifest = Some(section.data().to_vec());
                } else if let Some(path) = section.name().strip_prefix(FILE_SECTION) {
                    ensure!(is_plain(path), "`{path}`: names have A-Z, a-z, 0-9, `-`, `_` and `.`");
                    files.insert(path.to_owned(), section.data().to_vec());
                }
            }
            _ => {}
        }
    }
    Ok((manifest.context("it carries no plugin.toml: build it with `pappus plugin build`")?, files))
}

/// As pods take them.
fn is_plain(path: &str) -> bool {
    let name = path.split_once('/').map_or(path, |(_, name)| name);
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    letters && name.len() <= 80 && !name.starts_with('.')
}

/// What is signed: a line for each file, sorted by path: SHA-256 in hexadecimal, size in bytes, path.
fn contents(entries: &BTreeMap<String, Vec<u8>>) -> String {
    entries.iter().fold(String::new(), |mut lines, (path, bytes)| {
        let hash = hex::encode(digest::digest(&digest::SHA256, bytes));
        // writing to a string cannot fail
        let _ = writeln!(lines, "{hash} {} {path}", bytes.len());
        lines
    })
}

fn sign(secret: &str, contents: &str) -> Result<(String, String)> {
    let secret = SecretKeyBox::from_string(secret).context("the key file is no secret key of minisign")?;
    let Ok(secret) = secret.into_unencrypted_secret_key() else {
        bail!("the key has a password: make one without for packages, with `pappus plugin keygen`");
    };
    let public = PublicKey::from_secret_key(&secret).context("the key is damaged")?;
    let (ours, theirs) = ("pappus plugin", "signature of a pappus plugin");
    let signature = minisign::sign(Some(&public), &secret, contents.as_bytes(), Some(ours), Some(theirs));
    Ok((public.to_base64(), signature.context("cannot sign")?.into_string()))
}

/// Sorted, without times: whoever packs the same files gets the same bytes. Code is stored as it is, texts are packed.
fn zipped(entries: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in entries {
        let method =
            if path == "plugin.wasm" { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        out.start_file(path.as_str(), options).context("cannot pack")?;
        out.write_all(bytes).context("cannot pack")?;
    }
    Ok(out.finish().context("cannot pack")?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_make_the_same_package() {
        let component = crate::embed_files(
            crate::embed_manifest(wasm_encoder::Component::new().finish(), "[plugin]"),
            &[("locales/en.ftl".to_owned(), b"a = b".to_vec())],
        );
        let reading = [("README.md".to_owned(), b"# Hello".to_vec())];
        let package = pack(&component, &reading, None).unwrap();
        assert_eq!(package, pack(&component, &reading, None).unwrap());
        assert!(pack(&component, &[("secrets.txt".to_owned(), vec![])], None).is_err());
    }
}
