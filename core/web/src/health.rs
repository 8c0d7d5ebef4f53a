//! Is the process alive, and can it work.
use crate::App;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// `GET /livez`: the process answers.
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn livez() -> Response {
    plain(StatusCode::OK, "ok")
}

/// `GET /readyz`: the database takes writes.
pub async fn readyz(State(app): State<App>) -> Response {
    match ready(&app.pod).await {
        Ok(()) => plain(StatusCode::OK, "ok"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            plain(StatusCode::SERVICE_UNAVAILABLE, "the database does not take writes")
        }
    }
}

/// Opens a write transaction and gives it back.
pub async fn ready(pod: &pappus_kernel::Pod) -> pappus_kernel::Result<()> {
    Ok(pod.db.begin().await.map(drop)?)
}

fn plain(status: StatusCode, words: &'static str) -> Response {
    (
        status,
        [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        words,
    )
        .into_response()
}
