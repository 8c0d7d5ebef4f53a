//! The tables of `plugin.toml` and the rules of each value.
use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use super::{Capability, HookLimits, Manifest, ManifestError, parts, schedule, setting};
use crate::plugin::Hook;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) plugin: PluginTable,
    #[serde(default)]
    pub(super) capabilities: BTreeMap<String, CapabilityTable>,
    #[serde(default)]
    pub(super) hooks: BTreeMap<String, HookTable>,
    #[serde(default)]
    pub(super) limits: LimitsTable,
    #[serde(default)]
    pub(super) attachment: Vec<parts::AttachmentTable>,
    #[serde(default)]
    pub(super) slot: Vec<parts::SlotTable>,
    #[serde(default)]
    pub(super) composer: Vec<parts::ContributionTable>,
    #[serde(default)]
    pub(super) setting: Vec<setting::SettingTable>,
    #[serde(default)]
    pub(super) link: Vec<parts::LinkTable>,
    #[serde(default)]
    pub(super) schedule: Vec<schedule::ScheduleTable>,
    #[serde(default)]
    pub(super) notification: Vec<schedule::NoticeTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PluginTable {
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) version: String,
    pub(super) license: String,
    #[serde(default)]
    pub(super) authors: Vec<String>,
    pub(super) homepage: Option<String>,
    pub(super) api: String,
    #[serde(default)]
    pub(super) acts_for_members: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CapabilityTable {
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HookTable {
    pub(super) budget_ms: Option<u64>,
    /// Only of `pages`.
    #[serde(default)]
    pub(super) public: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LimitsTable {
    pub(super) memory_mib: u32,
}

impl Default for LimitsTable {
    fn default() -> Self {
        Self { memory_mib: Manifest::MAX_MEMORY_MIB }
    }
}

pub(super) fn checked_id(id: String) -> Result<String, ManifestError> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if id.len() <= 100 && id.split('.').count() >= 2 && id.split('.').all(part) {
        return Ok(id);
    }
    Err(ManifestError::new("plugin.id", "must be a reverse domain name such as `org.example.polls`"))
}

pub(super) fn checked_line(at: &str, text: String, max: usize) -> Result<String, ManifestError> {
    if text.chars().count() > max || text.chars().any(char::is_control) {
        return Err(ManifestError::new(at, format!("must be one line of at most {max} letters")));
    }
    if text.trim().is_empty() && at != "plugin.description" {
        return Err(ManifestError::new(at, "must not be empty"));
    }
    Ok(text)
}

pub(super) fn checked_version(version: String) -> Result<String, ManifestError> {
    let number = |part: &str| !part.is_empty() && part.len() < 8 && part.bytes().all(|b| b.is_ascii_digit());
    let (numbers, _pre) = version.split_once('-').unwrap_or((&version, ""));
    if numbers.split('.').count() == 3 && numbers.split('.').all(number) && version.len() <= 40 {
        return Ok(version);
    }
    Err(ManifestError::new("plugin.version", "must be three numbers such as `1.2.0`"))
}

pub(super) fn checked_homepage(homepage: Option<String>) -> Result<Option<String>, ManifestError> {
    match homepage {
        Some(url) if !url.starts_with("https://") || url::Url::parse(&url).is_err() => {
            Err(ManifestError::new("plugin.homepage", "must be an https address"))
        }
        homepage => Ok(homepage),
    }
}

pub(super) fn checked_api(api: &str) -> Result<(u32, u32), ManifestError> {
    api.split_once('.')
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)))
        .ok_or_else(|| ManifestError::new("plugin.api", "must be two numbers such as `0.1`"))
}

pub(super) fn checked_capabilities(
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

pub(super) fn checked_hooks(
    tables: BTreeMap<String, HookTable>,
) -> Result<BTreeMap<Hook, HookLimits>, ManifestError> {
    let check = |(name, table): (String, HookTable)| {
        let at = format!("hooks.{name}");
        let hook =
            Hook::named(&name).ok_or_else(|| ManifestError::new(at.as_str(), "there is no such hook"))?;
        if table.public && hook != Hook::Pages {
            return Err(ManifestError::new(format!("{at}.public"), "is only for pages"));
        }
        let budget = table.budget_ms.map_or(Manifest::DEFAULT_BUDGET, Duration::from_millis);
        if budget.is_zero() || budget > Manifest::MAX_BUDGET {
            return Err(ManifestError::new(format!("{at}.budget-ms"), "must be 1 to 1000"));
        }
        Ok((hook, HookLimits { budget }))
    };
    tables.into_iter().map(check).collect()
}
