//! People as somebody may see them, many at once: for lists that are not pages.
use super::{Person, person_columns, show::others_see_details};
use crate::{
    access::{Owner, Viewer},
    db::{self, Conn},
    id::PersonId,
    sql,
};
use sqlx::types::Json;

/// The year of a birthday without one; no year before it is somebody's.
const NO_YEAR: u16 = 1004;

/// A day of birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birthday {
    /// None where it is nobody's business.
    pub year: Option<u16>,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Birthday {
    fn parse(stored: &str) -> Option<Self> {
        let date: jiff::civil::Date = stored.parse().ok()?;
        let year = u16::try_from(date.year()).ok().filter(|year| *year > NO_YEAR);
        Some(Self { year, month: date.month().unsigned_abs(), day: date.day().unsigned_abs() })
    }
}

/// Somebody, and what the viewer may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Who it is.
    pub person: Person,
    /// A detail, as on their page.
    pub birthday: Option<Birthday>,
}

/// Which of a member's contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    All,
    /// Those of whom the member may know that it is their birthday: month and day.
    BirthdayOn(u8, u8),
    /// Those whose name begins like this.
    NamePrefix(String),
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    person: Person,
    birthday: Option<String>,
    public_details: bool,
    sharing: bool,
    suspended: bool,
}

impl Row {
    fn seen_by(self, viewer: Viewer) -> Facts {
        let is_me = viewer.owner().is_some_and(|owner| owner.person() == self.person.id);
        let shown = is_me || others_see_details(self.suspended, self.public_details, self.sharing);
        let birthday = self.birthday.as_deref().filter(|_| shown).and_then(Birthday::parse);
        Facts { person: self.person, birthday }
    }
}

macro_rules! facts_columns {
    () => {
        concat!(
            person_columns!("p", "f"),
            ", f.birthday, COALESCE(f.public_details, FALSE) AS public_details,
             COALESCE(c.sharing, FALSE) AS sharing, p.standing > 1 AS suspended"
        )
    };
}

/// Those of these diaspora* IDs that are known here, in no order. People of other pods are shown to members only.
pub(crate) async fn by_ids(conn: &mut Conn, viewer: Viewer, ids: &[String]) -> db::Result<Vec<Facts>> {
    let (_, user) = viewer.ids();
    let rows: Vec<Row> = conn
        .query(sql!(
            sqlite: concat!(
                "SELECT ", facts_columns!(),
                " FROM people p LEFT JOIN profiles f ON f.person_id = p.id
                  LEFT JOIN contacts c ON c.person_id = p.id AND c.user_id = $2
                  WHERE p.diaspora_id IN (SELECT value FROM json_each($1)) AND (p.remote_pod_id IS NULL OR $2 <> 0)"
            ),
            postgres: concat!(
                "SELECT ", facts_columns!(),
                " FROM people p LEFT JOIN profiles f ON f.person_id = p.id
                  LEFT JOIN contacts c ON c.person_id = p.id AND c.user_id = $2
                  WHERE p.diaspora_id IN (SELECT value FROM jsonb_array_elements_text($1))
                    AND (p.remote_pod_id IS NULL OR $2 <> 0)"
            ),
        ))
        .bind(Json(ids))
        .bind(user)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.seen_by(viewer)).collect())
}

/// A member as they see themselves.
pub(crate) async fn own(conn: &mut Conn, who: Owner) -> db::Result<Option<Facts>> {
    let row: Option<Row> = conn
        .query(sql!(concat!(
            "SELECT ",
            facts_columns!(),
            " FROM people p LEFT JOIN profiles f ON f.person_id = p.id
              LEFT JOIN contacts c ON c.person_id = p.id AND c.user_id = $2 WHERE p.id = $1"
        )))
        .bind(who.person())
        .bind(who.user())
        .optional()
        .await?;
    Ok(row.map(|row| row.seen_by(who.into())))
}

/// People with whom the member shares, behind `after`, in the order of their rows; and where the next page begins.
/// Neither whom they ignore nor whose account is closed.
pub(crate) async fn contacts(
    conn: &mut Conn,
    who: Owner,
    filter: &Filter,
    after: PersonId,
    limit: i64,
) -> db::Result<(Vec<Facts>, Option<PersonId>)> {
    let (day, prefix) = match filter {
        Filter::All => (None, None),
        Filter::BirthdayOn(month, day) => (Some(format!("{month:02}-{day:02}")), None),
        Filter::NamePrefix(prefix) => (None, Some(starting_with(prefix))),
    };
    let rows: Vec<Row> = conn
        .query(sql!(concat!(
            "SELECT ",
            facts_columns!(),
            " FROM contacts c JOIN people p ON p.id = c.person_id LEFT JOIN profiles f ON f.person_id = p.id
              WHERE c.user_id = $1 AND c.receiving AND p.id > $2 AND p.closed_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $1 AND b.person_id = p.id)
                AND (CAST($3 AS TEXT) IS NULL OR (SUBSTR(f.birthday, 6) = $3
                     AND p.standing <= 1 AND (f.public_details OR c.sharing)))
                AND (CAST($4 AS TEXT) IS NULL OR f.full_name LIKE $4 ESCAPE '!')
              ORDER BY p.id LIMIT $5"
        )))
        .bind(who.user())
        .bind(after)
        .bind(&day)
        .bind(&prefix)
        .bind(limit)
        .all()
        .await?;
    let full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
    let next = rows.last().map(|row| row.person.id).filter(|_| full);
    let mut seen: Vec<Facts> = rows.into_iter().map(|row| row.seen_by(who.into())).collect();
    // the statement says the same: where a page ends must not tell of birthdays that are nobody's business
    if day.is_some() {
        seen.retain(|facts| facts.birthday.is_some());
    }
    Ok((seen, next))
}

/// A pattern for names, which are stored in lower case.
fn starting_with(prefix: &str) -> String {
    let mut pattern = String::new();
    for letter in prefix.trim().to_lowercase().chars() {
        if matches!(letter, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_may_have_no_year() {
        let day = |year| Some(Birthday { year, month: 2, day: 29 });
        assert_eq!(Birthday::parse("1996-02-29"), day(Some(1996)));
        assert_eq!(Birthday::parse("1004-02-29"), day(None));
        assert_eq!(Birthday::parse("1997-02-29"), None, "there was no such day");
        assert_eq!(Birthday::parse(""), None);
    }

    #[test]
    fn what_is_typed_is_no_pattern() {
        assert_eq!(starting_with(" A_b%!"), "a!_b!%!!%");
    }
}
