//! What other pods send. It is stored before it is looked at: the answer is 202, and a job does the rest.
mod apply;
mod archived;
mod bring;
mod catch_up;
mod chain;
mod early;
mod errands;
mod fetch;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
mod gather;
mod hand_out;
mod links;
mod places;
mod receive;
mod related;
mod seen;
mod serve;
mod stop;
mod store;
mod thread;

pub(crate) use archived::{Archived, take_archived};
pub(crate) use bring::{Brought, bring, did_not_answer, is_here};
pub use catch_up::{CatchUp, catch_up};
pub use chain::FollowChain;
pub use errands::Errands;
pub(crate) use gather::raw_name;
pub use hand_out::{Hanging, ThreadPage, thread_page};
pub use links::FollowLinks;
pub use receive::Receive;
pub use serve::{Fetchable, fetchable};
pub use thread::{FetchThread, refresh_thread};

use crate::{Error, Pod, Result, id::UserId, job, person::Person};
use pappus_federation::id::DiasporaId;

/// What came, and from where.
#[derive(Debug)]
pub struct Delivery {
    /// The body of the request.
    pub body: Vec<u8>,
    /// Whose connection it was: an address, or the part of it that one customer has. Empty where it is not known.
    pub from: String,
}

impl From<Vec<u8>> for Delivery {
    fn from(body: Vec<u8>) -> Self {
        Self { body, from: String::new() }
    }
}

/// Takes a public envelope.
pub async fn accept_public(pod: &Pod, came: impl Into<Delivery>) -> Result<()> {
    queue(pod, None, came.into()).await
}

/// Takes an encrypted envelope for the member whose person has this guid.
pub async fn accept_private(pod: &Pod, guid: &str, came: impl Into<Delivery>) -> Result<()> {
    let recipient = store::recipient(&mut pod.db.read().await?, guid).await?;
    let Some(recipient) = recipient else {
        turned_away("no_recipient");
        return Err(Error::NotFound);
    };
    queue(pod, Some(recipient), came.into()).await
}

/// Finds somebody whom a member's words are for: here, or on their pod if it may be asked now.
pub(crate) async fn find_person(pod: &Pod, id: &DiasporaId) -> Result<Person> {
    fetch::Budget::of(places::Cause::ours()).discover(pod, id).await
}

/// Messages that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Waiting {
    /// Nobody has looked at them yet.
    New,
    /// They were tried before. Most are of senders who could not be found: anybody can send such messages, so they
    /// must not take the place of others, nor that of what an admin is to see.
    Tried,
}

impl Waiting {
    /// So many of them, and so many bytes, wait at most.
    const fn most(self) -> (i64, i64) {
        match self {
            Self::New => (20_000, 1 << 30),
            Self::Tried => (5_000, 1 << 28),
        }
    }
}

/// Whether no more of them may wait; counted every few seconds.
async fn is_full(pod: &Pod, waiting: Waiting) -> Result<bool> {
    let now = pod.clock.now();
    if let Some(full) = pod.errands.inbox_is_full(waiting, now) {
        return Ok(full);
    }
    let (most, most_bytes) = waiting.most();
    let tried = waiting == Waiting::Tried;
    let (count, bytes) = store::waiting(&mut pod.db.read().await?, tried, most).await?;
    let full = count >= most || bytes >= most_bytes;
    if full {
        tracing::warn!(count, bytes, ?waiting, "too many messages wait");
    }
    pod.errands.note_inbox(waiting, full, now);
    Ok(full)
}

/// Counts a message that was not even stored.
pub fn turned_away(result: &'static str) {
    seen::count_refused("unknown", result, "unverified".to_owned());
}

async fn queue(pod: &Pod, recipient: Option<UserId>, came: Delivery) -> Result<()> {
    // other pods are asked to come again later
    if is_full(pod, Waiting::New).await? {
        turned_away("full");
        return Err(Error::TooMany(60));
    }
    let message = Receive { recipient, body: text(came.body), again: false, from: came.from };
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    job::enqueue(&mut tx, &message, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Envelopes are ASCII. What is not text cannot verify anyway, so nothing is lost by reading it as such;
/// PostgreSQL takes no NUL.
fn text(body: Vec<u8>) -> String {
    let text = String::from_utf8(body)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}
