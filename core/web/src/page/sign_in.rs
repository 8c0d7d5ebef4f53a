//! `/users/sign_in` with its second step on the same path, and signing out.
use crate::{
    App, cookie,
    error::{Error, Result},
    fields::{Fields, Query},
    limit::address_key,
    page::{
        field_errors, found, saying, see_other,
        unsent::{self, Unsent},
    },
    theme::contract::{
        Form,
        entry::{SignInCodePage, SignInPage},
        plain::ConfirmPage,
    },
    visit::{Visit, local_path},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    account::{
        session::{self, Started},
        sign_in,
    },
    error as kernel,
};

/// `GET /login`: what people type.
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn login() -> Response {
    found("/users/sign_in")
}

/// `GET /users/sign_in`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query) -> Result<Response> {
    let return_to = return_to(&query);
    if visit.owner().is_some() {
        return Ok(found(return_to.as_deref().unwrap_or("/stream")));
    }
    door(&app, &visit, return_to, Unsent::new()).await
}

/// The page that asks for what is missing: name and password, or the code.
async fn door(app: &App, visit: &Visit, return_to: Option<String>, unsent: Unsent) -> Result<Response> {
    let form = Form::default();
    let page = match &visit.session {
        Some(_) => app.render(visit, &SignInCodePage { form, return_to, unsent }).await?,
        None => app.render(visit, &SignInPage { form, return_to, unsent }).await?,
    };
    Ok(page.into_response())
}

/// The same for somebody whose session ended while they wrote.
pub async fn holding(app: &App, visit: &Visit, unsent: Unsent) -> Result<Response> {
    door(app, visit, None, unsent).await
}

fn return_to(fields: &Fields) -> Option<String> {
    fields.get("return_to").and_then(local_path).map(str::to_owned)
}

/// `POST /users/sign_in`: name and password, or the code when that is what is missing.
pub async fn submit(State(app): State<App>, visit: Visit, fields: Fields) -> Result<Response> {
    if fields.get("user[otp_attempt]").is_some() && fields.get("user[password]").is_none() {
        return code(&app, &visit, &fields).await;
    }
    let (login, password) = (fields.text("user[username]"), fields.text("user[password]"));
    app.limits.sign_in.check(&format!("ip {}", address_key(visit.ip)))?;
    app.limits.sign_in.check(&format!("account {}", login.trim().to_lowercase()))?;
    match sign_in::sign_in(&app.pod, &login, &password, &visit.device()).await {
        Ok(started) if started.needs_code => {
            let (return_to, unsent) = (return_to(&fields), unsent::carried(&fields));
            let page = SignInCodePage { form: Form::default(), return_to, unsent };
            let response = (StatusCode::OK, app.render(&visit, &page).await?).into_response();
            Ok(begun(&app, response, &started, true))
        }
        Ok(started) => enter(&app, &visit, &fields, &started).await,
        Err(kernel::Error::Forbidden(why)) => {
            let rule = if matches!(why, "locked" | "moved") { why } else { "wrong-sign-in" };
            let form = fields.kept("user", &["username", "remember_me"]).error("password", rule);
            let (return_to, unsent) = (return_to(&fields), unsent::carried(&fields));
            app.refuse(&visit, &SignInPage { form, return_to, unsent }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn code(app: &App, visit: &Visit, fields: &Fields) -> Result<Response> {
    let (Some(session), Some(token)) = (&visit.session, &visit.token) else {
        // the ten minutes are over
        return Ok(found("/users/sign_in"));
    };
    app.limits.codes.check(&format!("user {}", session.user))?;
    match session::pass_code(&app.pod, token, &fields.text("user[otp_attempt]")).await {
        Ok(started) => enter(app, visit, fields, &started).await,
        Err(kernel::Error::Conflict(_)) => Ok(found("/stream")),
        Err(error) => {
            let form = field_errors(error, Form::default(), &[])?;
            let (return_to, unsent) = (return_to(fields), unsent::carried(fields));
            app.refuse(visit, &SignInCodePage { form, return_to, unsent }).await
        }
    }
}

/// 302, which clients check for; or the form with the text that could not be sent before.
async fn enter(app: &App, visit: &Visit, fields: &Fields, started: &Started) -> Result<Response> {
    let unsent = unsent::carried(fields);
    let visit = if unsent.is_empty() { visit.clone() } else { visit.resumed(app, &started.token).await? };
    let next = match visit.owner() {
        Some(owner) if !unsent.is_empty() => unsent::resume(app, &visit, owner, &unsent).await?,
        _ => found(&return_to(fields).unwrap_or_else(|| "/stream".into())),
    };
    Ok(begun(app, next, started, fields.get("user[remember_me]").is_some_and(|said| said == "0")))
}

/// Hands the session to the browser; `brief` until it closes.
pub fn begun(app: &App, mut response: Response, started: &Started, brief: bool) -> Response {
    let seconds = started.expires_at.seconds().saturating_sub(app.pod.clock.now().seconds());
    let cookie = cookie::session(&app.pod.site(), &started.token, (!brief).then_some(seconds));
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// `GET /users/sign_out`: clients without a browser are signed out; a browser could have been led here by
/// anybody, so it is asked.
pub async fn ask_sign_out(State(app): State<App>, visit: Visit) -> Result<Response> {
    if !visit.browser {
        return leave(&app, &visit).await;
    }
    let page = ConfirmPage {
        question: "sign-out".into(),
        action: "/users/sign_out".into(),
        fields: vec![("_method".into(), "delete".into())],
        back: "/stream".into(),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `DELETE /users/sign_out`
pub async fn sign_out(State(app): State<App>, visit: Visit) -> Result<Response> {
    leave(&app, &visit).await
}

async fn leave(app: &App, visit: &Visit) -> Result<Response, Error> {
    if let Some(token) = &visit.token {
        session::end(&app.pod, token).await?;
    }
    let mut response = saying(app, "flash-signed-out", see_other("/users/sign_in"));
    response.headers_mut().append(header::SET_COOKIE, cookie::no_session(&app.pod.site()));
    Ok(response)
}
