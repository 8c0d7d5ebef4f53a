//! Row ids, one type per table, and time. No bare `i64` crosses a function boundary.
use std::time::Duration;

/// Defines row ids: an `i64` to both databases and to JSON, its own type to Rust.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// An account of this pod.
    UserId,
    /// An identity, local or remote.
    PersonId,
    AspectId,
    ContactId,
    PostId,
    CommentId,
    LikeId,
    CommentLikeId,
    AnswerId,
    PhotoId,
    MediaId,
    ConversationId,
    MessageId,
    NotificationId,
    SessionId,
    RemotePodId,
    JobId,
    PayloadId,
    DeliveryId,
    TagId,
    BlockId,
    DraftId,
}

/// Microseconds since the Unix epoch: `BIGINT` in both databases, so it sorts and compares the same.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This much later; stays at the end of time rather than wrapping.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(micros(by)))
    }

    /// This much earlier.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(micros(by)))
    }

    /// Whole seconds since the Unix epoch, never negative.
    pub fn seconds(self) -> u64 {
        u64::try_from(self.0 / 1_000_000).unwrap_or(0)
    }
}

fn micros(by: Duration) -> i64 {
    i64::try_from(by.as_micros()).unwrap_or(i64::MAX)
}
