//! What a thing of an archive hangs on: the post that was passed on, the one below which something was said, the poll that
//! was answered. What is not here is asked for where the thing or the archive says that it is, and at the pod that is
//! left, which leads to where it is.
use super::{
    format::Whereabouts,
    item::{Taken, own_entity},
    later::Wait,
    store::{self, ImportRow, ItemRow},
};
use crate::{
    Error, Pod, Result,
    inbox::{self, Brought},
    post,
};
use pappus_federation::{
    entity::{Entity, Kind},
    id::{DiasporaId, Guid},
};

/// A pod that did not answer for so many things is left alone until those are tried again.
const SILENT: i64 = 3;

/// What must be here.
struct Wanted {
    kind: Kind,
    guid: Guid,
    /// Whose pod may have it.
    from: Vec<DiasporaId>,
    /// The post below which a comment stands, where the archive says it.
    root: Option<Guid>,
}

/// Sees to it that the thing can be written. None if so, or if there is nothing to be done about it.
pub(super) async fn bring(pod: &Pod, import: &ImportRow, item: &ItemRow) -> Result<Option<Taken>> {
    let Some(wanted) = wanted(pod, import, item) else { return Ok(None) };
    if inbox::is_here(pod, &wanted.kind, &wanted.guid).await? {
        return Ok(None);
    }
    if let (Kind::Comment, Some(root)) = (&wanted.kind, &wanted.root) {
        return below(pod, import, root, &wanted.from).await.map(Some);
    }
    ask(pod, import, &wanted.kind, &wanted.guid, &wanted.from).await
}

/// Whether this pod is not asked any more for now.
pub(super) async fn is_silent(pod: &Pod, import: &ImportRow, host: &str) -> Result<bool> {
    let mut conn = pod.db.read().await?;
    Ok(store::unanswered(&mut conn, import.id, host, pod.clock.now(), SILENT).await? >= SILENT)
}

fn wanted(pod: &Pod, import: &ImportRow, item: &ItemRow) -> Option<Wanted> {
    let old: DiasporaId = import.old_id.parse().ok()?;
    if item.kind == "subscription" {
        return Some(Wanted {
            kind: Kind::Post,
            guid: item.label.parse().ok()?,
            from: vec![old],
            root: None,
        });
    }
    let entity = own_entity(pod, import, &item.payload).ok()?;
    if let Entity::Reshare(reshare) = &entity {
        let (author, guid) = reshare.root.clone()?;
        return Some(Wanted { kind: Kind::Post, guid, from: places(author, old), root: None });
    }
    let (kind, guid) = entity.as_relayable()?.parent();
    let there: Whereabouts = serde_json::from_str(&item.payload).unwrap_or_default();
    let from = match there.root_author.and_then(|author| author.parse().ok()) {
        Some(author) => places(author, old),
        None => vec![old],
    };
    let root = there.root_guid.and_then(|guid| guid.parse().ok());
    Some(Wanted { kind, guid: guid.clone(), from, root })
}

fn places(first: DiasporaId, old: DiasporaId) -> Vec<DiasporaId> {
    if first.host() == old.host() { vec![first] } else { vec![first, old] }
}

/// Asks one pod after the other: the pod that is left only leads to the one that has it, so that it is asked where the
/// archive led to nothing. None if the thing is here then.
async fn ask(
    pod: &Pod,
    import: &ImportRow,
    kind: &Kind,
    guid: &Guid,
    from: &[DiasporaId],
) -> Result<Option<Taken>> {
    let new: DiasporaId = import.new_id.parse().map_err(Error::internal)?;
    for place in from {
        if is_silent(pod, import, place.host()).await? {
            return Ok(Some(Taken::Later(Wait::not_asked())));
        }
        match inbox::bring(pod, kind, guid, place, &new).await? {
            Brought::Here => return Ok(None),
            Brought::Absent => {}
            Brought::Away if !inbox::did_not_answer(pod, kind, guid, place.host()) => {
                return Ok(Some(Taken::Later(Wait::not_asked())));
            }
            why => return Ok(Some(Taken::Later(Wait::asked(why, place.host())))),
        }
    }
    Ok(Some(Taken::Skipped("parent-gone")))
}

/// A comment comes with everything below its post.
async fn below(pod: &Pod, import: &ImportRow, root: &Guid, from: &[DiasporaId]) -> Result<Taken> {
    if let Some(taken) = ask(pod, import, &Kind::Post, root, from).await? {
        return Ok(taken);
    }
    let post = post::store::find_any_by_guid(&mut pod.db.read().await?, root.as_str()).await?;
    let Some(post) = post.filter(|post| post.public && !post.local) else {
        return Ok(Taken::Skipped("parent-gone"));
    };
    inbox::refresh_thread(pod, post.id).await?;
    Ok(Taken::Later(Wait::asked(Brought::Missing, "")))
}
