//! Who made a package: a minisign signature over the list of what is in it. Without an authority: the pod keeps the key
//! that a plugin first came with, and the kernel asks the administrator when another one turns up.
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use minisign_verify::{PublicKey, Signature};
use pappus_kernel::plugin::LoadError;

/// What is signed: a line for each file, sorted by path: its SHA-256 in hexadecimal, its size in bytes and its path.
pub(super) fn contents<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut lines = String::new();
    for (path, bytes) in files {
        let hash = hex::encode(digest(&SHA256, bytes));
        // writing to a string cannot fail
        let _ = writeln!(lines, "{hash} {} {path}", bytes.len());
    }
    lines
}

/// The key, in one line without its comment, when `signature` is its signature of `contents`.
pub(super) fn check(contents: &str, key: &str, signature: &str) -> Result<String, LoadError> {
    let wrong = |what: &str| LoadError::Signature(what.to_owned());
    let line = key.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let key = PublicKey::from_base64(line).map_err(|_| wrong("its KEY is no minisign key"))?;
    let signature = Signature::decode(signature).map_err(|_| wrong("its SIGNATURE is none of minisign"))?;
    let fits = key.verify(contents.as_bytes(), &signature, false);
    fits.map_err(|_| wrong("its SIGNATURE does not fit what is in it"))?;
    Ok(line.to_owned())
}
