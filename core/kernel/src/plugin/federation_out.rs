//! The capability `federation-out`: answers of members to what a plugin hangs on posts. Signing, relaying and
//! delivery are the pod's.
use super::{Caller, Capability, Refusal, exchange::Node};
use crate::{attachment, id::UserId};

/// Publishes an answer of the member whose form named the attachment `parent`; the answer's guid. The first of `nodes` is
/// the answer's element, which the plugin's manifest must declare.
pub async fn publish(
    caller: &Caller,
    author: UserId,
    parent: &str,
    nodes: &[Node],
) -> Result<String, Refusal> {
    caller.may(Capability::FederationOut)?;
    let who = caller.acting_on(author, parent).await?;
    let root = nodes.first().ok_or_else(|| Refusal::Invalid("no element".into()))?;
    let enabled = caller.enabled()?;
    let declared = enabled.plugin.manifest().attachments.iter().find_map(|attachment| {
        let tally = attachment.answers.as_ref().filter(|tally| tally.entity == root.name)?;
        Some((attachment.kind.as_str(), tally.count_by.as_str()))
    });
    let (kind, count_by) = declared.ok_or(Refusal::Denied)?;
    let choice = nodes.iter().find(|node| node.parent == Some(0) && node.name == count_by);
    let choice = choice.and_then(|node| node.text.as_deref());
    let choice = choice.ok_or_else(|| Refusal::Invalid(format!("no {count_by}")))?;
    Ok(attachment::answer_as(&caller.looking.pod, who, (kind, parent), &root.name, choice).await?)
}
