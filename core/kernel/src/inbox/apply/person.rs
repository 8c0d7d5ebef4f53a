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
    let mut tx = pod.db.begin().await?;
    contact::receive(&mut tx, user, sender.id, contact.sharing, pod.clock.now()).await?;
    Ok(tx.commit().await?)
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
    let picture = |url: Option<String>| {
        let base = url::Url::parse(base.as_deref()?).ok()?;
        base.join(&url?).ok().filter(|url| url.scheme() == "https").map(String::from)
    };
    let mut first_name = profile.first_name.unwrap_or_default();
    let last_name = profile.last_name.unwrap_or_default();
    if first_name.is_empty() && last_name.is_empty() {
        first_name = profile.full_name.unwrap_or_default();
    }
    let data = ProfileData {
        first_name,
        last_name,
        image_url: picture(profile.image_url),
        image_url_medium: picture(profile.image_url_medium),
        image_url_small: picture(profile.image_url_small),
        bio: profile.bio.unwrap_or_default(),
        birthday: profile.birthday.map(|day| day.as_str().to_owned()),
        gender: profile.gender.unwrap_or_default(),
        location: profile.location.unwrap_or_default(),
        tag_string: profile.tag_string.unwrap_or_default(),
        searchable: profile.searchable,
        nsfw: profile.nsfw,
        public_details: profile.public,
        edited_at: edited_at.or(newest),
    };
    profile::write(&mut tx, sender.id, &data, now).await?;
    Ok(tx.commit().await?)
}
