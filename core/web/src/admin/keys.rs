//! `/admin/keys`: people whose pods show another key than the one that was seen first.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::{saying, see_other},
    theme::contract::admin::{AdminKeysPage, KeyChangeView},
    view,
    visit::{IsAdmin, Visit},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    id::PersonId,
    person::key_change::{self, KeyChange},
};

/// `GET /admin/keys`
pub async fn show(State(app): State<App>, IsAdmin(admin): IsAdmin, visit: Visit) -> Result<Response> {
    let changes = key_change::list(&app.pod, admin).await?;
    let changes = changes.iter().map(|change| change_view(&app, change)).collect();
    Ok(app.render(&visit, &AdminKeysPage { changes }).await?.into_response())
}

fn change_view(app: &App, change: &KeyChange) -> KeyChangeView {
    KeyChangeView {
        id: change.person.id.0,
        person: view::person(app, &change.person),
        kept: change.kept.clone(),
        shown: change.shown.clone(),
        new_account: change.new_account,
        at: change.noticed_at.0,
    }
}

/// `POST /admin/keys/{person}`: the key with the fingerprint in `shown` is theirs.
pub async fn accept(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    Path(person): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let person = PersonId(person.parse().map_err(|_| Error::NotFound)?);
    key_change::accept(&app.pod, admin, person, Some(&fields.text("shown"))).await?;
    Ok(saying(&app, "flash-saved", see_other("/admin/keys")))
}
