//! `plugin.toml`, parsed and checked: a value of [`Manifest`] is one that the pod can work with.

mod capability;
mod file;
mod parts;
mod schedule;
mod setting;
mod slug;

use std::{collections::BTreeMap, time::Duration};

use self::file::{
    File, checked_api, checked_capabilities, checked_homepage, checked_hooks, checked_id, checked_line,
    checked_version,
};
use super::Hook;

pub use capability::Capability;
pub(crate) use parts::checked_key;
pub use parts::{AttachmentKind, Contribution, ContributionField, FieldKind, SlotUse, Tally};
pub(crate) use schedule::times;
pub use schedule::{NoticeKind, Schedule};
pub use setting::{Setting, SettingKind, SettingScope, origin};
pub use slug::Slug;

/// The version of the plugin interface that this pod offers.
pub const API: (u32, u32) = (0, 1);

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
    /// It acts for members, for each with their leave.
    pub acts_for_members: bool,
    /// What it asks for, each with the reason that the administrator reads.
    pub capabilities: BTreeMap<Capability, String>,
    pub hooks: BTreeMap<Hook, HookLimits>,
    pub memory_mib: u32,
    /// What it hangs on posts.
    pub attachments: Vec<AttachmentKind>,
    /// The places of pages that it fills.
    pub slots: Vec<SlotUse>,
    /// What it adds to the composer.
    pub contributions: Vec<Contribution>,
    /// What people choose about it.
    pub settings: Vec<Setting>,
    /// Sites that its templates link to, by their origins, each with the reason that the administrator reads.
    pub links: BTreeMap<String, String>,
    /// Its pages are for visitors too.
    pub public_pages: bool,
    /// What it does by the clock.
    pub schedules: Vec<Schedule>,
    /// What it tells members.
    pub notices: Vec<NoticeKind>,
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
        let public_pages = file.hooks.get(Hook::Pages.name()).is_some_and(|table| table.public);
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
            acts_for_members: plugin.acts_for_members,
            capabilities: checked_capabilities(file.capabilities)?,
            hooks: checked_hooks(file.hooks)?,
            memory_mib: file.limits.memory_mib,
            attachments: parts::checked_attachments(file.attachment)?,
            slots: parts::checked_slots(file.slot)?,
            contributions: parts::checked_contributions(file.composer)?,
            settings: setting::checked_settings(file.setting)?,
            links: parts::checked_links(file.link)?,
            public_pages,
            schedules: schedule::checked_schedules(file.schedule)?,
            notices: schedule::checked_notices(file.notification)?,
        };
        if !(1..=Self::MAX_MEMORY_MIB).contains(&manifest.memory_mib) {
            return Err(ManifestError::new("limits.memory-mib", "must be 1 to 16"));
        }
        parts::check_whole(&manifest)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[plugin]
id = "org.example.survey"
slug = "survey"
name = "Polls"
version = "1.2.0"
license = "AGPL-3.0-or-later"
authors = ["Ada"]
homepage = "https://example.org/survey"
api = "0.1"

[capabilities]
log = { why = "tells the administrator what went wrong" }

[hooks.text-renderer]
budget-ms = 40

[[link]]
origin = "https://maps.example.org"
why = "shows where it is"
"#;

    #[test]
    fn a_good_manifest_is_read() {
        let manifest = Manifest::parse(GOOD).unwrap();
        assert_eq!(manifest.slug.as_str(), "survey");
        assert_eq!(manifest.limits(Hook::TextRenderer).budget, Duration::from_millis(40));
        assert_eq!(manifest.limits(Hook::Events).budget, Manifest::DEFAULT_BUDGET);
        assert!(manifest.capabilities.contains_key(&Capability::Log));
        assert!(manifest.api_fits());
    }

    #[test]
    fn every_mistake_is_named_where_it_stands() {
        let cases = [
            ("slug = \"survey\"", "slug = \"12\"", "plugin.slug"),
            ("slug = \"survey\"", "slug = \"Polls\"", "plugin.slug"),
            ("slug = \"survey\"", "slug = \"../survey\"", "plugin.slug"),
            ("slug = \"survey\"", "slug = \"sixteen-letters-\"", "plugin.slug"),
            ("org.example.survey", "survey", "plugin.id"),
            ("name = \"Polls\"", "name = \" \"", "plugin.name"),
            ("1.2.0", "new", "plugin.version"),
            ("https://example.org", "javascript:alert", "plugin.homepage"),
            ("api = \"0.1\"", "api = \"one\"", "plugin.api"),
            ("log = {", "disk = {", "capabilities.disk"),
            ("hooks.text-renderer", "hooks.anything", "hooks.anything"),
            ("budget-ms = 40", "budget-ms = 0", "hooks.text-renderer.budget-ms"),
            ("budget-ms = 40", "budget-ms = 5000", "hooks.text-renderer.budget-ms"),
            ("budget-ms = 40", "budget = 40", "line 16"),
            ("budget-ms = 40", "public = true", "hooks.text-renderer.public"),
            ("https://maps.example.org", "http://maps.example.org", "link.origin"),
            ("https://maps.example.org", "https://maps.example.org/", "link.origin"),
            ("https://maps.example.org", "https://a@maps.example.org", "link.origin"),
            ("https://maps.example.org", "https://Maps.example.org", "link.origin"),
            ("https://maps.example.org", "https://10.0.0.1", "link.origin"),
            ("https://maps.example.org", "javascript:x", "link.origin"),
            ("shows where it is", "", "link.why"),
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
