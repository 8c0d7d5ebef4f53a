//! The capability `people`: who somebody is, as a member or a visitor may see them.
use super::{Caller, Capability, Refusal};
use crate::{
    access::Viewer,
    id::{PersonId, UserId},
    person::facts::{self, Facts, Filter},
};
use std::collections::HashMap;

/// People of one call.
pub const MOST: usize = 100;
const LONGEST_PREFIX: usize = 100;

/// Somebody, as a plugin sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub facts: Facts,
    /// The account, if it is the member themselves.
    pub user: Option<UserId>,
}

/// The n-th answer is for the n-th diaspora* ID, as this member sees them, or a visitor.
pub async fn get(
    caller: &Caller,
    viewer: Option<UserId>,
    handles: &[String],
) -> Result<Vec<Option<Seen>>, Refusal> {
    caller.may(Capability::People)?;
    if handles.len() > MOST {
        return Err(Refusal::Quota(format!("more than {MOST} people at once")));
    }
    let viewer = match viewer {
        Some(user) => Viewer::Member(caller.acting_for(user).await?),
        None => Viewer::Visitor,
    };
    let mut conn = caller.looking.pod.db.read().await?;
    let found = facts::by_ids(&mut conn, viewer, handles).await?;
    let found: HashMap<String, Seen> =
        found.into_iter().map(|facts| (facts.person.diaspora_id.clone(), seen(facts, viewer))).collect();
    Ok(handles.iter().map(|handle| found.get(handle).cloned()).collect())
}

/// A member for whom the plugin may act.
pub async fn user(caller: &Caller, user: UserId) -> Result<Option<Seen>, Refusal> {
    caller.may(Capability::People)?;
    let owner = caller.acting_for(user).await?;
    let found = facts::own(&mut caller.looking.pod.db.read().await?, owner).await?;
    Ok(found.map(|facts| seen(facts, owner.into())))
}

/// People with whom the member shares, as that member sees them, and where the next page begins.
pub async fn contacts(
    caller: &Caller,
    of: UserId,
    filter: &Filter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<Seen>, Option<String>), Refusal> {
    caller.may(Capability::People)?;
    let owner = caller.acting_for(of).await?;
    let after = match cursor {
        None => PersonId(0),
        Some(cursor) => {
            PersonId(cursor.parse().map_err(|_| Refusal::Invalid("no cursor of this list".into()))?)
        }
    };
    if matches!(filter, Filter::NamePrefix(prefix) if prefix.len() > LONGEST_PREFIX || prefix.contains('\0'))
    {
        return Err(Refusal::Invalid(format!("a name of more than {LONGEST_PREFIX} letters")));
    }
    let limit = i64::from(limit).clamp(1, i64::try_from(MOST).unwrap_or(1));
    let mut conn = caller.looking.pod.db.read().await?;
    let (found, next) = facts::contacts(&mut conn, owner, filter, after, limit).await?;
    let found = found.into_iter().map(|facts| seen(facts, owner.into())).collect();
    Ok((found, next.map(|next| next.to_string())))
}

fn seen(facts: Facts, viewer: Viewer) -> Seen {
    let me = viewer.owner().filter(|owner| owner.person() == facts.person.id);
    Seen { facts, user: me.map(crate::access::Owner::user) }
}
