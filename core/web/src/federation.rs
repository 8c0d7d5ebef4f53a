//! What other pods ask of us: who is who, what kind of pod this is, public posts; and where they deliver.
//! Paths and statuses are the protocol's; a body is stored as it came, and read by a job.
use crate::{
    App,
    error::{Error, Result},
    fields::Query,
    limit::{Peer, address_key},
};
use axum::{
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pappus_federation::{
    discovery::{
        HCard, WebFinger, host_meta as host_meta_document,
        nodeinfo::{self, NodeInfo, Users},
        webfinger::{self, Resource},
    },
    id::{DiasporaId, Guid},
    key::PublicKey,
};
use pappus_kernel::{
    Error as Kernel, account,
    inbox::{self, Delivery, Fetchable},
    person::{self, Card},
};

/// The pod's URL with a slash at its end, as the documents want it.
fn base(app: &App) -> String {
    app.pod.site().url("/")
}

/// `GET /.well-known/webfinger?resource=…`
pub async fn webfinger(State(app): State<App>, Peer(peer): Peer, Query(query): Query) -> Result<Response> {
    app.limits.lookup.check(&address_key(peer))?;
    let resource = query.get("resource").ok_or(Error::Malformed("which resource?"))?;
    let base = base(&app);
    let card = match Resource::parse(resource, &base) {
        Some(Resource::Id(id)) if id.host() == app.pod.site().host() => {
            person::card_by_username(&app.pod, id.username()).await?
        }
        Some(Resource::Username(name)) => person::card_by_username(&app.pod, &name).await?,
        Some(Resource::Guid(guid)) => person::card_by_guid(&app.pod, guid.as_str()).await?,
        Some(Resource::Id(_)) | None => return Err(Error::NotFound),
    };
    let (id, guid) = names(&card)?;
    let finger = WebFinger::local(&id, &guid, &base);
    Ok(open_to_scripts(document(webfinger::CONTENT_TYPE, finger.to_jrd())))
}

fn names(card: &Card) -> Result<(DiasporaId, Guid)> {
    let id = card.diaspora_id.parse().map_err(Kernel::internal)?;
    Ok((id, card.guid.parse().map_err(Kernel::internal)?))
}

/// `GET /hcard/users/{guid}`
pub async fn hcard(State(app): State<App>, Peer(peer): Peer, Path(guid): Path<String>) -> Result<Response> {
    app.limits.lookup.check(&address_key(peer))?;
    let card = person::card_by_guid(&app.pod, &guid).await?;
    let (_, guid) = names(&card)?;
    // readers want a picture; who has none gets the pod's own drawing
    let nobody = app.pod.site().url("/assets/user/default.png");
    let picture = |url: Option<String>| url.map_or(nobody.clone(), |url| absolute(&app, url));
    let card = HCard {
        guid,
        nickname: Some(card.username),
        full_name: card.full_name,
        first_name: Some(card.first_name),
        last_name: Some(card.last_name),
        public_key: PublicKey::from_pem(&card.public_key).map_err(Kernel::internal)?,
        photo_large_url: picture(card.image_url),
        photo_medium_url: picture(card.image_url_medium),
        photo_small_url: picture(card.image_url_small),
        searchable: card.searchable,
    };
    Ok(document("text/html; charset=utf-8", card.to_html(&base(&app))))
}

fn absolute(app: &App, url: String) -> String {
    if url.starts_with('/') { app.pod.site().url(&url) } else { url }
}

/// `GET /.well-known/host-meta`
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn host_meta(State(app): State<App>) -> Response {
    document(host_meta_document::CONTENT_TYPE, host_meta_document::print(&base(&app)))
}

/// `GET /.well-known/nodeinfo`
#[allow(clippy::unused_async, reason = "a handler is a future")]
pub async fn nodeinfo_links(State(app): State<App>) -> Response {
    open_to_scripts(document("application/json; charset=utf-8", nodeinfo::links(&base(&app))))
}

/// `GET /nodeinfo/{version}`
pub async fn nodeinfo(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(version): Path<String>,
) -> Result<Response> {
    app.limits.lookup.check(&address_key(peer))?;
    let site = app.pod.site();
    // what the admin does not tell is left out: nobody must take it for none
    let counts = if site.tells_counts { Some(account::count(&app.pod).await?) } else { None };
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let info = NodeInfo {
        software_version: pappus_kernel::VERSION.into(),
        repository: None,
        homepage: None,
        name: site.name.clone(),
        admin: None,
        open_registrations: site.open,
        users: counts.as_ref().map(|counts| Users {
            total: number(counts.users),
            active_halfyear: number(counts.active_halfyear),
            active_month: number(counts.active_month),
        }),
        local_posts: counts.as_ref().map(|counts| number(counts.local_posts)),
        local_comments: counts.as_ref().map(|counts| number(counts.local_comments)),
        outbound_services: Vec::new(),
    };
    let printed = info.print(&version).ok_or(Error::NotFound)?;
    let kind = HeaderValue::try_from(nodeinfo::content_type(&version)).map_err(Kernel::internal)?;
    Ok(open_to_scripts(([(header::CONTENT_TYPE, kind)], printed).into_response()))
}

/// `GET /statistics.json`: the older form, which some directories still read.
pub async fn statistics(State(app): State<App>, Peer(peer): Peer) -> Result<Response> {
    app.limits.lookup.check(&address_key(peer))?;
    let site = app.pod.site();
    let mut told = serde_json::json!({
        "name": site.name,
        "network": "Pappus",
        "version": pappus_kernel::VERSION,
        "registrations_open": site.open,
        "services": [],
    });
    if let Some(told) = told.as_object_mut().filter(|_| site.tells_counts) {
        let counts = account::count(&app.pod).await?;
        told.extend([
            ("total_users".into(), counts.users.into()),
            ("active_users_halfyear".into(), counts.active_halfyear.into()),
            ("active_users_monthly".into(), counts.active_month.into()),
            ("local_posts".into(), counts.local_posts.into()),
            ("local_comments".into(), counts.local_comments.into()),
        ]);
    }
    Ok(open_to_scripts(document("application/json; charset=utf-8", told.to_string())))
}

/// Pages elsewhere that list pods may read it.
fn open_to_scripts(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// `GET /-/thread/{guid}`: everything below a public post of a member, signed, for pods like this one.
pub async fn thread(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(guid): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    app.limits.lookup.check(&address_key(peer))?;
    let page = inbox::thread_page(&app.pod, &guid, query.get("after").unwrap_or_default()).await?;
    Ok(axum::Json(page).into_response())
}

/// `GET /fetch/{kind}/{guid}`: a public post or comment, signed by its author.
pub async fn fetch(
    State(app): State<App>,
    Peer(peer): Peer,
    Path((kind, guid)): Path<(String, String)>,
) -> Result<Response> {
    app.limits.lookup.check(&address_key(peer))?;
    match inbox::fetchable(&app.pod, &kind, &guid).await? {
        Fetchable::Envelope(envelope) => {
            Ok(document("application/magic-envelope+xml; charset=utf-8", envelope))
        }
        Fetchable::Elsewhere(url) => {
            let to = HeaderValue::try_from(url).map_err(Kernel::internal)?;
            Ok((StatusCode::FOUND, [(header::LOCATION, to)]).into_response())
        }
    }
}

/// `POST /receive/public`, with and without a slash at the end.
pub async fn receive_public(
    State(app): State<App>,
    Peer(peer): Peer,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode> {
    let came = admitted(&app, peer, body)?;
    inbox::accept_public(&app.pod, came).await.map_err(full)?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /receive/users/{guid}`, with and without a slash at the end.
pub async fn receive_private(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(guid): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode> {
    let came = admitted(&app, peer, body)?;
    inbox::accept_private(&app.pod, &guid, came).await.map_err(full)?;
    Ok(StatusCode::ACCEPTED)
}

/// The same for an inbox that is full.
fn full(error: pappus_kernel::Error) -> Error {
    match error {
        pappus_kernel::Error::TooMany(_) => Error::Unavailable("the inbox is full"),
        error => error.into(),
    }
}

/// The body of a delivery, if this pod takes deliveries now. Senders drop what gets a 4xx and repeat what
/// gets a 5xx, so too many at once are a 503.
fn admitted(app: &App, peer: std::net::IpAddr, body: Result<Bytes, BytesRejection>) -> Result<Delivery> {
    if app.pod.site().is_development() {
        return Err(Error::Unavailable("a pod on a loopback address does not federate"));
    }
    app.limits.receive.check(&address_key(peer)).map_err(|_| {
        inbox::turned_away("busy");
        Error::Unavailable("too many deliveries at once")
    })?;
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            inbox::turned_away("too_large");
            tracing::info!(%peer, "a delivery is too large");
            Error::TooLong
        }
        _ => Error::Malformed("the body ended early"),
    })?;
    if body.is_empty() {
        return Err(Error::Malformed("the body is empty"));
    }
    Ok(Delivery { body: body.into(), from: address_key(peer) })
}

fn document(kind: &'static str, body: String) -> Response {
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}
