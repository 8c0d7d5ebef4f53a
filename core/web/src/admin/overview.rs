//! `/admin`: how the pod is, and what wants its podmin.
use crate::{
    App,
    error::Result,
    theme::contract::admin::{AdminOverviewPage, Figure, Need},
    view,
    visit::{IsAdmin, Visit},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    account,
    job::{self, Backlog},
    person::key_change,
    plugin, remote_pod,
};

/// `GET /admin`
pub async fn show(State(app): State<App>, IsAdmin(admin): IsAdmin, visit: Visit) -> Result<Response> {
    let counts = account::count(&app.pod).await?;
    let backlog = job::backlog(&mut app.pod.db.read().await.map_err(pappus_kernel::Error::from)?).await;
    let backlog = backlog.map_err(pappus_kernel::Error::from)?;
    let pods = remote_pod::counts(&app.pod).await?;
    let failing = pods.retrying + pods.asleep;
    let plugins = plugin::list(&app.pod).await?;
    let broken = plugins.iter().filter(|one| one.last_error.is_some()).count();
    let keys = key_change::list(&app.pod, admin).await?.len();
    let enabled = app.pod.plugins.enabled().len();
    let figure = |id: &str, value: i64| Figure { id: id.into(), value: value.to_string() };
    let of = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let page = AdminOverviewPage {
        figures: vec![
            figure("members", counts.users),
            figure("active", counts.active_month),
            figure("posts", counts.local_posts),
            figure("comments", counts.local_comments),
            figure("queue", waiting(&backlog, &["waiting", "running"])),
            figure("failing_pods", failing),
            figure("plugins", of(enabled)),
        ],
        needs: needs(&app, waiting(&backlog, &["dead", "quarantined"]), failing, of(broken), of(keys)),
        version: pappus_kernel::VERSION.into(),
        database: app.pod.db.kind().into(),
        registrations_open: app.pod.site().open,
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

fn waiting(backlog: &[Backlog], states: &[&str]) -> i64 {
    backlog.iter().filter(|row| states.contains(&row.state.as_str())).map(|row| row.count).sum()
}

fn needs(app: &App, dead: i64, failing: i64, broken: i64, keys: i64) -> Vec<Need> {
    let need = |id: &str, count: i64, url: Option<&str>| Need {
        id: id.into(),
        count: view::count(count),
        url: url.map(str::to_owned),
    };
    let all = [
        need("dead_jobs", dead, Some("/admin/jobs")),
        need("failing_pods", failing, Some("/admin/pods")),
        need("plugins_failed", broken, Some("/admin/plugins")),
        need("changed_keys", keys, Some("/admin/keys")),
        need("development", i64::from(app.pod.site().is_development()), None),
    ];
    all.into_iter().filter(|need| need.count > 0).collect()
}
