//! Removes a package that an administrator brought, with or without what the plugin stored.
use super::{data, package, reload, schedule, store};
use crate::{Error, Pod, Result, access::Admin, process};

/// What becomes of what a plugin stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// It is there again when the plugin is.
    Keep,
    /// It is deleted, and so is what the administrator decided about the plugin.
    Purge,
}

/// Switches the plugin off, forgets its package and the one before, and deletes its data where that is wanted. What hangs
/// on posts belongs to their authors and stays. A plugin of the binary or of a folder has no package to forget: it is
/// switched off, and its data may be purged.
pub async fn uninstall(pod: &Pod, who: Admin, slug: &str, data: Data) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    store::grow_generation(&mut tx, now).await?;
    let row = store::find(&mut tx, slug).await?.ok_or(Error::NotFound)?;
    schedule::forget(&mut tx, &row.slug).await?;
    package::leave(&mut tx, &row.slug).await?;
    package::forget_unused(&mut tx, &row.slug).await?;
    if data == Data::Purge {
        package::forget(&mut tx, &row.slug).await?;
        data::purge(&mut tx, &row.slug).await?;
    }
    let action = if data == Data::Purge { "plugin.purge" } else { "plugin.uninstall" };
    store::audit(&mut tx, who, action, &format!("{slug} {}", row.version), now).await?;
    tx.commit().await?;
    reload::reload(pod).await?;
    process::await_plugins(pod).await?;
    tracing::info!(plugin.name = slug, purged = data == Data::Purge, "the plugin {slug} was removed");
    Ok(())
}
