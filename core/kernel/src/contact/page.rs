//! The member's list of contacts. Nobody else ever sees it.
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Conn},
    id::{AspectId, ContactId, UserId},
    person::{Person, person_columns},
    sql,
};

/// How many contacts are on a page.
pub const PAGE: i64 = 25;

/// Which contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Everybody, in either direction.
    All,
    /// In one of my aspects.
    Receiving,
    /// They share with me, I do not.
    OnlySharing,
    /// In this aspect.
    Aspect(AspectId),
}

/// One of the member's aspects that a contact is in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct InAspect {
    /// The aspect.
    pub id: AspectId,
    /// Its name.
    pub name: String,
    /// The row that says so.
    pub membership: i64,
}

/// A person whom the member shares with, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The row.
    pub id: ContactId,
    /// Who.
    pub person: Person,
    /// They share with the member.
    pub sharing: bool,
    /// The member shares with them.
    pub receiving: bool,
    /// The member's aspects that they are in.
    pub aspects: Vec<InAspect>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ContactId,
    sharing: bool,
    receiving: bool,
    aspects: String,
    #[sqlx(flatten)]
    person: Person,
}

/// A page of the member's contacts by name; the first page is 1.
pub async fn page(pod: &Pod, who: Owner, set: Set, page: i64) -> Result<Vec<Contact>> {
    let skip = (page.clamp(1, 1_000_000) - 1) * PAGE;
    let rows = rows(&mut pod.db.read().await?, who.user(), set, skip).await?;
    let contact = |row: Row| {
        let aspects = serde_json::from_str(&row.aspects).map_err(Error::internal)?;
        Ok(Contact {
            id: row.id,
            person: row.person,
            sharing: row.sharing,
            receiving: row.receiving,
            aspects,
        })
    };
    rows.into_iter().map(contact).collect()
}

macro_rules! contacts {
    ($aspects:literal) => {
        concat!(
            "SELECT c.id, c.sharing, c.receiving, ", $aspects, " AS aspects, ", person_columns!("p", "f"),
            " FROM contacts c JOIN people p ON p.id = c.person_id LEFT JOIN profiles f ON f.person_id = p.id
             WHERE c.user_id = $1
               AND ($2 = 0 OR $2 = 1 AND c.receiving OR $2 = 2 AND c.sharing AND NOT c.receiving
                    OR $2 = 3 AND EXISTS (SELECT 1 FROM aspect_memberships o JOIN aspects oa ON oa.id = o.aspect_id
                                          WHERE o.contact_id = c.id AND oa.id = $3 AND oa.user_id = $1))
             ORDER BY COALESCE(f.full_name, ''), p.diaspora_id, c.id LIMIT $4 OFFSET $5"
        )
    };
}

async fn rows(conn: &mut Conn, user: UserId, set: Set, skip: i64) -> db::Result<Vec<Row>> {
    let (kind, aspect) = match set {
        Set::All => (0_i64, AspectId(0)),
        Set::Receiving => (1, AspectId(0)),
        Set::OnlySharing => (2, AspectId(0)),
        Set::Aspect(aspect) => (3, aspect),
    };
    conn.query(sql!(
        sqlite: contacts!(
            "(SELECT json_group_array(json_object('id', a.id, 'name', a.name, 'membership', a.membership))
              FROM (SELECT a.id, a.name, m.id AS membership
                    FROM aspect_memberships m JOIN aspects a ON a.id = m.aspect_id
                    WHERE m.contact_id = c.id ORDER BY a.position, a.id) a)"
        ),
        postgres: contacts!(
            "(SELECT COALESCE(json_agg(json_build_object('id', a.id, 'name', a.name, 'membership', m.id)
                                       ORDER BY a.position, a.id), '[]')::text
              FROM aspect_memberships m JOIN aspects a ON a.id = m.aspect_id WHERE m.contact_id = c.id)"
        ),
    ))
    .bind(user)
    .bind(kind)
    .bind(aspect)
    .bind(PAGE)
    .bind(skip)
    .all()
    .await
}
