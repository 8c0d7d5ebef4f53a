//! Compiled code is taken from the disk only where it is what the pod itself put there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use common::{Packages, html, load, renderer, texts};
use pappus_plugin_host::{Config, Host};

/// Loads and renders with a new host; gives how often it took from the cache and how often it compiled.
async fn run(packages: &Packages, cache: &Path) -> (u64, u64) {
    let config = Config {
        plugin_dirs: vec![packages.0.path().to_owned()],
        cache_dir: Some(cache.to_owned()),
        ..Config::default()
    };
    let host = Host::new(config).unwrap();
    let plugin = load(&host, "guest").await;
    assert_eq!(html(&plugin.render(&texts(&["good"])).await.unwrap()), ["good"]);
    host.cache_counts()
}

fn compiled(cache: &Path) -> PathBuf {
    let files: Vec<_> = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[tokio::test]
async fn what_was_compiled_is_used_again_unless_it_was_tampered_with() {
    let packages = Packages::with(&[("guest", renderer("guest", ""))]);
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("plugins");
    assert_eq!(run(&packages, &cache).await, (0, 1));
    assert_eq!(run(&packages, &cache).await, (1, 0));

    let file = compiled(&cache);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let good = fs::read(&file).unwrap();
    for position in [0, 40, good.len() / 2, good.len() - 1] {
        let mut changed = good.clone();
        changed[position] ^= 1;
        fs::write(&file, changed).unwrap();
        assert_eq!(run(&packages, &cache).await, (0, 1), "byte {position} was changed");
        assert_eq!(fs::read(compiled(&cache)).unwrap(), good, "and it was made again");
    }

    fs::write(&file, &good[..good.len() / 2]).unwrap();
    assert_eq!(run(&packages, &cache).await, (0, 1), "half a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(run(&packages, &cache).await, (0, 1), "anybody could have written it");
    assert_eq!(run(&packages, &cache).await, (1, 0));
}

#[tokio::test]
async fn another_component_is_another_entry() {
    let packages = Packages::with(&[("guest", renderer("guest", ""))]);
    let dir = tempfile::tempdir().unwrap();
    run(&packages, dir.path()).await;
    packages.put("guest", &renderer("guest", common::TRAP));
    assert_eq!(run(&packages, dir.path()).await, (0, 1));
}
