//! WebFinger: from a diaspora* ID to the hCard and the pod. JRD is the format; the older XRD
//! is read too, for peers that have nothing else.

use serde_json::{Value, json};

use crate::entity::field::is_absolute;
use crate::id::{DiasporaId, Guid};
use crate::xml::Element;

use super::DiscoveryError;

/// `Content-Type` of the JRD.
pub const CONTENT_TYPE: &str = "application/jrd+json; charset=utf-8";
/// Bigger documents are not worth reading.
pub const MAX_BYTES: usize = 64 * 1024;

const HCARD: &str = "http://microformats.org/profile/hcard";
const SEED: &str = "http://joindiaspora.com/seed_location";
const PROFILE: &str = "http://webfinger.net/rel/profile-page";
const ATOM: &str = "http://schemas.google.com/g/2010#updates-from";
const SALMON: &str = "salmon";
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

/// What WebFinger tells about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebFinger {
    /// `acct:user@host`.
    pub subject: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Where the hCard is.
    pub hcard_url: String,
    /// The pod's base URL.
    pub seed_url: String,
    /// The profile page.
    pub profile_url: Option<String>,
    /// The Atom feed.
    pub atom_url: Option<String>,
    /// Where private messages go; everybody computes it anyway.
    pub salmon_url: Option<String>,
    /// The template for remote subscriptions.
    pub subscribe_url: Option<String>,
}

/// A link of either format.
struct Link {
    rel: String,
    href: Option<String>,
    template: Option<String>,
}

impl WebFinger {
    /// The document of a local person; `base` is the pod's URL with a slash at its end.
    pub fn local(id: &DiasporaId, guid: &Guid, base: &str) -> Self {
        let user = id.username();
        Self {
            subject: format!("acct:{id}"),
            aliases: vec![format!("{base}people/{guid}")],
            hcard_url: format!("{base}hcard/users/{guid}"),
            seed_url: base.to_owned(),
            profile_url: Some(format!("{base}u/{user}")),
            atom_url: Some(format!("{base}public/{user}.atom")),
            salmon_url: Some(format!("{base}receive/users/{guid}")),
            subscribe_url: Some(format!("{base}people?q={{uri}}")),
        }
    }

    /// Reads a JRD.
    pub fn from_jrd(body: &[u8]) -> Result<Self, DiscoveryError> {
        if body.len() > MAX_BYTES {
            return Err(DiscoveryError::Unreadable);
        }
        let document: Value = serde_json::from_slice(body).map_err(|_| DiscoveryError::Unreadable)?;
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let list = |key: &str| document.get(key).and_then(Value::as_array).map(Vec::as_slice);
        let links = list("links").ok_or(DiscoveryError::Part("links"))?;
        let links = links
            .iter()
            .filter_map(|link| {
                Some(Link {
                    rel: text(link, "rel")?,
                    href: text(link, "href"),
                    template: text(link, "template"),
                })
            })
            .collect::<Vec<_>>();
        let aliases = list("aliases").unwrap_or_default();
        let aliases = aliases.iter().filter_map(|alias| alias.as_str().map(str::to_owned)).collect();
        Self::from_parts(text(&document, "subject"), aliases, &links)
    }

    /// Reads an XRD.
    pub fn from_xrd(body: &str) -> Result<Self, DiscoveryError> {
        if body.len() > MAX_BYTES {
            return Err(DiscoveryError::Unreadable);
        }
        let root = Element::parse(body.trim()).map_err(|_| DiscoveryError::Unreadable)?;
        let subject = root.child("Subject").map(|subject| subject.text.trim().to_owned());
        let aliases = root.children_named("Alias").map(|alias| alias.text.trim().to_owned()).collect();
        let links = root
            .children
            .iter()
            .filter(|child| child.name.eq_ignore_ascii_case("link"))
            .filter_map(|link| {
                Some(Link {
                    rel: link.attribute("rel")?.to_owned(),
                    href: link.attribute("href").map(str::to_owned),
                    template: link.attribute("template").map(str::to_owned),
                })
            })
            .collect::<Vec<_>>();
        Self::from_parts(subject, aliases, &links)
    }

    /// The first link of a kind wins.
    fn from_parts(
        subject: Option<String>,
        aliases: Vec<String>,
        links: &[Link],
    ) -> Result<Self, DiscoveryError> {
        let href = |rel| links.iter().find(|link| link.rel == rel).and_then(|link| link.href.clone());
        let hcard_url = href(HCARD).filter(|url| is_absolute(url)).ok_or(DiscoveryError::Part("hcard"))?;
        let seed_url = href(SEED).filter(|url| is_seed(url)).ok_or(DiscoveryError::Part("seed_location"))?;
        Ok(Self {
            subject: subject.filter(|subject| !subject.is_empty()).ok_or(DiscoveryError::Part("subject"))?,
            aliases,
            hcard_url,
            seed_url,
            profile_url: href(PROFILE),
            atom_url: href(ATOM),
            salmon_url: href(SALMON),
            subscribe_url: links
                .iter()
                .find(|link| link.rel == SUBSCRIBE)
                .and_then(|link| link.template.clone()),
        })
    }

    /// True if the document is about `id`; another one must not be believed.
    pub fn is_about(&self, id: &DiasporaId) -> bool {
        let subject = self.subject.trim();
        subject.strip_prefix("acct:").unwrap_or(subject).eq_ignore_ascii_case(id.as_str())
    }

    /// True if the hCard and the pod are on the host that the id names: whoever answers for one
    /// host must not send us to another.
    pub fn stays_on_host_of(&self, id: &DiasporaId) -> bool {
        let stays = |url: &str| authority(url).is_some_and(|authority| authority == id.host());
        stays(&self.hcard_url) && stays(&self.seed_url)
    }

    /// Prints the JRD that every known peer understands.
    pub fn to_jrd(&self) -> String {
        let mut links = vec![
            json!({"rel": HCARD, "type": "text/html", "href": self.hcard_url}),
            json!({"rel": SEED, "type": "text/html", "href": self.seed_url}),
        ];
        if let Some(url) = &self.profile_url {
            links.push(json!({"rel": PROFILE, "type": "text/html", "href": url}));
        }
        if let Some(url) = &self.atom_url {
            links.push(json!({"rel": ATOM, "type": "application/atom+xml", "href": url}));
        }
        if let Some(url) = &self.salmon_url {
            links.push(json!({"rel": SALMON, "href": url}));
        }
        if let Some(template) = &self.subscribe_url {
            links.push(json!({"rel": SUBSCRIBE, "template": template}));
        }
        json!({"subject": self.subject, "aliases": self.aliases, "links": links}).to_string()
    }
}

/// Host and port of a URL, the port left out where it is the usual one; none with user info.
fn authority(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let usual = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let authority = authority.strip_suffix(usual).unwrap_or(&authority);
    (!authority.contains(['@', '\\'])).then(|| authority.to_owned())
}

/// A pod's base URL: http(s) with a host; the slash at its end may be missing.
fn is_seed(url: &str) -> bool {
    is_absolute(url) || is_absolute(&format!("{url}/"))
}

/// Who is asked for: `acct:user@host`, `user@host`, or a profile URL of this pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// By id.
    Id(DiasporaId),
    /// By user name: `BASE/u/NAME`.
    Username(String),
    /// By GUID: `BASE/people/GUID`.
    Guid(Guid),
}

impl Resource {
    /// Reads the `resource` parameter; `base` is the pod's URL with a slash at its end.
    pub fn parse(resource: &str, base: &str) -> Option<Self> {
        let resource = resource.trim();
        if let Some(path) = resource.strip_prefix(base) {
            let path = path.trim_end_matches('/');
            if let Some(guid) = path.strip_prefix("people/") {
                return guid.parse().ok().map(Self::Guid);
            }
            let name = path.strip_prefix("u/").filter(|name| !name.is_empty() && !name.contains('/'))?;
            return Some(Self::Username(name.to_ascii_lowercase()));
        }
        let folded = resource.to_ascii_lowercase();
        folded.strip_prefix("acct:").unwrap_or(&folded).parse().ok().map(Self::Id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mia() -> (DiasporaId, Guid) {
        ("mia@pod.example:3000".parse().unwrap(), "5d0a6f0c3b7e4c0f9a1b2c3d4e5f6071".parse().unwrap())
    }

    #[test]
    fn a_document_must_be_about_whom_was_asked_for_and_stay_at_home() {
        let (id, guid) = mia();
        let local = WebFinger::local(&id, &guid, "https://pod.example:3000/");
        assert!(local.is_about(&id) && local.stays_on_host_of(&id));
        assert!(!local.is_about(&"noa@pod.example:3000".parse().unwrap()));
        for base in
            ["https://evil.example/", "https://pod.example:3000@evil.example/", "https://pod.example/"]
        {
            assert!(!WebFinger::local(&id, &guid, base).stays_on_host_of(&id), "{base}");
        }
        let plain = "mia@pod.example".parse().unwrap();
        assert!(WebFinger::local(&plain, &guid, "https://pod.example:443/").stays_on_host_of(&plain));
    }

    #[test]
    fn people_are_asked_for_in_every_form() {
        let (id, guid) = mia();
        let base = "https://pod.example:3000/";
        let by_id = Some(Resource::Id(id));
        for text in ["acct:mia@pod.example:3000", " acct:Mia@POD.example:3000 ", "mia@pod.example:3000"] {
            assert_eq!(Resource::parse(text, base), by_id, "{text}");
        }
        let by_name = Resource::parse("https://pod.example:3000/u/Mia", base);
        assert_eq!(by_name, Some(Resource::Username("mia".to_owned())));
        let by_guid = Resource::parse(&format!("{base}people/{guid}"), base);
        assert_eq!(by_guid, Some(Resource::Guid(guid)));
        assert_eq!(Resource::parse("https://other.example/u/mia", base), None);
        assert_eq!(Resource::parse("", base), None);
    }
}
