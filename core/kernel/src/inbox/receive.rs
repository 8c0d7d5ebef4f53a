//! One message from another pod: open, find the sender's key, verify, find what it refers to, decide,
//! store. The rules of who may send what are the federation crate's (`receive`).
use super::{apply, fetch::Budget, related, store};
use crate::{
    Error, Pod, Result, account, conversation,
    id::{PersonId, UserId},
    job::{Failure, Job},
    moderation,
    outbox::{self, Outgoing},
    person::{self, Person},
};
use pappus_federation::{
    entity::{Entity, Kind},
    id::{DiasporaId, Guid},
    key::PublicKey,
    receive::{self, Known, Needs, Payload, Reference, Refused, Related, Route},
    time,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A message as it came.
#[derive(Debug, Serialize, Deserialize)]
pub struct Receive {
    /// Whose key opens it; none when it came publicly.
    pub(super) recipient: Option<UserId>,
    pub(super) body: String,
}

/// Why a message was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An admin suspended whoever sent or wrote it.
    #[error("{0} is suspended on this pod")]
    Suspended(DiasporaId),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Job for Receive {
    const KIND: &'static str = "receive";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let outcome = self.receive(&pod).await;
        let result = match &outcome {
            Ok(()) => "accepted",
            Err(Stop::Refused(refused)) => refused.kind(),
            Err(Stop::Suspended(_)) => "suspended",
            Err(Stop::Failed(_)) => "failed",
        };
        metrics::counter!("fed_receive_total", "result" => result).increment(1);
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Refused(refused)) if refused.is_final() => Err(Failure::Drop(refused.to_string())),
            Err(Stop::Refused(refused)) => Err(Failure::Retry(Error::Remote(refused.to_string()))),
            Err(stop @ Stop::Suspended(_)) => Err(Failure::Drop(stop.to_string())),
            Err(Stop::Failed(error)) => Err(Failure::Retry(error)),
        }
    }
}

impl Receive {
    async fn receive(&self, pod: &Pod) -> Result<(), Stop> {
        let Some(user) = self.recipient else {
            return Box::pin(process(pod, self.body.as_bytes(), Route::Public, None, &mut Budget::default()))
                .await;
        };
        let Some(recipient) = store::diaspora_id(&mut pod.db.read().await?, user).await? else {
            return Ok(());
        };
        let recipient = parse_id(&recipient)?;
        let key = account::key::of(pod, user).await?;
        let body = self.body.clone().into_bytes();
        let envelope = pod.compute(move || receive::unseal(&body, &key)).await??;
        if store::is_closed(&mut pod.db.read().await?, user).await? {
            return say_farewell(pod, user, &envelope).await;
        }
        let route = Route::Private { recipient: &recipient };
        Box::pin(process(pod, &envelope, route, Some(user), &mut Budget::default())).await
    }
}

/// Whoever writes to a closed account is told that it is closed, once their signature is checked; what they
/// wrote is looked at by nobody.
async fn say_farewell(pod: &Pod, user: UserId, envelope: &[u8]) -> Result<(), Stop> {
    let now = pod.clock.now();
    let opened = receive::open(envelope)?;
    let sender = Budget::default().discover(pod, opened.sender()).await?;
    opened.verify(&key_of(pod, sender.id).await?, time::Timestamp::from_micros(now.0))?;
    let mut tx = pod.db.begin().await?;
    outbox::enqueue(&mut tx, &Outgoing::Farewell { user, recipients: vec![sender.id] }, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Takes one signed envelope, however it came.
pub(super) async fn process(
    pod: &Pod,
    envelope: &[u8],
    route: Route<'_>,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let now = time::Timestamp::from_micros(pod.clock.now().0);
    let opened = receive::open(envelope)?;
    admit(pod, opened.sender()).await?;
    let sender = budget.discover(pod, opened.sender()).await?;
    if sender.closed {
        return Err(Refused::Sender.into());
    }
    let ignored = match recipient {
        Some(user) => store::blocks(&mut pod.db.read().await?, user, sender.id).await?,
        None => false,
    };
    let payload = opened.verify(&key_of(pod, sender.id).await?, now)?;
    if ignored && !is_own_interaction(&payload) {
        return Err(Refused::Sender.into());
    }
    // nobody of this pod sends from elsewhere, but for the word that they moved there
    if sender.local && !matches!(payload.entity(), Entity::AccountMigration(_)) {
        return Err(Refused::Sender.into());
    }
    payload.precheck(route)?;
    let needs = payload.needs();
    let known = gather(pod, &payload, &needs, route, budget).await?;
    let accepted = receive::authorise(payload, route, &pod.site().host(), &known)?;
    tracing::debug!(sender = %accepted.sender, entity = accepted.entity.name(), "accepted");
    apply::apply(pod, accepted, &sender, recipient, budget).await?;
    let failing = store::failing_pod(&mut pod.db.read().await?, sender.id).await?;
    if let Some(remote) = failing {
        outbox::wake(pod, remote).await?;
    }
    Ok(())
}

/// What somebody ignored says below a member's limited post is not dropped in silence: a retraction answers it.
fn is_own_interaction(payload: &Payload) -> bool {
    payload.entity().as_relayable().is_some_and(|it| it.author() == payload.sender())
}

/// Refuses by name, before anything is looked up, whoever an admin suspended.
async fn admit(pod: &Pod, id: &DiasporaId) -> Result<(), Stop> {
    match moderation::admit(pod, id).await {
        Err(Error::Forbidden(_)) => Err(Stop::Suspended(id.clone())),
        answer => Ok(answer?),
    }
}

async fn key_of(pod: &Pod, person: PersonId) -> Result<PublicKey> {
    let pem = person::store::public_key(&mut pod.db.read().await?, person).await?.ok_or(Error::NotFound)?;
    PublicKey::from_pem(&pem).map_err(Error::internal)
}

/// Looks up what the verdict depends on; what is public and missing is fetched once.
async fn gather(
    pod: &Pod,
    payload: &Payload,
    needs: &Needs,
    route: Route<'_>,
    budget: &mut Budget,
) -> Result<Known, Stop> {
    let mut known = Known::default();
    if let Some(author) = &needs.author_key {
        admit(pod, author).await?;
        let person: Person = budget.discover(pod, author).await?;
        known.author_key = Some(key_of(pod, person.id).await?);
    }
    if let Some(parent) = &needs.parent {
        known.parent = find_or_fetch(pod, parent, route, budget).await?;
    }
    if let Some(root) = &needs.root {
        known.root = find_or_fetch(pod, root, route, budget).await?;
    }
    if let Some(target) = &needs.target {
        known.target = find(pod, &target.kind, &target.guid).await?;
        if known.target.is_none() && is_retracted(pod, &target.kind, &target.guid).await? {
            // it is gone already: an answer is owed to nobody, and waiting for it would be for ever
            return Err(Refused::Sender.into());
        }
    }
    if let Some(conversation) = &needs.conversation {
        known.participants = participants(pod, conversation).await?;
    }
    tracing::trace!(entity = payload.entity().name(), "gathered");
    Ok(known)
}

async fn find_or_fetch(
    pod: &Pod,
    what: &Reference,
    route: Route<'_>,
    budget: &mut Budget,
) -> Result<Option<Related>, Stop> {
    if let Some(found) = find(pod, &what.kind, &what.guid).await? {
        return Ok(Some(found));
    }
    // what was retracted must not come back, and waiting for it would be for ever
    if is_retracted(pod, &what.kind, &what.guid).await? {
        return Err(Refused::NotPublic.into());
    }
    // what hangs on a limited post cannot be fetched
    let Some(from) = what.fetch_from.as_ref().filter(|_| route.is_public()) else { return Ok(None) };
    admit(pod, from).await?;
    budget.fetch(pod, &what.kind, &what.guid, from).await?;
    Ok(find(pod, &what.kind, &what.guid).await?)
}

async fn is_retracted(pod: &Pod, kind: &Kind, guid: &Guid) -> Result<bool> {
    Ok(store::is_retracted(&mut pod.db.read().await?, kind.as_str(), guid.as_str()).await?)
}

/// What is stored under this name, with what it hangs on.
pub(super) async fn find(pod: &Pod, kind: &Kind, guid: &Guid) -> Result<Option<Related>> {
    let mut conn = pod.db.read().await?;
    related::find(&mut conn, kind, guid.as_str()).await
}

/// The name of the element that a kind travels as.
pub(super) const fn raw_name(kind: &Kind) -> &'static str {
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

pub(super) fn parse_id(text: &str) -> Result<DiasporaId> {
    text.parse().map_err(Error::internal)
}
