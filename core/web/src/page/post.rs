//! One post: reading, commenting, liking (it or a comment), passing on, deleting.
use crate::{
    App,
    error::{Error, Result, dress, keeping},
    fields::{Fields, Query},
    json,
    page::{field_errors, saying, see_other, stream::older},
    theme::contract::{Form, stream::PostPage, views::CommentsPart},
    view,
    visit::{SignedIn, Visit, referring_path},
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::Owner,
    error as kernel, inbox, notification, post,
    relayable::{
        comment::{self, CommentText},
        comment_like, like,
    },
    stream::{Cursor, Item},
};

/// `GET /posts/{key}` and `GET /p/{key}`: a guid, or a number from this pod.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(key): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    if visit.json {
        let shown = post::show_whole(&app.pod, visit.viewer(), key.trim_end_matches(".json")).await?;
        let likes = like::below(&app.pod, shown.item.id).await?;
        return Ok(Json(json::whole_post(&app, &shown.item, &likes)).into_response());
    }
    let before = query.get("before").and_then(|cursor| cursor.parse().ok());
    let page = page(&app, &visit, &key, before, Form::default()).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn page(app: &App, visit: &Visit, key: &str, before: Option<Cursor>, form: Form) -> Result<PostPage> {
    let shown = post::show_before(&app.pod, visit.viewer(), key, before).await?;
    if visit.owner().is_some() {
        inbox::refresh_thread(&app.pod, shown.item.id).await?;
    }
    let mut post = view::post(app, visit.owner().is_some(), &shown.item);
    post.comments.part = Some(CommentsPart {
        older: older(&post.url, shown.older.as_ref()),
        newest: before.map(|_| post.url.clone()),
    });
    post.comment_form = form;
    let likers = shown.likers.iter().map(|liker| view::person(app, liker)).collect();
    let unread = match visit.owner() {
        Some(owner) => !seen_by(app, visit, owner, &shown.item).await?,
        None => false,
    };
    Ok(PostPage { post, likers, unread })
}

/// Whether nothing is left to mark as read. A GET changes nothing for a browser, which sends a form for it;
/// old clients have none and count on this.
async fn seen_by(app: &App, visit: &Visit, owner: Owner, item: &Item) -> Result<bool> {
    if !notification::is_unread_about(&app.pod, owner, item.id).await? {
        return Ok(true);
    }
    if !visit.browser && visit.is_get {
        notification::seen(&app.pod, owner, &item.guid).await?;
        return Ok(true);
    }
    Ok(false)
}

/// `DELETE /posts/{key}`
pub async fn delete(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response> {
    post::retract(&app.pod, owner, &key).await?;
    if visit.json {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(saying(&app, "flash-deleted", see_other("/stream")))
}

/// `POST /posts/{key}/likes`. A second like is the first one.
pub async fn like(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response> {
    liked(&visit, like::create(&app.pod, owner, &key).await, || back(&app, &headers, &key))
}

fn liked(
    visit: &Visit,
    outcome: kernel::Result<like::Like>,
    back: impl FnOnce() -> Response,
) -> Result<Response> {
    match outcome {
        Ok(like) if visit.json => {
            let said = serde_json::json!({ "id": like.id.0, "guid": like.guid });
            Ok((StatusCode::CREATED, Json(said)).into_response())
        }
        Ok(_) | Err(kernel::Error::Conflict(_)) => Ok(back()),
        Err(error) => Err(error.into()),
    }
}

/// `DELETE /posts/{key}/likes` and `DELETE /posts/{key}/likes/{id}`: there is only one to take back.
pub async fn unlike(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(keys): Path<Vec<(String, String)>>,
) -> Result<Response> {
    let key = keys.into_iter().next().map(|(_, key)| key).ok_or(Error::NotFound)?;
    like::retract(&app.pod, owner, &key).await?;
    if visit.json {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(back(&app, &headers, &key))
}

/// `GET /posts/{key}/comments`, with or without `.json`: all of them, as JSON.
pub async fn comments(State(app): State<App>, visit: Visit, Path(key): Path<String>) -> Result<Response> {
    let shown = post::show_whole(&app.pod, visit.viewer(), &key).await?;
    let comments = shown.item.comments.iter().map(|comment| json::comment(&app, comment));
    Ok(Json(comments.collect::<Vec<_>>()).into_response())
}

/// `POST /comments/{key}/likes`
pub async fn like_comment(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response> {
    let liking = comment_like::create(&app.pod, owner, &key).await;
    liked(&visit, liking, || back_to_comment(&app, &headers, &key))
}

/// `DELETE /comments/{key}/likes` and `DELETE /comments/{key}/likes/{id}`: there is only one to take back.
pub async fn unlike_comment(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(keys): Path<Vec<(String, String)>>,
) -> Result<Response> {
    let key = keys.into_iter().next().map(|(_, key)| key).ok_or(Error::NotFound)?;
    comment_like::retract(&app.pod, owner, &key).await?;
    if visit.json {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(back_to_comment(&app, &headers, &key))
}

/// `POST /reshares`: `root_guid`. A second reshare is the first one.
pub async fn reshare(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response> {
    let root = fields.text("root_guid");
    match post::reshare(&app.pod, owner, &root).await {
        Ok(made) if visit.json => {
            let said = serde_json::json!({ "id": made.id.0, "guid": made.guid, "post_type": "Reshare" });
            Ok((StatusCode::CREATED, Json(said)).into_response())
        }
        Err(kernel::Error::Conflict(_) | kernel::Error::Forbidden(_)) if visit.json => {
            Err(Error::Status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Ok(_) => Ok(saying(&app, "flash-reshared", back(&app, &headers, &root))),
        Err(kernel::Error::Conflict(_)) => Ok(back(&app, &headers, &root)),
        Err(error) => Err(error.into()),
    }
}

/// `POST /posts/{key}/comments`
pub async fn comment(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(key): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let typed = fields.get("comment[text]").or_else(|| fields.get("text")).unwrap_or_default().to_owned();
    let outcome = match CommentText::try_from(typed.clone()) {
        Ok(text) => comment::create(&app.pod, owner, &key, text).await,
        Err(invalid) => Err(invalid.into()),
    };
    match outcome {
        Ok(written) if visit.json => {
            let said = serde_json::json!({ "id": written.id.0, "guid": written.guid, "text": typed });
            Ok((StatusCode::CREATED, Json(said)).into_response())
        }
        Ok(written) => Ok(see_other(&format!("/posts/{key}#c-{}", written.guid))),
        Err(error) if visit.json => Err(error.into()),
        Err(error) => {
            let outcome = match field_errors(error, Form::default().value("text", &typed), &[]) {
                Ok(form) => page(&app, &visit, &key, None, form).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(page) => app.refuse(&visit, &page).await,
                Err(error) => Ok(keeping(error, &typed)),
            }
        }
    }
}

/// The post with a comment that could not be sent before.
pub async fn resume(app: &App, visit: &Visit, key: &str, text: String) -> Result<Response> {
    match page(app, visit, key, None, Form::default().value("text", &text)).await {
        Ok(page) => Ok(app.render(visit, &page).await?.into_response()),
        Err(error) => Ok(dress(app, visit, keeping(error, &text)).await),
    }
}

/// `DELETE /comments/{key}` and `DELETE /posts/{post}/comments/{key}`
pub async fn delete_comment(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(keys): Path<Vec<(String, String)>>,
) -> Result<Response> {
    let key = keys.into_iter().last().map(|(_, key)| key).ok_or(Error::NotFound)?;
    comment::retract(&app.pod, owner, &key).await?;
    if visit.json {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let back = referring_path(&headers, &app.pod.site().url("")).unwrap_or_else(|| "/stream".into());
    Ok(saying(&app, "flash-deleted", see_other(&back)))
}

/// The page where the button was, or the post's own.
fn back(app: &App, headers: &HeaderMap, key: &str) -> Response {
    let path = referring_path(headers, &app.pod.site().url(""));
    match path {
        Some(path) if !path.contains('#') => see_other(&format!("{path}#p-{key}")),
        _ => see_other(&format!("/posts/{key}")),
    }
}

/// The page where the button below a comment was.
fn back_to_comment(app: &App, headers: &HeaderMap, key: &str) -> Response {
    let path = referring_path(headers, &app.pod.site().url("")).unwrap_or_else(|| "/stream".into());
    if path.contains('#') { see_other(&path) } else { see_other(&format!("{path}#c-{key}")) }
}
