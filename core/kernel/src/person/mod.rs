//! People: identities of this pod and of others, and what they say about themselves.
mod card;
mod close;
pub mod discover;
pub mod facts;
pub mod key_change;
mod locate;
pub mod profile;
pub mod refresh;
mod search;
mod show;
pub mod store;

pub use card::{Card, by_username, card_by_guid, card_by_username};
pub(crate) use close::close;
pub use discover::discover;
pub use locate::locate;
pub use search::search;
pub use show::{moved_to, show};

use crate::{
    id::{AspectId, ContactId, PersonId},
    moderation::Standing,
};

/// An identity, as lists and streams show it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// The row.
    #[sqlx(rename = "person_id")]
    pub id: PersonId,
    /// The name across pods.
    #[sqlx(rename = "person_guid")]
    pub guid: String,
    /// `alice@pod.example`.
    #[sqlx(rename = "person_diaspora_id")]
    pub diaspora_id: String,
    /// Of this pod.
    #[sqlx(rename = "person_local")]
    pub local: bool,
    /// The account is closed.
    #[sqlx(rename = "person_closed")]
    pub closed: bool,
    /// What they call themselves, or the diaspora* ID.
    #[sqlx(rename = "person_name")]
    pub name: String,
    /// Where their picture is, as they say.
    #[sqlx(rename = "person_avatar")]
    pub avatar: Option<String>,
    /// Pictures of theirs are shown: no admin decided otherwise.
    #[sqlx(rename = "person_pictures")]
    pub pictures: bool,
}

/// The columns of [`Person`], from a `people` and a `profiles` alias.
macro_rules! person_columns {
    ($person:literal, $profile:literal) => {
        concat!(
            $person,
            ".id AS person_id, ",
            $person,
            ".guid AS person_guid, ",
            $person,
            ".diaspora_id AS person_diaspora_id, ",
            $person,
            ".remote_pod_id IS NULL AS person_local, ",
            $person,
            ".closed_at IS NOT NULL AS person_closed, ",
            "COALESCE(NULLIF(TRIM(",
            $profile,
            ".first_name || ' ' || ",
            $profile,
            ".last_name), ''), ",
            $person,
            ".diaspora_id) AS person_name, ",
            "NOT ",
            $person,
            ".media_hidden AS person_pictures, ",
            "CASE WHEN ",
            $person,
            ".media_hidden THEN NULL ELSE COALESCE(",
            $profile,
            ".image_url_medium, ",
            $profile,
            ".image_url) END AS person_avatar"
        )
    };
}
pub(crate) use person_columns;

/// How a member and a person stand to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relation {
    /// The member's contact row, if there is one.
    pub contact: Option<ContactId>,
    /// The person shares with the member.
    pub sharing: bool,
    /// The member shares with the person.
    pub receiving: bool,
    /// The member's aspects that the person is in.
    pub aspects: Vec<AspectId>,
    /// The member ignores the person.
    pub ignored: bool,
}

/// A person's page. Details that the viewer may not see are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Who it is.
    pub person: Person,
    /// The words of the name but the last, or all of it.
    pub first_name: String,
    /// The rest of the name.
    pub last_name: String,
    /// As it was written; a detail.
    pub bio: String,
    /// Rendered and safe; a detail.
    pub bio_html: String,
    /// A detail.
    pub location: String,
    /// A detail.
    pub gender: String,
    /// `YYYY-MM-DD`; the year 1004 stands for none. A detail.
    pub birthday: Option<String>,
    /// Without number signs.
    pub tags: Vec<String>,
    /// May be found by strangers.
    pub searchable: bool,
    /// Their posts are not safe for work.
    pub nsfw: bool,
    /// The details are for everybody.
    pub public_details: bool,
    /// How the viewer and the person stand to each other.
    pub relation: Relation,
    /// The viewer looks at themselves.
    pub is_me: bool,
    /// The viewer may see the details: they are public, their own, or the person shares with the viewer.
    pub shows_details: bool,
    /// What this pod's admins decided about them.
    pub standing: Standing,
}
