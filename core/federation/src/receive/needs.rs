//! What has to be looked up before a verdict, and what was found.

use crate::entity::{Entity, Kind};
use crate::id::{DiasporaId, DiasporaUri, Guid};
use crate::key::PublicKey;

use super::Payload;

/// Something that another entity refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub guid: Guid,
    /// Whose pod to ask if it is not here; none if it must not be fetched.
    pub fetch_from: Option<DiasporaId>,
}

/// What to gather for a payload.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// What a relayable or a subscription refers to.
    pub parent: Option<Reference>,
    /// What a reshare passes on.
    pub root: Option<Reference>,
    /// What a retraction takes back: never fetched.
    pub target: Option<Reference>,
    /// Whose key must be found besides the sender's: a relayable's author, or the other
    /// identity of a migration.
    pub author_key: Option<DiasporaId>,
    /// The conversation whose participants should be known.
    pub conversation: Option<Guid>,
    /// Links in the text: to be fetched if there is the budget for it, errors do not matter.
    pub links: Vec<DiasporaUri>,
}

impl Payload {
    /// Says what to gather.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs { links: self.entity.links(), ..Needs::default() };
        if let Some(relayable) = self.entity.as_relayable() {
            let (kind, guid) = relayable.parent();
            // who sends a relayable of others is the root's author, or it is refused: nobody can send this
            // pod to a third one for something that it was not told of
            let from = Some(self.sender.clone());
            needs.parent = Some(Reference { kind, guid: guid.clone(), fetch_from: from });
            needs.author_key = Some(relayable.author().clone()).filter(|author| author != &self.sender);
        }
        match &self.entity {
            Entity::Participation(it) => {
                let guid = it.parent_guid.clone();
                needs.parent = Some(Reference { kind: Kind::Post, guid, fetch_from: None });
            }
            Entity::Reshare(it) => {
                needs.root = it.root.clone().map(|(author, guid)| Reference {
                    kind: Kind::Post,
                    guid,
                    fetch_from: Some(author),
                });
            }
            Entity::Retraction(it) => {
                let (kind, guid) = (it.target_kind.clone(), it.target_guid.clone());
                needs.target = Some(Reference { kind, guid, fetch_from: None });
            }
            Entity::AccountMigration(it) => needs.author_key = Some(it.signer().clone()),
            Entity::Message(it) => needs.conversation = Some(it.conversation_guid.clone()),
            _ => {}
        }
        needs
    }
}

/// Something that is stored here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub guid: Guid,
    /// Who made it.
    pub author: DiasporaId,
    /// True if everybody may see it; true for a person.
    pub public: bool,
    /// What it refers to itself: the post of a comment, of a poll.
    pub parent: Option<Box<Related>>,
}

impl Related {
    /// The post at the top.
    pub fn root(&self) -> &Related {
        self.parent.as_deref().map_or(self, Related::root)
    }
}

/// What was found of the [`Needs`].
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The parent, with its own parents.
    pub parent: Option<Related>,
    /// The reshared post.
    pub root: Option<Related>,
    /// The target of a retraction, with its parents.
    pub target: Option<Related>,
    /// The key of [`Needs::author_key`].
    pub author_key: Option<PublicKey>,
    /// Who takes part in the conversation, if it is stored here.
    pub participants: Option<Vec<DiasporaId>>,
}
