//! Why a message goes no further: the reasons that the log, the figures and the trace name.
use super::chain::Beyond;
use crate::Error;
use pappus_federation::{id::DiasporaId, receive::Refused};

/// Why a message was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// By the protocol's rules.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// By this pod's own.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// An admin suspended whoever sent or wrote it.
    #[error("{0} is suspended on this pod")]
    Suspended(DiasporaId),
    /// Whoever says to have sent it is not to be found: nothing in it was checked.
    #[error("its sender was not found: {0}")]
    UnknownSender(Error),
    #[error(transparent)]
    Failed(#[from] Error),
    /// It refers to more things than are looked up.
    #[error("it refers to more than is looked up for one message")]
    Spent,
    /// It refers to something that refers to something, and so on.
    #[error("it stands at the end of a longer chain than is followed")]
    Deep(Box<Beyond>),
}

/// Why this pod does not take what the protocol would allow. None of it is ever tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Denied {
    #[error("its sender closed their account or moved")]
    SenderClosed,
    #[error("its recipient closed their account or moved")]
    RecipientClosed,
    #[error("its recipient ignores its sender")]
    Ignored,
    #[error("its recipient does not know its sender, or it has the name of something of somebody else")]
    Stranger,
    #[error("its sender is from this pod, and it came from elsewhere")]
    Ours,
    #[error("it is not what was asked for")]
    NotAsked,
    #[error("what it is about was taken back")]
    Gone,
    #[error("the post's author does not want it, or did not show its author the post")]
    Unwanted,
    #[error("too many messages of unknown senders wait")]
    Crowded,
}

impl Stop {
    /// A short stable name, for counting.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.kind(),
            Self::Denied(denied) => denied.kind(),
            Self::Suspended(_) => "suspended",
            Self::UnknownSender(_) => "unknown_sender",
            Self::Failed(Error::Remote(_) | Error::Unusable(_)) => "unreachable",
            Self::Failed(_) => "failed",
            Self::Spent | Self::Deep(_) => "spent",
        }
    }

    /// Whether it is a verdict over the very thing, and not over what is needed for one.
    pub(super) const fn is_verdict(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Denied(_) | Self::Suspended(_) | Self::UnknownSender(_))
    }
}

impl Denied {
    const fn kind(self) -> &'static str {
        match self {
            Self::SenderClosed => "sender_closed",
            Self::RecipientClosed => "recipient_closed",
            Self::Ignored => "ignored",
            Self::Stranger => "stranger",
            Self::Ours => "ours",
            Self::NotAsked => "not_asked",
            Self::Gone => "gone",
            Self::Unwanted => "unwanted",
            Self::Crowded => "crowded",
        }
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}
