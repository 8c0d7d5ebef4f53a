//! Contacts: two independent directions on one row. `sharing` is theirs, `receiving` is mine and means that
//! the person is in at least one of my aspects.
pub mod aspect;
mod block;
mod page;
mod receive;
mod share;
mod stop_sharing;
pub(crate) mod store;

pub use block::{ignore, ignored, stop_ignoring};
pub use page::{Contact, InAspect, PAGE, Set, page};
pub use receive::{receive, receive_blocking};
pub(crate) use share::connect;
pub use share::{Membership, set_aspects, share, share_in};
pub use stop_sharing::{remove_membership, stop_sharing};

use crate::{
    db::{self, Conn},
    id::{AspectId, PersonId, UserId},
    person::Relation,
};

/// How `user` and `person` stand to each other.
pub async fn relation(conn: &mut Conn, user: UserId, person: PersonId) -> db::Result<Relation> {
    let ignored = store::is_blocked(conn, user, person).await?;
    let Some(row) = store::find(conn, user, person).await? else {
        return Ok(Relation { ignored, ..Relation::default() });
    };
    let aspects: Vec<AspectId> = store::aspects_of(conn, row.id).await?;
    Ok(Relation { contact: Some(row.id), sharing: row.sharing, receiving: row.receiving, aspects, ignored })
}

/// Those of these people of other pods who are not sent this element of the member's: they block them. The word that
/// something is no more goes to whoever may have it.
pub(crate) async fn deaf(
    conn: &mut Conn,
    user: UserId,
    entity: &str,
    people: &[PersonId],
) -> db::Result<Vec<PersonId>> {
    match entity {
        "retraction" | "account_deletion" | "account_migration" | "contact" => Ok(Vec::new()),
        _ => store::blocking(conn, user, people).await,
    }
}
