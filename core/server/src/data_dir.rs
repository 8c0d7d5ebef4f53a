//! The pod's directory: for its user only, and for one process at a time.
use anyhow::{Context as _, bail};
use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// The right to use the directory, until it is dropped or the process dies.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "the lock goes with the file")] File);

/// Another process has the directory.
#[derive(Debug, thiserror::Error)]
#[error("another pappus uses {}: stop it first", .0.display())]
pub struct Taken(pub PathBuf);

/// Makes the directory if it is not there.
pub fn make(data: &Path) -> anyhow::Result<()> {
    let place = data.display();
    DirBuilder::new().recursive(true).mode(0o700).create(data).with_context(|| {
        format!("cannot make the data directory {place}: choose another with PAPPUS_DATA or --data")
    })?;
    check(data)
}

/// Refuses a directory in which others could put things.
pub fn check(data: &Path) -> anyhow::Result<()> {
    let place = data.display();
    let meta =
        std::fs::metadata(data).with_context(|| format!("cannot look at the data directory {place}"))?;
    if !meta.is_dir() {
        bail!("{place} is not a directory: choose another with PAPPUS_DATA or --data");
    }
    let mode = meta.mode() & 0o777;
    if mode & 0o022 != 0 {
        bail!("others may write into the data directory {place} (mode {mode:03o}). Run: chmod 700 {place}");
    }
    Ok(())
}

/// Takes the directory for this process.
pub fn lock(data: &Path) -> anyhow::Result<Lock> {
    let path = data.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Taken(data.to_owned()).into()),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_directory_is_for_one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = lock(dir.path()).unwrap();
        assert!(lock(dir.path()).unwrap_err().is::<Taken>());
        drop(first);
        lock(dir.path()).unwrap();
    }

    #[test]
    fn a_new_directory_is_for_its_user_only() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("a/b");
        make(&data).unwrap();
        assert_eq!(std::fs::metadata(&data).unwrap().mode() & 0o777, 0o700);
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o770)).unwrap();
        assert!(make(&data).unwrap_err().to_string().contains("chmod 700"));
    }
}
