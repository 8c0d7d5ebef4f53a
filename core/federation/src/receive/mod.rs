//! Who may send what: the one way in for everything that other pods send.
//!
//! ```text
//! private only: unseal(body, recipient's key) ─┐
//!                                 open(body) ◄─┘  the sender is known, nothing is trusted
//!                                     │ find the sender's key
//!                    Opened::authenticate(key)    the signature: now it is known who says it
//!                    Authentic::read(now)         parsing and validation (`Opened::verify` is both)
//!                                     │
//!        Payload::precheck(route, host)           all that can be refused without looking anything up
//!                                     │ gather what Payload::needs() names
//!      authorise(payload, route, host, known)     the verdict
//! ```
//!
//! The caller does the looking up in between; every decision is here.

mod authorise;
mod needs;

pub use authorise::{Accepted, authorise, authorise_archived};
pub use needs::{Known, Needs, Reference, Related};

use crate::entity::{Entity, Invalid, Outline};
use crate::envelope::{Envelope, EnvelopeError};
use crate::id::DiasporaId;
use crate::key::{PrivateKey, PublicKey};
use crate::sealed;
use crate::time::Timestamp;

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'a> {
    /// To `/receive/public`.
    Public,
    /// Sealed, to `/receive/users/GUID` of this local person.
    Private {
        /// Whose key opened it.
        recipient: &'a DiasporaId,
    },
    /// As the answer to a `/fetch` of ours.
    Fetch,
    /// The same, for a comment that the pod of the root's author lists below the root: it is there with the
    /// root author's consent, and the comment's author has signed the envelope.
    Listed,
}

impl Route<'_> {
    /// True if what comes this way has been seen by everybody.
    pub fn is_public(&self) -> bool {
        !matches!(self, Self::Private { .. })
    }

    /// True if this pod asked for it.
    pub fn is_fetched(&self) -> bool {
        matches!(self, Self::Fetch | Self::Listed)
    }
}

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It did not open with the recipient's key.
    #[error("the message does not open")]
    Unopened,
    /// Not a magic envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The sender's key did not make the signature.
    #[error("the envelope's signature is wrong")]
    Signature,
    /// The payload is no valid entity.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The sender may not send this.
    #[error("the sender may not send this")]
    Sender,
    /// Something limited came publicly.
    #[error("this may not come publicly")]
    NotPublic,
    /// A private message that is meant for somebody else.
    #[error("the message is for somebody else")]
    Recipient,
    /// The author's signature is missing or wrong.
    #[error("the author's signature is missing or wrong")]
    AuthorSignature,
    /// A subscription to something that is not ours.
    #[error("the post is not from this pod")]
    ParentNotLocal,
    /// The root of a reshare is by somebody else than it says.
    #[error("the reshared post is by somebody else")]
    RootAuthor,
    /// The key of an author was not found, and may be later.
    #[error("the author's key is not known")]
    AuthorKeyUnknown,
    /// What it refers to is not here, and may come later.
    #[error("what it refers to is not known")]
    ParentUnknown,
    /// The author of a message is not in the conversation, as far as is known here: they may have moved, and the
    /// word of it be on its way.
    #[error("its author is not in the conversation")]
    NotInConversation,
    /// The reshared post is not here, and may come later.
    #[error("the reshared post is not known")]
    RootUnknown,
    /// What is to be retracted is not here, and may come later.
    #[error("what is to be retracted is not known")]
    TargetUnknown,
}

impl Refused {
    /// False if the same message may be fine later, when more is known here.
    pub fn is_final(&self) -> bool {
        !matches!(
            self,
            Self::AuthorKeyUnknown
                | Self::ParentUnknown
                | Self::NotInConversation
                | Self::RootUnknown
                | Self::TargetUnknown
        )
    }

    /// A short stable name, for counting.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unopened => "unopened",
            Self::Envelope(EnvelopeError::Xml(crate::xml::XmlError::TooLarge)) => "too_large",
            Self::Envelope(_) => "envelope",
            Self::Signature => "signature",
            Self::Invalid(invalid) if invalid.is_too_large() => "too_large",
            Self::Invalid(_) => "invalid",
            Self::Sender => "sender",
            Self::NotPublic => "not_public",
            Self::Recipient => "recipient",
            Self::AuthorSignature => "author_signature",
            Self::ParentNotLocal => "parent_not_local",
            Self::RootAuthor => "root_author",
            Self::AuthorKeyUnknown => "author_key_unknown",
            Self::ParentUnknown => "parent_unknown",
            Self::NotInConversation => "not_in_conversation",
            Self::RootUnknown => "root_unknown",
            Self::TargetUnknown => "target_unknown",
        }
    }
}

/// Decrypts the body of a private delivery. A plain envelope there is refused.
pub fn unseal(body: &[u8], key: &PrivateKey) -> Result<Vec<u8>, Refused> {
    sealed::open(body, key).map_err(|_| Refused::Unopened)
}

/// Reads an envelope: says whose key to look for, and trusts nothing yet.
pub fn open(body: &[u8]) -> Result<Opened, Refused> {
    Ok(Opened { envelope: Envelope::parse(text(body)?)? })
}

/// The same of what was fetched: peers write it differently from what they send.
pub fn open_fetched(body: &[u8]) -> Result<Opened, Refused> {
    Ok(Opened { envelope: Envelope::parse_fetched(text(body)?)? })
}

fn text(body: &[u8]) -> Result<&str, EnvelopeError> {
    str::from_utf8(body).map_err(|_| EnvelopeError::Xml(crate::xml::XmlError::Malformed))
}

/// An envelope that was read.
#[derive(Debug, Clone)]
pub struct Opened {
    envelope: Envelope,
}

impl Opened {
    /// Who claims to have sent it.
    pub fn sender(&self) -> &DiasporaId {
        self.envelope.sender()
    }

    /// Checks the signature with the sender's key, then reads and validates the entity. `now`
    /// stands in for a missing `created_at`.
    pub fn verify(self, key: &PublicKey, now: Timestamp) -> Result<Payload, Refused> {
        self.authenticate(key)?.read(now)
    }

    /// Checks the signature with the sender's key. What it signs may still be no valid entity.
    pub fn authenticate(self, key: &PublicKey) -> Result<Authentic, Refused> {
        let sender = self.envelope.sender().clone();
        let payload = self.envelope.verify(key).ok_or(Refused::Signature)?;
        Ok(Authentic { sender, sender_key: key.clone(), payload })
    }
}

/// Something that its sender signed, not read yet.
#[derive(Debug, Clone)]
pub struct Authentic {
    sender: DiasporaId,
    sender_key: PublicKey,
    payload: Vec<u8>,
}

impl Authentic {
    /// What it says it is, valid or not: an element of the protocol, and whose name it has. For records of what
    /// was refused.
    pub fn outline(&self) -> Option<Outline> {
        Outline::of(str::from_utf8(&self.payload).ok()?)
    }

    /// Reads and validates the entity. `now` stands in for a missing `created_at`.
    pub fn read(&self, now: Timestamp) -> Result<Payload, Refused> {
        let xml = str::from_utf8(&self.payload)
            .map_err(|_| Refused::Invalid(Invalid::Xml(crate::xml::XmlError::Malformed)))?;
        let entity = Entity::parse(xml, now)?;
        Ok(Payload { sender: self.sender.clone(), sender_key: self.sender_key.clone(), entity })
    }
}

/// A valid entity and who sent it. Whether that person may is not decided yet.
#[derive(Debug, Clone)]
pub struct Payload {
    sender: DiasporaId,
    sender_key: PublicKey,
    entity: Entity,
}

impl Payload {
    /// Who sent it: the envelope's signer.
    pub fn sender(&self) -> &DiasporaId {
        &self.sender
    }

    /// The key that the sender's signature was checked with.
    pub fn sender_key(&self) -> &PublicKey {
        &self.sender_key
    }

    /// What was sent.
    pub fn entity(&self) -> &Entity {
        &self.entity
    }

    /// Refuses what can be refused without looking anything up. Call it before gathering, so
    /// that a stranger cannot make this pod fetch; [`authorise`] asks again.
    pub fn precheck(&self, route: Route<'_>) -> Result<(), Refused> {
        self.check_sender()?;
        self.check_public(route)?;
        self.check_recipient(route)
    }

    /// Refuses a relayable that its sender may not send about this parent. To be asked before its author is looked
    /// up; [`authorise`] asks again.
    pub fn check_way(&self, parent: &Related, route: Route<'_>, local_host: &str) -> Result<(), Refused> {
        match self.entity.as_relayable() {
            Some(relayable) => authorise::check_way(relayable, self, parent.root(), route, local_host),
            None => Ok(()),
        }
    }

    /// Refuses a relayable of somebody else whose author did not sign it. To be asked before anything is fetched
    /// for its sake; [`authorise`] asks again.
    pub fn check_author(&self, key: Option<&PublicKey>) -> Result<(), Refused> {
        match (self.entity.as_relayable(), key) {
            (Some(relayable), Some(key)) if relayable.author() != &self.sender => {
                relayable.author_signature_verifies(key).then_some(()).ok_or(Refused::AuthorSignature)
            }
            _ => Ok(()),
        }
    }

    /// Only relayables and retractions may be sent by somebody else than their author.
    fn check_sender(&self) -> Result<(), Refused> {
        let others_may = self.entity.as_relayable().is_some() || matches!(self.entity, Entity::Retraction(_));
        if others_may || &self.sender == self.entity.author() { Ok(()) } else { Err(Refused::Sender) }
    }

    fn check_public(&self, route: Route<'_>) -> Result<(), Refused> {
        let fine = match &self.entity {
            Entity::StatusMessage(post) => post.public,
            Entity::Photo(photo) => photo.public,
            Entity::Profile(profile) => profile.may_be_public(),
            Entity::Contact(_) | Entity::Conversation(_) | Entity::Message(_) => false,
            _ => true,
        };
        if fine || !route.is_public() { Ok(()) } else { Err(Refused::NotPublic) }
    }

    /// A recipient can encrypt a signed envelope again for somebody else.
    fn check_recipient(&self, route: Route<'_>) -> Result<(), Refused> {
        let Route::Private { recipient } = route else { return Ok(()) };
        let fine = match &self.entity {
            Entity::Contact(contact) => &contact.recipient == recipient,
            Entity::Conversation(conversation) => conversation.participants.contains(recipient),
            _ => true,
        };
        if fine { Ok(()) } else { Err(Refused::Recipient) }
    }
}
