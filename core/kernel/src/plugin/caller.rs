//! On whose behalf a plugin is called, and what it may do there: the one place where that is decided.
use std::sync::Arc;

use super::{Capability, Enabled, Grants, Slug, member};
use crate::{Pod, access::Owner, id::UserId};

/// Who looks at a page, or acts on one.
#[derive(Clone)]
pub struct Looking {
    pub pod: Arc<Pod>,
    /// None for visitors.
    pub viewer: Option<Member>,
    /// The language in which the plugin's words will be read.
    pub locale: String,
    /// Of the clocks of whoever it is for, as an IANA name.
    pub timezone: String,
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
    /// It is called for nobody's page or form: then it may act for members who let it.
    pub background: bool,
    /// A page is only looked at: whatever leads a browser there must not change anything.
    pub looks_only: bool,
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

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        crate::Error::from(error).into()
    }
}

impl Looking {
    /// Work for the pod itself, outside any page.
    pub fn nobody(pod: Arc<Pod>) -> Self {
        let (locale, timezone) = ("en".to_owned(), "UTC".to_owned());
        Self { pod, viewer: None, locale, timezone, request_id: String::new() }
    }

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

    /// Whether the call may change what the pod keeps: looking at a page may not.
    pub fn may_change(&self) -> Result<(), Refusal> {
        if self.looks_only { Err(Refusal::Denied) } else { Ok(()) }
    }

    /// The plugin as it is now; not any more once it is switched off.
    pub(super) fn enabled(&self) -> Result<Arc<Enabled>, Refusal> {
        self.looking.pod.plugins.find(self.slug.as_str()).ok_or(Refusal::Denied)
    }

    /// The member with this number, if the plugin may act for them: in a member's own call that is nobody but them,
    /// in a visitor's nobody, and in the background whoever let it. A plugin that says that it acts for members
    /// needs their leave in their own calls too.
    pub async fn acting_for(&self, user: UserId) -> Result<Owner, Refusal> {
        let asks_leave = self.enabled()?.plugin.manifest().acts_for_members;
        let owner = self.looking.owner();
        let may_be_asked = if self.looking.viewer.is_some() || !self.background {
            owner.is_some_and(|owner| owner.user() == user)
        } else {
            asks_leave
        };
        if !may_be_asked {
            return Err(Refusal::Denied);
        }
        if !asks_leave {
            return owner.ok_or(Refusal::Denied);
        }
        let mut conn = self.looking.pod.db.read().await?;
        member::acting(&mut conn, &self.slug, user).await?.ok_or(Refusal::Denied)
    }

    /// Whether it may choose for the whole pod: in the background, or while an admin acts.
    pub fn for_the_pod(&self) -> Result<(), Refusal> {
        let may = match &self.looking.viewer {
            Some(member) => member.is_admin,
            None => self.background,
        };
        if may { Ok(()) } else { Err(Refusal::Denied) }
    }

    /// Members for whom the plugin may act, behind `after`, by number: in the background all who let it, else at
    /// most the one who looks.
    pub async fn members(&self, after: UserId, limit: u32) -> Result<Vec<UserId>, Refusal> {
        const MOST: u32 = 1000;
        if !self.enabled()?.plugin.manifest().acts_for_members {
            return Ok(Vec::new());
        }
        if let Some(owner) = self.looking.owner() {
            let them = self.acting_for(owner.user()).await.map(Owner::user);
            return Ok(them.into_iter().filter(|user| *user > after).take(limit as usize).collect());
        }
        if !self.background {
            return Ok(Vec::new());
        }
        let mut conn = self.looking.pod.db.read().await?;
        Ok(member::page(&mut conn, &self.slug, after, limit.min(MOST).into()).await?)
    }

    /// The same, to do something to the attachment that their form named: looking at a page does nothing.
    pub async fn acting_on(&self, user: UserId, attachment: &str) -> Result<Owner, Refusal> {
        let who = self.acting_for(user).await?;
        if self.acting_on.as_deref() == Some(attachment) { Ok(who) } else { Err(Refusal::Denied) }
    }
}
