//! How a conversation stands with one member: read, muted, hidden. The others are never told.
use super::{show::Thread, store};
use crate::{Error, Pod, Result, access::Owner};

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In the list; new messages are shown and counted.
    Open,
    /// In the list; what comes from now on is kept, and neither shown nor counted until it is open again.
    Muted,
    /// Muted, and not in the list.
    Hidden,
}

impl State {
    /// As forms send it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Muted => "muted",
            Self::Hidden => "hidden",
        }
    }

    /// What a form sent.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Muted, Self::Hidden].into_iter().find(|state| state.name() == name)
    }
}

/// Mutes, hides or opens again. Opening shows what came meanwhile, as unread.
pub async fn set_state(pod: &Pod, who: Owner, key: &str, state: State) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    let conversation = store::find_visible(&mut tx, who.user(), key).await?.ok_or(Error::NotFound)?;
    match state {
        State::Open => store::open(&mut tx, who, conversation.id).await?,
        State::Muted => store::mute(&mut tx, who.user(), conversation.id, false).await?,
        State::Hidden => store::mute(&mut tx, who.user(), conversation.id, true).await?,
    };
    Ok(tx.commit().await?)
}

/// The member has seen this thread: only what it shows counts as read, not what came since.
pub async fn mark_read(pod: &Pod, who: Owner, thread: &Thread) -> Result<()> {
    if thread.unread == 0 {
        return Ok(());
    }
    let mut tx = pod.db.begin_durable().await?;
    store::mark_read(&mut tx, who.user(), thread.id, thread.unread).await?;
    Ok(tx.commit().await?)
}
