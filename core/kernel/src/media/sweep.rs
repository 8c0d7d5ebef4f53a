//! What is not shown any more is deleted, by a job: a store that does not answer is asked again.
use super::{Size, store};
use crate::{
    Pod, Result,
    db::{self, Tx},
    id::{PersonId, PostId, Timestamp},
    job::{self, Failure, Job},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// How long a photo waits for its post.
const WAITS: Duration = Duration::from_hours(24);

/// No upload takes longer.
const UPLOAD: Duration = Duration::from_hours(1);

const AT_ONCE: i64 = 200;

/// Deletes the files of pictures that are gone.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {}

impl Sweep {
    /// Soon, if and only if `tx` commits.
    pub async fn enqueue(tx: &mut Tx, now: Timestamp) -> db::Result<()> {
        job::enqueue_at(tx, &Self {}, Some("media"), now, now).await
    }
}

impl Job for Sweep {
    const KIND: &'static str = "media-sweep";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let now = pod.clock.now();
        let found = store::leftovers(&mut pod.db.read().await?, now.minus(UPLOAD), AT_ONCE).await?;
        let more = i64::try_from(found.len()).is_ok_and(|found| found == AT_ONCE);
        for picture in found {
            let sizes = if picture.scaled { &Size::ALL[..] } else { &[Size::Full] };
            for size in sizes {
                pod.media.delete(*size, &picture.name).await?;
            }
            let mut tx = pod.db.begin().await?;
            store::delete(&mut tx, picture.id).await?;
            tx.commit().await?;
        }
        if more { Err(Failure::Again(now)) } else { Ok(()) }
    }
}

/// Forgets photos that nobody published in time, and whatever else was left lying.
pub async fn sweep(pod: &Pod) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    store::delete_forgotten(&mut tx, now.minus(WAITS)).await?;
    if !store::leftovers(&mut tx, now.minus(UPLOAD), 1).await?.is_empty() {
        Sweep::enqueue(&mut tx, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Before a post goes: its pictures go with it.
pub(crate) async fn sweep_after_post(tx: &mut Tx, post: PostId, now: Timestamp) -> db::Result<()> {
    if store::post_has_files(tx, post).await? { Sweep::enqueue(tx, now).await } else { Ok(()) }
}

/// The same for a photo.
pub(crate) async fn sweep_after_photo(tx: &mut Tx, guid: &str, now: Timestamp) -> db::Result<()> {
    if store::photo_has_files(tx, guid).await? { Sweep::enqueue(tx, now).await } else { Ok(()) }
}

/// The same for all that a person has.
pub(crate) async fn sweep_after_close(tx: &mut Tx, person: PersonId, now: Timestamp) -> db::Result<()> {
    if store::person_has_files(tx, person).await? { Sweep::enqueue(tx, now).await } else { Ok(()) }
}
