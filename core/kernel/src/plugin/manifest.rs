//! `plugin.toml`, parsed and checked: a value of [`Manifest`] is one that the pod can work with.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::Hook;

/// The version of the plugin interface that this pod offers.
pub const API: (u32, u32) = (0, 1);

/// Something that a plugin may ask of the pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    Log,
    Clock,
    Random,
    Settings,
    Kv,
    Sql,
    Http,
    Posts,
    People,
    Notifications,
    Jobs,
    I18n,
    FederationOut,
}

impl Capability {
    pub const ALL: [Self; 13] = [
        Self::Log,
        Self::Clock,
        Self::Random,
        Self::Settings,
        Self::Kv,
        Self::Sql,
        Self::Http,
        Self::Posts,
        Self::People,
        Self::Notifications,
        Self::Jobs,
        Self::I18n,
        Self::FederationOut,
    ];

    /// The name of its interface, which is also its key in `plugin.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Settings => "settings",
            Self::Kv => "kv",
            Self::Sql => "sql",
            Self::Http => "http",
            Self::Posts => "posts",
            Self::People => "people",
            Self::Notifications => "notifications",
            Self::Jobs => "jobs",
            Self::I18n => "i18n",
            Self::FederationOut => "federation-out",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The short name of a plugin: its folder, its part of a path, its prefix in forms.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = ManifestError;

    fn try_from(slug: String) -> Result<Self, ManifestError> {
        let letters = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let numeric = slug.bytes().all(|b| b.is_ascii_digit());
        let dashes = slug.starts_with('-') || slug.ends_with('-');
        if slug.is_empty() || slug.len() > 15 || !letters || numeric || dashes {
            return Err(ManifestError::new(
                "plugin.slug",
                "must be 1 to 15 of a-z, 0-9 and `-`, with at least one letter",
            ));
        }
        Ok(Self(slug))
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("plugin.toml, {at}: {wrong}")]
pub struct ManifestError {
    pub at: String,
    pub wrong: String,
}

impl ManifestError {
    fn new(at: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self { at: at.into(), wrong: wrong.into() }
    }
}

/// What a plugin says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Reverse DNS, for ever.
    pub id: String,
    pub slug: Slug,
    pub name: String,
    pub description: String,
    pub version: String,
    pub license: String,
    pub authors: Vec<String>,
    pub homepage: Option<String>,
    /// The lowest version of the plugin interface that it works with.
    pub api: (u32, u32),
    /// What it asks for, each with the reason that the administrator reads.
    pub capabilities: BTreeMap<Capability, String>,
    pub hooks: BTreeMap<Hook, HookLimits>,
    pub memory_mib: u32,
}

/// What a plugin may use in one call of a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookLimits {
    /// Processor time, not wall time: a busy machine must not kill the innocent.
    pub budget: Duration,
}

impl Manifest {
    /// The most processor time that a manifest may claim for one call.
    pub const MAX_BUDGET: Duration = Duration::from_secs(1);
    pub const DEFAULT_BUDGET: Duration = Duration::from_millis(50);
    pub const MAX_MEMORY_MIB: u32 = 16;
    const MAX_TEXT: usize = 64 * 1024;

    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > Self::MAX_TEXT {
            return Err(ManifestError::new("size", "longer than 64 KiB"));
        }
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1);
            ManifestError::new(format!("line {line}"), error.message())
        })?;
        let plugin = file.plugin;
        let manifest = Self {
            id: checked_id(plugin.id)?,
            slug: Slug::try_from(plugin.slug)?,
            name: checked_line("plugin.name", plugin.name, 60)?,
            description: checked_line("plugin.description", plugin.description, 300)?,
            version: checked_version(plugin.version)?,
            license: checked_line("plugin.license", plugin.license, 60)?,
            authors: plugin.authors,
            homepage: checked_homepage(plugin.homepage)?,
            api: checked_api(&plugin.api)?,
            capabilities: checked_capabilities(file.capabilities)?,
            hooks: checked_hooks(file.hooks)?,
            memory_mib: file.limits.memory_mib,
        };
        if !(1..=Self::MAX_MEMORY_MIB).contains(&manifest.memory_mib) {
            return Err(ManifestError::new("limits.memory-mib", "must be 1 to 16"));
        }
        Ok(manifest)
    }

    pub fn limits(&self, hook: Hook) -> HookLimits {
        self.hooks.get(&hook).copied().unwrap_or(HookLimits { budget: Self::DEFAULT_BUDGET })
    }

    /// Whether this pod's interface is new enough: before 1.0 every minor version is another interface.
    pub fn api_fits(&self) -> bool {
        self.api == API || (API.0 > 0 && self.api.0 == API.0 && self.api.1 <= API.1)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    plugin: PluginTable,
    #[serde(default)]
    capabilities: BTreeMap<String, CapabilityTable>,
    #[serde(default)]
    hooks: BTreeMap<String, HookTable>,
    #[serde(default)]
    limits: LimitsTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PluginTable {
    id: String,
    slug: String,
    name: String,
    #[serde(default)]
    description: String,
    version: String,
    license: String,
    #[serde(default)]
    authors: Vec<String>,
    homepage: Option<String>,
    api: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CapabilityTable {
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct HookTable {
    budget_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LimitsTable {
    memory_mib: u32,
}

impl Default for LimitsTable {
    fn default() -> Self {
        Self { memory_mib: Manifest::MAX_MEMORY_MIB }
    }
}

fn checked_id(id: String) -> Result<String, ManifestError> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if id.len() <= 100 && id.split('.').count() >= 2 && id.split('.').all(part) {
        return Ok(id);
    }
    Err(ManifestError::new("plugin.id", "must be a reverse domain name such as `org.example.polls`"))
}

fn checked_line(at: &str, text: String, max: usize) -> Result<String, ManifestError> {
    if text.chars().count() > max || text.chars().any(char::is_control) {
        return Err(ManifestError::new(at, format!("must be one line of at most {max} letters")));
    }
    if text.trim().is_empty() && at != "plugin.description" {
        return Err(ManifestError::new(at, "must not be empty"));
    }
    Ok(text)
}

fn checked_version(version: String) -> Result<String, ManifestError> {
    let number = |part: &str| !part.is_empty() && part.len() < 8 && part.bytes().all(|b| b.is_ascii_digit());
    let (numbers, _pre) = version.split_once('-').unwrap_or((&version, ""));
    if numbers.split('.').count() == 3 && numbers.split('.').all(number) && version.len() <= 40 {
        return Ok(version);
    }
    Err(ManifestError::new("plugin.version", "must be three numbers such as `1.2.0`"))
}

fn checked_homepage(homepage: Option<String>) -> Result<Option<String>, ManifestError> {
    match homepage {
        Some(url) if !url.starts_with("https://") || url::Url::parse(&url).is_err() => {
            Err(ManifestError::new("plugin.homepage", "must be an https address"))
        }
        homepage => Ok(homepage),
    }
}

fn checked_api(api: &str) -> Result<(u32, u32), ManifestError> {
    api.split_once('.')
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)))
        .ok_or_else(|| ManifestError::new("plugin.api", "must be two numbers such as `0.1`"))
}

fn checked_capabilities(
    tables: BTreeMap<String, CapabilityTable>,
) -> Result<BTreeMap<Capability, String>, ManifestError> {
    let check = |(name, table): (String, CapabilityTable)| {
        let at = format!("capabilities.{name}");
        let capability = Capability::named(&name)
            .ok_or_else(|| ManifestError::new(at.as_str(), "this pod offers no such capability"))?;
        Ok((capability, checked_line(&format!("{at}.why"), table.why, 300)?))
    };
    tables.into_iter().map(check).collect()
}

fn checked_hooks(tables: BTreeMap<String, HookTable>) -> Result<BTreeMap<Hook, HookLimits>, ManifestError> {
    let check = |(name, table): (String, HookTable)| {
        let at = format!("hooks.{name}");
        let hook =
            Hook::named(&name).ok_or_else(|| ManifestError::new(at.as_str(), "there is no such hook"))?;
        let budget = table.budget_ms.map_or(Manifest::DEFAULT_BUDGET, Duration::from_millis);
        if budget.is_zero() || budget > Manifest::MAX_BUDGET {
            return Err(ManifestError::new(format!("{at}.budget-ms"), "must be 1 to 1000"));
        }
        Ok((hook, HookLimits { budget }))
    };
    tables.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[plugin]
id = "org.example.polls"
slug = "polls"
name = "Polls"
version = "1.2.0"
license = "AGPL-3.0-or-later"
authors = ["Ada"]
homepage = "https://example.org/polls"
api = "0.1"

[capabilities]
log = { why = "tells the administrator what went wrong" }

[hooks.text-renderer]
budget-ms = 40
"#;

    #[test]
    fn a_good_manifest_is_read() {
        let manifest = Manifest::parse(GOOD).unwrap();
        assert_eq!(manifest.slug.as_str(), "polls");
        assert_eq!(manifest.limits(Hook::TextRenderer).budget, Duration::from_millis(40));
        assert_eq!(manifest.limits(Hook::Events).budget, Manifest::DEFAULT_BUDGET);
        assert!(manifest.capabilities.contains_key(&Capability::Log));
        assert!(manifest.api_fits());
    }

    #[test]
    fn every_mistake_is_named_where_it_stands() {
        let cases = [
            ("slug = \"polls\"", "slug = \"12\"", "plugin.slug"),
            ("slug = \"polls\"", "slug = \"Polls\"", "plugin.slug"),
            ("slug = \"polls\"", "slug = \"../polls\"", "plugin.slug"),
            ("slug = \"polls\"", "slug = \"sixteen-letters-\"", "plugin.slug"),
            ("org.example.polls", "polls", "plugin.id"),
            ("name = \"Polls\"", "name = \" \"", "plugin.name"),
            ("1.2.0", "new", "plugin.version"),
            ("https://example.org", "javascript:alert", "plugin.homepage"),
            ("api = \"0.1\"", "api = \"one\"", "plugin.api"),
            ("log = {", "disk = {", "capabilities.disk"),
            ("hooks.text-renderer", "hooks.anything", "hooks.anything"),
            ("budget-ms = 40", "budget-ms = 0", "hooks.text-renderer.budget-ms"),
            ("budget-ms = 40", "budget-ms = 5000", "hooks.text-renderer.budget-ms"),
            ("budget-ms = 40", "budget = 40", "line 16"),
            ("version = \"1.2.0\"", "", "line 2"),
        ];
        for (from, to, at) in cases {
            let error = Manifest::parse(&GOOD.replace(from, to)).unwrap_err();
            assert_eq!(error.at, at, "{error}");
        }
    }

    #[test]
    fn another_minor_interface_before_one_does_not_fit() {
        for api in ["0.2", "1.0", "0.0"] {
            assert!(
                !Manifest::parse(&GOOD.replace("api = \"0.1\"", &format!("api = \"{api}\"")))
                    .unwrap()
                    .api_fits()
            );
        }
    }
}
