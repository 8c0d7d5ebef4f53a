//! Secrets of plugins: sealed at rest, bound to where they may be sent, shown to nobody again.
use zeroize::Zeroizing;

use super::{SITE, effective, store};
use crate::{
    Error, Pod, Result,
    db::{self, Conn, Tx},
    id::UserId,
    plugin::{
        Refusal,
        manifest::{Manifest, Setting, SettingKind, SettingScope},
    },
    seal::Place,
};

/// Bytes of a secret.
pub const LONGEST_SECRET: usize = 4096;

/// A secret's name, and where it may be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) plugin: &'a str,
    pub(super) user: UserId,
    pub(super) key: &'a str,
    pub(super) origin: &'a str,
}

impl At<'_> {
    /// The origin is part of it: a row that somebody else changed does not open.
    fn row(&self) -> String {
        format!("{}/{}/{}/{}", self.plugin, self.user, self.key, self.origin)
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "plugin_secrets", row, column: "value" }
}

/// In place of the one that was there.
pub(super) async fn keep(pod: &Pod, tx: &mut Tx, at: At<'_>, value: &str) -> Result<(), Refusal> {
    if value.is_empty() || value.len() > LONGEST_SECRET {
        return Err(Refusal::Invalid(format!("a secret has 1 to {LONGEST_SECRET} bytes")));
    }
    let sealed = pod.seal(place(&at.row()), value.as_bytes())?;
    Ok(store::set_secret(tx, (at.plugin, at.user), (at.key, at.origin), &sealed).await?)
}

/// The secret, for whoever sends it to this origin; user 0 for the pod's.
pub async fn open_secret(
    pod: &Pod,
    (plugin, user): (&str, UserId),
    key: &str,
    origin: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let mut conn = pod.db.read().await?;
    let Some(sealed) = store::secret(&mut conn, (plugin, user), (key, origin)).await? else {
        return Ok(None);
    };
    let at = At { plugin, user, key, origin };
    pod.vault.open(place(&at.row()), &sealed).map(Some).map_err(Error::internal)
}

/// The origin that was chosen for this secret, if it belongs to a setting; the inner one is none where nothing is
/// chosen.
pub(super) async fn chosen_origin(
    conn: &mut Conn,
    manifest: &Manifest,
    user: UserId,
    secret: &Setting,
) -> db::Result<Option<Option<String>>> {
    let SettingKind::Secret { of: Some(of) } = &secret.kind else { return Ok(None) };
    let Some(setting) = manifest.settings.iter().find(|setting| setting.key == *of) else { return Ok(None) };
    let user = if setting.scope == SettingScope::Site { SITE } else { user };
    let chosen = store::get(conn, (manifest.slug.as_str(), user), of).await?;
    let origin = effective(setting, chosen.as_deref());
    Ok(Some(origin.and_then(|origin| origin.as_str().map(str::to_owned))))
}

/// Forgets the secrets of origins that are not chosen any more: this member's, or for user 0 everybody's.
pub(super) async fn forget_others(tx: &mut Tx, manifest: &Manifest, user: UserId) -> db::Result<()> {
    let scope = if user == SITE { SettingScope::Site } else { SettingScope::User };
    let origins = manifest.settings.iter().filter(|it| it.scope == scope && it.kind == SettingKind::Origin);
    for origin in origins {
        let belongs =
            |it: &&Setting| matches!(&it.kind, SettingKind::Secret { of: Some(of) } if *of == origin.key);
        let keys: Vec<&str> = manifest.settings.iter().filter(belongs).map(|it| it.key.as_str()).collect();
        if keys.is_empty() {
            continue;
        }
        let whose = (manifest.slug.as_str(), user);
        let chosen = store::get(tx, whose, &origin.key).await?;
        let now = effective(origin, chosen.as_deref());
        let now = now.as_ref().and_then(|now| now.as_str()).unwrap_or_default();
        store::forget_elsewhere(tx, whose, &keys, now).await?;
    }
    Ok(())
}
