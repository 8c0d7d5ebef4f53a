//! The parts a pod is made of that cargo alone does not build: plugin components and the browser bundle.

use crate::{
    place,
    run::{cargo, command, must},
};
use anyhow::{Context as _, Result};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
};

/// Builds every folder of `plugins/` into a component under `target/plugins`.
pub fn plugins() -> Result<()> {
    let out = place::plugins_out();
    let built = pappus_plugin_build::build_all(&place::root().join("plugins"), &out, true)
        .context("a plugin did not build")?;
    println!("plugins: {} built into {}", built.len(), out.display());
    Ok(())
}

/// Builds the browser bundle, unless its sources are those of the last build.
pub fn client() -> Result<()> {
    let dir = place::root().join("core/web/client");
    if !dir.join("package.json").exists() {
        return Ok(());
    }
    let stamp = dir.join("dist/.built-from");
    let now = fingerprint(&dir, &["dist", "node_modules"])?;
    if fs::read_to_string(&stamp).is_ok_and(|then| then == now) {
        return Ok(());
    }
    println!("client: building core/web/client");
    must(command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&dir))?;
    must(command("npm", &["run", "--silent", "build"]).current_dir(&dir))?;
    fs::write(stamp, now).context("the build of core/web/client left no dist folder")
}

/// Builds the server.
pub fn server(release: bool) -> Result<()> {
    let mut args = vec!["build", "--package", "pappus"];
    if release {
        args.push("--release");
    }
    must(&mut cargo(&args))
}

/// Builds what the bench of federation measures beside the server, optimised.
pub fn prepare() -> Result<()> {
    must(&mut cargo(&["build", "--release", "--package", "pappus-kernel", "--example", "prepare"]))
}

/// A hash over names and contents of a folder's files; only compared with one made by the same build of xtask.
fn fingerprint(dir: &Path, skip: &[&str]) -> Result<String> {
    let mut files = BTreeMap::new();
    gather(dir, skip, &mut files)?;
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn gather(dir: &Path, skip: &[&str], files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if skip.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            gather(&path, skip, files)?;
        } else {
            files.insert(path.display().to_string(), fs::read(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use std::fs;

    #[test]
    fn a_fingerprint_follows_content_and_ignores_what_is_built() {
        let dir = std::env::temp_dir().join(format!("pappus-fingerprint-{}", std::process::id()));
        fs::create_dir_all(dir.join("dist")).unwrap();
        fs::write(dir.join("a.ts"), "one").unwrap();
        let first = fingerprint(&dir, &["dist"]).unwrap();
        fs::write(dir.join("dist/a.js"), "built").unwrap();
        assert_eq!(first, fingerprint(&dir, &["dist"]).unwrap());
        fs::write(dir.join("a.ts"), "two").unwrap();
        assert_ne!(first, fingerprint(&dir, &["dist"]).unwrap());
        fs::remove_dir_all(dir).unwrap();
    }
}
