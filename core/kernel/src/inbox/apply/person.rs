//! What people say of themselves, and with whom they share.
use super::when;
use crate::{
    Pod, Result, contact,
    id::UserId,
    inbox::store,
    person::{
        self, Person,
        profile::{self, ProfileData},
    },
};
use pappus_federation::entity::{Contact, Profile};

pub(super) async fn contact(
    pod: &Pod,
    contact: &Contact,
    sender: &Person,
    recipient: Option<UserId>,
) -> Result<()> {
    let Some(user) = recipient else { return Ok(()) };
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    contact::receive(&mut tx, user, sender.id, contact.sharing, now).await?;
    contact::receive_blocking(&mut tx, user, sender.id, contact.blocking, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Somebody closed their account.
pub(super) async fn account_deletion(pod: &Pod, sender: &Person) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    person::close(&mut tx, sender.id, pod.clock.now()).await?;
    tx.commit().await?;
    tracing::info!(person.id = %sender.id, "{} closed their account", sender.diaspora_id);
    Ok(())
}

pub(super) async fn profile(pod: &Pod, profile: Profile, sender: &Person) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let edited_at = profile.edited_at.map(when);
    let newest = store::profile_edited_at(&mut tx, sender.id).await?;
    if edited_at.is_some_and(|edited| newest.is_some_and(|newest| edited < newest)) {
        return Ok(()); // an old one, again
    }
    let base = store::base_url(&mut tx, sender.id).await?;
    let data =
        ProfileData { edited_at: edited_at.or(newest), ..ProfileData::received(profile, base.as_deref()) };
    profile::write(&mut tx, sender.id, &data, now).await?;
    Ok(tx.commit().await?)
}
