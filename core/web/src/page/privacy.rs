//! `/privacy`: whom I ignore; and ignoring somebody from wherever they are met.
use crate::{
    App,
    error::Result,
    fields::Fields,
    page::{saying, see_other},
    theme::contract::settings::SettingsPrivacyPage,
    view,
    visit::{SignedIn, Visit, referring_path},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use pappus_kernel::{access::Owner, contact, id::PersonId, person};

/// `GET /privacy`
pub async fn show(State(app): State<App>, SignedIn(owner): SignedIn, visit: Visit) -> Result<Response> {
    let ignored = contact::ignored(&app.pod, owner).await?;
    let page =
        SettingsPrivacyPage { ignored: ignored.iter().map(|person| view::person(&app, person)).collect() };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `POST /blocks`: `block[person_id]`, a number of this pod or a guid.
pub async fn ignore(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response> {
    let whom = whom(&app, owner, &fields.text("block[person_id]")).await?;
    contact::ignore(&app.pod, owner, whom).await?;
    Ok(done(&app, &visit, &headers, "flash-ignored"))
}

/// `DELETE /blocks/{key}`: the same number or guid.
pub async fn stop_ignoring(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response> {
    let whom = whom(&app, owner, &key).await?;
    contact::stop_ignoring(&app.pod, owner, whom).await?;
    Ok(done(&app, &visit, &headers, "flash-not-ignored"))
}

async fn whom(app: &App, owner: Owner, key: &str) -> Result<PersonId> {
    match key.parse() {
        // a guid may consist of digits, and is longer than any number
        Ok(id) if key.len() < 16 => Ok(PersonId(id)),
        _ => Ok(person::show(&app.pod, owner.into(), key).await?.person.id),
    }
}

fn done(app: &App, visit: &Visit, headers: &HeaderMap, said: &'static str) -> Response {
    if visit.json {
        return StatusCode::NO_CONTENT.into_response();
    }
    let back = referring_path(headers, &app.pod.site().url("")).unwrap_or_else(|| "/privacy".into());
    saying(app, said, see_other(&back))
}
