//! NodeInfo: what a pod tells about itself and its software.

use serde_json::{Value, json};

use super::DiscoveryError;

/// The versions that are served.
pub const VERSIONS: [&str; 3] = ["1.0", "2.0", "2.1"];

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeInfo {
    /// Version of the software.
    pub software_version: String,
    /// Where its source is.
    pub repository: Option<String>,
    /// Its own page.
    pub homepage: Option<String>,
    /// The pod's name.
    pub name: String,
    /// The id of whom to write to.
    pub admin: Option<String>,
    /// True if anybody may sign up.
    pub open_registrations: bool,
    /// Counted only where the admin wants it told.
    pub users: Option<Users>,
    /// Posts written here.
    pub local_posts: Option<u64>,
    /// Comments written here.
    pub local_comments: Option<u64>,
    /// Other networks that posts can be sent to.
    pub outbound_services: Vec<String>,
}

/// How many people there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Users {
    /// All.
    pub total: u64,
    /// Seen within half a year.
    pub active_halfyear: u64,
    /// Seen within a month.
    pub active_month: u64,
}

/// `Content-Type` of one version.
pub fn content_type(version: &str) -> String {
    format!("application/json; profile=\"{}#\"", schema(version))
}

fn schema(version: &str) -> String {
    format!("http://nodeinfo.diaspora.software/ns/schema/{version}")
}

/// Prints `/.well-known/nodeinfo`; `base` is the pod's URL with a slash at its end.
pub fn links(base: &str) -> String {
    let link = |version: &&str| json!({"rel": schema(version), "href": format!("{base}nodeinfo/{version}")});
    json!({"links": VERSIONS.iter().map(link).collect::<Vec<_>>()}).to_string()
}

impl NodeInfo {
    /// Prints the document in one of [`VERSIONS`]; none for another one.
    pub fn print(&self, version: &str) -> Option<String> {
        if !VERSIONS.contains(&version) {
            return None;
        }
        let mut software = json!({"name": "pappus", "version": self.software_version});
        if version == "2.1" {
            insert(&mut software, "repository", self.repository.as_deref().map(Value::from));
            insert(&mut software, "homepage", self.homepage.as_deref().map(Value::from));
        }
        let protocols = match version {
            "1.0" => json!({"inbound": ["diaspora"], "outbound": ["diaspora"]}),
            _ => json!(["diaspora"]),
        };
        let users = self.users.map_or_else(
            || json!({}),
            |users| {
                json!({
                    "total": users.total,
                    "activeHalfyear": users.active_halfyear,
                    "activeMonth": users.active_month,
                })
            },
        );
        let mut usage = json!({ "users": users });
        insert(&mut usage, "localPosts", self.local_posts.map(Value::from));
        insert(&mut usage, "localComments", self.local_comments.map(Value::from));
        let mut metadata = json!({"nodeName": self.name});
        insert(&mut metadata, "adminAccount", self.admin.as_deref().map(Value::from));
        let document = json!({
            "version": version,
            "software": software,
            "protocols": protocols,
            "services": {"inbound": [], "outbound": self.outbound_services},
            "openRegistrations": self.open_registrations,
            "usage": usage,
            "metadata": metadata,
        });
        Some(document.to_string())
    }
}

/// Members without value are left out.
fn insert(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(key.to_owned(), value);
    }
}

/// The link to the newest version that is understood, in a pod's `/.well-known/nodeinfo`.
pub fn newest_link(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let links = document.get("links")?.as_array()?;
    let href = |version: &&str| {
        let wanted = schema(version);
        let link = links.iter().find(|link| link.get("rel").and_then(Value::as_str) == Some(&wanted))?;
        link.get("href")?.as_str().map(str::to_owned)
    };
    VERSIONS.iter().rev().find_map(href)
}

/// The software that a pod runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Software {
    /// Reads it from a NodeInfo document of any version, or from a NodeInfo2 one.
    pub fn read(body: &[u8]) -> Result<Self, DiscoveryError> {
        let document: Value = serde_json::from_slice(body).map_err(|_| DiscoveryError::Unreadable)?;
        let text = |object: &str, key: &str| {
            document.get(object).and_then(|o| o.get(key)).and_then(Value::as_str).map(str::to_owned)
        };
        let name = text("software", "name").or_else(|| text("server", "software"));
        let version = text("software", "version").or_else(|| text("server", "version"));
        Ok(Self {
            name: name.ok_or(DiscoveryError::Part("software.name"))?,
            version: version.ok_or(DiscoveryError::Part("software.version"))?,
        })
    }
}

/// Whether a pod wants public posts of strangers: `/.well-known/x-social-relay`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct SocialRelay {
    /// It wants some.
    pub subscribe: bool,
    /// `all` or `tags`.
    pub scope: String,
    /// Which ones.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl SocialRelay {
    /// Reads the document.
    pub fn read(body: &[u8]) -> Result<Self, DiscoveryError> {
        serde_json::from_slice(body).map_err(|_| DiscoveryError::Unreadable)
    }
}
