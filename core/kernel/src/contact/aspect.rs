//! Aspects: a member's own groups of people. Nobody else ever learns of them.
use super::{stop_sharing, store};
use crate::{
    Error, Invalid, Pod, Result,
    access::Owner,
    db::{self, Tx},
    error::taken,
    id::{AspectId, Timestamp, UserId},
};

/// A group of people, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Aspect {
    /// The row.
    pub id: AspectId,
    /// Unique among the owner's, whatever the case.
    pub name: String,
    /// Where it stands among the owner's.
    pub position: i64,
    /// How many are in it.
    pub people: i64,
}

/// A name that an aspect may have: 1 to 20 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AspectName(String);

impl AspectName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for AspectName {
    type Error = Invalid;

    fn try_from(name: &str) -> Result<Self, Invalid> {
        let name = name.trim();
        match name.chars().count() {
            0 => Err(Invalid::new("name", "required")),
            21.. => Err(Invalid::new("name", "too-long")),
            _ if name.chars().any(char::is_control) => Err(Invalid::new("name", "characters")),
            _ => Ok(Self(name.to_owned())),
        }
    }
}

/// The names of the first four aspects.
fn first_names(language: &str) -> [&'static str; 4] {
    match language {
        "de" => ["Familie", "Freunde", "Arbeit", "Bekannte"],
        _ => ["Family", "Friends", "Work", "Acquaintances"],
    }
}

/// Gives a new member the first four aspects, in their language.
pub async fn seed(tx: &mut Tx, user: UserId, language: &str, now: Timestamp) -> db::Result<()> {
    for name in first_names(language) {
        store::insert_aspect(tx, user, name, now).await?;
    }
    Ok(())
}

/// Makes an aspect behind the others.
pub async fn create(pod: &Pod, who: Owner, name: AspectName) -> Result<AspectId> {
    let mut tx = pod.db.begin_durable().await?;
    let made = store::insert_aspect(&mut tx, who.user(), &name.0, pod.clock.now()).await?;
    let aspect = made.ok_or(Invalid::new("name", "taken"))?;
    tx.commit().await?;
    Ok(aspect)
}

/// Gives an aspect another name.
pub async fn rename(pod: &Pod, who: Owner, aspect: AspectId, name: AspectName) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    if store::name_taken(&mut tx, who.user(), aspect, &name.0).await? {
        return Err(Invalid::new("name", "taken").into());
    }
    let renamed = store::rename_aspect(&mut tx, who.user(), aspect, &name.0).await;
    if renamed.map_err(|error| taken(error, "name"))? == 0 {
        return Err(Error::NotFound);
    }
    Ok(tx.commit().await?)
}

/// Removes an aspect. With people who were in no other one the member stops sharing.
pub async fn delete(pod: &Pod, who: Owner, aspect: AspectId) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let left = store::only_in(&mut tx, who.user(), aspect).await?;
    if store::delete_aspect(&mut tx, who.user(), aspect).await? == 0 {
        return Err(Error::NotFound);
    }
    stop_sharing::disconnect_all(&mut tx, who, &left, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// The member's aspects in their order.
pub async fn list(pod: &Pod, who: Owner) -> Result<Vec<Aspect>> {
    Ok(store::aspects(&mut pod.db.read().await?, who.user()).await?)
}
