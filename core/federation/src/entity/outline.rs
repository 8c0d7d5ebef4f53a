//! What a payload says it is, without being valid: so that whoever keeps a record of what was refused can say what
//! that was about.

use super::{
    AccountDeletion, AccountMigration, Comment, Contact, Conversation, Entity, EventParticipation, Like,
    Message, Participation, Photo, PollParticipation, Profile, Reshare, Retraction, StatusMessage,
};
use crate::id::Guid;
use crate::xml::Element;

/// Nobody who invents elements makes more of them.
const NAMES: [&str; 15] = [
    StatusMessage::NAME,
    Photo::NAME,
    Reshare::NAME,
    Comment::NAME,
    Like::NAME,
    PollParticipation::NAME,
    EventParticipation::NAME,
    Participation::NAME,
    Contact::NAME,
    Conversation::NAME,
    Message::NAME,
    Profile::NAME,
    Retraction::NAME,
    AccountDeletion::NAME,
    AccountMigration::NAME,
];

/// A kind of entity, and a name across pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The element.
    pub name: &'static str,
    /// Its guid, or the one that it takes back. None for what has none, and where it is no guid.
    pub guid: Option<Guid>,
}

impl Outline {
    /// Reads no more than the names. None for what is no entity at all.
    pub fn of(xml: &str) -> Option<Self> {
        let root = Element::parse(xml.trim_start_matches('\u{feff}').trim()).ok()?;
        let name = NAMES.into_iter().find(|name| *name == root.name)?;
        let guid = root.child("guid").or_else(|| root.child("target_guid"));
        Some(Self { name, guid: guid.and_then(|guid| guid.text.parse().ok()) })
    }
}

impl From<&Entity> for Outline {
    fn from(entity: &Entity) -> Self {
        let guid = match entity {
            Entity::Retraction(retraction) => Some(&retraction.target_guid),
            entity => entity.guid(),
        };
        Self { name: entity.name(), guid: guid.cloned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_valid_entity_still_says_what_it_is_about() {
        let guid = "72d023a7df1b01403930c9cb773427d8";
        let of = |xml: String| Outline::of(&xml).map(|it| (it.name, it.guid.map(|guid| guid.to_string())));
        assert_eq!(
            of(format!("<comment><guid>{guid}</guid></comment>")),
            Some(("comment", Some(guid.into())))
        );
        let retraction = format!("<retraction><target_guid>{guid}</target_guid></retraction>");
        assert_eq!(of(retraction), Some(("retraction", Some(guid.into()))));
        assert_eq!(of("<like><guid>short</guid></like>".into()), Some(("like", None)));
        assert_eq!(of("<profile/>".into()), Some(("profile", None)));
        assert_eq!(of("<made_up><guid>x</guid></made_up>".into()), None, "nobody makes more kinds");
        assert_eq!(of("<comment>".into()), None);
    }
}
