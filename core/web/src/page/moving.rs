//! `/user/move`: moving in with an archive, how far that has come, and an archive to move out with.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::{field_errors, saying, see_other},
    theme::contract::{
        Form,
        moving::{ArchiveView, MoveLeftOut, MoveSkipped, MoveStep, MoveView, SettingsMovingPage},
    },
    upload, view,
    visit::{SignedIn, Visit},
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    Invalid,
    access::Owner,
    moving::{self, LARGEST_UPLOAD, Made, Progress},
};

const HERE: &str = "/user/move";

/// `GET /user/move`
pub async fn show(State(app): State<App>, SignedIn(owner): SignedIn, visit: Visit) -> Result<Response> {
    if visit.json {
        return Ok(axum::Json(moving::progress(&app.pod, owner).await?).into_response());
    }
    let page = page(&app, owner, Form::default()).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn page(app: &App, owner: Owner, form: Form) -> Result<SettingsMovingPage> {
    Ok(SettingsMovingPage {
        moving: moving::progress(&app.pod, owner).await?.map(shown),
        archive: moving::export_state(&app.pod, owner).await?.map(archive),
        form,
    })
}

fn shown(progress: Progress) -> MoveView {
    let waiting = progress.counts.iter().map(|count| count.waiting).sum();
    let left_out = progress
        .left_out
        .into_iter()
        .map(|one| MoveLeftOut { reason: one.reason, count: view::count(one.count) });
    let steps = progress.counts.into_iter().map(|count| MoveStep {
        done: view::count(count.done),
        total: view::count(count.done + count.waiting + count.skipped),
        skipped: view::count(count.skipped),
        kind: count.kind,
    });
    let skipped = progress.skipped.into_iter().map(|one| MoveSkipped {
        kind: one.kind,
        label: one.label,
        reason: one.reason,
    });
    MoveView {
        old_handle: progress.old_id,
        finished_at: progress.finished_at.map(|at| at.0),
        steps: steps.collect(),
        later: if progress.finished_at.is_some() { view::count(waiting) } else { 0 },
        left_out: left_out.collect(),
        skipped: skipped.collect(),
    }
}

fn archive(made: Made) -> ArchiveView {
    ArchiveView {
        asked_at: made.asked_at.0,
        made_at: made.made_at.map(|at| at.0),
        until: made.until.0,
        kib: view::count(made.bytes / 1024).max(1),
    }
}

/// `POST /user/move`: an archive to move in with.
pub async fn take(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    request: Request,
) -> Result<Response> {
    app.limits.codes.check(&format!("user {}", owner.user()))?;
    let (_, file) = upload::one(&app, request, "archive", LARGEST_UPLOAD).await?;
    let begun = match file {
        Some(file) => moving::begin(&app.pod, owner, file).await,
        None => Err(Invalid::new("archive", "required").into()),
    };
    answer(&app, &visit, owner, begun, "flash-moving").await
}

async fn answer(
    app: &App,
    visit: &Visit,
    owner: Owner,
    done: pappus_kernel::Result<()>,
    said: &'static str,
) -> Result<Response> {
    match done {
        Ok(()) => Ok(saying(app, said, see_other(HERE))),
        Err(error) => {
            let form = field_errors(error, Form::default(), &[])?;
            app.refuse(visit, &page(app, owner, form).await?).await
        }
    }
}

/// `POST /user/export_profile`
pub async fn ask(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    app.limits.codes.check(&format!("user {}", owner.user()))?;
    let asked = moving::ask(&app.pod, owner, &fields.text("export_password")).await;
    answer(&app, &visit, owner, asked, "flash-archive-asked").await
}

/// `GET /user/download_profile`: the archive holds the private key, so a link alone does not fetch it.
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn offer(_: SignedIn) -> Response {
    see_other(HERE)
}

/// `POST /user/download_profile`
pub async fn download(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
    app.limits.codes.check(&format!("user {}", owner.user()))?;
    let file = match moving::fetch(&app.pod, owner, &fields.text("download_password")).await {
        Ok(file) => file,
        Err(error) => {
            let form = field_errors(error, Form::default(), &[("archive", "download_password")])?;
            return app.refuse(&visit, &page(&app, owner, form).await?).await;
        }
    };
    let me = visit.me().ok_or(Error::SignInFirst)?;
    let name = format!("attachment; filename=\"{}.json.gz\"", me.diaspora_id.replace([':', '"'], "-"));
    let mut response = Body::from(file.to_vec()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = HeaderValue::try_from(name).map_err(pappus_kernel::Error::internal)?;
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}
