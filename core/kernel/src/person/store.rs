//! SQL about people.
use super::{
    Person, person_columns,
    profile::{self, ProfileData},
};
use crate::{
    db::{self, Conn, Tx},
    id::{PersonId, RemotePodId, Timestamp, UserId},
    sql,
};
use sqlx::types::Json;

/// What somebody of another pod is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guids {
    /// Here.
    pub guid: String,
    /// At home, where that is not the same.
    pub home: Option<String>,
}

impl From<String> for Guids {
    fn from(guid: String) -> Self {
        Self { guid, home: None }
    }
}

/// Somebody of another pod, as discovered.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Their names across pods.
    pub guids: Guids,
    /// `alice@pod.example`.
    pub diaspora_id: String,
    /// PEM.
    pub public_key: String,
    /// Where they are.
    pub remote_pod: RemotePodId,
}

pub async fn find(conn: &mut Conn, id: PersonId) -> db::Result<Option<Person>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        " FROM people p LEFT JOIN profiles f ON f.person_id = p.id WHERE p.id = $1"
    )))
    .bind(id)
    .optional()
    .await
}

pub async fn find_by_guid(conn: &mut Conn, guid: &str) -> db::Result<Option<Person>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        " FROM people p LEFT JOIN profiles f ON f.person_id = p.id WHERE p.guid = $1"
    )))
    .bind(guid)
    .optional()
    .await
}

/// What the person's own pod calls them, where that is not the guid that they have here.
pub async fn home_guid(conn: &mut Conn, id: PersonId) -> db::Result<Option<String>> {
    let guid: Option<Option<String>> =
        conn.query(sql!("SELECT home_guid FROM people WHERE id = $1")).bind(id).scalar().await?;
    Ok(guid.flatten())
}

pub async fn find_by_diaspora_id(conn: &mut Conn, diaspora_id: &str) -> db::Result<Option<Person>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        " FROM people p LEFT JOIN profiles f ON f.person_id = p.id WHERE p.diaspora_id = $1"
    )))
    .bind(diaspora_id)
    .optional()
    .await
}

pub async fn find_by_username(conn: &mut Conn, username: &str) -> db::Result<Option<Person>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        " FROM users u JOIN people p ON p.id = u.person_id LEFT JOIN profiles f ON f.person_id = p.id
         WHERE u.username = $1"
    )))
    .bind(username)
    .optional()
    .await
}

pub async fn by_diaspora_ids(conn: &mut Conn, ids: &[String]) -> db::Result<Vec<Person>> {
    conn.query(sql!(
        sqlite: concat!(
            "SELECT ", person_columns!("p", "f"),
            " FROM people p LEFT JOIN profiles f ON f.person_id = p.id
             WHERE p.diaspora_id IN (SELECT value FROM json_each($1))"
        ),
        postgres: concat!(
            "SELECT ", person_columns!("p", "f"),
            " FROM people p LEFT JOIN profiles f ON f.person_id = p.id
             WHERE p.diaspora_id IN (SELECT jsonb_array_elements_text($1))"
        ),
    ))
    .bind(Json(ids))
    .all()
    .await
}

/// The guids that those of these people who have another one here have at home, by diaspora* ID.
pub async fn home_guids(conn: &mut Conn, ids: &[String]) -> db::Result<Vec<(String, String)>> {
    conn.query(sql!(
        sqlite: "SELECT diaspora_id, home_guid FROM people
                 WHERE home_guid IS NOT NULL AND diaspora_id IN (SELECT value FROM json_each($1))",
        postgres: "SELECT diaspora_id, home_guid FROM people
                   WHERE home_guid IS NOT NULL AND diaspora_id IN (SELECT jsonb_array_elements_text($1))",
    ))
    .bind(Json(ids))
    .all()
    .await
}

/// Who of these diaspora* IDs is known; whoever moved is named by the new identity.
pub async fn ids_of(conn: &mut Conn, ids: &[String]) -> db::Result<Vec<(String, PersonId)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(sql!(
        sqlite: "SELECT diaspora_id, COALESCE(moved_to_id, id) AS id FROM people
                 WHERE diaspora_id IN (SELECT value FROM json_each($1))",
        postgres: "SELECT diaspora_id, COALESCE(moved_to_id, id) AS id FROM people
                   WHERE diaspora_id IN (SELECT jsonb_array_elements_text($1))",
    ))
    .bind(Json(ids))
    .all()
    .await
}

pub async fn public_key(conn: &mut Conn, id: PersonId) -> db::Result<Option<String>> {
    conn.query(sql!("SELECT public_key FROM people WHERE id = $1")).bind(id).scalar().await
}

/// The account of a person of this pod.
pub async fn user_of(conn: &mut Conn, id: PersonId) -> db::Result<Option<UserId>> {
    conn.query(sql!("SELECT id FROM users WHERE person_id = $1")).bind(id).scalar().await
}

/// Two discoveries may meet: the first one's key and guid stay.
pub async fn insert_remote(tx: &mut Tx, person: &NewPerson, now: Timestamp) -> db::Result<PersonId> {
    let id = tx.query(sql!(
        "INSERT INTO people (guid, home_guid, diaspora_id, public_key, remote_pod_id, created_at, fetched_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (diaspora_id) DO UPDATE SET fetched_at = excluded.fetched_at RETURNING id"
    ));
    let id = id.bind(&person.guids.guid).bind(&person.guids.home).bind(&person.diaspora_id);
    id.bind(&person.public_key)
        .bind(person.remote_pod)
        .bind(now)
        .scalar()
        .await?
        .ok_or(sqlx::Error::RowNotFound)
}

/// With an empty profile.
pub async fn insert_local(
    tx: &mut Tx,
    guid: &str,
    diaspora_id: &str,
    public_key: &str,
    now: Timestamp,
) -> db::Result<PersonId> {
    let id = tx.query(sql!(
        "INSERT INTO people (guid, diaspora_id, public_key, created_at, fetched_at)
         VALUES ($1, $2, $3, $4, $4) RETURNING id"
    ));
    let id = id.bind(guid).bind(diaspora_id).bind(public_key).bind(now).scalar().await?;
    let id = id.ok_or(sqlx::Error::RowNotFound)?;
    let profile = ProfileData { searchable: true, ..ProfileData::default() };
    profile::write(tx, id, &profile, now).await?;
    Ok(id)
}

/// Remembers that a remote profile was asked for.
pub async fn fetched(tx: &mut Tx, id: PersonId, now: Timestamp) -> db::Result<()> {
    tx.query(sql!("UPDATE people SET fetched_at = $2 WHERE id = $1")).bind(id).bind(now).run().await.map(drop)
}

/// Contacts are found by whoever has them; strangers only when they want to be.
pub async fn search(
    conn: &mut Conn,
    user: UserId,
    prefix: &str,
    word: &str,
    count: i64,
) -> db::Result<Vec<Person>> {
    conn.query(sql!(concat!(
        "SELECT ", person_columns!("p", "f"),
        " FROM people p LEFT JOIN profiles f ON f.person_id = p.id
         WHERE p.closed_at IS NULL AND p.standing < 2
           AND (f.full_name LIKE $2 ESCAPE '\\' OR f.full_name LIKE $3 ESCAPE '\\' OR p.diaspora_id LIKE $2 ESCAPE '\\')
           AND (COALESCE(f.searchable, TRUE) AND p.standing = 0
                OR EXISTS (SELECT 1 FROM contacts c WHERE c.user_id = $1 AND c.person_id = p.id))
         ORDER BY f.full_name, p.diaspora_id LIMIT $4"
    )))
    .bind(user)
    .bind(prefix)
    .bind(word)
    .bind(count)
    .all()
    .await
}

/// Who a person's account moved to.
pub async fn moved_to(conn: &mut Conn, id: PersonId) -> db::Result<Option<Person>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        " FROM people o JOIN people p ON p.id = o.moved_to_id LEFT JOIN profiles f ON f.person_id = p.id
         WHERE o.id = $1"
    )))
    .bind(id)
    .optional()
    .await
}

/// What is kept of somebody of another pod, to be compared with what their pod says.
#[derive(Debug, sqlx::FromRow)]
pub struct Kept {
    pub diaspora_id: String,
    pub guid: String,
    pub public_key: String,
    pub fetched_at: Timestamp,
    pub retry_at: Timestamp,
    pub suspended: bool,
}

impl Kept {
    /// Their pod does not answer.
    pub fn is_away(&self, now: Timestamp) -> bool {
        self.retry_at > now
    }
}

pub async fn remote_to_refresh(conn: &mut Conn, id: PersonId) -> db::Result<Option<Kept>> {
    conn.query(sql!(
        "SELECT p.diaspora_id, COALESCE(p.home_guid, p.guid) AS guid, p.public_key, p.fetched_at, r.retry_at,
                p.standing > 1 AS suspended
         FROM people p
         JOIN remote_pods r ON r.id = p.remote_pod_id WHERE p.id = $1 AND p.closed_at IS NULL"
    ))
    .bind(id)
    .optional()
    .await
}
