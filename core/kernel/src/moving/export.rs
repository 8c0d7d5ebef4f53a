//! An archive for a member: asked for with the password, made by a job, sealed at rest, fetched with the
//! password again, gone after some days. It holds the private key: whoever has it can move the account.
use super::{collect, store, unpack::wrong};
use crate::{
    Error, Pod, Result,
    access::{Admin, Owner},
    account::{self, password},
    id::UserId,
    job::{self, Failure, Job},
    seal::Place,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// An archive is kept for so long after it was asked for.
pub(super) const KEPT: Duration = Duration::from_hours(7 * 24);

/// Makes the archive of a member.
#[derive(Debug, Serialize, Deserialize)]
pub struct Export {
    user: UserId,
}

impl Job for Export {
    const KIND: &'static str = "archive_export";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let asked = store::export(&mut pod.db.read().await?, self.user).await?;
        if asked.is_none_or(|asked| asked.made_at.is_some()) {
            return Ok(());
        }
        let file = collect::archive(&pod, self.user).await?;
        let bytes = i64::try_from(file.len()).unwrap_or(i64::MAX);
        let row = self.user.to_string();
        let nonce = pod.random();
        let sealing = Arc::clone(&pod);
        let sealed = pod.compute(move || sealing.vault.seal(place(&row), nonce, &file)).await?;
        let sealed = sealed.map_err(Error::internal)?;
        let mut tx = pod.db.begin().await?;
        store::keep_export(&mut tx, self.user, &sealed, bytes, pod.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn place(user: &str) -> Place<'_> {
    Place { table: "archive_exports", row: user, column: "data" }
}

/// The member asks for an archive. One that is there already is made anew.
pub async fn ask(pod: &Pod, who: Owner, password: &str) -> Result<()> {
    password::require(pod, who.user(), password, "export_password").await?;
    request(pod, who.user()).await
}

/// The same, for the member with this name, by who runs the pod.
pub async fn ask_as_operator(pod: &Pod, _who: Admin, username: &str) -> Result<()> {
    request(pod, by_name(pod, username).await?).await
}

async fn request(pod: &Pod, user: UserId) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    store::ask_export(&mut tx, user, now).await?;
    job::enqueue_at(&mut tx, &Export { user }, Some(&user.to_string()), now, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// The member's archive, as a gzip file.
pub async fn fetch(pod: &Pod, who: Owner, password: &str) -> Result<Zeroizing<Vec<u8>>> {
    password::require(pod, who.user(), password, "download_password").await?;
    open(pod, who.user()).await
}

/// The archive of the member with this name.
pub async fn fetch_as_operator(pod: &Pod, _who: Admin, username: &str) -> Result<Zeroizing<Vec<u8>>> {
    open(pod, by_name(pod, username).await?).await
}

async fn open(pod: &Pod, user: UserId) -> Result<Zeroizing<Vec<u8>>> {
    let mut conn = pod.db.read().await?;
    let row = store::export(&mut conn, user).await?.ok_or(Error::NotFound)?;
    if pod.clock.now() > row.asked_at.plus(KEPT) {
        return Err(Error::NotFound);
    }
    let sealed = store::export_data(&mut conn, user).await?.ok_or(wrong("archive-not-ready"))?;
    pod.vault.open(place(&user.to_string()), &sealed).map_err(Error::internal)
}

async fn by_name(pod: &Pod, username: &str) -> Result<UserId> {
    account::store::by_username(&mut pod.db.read().await?, username).await?.ok_or(Error::NotFound)
}

/// Removes archives that were kept long enough.
pub async fn sweep(pod: &Pod) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    store::delete_exports(&mut tx, pod.clock.now().minus(KEPT)).await?;
    Ok(tx.commit().await?)
}
