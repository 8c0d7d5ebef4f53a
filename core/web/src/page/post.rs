//! One post: reading, commenting, liking (it or a comment), passing on, deleting.
use crate::{
    App,
    error::{Error, Result},
    fields::Fields,
    page::{field_errors, saying, see_other},
    theme::contract::{Form, stream::PostPage},
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
    error as kernel,
    id::PostId,
    notification, post,
    relayable::{
        comment::{self, CommentText},
        comment_like, like,
    },
};

/// `GET /posts/{key}` and `GET /p/{key}`: a guid, or a number from this pod.
pub async fn show(State(app): State<App>, visit: Visit, Path(key): Path<String>) -> Result<Response> {
    let page = page(&app, &visit, &key, Form::default()).await?;
    Ok(app.render(&visit, &page).await?.into_response())
}

async fn page(app: &App, visit: &Visit, key: &str, form: Form) -> Result<PostPage> {
    let shown = post::show(&app.pod, visit.viewer(), key).await?;
    if let Some(owner) = visit.owner() {
        settle(app, owner, shown.item.id).await?;
    }
    let mut post = view::post(app, visit.owner().is_some(), &shown.item);
    post.comment_form = form;
    let likers = shown.likers.iter().map(|liker| view::person(app, liker)).collect();
    Ok(PostPage { post, likers })
}

/// Who looks at a post has seen what notifications say of it. Writes only where there is something to write.
async fn settle(app: &App, owner: Owner, post: PostId) -> Result<()> {
    if notification::unread(&app.pod, owner).await? == 0 {
        return Ok(());
    }
    let mut tx = app.pod.db.begin().await.map_err(kernel::Error::from)?;
    notification::settle(&mut tx, owner.user(), post).await.map_err(kernel::Error::from)?;
    Ok(tx.commit().await.map_err(kernel::Error::from)?)
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
    match like::create(&app.pod, owner, &key).await {
        Ok(like) if visit.json => {
            let said = serde_json::json!({ "id": like.id.0, "guid": like.guid });
            Ok((StatusCode::CREATED, Json(said)).into_response())
        }
        Ok(_) | Err(kernel::Error::Conflict(_)) => Ok(back(&app, &headers, &key)),
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

/// `POST /comments/{key}/likes`
pub async fn like_comment(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response> {
    match comment_like::create(&app.pod, owner, &key).await {
        Ok(like) if visit.json => {
            let said = serde_json::json!({ "id": like.id.0, "guid": like.guid });
            Ok((StatusCode::CREATED, Json(said)).into_response())
        }
        Ok(_) | Err(kernel::Error::Conflict(_)) => Ok(back_to_comment(&app, &headers, &key)),
        Err(error) => Err(error.into()),
    }
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
            let form = field_errors(error, Form::default().value("text", typed), &[])?;
            let page = page(&app, &visit, &key, form).await?;
            app.refuse(&visit, &page).await
        }
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
