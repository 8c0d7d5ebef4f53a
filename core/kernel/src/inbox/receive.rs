//! One message from another pod: open, find the sender's key, verify, find what it refers to, decide,
//! store. The rules of who may send what are the federation crate's (`receive`).
use super::{
    Waiting, apply, chain, early,
    fetch::Budget,
    gather::{gather, key_of},
    is_full, links,
    places::Cause,
    seen::Seen,
    stop::{Denied, Stop},
    store, thread,
};
use crate::{
    Error, Pod, Result, account,
    id::{PersonId, UserId},
    job::{self, Failure, Job},
    moderation,
    outbox::{self, Outgoing},
    person::{self, Person},
    remote_pod,
};
use pappus_federation::{
    entity::{Entity, Kind, Outline},
    id::{DiasporaId, Guid},
    receive::{self, Authentic, Payload, Refused, Route},
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
    /// Where it came from.
    #[serde(default)]
    pub(super) from: String,
}

/// Before a message that needs a larger budget is looked at again.
const AFTER_SPENDING: Duration = Duration::from_mins(5);

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

impl Job for Receive {
    const KIND: &'static str = "receive";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let mut seen = Seen::default();
        let Err(stop) = self.receive(&pod, &mut seen).await else {
            seen.accepted(&pod);
            return Ok(());
        };
        // anybody can send what cannot be checked, and as much of it as they like
        let stop = match stop {
            Stop::UnknownSender(_) if is_full(&pod, Waiting::Tried).await? => Denied::Crowded.into(),
            stop => stop,
        };
        let (kind, reason, why) = (stop.kind(), stop.to_string(), seen.tell(&stop));
        let failed = match stop {
            Stop::Spent | Stop::Deep(_) => self.come_again(&pod, &stop, why).await,
            stop => Err(failure(stop, why, seen.is_authentic())),
        };
        // what comes again does so as a job of its own
        let stage = failed.as_ref().err().map_or(job::Stage::First, job::stage);
        seen.stopped(&pod, kind, reason, stage);
        failed
    }
}

/// What a reason means for the message: whether it may be fine later, and when.
fn failure(stop: Stop, why: String, is_authentic: bool) -> Failure {
    match stop {
        Stop::Refused(refused) if refused.is_final() => Failure::Drop(why),
        // what it refers to may be on its way
        Stop::Refused(_) => Failure::Missing(Error::Remote(why)),
        Stop::Denied(_) | Stop::Suspended(_) => Failure::Drop(why),
        // it is from who it says; only some pod that it leads to is not there
        Stop::Failed(Error::Remote(_)) if is_authentic => Failure::Away(Error::Remote(why)),
        // it has a patience of its own
        Stop::Failed(error @ Error::Storage(_)) => Failure::Retry(error),
        _ => Failure::Retry(Error::Remote(why)),
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
        let cause = Cause::address(&self.from);
        let mut budget = if self.again { Budget::larger(cause) } else { Budget::of(cause) };
        self.open(pod, &mut budget, seen).await?;
        links::queue(pod, budget.take_links(), budget.cause()).await?;
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
            say_farewell(pod, user, &envelope, budget, seen).await?;
            return Err(Denied::RecipientClosed.into());
        }
        let route = Route::Private { recipient: &recipient };
        Box::pin(take(pod, &envelope, route, sent, Some(user), budget, seen)).await
    }
}

/// Whoever writes to a closed account is told that it is closed, once their signature is checked; what they
/// wrote is looked at by nobody.
async fn say_farewell(
    pod: &Pod,
    user: UserId,
    envelope: &[u8],
    budget: &mut Budget,
    seen: &mut Seen,
) -> Result<(), Stop> {
    let now = pod.clock.now();
    let opened = receive::open(envelope)?;
    let sender = sender(pod, &opened, budget, seen).await?;
    read(pod, &opened.authenticate(&key_of(pod, sender.id).await?)?, seen)?;
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
    match &outcome {
        Ok(()) => seen.accepted(pod),
        Err(stop) if stop.is_verdict() => seen.stopped(pod, stop.kind(), stop.to_string(), job::Stage::Last),
        // whatever wanted it says so
        Err(_) => {}
    }
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
    let sender = sender(pod, &opened, budget, seen).await?;
    if sender.closed {
        return Err(Denied::SenderClosed.into());
    }
    let ignored = match recipient {
        Some(user) => store::blocks(&mut pod.db.read().await?, user, sender.id).await?,
        None => false,
    };
    let authentic = authenticated(pod, opened, sender.id).await?;
    if !route.is_fetched() {
        budget.caused_by(seen.host());
    }
    // whoever sends is awake, whatever becomes of what they say
    remote_pod::heard_of(pod, seen.host()).await?;
    let payload = read(pod, &authentic, seen)?;
    if ignored && !is_own_interaction(&payload) {
        return Err(Denied::Ignored.into());
    }
    // nobody of this pod sends from elsewhere, but for the word that they moved there
    if sender.local && !matches!(payload.entity(), Entity::AccountMigration(_)) {
        return Err(Denied::Ours.into());
    }
    payload.precheck(route)?;
    if !wanted.is(payload.entity()) {
        return Err(Denied::NotAsked.into());
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

/// Who says to have sent it, known here or found.
async fn sender(
    pod: &Pod,
    opened: &receive::Opened,
    budget: &mut Budget,
    seen: &mut Seen,
) -> Result<Person, Stop> {
    seen.claimed(opened.sender());
    admit(pod, opened.sender()).await?;
    match budget.discover(pod, opened.sender()).await {
        Ok(person) => Ok(person),
        Err(error @ (Error::Storage(_) | Error::Internal(_))) => Err(error.into()),
        Err(error) => Err(Stop::UnknownSender(error)),
    }
}

/// What a signed message is. That it is nothing valid is told of its sender all the same.
fn read(pod: &Pod, authentic: &Authentic, seen: &mut Seen) -> Result<Payload, Stop> {
    seen.authentic();
    match authentic.read(time::Timestamp::from_micros(pod.clock.now().0)) {
        Ok(payload) => {
            seen.about(Some(Outline::from(payload.entity())));
            Ok(payload)
        }
        Err(refused) => {
            seen.about(authentic.outline());
            Err(refused.into())
        }
    }
}

/// A signature by another key than the one that is kept may mean that the person's pod has a new one: it is
/// asked, and an admin is told.
async fn authenticated(pod: &Pod, opened: receive::Opened, sender: PersonId) -> Result<Authentic, Stop> {
    match opened.authenticate(&key_of(pod, sender).await?) {
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
