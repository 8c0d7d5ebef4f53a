//! Signing in with a name or an e-mail address, and a password.
use super::{
    password,
    session::{self, Started},
    store,
};
use crate::{Error, Pod, Result, moving};

/// Begins a session. The answer to an unknown name and to a wrong password is the same, in words and in time.
pub async fn sign_in(pod: &Pod, login: &str, password: &str, label: &str) -> Result<Started> {
    let login = login.trim().to_lowercase();
    let found = store::find_login(&mut pod.db.read().await?, &login).await?;
    let hash = found.as_ref().map(|login| login.password_hash.clone());
    let matches = password::matches(pod, hash, password).await?;
    let Some(login) = found.filter(|_| matches) else {
        return Err(Error::Forbidden("wrong-password"));
    };
    if login.locked_at.is_some() {
        let moved = moving::has_moved(pod, login.id).await?;
        return Err(Error::Forbidden(if moved { "moved" } else { "locked" }));
    }
    let needs_code = login.totp_since.is_some();
    let mut tx = pod.db.begin_durable().await?;
    let started = session::start(pod, &mut tx, login.id, needs_code, label).await?;
    if !needs_code {
        store::seen(&mut tx, login.id, pod.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(started)
}
