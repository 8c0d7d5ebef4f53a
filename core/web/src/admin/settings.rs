//! `/admin/settings`: the pod's name, whether anybody may join, and what strangers and search engines see.
use crate::{
    App,
    error::Result,
    fields::Fields,
    page::{field_errors, saying, see_other},
    theme::contract::{Form, admin::AdminSettingsPage},
    visit::{IsAdmin, Visit},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use pappus_kernel::setting::{self, Change};

/// `GET /admin/settings`
pub async fn show(State(app): State<App>, _: IsAdmin, visit: Visit) -> Result<Response> {
    let site = app.pod.site();
    let form = Form::default()
        .value("pod_name", site.name.as_str())
        .value("registrations", if site.open { "open" } else { "closed" })
        .value("tells_counts", if site.tells_counts { "true" } else { "" })
        .value("hidden", if site.hidden { "true" } else { "" });
    Ok(app.render(&visit, &page(&app, form)).await?.into_response())
}

fn page(app: &App, form: Form) -> AdminSettingsPage {
    AdminSettingsPage { base_url: app.pod.site().url(""), form }
}

/// `POST /admin/settings`
pub async fn change(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let to = Change {
        name: fields.text("pod_name"),
        open: fields.get("registrations") == Some("open"),
        tells_counts: fields.get("tells_counts").is_some(),
        hidden: fields.get("hidden").is_some(),
    };
    match setting::change(&app.pod, admin, to).await {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other("/admin/settings"))),
        Err(error) => {
            let kept = fields.kept("", &["pod_name", "registrations", "tells_counts", "hidden"]);
            let form = field_errors(error, kept, &[("name", "pod_name")])?;
            app.refuse(&visit, &page(&app, form)).await
        }
    }
}
