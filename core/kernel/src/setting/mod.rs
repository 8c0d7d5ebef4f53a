//! What an admin sets while the pod runs, and the base URL, which is set once.
mod store;

use crate::{Error, Invalid, Pod, Result, access::Admin, db::Tx, seal::Place};
use std::collections::HashMap;
use url::Url;

pub(crate) use store::{get, put};

/// The settings, read once and swapped whole when they change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// Where the pod is. None until it is set up.
    pub base_url: Option<Url>,
    /// What the pod is called.
    pub name: String,
    /// Anybody may sign up.
    pub open: bool,
    /// Everybody may know how many members, posts and comments there are.
    pub tells_counts: bool,
    /// Search engines are asked to stay away.
    pub hidden: bool,
}

impl Site {
    /// The part of a diaspora* ID behind the `@`: host, and port where it is not the usual one.
    /// Empty until the pod is set up.
    pub fn host(&self) -> String {
        let Some(url) = &self.base_url else { return String::new() };
        let host = url.host_str().unwrap_or_default();
        url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// `path` (which begins with a slash) on this pod.
    pub fn url(&self, path: &str) -> String {
        let base = self.base_url.as_ref().map_or("", Url::as_str);
        format!("{}{path}", base.trim_end_matches('/'))
    }

    /// A pod on a loopback address is for developing: it does not federate.
    pub fn is_development(&self) -> bool {
        self.base_url.as_ref().is_none_or(|url| match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => true,
        })
    }
}

const BASE_URL: &str = "base_url";
const NAME: &str = "name";
const OPEN: &str = "open";
const TELLS_COUNTS: &str = "tells_counts";
const HIDDEN: &str = "hidden";
const KEY_CHECK: &str = "key_check";
const MEDIA_KEY: &str = "media_key";

/// What an admin may change.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// What the pod is called.
    pub name: String,
    /// Anybody may sign up.
    pub open: bool,
    /// Everybody may know how many members, posts and comments there are.
    pub tells_counts: bool,
    /// Search engines are asked to stay away.
    pub hidden: bool,
}

/// Changes the settings.
pub async fn change(pod: &Pod, _who: Admin, to: Change) -> Result<()> {
    let name = valid_name(&to.name)?;
    let mut tx = pod.db.begin_durable().await?;
    put(&mut tx, NAME, &name, pod.clock.now()).await?;
    for (key, on) in [(OPEN, to.open), (TELLS_COUNTS, to.tells_counts), (HIDDEN, to.hidden)] {
        put(&mut tx, key, if on { "true" } else { "false" }, pod.clock.now()).await?;
    }
    tx.commit().await?;
    reload(pod).await
}

/// Reads the settings again, after a change here or by another process.
pub async fn reload(pod: &Pod) -> Result<()> {
    let mut rows: HashMap<String, String> =
        store::all(&mut pod.db.read().await?).await?.into_iter().collect();
    let base_url = rows.remove(BASE_URL).map(|url| Url::parse(&url)).transpose().map_err(Error::internal)?;
    let mut is_on = |key| rows.remove(key).is_some_and(|on| on == "true");
    let (open, tells_counts, hidden) = (is_on(OPEN), is_on(TELLS_COUNTS), is_on(HIDDEN));
    let name = rows.remove(NAME).unwrap_or_else(|| "Pappus".into());
    pod.site.store(Site { base_url, name, open, tells_counts, hidden }.into());
    Ok(())
}

/// Writes the settings that the setup form decides; part of its transaction.
pub(crate) async fn found(pod: &Pod, tx: &mut Tx, base_url: &Url, name: &str, open: bool) -> Result<()> {
    let now = pod.clock.now();
    let name = valid_name(name)?;
    if get(tx, BASE_URL).await?.is_some_and(|fixed| fixed != base_url.as_str()) {
        return Err(Invalid::new("base_url", "fixed").into());
    }
    put(tx, BASE_URL, base_url.as_str(), now).await?;
    put(tx, NAME, &name, now).await?;
    put(tx, OPEN, if open { "true" } else { "false" }, now).await?;
    Ok(())
}

/// A base URL: http or https, a host, no path, query, user or fragment; plain http only on loopback.
pub fn valid_base_url(text: &str) -> Result<Url, Invalid> {
    let wrong = |rule| Invalid::new("base_url", rule);
    let url = Url::parse(text.trim()).map_err(|_| wrong("not-a-url"))?;
    let site = Site { base_url: Some(url.clone()), ..Site::default() };
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    match url.scheme() {
        _ if url.host_str().is_none_or(str::is_empty) || !bare || !anonymous => Err(wrong("not-a-base-url")),
        "https" => Ok(url),
        "http" if site.is_development() => Ok(url),
        "http" => Err(wrong("needs-https")),
        _ => Err(wrong("not-a-base-url")),
    }
}

/// The configuration's base URL wins before any person exists, and must agree with it afterwards.
pub(crate) async fn fix_base_url(pod: &Pod, configured: Option<Url>) -> Result<()> {
    let Some(configured) = configured else { return Ok(()) };
    let mut tx = pod.db.begin_durable().await?;
    match get(&mut tx, BASE_URL).await? {
        Some(fixed) if fixed == configured.as_str() => Ok(()),
        Some(fixed) if store::any_person(&mut tx).await? => Err(Error::Internal(format!(
            "the base URL of this pod is {fixed}: people elsewhere know its members by it, so it cannot become \
             {configured}. Set server.base_url back to {fixed}"
        ))),
        _ => {
            put(&mut tx, BASE_URL, configured.as_str(), pod.clock.now()).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// The key that signs the addresses of other pods' pictures; made at the first start, sealed, and then the
/// same for ever, so that pages which somebody kept still show their pictures.
pub async fn media_key(pod: &Pod) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    let place = Place { table: "settings", row: MEDIA_KEY, column: "value" };
    let mut tx = pod.db.begin_durable().await?;
    if let Some(sealed) = get(&mut tx, MEDIA_KEY).await? {
        let sealed = hex::decode(sealed).map_err(Error::internal)?;
        return pod.vault.open(place, &sealed).map_err(Error::internal);
    }
    let key = zeroize::Zeroizing::new(pod.random::<32>().to_vec());
    put(&mut tx, MEDIA_KEY, &hex::encode(pod.seal(place, &key)?), pod.clock.now()).await?;
    tx.commit().await?;
    Ok(key)
}

/// A sealed word made at the first start: if it does not open, nothing else would.
pub(crate) async fn check_key(pod: &Pod) -> Result<()> {
    let place = Place { table: "settings", row: KEY_CHECK, column: "value" };
    let mut tx = pod.db.begin_durable().await?;
    if let Some(sealed) = get(&mut tx, KEY_CHECK).await? {
        let opened = hex::decode(sealed).ok().and_then(|sealed| pod.vault.open(place, &sealed).ok());
        return opened.map(drop).ok_or_else(|| Error::WrongKey);
    }
    let sealed = hex::encode(pod.seal(place, b"pappus")?);
    put(&mut tx, KEY_CHECK, &sealed, pod.clock.now()).await?;
    Ok(tx.commit().await?)
}

fn valid_name(name: &str) -> Result<String, Invalid> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Invalid::new("name", "required")),
        1..=100 => Ok(name.to_owned()),
        _ => Err(Invalid::new("name", "too-long")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_a_bare_address() {
        for good in [
            "https://pod.example",
            "https://pod.example/",
            "https://pod.example:8443",
            "http://127.0.0.1:4000",
        ] {
            assert!(valid_base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "pod.example",
            "http://pod.example",
            "https://pod.example/diaspora",
            "https://pod.example/?a",
            "https://me@pod.example",
            "ftp://pod.example",
        ] {
            assert!(valid_base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_host_names_a_port_only_where_it_is_not_the_usual_one() {
        let host = |url| Site { base_url: Some(Url::parse(url).unwrap()), ..Site::default() }.host();
        assert_eq!(host("https://pod.example:443/"), "pod.example");
        assert_eq!(host("http://127.0.0.1:4000"), "127.0.0.1:4000");
    }
}
