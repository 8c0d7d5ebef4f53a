//! The end of moving in: the move is signed by both keys, the pods of all contacts and the old pod are told,
//! everything that named the old person names the member, and the old private key is gone; all of it at once.
use super::{
    import, moved,
    store::{self, ImportRow},
};
use crate::{
    Error, Pod, Result,
    access::Owner,
    account, contact,
    outbox::{self, Signed},
    person, post,
};
use pappus_federation::{entity::AccountMigration, envelope, id::DiasporaId, key::PrivateKey};

/// Finishes an import that has nothing left to take in.
pub(super) async fn finish(pod: &Pod, import: &ImportRow) -> Result<()> {
    let envelope = sign(pod, import).await?;
    let now = pod.clock.now();
    let owner = Owner::new(import.user_id, import.person_id);
    let mut tx = pod.db.begin_durable().await?;
    let Some(old) = person::store::find(&mut tx, import.old_person_id).await? else {
        return Err(Error::NotFound);
    };
    let mut told = store::found(&mut tx, import.id).await?;
    told.push(old.id);
    let recipients = outbox::store::remote_of(&mut tx, &told).await?;
    let signed =
        Signed { sender: old.id, entity: "account_migration", guid: None, envelope: &envelope, public: true };
    outbox::post(&mut tx, &signed, &recipients, now).await?;
    // contacts hear of the move first, then that the new identity shares with them
    moved::apply(&mut tx, &old, import.person_id, now).await?;
    for other in contact::store::receiving(&mut tx, import.user_id).await? {
        if let Some(other) = person::store::find(&mut tx, other).await? {
            contact::connect(&mut tx, owner, &other, now).await?;
        }
    }
    post::store::own_into_home(&mut tx, import.user_id).await?;
    store::finish_import(&mut tx, import.id, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    tracing::info!("{} is {} now", import.old_id, import.new_id);
    Ok(())
}

/// The entity, signed by the new key, in an envelope signed by the old one.
async fn sign(pod: &Pod, import: &ImportRow) -> Result<String> {
    let row =
        outbox::store::profile(&mut pod.db.read().await?, import.user_id).await?.ok_or(Error::NotFound)?;
    // a move is told publicly: details that are for contacts only follow to them with the profile
    let profile = outbox::for_everybody(outbox::profile_entity(row)?);
    let new_key = account::key::of(pod, import.user_id).await?;
    let old_key = old_key(pod, import)?;
    let old: DiasporaId = import.old_id.parse().map_err(Error::internal)?;
    let signing = move || {
        let mut migration = AccountMigration::new(old.clone(), old.clone(), profile);
        migration.sign(&new_key)?;
        envelope::sign(&migration.to_xml(), &old, &old_key)
    };
    pod.compute(signing).await?.map_err(Error::internal)
}

fn old_key(pod: &Pod, import: &ImportRow) -> Result<PrivateKey> {
    let sealed = import.private_key.as_deref().ok_or_else(|| Error::internal("the old key is gone"))?;
    let pem = pod.vault.open(import::place(&import.username), sealed).map_err(Error::internal)?;
    PrivateKey::from_pem(std::str::from_utf8(&pem).map_err(Error::internal)?).map_err(Error::internal)
}
