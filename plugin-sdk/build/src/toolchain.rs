//! Whether this machine can compile for wasm, and what to do where it cannot.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

/// What plugins are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that plugins can be compiled in `dir`; asks rustup for the target where it is missing.
pub fn require_wasm_target(dir: &Path) -> Result<()> {
    if target_is_there(dir) {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).current_dir(dir).status();
    if added.is_ok_and(|status| status.success()) && target_is_there(dir) {
        return Ok(());
    }
    bail!("{}", how_to_get_it());
}

fn target_is_there(dir: &Path) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output =
        Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).current_dir(dir).output();
    let folder =
        output.ok().filter(|output| output.status.success()).and_then(|o| String::from_utf8(o.stdout).ok());
    folder.is_some_and(|folder| {
        let mut files = std::fs::read_dir(PathBuf::from(folder.trim())).into_iter().flatten().flatten();
        files.any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
    })
}

fn how_to_get_it() -> String {
    format!(
        "plugins are WebAssembly, and this Rust cannot compile for {TARGET}.\n\
         With rustup:    rustup target add {TARGET}\n\
         Debian's Rust:  apt install rustc-web rust-web-src, then build with -Z build-std=std,panic_abort"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_what_to_run() {
        assert!(how_to_get_it().contains("rustup target add wasm32-unknown-unknown"));
    }
}
