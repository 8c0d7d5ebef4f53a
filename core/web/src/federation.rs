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
    inbox::{self, Fetchable},
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
    let mut response = document(webfinger::CONTENT_TYPE, WebFinger::local(&id, &guid, &base).to_jrd());
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
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
    document("application/json; charset=utf-8", nodeinfo::links(&base(&app)))
}

/// `GET /nodeinfo/{version}`
pub async fn nodeinfo(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(version): Path<String>,
) -> Result<Response> {
    app.limits.lookup.check(&address_key(peer))?;
    let counts = account::count(&app.pod).await?;
    let site = app.pod.site();
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let info = NodeInfo {
        software_version: pappus_kernel::VERSION.into(),
        repository: None,
        homepage: None,
        name: site.name.clone(),
        admin: None,
        open_registrations: site.open,
        users: Some(Users {
            total: number(counts.users),
            active_halfyear: number(counts.active_halfyear),
            active_month: number(counts.active_month),
        }),
        local_posts: Some(number(counts.local_posts)),
        local_comments: Some(number(counts.local_comments)),
        outbound_services: Vec::new(),
    };
    let printed = info.print(&version).ok_or(Error::NotFound)?;
    let kind = HeaderValue::try_from(nodeinfo::content_type(&version)).map_err(Kernel::internal)?;
    Ok(([(header::CONTENT_TYPE, kind)], printed).into_response())
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
    let body = admitted(&app, peer, body)?;
    inbox::accept_public(&app.pod, body).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /receive/users/{guid}`, with and without a slash at the end.
pub async fn receive_private(
    State(app): State<App>,
    Peer(peer): Peer,
    Path(guid): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode> {
    let body = admitted(&app, peer, body)?;
    inbox::accept_private(&app.pod, &guid, body).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The body of a delivery, if this pod takes deliveries now. Senders drop what gets a 4xx and repeat what
/// gets a 5xx, so too many at once are a 503.
fn admitted(app: &App, peer: std::net::IpAddr, body: Result<Bytes, BytesRejection>) -> Result<Vec<u8>> {
    if app.pod.site().is_development() {
        return Err(Error::Unavailable("a pod on a loopback address does not federate"));
    }
    app.limits
        .receive
        .check(&address_key(peer))
        .map_err(|_| Error::Unavailable("too many deliveries at once"))?;
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLong,
        _ => Error::Malformed("the body ended early"),
    })?;
    if body.is_empty() {
        return Err(Error::Malformed("the body is empty"));
    }
    Ok(body.into())
}

fn document(kind: &'static str, body: String) -> Response {
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}
