//! The arrows between our crates, the heavy crates each may touch, and the rule that the core names no plugin.

use crate::{
    place,
    run::{cargo, output},
};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Who may depend on which of ours, development dependencies included.
const ARROWS: [(&str, &[&str]); 8] = [
    ("pappus-federation", &[]),
    ("pappus-kernel", &["pappus-federation"]),
    // its tests build guests
    ("pappus-plugin-host", &["pappus-kernel", "pappus-plugin-build"]),
    ("pappus-web", &["pappus-kernel", "pappus-federation"]),
    // its commands for authors make packages
    (
        "pappus",
        &["pappus-kernel", "pappus-federation", "pappus-web", "pappus-plugin-host", "pappus-plugin-build"],
    ),
    (
        "pappus-tests",
        &[
            "pappus-kernel",
            "pappus-federation",
            "pappus-web",
            "pappus-plugin-host",
            "pappus-plugin-build",
            "pappus",
        ],
    ),
    ("pappus-plugin-build", &[]),
    ("xtask", &["pappus-plugin-build", "pappus-federation"]),
];

/// What a crate must not touch directly, whoever else may.
const CLOSED: [(&str, &[&str]); 4] = [
    ("pappus-federation", &["tokio", "sqlx", "axum", "reqwest", "hyper", "wasmtime", "minijinja"]),
    ("pappus-kernel", &["axum", "hyper", "wasmtime", "minijinja", "reqwest", "lettre", "clap", "anyhow"]),
    ("pappus-plugin-host", &["axum", "sqlx", "minijinja", "reqwest", "clap"]),
    ("pappus-web", &["sqlx", "wasmtime", "reqwest", "clap", "anyhow"]),
];

/// Files and names that were looked at and may stay: (end of the path, the name).
const REVIEWED: [(&str, &str); 2] = [
    // a field of profiles
    ("kernel/src/person/profile.rs", "\"location\""),
    ("web/src/page/settings.rs", "\"location\""),
];

/// Checks everything; the error lists every violation.
pub fn check() -> Result<()> {
    let metadata = output(&mut cargo(&["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    let mut wrong = arrows(&serde_json::from_str(&metadata)?)?;
    wrong.extend(plugin_names(&place::root())?);
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("the layers are broken:\n  - {}", wrong.join("\n  - "))
}

fn arrows(metadata: &Value) -> Result<Vec<String>> {
    let packages =
        metadata.get("packages").and_then(Value::as_array).context("cargo metadata lists no packages")?;
    let ours: Vec<&str> = packages.iter().filter_map(|package| package.get("name")?.as_str()).collect();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package.get("name").and_then(Value::as_str).context("a package without a name")?;
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == name) else {
            wrong.push(format!("{name} has no place in the layers"));
            continue;
        };
        let closed =
            CLOSED.iter().find(|(from, _)| *from == name).map_or(&[] as &[&str], |(_, closed)| *closed);
        let dependencies = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        for to in dependencies.filter_map(|dependency| dependency.get("name")?.as_str()) {
            // a crate may name itself: that is how its tests switch a feature on
            let is_ours = ours.contains(&to) && to != name;
            if (is_ours && !allowed.contains(&to)) || closed.contains(&to) {
                wrong.push(format!("{name} may not depend on {to}"));
            }
        }
    }
    Ok(wrong)
}

fn plugin_names(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for part in ["kernel", "web", "plugin-host", "server"] {
        sources(&root.join("core").join(part).join("src"), &mut files)?;
    }
    let mut wrong = Vec::new();
    for names in plugins(&root.join("plugins"))? {
        for file in &files {
            let text = fs::read_to_string(file)?;
            for name in names.iter().filter(|name| text.contains(name.as_str())) {
                let path = file.display().to_string();
                if !REVIEWED.iter().any(|(end, reviewed)| path.ends_with(end) && reviewed == name) {
                    wrong.push(format!("{path} names a plugin: {name}"));
                }
            }
        }
    }
    Ok(wrong)
}

/// The ways to name each plugin: its id, its folder, its slug as a whole string.
fn plugins(dir: &Path) -> Result<Vec<[String; 3]>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return Ok(found) };
    for entry in entries {
        let manifest = entry?.path().join("plugin.toml");
        let Ok(text) = fs::read_to_string(&manifest) else { continue };
        let table: toml::Table =
            text.parse().with_context(|| format!("{} is not TOML", manifest.display()))?;
        let of = |key: &str| {
            table.get("plugin").unwrap_or(&toml::Value::Boolean(false)).get(key).or(table.get(key))
        };
        let text_of = |key: &str| of(key).and_then(toml::Value::as_str).map(str::to_owned);
        let slug = text_of("slug").with_context(|| format!("{} has no slug", manifest.display()))?;
        let id = text_of("id").with_context(|| format!("{} has no id", manifest.display()))?;
        found.push([id, format!("plugins/{slug}"), format!("\"{slug}\"")]);
    }
    Ok(found)
}

fn sources(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|end| ["rs", "toml", "html"].iter().any(|known| end == *known))
        {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{arrows, plugin_names};
    use std::fs;

    fn metadata(from: &str, to: &str) -> serde_json::Value {
        serde_json::json!({"packages": [
            {"name": from, "dependencies": [{"name": to}]},
            {"name": "pappus-kernel", "dependencies": []},
            {"name": "pappus-web", "dependencies": []},
        ]})
    }

    #[test]
    fn an_arrow_that_is_not_drawn_is_refused() {
        assert_eq!(arrows(&metadata("pappus-federation", "pappus-kernel")).unwrap().len(), 1);
        assert_eq!(arrows(&metadata("pappus-plugin-host", "pappus-web")).unwrap().len(), 1);
        assert_eq!(arrows(&metadata("pappus-web", "wasmtime")).unwrap().len(), 1);
        assert_eq!(arrows(&metadata("pappus-common", "serde")).unwrap().len(), 1);
        assert!(arrows(&metadata("pappus", "pappus-kernel")).unwrap().is_empty());
    }

    #[test]
    fn a_core_that_names_a_plugin_is_refused() {
        let root = std::env::temp_dir().join(format!("pappus-layers-{}", std::process::id()));
        for part in ["kernel", "web", "plugin-host", "server"] {
            fs::create_dir_all(root.join("core").join(part).join("src")).unwrap();
        }
        fs::create_dir_all(root.join("plugins/poll")).unwrap();
        fs::write(root.join("plugins/poll/plugin.toml"), "id = \"org.example.poll\"\nslug = \"poll\"\n")
            .unwrap();
        let file = root.join("core/web/src/lib.rs");
        fs::write(&file, "// polls are welcome, \"polling\" too").unwrap();
        assert!(plugin_names(&root).unwrap().is_empty());
        fs::write(&file, "fn is_it(slug: &str) -> bool { slug == \"poll\" }").unwrap();
        assert_eq!(plugin_names(&root).unwrap().len(), 1);
        fs::remove_dir_all(root).unwrap();
    }
}
