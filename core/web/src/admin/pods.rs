//! `/admin/pods`: which other pods answer, what waits for those that do not, and why.
use crate::{
    App,
    error::Result,
    fields::Query,
    page::{saying, see_other},
    theme::contract::pods::{AdminPodPage, AdminPodsPage, EventView, PodState, QueueView, RemotePodView},
    view::count,
    visit::{IsAdmin, Visit},
};
use axum::{
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    Timestamp,
    remote_pod::{self, Direction, Event, Filter, Row, State},
};

/// `GET /admin/pods?state=…&q=…`
pub async fn list(
    Shared(app): Shared<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let state = query.get("state").and_then(State::named);
    let filter = Filter { state, text: query.text("q") };
    let rows = remote_pod::list(&app.pod, admin, &filter).await?;
    let counts = remote_pod::counts(&app.pod).await?;
    let now = app.pod.clock.now();
    let page = AdminPodsPage {
        state: state.map_or("", State::name).to_owned(),
        q: filter.text,
        ok: count(counts.ok),
        retrying: count(counts.retrying),
        asleep: count(counts.asleep),
        blocked: count(counts.blocked),
        waiting: count(counts.waiting),
        more: rows.len() >= remote_pod::LONGEST_LIST,
        pods: rows.into_iter().map(|row| view(row, now)).collect(),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `GET /admin/pods/{host}`
pub async fn show(
    Shared(app): Shared<App>,
    IsAdmin(admin): IsAdmin,
    visit: Visit,
    Path(host): Path<String>,
) -> Result<Response> {
    let details = remote_pod::show(&app.pod, admin, &host).await?;
    let queue = |waiting: remote_pod::Waiting| QueueView {
        entity: waiting.entity,
        public: waiting.public,
        count: count(waiting.count),
        last_error: waiting.last_error,
    };
    let page = AdminPodPage {
        remote: view(details.pod, app.pod.clock.now()),
        queue: details.queue.into_iter().map(queue).collect(),
        events: details.events.into_iter().map(event).collect(),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `POST /admin/pods/{host}/recheck`
pub async fn recheck(
    Shared(app): Shared<App>,
    IsAdmin(admin): IsAdmin,
    Path(host): Path<String>,
) -> Result<Response> {
    remote_pod::recheck(&app.pod, admin, &host).await?;
    Ok(saying(&app, "flash-pod-asked", see_other(&format!("/admin/pods/{}", host.trim().to_lowercase()))))
}

fn view(row: Row, now: Timestamp) -> RemotePodView {
    let state = row.state(now);
    RemotePodView {
        state: match state {
            State::Ok => PodState::Ok,
            State::Retrying => PodState::Retrying,
            State::Asleep => PodState::Asleep,
            State::Blocked => PodState::Blocked,
        },
        people: count(row.people),
        waiting: count(row.waiting),
        oldest: row.oldest.map(|at| at.0),
        last_error: row.last_error,
        last_seen: row.last_seen_at.map(|at| at.0),
        offline_since: row.offline_since.map(|at| at.0),
        failures: count(row.failures),
        next_try: matches!(state, State::Retrying | State::Asleep).then_some(row.retry_at.0),
        host: row.host,
    }
}

fn event(event: Event) -> EventView {
    EventView {
        at: event.at.0,
        received: event.direction == Direction::In,
        entity: event.entity,
        guid: event.guid,
        result: event.result,
        reason: event.reason,
        messages: count(event.messages),
    }
}
