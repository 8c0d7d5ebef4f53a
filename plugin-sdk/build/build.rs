//! Puts the SDK's files into this crate: a new plugin brings the SDK of its own version along.
use std::{env, fmt::Write as _, fs, io, path::PathBuf};

/// Folders of the SDK, and the ends of the names of their files.
const PARTS: [(&str, &str); 3] = [("", "toml"), ("src", "rs"), ("wit", "wit")];

fn main() -> io::Result<()> {
    let sdk =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("cargo sets it"))?);
    let sdk = fs::canonicalize(sdk.join(".."))?;
    let mut text = String::from(
        "/// Path below the SDK's folder, and text.\npub(crate) const SDK: &[(&str, &str)] = &[",
    );
    for (folder, end) in PARTS {
        println!("cargo:rerun-if-changed={}", sdk.join(folder).display());
        let mut paths: Vec<PathBuf> =
            fs::read_dir(sdk.join(folder))?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        paths.retain(|path| {
            let license = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("LICENSE"));
            path.is_file() && (license || path.extension().is_some_and(|given| given == end))
        });
        paths.sort();
        for path in paths {
            let name = path.strip_prefix(&sdk).map_err(io::Error::other)?.display().to_string();
            let _ = write!(text, "\n    ({name:?}, include_str!({:?})),", path.display().to_string());
        }
    }
    text.push_str("\n];\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("sdk.rs"), text)
}
