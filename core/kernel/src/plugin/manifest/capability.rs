//! What plugins may ask of the pod, by name.
use std::fmt;

use serde::{Deserialize, Serialize};

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
