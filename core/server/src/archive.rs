//! Archives from and to files, for the command line.
use crate::operation::{Answer, Member, Wrong};
use pappus_kernel::{
    Error, Pod,
    access::Admin,
    account::sign_up::{self, NewMember},
    moving,
};
use serde_json::json;
use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// Makes an account and begins to move the archive's into it. No account is made for a bad archive.
pub async fn import(pod: &Pod, member: Member, path: &Path) -> Result<Answer, Wrong> {
    let (who, file) = (Admin::operator(), read(path, moving::LARGEST_UPLOAD)?);
    let old = moving::check_as_operator(pod, who, file.clone()).await?;
    let Member { username, email, password, language } = member;
    let new = NewMember { username: username.clone(), email, password, language };
    sign_up::create_as_operator(pod, who, new, false).await?;
    let username = username.trim().to_ascii_lowercase();
    moving::begin_as_operator(pod, who, &username, file).await?;
    let now = format!("{username}@{}", pod.site().host());
    Ok(json!({ "username": username, "diaspora_id": now, "old_id": old }))
}

/// A file of at most so many bytes, whole.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, Wrong> {
    let cannot = |error: std::io::Error| Wrong::usage(format!("{} cannot be read: {error}", path.display()));
    let meta = std::fs::metadata(path).map_err(cannot)?;
    if !meta.is_file() || meta.len() > most as u64 {
        let most = most >> 20;
        return Err(Wrong::usage(format!("{} is no file of up to {most} MiB", path.display())));
    }
    std::fs::read(path).map_err(cannot)
}

/// How far the move has come.
pub async fn progress(pod: &Pod, username: &str) -> Result<Answer, Wrong> {
    let progress = moving::progress_as_operator(pod, Admin::operator(), username).await;
    let progress = progress.map_err(|error| nobody(error, username))?;
    Ok(json!(progress.ok_or_else(|| Wrong::failed(format!("nobody moves into {username}")))?))
}

/// Has a member's archive made.
pub async fn ask(pod: &Pod, username: &str) -> Result<Answer, Wrong> {
    moving::ask_as_operator(pod, Admin::operator(), username)
        .await
        .map_err(|error| nobody(error, username))?;
    Ok(json!({ "username": username }))
}

/// Writes a member's archive to a new file that only the pod's user can read; says when it is not made yet.
pub async fn save(pod: &Pod, username: &str, path: &Path) -> Result<Answer, Wrong> {
    let file = match moving::fetch_as_operator(pod, Admin::operator(), username).await {
        Ok(file) => file,
        Err(Error::Invalid(invalid)) if invalid.rule == "archive-not-ready" => {
            return Ok(json!({ "ready": false }));
        }
        Err(error) => return Err(nobody(error, username)),
    };
    let cannot = |error| Wrong::usage(format!("{} cannot be written: {error}", path.display()));
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(cannot)?;
    out.write_all(&file).and_then(|()| out.sync_all()).map_err(cannot)?;
    Ok(json!({ "ready": true, "bytes": file.len(), "file": path }))
}

fn nobody(error: Error, username: &str) -> Wrong {
    match error {
        Error::NotFound => Wrong::failed(format!("there is no {username} here, or no archive of theirs")),
        error => error.into(),
    }
}
