//! What other pods are told about the people of this one: the source of hCard and WebFinger.
use super::{Person, store};
use crate::{
    Error, Pod, Result,
    db::{self, Conn},
    id::PersonId,
    sql,
};

/// A person of this pod, as other pods see them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Card {
    /// The row.
    pub id: PersonId,
    /// The name across pods.
    pub guid: String,
    /// `alice@pod.example`.
    pub diaspora_id: String,
    /// The part before the `@`.
    pub username: String,
    /// PEM.
    pub public_key: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// May be empty.
    pub full_name: String,
    /// The large picture.
    pub image_url: Option<String>,
    /// The middle one.
    pub image_url_medium: Option<String>,
    /// The small one.
    pub image_url_small: Option<String>,
    /// May be found by strangers.
    pub searchable: bool,
}

/// The card of the person of this pod with this guid.
pub async fn card_by_guid(pod: &Pod, guid: &str) -> Result<Card> {
    card(&mut pod.db.read().await?, guid, "").await?.ok_or(Error::NotFound)
}

/// The card of the member with this name.
pub async fn card_by_username(pod: &Pod, username: &str) -> Result<Card> {
    card(&mut pod.db.read().await?, "", &username.to_lowercase()).await?.ok_or(Error::NotFound)
}

/// The member with this name.
pub async fn by_username(pod: &Pod, username: &str) -> Result<Person> {
    let username = username.to_lowercase();
    store::find_by_username(&mut pod.db.read().await?, &username).await?.ok_or(Error::NotFound)
}

/// Whoever moved away keeps their card: a pod that was away hears of the move late, and looks for their key.
async fn card(conn: &mut Conn, guid: &str, username: &str) -> db::Result<Option<Card>> {
    conn.query(sql!(
        "SELECT p.id, p.guid, p.diaspora_id, u.username, p.public_key, f.first_name, f.last_name,
                TRIM(f.first_name || ' ' || f.last_name) AS full_name,
                f.image_url, f.image_url_medium, f.image_url_small, f.searchable
         FROM users u JOIN people p ON p.id = u.person_id JOIN profiles f ON f.person_id = p.id
         WHERE (p.closed_at IS NULL OR p.moved_to_id IS NOT NULL) AND (p.guid = $1 OR u.username = $2)"
    ))
    .bind(guid)
    .bind(username)
    .optional()
    .await
}
