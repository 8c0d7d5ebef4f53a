//! Taking one photo back. Where it was all that its post said, the post goes with it.
use super::{store, sweep::Sweep};
use crate::{
    Error, Pod, Result,
    access::Owner,
    outbox::{self, Outgoing},
    post,
};

/// Deletes the member's own photo (the number of its row, or its guid) here and wherever it was sent.
pub async fn retract(pod: &Pod, who: Owner, key: &str) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let photo = store::own(&mut tx, who.person(), key).await?.ok_or(Error::NotFound)?;
    let Some(hangs_on) = photo.post_id else {
        store::delete_photo(&mut tx, &photo.guid).await?;
        Sweep::enqueue(&mut tx, now).await?;
        tx.commit().await?;
        pod.jobs_due.notify_one();
        return Ok(());
    };
    if photo.alone {
        drop(tx);
        return post::retract(pod, who, &hangs_on.0.to_string()).await;
    }
    let retraction = Outgoing::Retraction {
        user: who.user(),
        author: who.person(),
        target_type: "Photo".into(),
        recipients: outbox::subscribers(&mut tx, hangs_on).await?,
        target_guid: photo.guid.clone(),
        public: photo.public,
    };
    outbox::enqueue(&mut tx, &retraction, now).await?;
    post::photo::remove(&mut tx, &photo.guid, who.person(), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}
