//! `/setup`: the link that the first start prints leads here; the form makes the first admin.
use crate::{
    App, cookie,
    error::{Error, Result},
    fields::{Fields, Query},
    page::{field_errors, found, saying, see_other, sign_in},
    theme::contract::{
        Form,
        entry::{SetupPage, SetupTokenPage},
    },
    visit::Visit,
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    account::setup::{self, Setup},
    error as kernel,
};

/// `GET /setup`: trades the link's word for a cookie, then shows the form.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response> {
    if let Some(token) = query.get("token") {
        return trade(&app, &visit, token.trim()).await;
    }
    if !may(&app, &headers).await? {
        return ask_for_token(&app, &visit, Form::default(), StatusCode::OK).await;
    }
    let form = Form::default().value("base_url", app.pod.site().url("")).value("registrations", "closed");
    Ok(app.render(&visit, &page(&app, form)).await?.into_response())
}

async fn trade(app: &App, visit: &Visit, token: &str) -> Result<Response> {
    match setup::redeem(&app.pod, token).await {
        Ok(right) => {
            let mut response = found("/setup");
            response.headers_mut().append(header::SET_COOKIE, cookie::setup(&right));
            Ok(response)
        }
        Err(kernel::Error::Forbidden(_)) => {
            let form = Form::default().error("token", "expired");
            ask_for_token(app, visit, form, StatusCode::FORBIDDEN).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask_for_token(app: &App, visit: &Visit, form: Form, status: StatusCode) -> Result<Response> {
    Ok((status, app.render(visit, &SetupTokenPage { form }).await?).into_response())
}

async fn may(app: &App, headers: &HeaderMap) -> Result<bool> {
    match cookie::read(headers, cookie::SETUP) {
        Some(right) => Ok(setup::is_open(&app.pod, &right).await?),
        None => Ok(false),
    }
}

fn page(app: &App, form: Form) -> SetupPage {
    let fixed = app.pod.site().base_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    SetupPage { form, fixed_base_url: fixed }
}

/// `POST /setup`
pub async fn finish(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response> {
    let right =
        cookie::read(&headers, cookie::SETUP).ok_or(Error::Domain(kernel::Error::Forbidden("setup-link")))?;
    let base_url = match &app.pod.site().base_url {
        Some(fixed) => fixed.to_string(),
        None => fields.text("base_url").trim().to_owned(),
    };
    let form = Setup {
        pod_name: pod_name(&fields, &base_url),
        base_url,
        username: fields.text("username"),
        email: fields.text("email"),
        password: fields.text("password"),
        open: fields.get("registrations") == Some("open"),
        language: visit.lang.id().to_owned(),
    };
    match setup::finish(&app.pod, &right, form, &visit.device()).await {
        Ok(started) => {
            Ok(saying(&app, "flash-welcome", sign_in::begun(&app, see_other("/stream"), &started, false)))
        }
        Err(error) => {
            let kept = fields.kept("", &["base_url", "pod_name", "username", "email", "registrations"]);
            let form = field_errors(error, kept, &[("name", "pod_name")])?;
            app.refuse(&visit, &page(&app, form)).await
        }
    }
}

/// What the form says, or the host until the admin finds a better name.
fn pod_name(fields: &Fields, base_url: &str) -> String {
    let named = fields.text("pod_name");
    if !named.trim().is_empty() {
        return named;
    }
    let host = url::Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| "Pappus".into())
}
