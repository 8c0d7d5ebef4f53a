//! What a person's pod says of them now. Name and pictures are taken over; key and guid never: where they
//! differ from those that were seen first, an admin is told and decides (`key_change`).
use super::{
    discover::{card, look_up, profile_of},
    key_change, profile, store,
};
use crate::{
    Error, Pod, Result,
    db::Tx,
    id::{PersonId, Timestamp},
    job::{self, Failure, Job},
};
use pappus_federation::{discovery::HCard, id::DiasporaId};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use url::Url;

/// A profile that was asked for longer ago is asked for again when somebody looks at it.
const STALE: Duration = Duration::from_hours(3 * 24);
/// A wrong signature makes this pod look for a new key at most so often.
const DOUBTFUL: Duration = Duration::from_hours(1);

/// Asks a person's pod about them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refresh {
    person: PersonId,
}

/// A member looks at a person: their profile is asked for again if that is some days ago.
pub async fn refresh(pod: &Pod, person: PersonId) -> Result<()> {
    queue(pod, person, STALE).await
}

/// Somebody sent something in a person's name that their key did not sign.
pub(crate) async fn suspect(pod: &Pod, person: PersonId) -> Result<()> {
    queue(pod, person, DOUBTFUL).await
}

async fn queue(pod: &Pod, person: PersonId, age: Duration) -> Result<()> {
    let now = pod.clock.now();
    let known = store::remote_to_refresh(&mut pod.db.read().await?, person).await?;
    if known
        .as_ref()
        .is_none_or(|known| known.suspended || known.is_away(now) || known.fetched_at.plus(age) > now)
    {
        return Ok(());
    }
    let mut tx = pod.db.begin().await?;
    enqueue(&mut tx, person, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Queues it, once.
async fn enqueue(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<()> {
    store::fetched(tx, person, now).await?;
    Ok(job::enqueue_at(tx, &Refresh { person }, Some(&person.to_string()), now, now).await?)
}

impl Job for Refresh {
    const KIND: &'static str = "refresh_person";
    const ATTEMPTS: i64 = 2;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        Ok(compare(&pod, self.person).await?)
    }
}

/// Asks now: takes over what may change, and writes down a key or guid that differs.
pub(super) async fn compare(pod: &Pod, person: PersonId) -> Result<()> {
    let known = store::remote_to_refresh(&mut pod.db.read().await?, person).await?.ok_or(Error::NotFound)?;
    let id: DiasporaId = known.diaspora_id.parse().map_err(Error::internal)?;
    let (finger, base) = look_up(pod, &id).await?;
    let card = card(pod, &id, &finger).await?;
    let now = pod.clock.now();
    let key = card.public_key.to_pem();
    let mut tx = pod.db.begin().await?;
    if card.guid.as_str() != known.guid || !same_key(&key, &known.public_key) {
        tracing::warn!(person.id = %person, "{id} has another key or guid than the one kept here");
        key_change::note(&mut tx, person, card.guid.as_str(), &key, now).await?;
    } else {
        key_change::forget(&mut tx, person).await?;
        take_over(&mut tx, person, &base, card, now).await?;
    }
    Ok(tx.commit().await?)
}

/// PEM may be wrapped in more than one way.
fn same_key(one: &str, other: &str) -> bool {
    let words = |pem: &str| pem.split_whitespace().collect::<String>();
    words(one) == words(other)
}

/// An hCard says the name, the pictures and whether the person may be found; the rest stays.
async fn take_over(tx: &mut Tx, person: PersonId, base: &Url, card: HCard, now: Timestamp) -> Result<()> {
    let said = profile_of(base, card);
    let known = profile::read(tx, person, "").await?.map(|shown| shown.data).unwrap_or_default();
    let data = profile::ProfileData {
        first_name: said.first_name,
        last_name: said.last_name,
        image_url: said.image_url,
        image_url_medium: said.image_url_medium,
        image_url_small: said.image_url_small,
        searchable: said.searchable,
        ..known.clone()
    };
    if data != known {
        profile::write(tx, person, &data, now).await?;
    }
    Ok(())
}
