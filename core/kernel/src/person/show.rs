//! A person's page, for whoever may see it.
use super::{Person, Profile, Relation, profile, store};
use crate::{
    Error, Pod, Result,
    access::Viewer,
    contact,
    db::Conn,
    moderation,
    text::{self, Text, TextOf},
};

/// The profile of the person with this guid. People of other pods are shown to members only.
pub async fn show(pod: &Pod, viewer: Viewer, guid: &str) -> Result<Profile> {
    let mut conn = pod.db.read().await?;
    let person = store::find_by_guid(&mut conn, guid).await?.ok_or(Error::NotFound)?;
    let (mut profile, cached) = read(&mut conn, viewer, person, &text::renderer_key(pod)).await?;
    drop(conn);
    if !profile.bio.is_empty() {
        let limited = !profile.public_details;
        let bio = Text { of: TextOf::Bio(profile.person.id), text: profile.bio.clone(), limited, cached };
        profile.bio_html = text::render(pod, vec![bio]).await?.pop().unwrap_or_default();
    }
    Ok(profile)
}

async fn read(
    conn: &mut Conn,
    viewer: Viewer,
    person: Person,
    key: &str,
) -> Result<(Profile, Option<String>)> {
    if !person.local && viewer.owner().is_none() {
        return Err(Error::Forbidden("sign-in-first"));
    }
    let relation = match viewer.owner() {
        Some(owner) => contact::relation(conn, owner.user(), person.id).await?,
        None => Relation::default(),
    };
    let is_me = viewer.owner().is_some_and(|owner| owner.person() == person.id);
    let profile::Shown { data, cached_bio } = profile::read(conn, person.id, key).await?.unwrap_or_default();
    let standing = match person.diaspora_id.parse() {
        Ok(id) => moderation::standing(conn, &id).await?,
        Err(_) => moderation::Standing::default(),
    };
    let shows_details =
        is_me || others_see_details(standing.is_suspended(), data.public_details, relation.sharing);
    let detail = |value: String| if shows_details { value } else { String::new() };
    let profile = Profile {
        tags: if standing.is_suspended() { Vec::new() } else { text::scan::tags(&data.tag_string) },
        first_name: data.first_name,
        last_name: data.last_name,
        bio: detail(data.bio),
        bio_html: String::new(),
        location: detail(data.location),
        gender: detail(data.gender),
        birthday: data.birthday.filter(|_| shows_details),
        searchable: data.searchable,
        nsfw: data.nsfw,
        public_details: data.public_details,
        relation,
        is_me,
        shows_details,
        standing,
        person,
    };
    Ok((profile, cached_bio))
}

/// The one rule of who besides the person is shown the details of a profile: whom they share with, and everybody where
/// they want that; nobody, of whom an admin suspended.
pub(super) const fn others_see_details(suspended: bool, public: bool, shares: bool) -> bool {
    !suspended && (public || shares)
}

/// Where the account of a closed person went, if they said so and that person is known here.
pub async fn moved_to(pod: &Pod, person: &Person) -> Result<Option<Person>> {
    if !person.closed {
        return Ok(None);
    }
    Ok(store::moved_to(&mut pod.db.read().await?, person.id).await?)
}
