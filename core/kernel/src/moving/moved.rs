//! Somebody moved: here, elsewhere, or away from here.
use super::{repoint, store};
use crate::{
    Error, Pod, Result,
    account::close,
    contact,
    db::Tx,
    id::{PersonId, Timestamp, UserId},
    moderation,
    outbox::{self, Outgoing},
    person::{
        self, Person,
        profile::{self, ProfileData},
    },
};
use pappus_federation::entity::AccountMigration;

/// Takes a move that both identities signed. A second move of the same identity changes nothing, and so does
/// a move to somebody who is gone or in a circle.
pub async fn receive(pod: &Pod, migration: AccountMigration) -> Result<()> {
    let now = pod.clock.now();
    let xml = migration.to_xml();
    // only the old identity's key is here to say it again
    let can_repeat = migration.author == migration.old_identity;
    let mut tx = pod.db.begin().await?;
    let old = find(&mut tx, migration.old_identity.as_str()).await?;
    let new = find(&mut tx, migration.new_identity().as_str()).await?;
    if old.closed || new.local {
        return Ok(()); // seen before; and who moves in here does so with an archive
    }
    // whom an admin suspended does not come back under another name
    for id in [&migration.old_identity, migration.new_identity()] {
        if moderation::standing(&mut tx, id).await?.is_suspended() {
            return Ok(());
        }
    }
    let newest = match store::moved_to(&mut tx, new.id).await? {
        Some(newest) => newest,
        None if new.closed => return Ok(()),
        None => new.id,
    };
    if newest == old.id {
        return Ok(());
    }
    let home = outbox::store::home_of(&mut tx, new.id).await?;
    if !new.closed {
        introduce(&mut tx, &new, ProfileData::received(migration.profile, home.as_deref()), now).await?;
    }
    let old_home = outbox::store::home_of(&mut tx, old.id).await?;
    let gone = person::store::user_of(&mut tx, old.id).await?.filter(|_| can_repeat);
    // the new pod knows only whom the archive named: read before the rows name the new identity
    let others = match gone {
        Some(user) => everybody(&mut tx, user, old.id).await?,
        None => Vec::new(),
    };
    apply(&mut tx, &old, newest, now).await?;
    if let Some(user) = gone {
        close::insert_farewell(&mut tx, user, "account_migration", &xml, now).await?;
        outbox::enqueue(&mut tx, &Outgoing::Farewell { user, recipients: others }, now).await?;
    }
    if let (Some(path), Some(home), Some(old_home)) = (migration.remote_photo_path, home, old_home)
        && path.starts_with(&home)
    {
        store::move_photos(&mut tx, newest, &old_home, &path).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    tracing::info!("{} moved to {}", old.diaspora_id, new.diaspora_id);
    Ok(())
}

/// Who began to share since the archive was made, has something of the member's, or is the pod they came from.
async fn everybody(tx: &mut Tx, user: UserId, old: PersonId) -> Result<Vec<PersonId>> {
    let mut people = close::everybody_who_has_something_of(tx, user).await?;
    people.extend(store::moved_from(tx, old).await?);
    Ok(people)
}

/// What the new identity says of itself, unless it has said something newer.
async fn introduce(tx: &mut Tx, new: &Person, data: ProfileData, now: Timestamp) -> Result<()> {
    let known = profile::read(tx, new.id, "").await?.and_then(|shown| shown.data.edited_at);
    if data.edited_at > known {
        profile::write(tx, new.id, &data, now).await?;
    }
    Ok(())
}

async fn find(tx: &mut Tx, id: &str) -> Result<Person> {
    person::store::find_by_diaspora_id(tx, id).await?.ok_or(Error::NotFound)
}

/// Changes every row that names the old person, closes them, and has everybody here who shared with the old
/// identity share with the new one. What they talked about with members of this pod goes on.
pub(super) async fn apply(tx: &mut Tx, old: &Person, new: PersonId, now: Timestamp) -> Result<()> {
    let followers = store::followers(tx, old.id).await?;
    let talks = store::begun_here_with(tx, old.id).await?;
    let here = person::store::user_of(tx, new).await?;
    repoint::run(tx, old.id, new, now).await?;
    if let Some(user) = person::store::user_of(tx, old.id).await? {
        repoint::leave(tx, user, now).await?;
    }
    for (user, person) in followers {
        if here == Some(user) || !store::is_contact(tx, user, new).await? {
            continue;
        }
        if let Some(here) = here {
            contact::receive(tx, here, person, true, now).await?;
        } else {
            outbox::enqueue(tx, &Outgoing::Contact { user, person: new }, now).await?;
            outbox::enqueue(tx, &Outgoing::Profile { user, to: Some(new) }, now).await?;
        }
    }
    // no archive holds conversations: the new pod gets them from those who began them
    if here.is_none() {
        for conversation in talks {
            outbox::enqueue(tx, &Outgoing::Introduction { conversation, to: new }, now).await?;
        }
    }
    Ok(())
}

/// Where the person with this guid is now, if they moved: the new identity, and its page on its own pod.
pub async fn moved_to(pod: &Pod, guid: &str) -> Result<Option<(Person, String)>> {
    let mut conn = pod.db.read().await?;
    let Some(old) = person::store::find_by_guid(&mut conn, guid).await?.filter(|old| old.closed) else {
        return Ok(None);
    };
    let Some(new) = store::moved_to(&mut conn, old.id).await? else { return Ok(None) };
    let Some(new) = person::store::find(&mut conn, new).await? else { return Ok(None) };
    let home = outbox::store::home_of(&mut conn, new.id).await?.unwrap_or_else(|| pod.site().url("/"));
    let guid = person::store::home_guid(&mut conn, new.id).await?.unwrap_or_else(|| new.guid.clone());
    let page = format!("{home}people/{guid}");
    Ok(Some((new, page)))
}

/// The member moved to another pod.
pub(crate) async fn has_moved(pod: &Pod, user: UserId) -> Result<bool> {
    Ok(store::user_has_moved(&mut pod.db.read().await?, user).await?)
}
