//! `/user/security`: the second factor, recovery codes, the password, open sessions.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::{field_errors, saying, see_other},
    theme::contract::{
        Form, SafeHtml,
        settings::{SessionView, SettingsSecurityPage, TwoFactor},
    },
    view,
    visit::{SignedIn, Visit},
};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::Owner,
    account::{
        password, session,
        totp::{self, Enrolment},
    },
    error as kernel,
    id::SessionId,
};

/// What a form left to show.
#[derive(Default)]
struct Sent {
    form: Form,
    password: Form,
    codes: Vec<String>,
}

/// `GET /user/security`
pub async fn show(State(app): State<App>, SignedIn(owner): SignedIn, visit: Visit) -> Result<Response> {
    let page = page(&app, &visit, owner, Sent::default()).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn page(app: &App, visit: &Visit, owner: Owner, sent: Sent) -> Result<SettingsSecurityPage> {
    let two_factor = match totp::state(&app.pod, owner).await? {
        totp::State::Off => TwoFactor::Off,
        totp::State::On { codes_left } => TwoFactor::On { codes_left: view::count(codes_left) },
        totp::State::Pending => totp::pending(&app.pod, owner).await?.map_or(TwoFactor::Off, pending),
    };
    let current = visit.me().map(|me| me.id);
    let sessions = session::list(&app.pod, owner).await?;
    let sessions = sessions.into_iter().map(|one| SessionView {
        id: one.id.0,
        label: one.label,
        seen_at: one.seen_at.0,
        created_at: one.created_at.0,
        current: Some(one.id) == current,
    });
    Ok(SettingsSecurityPage {
        two_factor,
        form: sent.form,
        password_form: sent.password,
        recovery_codes: sent.codes,
        sessions: sessions.collect(),
    })
}

fn pending(enrolment: Enrolment) -> TwoFactor {
    let groups: Vec<_> = enrolment.secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    TwoFactor::Pending { qr: SafeHtml::sanitised(enrolment.qr_svg), key: groups.join(" ") }
}

/// `POST /two_factor_authentication`
pub async fn begin(State(app): State<App>, SignedIn(owner): SignedIn) -> Result<Response> {
    match totp::begin(&app.pod, owner).await {
        Ok(_) | Err(kernel::Error::Conflict(_)) => Ok(see_other("/user/security")),
        Err(error) => Err(error.into()),
    }
}

/// `POST /two_factor_authentication/confirm`: answers with the recovery codes, once.
pub async fn confirm(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    app.limits.codes.check(&format!("user {}", owner.user()))?;
    let codes = totp::confirm(&app.pod, owner, &fields.text("user[code]")).await;
    answer(&app, &visit, owner, codes).await
}

/// `POST /two_factor_authentication/recovery_codes`
pub async fn new_codes(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    let password = guarded(&app, owner, &fields)?;
    let codes = totp::new_codes(&app.pod, owner, &password).await;
    answer(&app, &visit, owner, codes).await
}

/// `DELETE /two_factor_authentication`: off, or not begun after all.
pub async fn disable(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    if totp::cancel(&app.pod, owner).await? {
        return Ok(see_other("/user/security"));
    }
    let password = guarded(&app, owner, &fields)?;
    match totp::disable(&app.pod, owner, &password).await {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other("/user/security"))),
        Err(error) => answer(&app, &visit, owner, Err(error)).await,
    }
}

/// Somebody at an unlocked screen must not get to guess for long.
fn guarded(app: &App, owner: Owner, fields: &Fields) -> Result<String> {
    app.limits.codes.check(&format!("user {}", owner.user()))?;
    Ok(fields.text("two_factor_authentication[password]"))
}

/// New codes stand on this one answer, which no cache may keep.
async fn answer(
    app: &App,
    visit: &Visit,
    owner: Owner,
    codes: pappus_kernel::Result<Vec<String>>,
) -> Result<Response> {
    match codes {
        Ok(codes) => {
            let page = page(app, visit, owner, Sent { codes, ..Sent::default() }).await?;
            let mut response = app.render(visit, &page).await?.into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response)
        }
        Err(kernel::Error::Conflict(_)) => Ok(see_other("/user/security")),
        Err(error) => {
            let form = field_errors(error, Form::default(), &[])?;
            let page = page(app, visit, owner, Sent { form, ..Sent::default() }).await?;
            app.refuse(visit, &page).await
        }
    }
}

/// `DELETE /user/sessions/{id}`
pub async fn revoke(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Path(id): Path<i64>,
) -> Result<Response> {
    session::revoke(&app.pod, owner, SessionId(id)).await?;
    Ok(saying(&app, "flash-saved", see_other("/user/security")))
}

/// `POST /user/password`: every other session ends.
pub async fn change_password(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    app.limits.codes.check(&format!("user {}", owner.user()))?;
    let me = visit.me().ok_or(Error::SignInFirst)?;
    let new = fields.text("new_password");
    let changed = if fields.get("new_password_confirmation").is_some_and(|again| again != new) {
        Err(pappus_kernel::Invalid::new("new_password_confirmation", "different").into())
    } else {
        password::change(&app.pod, me, &fields.text("current_password"), new).await
    };
    match changed {
        Ok(()) => Ok(saying(&app, "flash-saved", see_other("/user/security"))),
        Err(error) => {
            let password = field_errors(error, Form::default(), &[])?;
            let page = page(&app, &visit, owner, Sent { password, ..Sent::default() }).await?;
            app.refuse(&visit, &page).await
        }
    }
}
