//! The capability `settings`: what the podmin and members chose for a plugin, and the secrets that it may use but not
//! read. [`form`] is the other side: how people choose.
pub mod form;
mod secret;
mod store;

use serde_json::Value;

use super::{
    Caller, Capability, Refusal, data,
    manifest::{Manifest, Setting, SettingScope},
};
use crate::{db::Tx, id::UserId};

pub use secret::{LONGEST_SECRET, open_secret};

/// The members' settings have numbers; the pod's stand under this one.
const SITE: UserId = UserId(0);

/// A setting of the pod; none where nothing is chosen and there is no default.
pub async fn site(caller: &Caller, key: &str) -> Result<Option<Value>, Refusal> {
    caller.may(Capability::Settings)?;
    value(caller, SITE, SettingScope::Site, key).await
}

/// A setting of a member for whom the plugin may act.
pub async fn user(caller: &Caller, user: UserId, key: &str) -> Result<Option<Value>, Refusal> {
    caller.may(Capability::Settings)?;
    let user = caller.acting_for(user).await?.user();
    value(caller, user, SettingScope::User, key).await
}

/// Chooses for a member for whom the plugin may act; null goes back to the default.
pub async fn set_user(caller: &Caller, user: UserId, key: &str, value: Value) -> Result<(), Refusal> {
    caller.may(Capability::Settings)?;
    let user = caller.acting_for(user).await?.user();
    let enabled = caller.enabled()?;
    let manifest = enabled.plugin.manifest();
    let setting = find(manifest, SettingScope::User, key)?;
    let value = match value {
        Value::Null => None,
        value => Some(setting.checked(value).map_err(|rule| Refusal::Invalid(rule.to_owned()))?),
    };
    let mut tx = begin(caller, user).await?;
    store::set(&mut tx, (manifest.slug.as_str(), user), key, value.as_ref()).await?;
    secret::forget_others(&mut tx, manifest, user).await?;
    Ok(tx.commit().await?)
}

/// Whether the pod (no user) or a member for whom the plugin may act has given this secret.
pub async fn has_secret(caller: &Caller, user: Option<UserId>, key: &str) -> Result<bool, Refusal> {
    caller.may(Capability::Settings)?;
    let user = match user {
        Some(user) => caller.acting_for(user).await?.user(),
        None => SITE,
    };
    let pod = &caller.looking.pod;
    let origin = store::secret_origin(&mut pod.db.read().await?, (caller.slug.as_str(), user), key).await?;
    Ok(origin.is_some())
}

/// Keeps a secret that the plugin obtained itself. It is sent to `origin` and nowhere else; for a secret that belongs
/// to an origin setting, that is the one that was chosen.
pub async fn store_secret(
    caller: &Caller,
    user: Option<UserId>,
    (key, origin): (&str, &str),
    value: &str,
) -> Result<(), Refusal> {
    caller.may(Capability::Settings)?;
    let (user, scope) = match user {
        Some(user) => (caller.acting_for(user).await?.user(), SettingScope::User),
        None => (caller.for_the_pod().map(|()| SITE)?, SettingScope::Site),
    };
    let enabled = caller.enabled()?;
    let manifest = enabled.plugin.manifest();
    let declared = |setting: &&Setting| setting.key == key && setting.scope == scope && setting.is_secret();
    let setting = manifest.settings.iter().find(declared).ok_or(Refusal::NotFound)?;
    let origin = super::manifest::origin(origin).ok_or_else(|| Refusal::Invalid("no origin".into()))?;
    let mut tx = begin(caller, user).await?;
    let chosen = secret::chosen_origin(&mut tx, manifest, user, setting).await?;
    if let Some(chosen) = chosen
        && chosen.as_deref() != Some(origin.as_str())
    {
        return Err(Refusal::Denied);
    }
    let at = secret::At { plugin: manifest.slug.as_str(), user, key, origin: &origin };
    secret::keep(&caller.looking.pod, &mut tx, at, value).await?;
    Ok(tx.commit().await?)
}

/// Members for whom the plugin is switched on, behind `after`, by number.
pub async fn enabled_users(
    caller: &Caller,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<UserId>, Refusal> {
    caller.may(Capability::Settings)?;
    caller.members(after.unwrap_or(SITE), limit).await
}

async fn value(
    caller: &Caller,
    user: UserId,
    scope: SettingScope,
    key: &str,
) -> Result<Option<Value>, Refusal> {
    let enabled = caller.enabled()?;
    let setting = find(enabled.plugin.manifest(), scope, key)?;
    let whose = (caller.slug.as_str(), user);
    let chosen = store::get(&mut caller.looking.pod.db.read().await?, whose, key).await?;
    Ok(effective(setting, chosen.as_deref()))
}

/// What was chosen, if it is still a value of the setting, else the default.
fn effective(setting: &Setting, chosen: Option<&str>) -> Option<Value> {
    let chosen = chosen.and_then(|text| serde_json::from_str(text).ok());
    let chosen = chosen.and_then(|value| setting.checked(value).ok());
    chosen.or_else(|| setting.default.clone())
}

fn find<'a>(manifest: &'a Manifest, scope: SettingScope, key: &str) -> Result<&'a Setting, Refusal> {
    let named = |setting: &&Setting| setting.key == key && setting.scope == scope && !setting.is_secret();
    manifest.settings.iter().find(named).ok_or(Refusal::NotFound)
}

async fn begin(caller: &Caller, user: UserId) -> Result<Tx, Refusal> {
    caller.may_change()?;
    let pod = &caller.looking.pod;
    let mut tx = if caller.background { pod.db.begin().await? } else { pod.db.begin_durable().await? };
    data::hold_member(&mut tx, user).await?;
    Ok(tx)
}
