//! `/admin/jobs`: work that gave up, to be tried again or thrown away.
use crate::{
    App,
    error::Result,
    page::{saying, see_other},
    theme::contract::pods::{AdminJobsPage, DeadJobView},
    view::count,
    visit::{IsAdmin, Visit},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    id::JobId,
    job::{self, Dead},
};

/// `GET /admin/jobs`
pub async fn show(State(app): State<App>, IsAdmin(admin): IsAdmin, visit: Visit) -> Result<Response> {
    let view = |job: Dead| {
        let crashed = job.state == "quarantined";
        DeadJobView {
            id: job.id.0,
            kind: job.kind,
            crashed,
            times: count(if crashed { job.crashes } else { job.failures }),
            last_error: job.last_error,
            at: job.created_at.0,
        }
    };
    let jobs = job::list_dead(&app.pod, admin).await?.into_iter().map(view).collect();
    Ok(app.render(&visit, &AdminJobsPage { jobs }).await?.into_response())
}

/// `POST /admin/jobs/{id}/retry`
pub async fn retry(State(app): State<App>, IsAdmin(admin): IsAdmin, Path(id): Path<i64>) -> Result<Response> {
    job::retry_dead(&app.pod, admin, Some(JobId(id))).await?;
    Ok(back(&app))
}

/// `POST /admin/jobs/retry`
pub async fn retry_all(State(app): State<App>, IsAdmin(admin): IsAdmin) -> Result<Response> {
    job::retry_dead(&app.pod, admin, None).await?;
    Ok(back(&app))
}

/// `DELETE /admin/jobs/{id}`
pub async fn discard(
    State(app): State<App>,
    IsAdmin(admin): IsAdmin,
    Path(id): Path<i64>,
) -> Result<Response> {
    job::drop_dead(&app.pod, admin, Some(JobId(id))).await?;
    Ok(back(&app))
}

/// `DELETE /admin/jobs`
pub async fn discard_all(State(app): State<App>, IsAdmin(admin): IsAdmin) -> Result<Response> {
    job::drop_dead(&app.pod, admin, None).await?;
    Ok(back(&app))
}

fn back(app: &App) -> Response {
    saying(app, "flash-saved", see_other("/admin/jobs"))
}
