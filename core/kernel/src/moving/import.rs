//! The work of moving in, a few things at a time. Each thing is taken in and ticked off in one transaction,
//! so a process that dies loses nothing and does nothing twice.
use super::{announce, item, store};
use crate::{
    Pod,
    job::{self, Failure, Job},
    seal::Place,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// So many things a job; the next job goes on.
const BATCH: i64 = 25;

/// Takes in the next things of an archive, and at the end tells everybody of the move.
#[derive(Debug, Serialize, Deserialize)]
pub struct Import {
    import: i64,
}

impl Import {
    pub(super) const fn of(import: i64) -> Self {
        Self { import }
    }
}

impl Job for Import {
    const KIND: &'static str = "archive_import";
    const ATTEMPTS: i64 = 20;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let import = store::import(&mut pod.db.read().await?, self.import).await?;
        let Some(import) = import else { return Ok(()) };
        let now = pod.clock.now();
        let items = store::due(&mut pod.db.read().await?, import.id, now, BATCH).await?;
        if items.is_empty() {
            // what is to be had from pods that do not answer keeps nobody waiting
            if import.finished_at.is_none() {
                announce::finish(&pod, &import).await?;
            }
            let next = store::next_due(&mut pod.db.read().await?, import.id).await?;
            return next.map_or(Ok(()), |at| Err(Failure::Again(at)));
        }
        for item in &items {
            item::take(&pod, &import, item).await?;
        }
        let mut tx = pod.db.begin().await?;
        job::enqueue_at(&mut tx, &self, Some(&import.id.to_string()), now, now).await?;
        tx.commit().await?;
        pod.jobs_due.notify_one();
        Ok(())
    }
}

/// Where the old private key is sealed until the move is signed.
pub(super) fn place(username: &str) -> Place<'_> {
    Place { table: "archive_imports", row: username, column: "private_key" }
}
