//! SQL about contacts and aspects.
use super::aspect::Aspect;
use crate::{
    db::{self, Conn, Tx},
    id::{AspectId, ContactId, PersonId, Timestamp, UserId},
    person::{Person, person_columns},
    sql,
};
use sqlx::types::Json;

#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct ContactRow {
    pub id: ContactId,
    pub sharing: bool,
    pub receiving: bool,
}

pub async fn find(conn: &mut Conn, user: UserId, person: PersonId) -> db::Result<Option<ContactRow>> {
    conn.query(sql!("SELECT id, sharing, receiving FROM contacts WHERE user_id = $1 AND person_id = $2"))
        .bind(user)
        .bind(person)
        .optional()
        .await
}

pub async fn aspects_of(conn: &mut Conn, contact: ContactId) -> db::Result<Vec<AspectId>> {
    conn.query(sql!("SELECT aspect_id FROM aspect_memberships WHERE contact_id = $1 ORDER BY aspect_id"))
        .bind(contact)
        .scalars()
        .await
}

pub async fn set_receiving(
    tx: &mut Tx,
    user: UserId,
    person: PersonId,
    receiving: bool,
    now: Timestamp,
) -> db::Result<ContactId> {
    tx.query(sql!(
        "INSERT INTO contacts (user_id, person_id, sharing, receiving, created_at) VALUES ($1, $2, FALSE, $3, $4)
         ON CONFLICT (user_id, person_id) DO UPDATE SET receiving = excluded.receiving RETURNING id"
    ))
    .bind(user)
    .bind(person)
    .bind(receiving)
    .bind(now)
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

pub async fn set_sharing(
    tx: &mut Tx,
    user: UserId,
    person: PersonId,
    sharing: bool,
    now: Timestamp,
) -> db::Result<()> {
    tx.query(sql!(
        "INSERT INTO contacts (user_id, person_id, sharing, receiving, created_at) VALUES ($1, $2, $3, FALSE, $4)
         ON CONFLICT (user_id, person_id) DO UPDATE SET sharing = excluded.sharing"
    ))
    .bind(user)
    .bind(person)
    .bind(sharing)
    .bind(now)
    .run()
    .await
    .map(drop)
}

/// A contact lives while at least one of the two shares.
pub async fn delete_if_mutual_end(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "DELETE FROM contacts WHERE user_id = $1 AND person_id = $2 AND NOT sharing AND NOT receiving"
    ))
    .bind(user)
    .bind(person)
    .run()
    .await
}

/// The member shares with none of them any more.
pub async fn stop_receiving(tx: &mut Tx, user: UserId, people: &[PersonId]) -> db::Result<u64> {
    tx.query(sql!(
        sqlite: "UPDATE contacts SET receiving = FALSE
                 WHERE user_id = $1 AND person_id IN (SELECT value FROM json_each($2))",
        postgres: "UPDATE contacts SET receiving = FALSE
                   WHERE user_id = $1 AND person_id IN (SELECT value::bigint FROM jsonb_array_elements_text($2))",
    ))
    .bind(user)
    .bind(Json(people))
    .run()
    .await
}

/// Contacts with any of them that are over on both sides.
pub async fn delete_ended(tx: &mut Tx, user: UserId, people: &[PersonId]) -> db::Result<u64> {
    tx.query(sql!(
        sqlite: "DELETE FROM contacts WHERE user_id = $1 AND NOT sharing AND NOT receiving
                   AND person_id IN (SELECT value FROM json_each($2))",
        postgres: "DELETE FROM contacts WHERE user_id = $1 AND NOT sharing AND NOT receiving
                     AND person_id IN (SELECT value::bigint FROM jsonb_array_elements_text($2))",
    ))
    .bind(user)
    .bind(Json(people))
    .run()
    .await
}

/// Who of them has an account here.
pub async fn members_of(conn: &mut Conn, people: &[PersonId]) -> db::Result<Vec<(PersonId, UserId)>> {
    conn.query(sql!(
        sqlite: "SELECT person_id, id FROM users WHERE person_id IN (SELECT value FROM json_each($1))",
        postgres: "SELECT person_id, id FROM users
                   WHERE person_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))",
    ))
    .bind(Json(people))
    .all()
    .await
}

/// None when it is there already.
pub async fn insert_membership(tx: &mut Tx, aspect: AspectId, contact: ContactId) -> db::Result<Option<i64>> {
    tx.query(sql!(
        "INSERT INTO aspect_memberships (aspect_id, contact_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id"
    ))
    .bind(aspect)
    .bind(contact)
    .scalar()
    .await
}

pub async fn delete_membership(
    tx: &mut Tx,
    user: UserId,
    aspect: AspectId,
    person: PersonId,
) -> db::Result<u64> {
    tx.query(sql!(
        "DELETE FROM aspect_memberships WHERE aspect_id = $2
           AND contact_id IN (SELECT id FROM contacts WHERE user_id = $1 AND person_id = $3)"
    ))
    .bind(user)
    .bind(aspect)
    .bind(person)
    .run()
    .await
}

/// The aspect and the person of one of the member's memberships.
pub async fn membership(conn: &mut Conn, user: UserId, id: i64) -> db::Result<Option<(AspectId, PersonId)>> {
    conn.query(sql!(
        "SELECT m.aspect_id, c.person_id FROM aspect_memberships m JOIN contacts c ON c.id = m.contact_id
         WHERE m.id = $2 AND c.user_id = $1"
    ))
    .bind(user)
    .bind(id)
    .optional()
    .await
}

pub async fn is_in_any(conn: &mut Conn, user: UserId, person: PersonId) -> db::Result<bool> {
    let any: Option<i64> = conn
        .query(sql!(
            "SELECT m.id FROM aspect_memberships m JOIN contacts c ON c.id = m.contact_id
             WHERE c.user_id = $1 AND c.person_id = $2 LIMIT 1"
        ))
        .bind(user)
        .bind(person)
        .scalar()
        .await?;
    Ok(any.is_some())
}

/// People of this aspect who are in no other one.
pub async fn only_in(conn: &mut Conn, user: UserId, aspect: AspectId) -> db::Result<Vec<PersonId>> {
    conn.query(sql!(
        "SELECT c.person_id FROM aspect_memberships m JOIN contacts c ON c.id = m.contact_id
         WHERE c.user_id = $1 AND m.aspect_id = $2
           AND NOT EXISTS (SELECT 1 FROM aspect_memberships o WHERE o.contact_id = c.id AND o.aspect_id <> $2)
         ORDER BY c.person_id"
    ))
    .bind(user)
    .bind(aspect)
    .scalars()
    .await
}

pub async fn is_blocked(conn: &mut Conn, user: UserId, person: PersonId) -> db::Result<bool> {
    let blocked: Option<i64> = conn
        .query(sql!("SELECT person_id FROM blocks WHERE user_id = $1 AND person_id = $2"))
        .bind(user)
        .bind(person)
        .scalar()
        .await?;
    Ok(blocked.is_some())
}

/// Whom the member shares with.
pub async fn receiving(conn: &mut Conn, user: UserId) -> db::Result<Vec<PersonId>> {
    conn.query(sql!("SELECT person_id FROM contacts WHERE user_id = $1 AND receiving ORDER BY id"))
        .bind(user)
        .scalars()
        .await
}

// --- ignoring ---

/// 1 when the member did not ignore them before.
pub async fn block(tx: &mut Tx, user: UserId, person: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO blocks (user_id, person_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    ))
    .bind(user)
    .bind(person)
    .bind(now)
    .run()
    .await
}

pub async fn unblock(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM blocks WHERE user_id = $1 AND person_id = $2"))
        .bind(user)
        .bind(person)
        .run()
        .await
}

/// 1 when this is new.
pub async fn set_blocked_by(tx: &mut Tx, user: UserId, person: PersonId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO blocked_by (user_id, person_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    ))
    .bind(user)
    .bind(person)
    .bind(now)
    .run()
    .await
}

/// 1 when they did block the member.
pub async fn unset_blocked_by(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM blocked_by WHERE user_id = $1 AND person_id = $2"))
        .bind(user)
        .bind(person)
        .run()
        .await
}

/// Those of these people of other pods who block the member.
pub async fn blocking(conn: &mut Conn, user: UserId, people: &[PersonId]) -> db::Result<Vec<PersonId>> {
    conn.query(sql!(
        sqlite: "SELECT person_id FROM blocked_by
                 WHERE user_id = $1 AND person_id IN (SELECT value FROM json_each($2))",
        postgres: "SELECT person_id FROM blocked_by
                   WHERE user_id = $1 AND person_id IN (SELECT value::bigint FROM jsonb_array_elements_text($2))",
    ))
    .bind(user)
    .bind(Json(people))
    .scalars()
    .await
}

/// Whom the member ignores, by name.
pub async fn blocked(conn: &mut Conn, user: UserId) -> db::Result<Vec<Person>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        " FROM blocks b JOIN people p ON p.id = b.person_id LEFT JOIN profiles f ON f.person_id = p.id
          WHERE b.user_id = $1 ORDER BY COALESCE(f.full_name, ''), p.diaspora_id"
    )))
    .bind(user)
    .all()
    .await
}

/// Both directions at once, with the memberships.
pub async fn delete(tx: &mut Tx, user: UserId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM contacts WHERE user_id = $1 AND person_id = $2"))
        .bind(user)
        .bind(person)
        .run()
        .await
}

// --- aspects ---

/// The member's aspect of this name, whatever its case.
pub async fn aspect_by_name(conn: &mut Conn, user: UserId, name: &str) -> db::Result<Option<AspectId>> {
    conn.query(sql!("SELECT id FROM aspects WHERE user_id = $1 AND lower(name) = lower($2)"))
        .bind(user)
        .bind(name.trim())
        .scalar()
        .await
}

/// None when the name is taken.
pub async fn insert_aspect(
    tx: &mut Tx,
    user: UserId,
    name: &str,
    now: Timestamp,
) -> db::Result<Option<AspectId>> {
    tx.query(sql!(
        "INSERT INTO aspects (user_id, name, position, created_at)
         SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), COALESCE(MAX(a.position) + 1, 0), CAST($3 AS BIGINT)
         FROM aspects a WHERE a.user_id = $1 ON CONFLICT DO NOTHING RETURNING id"
    ))
    .bind(user)
    .bind(name)
    .bind(now)
    .scalar()
    .await
}

pub async fn owns_aspect(conn: &mut Conn, user: UserId, aspect: AspectId) -> db::Result<bool> {
    let found: Option<AspectId> = conn
        .query(sql!("SELECT id FROM aspects WHERE id = $2 AND user_id = $1"))
        .bind(user)
        .bind(aspect)
        .scalar()
        .await?;
    Ok(found.is_some())
}

pub async fn name_taken(conn: &mut Conn, user: UserId, but: AspectId, name: &str) -> db::Result<bool> {
    let found: Option<AspectId> = conn
        .query(sql!("SELECT id FROM aspects WHERE user_id = $1 AND id <> $2 AND lower(name) = lower($3)"))
        .bind(user)
        .bind(but)
        .bind(name)
        .scalar()
        .await?;
    Ok(found.is_some())
}

pub async fn rename_aspect(tx: &mut Tx, user: UserId, aspect: AspectId, name: &str) -> db::Result<u64> {
    tx.query(sql!("UPDATE aspects SET name = $3 WHERE id = $2 AND user_id = $1"))
        .bind(user)
        .bind(aspect)
        .bind(name)
        .run()
        .await
}

pub async fn delete_aspect(tx: &mut Tx, user: UserId, aspect: AspectId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM aspects WHERE id = $2 AND user_id = $1")).bind(user).bind(aspect).run().await
}

pub async fn aspects(conn: &mut Conn, user: UserId) -> db::Result<Vec<Aspect>> {
    conn.query(sql!(
        "SELECT a.id, a.name, a.position,
                (SELECT COUNT(*) FROM aspect_memberships m WHERE m.aspect_id = a.id) AS people
         FROM aspects a WHERE a.user_id = $1 ORDER BY a.position, a.id"
    ))
    .bind(user)
    .all()
    .await
}
