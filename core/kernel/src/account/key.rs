//! Key pairs of members. RSA-4096 takes a second to make, so a few are kept ready: a member is never
//! made without one, because peers remember a person without a key for good.
use super::store::{self, SpareKey};
use crate::{
    Error, Pod, Result,
    db::Tx,
    id::UserId,
    job::{self, Failure, Job},
    seal::Place,
};
use pappus_federation::key::{KeyError, PrivateKey};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use zeroize::Zeroizing;

const SPARE: i64 = 3;

/// Makes spare key pairs until there are three.
#[derive(Debug, Serialize, Deserialize)]
pub struct FillSpareKeys;

impl Job for FillSpareKeys {
    const KIND: &'static str = "fill_spare_keys";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        loop {
            if store::count_spare_keys(&mut pod.db.read().await?).await? >= SPARE {
                return Ok(());
            }
            let pair = Pair::make(&pod).await?;
            let name = hex::encode(pod.random::<16>());
            let sealed = pod.seal(spare(&name), &pair.private)?;
            let mut tx = pod.db.begin().await?;
            store::insert_spare_key(&mut tx, &name, &sealed, &pair.public, pod.clock.now()).await?;
            tx.commit().await?;
        }
    }
}

/// Sees to it that spare keys are made when some are missing.
pub async fn ensure(pod: &Pod) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    job::enqueue_at(&mut tx, &FillSpareKeys, Some("spare"), now, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// A key pair that belongs to nobody yet. It stays as it is written: nobody signs with it here, and reading
/// an RSA key is no work for a transaction.
pub(super) struct Pair {
    /// PEM.
    private: Zeroizing<Vec<u8>>,
    pub(super) public: String,
}

impl Pair {
    /// Makes one, which takes about a second of a core.
    pub(super) async fn make(pod: &Pod) -> Result<Self> {
        let entropy = Arc::clone(&pod.entropy);
        let made = move || {
            let private = entropy.private_key()?;
            let pem = Zeroizing::new(private.to_pem()?.as_bytes().to_vec());
            Ok((pem, private.public().to_pem()))
        };
        let (private, public) = pod.compute(made).await?.map_err(|error: KeyError| Error::internal(error))?;
        Ok(Self { private, public })
    }

    /// Takes a spare one, if there is one; part of the transaction that gives it to a member.
    pub(super) async fn take(pod: &Pod, tx: &mut Tx) -> Result<Option<Self>> {
        let Some(SpareKey { name, private_key, public_key }) = store::take_spare_key(tx).await? else {
            return Ok(None);
        };
        let private = pod.vault.open(spare(&name), &private_key).map_err(Error::internal)?;
        Ok(Some(Self { private, public: public_key }))
    }

    /// Sealed for the row of `username`.
    pub(super) fn seal(&self, pod: &Pod, username: &str) -> Result<Vec<u8>> {
        pod.seal(place(username), &self.private)
    }
}

/// The private key of a member, to sign or to decrypt with.
pub(crate) async fn of(pod: &Pod, user: UserId) -> Result<PrivateKey> {
    let row = store::private_key(&mut pod.db.read().await?, user).await?.ok_or(Error::NotFound)?;
    parse(&pod.vault.open(place(&row.username), &row.private_key).map_err(Error::internal)?)
}

fn parse(pem: &[u8]) -> Result<PrivateKey> {
    PrivateKey::from_pem(std::str::from_utf8(pem).map_err(Error::internal)?).map_err(Error::internal)
}

fn spare(name: &str) -> Place<'_> {
    Place { table: "spare_keys", row: name, column: "private_key" }
}

fn place(username: &str) -> Place<'_> {
    Place { table: "users", row: username, column: "private_key" }
}
