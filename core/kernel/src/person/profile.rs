//! What people say about themselves: written by members here, and as it comes from other pods.
use crate::{
    Error, Invalid, Pod, Result,
    access::Owner,
    db::{self, Conn, Tx},
    id::{PersonId, Timestamp},
    outbox::{self, Outgoing},
    sql, text,
};
use pappus_federation::entity::Profile;

/// Everything a profile says.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct ProfileData {
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// The large picture.
    pub image_url: Option<String>,
    /// The middle one.
    pub image_url_medium: Option<String>,
    /// The small one.
    pub image_url_small: Option<String>,
    /// May be empty.
    pub bio: String,
    /// `YYYY-MM-DD`; the year 1004 stands for none.
    pub birthday: Option<String>,
    /// May be empty.
    pub gender: String,
    /// May be empty.
    pub location: String,
    /// `#one #two`.
    pub tag_string: String,
    /// May be found by strangers.
    pub searchable: bool,
    /// Their posts are not safe for work.
    pub nsfw: bool,
    /// The details are for everybody.
    pub public_details: bool,
    /// When its author changed it, if they say.
    pub edited_at: Option<Timestamp>,
}

impl ProfileData {
    /// As it comes from another pod, which is at `home`: pictures may be named relative to it.
    pub(crate) fn received(profile: Profile, home: Option<&str>) -> Self {
        let home = home.and_then(|home| url::Url::parse(home).ok());
        let picture = |url: Option<String>| {
            let url = home.as_ref()?.join(&url?).ok()?;
            (url.scheme() == "https").then(|| url.into())
        };
        let mut first_name = profile.first_name.unwrap_or_default();
        let last_name = profile.last_name.unwrap_or_default();
        if first_name.is_empty() && last_name.is_empty() {
            first_name = profile.full_name.unwrap_or_default();
        }
        Self {
            first_name,
            last_name,
            image_url: picture(profile.image_url),
            image_url_medium: picture(profile.image_url_medium),
            image_url_small: picture(profile.image_url_small),
            bio: profile.bio.unwrap_or_default(),
            birthday: profile.birthday.map(|day| day.as_str().to_owned()),
            gender: profile.gender.unwrap_or_default(),
            location: profile.location.unwrap_or_default(),
            tag_string: profile.tag_string.unwrap_or_default(),
            searchable: profile.searchable,
            nsfw: profile.nsfw,
            public_details: profile.public,
            edited_at: profile.edited_at.map(|at| Timestamp(at.micros())),
        }
    }
}

/// What a member typed about themselves.
#[derive(Debug, Clone, Default)]
pub struct ProfileForm {
    /// Up to 32 characters.
    pub first_name: String,
    /// Up to 32 characters.
    pub last_name: String,
    /// Up to 65 535 characters.
    pub bio: String,
    /// Up to 255 characters.
    pub gender: String,
    /// Up to 255 characters.
    pub location: String,
    /// `YYYY-MM-DD`, `MM-DD` where the year is nobody's business, or nothing.
    pub birthday: String,
    /// Up to five tags.
    pub tag_string: String,
    /// May be found by strangers.
    pub searchable: bool,
    /// Their posts are not safe for work.
    pub nsfw: bool,
    /// The details are for everybody.
    pub public_details: bool,
}

/// The year of a birthday without one.
const NO_YEAR: &str = "1004";

impl ProfileForm {
    fn valid(self) -> Result<ProfileData> {
        let mut wrong = Vec::new();
        let mut line = |field: &'static str, text: String, most: usize, name: bool| {
            let text = text.trim().to_owned();
            if text.chars().count() > most {
                wrong.push(Invalid::new(field, "too-long"));
            } else if text.contains('\0') || name && text.contains(';') {
                wrong.push(Invalid::new(field, "characters"));
            }
            text
        };
        let mut data = ProfileData {
            first_name: line("first_name", self.first_name, 32, true),
            last_name: line("last_name", self.last_name, 32, true),
            bio: line("bio", self.bio, 65_535, false),
            gender: line("gender", self.gender, 255, false),
            location: line("location", self.location, 255, false),
            searchable: self.searchable,
            nsfw: self.nsfw,
            public_details: self.public_details,
            ..ProfileData::default()
        };
        let tags: Option<Vec<_>> = self
            .tag_string
            .split([' ', ','])
            .filter(|tag| !tag.is_empty())
            .map(text::scan::tag_name)
            .collect();
        match tags {
            None => wrong.push(Invalid::new("tag_string", "characters")),
            Some(tags) if tags.len() > 5 => wrong.push(Invalid::new("tag_string", "too-many")),
            Some(tags) => {
                data.tag_string = tags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(" ");
            }
        }
        match birthday(self.birthday.trim()) {
            Ok(birthday) => data.birthday = birthday,
            Err(invalid) => wrong.push(invalid),
        }
        if wrong.is_empty() { Ok(data) } else { Err(Error::InvalidFields(wrong)) }
    }
}

fn birthday(typed: &str) -> Result<Option<String>, Invalid> {
    if typed.is_empty() {
        return Ok(None);
    }
    let whole = if typed.matches('-').count() == 1 { format!("{NO_YEAR}-{typed}") } else { typed.to_owned() };
    let date: jiff::civil::Date = whole.parse().map_err(|_| Invalid::new("birthday", "not-a-date"))?;
    Ok(Some(date.to_string()))
}

/// Changes the member's own profile and tells every contact. The picture stays.
pub async fn change(pod: &Pod, who: Owner, form: ProfileForm) -> Result<()> {
    let mut data = form.valid()?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    if let Some(Shown { data: old, .. }) = read(&mut tx, who.person(), "").await? {
        data.image_url = old.image_url;
        data.image_url_medium = old.image_url_medium;
        data.image_url_small = old.image_url_small;
    }
    data.edited_at = Some(now);
    write(&mut tx, who.person(), &data, now).await?;
    outbox::enqueue(&mut tx, &Outgoing::Profile { user: who.user(), to: None }, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Where the picture of somebody is, in three sizes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Portrait {
    /// 300 by 300.
    pub large: Option<String>,
    /// 100 by 100.
    pub medium: Option<String>,
    /// 50 by 50.
    pub small: Option<String>,
}

/// Changes the picture alone.
pub(crate) async fn put_portrait(
    tx: &mut Tx,
    person: PersonId,
    to: &Portrait,
    now: Timestamp,
) -> db::Result<()> {
    let mut data = read(tx, person, "").await?.unwrap_or_default().data;
    data.image_url.clone_from(&to.large);
    data.image_url_medium.clone_from(&to.medium);
    data.image_url_small.clone_from(&to.small);
    data.edited_at = Some(now);
    put(tx, person, &data, now).await
}

/// Puts a whole profile in place of the present one.
pub async fn write(tx: &mut Tx, person: PersonId, data: &ProfileData, now: Timestamp) -> db::Result<()> {
    forget_bio(tx, person).await?;
    put(tx, person, data, now).await
}

async fn forget_bio(tx: &mut Tx, person: PersonId) -> db::Result<()> {
    tx.query(sql!("DELETE FROM rendered_bios WHERE person_id = $1")).bind(person).run().await.map(drop)
}

async fn put(tx: &mut Tx, person: PersonId, data: &ProfileData, now: Timestamp) -> db::Result<()> {
    let full_name = format!("{} {}", data.first_name, data.last_name).trim().to_lowercase();
    tx.query(sql!(
        "INSERT INTO profiles (person_id, first_name, last_name, full_name, image_url, image_url_medium,
                               image_url_small, bio, birthday, gender, location, tag_string, searchable, nsfw,
                               public_details, edited_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (person_id) DO UPDATE SET
             first_name = excluded.first_name, last_name = excluded.last_name, full_name = excluded.full_name,
             image_url = excluded.image_url, image_url_medium = excluded.image_url_medium,
             image_url_small = excluded.image_url_small, bio = excluded.bio, birthday = excluded.birthday,
             gender = excluded.gender, location = excluded.location, tag_string = excluded.tag_string,
             searchable = excluded.searchable, nsfw = excluded.nsfw, public_details = excluded.public_details,
             edited_at = excluded.edited_at, updated_at = excluded.updated_at"
    ))
    .bind(person)
    .bind(&data.first_name)
    .bind(&data.last_name)
    .bind(full_name)
    .bind(&data.image_url)
    .bind(&data.image_url_medium)
    .bind(&data.image_url_small)
    .bind(&data.bio)
    .bind(&data.birthday)
    .bind(&data.gender)
    .bind(&data.location)
    .bind(&data.tag_string)
    .bind(data.searchable)
    .bind(data.nsfw)
    .bind(data.public_details)
    .bind(data.edited_at)
    .bind(now)
    .run()
    .await
    .map(drop)
}

/// A profile as it is stored, with the HTML that is kept of its bio.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub(crate) struct Shown {
    #[sqlx(flatten)]
    pub data: ProfileData,
    pub cached_bio: Option<String>,
}

pub(crate) async fn read(conn: &mut Conn, person: PersonId, renderer_key: &str) -> db::Result<Option<Shown>> {
    conn.query(sql!(
        "SELECT f.first_name, f.last_name, f.image_url, f.image_url_medium, f.image_url_small, f.bio, f.birthday,
                f.gender, f.location, f.tag_string, f.searchable, f.nsfw, f.public_details, f.edited_at,
                (SELECT r.html FROM rendered_bios r WHERE r.person_id = f.person_id AND r.renderer_key = $2)
                    AS cached_bio
         FROM profiles f WHERE f.person_id = $1"
    ))
    .bind(person)
    .bind(renderer_key)
    .optional()
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_needs_a_month_and_a_day() {
        assert_eq!(birthday("1990-02-28"), Ok(Some("1990-02-28".into())));
        assert_eq!(birthday("02-29"), Ok(Some("1004-02-29".into())));
        assert_eq!(birthday(""), Ok(None));
        for wrong in ["1990-02-30", "1990", "13-01", "x"] {
            assert_eq!(birthday(wrong), Err(Invalid::new("birthday", "not-a-date")), "{wrong}");
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let form = ProfileForm {
            first_name: "a;b".into(),
            last_name: "x".repeat(33),
            tag_string: "#a b c d e f".into(),
            birthday: "never".into(),
            ..ProfileForm::default()
        };
        let Err(Error::InvalidFields(wrong)) = form.valid() else { panic!("it is not valid") };
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["first_name", "last_name", "tag_string", "birthday"]);
    }
}
