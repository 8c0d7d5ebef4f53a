//! Keeps compiled code, by the component's hash and the engine's settings. Machine code that was changed
//! on the disk could do anything, so each file begins with the hash of the rest, only the pod's own user
//! may read or write it, and what does not fit is compiled again.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use pappus_kernel::plugin::LoadError;
use wasmtime::{Engine, component::Component};

#[derive(Debug)]
pub(crate) struct Cache {
    dir: Option<PathBuf>,
    engine_hash: u64,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Cache {
    pub(crate) fn new(dir: Option<PathBuf>, engine: &Engine) -> Self {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Self { dir, engine_hash: hasher.finish(), hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// The compiled component: from the cache, or made now and kept.
    pub(crate) fn compiled(
        &self,
        engine: &Engine,
        sha256: &str,
        wasm: &[u8],
    ) -> Result<Component, LoadError> {
        let path = self.dir.as_ref().map(|dir| dir.join(format!("{sha256}-{:016x}.cwasm", self.engine_hash)));
        if let Some(component) = path.as_deref().and_then(|path| load(engine, path)) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(component);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let refused = |error: wasmtime::Error| LoadError::Component(format!("{error:#}"));
        let code = engine.precompile_component(wasm).map_err(refused)?;
        if let Some(path) = &path
            && let Err(error) = store(path, &code)
        {
            tracing::warn!(%error, "compiled plugin code cannot be kept in {}: {error}", path.display());
        }
        deserialize(engine, &code).map_err(refused)
    }
}

fn load(engine: &Engine, path: &Path) -> Option<Component> {
    let file = fs::File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let bytes = fs::read(path).ok()?;
    let (hash, code) = bytes.split_first_chunk::<SHA256_OUTPUT_LEN>()?;
    let private = metadata.mode() & 0o777 == 0o600;
    let ours = private && metadata.uid() == rustix::process::geteuid().as_raw();
    if !ours || digest(&SHA256, code).as_ref() != hash {
        tracing::warn!("the compiled plugin code in {} was changed and is made again", path.display());
        return None;
    }
    deserialize(engine, code)
        .inspect_err(|error| tracing::warn!(%error, "compiled plugin code is of no use"))
        .ok()
}

#[allow(
    unsafe_code,
    reason = "the bytes come from our own compiler: just made, or proven unchanged by their hash"
)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: see the reason above; the engine itself checks that its settings are those of the compiler.
    unsafe { Component::deserialize(engine, code) }
}

/// Written beside its place and moved there, so that nobody ever sees half of it.
fn store(path: &Path, code: &[u8]) -> std::io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let part = path.with_extension(format!("part{}", std::process::id()));
    let _ = fs::remove_file(&part);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    file.write_all(digest(&SHA256, code).as_ref())?;
    file.write_all(code)?;
    file.sync_all()?;
    fs::rename(&part, path)
}
