//! Passwords: argon2id with 19 MiB and two passes, off the async threads, one per core at a time.
use super::{Password, session::Session, store};
use crate::{Error, Invalid, Pod, Result, id::UserId};
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use zeroize::Zeroizing;

/// Longer input is refused before it is hashed.
const LONGEST: usize = 1024;

pub(super) async fn hash(pod: &Pod, password: Password) -> Result<String> {
    let salt = pod.random::<16>();
    pod.compute(move || {
        let hash: PasswordHash = Argon2::default()
            .hash_password_with_salt(password.0.as_bytes(), &salt)
            .map_err(Error::internal)?;
        Ok(hash.to_string())
    })
    .await?
}

/// Whether `password` made `hash`. Without a hash it computes as long and says no, so that the time
/// does not tell whether an account exists.
pub(super) async fn matches(pod: &Pod, hash: Option<String>, password: &str) -> Result<bool> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let password = Zeroizing::new(password.to_owned());
    pod.compute(move || {
        let Some(hash) = hash else {
            let mut out = [0; 32];
            let _ =
                Argon2::default().hash_password_into(password.as_bytes(), b"nobody is called so", &mut out);
            return Ok(false);
        };
        let hash = PasswordHash::new(&hash).map_err(Error::internal)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?
}

/// The hash of a password that nobody ever knew.
pub(super) async fn nobodys(pod: &Pod) -> Result<String> {
    hash(pod, Password(Zeroizing::new(hex::encode(pod.random::<32>())))).await
}

/// Refuses unless `password` is the member's.
pub(crate) async fn require(pod: &Pod, user: UserId, password: &str, field: &'static str) -> Result<()> {
    let hash = store::password_hash(&mut pod.db.read().await?, user).await?;
    if matches(pod, hash, password).await? {
        Ok(())
    } else {
        Err(Invalid::new(field, "wrong-password").into())
    }
}

/// Changes the password; every other session of the member ends.
pub async fn change(pod: &Pod, session: &Session, current: &str, new: String) -> Result<()> {
    let who = session.owner().ok_or(Error::Forbidden("code-missing"))?;
    let new = Password::try_from(new).map_err(|invalid| Invalid { field: "new_password", ..invalid })?;
    require(pod, who.user(), current, "current_password").await?;
    let hash = hash(pod, new).await?;
    let mut tx = pod.db.begin_durable().await?;
    store::set_password_hash(&mut tx, who.user(), &hash).await?;
    store::end_other_sessions(&mut tx, who.user(), session.id).await?;
    Ok(tx.commit().await?)
}
