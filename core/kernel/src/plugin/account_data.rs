//! The hook `account-data`: what plugins keep of a member where the pod cannot see whose it is. They are asked for
//! the member's archive, and told when an account was closed. What the pod keeps for them it exports and erases itself
//! (`data`), so a plugin that fails blocks neither.
use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Enabled, Hook, Looking, Member, PluginError, ask, data, store as plugins, work::NOT_LOADED};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{Timestamp, UserId},
    job::{self, Failure, Job, New},
};

/// Letters of what one plugin adds to an archive.
const LARGEST: usize = 1024 * 1024;

/// The plugins' part of a member's archive: what the pod keeps for them, and below `more` what they say themselves.
/// Where one failed, `incomplete` says so.
pub(crate) async fn export(pod: &Arc<Pod>, who: Owner, diaspora_id: &str, locale: &str) -> Result<Value> {
    let mut all = data::export(&mut pod.db.read().await?, who.user(), pod.clock.now()).await?;
    let member = Member { owner: who, diaspora_id: diaspora_id.to_owned(), is_admin: false };
    let looking = Looking {
        pod: Arc::clone(pod),
        viewer: Some(member),
        locale: locale.to_owned(),
        timezone: "UTC".to_owned(),
        request_id: String::new(),
    };
    for enabled in with_hook(pod) {
        let call = async {
            let said = enabled.plugin.export_user(ask::caller(&looking, &enabled), who.user()).await?;
            let size = said.to_string().len();
            if size > LARGEST {
                return Err(PluginError::Answer(format!("{size} letters of a member, more than {LARGEST}")));
            }
            Ok(said)
        };
        let (name, said) = match enabled.call(Hook::AccountData, call).await {
            Some(Value::Null) => continue,
            Some(said) => ("more", said),
            None => ("incomplete", true.into()),
        };
        let of = all.entry(enabled.slug()).or_insert_with(|| json!({}));
        if let Some(of) = of.as_object_mut() {
            of.insert(name.into(), said);
        }
    }
    Ok(all.into())
}

fn with_hook(pod: &Pod) -> impl Iterator<Item = Arc<Enabled>> + use<> {
    let has = |enabled: &Arc<Enabled>| enabled.plugin.hooks().contains(&Hook::AccountData);
    pod.plugins.enabled().into_iter().filter(has)
}

/// Tells plugins that an account was closed: none for all that are on, each in a job of its own.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseUser {
    user: UserId,
    plugin: Option<String>,
}

impl Job for EraseUser {
    const KIND: &'static str = "plugin_erase_user";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let Some(slug) = self.plugin else { return tell_all(&pod, self.user).await };
        // one that was switched off meanwhile is told nothing: what is left of it goes with the plugin
        let Some(enabled) = pod.plugins.find(&slug) else {
            let row = plugins::find(&mut pod.db.read().await?, &slug).await?;
            let on = row.is_some_and(|row| row.enabled);
            return if on { Err(Failure::Again(pod.clock.now().plus(NOT_LOADED))) } else { Ok(()) };
        };
        if !enabled.plugin.hooks().contains(&Hook::AccountData) {
            return Ok(());
        }
        let nobody = Looking::nobody(pod);
        let caller = ask::in_background(&nobody, &enabled);
        let call = enabled.plugin.erase_user(caller, self.user);
        match enabled.call(Hook::AccountData, call).await {
            Some(()) => Ok(()),
            None => Err(Failure::Retry(Error::internal(format!("the plugin {slug} did not erase a member")))),
        }
    }
}

async fn tell_all(pod: &Arc<Pod>, user: UserId) -> Result<(), Failure> {
    let now = pod.clock.now();
    // those that are on, loaded here or not
    let rows = plugins::all(&mut pod.db.read().await?).await?;
    let on = rows.into_iter().filter(|row| row.enabled).map(|row| row.slug);
    let all: BTreeSet<String> = on.chain(with_hook(pod).map(|enabled| enabled.slug().to_owned())).collect();
    let job = |slug: String| New {
        key: format!("{user}/{slug}"),
        job: EraseUser { user, plugin: Some(slug) },
        run_at: now,
    };
    let mut tx = pod.db.begin().await?;
    job::enqueue_all(&mut tx, all.into_iter().map(job).collect(), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// In the transaction that closes the account, after what the pod keeps for plugins is gone.
pub(crate) async fn tell_closed(tx: &mut Tx, user: UserId, now: Timestamp) -> db::Result<()> {
    job::enqueue_at(tx, &EraseUser { user, plugin: None }, Some(&user.to_string()), now, now).await
}
