//! What a verdict depends on: keys, parents, roots and targets, from here or from where they are at home.
use super::{
    fetch::Budget,
    receive::{admit, parse_id},
    related,
    stop::{Denied, Stop},
    store,
};
use crate::{Error, Pod, Result, conversation, id::PersonId, person};
use pappus_federation::{
    entity::Kind,
    id::{DiasporaId, Guid},
    key::PublicKey,
    receive::{Known, Needs, Payload, Reference, Refused, Related, Route},
};

pub(super) async fn key_of(pod: &Pod, person: PersonId) -> Result<PublicKey> {
    let pem = person::store::public_key(&mut pod.db.read().await?, person).await?.ok_or(Error::NotFound)?;
    PublicKey::from_pem(&pem).map_err(Error::internal)
}

/// Looks up what the verdict depends on; what is public and missing is fetched once.
pub(super) async fn gather(
    pod: &Pod,
    payload: &Payload,
    needs: &Needs,
    route: Route<'_>,
    budget: &mut Budget,
) -> Result<Known, Stop> {
    let mut known = Known::default();
    if let Some(parent) = &needs.parent {
        known.parent = find(pod, &parent.kind, &parent.guid).await?;
        // nobody is looked up for the sake of what its sender may not send
        if let Some(parent) = &known.parent {
            payload.check_way(parent, route, &pod.site().host())?;
        }
    }
    if let Some(author) = &needs.author_key {
        if author == payload.sender() {
            known.author_key = Some(payload.sender_key().clone());
        } else {
            admit(pod, author).await?;
            known.author_key = Some(author_key(pod, author, budget).await?);
        }
    }
    if let Some(parent) = needs.parent.as_ref().filter(|_| known.parent.is_none()) {
        payload.check_author(known.author_key.as_ref())?;
        // who sends a relayable of others is the root's author, or it is refused: their pod has the root
        known.parent = find_or_fetch(pod, parent, Some(payload.sender()), budget).await?;
    }
    if let Some(root) = &needs.root {
        known.root = find_or_fetch(pod, root, None, budget).await?;
    }
    if let Some(target) = &needs.target {
        known.target = find_target(pod, target, payload.sender()).await?;
        // as the entity's author it names whose that was; a lie there stops nothing but its own retraction
        let (sender, author) = (payload.sender(), payload.entity().author());
        if known.target.is_none()
            && is_retracted(pod, &target.kind, &target.guid, sender, Some(author)).await?
        {
            // it is gone already: an answer is owed to nobody, and waiting for it would be for ever
            return Err(Denied::Gone.into());
        }
    }
    if let Some(conversation) = &needs.conversation {
        known.participants = participants(pod, conversation).await?;
    }
    tracing::trace!(entity = payload.entity().name(), "gathered");
    Ok(known)
}

/// Of somebody else than the sender.
async fn author_key(pod: &Pod, author: &DiasporaId, budget: &mut Budget) -> Result<PublicKey, Stop> {
    match budget.discover(pod, author).await {
        Ok(person) => Ok(key_of(pod, person.id).await?),
        // their pod answers, and not with them
        Err(Error::NotFound | Error::Unusable(_)) => Err(Refused::AuthorKeyUnknown.into()),
        Err(error) => Err(error.into()),
    }
}

/// What is not here is asked for first at `nearer`, where there is one, then where the message says. Only
/// public things can be fetched, so that a message came privately does not matter: pods tell of public posts
/// that way, too.
async fn find_or_fetch(
    pod: &Pod,
    what: &Reference,
    nearer: Option<&DiasporaId>,
    budget: &mut Budget,
) -> Result<Option<Related>, Stop> {
    if let Some(found) = find(pod, &what.kind, &what.guid).await? {
        return Ok(Some(found));
    }
    let Some(from) = what.fetch_from.as_ref() else { return Ok(None) };
    // what was retracted must not come back, and waiting for it would be for ever; its author is one of the two
    if is_retracted(pod, &what.kind, &what.guid, from, nearer).await? {
        return Err(Denied::Gone.into());
    }
    let elsewhere = nearer.filter(|nearer| nearer.host() != from.host());
    for place in elsewhere.into_iter().chain([from]) {
        budget.fetch(pod, &what.kind, &what.guid, place).await?;
        if let Some(found) = find(pod, &what.kind, &what.guid).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What a retraction names. Of a guid that two people claim, the sender means their own.
async fn find_target(pod: &Pod, target: &Reference, sender: &DiasporaId) -> Result<Option<Related>> {
    if target.kind == Kind::Person {
        let mut conn = pod.db.read().await?;
        let guid = target.guid.as_str();
        if store::is_called(&mut conn, sender.as_str(), guid).await? {
            return related::themselves(guid, sender.as_str()).map(Some);
        }
    }
    find(pod, &target.kind, &target.guid).await
}

/// Whether something of this name, by `author` or by the other one who may be meant, is gone.
pub(super) async fn is_retracted(
    pod: &Pod,
    kind: &Kind,
    guid: &Guid,
    author: &DiasporaId,
    other: Option<&DiasporaId>,
) -> Result<bool> {
    let by = [author.as_str(), other.unwrap_or(author).as_str()];
    Ok(store::is_retracted(&mut pod.db.read().await?, kind.as_str(), guid.as_str(), by).await?)
}

/// What is stored under this name, with what it hangs on.
pub(super) async fn find(pod: &Pod, kind: &Kind, guid: &Guid) -> Result<Option<Related>> {
    let mut conn = pod.db.read().await?;
    related::find(&mut conn, kind, guid.as_str()).await
}

/// The name of the element that a kind travels as.
pub(crate) const fn raw_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Like => "like",
        Kind::Photo => "photo",
        Kind::Poll => "poll",
        Kind::Event => "event",
        Kind::PollParticipation => "poll_participation",
        Kind::EventParticipation => "event_participation",
        _ => "",
    }
}

async fn participants(pod: &Pod, conversation: &Guid) -> Result<Option<Vec<DiasporaId>>> {
    let all = conversation::store::participants(&mut pod.db.read().await?, conversation.as_str()).await?;
    let ids = all.iter().map(|id| parse_id(id)).collect::<Result<Vec<_>>>()?;
    Ok(Some(ids).filter(|ids| !ids.is_empty()))
}
