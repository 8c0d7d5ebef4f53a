//! One message from another pod: open, find the sender's key, verify, find what it refers to, decide,
//! store. The rules of who may send what are the federation crate's (`receive`).
use super::{
    Waiting, apply,
    chain::{self, Beyond},
    early,
    fetch::Budget,
    gather::{gather, key_of},
    is_full, links,
    seen::Seen,
    store, thread,
};
use crate::{
    Error, Pod, Result, account,
    id::{PersonId, UserId},
    job::{self, Failure, Job},
    moderation,
    outbox::{self, Outgoing},
    person, remote_pod,
};
use pappus_federation::{
    entity::{Entity, Kind},
    id::{DiasporaId, Guid},
    receive::{self, Payload, Refused, Route},
    time,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// A message as it came.
#[derive(Debug, Serialize, Deserialize)]
pub struct Receive {
    /// Whose key opens it; none when it came publicly.
    pub(super) recipient: Option<UserId>,
    pub(super) body: String,
    /// It referred to more than is looked up for one message.
    #[serde(default)]
    pub(super) again: bool,
}

/// Before a message that needs a larger budget is looked at again.
const AFTER_SPENDING: Duration = Duration::from_mins(5);

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
    /// It refers to more things than are looked up.
    #[error("it refers to more than is looked up for one message")]
    Spent,
    /// It refers to something that refers to something, and so on.
    #[error("it stands at the end of a longer chain than is followed")]
    Deep(Box<Beyond>),
}

/// What an answer must be to be the one that was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// Nothing was asked for: it was sent.
    Anything,
    /// This one.
    This(&'a Kind, &'a Guid),
    /// A comment or a like with this guid.
    Below(&'a Guid),
    /// This comment on this post.
    CommentOn { root: &'a Guid, guid: &'a Guid },
}

impl Wanted<'_> {
    fn is(self, entity: &Entity) -> bool {
        match (self, entity) {
            (Self::Anything, _) => true,
            (Self::This(Kind::Post, guid), Entity::StatusMessage(_) | Entity::Reshare(_))
            | (Self::This(Kind::Comment, guid), Entity::Comment(_))
            | (Self::Below(guid), Entity::Comment(_) | Entity::Like(_)) => entity.guid() == Some(guid),
            (Self::CommentOn { root, guid }, Entity::Comment(comment)) => {
                &comment.guid == guid && &comment.parent_guid == root
            }
            // these are asked for by their own guid and come inside a post
            (Self::This(Kind::Poll, guid), Entity::StatusMessage(post)) => {
                post.poll.as_ref().is_some_and(|poll| &poll.guid == guid)
            }
            (Self::This(Kind::Event, guid), Entity::StatusMessage(post)) => {
                post.event.as_ref().is_some_and(|event| &event.guid == guid)
            }
            _ => false,
        }
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Job for Receive {
    const KIND: &'static str = "receive";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let mut seen = Seen::default();
        let outcome = self.receive(&pod, &mut seen).await;
        seen.count(&pod, &outcome);
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Refused(refused)) if refused.is_final() => Err(Failure::Drop(seen.tell(refused))),
            // what it refers to may be on its way
            Err(Stop::Refused(refused)) => Err(Failure::Missing(Error::Remote(seen.tell(refused)))),
            Err(stop @ Stop::Suspended(_)) => Err(Failure::Drop(seen.tell(stop))),
            // it is from who it says; only some pod that it leads to is not there
            Err(Stop::Failed(Error::Remote(why))) if seen.is_verified() => {
                Err(Failure::Away(Error::Remote(seen.tell(why))))
            }
            Err(Stop::Failed(Error::Remote(why) | Error::Unusable(why))) => {
                if !is_full(&pod, Waiting::Tried).await? {
                    return Err(Failure::Retry(Error::Remote(seen.tell(why))));
                }
                metrics::counter!("fed_doubtful_dropped_total").increment(1);
                tracing::warn!("too many messages of unknown senders wait: {}", seen.tell(why));
                Ok(())
            }
            Err(Stop::Failed(error)) => Err(Failure::Retry(error)),
            Err(stop @ (Stop::Spent | Stop::Deep(_))) => self.come_again(&pod, &stop, seen.tell(&stop)).await,
        }
    }
}

impl Receive {
    /// Nothing is lost only because much must be looked up for it first; what two tries are not enough for is refused.
    async fn come_again(self, pod: &Pod, stop: &Stop, why: String) -> Result<(), Failure> {
        if self.again {
            return Err(Failure::Drop(why));
        }
        tracing::info!("looked at again later: {why}");
        let again = Self { again: true, ..self };
        if let Stop::Deep(beyond) = stop {
            return chain::go_on(pod, &again, 0, beyond, why).await;
        }
        let now = pod.clock.now();
        let mut tx = pod.db.begin().await?;
        job::enqueue_at(&mut tx, &again, None, now.plus(AFTER_SPENDING), now).await?;
        if job::end_in(&mut tx).await? { Ok(tx.commit().await?) } else { Ok(()) }
    }

    async fn receive(&self, pod: &Pod, seen: &mut Seen) -> Result<(), Stop> {
        let mut budget = if self.again { Budget::larger() } else { Budget::default() };
        self.open(pod, &mut budget, seen).await?;
        links::queue(pod, budget.take_links()).await?;
        Ok(())
    }

    async fn open(&self, pod: &Pod, budget: &mut Budget, seen: &mut Seen) -> Result<(), Stop> {
        let sent = Wanted::Anything;
        let Some(user) = self.recipient else {
            let body = self.body.as_bytes();
            return Box::pin(take(pod, body, Route::Public, sent, None, budget, seen)).await;
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
        Box::pin(take(pod, &envelope, route, sent, Some(user), budget, seen)).await
    }
}

/// Whoever writes to a closed account is told that it is closed, once their signature is checked; what they
/// wrote is looked at by nobody.
async fn say_farewell(pod: &Pod, user: UserId, envelope: &[u8]) -> Result<(), Stop> {
    let now = pod.clock.now();
    let opened = receive::open(envelope)?;
    admit(pod, opened.sender()).await?;
    let sender = Budget::default().discover(pod, opened.sender()).await?;
    opened.verify(&key_of(pod, sender.id).await?, time::Timestamp::from_micros(now.0))?;
    if !may_answer(pod, &sender.diaspora_id, "farewell") {
        return Ok(());
    }
    let mut tx = pod.db.begin().await?;
    outbox::enqueue(&mut tx, &Outgoing::Farewell { user, recipients: vec![sender.id] }, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Whether a message may make this pod send something to whoever sent it; when not, that is counted.
pub(super) fn may_answer(pod: &Pod, diaspora_id: &str, kind: &'static str) -> bool {
    let may = pod.errands.may_answer(diaspora_id, pod.clock.now());
    if !may {
        metrics::counter!("fed_answers_withheld_total", "kind" => kind).increment(1);
        tracing::info!(kind, "{diaspora_id} had enough answers for this hour");
    }
    may
}

/// Takes one signed envelope that was fetched, and writes down what came of it.
pub(super) async fn process(
    pod: &Pod,
    envelope: &[u8],
    route: Route<'_>,
    wanted: Wanted<'_>,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let mut seen = Seen::default();
    let outcome = take(pod, envelope, route, wanted, recipient, budget, &mut seen).await;
    seen.count(pod, &outcome);
    outcome
}

/// Takes one signed envelope, however it came.
async fn take(
    pod: &Pod,
    envelope: &[u8],
    route: Route<'_>,
    wanted: Wanted<'_>,
    recipient: Option<UserId>,
    budget: &mut Budget,
    seen: &mut Seen,
) -> Result<(), Stop> {
    let opened = if route.is_fetched() { receive::open_fetched(envelope) } else { receive::open(envelope) }?;
    seen.claimed(opened.sender());
    admit(pod, opened.sender()).await?;
    let sender = budget.discover(pod, opened.sender()).await?;
    if sender.closed {
        return Err(Refused::Sender.into());
    }
    let ignored = match recipient {
        Some(user) => store::blocks(&mut pod.db.read().await?, user, sender.id).await?,
        None => false,
    };
    let payload = verified(pod, opened, sender.id).await?;
    seen.verified(payload.entity());
    // whoever sends is awake, whatever becomes of what they say
    remote_pod::heard_of(pod, seen.host()).await?;
    if ignored && !is_own_interaction(&payload) {
        return Err(Refused::Sender.into());
    }
    // nobody of this pod sends from elsewhere, but for the word that they moved there
    if sender.local && !matches!(payload.entity(), Entity::AccountMigration(_)) {
        return Err(Refused::Sender.into());
    }
    payload.precheck(route)?;
    if !wanted.is(payload.entity()) {
        return Err(Refused::Sender.into());
    }
    let mut needs = payload.needs();
    let known = gather(pod, &payload, &needs, route, budget).await?;
    let verdict = receive::authorise(payload, route, &pod.site().host(), &known);
    // what is here under the name of theirs may be somebody else's
    if let (Err(Refused::TargetUnknown | Refused::Sender), Some(target)) = (&verdict, &needs.target) {
        early::remember(pod, target, sender.id).await?;
    }
    let accepted = verdict?;
    tracing::debug!(sender = %accepted.sender, entity = accepted.entity.name(), "accepted");
    let late = thread::arrives_late(&accepted.entity, route, pod.clock.now());
    apply::apply(pod, accepted, &sender, recipient, budget).await?;
    budget.note(std::mem::take(&mut needs.links));
    if let Some(guid) = late {
        thread::want_late(pod, &guid, budget.arrival()).await?;
    }
    Ok(())
}

/// A signature by another key than the one that is kept may mean that the person's pod has a new one: it is
/// asked, and an admin is told.
async fn verified(pod: &Pod, opened: receive::Opened, sender: PersonId) -> Result<Payload, Stop> {
    let now = time::Timestamp::from_micros(pod.clock.now().0);
    match opened.verify(&key_of(pod, sender).await?, now) {
        Err(Refused::Signature) => {
            person::refresh::suspect(pod, sender).await?;
            Err(Refused::Signature.into())
        }
        verdict => Ok(verdict?),
    }
}

/// What somebody ignored says below a member's limited post is not dropped in silence: a retraction answers it.
fn is_own_interaction(payload: &Payload) -> bool {
    payload.entity().as_relayable().is_some_and(|it| it.author() == payload.sender())
}

/// Refuses by name, before anything is looked up, whoever an admin suspended.
pub(super) async fn admit(pod: &Pod, id: &DiasporaId) -> Result<(), Stop> {
    match moderation::admit(pod, id).await {
        Err(Error::Forbidden(_)) => Err(Stop::Suspended(id.clone())),
        answer => Ok(answer?),
    }
}

pub(super) fn parse_id(text: &str) -> Result<DiasporaId> {
    text.parse().map_err(Error::internal)
}
