//! Posts: what a member says to everybody or to some of their aspects. Who may read a limited post is
//! decided once, in the transaction that publishes it.
pub(crate) mod gone;
pub(crate) mod outsiders;
pub(crate) mod photo;
mod publish;
mod receive;
pub(crate) mod reshare;
mod retract;
mod show;
pub(crate) mod store;

pub use photo::NewPhoto;
pub use publish::{Attached, Draft, Published, publish, publish_draft};
pub use receive::{Arrival, NewPost, receive, receive_as};
pub(crate) use receive::{claimed, receive_own};
pub(crate) use reshare::receive_own as receive_own_reshare;
pub use reshare::{NewReshare, receive as receive_reshare, receive_as as receive_reshare_as, reshare};
pub use retract::{remove, retract};
pub use show::{COMMENTS, Shown, show, show_before, show_whole};
pub use store::{Post, find_readable};

use crate::{Invalid, id::AspectId};
use std::collections::BTreeSet;

/// How long a post or a comment may be, in characters.
pub const LONGEST_TEXT: usize = 65_535;

/// A text that may be published: the one way to get one is to pass its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostText(String);

impl PostText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PostText {
    /// The text of a post that has photos: it may be empty.
    pub fn beside_photos(text: String) -> Result<Self, Invalid> {
        if text.trim().is_empty() { Ok(Self(String::new())) } else { Self::try_from(text) }
    }
}

impl TryFrom<String> for PostText {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        valid(text).map(Self)
    }
}

/// Neither empty nor too long; line ends are one character, and what databases refuse is gone.
pub(crate) fn valid(text: String) -> Result<String, Invalid> {
    let text = if text.contains(['\r', '\0']) { text.replace("\r\n", "\n").replace('\0', "") } else { text };
    if text.trim().is_empty() {
        return Err(Invalid::new("text", "required"));
    }
    if text.chars().count() > LONGEST_TEXT {
        return Err(Invalid::new("text", "too-long"));
    }
    Ok(text)
}

/// Who a new post is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, signed in or not, on any pod.
    Public,
    /// Everybody in any of the author's aspects now.
    AllAspects,
    /// Everybody in these aspects now.
    Aspects(BTreeSet<AspectId>),
}

impl Audience {
    /// What a form chose: `public` or `all_aspects` as its first element, or ids of aspects. Nothing chosen is
    /// an error, never "everyone".
    pub fn chosen(chosen: &[String]) -> Result<Self, Invalid> {
        match chosen.first().map(String::as_str) {
            None => Err(Invalid::new("aspect_ids", "required")),
            Some("public") => Ok(Self::Public),
            Some("all_aspects") => Ok(Self::AllAspects),
            Some(_) => {
                let ids = chosen.iter().map(|id| id.trim().parse().map(AspectId));
                let ids: Result<BTreeSet<_>, _> = ids.collect();
                ids.map(Self::Aspects).map_err(|_| Invalid::new("aspect_ids", "unknown"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_chosen_is_not_everybody() {
        assert_eq!(Audience::chosen(&[]), Err(Invalid::new("aspect_ids", "required")));
        assert_eq!(Audience::chosen(&[String::new()]), Err(Invalid::new("aspect_ids", "unknown")));
        assert_eq!(
            Audience::chosen(&["1".into(), "public".into()]),
            Err(Invalid::new("aspect_ids", "unknown"))
        );
    }

    #[test]
    fn the_first_choice_decides() {
        let chosen =
            |all: &[&str]| Audience::chosen(&all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>());
        assert_eq!(chosen(&["public"]), Ok(Audience::Public));
        assert_eq!(chosen(&["all_aspects", "1"]), Ok(Audience::AllAspects));
        assert_eq!(chosen(&["2", "1", "2"]), Ok(Audience::Aspects([AspectId(1), AspectId(2)].into())));
    }

    #[test]
    fn a_text_has_words_and_an_end() {
        assert_eq!(PostText::try_from(" \n".to_owned()), Err(Invalid::new("text", "required")));
        assert_eq!(PostText::try_from("ä".repeat(65_536)), Err(Invalid::new("text", "too-long")));
        assert!(PostText::try_from("ä".repeat(65_535)).is_ok());
        assert_eq!(PostText::try_from("a\r\nb\0".to_owned()).unwrap().as_str(), "a\nb");
    }
}
