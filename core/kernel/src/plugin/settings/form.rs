//! Forms of plugins' settings: what stands in them, and what becomes of what was typed.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{SITE, effective, secret, store};
use crate::{
    Error, Pod, Result,
    access::{Admin, Owner},
    db::Tx,
    id::UserId,
    plugin::{
        Enabled, Refusal, data,
        manifest::{Manifest, Setting, SettingKind, SettingScope},
        store as plugins,
    },
};

/// Who chooses.
#[derive(Debug, Clone, Copy)]
pub enum Chooser {
    /// For the pod.
    Admin(Admin),
    /// For themselves.
    Member(Owner),
}

/// A setting as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub setting: Setting,
    /// What is chosen, or the default.
    pub value: Option<Value>,
    /// Of a secret: it is there.
    pub is_set: bool,
}

/// What somebody sent, by key.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub values: BTreeMap<String, String>,
    /// Secrets to forget.
    pub forget: BTreeSet<String>,
}

/// A rule that what was typed breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub key: String,
    /// A translation key.
    pub rule: &'static str,
}

impl Chooser {
    const fn user(self) -> UserId {
        match self {
            Self::Admin(_) => SITE,
            Self::Member(owner) => owner.user(),
        }
    }

    fn chooses(self, setting: &Setting) -> bool {
        let scope = match self {
            Self::Admin(_) => SettingScope::Site,
            Self::Member(_) => SettingScope::User,
        };
        setting.scope == scope
    }
}

/// The settings of each plugin that this one chooses, in the manifests' order.
pub async fn fields(pod: &Pod, plugins: &[Arc<Enabled>], who: Chooser) -> Result<Vec<Vec<Field>>> {
    let mut conn = pod.db.read().await?;
    let chosen = store::all(&mut conn, who.user()).await?;
    let secrets = store::secrets(&mut conn, who.user()).await?;
    let of = |enabled: &Arc<Enabled>| {
        let manifest = enabled.plugin.manifest();
        let field = |setting: &Setting| {
            let at = (manifest.slug.as_str().to_owned(), setting.key.clone());
            let value = effective(setting, chosen.get(&at).map(String::as_str));
            Field { value, is_set: secrets.contains(&at), setting: setting.clone() }
        };
        manifest.settings.iter().filter(|setting| who.chooses(setting)).map(field).collect()
    };
    Ok(plugins.iter().map(of).collect())
}

/// Chooses everything that was sent, or nothing where something of it breaks a rule. A secret that was left empty
/// stays; other things that were left empty go back to their defaults.
pub async fn change(pod: &Pod, slug: &str, who: Chooser, sent: Sent) -> Result<Result<(), Vec<Wrong>>> {
    let enabled: Arc<Enabled> = pod.plugins.find(slug).ok_or(Error::NotFound)?;
    let manifest = enabled.plugin.manifest();
    let (values, mut wrong) = read(manifest, who, &sent);
    let mut tx = pod.db.begin_durable().await?;
    data::hold_member(&mut tx, who.user()).await.map_err(|_| Error::NotFound)?;
    for (key, value) in &values {
        store::set(&mut tx, (slug, who.user()), key, value.as_ref()).await?;
    }
    secret::forget_others(&mut tx, manifest, who.user()).await?;
    wrong.extend(secrets(pod, &mut tx, manifest, (who, &sent)).await?);
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    if let Chooser::Admin(admin) = who {
        plugins::audit(&mut tx, admin, "plugin.settings", slug, pod.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

type Values<'a> = Vec<(&'a str, Option<Value>)>;

fn read<'a>(manifest: &'a Manifest, who: Chooser, sent: &Sent) -> (Values<'a>, Vec<Wrong>) {
    let (mut values, mut wrong) = (Vec::new(), Vec::new());
    let mine = |setting: &&Setting| who.chooses(setting) && !setting.is_secret();
    for setting in manifest.settings.iter().filter(mine) {
        let typed = match (sent.values.get(&setting.key), &setting.kind) {
            (Some(typed), _) => typed.as_str(),
            // a box that is not ticked is not sent
            (None, SettingKind::Boolean) => "",
            (None, _) => continue,
        };
        match setting.typed(typed) {
            Ok(value) => values.push((setting.key.as_str(), value)),
            Err(rule) => wrong.push(Wrong { key: setting.key.clone(), rule }),
        }
    }
    (values, wrong)
}

/// After the origins were written: a secret is for the one that stands there now.
async fn secrets(
    pod: &Pod,
    tx: &mut Tx,
    manifest: &Manifest,
    (who, sent): (Chooser, &Sent),
) -> Result<Vec<Wrong>> {
    let mut wrong = Vec::new();
    let whose = (manifest.slug.as_str(), who.user());
    for setting in manifest.settings.iter().filter(|setting| who.chooses(setting) && setting.is_secret()) {
        let key = setting.key.as_str();
        if sent.forget.contains(key) {
            store::forget_secret(tx, whose, key).await?;
        }
        let Some(typed) = sent.values.get(key).filter(|typed| !typed.is_empty()) else { continue };
        let rule = match secret::chosen_origin(tx, manifest, who.user(), setting).await? {
            Some(Some(origin)) => {
                let at = secret::At { plugin: whose.0, user: whose.1, key, origin: &origin };
                match secret::keep(pod, tx, at, typed).await {
                    Ok(()) => continue,
                    Err(Refusal::Invalid(_)) => "too-long",
                    Err(refusal) => return Err(Error::internal(refusal)),
                }
            }
            // nobody can say where it may be sent
            Some(None) => "setting-no-origin",
            None => "invalid",
        };
        wrong.push(Wrong { key: key.to_owned(), rule });
    }
    Ok(wrong)
}
