//! The entities: what one envelope carries. [`Entity::parse`] reads and validates; what comes
//! out is well formed and not yet authentic. Validation follows the strictest peer, diaspora*.

mod account;
mod attachment;
mod comment;
mod contact;
mod conversation;
pub(crate) mod field;
mod like;
mod message;
mod other;
mod outline;
mod participation;
mod photo;
mod profile;
mod reshare;
mod retraction;
mod status_message;

pub use account::{AccountDeletion, AccountMigration};
pub use attachment::{Embed, Event, Location, Poll, PollAnswer, offers};
pub use comment::Comment;
pub use contact::Contact;
pub use conversation::Conversation;
pub use field::{MAX_LINE, MAX_TEXT};
pub use like::Like;
pub use message::Message;
pub use other::{Answer, EventParticipation, PollParticipation};
pub use outline::Outline;
pub use participation::Participation;
pub use photo::Photo;
pub use profile::{Birthday, Profile, is_birthday, tag_count};
pub use reshare::Reshare;
pub use retraction::Retraction;
pub use status_message::{Attachment, StatusMessage};

use crate::id::{DiasporaId, DiasporaUri, Guid};
use crate::signature::Relayable;
use crate::time::Timestamp;
use crate::xml::{Element, XmlError};

use field::Fields;

/// Why a payload is no entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not readable.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// A root element that names no entity.
    #[error("no such entity")]
    Unknown,
    /// A property that is missing or breaks its rule.
    #[error("{entity}: {property} breaks the rule {rule}")]
    Property {
        /// The entity's name on the wire.
        entity: &'static str,
        /// The property's name on the wire.
        property: &'static str,
        /// The rule's short name.
        rule: &'static str,
    },
    /// A relayable with an element that comes twice.
    #[error("an element of a relayable comes twice")]
    Repeated,
}

impl Invalid {
    /// It is longer, deeper or more than anything that travels.
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::Xml(XmlError::TooLarge) | Self::Property { rule: "too_long", .. })
    }
}

/// What something is, as `parent_type` and `target_type` name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A status message or a reshare.
    Post,
    /// A comment.
    Comment,
    /// A like.
    Like,
    /// A photo.
    Photo,
    /// A poll.
    Poll,
    /// A vote.
    PollParticipation,
    /// An event.
    Event,
    /// An answer to an event.
    EventParticipation,
    /// A subscription.
    Participation,
    /// A person; retracting one is an old way to stop sharing.
    Person,
    /// Something this crate does not know.
    Other(String),
}

impl Kind {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Post => "Post",
            Self::Comment => "Comment",
            Self::Like => "Like",
            Self::Photo => "Photo",
            Self::Poll => "Poll",
            Self::PollParticipation => "PollParticipation",
            Self::Event => "Event",
            Self::EventParticipation => "EventParticipation",
            Self::Participation => "Participation",
            Self::Person => "Person",
            Self::Other(name) => name,
        }
    }

    /// The name as `/fetch/TYPE/GUID` wants it, for what can be fetched.
    pub fn fetch_name(&self) -> Option<&'static str> {
        match self {
            Self::Post => Some("post"),
            Self::Comment => Some("comment"),
            Self::Poll => Some("poll"),
            Self::Event => Some("event"),
            _ => None,
        }
    }

    /// True for what is relayed by the author of the thing it refers to.
    pub fn is_relayable(&self) -> bool {
        matches!(self, Self::Comment | Self::Like | Self::PollParticipation | Self::EventParticipation)
    }
}

impl From<&str> for Kind {
    fn from(name: &str) -> Self {
        match name {
            "Post" | "StatusMessage" | "Reshare" => Self::Post,
            "Comment" => Self::Comment,
            "Like" => Self::Like,
            "Photo" => Self::Photo,
            "Poll" => Self::Poll,
            "PollParticipation" => Self::PollParticipation,
            "Event" => Self::Event,
            "EventParticipation" => Self::EventParticipation,
            "Participation" => Self::Participation,
            "Person" => Self::Person,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Every entity that travels.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is named as the type it holds")]
pub enum Entity {
    StatusMessage(Box<StatusMessage>),
    Photo(Photo),
    Reshare(Reshare),
    Comment(Comment),
    Like(Like),
    PollParticipation(PollParticipation),
    EventParticipation(EventParticipation),
    Participation(Participation),
    Contact(Contact),
    Conversation(Conversation),
    Message(Message),
    Profile(Box<Profile>),
    Retraction(Retraction),
    AccountDeletion(AccountDeletion),
    AccountMigration(Box<AccountMigration>),
}

impl Entity {
    /// Reads one payload; `now` stands in for a `created_at` that is not there.
    pub fn parse(xml: &str, now: Timestamp) -> Result<Self, Invalid> {
        let xml = xml.trim_start_matches('\u{feff}').trim();
        let root = Element::parse(xml)?;
        if root.uses_namespaces() {
            return Err(XmlError::Namespace.into());
        }
        Ok(match root.name.as_str() {
            StatusMessage::NAME => Self::StatusMessage(Box::new(StatusMessage::read(&root, now)?)),
            Photo::NAME => Self::Photo(Photo::read(&root, now)?),
            Reshare::NAME => Self::Reshare(Reshare::read(&root, now)?),
            Comment::NAME => Self::Comment(Comment::read(&root, xml, now)?),
            Like::NAME => Self::Like(Like::read(&root, xml)?),
            PollParticipation::NAME => Self::PollParticipation(PollParticipation::read(&root, xml)?),
            EventParticipation::NAME => Self::EventParticipation(EventParticipation::read(&root, xml)?),
            Participation::NAME => Self::Participation(Participation::read(&root)?),
            Contact::NAME => Self::Contact(Contact::read(&root)?),
            Conversation::NAME => Self::Conversation(Conversation::read(&root, now)?),
            Message::NAME => Self::Message(Message::read(&root, now)?),
            Profile::NAME => Self::Profile(Box::new(Profile::read(&root)?)),
            Retraction::NAME => Self::Retraction(Retraction::read(&root)?),
            AccountDeletion::NAME => Self::AccountDeletion(AccountDeletion::read(&root)?),
            AccountMigration::NAME => Self::AccountMigration(Box::new(AccountMigration::read(&root)?)),
            _ => return Err(Invalid::Unknown),
        })
    }

    /// Prints the payload: canonical values in canonical order; relayables in the order they came in.
    pub fn to_xml(&self) -> String {
        match self.as_relayable() {
            Some(relayable) => relayable.signed().properties().to_xml(self.name()),
            None => field::print(self.name(), &self.fields()),
        }
    }

    /// The name of the root element.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StatusMessage(_) => StatusMessage::NAME,
            Self::Photo(_) => Photo::NAME,
            Self::Reshare(_) => Reshare::NAME,
            Self::Comment(_) => Comment::NAME,
            Self::Like(_) => Like::NAME,
            Self::PollParticipation(_) => PollParticipation::NAME,
            Self::EventParticipation(_) => EventParticipation::NAME,
            Self::Participation(_) => Participation::NAME,
            Self::Contact(_) => Contact::NAME,
            Self::Conversation(_) => Conversation::NAME,
            Self::Message(_) => Message::NAME,
            Self::Profile(_) => Profile::NAME,
            Self::Retraction(_) => Retraction::NAME,
            Self::AccountDeletion(_) => AccountDeletion::NAME,
            Self::AccountMigration(_) => AccountMigration::NAME,
        }
    }

    /// Who is named as its author.
    pub fn author(&self) -> &DiasporaId {
        match self {
            Self::StatusMessage(it) => &it.author,
            Self::Photo(it) => &it.author,
            Self::Reshare(it) => &it.author,
            Self::Comment(it) => &it.author,
            Self::Like(it) => &it.author,
            Self::PollParticipation(it) => &it.author,
            Self::EventParticipation(it) => &it.author,
            Self::Participation(it) => &it.author,
            Self::Contact(it) => &it.author,
            Self::Conversation(it) => &it.author,
            Self::Message(it) => &it.author,
            Self::Profile(it) => &it.author,
            Self::Retraction(it) => &it.author,
            Self::AccountDeletion(it) => &it.author,
            Self::AccountMigration(it) => &it.author,
        }
    }

    /// Its own GUID, where entities of its type have one.
    pub fn guid(&self) -> Option<&Guid> {
        match self {
            Self::StatusMessage(it) => Some(&it.guid),
            Self::Photo(it) => Some(&it.guid),
            Self::Reshare(it) => Some(&it.guid),
            Self::Participation(it) => Some(&it.guid),
            Self::Conversation(it) => Some(&it.guid),
            Self::Message(it) => Some(&it.guid),
            _ => self.as_relayable().map(Relayable::guid),
        }
    }

    /// The entity as a relayable, if it is one.
    pub fn as_relayable(&self) -> Option<&dyn Relayable> {
        match self {
            Self::Comment(it) => Some(it),
            Self::Like(it) => Some(it),
            Self::PollParticipation(it) => Some(it),
            Self::EventParticipation(it) => Some(it),
            _ => None,
        }
    }

    /// Which of the offered things an answer chooses: of a poll an answer's guid, of an event a status.
    pub fn choice(&self) -> Option<&str> {
        match self {
            Self::PollParticipation(it) => Some(it.poll_answer_guid.as_str()),
            Self::EventParticipation(it) => Some(it.status.as_str()),
            _ => None,
        }
    }

    /// A new answer of this kind to what hangs on a post, not signed yet. An error where `choice` is nothing that
    /// may be chosen.
    pub fn answer(
        kind: &str,
        author: DiasporaId,
        guid: Guid,
        parent: Guid,
        choice: &str,
    ) -> Result<Self, Invalid> {
        match kind {
            PollParticipation::NAME => {
                let broken = |_| Invalid::Property {
                    entity: PollParticipation::NAME,
                    property: "poll_answer_guid",
                    rule: "guid",
                };
                let answer = choice.parse().map_err(broken)?;
                Ok(Self::PollParticipation(PollParticipation::new(author, guid, parent, answer)))
            }
            EventParticipation::NAME => {
                let status = Answer::named(choice).ok_or(Invalid::Property {
                    entity: EventParticipation::NAME,
                    property: "status",
                    rule: "accepted_declined_or_tentative",
                })?;
                Ok(Self::EventParticipation(EventParticipation::new(author, guid, parent, status)))
            }
            _ => Err(Invalid::Unknown),
        }
    }

    /// Signs an answer that was just made, as its author.
    pub fn sign_answer(&mut self, key: &crate::key::PrivateKey) -> Result<(), crate::key::KeyError> {
        match self {
            Self::PollParticipation(it) => it.sign(key),
            Self::EventParticipation(it) => it.sign(key),
            _ => Ok(()),
        }
    }

    /// The `diaspora://` links in its text: things to fetch if there is the budget for it.
    pub fn links(&self) -> Vec<DiasporaUri> {
        match self {
            Self::StatusMessage(it) => DiasporaUri::scan(&it.text),
            Self::Comment(it) => DiasporaUri::scan(&it.text),
            Self::Message(it) => DiasporaUri::scan(&it.text),
            Self::Conversation(it) => it.messages.iter().flat_map(|m| DiasporaUri::scan(&m.text)).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn fields(&self) -> Fields<'_> {
        match self {
            Self::StatusMessage(it) => it.fields(),
            Self::Photo(it) => it.fields(),
            Self::Reshare(it) => it.fields(),
            Self::Comment(it) => it.fields(),
            Self::Like(it) => it.fields(),
            Self::PollParticipation(it) => it.fields(),
            Self::EventParticipation(it) => it.fields(),
            Self::Participation(it) => it.fields(),
            Self::Contact(it) => it.fields(),
            Self::Conversation(it) => it.fields(),
            Self::Message(it) => it.fields(),
            Self::Profile(it) => it.fields(),
            Self::Retraction(it) => it.fields(),
            Self::AccountDeletion(it) => it.fields(),
            Self::AccountMigration(it) => it.fields(),
        }
    }
}

macro_rules! into_entity {
    ($($name:ident),+ ; boxed $($boxed:ident),+) => {
        $(impl From<$name> for Entity {
            fn from(it: $name) -> Self {
                Self::$name(it)
            }
        }
        impl $name {
            /// Prints the payload.
            pub fn to_xml(&self) -> String {
                Entity::from(self.clone()).to_xml()
            }
        })+
        $(impl From<$boxed> for Entity {
            fn from(it: $boxed) -> Self {
                Self::$boxed(Box::new(it))
            }
        }
        impl $boxed {
            /// Prints the payload.
            pub fn to_xml(&self) -> String {
                Entity::from(self.clone()).to_xml()
            }
        })+
    };
}

into_entity!(
    Photo, Reshare, Comment, Like, PollParticipation, EventParticipation, Participation, Contact,
    Conversation, Message, Retraction, AccountDeletion;
    boxed StatusMessage, Profile, AccountMigration
);
