//! Blocks of pods and people, and lists of them.
use super::{Answer, NewBlock, Wrong};
use pappus_kernel::{
    Error, Pod,
    access::Admin,
    moderation::{self, Block, Draft},
};
use serde_json::json;

pub(super) async fn add(pod: &Pod, new: NewBlock) -> Result<Answer, Wrong> {
    let NewBlock { target, severity, subdomains, reject_media, reason, note } = new;
    let severity = severity.parse().map_err(|()| Wrong::usage("no such severity"))?;
    let target = target.parse().map_err(Error::from)?;
    let bare = moderation::NewBlock::of(target, severity);
    let new = moderation::NewBlock { subdomains, reject_media, reason, note, ..bare };
    let answer = json!({ "target": new.target.as_str(), "severity": severity.name() });
    moderation::block(pod, Admin::operator(), new).await?;
    Ok(answer)
}

pub(super) async fn lift(pod: &Pod, target: &str) -> Result<Answer, Wrong> {
    let target = target.parse().map_err(Error::from)?;
    moderation::unblock(pod, Admin::operator(), &target).await.map_err(|error| match error {
        Error::NotFound => Wrong::failed(format!("{target} is not blocked")),
        error => error.into(),
    })?;
    Ok(json!({ "target": target.as_str() }))
}

pub(super) async fn list(pod: &Pod) -> Result<Answer, Wrong> {
    Ok(moderation::list(pod, Admin::operator()).await?.iter().map(block_row).collect())
}

pub(super) async fn drafts(pod: &Pod) -> Result<Answer, Wrong> {
    Ok(moderation::drafts(pod, Admin::operator()).await?.0.iter().map(draft_row).collect())
}

pub(super) async fn approve(pod: &Pod, hosts: &[String]) -> Result<Answer, Wrong> {
    let (drafts, _) = moderation::drafts(pod, Admin::operator()).await?;
    let chosen = drafts.iter().filter(|draft| hosts.contains(&draft.target));
    let ids: Vec<_> = chosen.map(|draft| draft.id).collect();
    Ok(json!({ "approved": moderation::approve(pod, Admin::operator(), &ids).await? }))
}

fn block_row(block: &Block) -> Answer {
    json!({
        "target": block.target, "severity": block.severity().name(), "subdomains": block.subdomains,
        "reject_media": block.reject_media, "reason": block.reason, "note": block.note, "by": block.actor,
        "created_at": block.created_at, "updated_at": block.updated_at,
    })
}

fn draft_row(draft: &Draft) -> Answer {
    json!({
        "target": draft.target, "severity": draft.severity.name(), "subdomains": draft.subdomains,
        "reject_media": draft.reject_media, "reason": draft.reason, "source": draft.source,
        "people": draft.people, "contacts": draft.contacts,
    })
}
