//! What members do with the buttons and small forms that plugins put on pages, and pages of plugins' own.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::{saying, see_other},
    plugins,
    visit::{SignedIn, Visit, local_path, referring_path},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    self as kernel,
    plugin::{self, Acting, exchange::Acted},
};

/// Fields of such a form at most.
const FIELDS: usize = 100;

/// `POST /p/{slug}/actions/{action}`: the plugin's own form, about the attachment `subject`.
pub async fn act(
    State(app): State<App>,
    SignedIn(_): SignedIn,
    visit: Visit,
    Path((slug, action)): Path<(String, String)>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response> {
    let enabled = app.pod.plugins.find(&slug).ok_or(Error::NotFound)?;
    // a form of a page is about no attachment
    let subject = fields.get("subject").filter(|guid| !guid.is_empty()).map(str::to_owned);
    let mut form = fields.pairs().to_vec();
    form.retain(|(name, _)| name != "subject" && !name.starts_with('_'));
    form.truncate(FIELDS);
    let acting = Acting { action, subject, form };
    let acted = plugin::act(&plugins::looking(&app, &visit), &enabled, acting).await?;
    let back = referring_path(&headers, &app.pod.site().url("")).unwrap_or_else(|| "/stream".to_owned());
    match acted {
        Some(Acted::Done) if visit.json => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(Acted::Done) => Ok(saying(&app, "flash-saved", see_other(&back))),
        Some(Acted::Redirect(path)) => Ok(see_other(local_path(&path).unwrap_or(&back))),
        Some(Acted::Invalid(problems)) => {
            let said = plugins::problems(&app, &visit, &enabled, "", problems);
            let words = said.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(" ");
            Err(Error::Refused(words))
        }
        Some(Acted::Forbidden) => Err(kernel::Error::Forbidden("plugin").into()),
        None => Err(Error::PluginFailed(slug)),
    }
}
