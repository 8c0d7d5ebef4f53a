//! `/notifications`: what others did.
use crate::{
    App,
    error::Result,
    fields::{Fields, Query},
    page::{see_other, stream::older},
    theme::contract::{people::NotificationsPage, plain::ConfirmPage},
    view,
    visit::{SignedIn, Visit},
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    id::NotificationId,
    notification::{self, Notification},
};

/// `GET /notifications`
pub async fn show(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Query(query): Query,
) -> Result<Response> {
    let before = query.get("before").and_then(|cursor| cursor.parse().ok());
    let page = notification::page(&app.pod, owner, before).await?;
    let full = page.len() >= usize::try_from(notification::PAGE).unwrap_or(usize::MAX);
    let next = page.last().filter(|_| full).map(Notification::cursor);
    let page = NotificationsPage {
        notifications: page.iter().map(|one| view::notification(&app, visit.lang, one)).collect(),
        unread: view::count(notification::unread(&app.pod, owner).await?),
        older: older("/notifications", next.as_ref()),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

/// `PUT /notifications/{id}`
pub async fn read(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Response> {
    let unread = fields.ticked("set_unread");
    notification::set_unread(&app.pod, owner, NotificationId(id), unread).await?;
    if visit.json {
        return Ok(Json(serde_json::json!({ "guid": id, "unread": unread })).into_response());
    }
    Ok(see_other("/notifications"))
}

/// `POST /notifications/read_all`: all of them, or with `post` those about one post.
pub async fn read_all(State(app): State<App>, SignedIn(owner): SignedIn, fields: Fields) -> Result<Response> {
    match fields.get("post") {
        Some(post) => {
            notification::seen(&app.pod, owner, post).await?;
            Ok(see_other(&format!("/posts/{post}")))
        }
        None => {
            notification::read_all(&app.pod, owner).await?;
            Ok(see_other("/notifications"))
        }
    }
}

/// `GET /notifications/read_all`: old clients mean it, a browser is asked.
pub async fn ask_read_all(State(app): State<App>, signed_in: SignedIn, visit: Visit) -> Result<Response> {
    if !visit.browser {
        return read_all(State(app), signed_in, Fields::default()).await;
    }
    let page = ConfirmPage {
        question: "read-all".into(),
        action: "/notifications/read_all".into(),
        fields: vec![],
        back: "/notifications".into(),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}
