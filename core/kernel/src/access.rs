//! Proofs of who somebody is. Only `account::session` and the local operator's door make them, so a
//! function that takes one cannot be reached without; and the one rule of who may read a post.
use crate::id::{PersonId, UserId};

/// A signed-in member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    user: UserId,
    person: PersonId,
}

impl Owner {
    pub(crate) const fn new(user: UserId, person: PersonId) -> Self {
        Self { user, person }
    }

    /// Their account.
    pub const fn user(self) -> UserId {
        self.user
    }

    /// Their identity.
    pub const fn person(self) -> PersonId {
        self.person
    }
}

/// Whoever looks at something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Not signed in.
    Visitor,
    /// Signed in.
    Member(Owner),
}

impl Viewer {
    /// The member, if it is one.
    pub const fn owner(self) -> Option<Owner> {
        match self {
            Self::Visitor => None,
            Self::Member(owner) => Some(owner),
        }
    }

    /// Ids for `can_read!`; 0 belongs to nobody.
    pub(crate) const fn ids(self) -> (PersonId, UserId) {
        match self {
            Self::Visitor => (PersonId(0), UserId(0)),
            Self::Member(owner) => (owner.person, owner.user),
        }
    }
}

impl From<Owner> for Viewer {
    fn from(owner: Owner) -> Self {
        Self::Member(owner)
    }
}

/// Somebody who runs this pod: an admin's session, or the operator at the command line.
#[derive(Debug, Clone, Copy)]
pub struct Admin {
    user: Option<UserId>,
}

impl Admin {
    pub(crate) const fn of(user: UserId) -> Self {
        Self { user: Some(user) }
    }

    /// The person with access to the pod's own files. The server calls this behind its control socket
    /// (owner only) and for commands that open the database themselves; nothing else may.
    pub const fn operator() -> Self {
        Self { user: None }
    }

    /// For the audit log; none for the operator.
    pub const fn user(self) -> Option<UserId> {
        self.user
    }
}

/// Who is shown what a person wrote, as an SQL condition on the person's id: nobody but themselves if an
/// admin suspended them, and only who shares with them if they were silenced (`moderation::Severity`).
/// `$person` and `$user` are the placeholders of `Viewer::ids`.
#[macro_export]
macro_rules! can_see {
    ($author:expr, $person:literal, $user:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM people seen WHERE seen.id = ",
            $author,
            " AND seen.standing > 0 AND seen.id <> ",
            $person,
            " AND (seen.standing > 1 OR NOT EXISTS (SELECT 1 FROM contacts shown WHERE shown.user_id = ",
            $user,
            " AND shown.person_id = seen.id AND shown.receiving)))"
        )
    };
}

/// The one visibility rule, as an SQL condition: may the viewer read the post with this alias?
///
/// Public, or the viewer wrote it, or was in its audience when it was sent (a post of this pod), or was
/// sent it (a remote post); and the viewer can see its author (`can_see!`). `$person` and `$user` are the
/// placeholders of `Viewer::ids`.
#[macro_export]
macro_rules! can_read {
    ($post:literal, $person:literal, $user:literal) => {
        concat!(
            "((",
            $post,
            ".public OR ",
            $post,
            ".author_id = ",
            $person,
            " OR EXISTS (SELECT 1 FROM post_audience pa WHERE pa.post_id = ",
            $post,
            ".id AND pa.person_id = ",
            $person,
            ")",
            " OR EXISTS (SELECT 1 FROM share_visibilities sv WHERE sv.post_id = ",
            $post,
            ".id AND sv.user_id = ",
            $user,
            ")) AND ",
            $crate::can_see!(concat!($post, ".author_id"), $person, $user),
            ")"
        )
    };
}
