//! Why a plugin fails, for people: a key with its arguments, which pages say in the reader's language, and the
//! same in the words of the log.
use super::{LoadError, PluginError};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// One reason. Its sentence is `plugin-error-<key>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which sentence.
    pub key: String,
    /// What stands in it.
    pub args: BTreeMap<String, String>,
    /// In the words of the log.
    pub words: String,
}

impl Reason {
    pub(super) fn new(key: &str, args: &[(&str, &dyn fmt::Display)], words: impl fmt::Display) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
        Self { key: key.to_owned(), args, words: words.to_string() }
    }

    /// As it is kept in a row.
    pub(super) fn stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| self.words.clone())
    }

    /// From a row; one that was written before reasons had keys is shown as it is.
    pub(super) fn read(stored: &str) -> Self {
        serde_json::from_str(stored).unwrap_or_else(|_| stored.into())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl From<&str> for Reason {
    fn from(words: &str) -> Self {
        Self::new("text", &[("detail", &words)], words)
    }
}

impl From<&LoadError> for Reason {
    fn from(error: &LoadError) -> Self {
        let (key, args): (_, &[(&str, &dyn fmt::Display)]) = match error {
            LoadError::NotFound(slug) => ("not-found", &[("name", slug)]),
            LoadError::Unreadable(detail) => ("unreadable", &[("detail", detail)]),
            LoadError::Manifest(wrong) => ("manifest", &[("at", &wrong.at), ("detail", &wrong.wrong)]),
            LoadError::Api { needs, has } => ("api", &[("needs", needs), ("has", has)]),
            LoadError::UnknownImport(name) => ("unknown-import", &[("name", name)]),
            LoadError::UndeclaredImport(name) => ("undeclared-import", &[("name", name)]),
            LoadError::MissingHook(hook) => ("missing-hook", &[("name", hook)]),
            LoadError::UndeclaredHook(hook) => ("undeclared-hook", &[("name", hook)]),
            LoadError::TooLarge(detail) => ("too-large", &[("detail", detail)]),
            LoadError::Taken { kind, by } => ("taken", &[("name", kind), ("by", by)]),
            LoadError::Signature(detail) => ("signature", &[("detail", detail)]),
            LoadError::OtherAuthor { known, brought } => ("other-author", &[("by", brought), ("has", known)]),
            LoadError::Bundled { brought } => ("bundled", &[("by", brought)]),
            LoadError::OtherPlugin { slug, id } => ("other-plugin", &[("name", slug), ("by", id)]),
            LoadError::Older { brought, present } => ("older", &[("needs", brought), ("has", present)]),
            LoadError::Component(detail) => ("component", &[("detail", detail)]),
        };
        Self::new(key, args, error)
    }
}

impl From<&PluginError> for Reason {
    fn from(error: &PluginError) -> Self {
        let (key, args): (_, &[(&str, &dyn fmt::Display)]) = match error {
            PluginError::Trap(detail) => ("trap", &[("detail", detail)]),
            PluginError::Budget(limit) => ("budget", &[("count", &limit.as_millis())]),
            PluginError::Deadline(limit) => ("deadline", &[("count", &limit.as_millis())]),
            PluginError::Memory(limit) => ("memory", &[("count", &(limit / (1024 * 1024)))]),
            PluginError::Answer(detail) => ("answer", &[("detail", detail)]),
            PluginError::Busy => ("busy", &[]),
            PluginError::NoHook(hook) => ("no-hook", &[("name", hook)]),
            PluginError::Failed(detail) | PluginError::Declined(detail) => ("failed", &[("detail", detail)]),
        };
        Self::new(key, args, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_survives_its_row_and_old_rows_are_shown_as_they_are() {
        let reason = Reason::from(&LoadError::Api { needs: "2.0".into(), has: "0.1".into() });
        assert_eq!((reason.key.as_str(), reason.args.len()), ("api", 2));
        assert_eq!(Reason::read(&reason.stored()), reason);
        let old = Reason::read("it crashed: unreachable");
        assert_eq!((old.key.as_str(), old.words.as_str()), ("text", "it crashed: unreachable"));
    }
}
