//! Makes components of plugin folders: compile for wasm, wrap, strip, embed `plugin.toml`, validate. What
//! did not change is not made again.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod component;
mod pack;
mod project;
mod toolchain;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest;
use serde::Deserialize;

pub use component::{FILE_SECTION, MANIFEST_SECTION, componentize, embed_files, embed_manifest};
pub use pack::{NewKey, READING, new_key, pack, remade};
pub use project::new_project;
pub use toolchain::{TARGET, require_wasm_target};

/// A component that lies in the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    pub slug: String,
    pub path: PathBuf,
    pub bytes: u64,
    /// It was made now; otherwise nothing had changed.
    pub fresh: bool,
}

/// Makes `<slug>.wasm` in `out_dir` of every folder in `plugins_dir` that holds a `plugin.toml`. Without
/// `release` the compiler optimises less, for a quicker turn.
pub fn build_all(plugins_dir: &Path, out_dir: &Path, release: bool) -> Result<Vec<Built>> {
    let folders = folders(plugins_dir)?;
    fs::create_dir_all(out_dir).with_context(|| format!("cannot make {}", out_dir.display()))?;
    if !folders.is_empty() {
        require_wasm_target(plugins_dir)?;
    }
    let built = folders.iter().map(|folder| build(folder, out_dir, release));
    let built = built.collect::<Result<Vec<_>>>()?;
    remove_leftovers(out_dir, &built)?;
    Ok(built)
}

/// Makes the component of one folder.
pub fn build(folder: &Path, out_dir: &Path, release: bool) -> Result<Built> {
    let slug =
        folder.file_name().and_then(|name| name.to_str()).context("the folder of a plugin has no name")?;
    let manifest_path = folder.join("plugin.toml");
    let manifest = fs::read_to_string(&manifest_path)
        .with_context(|| format!("cannot read {}", manifest_path.display()))?;
    let declared: Manifest =
        toml::from_str(&manifest).with_context(|| manifest_path.display().to_string())?;
    ensure!(
        declared.plugin.slug == slug,
        "{}: the slug is `{}`, but the folder is `{slug}`; they must be the same",
        manifest_path.display(),
        declared.plugin.slug
    );
    let module = compile(folder, out_dir, release)?;
    let path = out_dir.join(format!("{slug}.wasm"));
    // beside keys and packages of the same name, which are the author's
    let stamp = out_dir.join(format!(".{slug}.stamp"));
    let files = files(folder)?;
    let key = key(&module, &manifest, &files);
    let fresh = !path.exists() || fs::read_to_string(&stamp).ok().as_ref() != Some(&key);
    if fresh {
        let component = componentize(&module, &manifest).with_context(|| format!("the plugin {slug}"))?;
        write_whole(&path, &embed_files(component, &files))?;
        write_whole(&stamp, key.as_bytes())?;
    }
    let bytes = fs::metadata(&path)?.len();
    Ok(Built { slug: slug.to_owned(), path, bytes, fresh })
}

#[derive(Deserialize)]
struct Manifest {
    plugin: PluginTable,
}

#[derive(Deserialize)]
struct PluginTable {
    slug: String,
}

#[derive(Deserialize)]
struct CargoManifest {
    package: Named,
    lib: Option<Lib>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Lib {
    name: Option<String>,
}

fn folders(plugins_dir: &Path) -> Result<Vec<PathBuf>> {
    if !plugins_dir.exists() {
        return Ok(Vec::new());
    }
    let entries =
        fs::read_dir(plugins_dir).with_context(|| format!("cannot read {}", plugins_dir.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.join("plugin.toml").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn compile(folder: &Path, out_dir: &Path, release: bool) -> Result<Vec<u8>> {
    let cargo_toml = folder.join("Cargo.toml");
    let text =
        fs::read_to_string(&cargo_toml).with_context(|| format!("cannot read {}", cargo_toml.display()))?;
    let crate_: CargoManifest = toml::from_str(&text).with_context(|| cargo_toml.display().to_string())?;
    let target_dir = std::path::absolute(out_dir.join(if release { ".build" } else { ".build-quick" }))?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--lib", "--release", "--quiet", "--target", TARGET, "--target-dir"])
        .arg(&target_dir);
    cargo.arg("--manifest-path").arg(std::path::absolute(&cargo_toml)?).current_dir(folder);
    if !release {
        cargo.args(["--config", "profile.release.lto=false", "--config", "profile.release.codegen-units=16"]);
    }
    // Flags for the host's code (sanitisers, coverage, another linker) do not fit wasm.
    for name in ["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(name);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", without_paths(folder)?);
    let status = cargo.status().context("cannot run cargo")?;
    ensure!(status.success(), "the plugin in {} does not compile", folder.display());
    let name = crate_.lib.and_then(|lib| lib.name).unwrap_or(crate_.package.name).replace('-', "_");
    let module = target_dir.join(TARGET).join("release").join(format!("{name}.wasm"));
    fs::read(&module).with_context(|| {
        format!("{} is missing: crate-type in Cargo.toml must have \"cdylib\"", module.display())
    })
}

/// Compiler flags that keep the paths of this machine out of the component.
fn without_paths(folder: &Path) -> Result<String> {
    let folder = fs::canonicalize(folder)?;
    // the workspace around it, for what it shares with others there
    let around = folder.ancestors().nth(2).filter(|around| around.join("Cargo.toml").is_file());
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let flag = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let around = around.map(|around| flag(around, "/source"));
    // the last one that fits counts
    let flags = around.into_iter().chain([flag(&folder, "/source/plugin"), flag(&cargo_home, "/cargo")]);
    Ok(flags.collect::<Vec<_>>().join("\u{1f}"))
}

/// Folders whose files go along, with the ends of their names.
const EMBEDDED: [(&str, &str); 2] = [("locales", "ftl"), ("templates", "html")];

/// What goes along with the component, sorted by path.
fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for (name, end) in EMBEDDED {
        let Ok(entries) = fs::read_dir(folder.join(name)) else { continue };
        for entry in entries {
            let path = entry?.path();
            let file = path.file_name().and_then(|file| file.to_str()).map(str::to_owned);
            if let Some(file) = file.filter(|_| path.extension().is_some_and(|given| given == end)) {
                let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                files.push((format!("{name}/{file}"), bytes));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn key(module: &[u8], manifest: &str, files: &[(String, Vec<u8>)]) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hash.update(module);
    hash.update(manifest.as_bytes());
    for (path, bytes) in files {
        hash.update(path.as_bytes());
        hash.update(&bytes.len().to_le_bytes());
        hash.update(bytes);
    }
    hex::encode(hash.finish())
}

/// A reader sees the old file or the new one, never half of one.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = path.with_extension(format!("part{}", std::process::id()));
    fs::write(&part, bytes).with_context(|| format!("cannot write {}", part.display()))?;
    fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))
}

/// Components of folders that are gone.
fn remove_leftovers(out_dir: &Path, built: &[Built]) -> Result<()> {
    for entry in fs::read_dir(out_dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let of = name
            .strip_suffix(".wasm")
            .or(name.strip_prefix('.').and_then(|name| name.strip_suffix(".stamp")));
        let ours = of.is_some();
        let kept = built.iter().any(|built| of == Some(&built.slug));
        if ours && !kept {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_without_plugins_builds_nothing_and_clears_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("gone.wasm"), b"x").unwrap();
        fs::create_dir_all(dir.path().join("plugins/notes")).unwrap();
        assert_eq!(build_all(&dir.path().join("plugins"), &out, true).unwrap(), []);
        assert_eq!(build_all(&dir.path().join("nowhere"), &out, true).unwrap(), []);
        assert!(!out.join("gone.wasm").exists());
    }

    #[test]
    fn a_slug_that_is_not_its_folder_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("plugin.toml"), "[plugin]\nslug = 'other'").unwrap();
        let error = build(dir.path(), dir.path(), true).unwrap_err();
        assert!(error.to_string().contains("must be the same"), "{error:#}");
    }
}
