//! Making, changing and lifting a rule. What it makes of known people and of what waits for them is part of
//! the same transaction.
use super::{NewBlock, Severity, Standing, Target, lineage, store, without_port};
use crate::{
    Error, Invalid, Pod, Result,
    access::Admin,
    db::{self, Conn, Tx},
    id::{BlockId, RemotePodId},
    plugin::store::audit,
};
use std::collections::HashMap;

/// Every rule, by name.
pub async fn list(pod: &Pod, _who: Admin) -> Result<Vec<store::Block>> {
    Ok(store::list(&mut pod.db.read().await?).await?)
}

/// One of them.
pub async fn find(pod: &Pod, _who: Admin, id: BlockId) -> Result<store::Block> {
    store::find(&mut pod.db.read().await?, id).await?.ok_or(Error::NotFound)
}

/// Makes a rule, or changes the one about the same target.
pub async fn block(pod: &Pod, who: Admin, new: NewBlock) -> Result<BlockId> {
    new.check()?;
    let mut tx = pod.db.begin_durable().await?;
    possible(&mut tx, &pod.site().host(), &new).await?;
    let id = put(pod, &mut tx, who, &new).await?;
    apply(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(target = new.target.as_str(), "{}: {}", new.target, said(&new));
    Ok(id)
}

/// Lifts a rule: what it hid is there again.
pub async fn unblock(pod: &Pod, who: Admin, target: &Target) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    if store::delete(&mut tx, target.as_str()).await? == 0 {
        return Err(Error::NotFound);
    }
    audit(&mut tx, who, "block.remove", target.as_str(), pod.clock.now()).await?;
    apply(&mut tx).await?;
    tx.commit().await?;
    tracing::info!(target = target.as_str(), "{target} is blocked no more");
    Ok(())
}

/// Nobody can block this pod, its admins, or a member that there is not.
pub(super) async fn possible(conn: &mut Conn, own: &str, new: &NewBlock) -> Result<()> {
    let (own, target) = (without_port(own), new.target.as_str());
    if let Some((_, host)) = target.split_once('@') {
        if without_port(host) != own {
            return Ok(());
        }
        return match store::role(conn, target).await?.as_deref() {
            None => Err(Invalid::new("target", "unknown").into()),
            Some("admin") => Err(Invalid::new("target", "is-admin").into()),
            Some(_) => Ok(()),
        };
    }
    if own == target || (new.subdomains && lineage(own).any(|name| name == target)) {
        return Err(Invalid::new("target", "own-pod").into());
    }
    Ok(())
}

/// The row and its line in the audit log; `apply` comes after the last one.
pub(super) async fn put(pod: &Pod, tx: &mut Tx, who: Admin, new: &NewBlock) -> Result<BlockId> {
    let now = pod.clock.now();
    let id = store::put(tx, who, new, now).await?;
    audit(tx, who, "block.set", &format!("{} {}", new.target, said(new)), now).await?;
    Ok(id)
}

fn said(new: &NewBlock) -> String {
    let below = if new.subdomains { " with subdomains" } else { "" };
    let media = if new.reject_media { " without pictures" } else { "" };
    format!("{}{below}{media}", new.severity.name())
}

/// Writes on every person what all rules make of them, and drops what waits for the suspended.
pub(super) async fn apply(tx: &mut Tx) -> db::Result<()> {
    let rules = store::rules(tx).await?;
    let by_name: HashMap<&str, &store::Rule> =
        rules.iter().map(|rule| (rule.target.as_str(), rule)).collect();
    let mut groups: HashMap<(i64, bool), Vec<RemotePodId>> = HashMap::new();
    for (id, host) in store::pods(tx).await? {
        let host = without_port(&host);
        let about = lineage(host).filter_map(|name| by_name.get(name).copied());
        let about = about.filter(|rule| rule.subdomains || rule.target == host).cloned();
        let standing = Standing::of(about);
        groups.entry((standing.severity.number(), standing.media_hidden)).or_default().push(id);
    }
    store::clear_people(tx).await?;
    let mut closed = Vec::new();
    for ((severity, media), pods) in groups {
        if (severity, media) != (0, false) {
            store::set_pods(tx, &pods, severity, media).await?;
        }
        if severity == Severity::Suspend.number() {
            closed.extend(pods);
        }
    }
    for rule in rules.iter().filter(|rule| rule.target.contains('@')) {
        let media = rule.reject_media || rule.severity == Severity::Suspend.number();
        store::raise_person(tx, &rule.target, rule.severity, media).await?;
    }
    store::drop_deliveries(tx, &closed).await?;
    Ok(())
}
