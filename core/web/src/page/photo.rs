//! Photos: uploading, showing, taking back, and the picture of a member.
use crate::{
    App,
    error::{Error, Result},
    fields::{Fields, Query},
    json,
    page::{
        field_errors, said_rule, saying, see_other,
        settings::profile_page,
        stream::{before, older},
    },
    theme::contract::{
        Form,
        people::{AlbumPhotoView, PhotosPage},
    },
    upload, view,
    visit::{SignedIn, Visit},
};
use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pappus_kernel::{
    access::Owner,
    error as kernel,
    media::{self, LARGEST_FILE, Waiting},
};
use serde_json::json;

/// On a page of an album.
const ALBUM: i64 = 60;

/// `GET /uploads/images/{file}`
pub async fn show(State(app): State<App>, visit: Visit, Path(file): Path<String>) -> Result<Response> {
    let found = media::show(&app.pod, visit.viewer(), &file).await?;
    // what is limited may be taken back, and is not for everybody who uses this browser
    let cache = if found.public { "public, max-age=31536000, immutable" } else { "private, no-store" };
    let headers = [
        (header::CONTENT_TYPE, found.kind),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // pages of other pods show them
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    let mut response = (headers, found.bytes).into_response();
    if !found.public {
        response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }
    Ok(response)
}

/// `POST /photos`: a form with files, or one file as the body, as old clients send it. Always 200: they read
/// `success`.
pub async fn create(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let sent = if upload::is_multipart(&request) {
        upload::photos(&app, owner, request).await?
    } else {
        let mut request = request;
        DefaultBodyLimit::max(LARGEST_FILE).apply(&mut request);
        let taken = match Bytes::from_request(request, &app).await {
            Ok(file) if file.is_empty() => return Ok(failed("required")),
            Ok(file) => upload::take(&app, owner, file.to_vec()).await,
            Err(_) => Err(media::Refused::Bytes.into()),
        };
        match taken {
            Ok(photo) => upload::Sent { photos: vec![photo], ..upload::Sent::default() },
            Err(error) => upload::Sent { problem: Some(error), ..upload::Sent::default() },
        }
    };
    let asked = |name: &str| query.ticked(name) || sent.fields.ticked(name);
    let for_profile = ["photo[set_profile_photo]", "photo[set_profile_image]", "set_profile_image"];
    if let Some(photo) = sent.photos.first().filter(|_| for_profile.into_iter().any(asked)) {
        media::set_portrait_from(&app.pod, owner, &photo.guid).await?;
    }
    match (sent.photos.as_slice(), sent.problem) {
        ([], None) => Ok(failed("required")),
        ([], Some(error)) => match error {
            kernel::Error::Invalid(invalid) => Ok(failed(said_rule(invalid.rule))),
            error => Err(error.into()),
        },
        ([first, ..], problem) => {
            let all: Vec<_> = sent.photos.iter().map(|photo| waiting_json(&app, photo)).collect();
            let said = json!({
                "success": problem.is_none(),
                "data": { "photo": waiting_json(&app, first), "photos": all },
            });
            Ok(Json(said).into_response())
        }
    }
}

fn failed(rule: &str) -> Response {
    Json(json!({ "success": false, "error": rule, "rule": rule })).into_response()
}

fn waiting_json(app: &App, photo: &Waiting) -> serde_json::Value {
    let site = app.pod.site();
    let at = |size: media::Size| json!({ "url": site.url(&format!("{}{}{}", media::PATH, size.prefix(), photo.name)) });
    json!({
        "id": photo.id.0,
        "guid": photo.guid,
        "created_at": json::at(photo.created_at),
        "pending": true,
        "text": photo.text,
        "width": photo.width,
        "height": photo.height,
        "unprocessed_image": {
            "url": site.url(&format!("{}{}", media::PATH, photo.name)),
            "thumb_small": at(media::Size::Small),
            "thumb_medium": at(media::Size::Medium),
            "thumb_large": at(media::Size::Large),
            "scaled_full": at(media::Size::Scaled),
        },
    })
}

/// `DELETE /photos/{key}`
pub async fn delete(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response> {
    media::retract(&app.pod, owner, &key).await?;
    if visit.json {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(saying(&app, "flash-deleted", see_other("/stream")))
}

/// `PUT /photos/{key}/make_profile_photo`
pub async fn make_portrait(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    Path(key): Path<String>,
) -> Result<Response> {
    media::set_portrait_from(&app.pod, owner, &key).await?;
    Ok(saying(&app, "flash-saved", see_other("/profile/edit")))
}

/// `POST /profile/photo`
pub async fn set_portrait(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
    request: Request,
) -> Result<Response> {
    upload::may_open(&app, owner)?;
    let done = match upload::file(&app, request).await? {
        Ok(Some(file)) => media::set_portrait(&app.pod, owner, file).await,
        Ok(None) => Err(kernel::Invalid::new("photos", "required").into()),
        Err(why) => Err(why.into()),
    };
    portrait_done(&app, &visit, owner, done).await
}

/// `DELETE /profile/photo`
pub async fn remove_portrait(
    State(app): State<App>,
    SignedIn(owner): SignedIn,
    visit: Visit,
) -> Result<Response> {
    let done = media::remove_portrait(&app.pod, owner).await;
    portrait_done(&app, &visit, owner, done).await
}

async fn portrait_done(app: &App, visit: &Visit, owner: Owner, done: kernel::Result<()>) -> Result<Response> {
    match done {
        Ok(()) => Ok(saying(app, "flash-saved", see_other("/profile/edit"))),
        Err(error) => {
            let form = field_errors(error, Form::default(), &[("photos", "portrait")])?;
            let mut page = profile_page(app, visit, owner).await?;
            page.portrait_form = form;
            app.refuse(visit, &page).await
        }
    }
}

/// `GET /people/{guid}/photos`, with or without `.json`.
pub async fn album(
    State(app): State<App>,
    visit: Visit,
    Path(guid): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let album = media::album(&app.pod, visit.viewer(), &guid, before(&query), ALBUM).await?;
    if album.person.closed {
        return Err(Error::Status(StatusCode::GONE));
    }
    if visit.json {
        let photos: Vec<_> =
            album.photos.iter().map(|photo| json::album_photo(&app, &album.person, photo)).collect();
        return Ok(Json(json!({ "photos": photos })).into_response());
    }
    let mine = visit.owner().is_some_and(|owner| owner.person() == album.person.id);
    let path = format!("/people/{}/photos", album.person.guid);
    let page = PhotosPage {
        person: view::person(&app, &album.person),
        mine,
        photos: album.photos.iter().filter_map(|photo| in_album(&app, &album.person, photo)).collect(),
        older: older(&path, album.older.as_ref()),
    };
    Ok(app.render(&visit, &page).await?.into_response())
}

fn in_album(
    app: &App,
    person: &pappus_kernel::person::Person,
    photo: &media::AlbumPhoto,
) -> Option<AlbumPhotoView> {
    Some(AlbumPhotoView {
        guid: photo.guid.clone(),
        post_url: format!("/posts/{}", photo.post_guid),
        thumb: view::thumb_of(app, person, &photo.url)?,
        alt: photo.text.clone(),
    })
}

/// The photos that a form names: `photos[]` in order, each with its description in `photo_text[ID]`.
pub fn attached(fields: &Fields) -> Vec<pappus_kernel::post::Attached> {
    let left_out = fields.all("leave_out");
    let mut ids: Vec<i64> = Vec::new();
    for id in fields.all("photos").iter().filter(|id| !left_out.contains(id)) {
        ids.extend(id.trim().parse::<i64>().ok().filter(|id| !ids.contains(id)));
    }
    let one = |id: i64| pappus_kernel::post::Attached {
        id: pappus_kernel::id::PhotoId(id),
        text: fields.get(&format!("photo_text[{id}]")).map(str::to_owned),
    };
    ids.into_iter().map(one).collect()
}

/// The most that a form with photos may bring.
pub const MOST_BYTES: usize = media::MOST_PHOTOS * LARGEST_FILE + crate::route::TEXT_BYTES;
