//! The verdict over a payload, once everything that can be known is known.

use crate::entity::{AccountMigration, Entity, Invalid, Kind, Message, Reshare, Retraction};
use crate::id::DiasporaId;
use crate::key::PublicKey;
use crate::signature::Relayable;

use super::{Known, Payload, Refused, Related, Route};

/// An entity that may be stored.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Who sent it.
    pub sender: DiasporaId,
    /// What.
    pub entity: Entity,
    /// For a relayable on a local root by somebody else: the payload to put into an envelope of
    /// the root's author for every subscriber, exactly as it came.
    pub relay: Option<String>,
}

/// Decides. `local_host` names this pod as in the ids of its people.
pub fn authorise(
    payload: Payload,
    route: Route<'_>,
    local_host: &str,
    known: &Known,
) -> Result<Accepted, Refused> {
    payload.precheck(route)?;
    let mut relay = None;
    if let Some(relayable) = payload.entity.as_relayable() {
        let root = check_relayable(relayable, &payload, route, local_host, known)?;
        let is_ours = root.author.host() == local_host && relayable.author() != &root.author;
        relay = is_ours.then(|| relayable.relay_xml(payload.entity.name()));
    }
    match &payload.entity {
        Entity::Participation(_) => check_subscription(route, known, local_host)?,
        Entity::Reshare(reshare) => check_reshare(reshare, known)?,
        Entity::Retraction(retraction) => check_retraction(retraction, &payload.sender, route, known)?,
        Entity::AccountMigration(migration) => check_migration(migration, known)?,
        Entity::Message(message) => check_message(message, route, known)?,
        _ => {}
    }
    Ok(Accepted { sender: payload.sender, entity: payload.entity, relay })
}

/// The same for what somebody else said below `parent`, out of the archive of the root's author. No envelope says
/// who sends it, so that its author's signature alone makes it good. Gives the payload for every subscriber.
pub fn authorise_archived(
    entity: &Entity,
    parent: &Related,
    author_key: &PublicKey,
) -> Result<String, Refused> {
    let relayable = entity.as_relayable().ok_or(Refused::Sender)?;
    let (kind, guid) = relayable.parent();
    if parent.kind != kind || &parent.guid != guid {
        return Err(Refused::ParentUnknown);
    }
    if relayable.author() == &parent.root().author || !relayable.author_signature_verifies(author_key) {
        return Err(Refused::AuthorSignature);
    }
    Ok(relayable.relay_xml(entity.name()))
}

/// The sender is the root's author, or the relayable's author sending to the root's pod; and
/// unless both are one, the author has signed.
fn check_relayable<'k>(
    relayable: &dyn Relayable,
    payload: &Payload,
    route: Route<'_>,
    local_host: &str,
    known: &'k Known,
) -> Result<&'k Related, Refused> {
    let (kind, guid) = relayable.parent();
    let parent = known.parent.as_ref().filter(|parent| parent.kind == kind && &parent.guid == guid);
    let root = parent.ok_or(Refused::ParentUnknown)?.root();
    let author = relayable.author();
    let listed = payload.sender == *author && route == Route::Listed;
    check_way(relayable, payload, root, route, local_host)?;
    if route.is_public() && !root.public {
        return Err(Refused::NotPublic);
    }
    // the envelope of a listed one is its author's signature already
    if author != &root.author && !listed {
        let key = author_key(payload, author, known)?;
        if !relayable.author_signature_verifies(key) {
            return Err(Refused::AuthorSignature);
        }
    }
    Ok(root)
}

/// From the root's author to everybody, from its own author to the root's pod, or asked for and listed there.
pub(super) fn check_way(
    relayable: &dyn Relayable,
    payload: &Payload,
    root: &Related,
    route: Route<'_>,
    local_host: &str,
) -> Result<(), Refused> {
    let from_root = payload.sender == root.author;
    let by_author = &payload.sender == relayable.author();
    let to_root = by_author && root.author.host() == local_host;
    let listed = by_author && route == Route::Listed;
    if from_root || to_root || listed { Ok(()) } else { Err(Refused::Sender) }
}

fn author_key<'a>(
    payload: &'a Payload,
    author: &DiasporaId,
    known: &'a Known,
) -> Result<&'a PublicKey, Refused> {
    if author == &payload.sender {
        Ok(&payload.sender_key)
    } else {
        known.author_key.as_ref().ok_or(Refused::AuthorKeyUnknown)
    }
}

/// One may subscribe only to what is from here. Whether a limited post was shared with the
/// subscriber is for the caller, who knows its audience.
fn check_subscription(route: Route<'_>, known: &Known, local_host: &str) -> Result<(), Refused> {
    let is_ours = |parent: &&Related| parent.kind == Kind::Post && parent.author.host() == local_host;
    let parent = known.parent.as_ref().filter(is_ours).ok_or(Refused::ParentNotLocal)?;
    if route.is_public() && !parent.public { Err(Refused::NotPublic) } else { Ok(()) }
}

fn check_reshare(reshare: &Reshare, known: &Known) -> Result<(), Refused> {
    let Some((author, guid)) = &reshare.root else { return Ok(()) };
    let root = known.root.as_ref().filter(|root| root.kind == Kind::Post && &root.guid == guid);
    match root {
        None => Err(Refused::RootUnknown),
        Some(root) if &root.author != author => Err(Refused::RootAuthor),
        Some(root) if !root.public => Err(Refused::NotPublic),
        Some(_) => Ok(()),
    }
}

/// One may take back one's own, and relayables on one's own root.
fn check_retraction(
    retraction: &Retraction,
    sender: &DiasporaId,
    route: Route<'_>,
    known: &Known,
) -> Result<(), Refused> {
    let (kind, guid) = (&retraction.target_kind, &retraction.target_guid);
    if matches!(kind, Kind::Other(_)) {
        return Err(Invalid::Unknown.into()); // nothing of that kind can ever arrive
    }
    let target = known.target.as_ref().filter(|target| &target.kind == kind && &target.guid == guid);
    let target = target.ok_or(Refused::TargetUnknown)?;
    let root = target.root();
    if sender != &target.author && !(kind.is_relayable() && sender == &root.author) {
        return Err(Refused::Sender);
    }
    if route.is_public() && !root.public { Err(Refused::NotPublic) } else { Ok(()) }
}

fn check_migration(migration: &AccountMigration, known: &Known) -> Result<(), Refused> {
    if migration.signature.is_none() {
        return Err(Refused::AuthorSignature);
    }
    let key = known.author_key.as_ref().ok_or(Refused::AuthorKeyUnknown)?;
    if migration.signature_verifies(key) { Ok(()) } else { Err(Refused::AuthorSignature) }
}

/// Where the conversation is stored, author and recipient must both be in it. Where it is not, or
/// the author moved and nobody has said so yet, the caller keeps the message for later.
fn check_message(message: &Message, route: Route<'_>, known: &Known) -> Result<(), Refused> {
    let Some(participants) = &known.participants else { return Ok(()) };
    if !participants.contains(&message.author) {
        return Err(Refused::NotInConversation);
    }
    match route {
        Route::Private { recipient } if !participants.contains(recipient) => Err(Refused::Recipient),
        _ => Ok(()),
    }
}
