//! Finding somebody of another pod by their diaspora* ID: WebFinger on the ID's host, then the hCard that
//! it names. Key and guid are kept as first seen and never replaced.
use super::{
    Person,
    profile::{self, ProfileData},
    store::{self, Guids, NewPerson},
};
use crate::{Error, Pod, Result, db::Tx, env::FetchRequest, moderation, remote_pod};
use pappus_federation::{
    discovery::{HCard, WebFinger, hcard, webfinger},
    id::DiasporaId,
};
use url::Url;

/// The person; asks their pod if they are not known yet.
///
/// # Errors
/// `NotFound` when their pod, or this one, knows nobody of that name; `Remote` with the reason when it does not
/// answer as it should.
pub async fn discover(pod: &Pod, id: &DiasporaId) -> Result<Person> {
    if let Some(known) = store::find_by_diaspora_id(&mut pod.db.read().await?, id.as_str()).await? {
        return Ok(known);
    }
    let site = pod.site();
    if id.host() == site.host() {
        return Err(Error::NotFound);
    }
    if site.is_development() {
        return Err(Error::Remote("a pod on a loopback address does not federate".into()));
    }
    moderation::admit(pod, id).await?;
    let (finger, base) = look_up(pod, id).await?;
    let card = card(pod, id, &finger).await?;
    keep(pod, id, &base, card).await
}

/// The WebFinger document and the base URL of the pod, which must be where the ID says.
pub(super) async fn look_up(pod: &Pod, id: &DiasporaId) -> Result<(WebFinger, Url)> {
    let mut url =
        Url::parse(&format!("https://{}/.well-known/webfinger", id.host())).map_err(|_| Error::NotFound)?;
    url.set_query(Some(&format!("resource=acct:{id}")));
    let body = get(pod, url, "application/jrd+json, application/json", webfinger::MAX_BYTES).await?;
    let finger = WebFinger::from_jrd(&body).map_err(|error| unusable(id, "WebFinger", error))?;
    if !finger.is_about(id) {
        return Err(unusable(id, "WebFinger", "it answers about somebody else"));
    }
    let seed = Url::parse(&finger.seed_url).map_err(|error| unusable(id, "WebFinger", error))?;
    if seed.scheme() != "https" || host(&seed) != id.host() {
        return Err(unusable(id, "WebFinger", "the pod it names is another one"));
    }
    let base = seed.join("/").map_err(Error::internal)?;
    Ok((finger, base))
}

pub(super) async fn card(pod: &Pod, id: &DiasporaId, finger: &WebFinger) -> Result<HCard> {
    let url = Url::parse(&finger.hcard_url).map_err(|error| unusable(id, "hCard", error))?;
    if url.scheme() != "https" || host(&url) != id.host() {
        return Err(unusable(id, "hCard", "it is on another host"));
    }
    let body = get(pod, url, "text/html", hcard::MAX_BYTES).await?;
    HCard::from_html(&String::from_utf8_lossy(&body)).map_err(|error| unusable(id, "hCard", error))
}

/// What an hCard says of somebody.
pub(super) fn profile_of(base: &Url, card: HCard) -> ProfileData {
    let picture = |url: &str| base.join(url).ok().filter(|url| url.scheme() == "https").map(String::from);
    let mut first_name = card.first_name.unwrap_or_default();
    let last_name = card.last_name.unwrap_or_default();
    if first_name.is_empty() && last_name.is_empty() {
        first_name = card.full_name;
    }
    ProfileData {
        first_name,
        last_name,
        image_url: picture(&card.photo_large_url),
        image_url_medium: picture(&card.photo_medium_url),
        image_url_small: picture(&card.photo_small_url),
        searchable: card.searchable,
        ..ProfileData::default()
    }
}

async fn keep(pod: &Pod, id: &DiasporaId, base: &Url, card: HCard) -> Result<Person> {
    let now = pod.clock.now();
    let (guid, public_key) = (card.guid.clone(), card.public_key.to_pem());
    let data = profile_of(base, card);
    let mut tx = pod.db.begin().await?;
    let guids = names(pod, &mut tx, id, guid.as_str()).await?;
    let remote_pod = remote_pod::store::ensure(&mut tx, id.host(), base.as_str(), now).await?;
    let new = NewPerson { guids, diaspora_id: id.to_string(), public_key, remote_pod };
    let person = store::insert_remote(&mut tx, &new, now).await?;
    profile::write(&mut tx, person, &data, now).await?;
    moderation::mark(&mut tx, id).await?;
    let person = store::find(&mut tx, person).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    remote_pod::heard_of(pod, id.host()).await?;
    tracing::info!(person.id = %person.id, "discovered {id}");
    Ok(person)
}

/// The guids of somebody whose pod says that they have this one. Where somebody of a third pod has it, one of
/// them took it from the other, and nothing says which: so neither keeps the other away, and who comes second
/// has another guid here.
///
/// # Errors
/// `Unusable` when it belongs to a member of this pod.
pub(super) async fn names(pod: &Pod, tx: &mut Tx, id: &DiasporaId, guid: &str) -> Result<Guids> {
    match store::find_by_guid(tx, guid).await? {
        Some(other) if other.diaspora_id == id.as_str() => Ok(guid.to_owned().into()),
        Some(other) if other.local => {
            Err(unusable(id, "hCard", format!("its guid belongs to {}", other.diaspora_id)))
        }
        Some(other) => {
            tracing::warn!("{id} has the guid of {}", other.diaspora_id);
            Ok(Guids { guid: pod.new_guid().to_string(), home: Some(guid.to_owned()) })
        }
        None => Ok(guid.to_owned().into()),
    }
}

pub(super) async fn get(pod: &Pod, url: Url, accept: &'static str, longest: usize) -> Result<Vec<u8>> {
    let host = host(&url);
    let answer = pod.fetch.send(FetchRequest::get(url, accept, longest)).await;
    let answer = answer.map_err(|error| Error::Remote(format!("{host}: {error}")))?;
    match answer.status {
        200..300 => Ok(answer.body),
        404 | 410 => Err(Error::NotFound),
        status @ 400..429 => Err(Error::Unusable(format!("{host} answered with HTTP {status}"))),
        status => Err(Error::Remote(format!("{host} answered with HTTP {status}"))),
    }
}

/// As in a diaspora* ID: with a port where it is not the usual one.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn unusable(id: &DiasporaId, what: &str, why: impl std::fmt::Display) -> Error {
    Error::Unusable(format!("the {what} of {id} is unusable: {why}"))
}
