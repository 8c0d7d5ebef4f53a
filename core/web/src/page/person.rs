//! People: a profile, finding somebody, and whom I share with.
use crate::{
    App,
    error::{Error, Result},
    fields::{Fields, Query},
    json,
    page::{
        moved, saying, see_other,
        stream::{PAGE, before, older},
    },
    theme::contract::people::{PersonStanding, ProfilePage, SearchPage},
    view,
    visit::{SignedIn, Visit, referring_path},
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::Owner,
    contact::{self, aspect},
    error as kernel,
    id::AspectId,
    moderation::Severity,
    moving,
    person::{self, Person, Profile},
    stream::{self, Stream},
};
use std::collections::BTreeSet;

/// `GET /people/{guid}`
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(guid): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let bare = guid.strip_suffix(".json").unwrap_or(&guid);
    if let Some(elsewhere) = elsewhere(&app, &visit, bare).await? {
        return Ok(elsewhere);
    }
    if let Some(guid) = guid.strip_suffix(".json") {
        let profile = person::show(&app.pod, visit.viewer(), guid).await?;
        return as_json(&app, &profile);
    }
    let profile = person::show(&app.pod, visit.viewer(), &guid).await?;
    if visit.json {
        return as_json(&app, &profile);
    }
    page(&app, &visit, &query, profile).await
}

/// Visitors are sent to the pod that somebody moved to: people of other pods are shown here to members only.
pub(super) async fn elsewhere(app: &App, visit: &Visit, guid: &str) -> Result<Option<Response>> {
    if visit.owner().is_some() {
        return Ok(None);
    }
    let Some((new, page)) = moving::moved_to(&app.pod, guid).await? else { return Ok(None) };
    if new.local {
        return Ok(Some(moved(&format!("/people/{}", new.guid))));
    }
    Ok(Some(moved(&page)))
}

/// `GET /u/{name}`
pub async fn by_name(
    State(app): State<App>,
    visit: Visit,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let person = person::by_username(&app.pod, &name).await?;
    if let Some(elsewhere) = elsewhere(&app, &visit, &person.guid).await? {
        return Ok(elsewhere);
    }
    let profile = person::show(&app.pod, visit.viewer(), &person.guid).await?;
    page(&app, &visit, &query, profile).await
}

async fn page(app: &App, visit: &Visit, query: &Fields, profile: Profile) -> Result<Response> {
    if profile.person.closed {
        return match person::moved_to(&app.pod, &profile.person).await? {
            Some(now) => Ok(saying(app, "flash-moved", see_other(&format!("/people/{}", now.guid)))),
            None => Err(Error::Status(StatusCode::GONE)),
        };
    }
    if visit.owner().is_some() {
        person::refresh::refresh(&app.pod, profile.person.id).await?;
    }
    let posts =
        stream::page(&app.pod, visit.viewer(), Stream::Person(profile.person.id), before(query), PAGE)
            .await?;
    let relation = match visit.owner() {
        Some(owner) if !profile.is_me => {
            Some(view::relation_of(&aspect::list(&app.pod, owner).await?, &profile.relation))
        }
        _ => None,
    };
    let shown = |text: &str| (profile.shows_details && !text.is_empty()).then(|| text.to_owned());
    let page = ProfilePage {
        person: view::person(app, &profile.person),
        is_me: profile.is_me,
        relation,
        bio: shown(&profile.bio_html).map(|bio| view::html(app, &profile.person, &bio)),
        standing: standing(&profile),
        standing_reason: profile.standing.reason.clone().filter(|_| standing(&profile).is_some()),
        location: shown(&profile.location),
        gender: shown(&profile.gender),
        birthday: profile.birthday.as_deref().and_then(shown),
        tags: profile.tags.clone(),
        posts: view::posts(app, visit.owner().is_some(), &posts.items),
        older: older(&format!("/people/{}", profile.person.guid), posts.older.as_ref()),
    };
    Ok(app.render(visit, &page).await?.into_response())
}

/// What the admins decided, in the words of the page.
fn standing(profile: &Profile) -> Option<PersonStanding> {
    match profile.standing.severity {
        Severity::Suspend => Some(PersonStanding::Suspended),
        Severity::Silence => Some(PersonStanding::Silenced),
        Severity::None => profile.standing.media_hidden.then_some(PersonStanding::PicturesHidden),
    }
}

fn as_json(app: &App, profile: &Profile) -> Result<Response> {
    if profile.person.closed {
        return Err(Error::Status(StatusCode::GONE));
    }
    Ok(Json(profile_json(app, profile)).into_response())
}

fn profile_json(app: &App, profile: &Profile) -> serde_json::Value {
    let person = view::person(app, &profile.person);
    let picture = person.avatar.unwrap_or_else(|| "/assets/user/default.png".into());
    let relation = &profile.relation;
    let word = match (relation.sharing, relation.receiving) {
        (true, true) => "mutual".into(),
        (true, false) => "sharing".into(),
        (false, true) => "receiving".into(),
        (false, false) if relation.contact.is_some() => "not_sharing".into(),
        (false, false) => serde_json::Value::Bool(false),
    };
    serde_json::json!({
        "id": profile.person.id.0,
        "guid": person.guid,
        "name": person.name,
        "diaspora_id": person.handle,
        "relationship": word,
        "block": if relation.ignored { serde_json::json!({ "id": profile.person.id.0 }) } else { false.into() },
        "is_own_profile": profile.is_me,
        "show_profile_info": profile.shows_details,
        "profile": {
            "searchable": profile.searchable,
            "tags": profile.tags,
            "avatar": { "small": picture, "medium": picture, "large": picture },
        },
    })
}

/// `GET /people/{guid}/stream` and the same with `.json`: what the viewer may read of somebody's posts; for
/// other pods, which read it once to catch up with somebody whom they just found, the public ones.
pub async fn posts_json(
    State(app): State<App>,
    visit: Visit,
    Path(guid): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let profile = person::show(&app.pod, visit.viewer(), &guid).await?;
    if profile.person.closed {
        return Err(Error::Status(StatusCode::GONE));
    }
    let whose = Stream::Person(profile.person.id);
    let posts = stream::page(&app.pod, visit.viewer(), whose, before(&query), PAGE).await?;
    Ok(Json(posts.items.iter().map(|item| json::post(&app, item)).collect::<Vec<_>>()).into_response())
}

/// `GET /people?q=…`: known people; a diaspora* ID nobody here knows yet is asked for at its pod.
pub async fn search(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let asked = query.text("q").trim().to_owned();
    let mut people = if asked.is_empty() { vec![] } else { person::search(&app.pod, owner, &asked).await? };
    let mut failure = None;
    if people.is_empty() && asked.contains(['@', '/']) {
        match discover(&app, owner, &asked).await? {
            Ok(person) => people.push(person),
            Err(why) => failure = Some(why.to_owned()),
        }
    }
    if visit.json {
        return Ok(
            Json(people.iter().map(|found| found_json(&app, found)).collect::<Vec<_>>()).into_response()
        );
    }
    let people = people.iter().map(|found| view::person(&app, found)).collect();
    Ok(app.render(&visit, &SearchPage { query: asked, people, failure }).await?.into_response())
}

fn found_json(app: &App, person: &Person) -> serde_json::Value {
    let view = view::person(app, person);
    serde_json::json!({
        "id": person.id.0, "guid": view.guid, "name": view.name, "avatar": view.avatar,
        "handle": view.handle, "url": view.url,
    })
}

/// Finds somebody by diaspora* ID or by the address of their page, or says in one word why not.
pub async fn discover(app: &App, owner: Owner, typed: &str) -> Result<Result<Person, &'static str>> {
    if app.limits.discover.check(&format!("user {}", owner.user())).is_err() {
        return Ok(Err("often"));
    }
    match person::locate(&app.pod, owner, typed).await {
        Ok(person) => Ok(Ok(person)),
        Err(kernel::Error::NotFound) => Ok(Err("unknown")),
        Err(kernel::Error::Remote(_) | kernel::Error::Unusable(_)) if app.pod.site().is_development() => {
            Ok(Err("off"))
        }
        Err(kernel::Error::Forbidden(_)) => Ok(Err("refused")),
        Err(kernel::Error::Remote(reason) | kernel::Error::Unusable(reason)) => {
            tracing::info!(%reason, "looking somebody up failed");
            Ok(Err("unreachable"))
        }
        Err(kernel::Error::Invalid(_) | kernel::Error::InvalidFields(_)) => Ok(Err("invalid")),
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/{guid}/aspects`: these are all of my aspects that the person is in.
pub async fn set_aspects(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    headers: HeaderMap,
    Path(guid): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let profile = person::show(&app.pod, owner.into(), &guid).await?;
    let wanted: BTreeSet<AspectId> =
        fields.all("aspect_ids").iter().filter_map(|id| id.parse().ok()).map(AspectId).collect();
    contact::set_aspects(&app.pod, owner, profile.person.id, &wanted).await?;
    let back = referring_path(&headers, &app.pod.site().url("")).unwrap_or_else(|| format!("/people/{guid}"));
    Ok(saying(&app, "flash-saved", see_other(&back)))
}
