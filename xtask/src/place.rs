//! Where things are: the work tree, the target directory, and the cache for what a test run installs.

use std::path::{Path, PathBuf};

/// The work tree: the folder above this crate. `cargo run` says where that is now; where this was built may be
/// another clone with the same target directory, and gone.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Cargo's target directory, by its own rules as far as we use them.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Built components, one `<slug>.wasm` each.
pub fn plugins_out() -> PathBuf {
    target().join("plugins")
}

/// A folder that outlives one run: virtual environments and downloaded test tools.
pub fn cache(name: &str) -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(target);
    base.join("pappus").join(name)
}

/// The server that cargo built.
pub fn server(release: bool) -> PathBuf {
    target().join(if release { "release" } else { "debug" }).join("pappus")
}

/// Whether this is a run of continuous integration, where a missing tool is a failure.
pub fn on_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
