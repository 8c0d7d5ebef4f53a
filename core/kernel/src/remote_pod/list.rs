//! Other pods for whoever runs this one: which have trouble, what waits for them, and why.
use super::{State, log, store};
use crate::{Error, Pod, Result, access::Admin, id::Timestamp};

/// Which pods to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those with this in their host.
    pub text: String,
}

/// Another pod with what waits for it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Row {
    /// Its host.
    pub host: String,
    /// Since when every try failed.
    pub offline_since: Option<Timestamp>,
    /// Failures without a break.
    pub failures: i64,
    /// No try before.
    pub retry_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it last sent something or answered.
    pub last_seen_at: Option<Timestamp>,
    /// Known people there.
    pub people: i64,
    /// Deliveries that wait.
    pub waiting: i64,
    /// When the oldest of them was queued.
    pub oldest: Option<Timestamp>,
    /// An admin suspended it.
    pub blocked: bool,
}

impl Row {
    /// Whether it is sent to.
    pub fn state(&self, now: Timestamp) -> State {
        if self.blocked { State::Blocked } else { State::of(self.offline_since, now) }
    }
}

/// The most that a list shows.
pub const LONGEST_LIST: usize = 200;

/// Known pods, those with trouble first.
pub async fn list(pod: &Pod, _who: Admin, filter: &Filter) -> Result<Vec<Row>> {
    let asleep = pod.clock.now().minus(super::ASLEEP_AFTER);
    let state = filter.state.map_or("", State::name);
    let text = filter.text.trim().to_lowercase();
    Ok(store::list(&mut pod.db.read().await?, state, &text, asleep, LONGEST_LIST).await?)
}

/// A pod with what happened lately.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Details {
    /// The pod.
    #[serde(flatten)]
    pub pod: Row,
    /// Whether it is sent to.
    pub state: State,
    /// What waits, by kind of entity and last error.
    pub queue: Vec<Waiting>,
    /// What happened lately, the newest first.
    pub events: Vec<log::Event>,
}

/// Deliveries of one kind that wait.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Waiting {
    /// The entity's element.
    pub entity: String,
    /// It goes to everybody there.
    pub public: bool,
    /// So many.
    pub count: i64,
    /// Why the other pod refused the last one, where it did.
    pub last_error: Option<String>,
}

/// One pod.
pub async fn show(pod: &Pod, _who: Admin, host: &str) -> Result<Details> {
    let host = host.trim().to_lowercase();
    let mut conn = pod.db.read().await?;
    let row = store::row(&mut conn, &host).await?.ok_or(Error::NotFound)?;
    let queue = store::queue(&mut conn, &host).await?;
    let events = log::of_host(&mut conn, &host, 50).await?;
    Ok(Details { state: row.state(pod.clock.now()), pod: row, queue, events })
}

/// How many pods there are in which state, and what waits for all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Counts {
    /// They answer.
    pub ok: i64,
    /// Single tries after growing pauses.
    pub retrying: i64,
    /// Nothing is sent to them.
    pub asleep: i64,
    /// An admin suspended them.
    pub blocked: i64,
    /// Deliveries that wait.
    pub waiting: i64,
    /// When the oldest of them was queued.
    pub oldest: Option<Timestamp>,
}

impl Counts {
    /// Pods in this state.
    pub const fn of(&self, state: State) -> i64 {
        match state {
            State::Ok => self.ok,
            State::Retrying => self.retrying,
            State::Asleep => self.asleep,
            State::Blocked => self.blocked,
        }
    }
}

/// Pods by state, and the backlog.
pub async fn counts(pod: &Pod) -> Result<Counts> {
    let asleep = pod.clock.now().minus(super::ASLEEP_AFTER);
    Ok(store::counts(&mut pod.db.read().await?, asleep).await?)
}
