//! Somebody by what a member pasted: a diaspora* ID, or the address of a profile page on any pod.
use super::{Person, discover, discover::get, store};
use crate::{Error, Invalid, Pod, Result, access::Owner, inbox};
use pappus_federation::{
    discovery::{HCard, hcard, webfinger},
    id::{DiasporaId, Guid},
};
use url::Url;

/// What was pasted.
#[derive(Debug, PartialEq, Eq)]
enum Pasted {
    Id(DiasporaId),
    /// A person of this pod, by guid.
    Here(Guid),
    /// A person page that names only a guid.
    Guid(Url, Guid),
    /// An address of no known shape.
    Page(Url),
}

/// Finds the person, here or at their pod, and has their older posts fetched if they are new here.
///
/// # Errors
/// `Invalid` when it is neither an ID nor an address; else as [`discover()`](super::discover()).
pub async fn locate(pod: &Pod, _who: Owner, typed: &str) -> Result<Person> {
    let person = match read(typed, &pod.site().host())? {
        Pasted::Id(id) => discover(pod, &id).await?,
        Pasted::Here(guid) => known(pod, &guid).await?.ok_or(Error::NotFound)?,
        // a guid may have been claimed by somebody of yet another pod: the page's own host says whose it is
        Pasted::Guid(url, guid) => match known(pod, &guid).await? {
            Some(person) if person.diaspora_id.ends_with(&format!("@{}", discover::host(&url))) => person,
            _ => by_card(pod, &url, &guid).await?,
        },
        Pasted::Page(url) => by_page(pod, &url).await?,
    };
    let mut tx = pod.db.begin().await?;
    inbox::catch_up(&mut tx, person.id, pod.clock.now()).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(person)
}

async fn known(pod: &Pod, guid: &Guid) -> Result<Option<Person>> {
    Ok(store::find_by_guid(&mut pod.db.read().await?, guid.as_str()).await?)
}

fn read(typed: &str, our_host: &str) -> Result<Pasted> {
    let invalid = || Error::from(Invalid::new("q", "not-an-address"));
    let typed = typed.trim().trim_start_matches("acct:").trim_start_matches('@');
    if !typed.contains('/') {
        return Ok(Pasted::Id(typed.to_lowercase().parse().map_err(|_| invalid())?));
    }
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&whole).map_err(|_| invalid())?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(invalid());
    }
    let host = discover::host(&url);
    let path: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let by_name = |name: &str| format!("{name}@{host}").to_lowercase().parse().map(Pasted::Id);
    let found = match path.as_slice() {
        ["u" | "profile" | "channel", name] => by_name(name).ok(),
        [name] if name.starts_with('@') => by_name(name.trim_start_matches('@')).ok(),
        ["people", guid] | ["hcard", "users", guid] => {
            let guid: Option<Guid> = guid.trim_end_matches(".json").parse().ok();
            guid.map(
                |guid| if host == our_host { Pasted::Here(guid) } else { Pasted::Guid(url.clone(), guid) },
            )
        }
        _ => None,
    };
    Ok(found.unwrap_or(Pasted::Page(url)))
}

/// The hCard of a guid says the name; WebFinger must then agree.
async fn by_card(pod: &Pod, page: &Url, guid: &Guid) -> Result<Person> {
    let host = discover::host(page);
    let url = Url::parse(&format!("https://{host}/hcard/users/{guid}")).map_err(|_| Error::NotFound)?;
    let body = get(pod, url, "text/html", hcard::MAX_BYTES).await?;
    let card = HCard::from_html(&String::from_utf8_lossy(&body));
    let card = card.map_err(|error| Error::Unusable(format!("the hCard at {host} is unusable: {error}")))?;
    let name = card.nickname.ok_or(Error::NotFound)?;
    let id: DiasporaId = format!("{name}@{host}").to_lowercase().parse().map_err(|_| Error::NotFound)?;
    discover(pod, &id).await
}

/// Asks the page's host whose page it is.
async fn by_page(pod: &Pod, page: &Url) -> Result<Person> {
    let host = discover::host(page);
    if host == pod.site().host() {
        return Err(Error::NotFound);
    }
    let url = Url::parse_with_params(
        &format!("https://{host}/.well-known/webfinger"),
        [("resource", page.as_str())],
    );
    let url = url.map_err(|_| Error::NotFound)?;
    let body = get(pod, url, "application/jrd+json, application/json", webfinger::MAX_BYTES).await?;
    let finger = webfinger::WebFinger::from_jrd(&body)
        .map_err(|error| Error::Unusable(format!("the WebFinger of {host} is unusable: {error}")))?;
    let subject = finger.subject.trim();
    let id: DiasporaId = subject
        .strip_prefix("acct:")
        .unwrap_or(subject)
        .to_lowercase()
        .parse()
        .map_err(|_| Error::NotFound)?;
    discover(pod, &id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_or_a_profile_page_names_somebody() {
        let id = |text: &str| Pasted::Id(text.parse().unwrap());
        for (typed, who) in [
            ("bob@right.test", "bob@right.test"),
            (" acct:Bob@Right.Test ", "bob@right.test"),
            ("@bob@right.test", "bob@right.test"),
            ("https://right.test/u/bob", "bob@right.test"),
            ("right.test/u/bob", "bob@right.test"),
            ("https://right.test/profile/bob/", "bob@right.test"),
            ("https://right.test:8443/u/bob", "bob@right.test:8443"),
            ("https://right.test/@bob", "bob@right.test"),
        ] {
            assert_eq!(read(typed, "left.test").unwrap(), id(who), "{typed}");
        }
        let guid: Guid = "0123456789abcdef".parse().unwrap();
        let page = "https://right.test/people/0123456789abcdef";
        assert_eq!(read(page, "right.test").unwrap(), Pasted::Here(guid.clone()));
        assert_eq!(read(page, "left.test").unwrap(), Pasted::Guid(page.parse().unwrap(), guid));
        let other = "https://right.test/some/page";
        assert_eq!(read(other, "left.test").unwrap(), Pasted::Page(other.parse().unwrap()));
        for wrong in ["bob", "bob@", "", "ftp://right.test/u/bob", "file:///etc/passwd", "//", "a@b@c"] {
            assert!(matches!(read(wrong, "left.test"), Err(Error::Invalid(_))), "{wrong}");
        }
    }
}
