//! Switches a plugin off. Its data stay.
use super::{reload, schedule, store};
use crate::{Error, Pod, Result, access::Admin, process};

/// Takes it out of the set of plugins; calls under way end as they would have.
pub async fn disable(pod: &Pod, who: Admin, slug: &str) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    store::grow_generation(&mut tx, now).await?;
    if !store::disable(&mut tx, slug).await? {
        return Err(Error::NotFound);
    }
    schedule::forget(&mut tx, slug).await?;
    store::audit(&mut tx, who, "plugin.disable", slug, now).await?;
    tx.commit().await?;
    reload::reload(pod).await?;
    process::await_plugins(pod).await?;
    tracing::info!(plugin.name = slug, "the plugin {slug} is switched off");
    Ok(())
}
