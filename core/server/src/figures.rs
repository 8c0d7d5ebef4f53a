//! The metrics listener: figures for Prometheus, and how the process is. For the operator's network only.
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use pappus_kernel::{Pod, job, remote_pod};
use std::sync::Arc;

#[derive(Clone)]
struct Figures {
    pod: Arc<Pod>,
    handle: PrometheusHandle,
}

/// `/metrics`, `/livez`, `/readyz`.
pub fn router(pod: &Arc<Pod>, handle: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(figures))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Figures { pod: Arc::clone(pod), handle })
}

async fn figures(State(figures): State<Figures>) -> impl IntoResponse {
    queue(&figures.pod).await;
    pods(&figures.pod).await;
    figures.handle.run_upkeep();
    let text = figures.handle.render() + &crate::telemetry::process();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

async fn ready(State(figures): State<Figures>) -> (StatusCode, String) {
    match pappus_web::health::ready(&figures.pod).await {
        Ok(()) => (StatusCode::OK, "ok\n".into()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("the database cannot be written: {error}\n")),
    }
}

async fn queue(pod: &Pod) {
    let backlog = async { job::backlog(&mut pod.db.read().await?).await };
    let Ok(rows) = backlog.await else { return };
    let now = pod.clock.now();
    for state in ["waiting", "running", "dead", "quarantined"] {
        let of_state = || rows.iter().filter(|row| row.state == state);
        let count: i64 = of_state().map(|row| row.count).sum();
        metrics::gauge!("jobs", "state" => state).set(float(count));
        if state == "waiting" {
            let oldest = of_state().map(|row| row.oldest).min().unwrap_or(now);
            metrics::gauge!("job_age_seconds").set(float((now.0 - oldest.0).max(0) / 1_000_000));
        }
    }
}

/// Other pods by state, and what waits for them.
async fn pods(pod: &Pod) {
    let Ok(counts) = remote_pod::counts(pod).await else { return };
    for state in remote_pod::State::ALL {
        metrics::gauge!("fed_pods", "state" => state.name()).set(float(counts.of(state)));
    }
    let now = pod.clock.now();
    let age = counts.oldest.map_or(0, |oldest| (now.0 - oldest.0).max(0) / 1_000_000);
    metrics::gauge!("fed_backlog").set(float(counts.waiting));
    metrics::gauge!("fed_backlog_age_seconds").set(float(age));
}

/// Exact below 2³², which no queue reaches.
fn float(count: i64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
