//! What only a plugin could understand: verified, kept whole.
use crate::{
    Pod, Result,
    id::UserId,
    inbox::{
        fetch::Budget,
        store::{self, Raw},
    },
};
use pappus_federation::entity::Entity;

/// Keeps what only a plugin could understand, signed and whole.
pub(super) async fn keep(
    pod: &Pod,
    entity: &Entity,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<()> {
    let author = budget.discover(pod, entity.author()).await?;
    // a person closes or moves once: these have no guid of their own
    let guid = entity.guid().map_or_else(|| author.guid.clone(), ToString::to_string);
    let parent = entity.as_relayable().map(|relayable| relayable.parent().1.to_string());
    let parent = match entity {
        Entity::Photo(photo) => photo.status_message_guid.as_ref().map(ToString::to_string),
        _ => parent,
    };
    let xml = entity.to_xml();
    let raw = Raw {
        kind: entity.name(),
        guid: &guid,
        author: author.id,
        parent_guid: parent.as_deref(),
        recipient,
        xml: &xml,
    };
    let mut tx = pod.db.begin().await?;
    store::insert_raw(&mut tx, &raw, pod.clock.now()).await?;
    Ok(tx.commit().await?)
}
