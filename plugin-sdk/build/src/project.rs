//! A new plugin: a folder with everything that it takes, the SDK of this very version among it.
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// Path below the plugin's folder, and text; `NAME` stands for its short name.
const TEMPLATE: [(&str, &str); 8] = [
    ("plugin.toml", include_str!("../template/plugin.toml")),
    // not under its own name, or cargo would take the template for a package
    ("Cargo.toml", include_str!("../template/Cargo.toml.in")),
    ("src/lib.rs", include_str!("../template/src/lib.rs")),
    ("templates/minutes.html", include_str!("../template/templates/minutes.html")),
    ("locales/en.ftl", include_str!("../template/locales/en.ftl")),
    ("locales/de.ftl", include_str!("../template/locales/de.ftl")),
    ("README.md", include_str!("../template/README.md")),
    (".gitignore", "/target\n/.build\n*.plugin.zip\n*.key\n"),
];

/// Makes the folder `slug` in `parent`, a plugin that works. Nothing that is there is changed.
pub fn new_project(parent: &Path, slug: &str) -> Result<PathBuf> {
    let letters = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let starts = slug.starts_with(|first: char| first.is_ascii_lowercase());
    ensure!(
        letters && starts && !slug.ends_with('-') && slug.len() <= 15,
        "`{slug}`: a short name is 1 to 15 of a-z, 0-9 and `-`, and begins with a letter"
    );
    let folder = parent.join(slug);
    ensure!(!folder.exists(), "{} is there already", folder.display());
    for (path, text) in TEMPLATE {
        write(&folder.join(path), &text.replace("NAME", slug))?;
    }
    for (path, text) in SDK {
        write(&folder.join("sdk").join(path), text)?;
    }
    Ok(folder)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_plugin_brings_the_whole_sdk_and_changes_nothing_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let folder = new_project(dir.path(), "hello").unwrap();
        assert!(fs::read_to_string(folder.join("plugin.toml")).unwrap().contains("slug = \"hello\""));
        for file in ["sdk/Cargo.toml", "sdk/src/lib.rs", "sdk/wit/types.wit", "src/lib.rs"] {
            assert!(folder.join(file).is_file(), "{file}");
        }
        assert!(new_project(dir.path(), "hello").is_err());
        for wrong in ["", "Hello", "9", "a b", "../a", "much-too-long-a-name"] {
            assert!(new_project(dir.path(), wrong).is_err(), "{wrong}");
        }
    }
}
