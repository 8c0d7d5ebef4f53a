//! The key under which secrets lie in the database: a file that only the pod's user can read, or a value
//! that the environment or systemd hands over.
use anyhow::{Context as _, bail};
use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

const FILE: &str = "secret.key";
/// 64 hexadecimal digits.
const VARIABLE: &str = "PAPPUS_SECRET_KEY";
const CREDENTIAL: &str = "pappus-secret-key";

/// The pod's key; made at the first start.
pub fn load_or_make(data: &Path, environment: &[(String, String)]) -> anyhow::Result<[u8; 32]> {
    let variable = |name| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if let Some(given) = variable(VARIABLE).filter(|given| !given.is_empty()) {
        return from_hex(given).with_context(|| format!("{VARIABLE} must hold 64 hexadecimal digits"));
    }
    if let Some(credentials) = variable("CREDENTIALS_DIRECTORY") {
        let path = Path::new(credentials).join(CREDENTIAL);
        if path.exists() {
            return read(&path, false);
        }
    }
    let path = data.join(FILE);
    match make(&path) {
        Ok(key) => Ok(key),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read(&path, true),
        Err(error) => Err(error).with_context(|| format!("cannot make {}", path.display())),
    }
}

fn make(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut key = [0; 32];
    crate::env::fill(&mut key);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(hex::encode(key).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    // the name must outlive a power cut as well: sealed rows will depend on it
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(key)
}

fn read(path: &Path, private: bool) -> anyhow::Result<[u8; 32]> {
    let place = path.display();
    let file = File::open(path).with_context(|| format!("cannot open {place}"))?;
    let mode = file.metadata().with_context(|| format!("cannot look at {place}"))?.mode() & 0o777;
    if private && mode & 0o077 != 0 {
        bail!("{place} can be read by others (mode {mode:03o}). Run: chmod 600 {place}");
    }
    let mut text = Vec::new();
    file.take(4096).read_to_end(&mut text).with_context(|| format!("cannot read {place}"))?;
    if let Ok(raw) = <[u8; 32]>::try_from(text.as_slice()) {
        return Ok(raw);
    }
    let text = String::from_utf8(text).ok();
    text.and_then(|text| from_hex(text.trim())).with_context(|| {
        format!("{place} must hold 32 bytes or 64 hexadecimal digits: put back the file from your backup")
    })
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    hex::decode(text.trim()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_key_is_made_once_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let first = load_or_make(dir.path(), &[]).unwrap();
        assert_eq!(load_or_make(dir.path(), &[]).unwrap(), first);
        assert_ne!(first, [0; 32]);
        let mode = std::fs::metadata(dir.path().join(FILE)).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_helps() {
        let dir = tempfile::tempdir().unwrap();
        load_or_make(dir.path(), &[]).unwrap();
        let path = dir.path().join(FILE);
        for mode in [0o640, 0o604, 0o666] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = load_or_make(dir.path(), &[]).unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_damaged_key_is_refused_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        load_or_make(dir.path(), &[]).unwrap();
        let path = dir.path().join(FILE);
        std::fs::write(&path, "short").unwrap();
        assert!(load_or_make(dir.path(), &[]).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"short");
    }

    #[test]
    fn the_environment_and_systemd_may_hand_it_over() {
        let dir = tempfile::tempdir().unwrap();
        let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let key = load_or_make(dir.path(), &pair(VARIABLE, &"ab".repeat(32))).unwrap();
        assert_eq!(key, [0xab; 32]);
        assert!(load_or_make(dir.path(), &pair(VARIABLE, "abc")).is_err());
        std::fs::write(dir.path().join(CREDENTIAL), [7; 32]).unwrap();
        let given = pair("CREDENTIALS_DIRECTORY", dir.path().to_str().unwrap());
        assert_eq!(load_or_make(dir.path(), &given).unwrap(), [7; 32]);
        assert!(!dir.path().join(FILE).exists());
    }
}
