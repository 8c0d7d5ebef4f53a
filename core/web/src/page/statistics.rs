//! `/statistics`: what kind of pod this is, and how large, where its admin tells.
use crate::{
    App,
    error::Result,
    theme::contract::{admin::Figure, plain::StatisticsPage},
    visit::Visit,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use pappus_kernel::account;

/// `GET /statistics`
pub async fn show(State(app): State<App>, visit: Visit) -> Result<Response> {
    let site = app.pod.site();
    let mut figures = Vec::new();
    if site.tells_counts {
        let counts = account::count(&app.pod).await?;
        let told = [
            ("members", counts.users),
            ("active", counts.active_month),
            ("active_halfyear", counts.active_halfyear),
            ("posts", counts.local_posts),
            ("comments", counts.local_comments),
        ];
        figures.extend(told.map(|(id, count)| Figure { id: id.into(), value: count.to_string() }));
    }
    let page = StatisticsPage {
        software: format!("Pappus {}", pappus_kernel::VERSION),
        registrations_open: site.open,
        figures,
    };
    Ok(app.render(&visit, &page).await?.into_response())
}
