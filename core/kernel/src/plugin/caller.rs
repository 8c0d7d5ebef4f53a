//! On whose behalf a plugin is called, and what it may do there: the one place where that is decided.
use std::sync::Arc;

use super::{Capability, Grants, Slug};
use crate::{Pod, access::Owner, id::UserId};

/// Who looks at a page, or acts on one.
#[derive(Clone)]
pub struct Looking {
    pub pod: Arc<Pod>,
    /// None for visitors.
    pub viewer: Option<Member>,
    /// The language in which the plugin's words will be read.
    pub locale: String,
    /// As in the pod's log.
    pub request_id: String,
}

/// A signed-in member, as plugins know them.
#[derive(Debug, Clone)]
pub struct Member {
    pub owner: Owner,
    pub diaspora_id: String,
    pub is_admin: bool,
}

/// One call of a hook, as the pod sees it: the plugin, its grants, and who looks or acts.
#[derive(Clone)]
pub struct Caller {
    pub looking: Looking,
    pub slug: Slug,
    pub grants: Arc<Grants>,
    /// While a member uses a form of the plugin: the attachment that it is about.
    pub acting_on: Option<String>,
}

/// Why the pod does not do what a plugin asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("not granted")]
    Denied,
    #[error("there is no such thing, or not for this person")]
    NotFound,
    #[error("invalid: {0}")]
    Invalid(String),
    #[error("it is there already")]
    Conflict,
    #[error("over its quota: {0}")]
    Quota(String),
    #[error("the pod failed")]
    Internal,
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Self {
        use crate::Error;
        match error {
            Error::NotFound => Self::NotFound,
            Error::Forbidden(_) => Self::Denied,
            Error::Conflict(_) => Self::Conflict,
            Error::Invalid(invalid) => Self::Invalid(invalid.to_string()),
            error => {
                tracing::error!(%error, "what a plugin asked for failed: {error}");
                Self::Internal
            }
        }
    }
}

impl Looking {
    /// The member, if it is one.
    pub fn owner(&self) -> Option<Owner> {
        self.viewer.as_ref().map(|member| member.owner)
    }
}

impl Caller {
    /// Whether the administrator granted it.
    pub fn may(&self, capability: Capability) -> Result<(), Refusal> {
        if self.grants.capabilities.contains(&capability) { Ok(()) } else { Err(Refusal::Denied) }
    }

    /// The member with this number, if the plugin may act for them: in a member's own call that is nobody but
    /// them.
    pub fn acting_for(&self, user: UserId) -> Result<Owner, Refusal> {
        let owner = self.looking.owner().filter(|owner| owner.user() == user);
        owner.ok_or(Refusal::Denied)
    }

    /// The same, to do something to the attachment that their form named: looking at a page does nothing.
    pub fn acting_on(&self, user: UserId, attachment: &str) -> Result<Owner, Refusal> {
        let who = self.acting_for(user)?;
        if self.acting_on.as_deref() == Some(attachment) { Ok(who) } else { Err(Refusal::Denied) }
    }
}
