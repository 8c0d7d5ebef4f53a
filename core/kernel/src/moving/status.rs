//! How far a move or an archive has come, for its owner.
use super::{
    export::KEPT,
    store::{self, CountRow},
};
use crate::{
    Error, Pod, Result,
    access::{Admin, Owner},
    account,
    id::{Timestamp, UserId},
};
use serde::Serialize;

/// So many skipped things are listed.
const LISTED: i64 = 1_000;

/// Every kind of thing in an archive.
pub const KINDS: &[&str] =
    &["profile", "aspect", "contact", "block", "tag", "post", "relayable", "reply", "subscription", "others"];

/// Every reason for which a thing is left out.
pub const REASONS: &[&str] = &[
    "invalid",
    "too-large",
    "yourself",
    "unreachable",
    "unknown",
    "closed",
    "ignored",
    "not-yours",
    "by-others",
    "kind",
    "retracted",
    "guid-taken",
    "parent-unknown",
    "parent-gone",
    "pod-away",
    "signature",
    "unwanted",
];

/// How far the move into a member's account has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The identity that moves in.
    pub old_id: String,
    /// When everybody was told. What waits then is to be had from pods that do not answer, and is asked for again.
    pub finished_at: Option<Timestamp>,
    /// By kind, in the order of the work.
    pub counts: Vec<Count>,
    /// How much was left out for each reason.
    pub left_out: Vec<LeftOut>,
    /// What was left out, and why: the first thousand things.
    pub skipped: Vec<Skipped>,
}

/// Things that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct LeftOut {
    /// One of [`REASONS`].
    pub reason: String,
    /// So many.
    pub count: i64,
}

/// Things of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// One of [`KINDS`].
    pub kind: String,
    /// Taken in.
    pub done: i64,
    /// Still to do.
    pub waiting: i64,
    /// Left out.
    pub skipped: i64,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Skipped {
    /// As in [`Count::kind`].
    pub kind: String,
    /// A name, a diaspora* ID or a guid.
    pub label: String,
    /// One of [`REASONS`].
    pub reason: String,
}

/// A member's archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Made {
    /// When the member asked for it.
    pub asked_at: Timestamp,
    /// When it was ready.
    pub made_at: Option<Timestamp>,
    /// How large it is.
    pub bytes: i64,
    /// When it goes.
    pub until: Timestamp,
}

/// The member's own move; none where nobody moves in.
pub async fn progress(pod: &Pod, who: Owner) -> Result<Option<Progress>> {
    of(pod, who.user()).await
}

/// The move of the member with this name.
pub async fn progress_as_operator(pod: &Pod, _who: Admin, username: &str) -> Result<Option<Progress>> {
    let user = account::store::by_username(&mut pod.db.read().await?, username).await?;
    of(pod, user.ok_or(Error::NotFound)?).await
}

async fn of(pod: &Pod, user: UserId) -> Result<Option<Progress>> {
    let mut conn = pod.db.read().await?;
    let Some(id) = store::import_of(&mut conn, user).await? else { return Ok(None) };
    let Some(import) = store::import(&mut conn, id).await? else { return Ok(None) };
    let mut counts: Vec<Count> = Vec::new();
    for CountRow { kind, state, count } in store::counts(&mut conn, id).await? {
        if counts.iter().all(|known| known.kind != kind) {
            counts.push(Count { kind: kind.clone(), ..Count::default() });
        }
        for known in counts.iter_mut().filter(|known| known.kind == kind) {
            match state.as_str() {
                "done" => known.done = count,
                "waiting" => known.waiting = count,
                _ => known.skipped = count,
            }
        }
    }
    let left_out = store::left_out(&mut conn, id).await?;
    let skipped = store::skipped(&mut conn, id, LISTED).await?;
    Ok(Some(Progress { old_id: import.old_id, finished_at: import.finished_at, counts, left_out, skipped }))
}

/// The member's archive; none where none was asked for, or where it is gone.
pub async fn export_state(pod: &Pod, who: Owner) -> Result<Option<Made>> {
    let row = store::export(&mut pod.db.read().await?, who.user()).await?;
    Ok(row.map(|row| Made {
        asked_at: row.asked_at,
        made_at: row.made_at,
        bytes: row.bytes,
        until: row.asked_at.plus(KEPT),
    }))
}
