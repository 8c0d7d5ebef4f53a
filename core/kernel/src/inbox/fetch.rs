//! What a message makes this pod look up elsewhere, within a budget, so that nobody can make it run errands:
//! so many look-ups for one message, so many at one host, so deep, and nothing twice. A message for which that is
//! not enough comes again, once, with a larger budget.
use super::{
    chain::Beyond,
    errands::{Asking, Errand, Miss},
    places::Cause,
    receive::{Wanted, admit, process},
    stop::Stop,
    store,
};
use crate::{
    Error, Pod, Result,
    env::{FetchError, FetchRequest},
    person::{self, Person},
    post::Arrival,
};
use pappus_federation::{
    entity::Kind,
    id::{DiasporaId, DiasporaUri, Guid},
    receive::Route,
};
use std::collections::{HashMap, HashSet, VecDeque};
use url::Url;

const LONGEST: usize = 2 * 1024 * 1024;

/// What is left for one message.
#[derive(Debug)]
pub(super) struct Budget {
    fetches: u8,
    per_host: u8,
    discoveries: u8,
    level: u8,
    at_host: HashMap<String, u8>,
    asked: HashSet<(&'static str, String, String)>,
    links: VecDeque<(DiasporaUri, u8)>,
    arrival: Arrival,
    fell_short: bool,
    cause: Cause,
}

/// A message leads to something that leads to something that leads to something: no further (`chain` goes on).
const DEPTH: u8 = 3;
/// Links in texts that are followed for one message.
pub(super) const LINKS: usize = 5;

impl Budget {
    /// For what somebody's message makes this pod look up.
    pub(super) fn of(cause: Cause) -> Self {
        Self {
            fetches: 6,
            per_host: 4,
            discoveries: 12,
            level: 0,
            at_host: HashMap::new(),
            asked: HashSet::new(),
            links: VecDeque::new(),
            arrival: Arrival::News,
            fell_short: false,
            cause,
        }
    }

    /// For a message that needed more than its budget.
    pub(super) fn larger(cause: Cause) -> Self {
        let usual = Self::of(cause);
        Self {
            fetches: 2 * usual.fetches,
            per_host: 2 * usual.per_host,
            discoveries: 2 * usual.discoveries,
            ..usual
        }
    }

    /// For work that this pod wants by itself: `fetches` things, of which nobody is told.
    pub(super) fn catching_up(fetches: u8, discoveries: u8) -> Self {
        Self {
            fetches,
            per_host: fetches,
            discoveries,
            arrival: Arrival::CatchingUp,
            ..Self::of(Cause::ours())
        }
    }

    /// Somebody of this pod signed what is looked at.
    pub(super) fn caused_by(&mut self, host: &str) {
        self.cause = Cause::pod(host);
    }

    /// Why something is looked up.
    pub(super) const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Whether members hear of what is stored within this budget.
    pub(super) const fn arrival(&self) -> Arrival {
        self.arrival
    }

    /// Whether something was not looked up because there had been enough: it may be had another time.
    pub(super) const fn fell_short(&self) -> bool {
        self.fell_short
    }

    /// Finds a person: here, or with one of the message's look-ups elsewhere.
    pub(super) async fn discover(&mut self, pod: &Pod, id: &DiasporaId) -> Result<Person> {
        let known = person::store::find_by_diaspora_id(&mut pod.db.read().await?, id.as_str()).await?;
        if let Some(person) = known {
            return Ok(person);
        }
        let Some(left) = self.discoveries.checked_sub(1) else {
            self.fell_short = true;
            return Err(Error::Remote("the message names more people than are looked up for one".into()));
        };
        self.discoveries = left;
        let errand = Errand { host: id.host(), name: "person", guid: id.as_str() };
        let asking = self.admit(pod, &errand).await?;
        let found = person::discover(pod, id).await;
        drop(asking);
        if matches!(found, Ok(_) | Err(Error::NotFound)) {
            pod.errands.answered(id.host(), pod.clock.now());
        }
        if let Err(error) = &found {
            let miss = if matches!(error, Error::NotFound) { Miss::Absent } else { Miss::Away };
            pod.errands.missed(&errand, miss, pod.clock.now());
        }
        found
    }

    /// Gets something public from somebody's pod and takes it in as if it had been sent. Ok means that the
    /// pod was asked and that a second question would not help; whether the thing is here now, rows say.
    pub(super) async fn fetch(
        &mut self,
        pod: &Pod,
        kind: &Kind,
        guid: &Guid,
        from: &DiasporaId,
    ) -> Result<(), Stop> {
        self.ask(pod, kind, guid, from, Route::Fetch, Wanted::This(kind, guid)).await
    }

    /// Gets a comment from its author's pod that the pod of a root lists below that root.
    pub(super) async fn fetch_listed(
        &mut self,
        pod: &Pod,
        guid: &Guid,
        author: &DiasporaId,
        root: &Guid,
    ) -> Result<(), Stop> {
        let wanted = Wanted::CommentOn { root, guid };
        self.ask(pod, &Kind::Comment, guid, author, Route::Listed, wanted).await
    }

    async fn ask(
        &mut self,
        pod: &Pod,
        kind: &Kind,
        guid: &Guid,
        from: &DiasporaId,
        route: Route<'static>,
        wanted: Wanted<'_>,
    ) -> Result<(), Stop> {
        let Some(name) = kind.fetch_name() else { return Ok(()) };
        let host = from.host();
        if host == pod.site().host() {
            return Ok(()); // it would be here
        }
        if !self.asked.insert((name, guid.to_string(), host.to_owned())) {
            return Ok(()); // references in a circle
        }
        admit(pod, from).await?;
        let errand = Errand { host, name, guid: guid.as_str() };
        if pod.errands.missing(&errand, pod.clock.now()) == Some(Miss::Absent) {
            return Ok(());
        }
        if self.level >= DEPTH {
            let (kind, guid, from) = (kind.clone(), guid.clone(), from.clone());
            return Err(Stop::Deep(Box::new(Beyond { kind, guid, from, cause: self.cause.clone() })));
        }
        if let Err(spent) = self.spend(host) {
            self.fell_short = true;
            return Err(spent);
        }
        let asking = self.admit(pod, &errand).await?;
        let got = get(pod, &errand).await;
        drop(asking);
        if got.is_ok() {
            pod.errands.answered(host, pod.clock.now());
        }
        match &got {
            Ok(Some(_)) => {}
            Ok(None) => pod.errands.missed(&errand, Miss::Absent, pod.clock.now()),
            Err(_) => pod.errands.missed(&errand, Miss::Away, pod.clock.now()),
        }
        let Some(envelope) = got? else { return Ok(()) };
        self.level += 1;
        let done = Box::pin(process(pod, &envelope, route, wanted, None, self)).await;
        self.level -= 1;
        match done {
            // what was fetched is no good: the outer message decides what that means
            Err(refused @ (Stop::Refused(_) | Stop::Denied(_))) => {
                tracing::info!(%guid, %refused, "a fetched entity was refused");
                pod.errands.missed(&errand, Miss::Absent, pod.clock.now());
                Ok(())
            }
            // it is the sender of what was fetched, not of what led to it
            Err(Stop::UnknownSender(Error::NotFound | Error::Unusable(_))) => Ok(()),
            Err(Stop::UnknownSender(error)) => Err(error.into()),
            done => done,
        }
    }

    async fn admit<'a>(&mut self, pod: &'a Pod, errand: &Errand<'_>) -> Result<Asking<'a>> {
        let now = pod.clock.now();
        let mut asking = pod.errands.admit(errand, &self.cause, now);
        // there is room left for those with whom a member shares
        if asking.is_err()
            && let Some(host) = self.cause.may_be_trusted()
            && store::is_shared_with(&mut pod.db.read().await?, host).await?
        {
            self.cause = self.cause.trusted();
            asking = pod.errands.admit(errand, &self.cause, now);
        }
        self.fell_short |= asking.is_err() && pod.errands.missing(errand, now).is_none();
        asking
    }

    fn spend(&mut self, host: &str) -> Result<(), Stop> {
        self.fetches = self.fetches.checked_sub(1).ok_or(Stop::Spent)?;
        let there = self.at_host.entry(host.to_owned()).or_default();
        *there += 1;
        if *there > self.per_host { Err(Stop::Spent) } else { Ok(()) }
    }

    /// Remembers links in a text that was stored, as far as they will be followed.
    pub(super) fn note(&mut self, links: Vec<DiasporaUri>) {
        if self.level < DEPTH {
            let room = LINKS.saturating_sub(self.links.len());
            self.links.extend(links.into_iter().take(room).map(|link| (link, self.level)));
        }
    }

    /// The links that were noted.
    pub(super) fn take_links(&mut self) -> Vec<DiasporaUri> {
        self.links.drain(..).map(|(link, _)| link).collect()
    }

    /// The next link to follow; what it leads to counts as one step deeper.
    pub(super) fn next_link(&mut self) -> Option<DiasporaUri> {
        let (link, level) = self.links.pop_front()?;
        self.level = level;
        Some(link)
    }
}

/// The envelope; none when the pod is there and does not have it, or must not be asked.
async fn get(pod: &Pod, errand: &Errand<'_>) -> Result<Option<Vec<u8>>, Stop> {
    let Errand { host, name, guid } = errand;
    let url = Url::parse(&format!("https://{host}/fetch/{name}/{guid}")).map_err(Error::internal)?;
    let request = FetchRequest::get(url, "application/magic-envelope+xml", LONGEST);
    match pod.fetch.send(request).await {
        Ok(answer) if answer.is_success() => Ok(Some(answer.body)),
        Ok(answer) if answer.status < 500 => Ok(None),
        Ok(answer) => Err(Error::Remote(format!("HTTP {} from {}", answer.status, answer.url)).into()),
        Err(FetchError::Refused(_) | FetchError::TooLong(_)) => Ok(None),
        Err(FetchError::Network(error)) => Err(Error::Remote(format!("{host}: {error}")).into()),
    }
}
