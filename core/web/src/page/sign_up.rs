//! `/users/sign_up` and `/users`: joining the pod.
use crate::{
    App,
    error::Result,
    fields::Fields,
    limit::address_key,
    page::{field_errors, found, saying, see_other, sign_in},
    theme::contract::{
        Form,
        entry::{RegistrationsClosedPage, SignUpPage},
    },
    visit::Visit,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    account::sign_up::{self, NewMember},
    error as kernel,
};

/// `GET /users/sign_up`
pub async fn show(State(app): State<App>, visit: Visit) -> Result<Response> {
    if visit.owner().is_some() {
        return Ok(found("/stream"));
    }
    if !app.pod.site().open {
        return Ok(found("/registrations_closed"));
    }
    Ok(app.render(&visit, &SignUpPage { form: Form::default() }).await?.into_response())
}

/// `GET /registrations_closed`
pub async fn closed(State(app): State<App>, visit: Visit) -> Result<Response> {
    Ok(app.render(&visit, &RegistrationsClosedPage {}).await?.into_response())
}

/// `POST /users`
pub async fn submit(State(app): State<App>, visit: Visit, fields: Fields) -> Result<Response> {
    if !app.pod.site().open {
        return Ok(see_other("/registrations_closed"));
    }
    let kept = fields.kept("user", &["username", "email"]);
    let password = fields.text("user[password]");
    if fields.get("user[password_confirmation]").is_some_and(|again| again != password) {
        let form = kept.error("password_confirmation", "different");
        return app.refuse(&visit, &SignUpPage { form }).await;
    }
    app.limits.sign_up.check(&format!("ip {}", address_key(visit.ip)))?;
    let new = NewMember {
        username: fields.text("user[username]"),
        email: fields.text("user[email]"),
        password,
        language: visit.lang.id().to_owned(),
    };
    match sign_up::sign_up(&app.pod, new, &visit.device()).await {
        Ok(started) => {
            Ok(saying(&app, "flash-welcome", sign_in::begun(&app, see_other("/stream"), &started, false)))
        }
        Err(kernel::Error::Forbidden("closed")) => Ok(see_other("/registrations_closed")),
        Err(error) => app.refuse(&visit, &SignUpPage { form: field_errors(error, kept, &[])? }).await,
    }
}
