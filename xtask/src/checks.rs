//! `cargo xtask ci-checks`: what must hold besides the tests, one line per check.

use crate::{
    fuzz, layers, place,
    run::{cargo, command, must, output},
    tools,
};
use anyhow::{Context as _, Result, bail};
use std::{fs, path::Path, process::Command, process::ExitCode, time::Instant};

/// What a check found: nothing wrong, or why it could not look.
enum Found {
    Good,
    Unchecked(&'static str),
}

type Check = (&'static str, fn() -> Result<Found>);

const CHECKS: [Check; 8] = [
    ("format", format),
    ("layers", layers_hold),
    ("lints", lints),
    ("lints of plugins", plugin_lints),
    ("the core without plugins", core_alone),
    ("documentation", documentation),
    ("dependencies", dependencies),
    ("fuzz smoke", fuzz_smoke),
];

/// Runs every check, also after one failed.
pub fn all() -> ExitCode {
    let mut lines = Vec::new();
    let mut failed = false;
    for (name, check) in CHECKS {
        println!("--- {name}");
        let started = now();
        let line = match check() {
            Ok(Found::Good) => format!("ok        {name}"),
            Ok(Found::Unchecked(why)) => format!("unchecked {name}: {why}"),
            Err(error) => {
                failed = true;
                eprintln!("{error:#}");
                format!("FAILED    {name}")
            }
        };
        lines.push(format!("{line} ({} s)", started.elapsed().as_secs()));
    }
    println!("\n{}", lines.join("\n"));
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[allow(clippy::disallowed_methods, reason = "how long a check took is for the person who waits")]
fn now() -> Instant {
    Instant::now()
}

fn good(mut command: impl std::borrow::BorrowMut<Command>) -> Result<Found> {
    must(command.borrow_mut())?;
    Ok(Found::Good)
}

fn format() -> Result<Found> {
    must(&mut cargo(&["fmt", "--all", "--check"]))?;
    must(&mut cargo(&["fmt", "--all", "--check", "--manifest-path", "plugin-sdk/Cargo.toml"]))?;
    good(cargo(&["fmt", "--all", "--check", "--manifest-path", "plugins/Cargo.toml"]))
}

fn lints() -> Result<Found> {
    good(cargo(&["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn plugin_lints() -> Result<Found> {
    for manifest in ["plugin-sdk/Cargo.toml", "plugins/Cargo.toml"] {
        let args = [
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--manifest-path",
            manifest,
            "--",
            "-D",
            "warnings",
        ];
        must(cargo(&args).env("CARGO_TARGET_DIR", place::target().join("plugin-tests")))?;
    }
    Ok(Found::Good)
}

fn layers_hold() -> Result<Found> {
    layers::check()?;
    Ok(Found::Good)
}

/// A copy of the tree in which `plugins/` is empty still compiles: nothing in the core leans on a plugin.
fn core_alone() -> Result<Found> {
    let root = place::root();
    let Ok(files) = output(&mut command("git", &["ls-files", "-z", "-c", "-o", "--exclude-standard"])) else {
        return Ok(Found::Unchecked("this is not a git checkout"));
    };
    let copy = place::target().join("core-alone");
    let bundle = walk(&root.join("core/web/client/dist"))?;
    let tracked = files.split('\0').filter(|file| !file.is_empty() && !file.starts_with("plugins/"));
    let _first_time = fs::remove_dir_all(&copy);
    for file in tracked.map(str::to_owned).chain(bundle) {
        let to = copy.join(&file);
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        if root.join(&file).is_file() {
            fs::copy(root.join(&file), &to).with_context(|| file.clone())?;
        }
    }
    fs::create_dir_all(copy.join("plugins"))?;
    let done = good(
        cargo(&["check", "--quiet", "--locked", "--workspace", "--all-targets"])
            .current_dir(&copy)
            .env_remove("PAPPUS_EMBED_PLUGINS"),
    )?;
    fs::remove_dir_all(copy)?;
    Ok(done)
}

fn walk(dir: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return Ok(files) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(walk(&path)?);
        } else {
            files.push(path.strip_prefix(place::root())?.display().to_string());
        }
    }
    Ok(files)
}

fn documentation() -> Result<Found> {
    let mut command =
        cargo(&["doc", "--quiet", "--locked", "--no-deps", "--package", "pappus-federation", "--lib"]);
    good(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn dependencies() -> Result<Found> {
    if !tools::cargo_tool("deny")? {
        return Ok(Found::Unchecked("cargo install --locked cargo-deny"));
    }
    // the list of advisories lives in a repository that not every machine reaches
    let advisories = cargo(&["deny", "--log-level", "error", "check", "advisories"]).status()?;
    must(&mut cargo(&["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    if advisories.success() {
        return Ok(Found::Good);
    }
    if output(&mut cargo(&["deny", "--log-level", "error", "fetch", "db"])).is_err() {
        return Ok(Found::Unchecked(
            "bans, licences and sources hold; the advisory list cannot be fetched here",
        ));
    }
    bail!("cargo deny found an advisory")
}

/// Each fuzz target of the protocol for a few seconds, where a nightly toolchain is installed or can be had. Those of the
/// kernel take many minutes to build with their instruments: `cargo xtask fuzz` runs them, and their corpus runs among
/// the tests.
fn fuzz_smoke() -> Result<Found> {
    match fuzz::lacking()? {
        Some(lacking) => Ok(Found::Unchecked(lacking)),
        None => fuzz::run(fuzz::PROTOCOL, 10).map(|()| Found::Good),
    }
}
