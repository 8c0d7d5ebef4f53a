//! Puts the plugin components of the folder `PAPPUS_EMBED_PLUGINS` into the binary; without it, none.
use std::{env, fmt::Write as _, fs, io, path::PathBuf};

const WANTED: &str = "PAPPUS_EMBED_PLUGINS";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed={WANTED}");
    println!("cargo:rerun-if-changed=build.rs");
    let mut found: Vec<PathBuf> = Vec::new();
    if let Some(folder) = env::var_os(WANTED).filter(|folder| !folder.is_empty()) {
        let folder = fs::canonicalize(folder)?;
        println!("cargo:rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "wasm") {
                println!("cargo:rerun-if-changed={}", path.display());
                found.push(path);
            }
        }
    }
    found.sort();
    let mut text = String::from("/// Slug and component of each.\npub const PLUGINS: &[(&str, &[u8])] = &[");
    for path in &found {
        let slug = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let _ = write!(text, "\n    ({slug:?}, include_bytes!({:?})),", path.display().to_string());
    }
    text.push_str("\n];\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("embedded.rs"), text)
}
