//! What must be on the machine, said in words a newcomer can act on, and the few things CI installs by itself.

use crate::{
    place,
    run::{command, must, output, there_is},
};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

const NODE_AT_LEAST: u32 = 20;

/// Checks the three things that `up` and `test` need before they spend minutes on compiling.
pub fn check() -> Result<()> {
    let mut missing = Vec::new();
    if !["cc", "gcc", "clang"].into_iter().any(there_is) {
        missing.push("a C compiler (Debian: apt install gcc)".to_owned());
    }
    match node_version() {
        None => missing
            .push(format!("Node.js {NODE_AT_LEAST} or newer with npm (Debian: apt install nodejs npm)")),
        Some(found) if found < NODE_AT_LEAST => {
            missing.push(format!("Node.js {NODE_AT_LEAST} or newer: this machine has {found}"));
        }
        Some(_) if !there_is("npm") => {
            missing.push("npm, which belongs to Node.js (Debian: apt install npm)".to_owned());
        }
        Some(_) => {}
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("this machine lacks:\n  - {}", missing.join("\n  - "))
}

fn node_version() -> Option<u32> {
    let said = output(&mut command("node", &["--version"])).ok()?;
    said.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// A subcommand of cargo, installed from its source on CI when missing. `Ok(false)`: not here, not on CI.
pub fn cargo_tool(name: &str) -> Result<bool> {
    let package = format!("cargo-{name}");
    if there_is(&package) {
        return Ok(true);
    }
    if !place::on_ci() {
        return Ok(false);
    }
    println!("installing {package}");
    must(&mut crate::run::cargo(&["install", "--locked", "--quiet", &package]))?;
    Ok(true)
}

/// Whether there is a nightly toolchain, for the sanitisers of fuzzing; on CI one is fetched when missing.
pub fn nightly() -> bool {
    // the cargo that runs us names its own toolchain to its children
    let mut version = command("rustc", &["+nightly", "--version"]);
    if output(version.env_remove("RUSTUP_TOOLCHAIN")).is_ok() {
        return true;
    }
    if !place::on_ci() || !there_is("rustup") {
        return false;
    }
    println!("installing a nightly toolchain");
    let mut install = command("rustup", &["toolchain", "install", "nightly", "--profile", "minimal"]);
    output(&mut install).is_ok()
}

/// The first of `places` that exists; on CI as root, Debian's `packages` are installed to get it.
pub fn debian(places: &[PathBuf], packages: &[&str]) -> Result<Option<PathBuf>> {
    let found = || places.iter().find(|place| place.exists()).cloned();
    if found().is_none() && place::on_ci() && is_root() && there_is("apt-get") {
        println!("installing {}", packages.join(" "));
        let mut update = command("apt-get", &["update", "-q"]);
        must(update.stdout(std::process::Stdio::null()))?;
        let mut args = vec!["install", "-q", "-y", "--no-install-recommends"];
        args.extend(packages);
        let mut install = command("apt-get", &args);
        must(install.env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null()))?;
    }
    Ok(found())
}

/// Every place where a program of this name could be, the search path first.
pub fn places(name: &str, more: &[&Path]) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).collect::<Vec<_>>();
    on_path.iter().map(PathBuf::as_path).chain(more.iter().copied()).map(|dir| dir.join(name)).collect()
}

/// Whether we are root, who may not run PostgreSQL but may install packages.
pub fn is_root() -> bool {
    output(&mut command("id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}
