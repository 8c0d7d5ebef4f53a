//! `/`: the stream for members, a welcome for everybody else. Other pods probe this path for a 2xx.
use crate::{App, error::Result, page::found, theme::contract::entry::HomePage, view, visit::Visit};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::Viewer,
    account,
    stream::{self, Stream},
};

const POSTS: i64 = 5;

/// `GET /`
pub async fn show(State(app): State<App>, visit: Visit) -> Result<Response> {
    if visit.owner().is_some() {
        return Ok(found("/stream"));
    }
    let members =
        if app.pod.site().tells_counts { Some(view::count(account::members(&app.pod).await?)) } else { None };
    let page = stream::page(&app.pod, Viewer::Visitor, Stream::Public, None, POSTS).await?;
    let page = HomePage { members, posts: view::posts(&app, false, &page.items) };
    Ok(app.render(&visit, &page).await?.into_response())
}
