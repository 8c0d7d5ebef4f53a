//! What other pods send. It is stored before it is looked at: the answer is 202, and a job does the rest.
mod apply;
mod catch_up;
mod chain;
mod early;
mod errands;
mod fetch;
mod hand_out;
mod links;
mod receive;
mod related;
mod seen;
mod serve;
mod store;
mod thread;

pub use catch_up::{CatchUp, catch_up};
pub use chain::FollowChain;
pub use errands::Errands;
pub use hand_out::{Hanging, ThreadPage, thread_page};
pub use links::FollowLinks;
pub use receive::Receive;
pub use serve::{Fetchable, fetchable};
pub use thread::{FetchThread, refresh_thread};

use crate::{Error, Pod, Result, job};

/// Takes a public envelope.
pub async fn accept_public(pod: &Pod, body: Vec<u8>) -> Result<()> {
    queue(pod, &Receive { recipient: None, body: text(body), again: false }).await
}

/// Takes an encrypted envelope for the member whose person has this guid.
pub async fn accept_private(pod: &Pod, guid: &str, body: Vec<u8>) -> Result<()> {
    let recipient = store::recipient(&mut pod.db.read().await?, guid).await?.ok_or(Error::NotFound)?;
    queue(pod, &Receive { recipient: Some(recipient), body: text(body), again: false }).await
}

/// So many messages that nobody has looked at yet, or so many bytes of them, wait at most; then other pods are
/// asked to come again later.
const MOST_WAITING: i64 = 20_000;
const MOST_BYTES: i64 = 1 << 30;

async fn is_full(pod: &Pod) -> Result<bool> {
    let now = pod.clock.now();
    if let Some(full) = pod.errands.inbox_is_full(now) {
        return Ok(full);
    }
    let (count, bytes) = store::waiting(&mut pod.db.read().await?, false, MOST_WAITING).await?;
    let full = count >= MOST_WAITING || bytes >= MOST_BYTES;
    if full {
        tracing::warn!(count, bytes, "the inbox is full: other pods are asked to come again later");
    }
    pod.errands.note_inbox(full, now);
    Ok(full)
}

/// So many messages, or bytes, whose sender could not be found wait for another try at most. Anybody can send such
/// messages, so they must not take the place of others, nor that of what an admin is to see.
const MOST_IN_DOUBT: i64 = 5_000;
const MOST_BYTES_IN_DOUBT: i64 = 1 << 28;

/// Whether one more may wait.
async fn may_wait_in_doubt(pod: &Pod) -> Result<bool> {
    let (count, bytes) = store::waiting(&mut pod.db.read().await?, true, MOST_IN_DOUBT).await?;
    Ok(count < MOST_IN_DOUBT && bytes < MOST_BYTES_IN_DOUBT)
}

async fn queue(pod: &Pod, message: &Receive) -> Result<()> {
    if is_full(pod).await? {
        return Err(Error::TooMany(60));
    }
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    job::enqueue(&mut tx, message, now).await?;
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
