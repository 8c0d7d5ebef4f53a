//! What an admin decides about other pods and about single people: their pictures are not shown, they are
//! silenced, or nothing goes in or out. `standing` is the one question that receiving, discovering and
//! fetching ask; its answer stands on each person's row too, where `can_see!` and the delivery read it.
mod block;
pub mod blocklist;
mod draft;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
mod gate;
mod store;

pub use block::{block, find, list, unblock};
pub use draft::{Draft, Imported, approve, discard, drafts, import};
pub(crate) use gate::Gate;
pub use store::Block;

use crate::{
    Error, Invalid, Pod, Result,
    db::{self, Conn, Tx},
    id::PersonId,
};
use pappus_federation::id::DiasporaId;
use std::{collections::HashSet, fmt, str::FromStr};

/// How long a reason or a note may be, in characters.
pub const LONGEST_REASON: usize = 1_000;

/// How far somebody is kept away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Not at all.
    #[default]
    None,
    /// Out of public and tag streams, and seen by nobody who does not share with them.
    Silence,
    /// Nothing in or out, and nothing of theirs is shown.
    Suspend,
}

impl Severity {
    /// As it is stored; `can_see!` compares these numbers.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Silence => 1,
            Self::Suspend => 2,
        }
    }

    pub(crate) const fn of(number: i64) -> Self {
        match number {
            ..=0 => Self::None,
            1 => Self::Silence,
            2.. => Self::Suspend,
        }
    }

    /// As blocklists call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "noop",
            Self::Silence => "silence",
            Self::Suspend => "suspend",
        }
    }
}

impl FromStr for Severity {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name.to_ascii_lowercase().as_str() {
            "" | "noop" | "none" => Ok(Self::None),
            "silence" | "limit" => Ok(Self::Silence),
            "suspend" => Ok(Self::Suspend),
            _ => Err(()),
        }
    }
}

/// Whom a rule is about: a pod by its host, or one person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target(String);

impl Target {
    /// As it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One person.
    pub fn is_person(&self) -> bool {
        self.0.contains('@')
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Target {
    type Err = Invalid;

    /// A host of at least two labels or an address, without port; or a diaspora* ID.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().trim_end_matches('.').to_lowercase();
        if text.is_empty() {
            return Err(Invalid::new("target", "required"));
        }
        if text.contains('@') {
            let id: DiasporaId = text.parse().map_err(|_| Invalid::new("target", "not-a-host"))?;
            return Ok(Self(id.as_str().to_owned()));
        }
        let wrong = Invalid::new("target", "not-a-host");
        let host = url::Host::parse(&text).map_err(|_| wrong.clone())?;
        match host {
            url::Host::Domain(name) => {
                // a dot at the end may have been written as `%2e`
                let name = name.trim_end_matches('.');
                let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
                let fits = name.contains('.') && name.len() <= 253 && name.bytes().all(is_plain);
                if fits { Ok(Self(name.to_owned())) } else { Err(wrong) }
            }
            host => Ok(Self(host.to_string())),
        }
    }
}

/// A rule as an admin wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub struct NewBlock {
    /// Whom.
    pub target: Target,
    /// Of a host: everything below it too.
    pub subdomains: bool,
    /// How far.
    pub severity: Severity,
    /// Their pictures are not shown; so it is for whoever is suspended anyway.
    pub reject_media: bool,
    /// Carried from list to list.
    pub reject_reports: bool,
    /// A published list shall not spell the host out.
    pub obfuscate: bool,
    /// For members.
    pub reason: String,
    /// For admins.
    pub note: String,
}

impl NewBlock {
    /// A rule that only says whom and how far.
    pub fn of(target: Target, severity: Severity) -> Self {
        Self {
            target,
            subdomains: false,
            severity,
            reject_media: false,
            reject_reports: false,
            obfuscate: false,
            reason: String::new(),
            note: String::new(),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.severity == Severity::None && !self.reject_media {
            return Err(Invalid::new("level", "required"));
        }
        for (field, text) in [("reason", &self.reason), ("note", &self.note)] {
            if text.chars().count() > LONGEST_REASON {
                return Err(Invalid::new(field, "too-long"));
            }
            if text.contains('\0') {
                return Err(Invalid::new(field, "characters"));
            }
        }
        Ok(())
    }
}

/// What all rules together make of somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The hardest of them.
    pub severity: Severity,
    /// Their pictures are not shown.
    pub media_hidden: bool,
    /// What the hardest rule gives as its reason, if it gives one.
    pub reason: Option<String>,
}

impl Standing {
    /// Nothing goes in or out.
    pub fn is_suspended(&self) -> bool {
        self.severity == Severity::Suspend
    }

    fn of(rules: impl IntoIterator<Item = store::Rule>) -> Self {
        let mut all = Self::default();
        for rule in rules {
            let severity = Severity::of(rule.severity);
            let harder = severity > all.severity || all.reason.is_none();
            all.media_hidden |= rule.reject_media || severity == Severity::Suspend;
            all.severity = all.severity.max(severity);
            if harder && !rule.reason.is_empty() {
                all.reason = Some(rule.reason);
            }
        }
        all
    }
}

/// How a person stands, whether or not they are known here.
pub async fn standing(conn: &mut Conn, id: &DiasporaId) -> db::Result<Standing> {
    look_up(conn, Some(id.as_str()), id.host()).await
}

/// How a pod stands.
pub async fn standing_of_host(conn: &mut Conn, host: &str) -> db::Result<Standing> {
    look_up(conn, None, host).await
}

/// Refuses whoever is suspended, before anything is looked up about them.
pub async fn admit(pod: &Pod, id: &DiasporaId) -> Result<()> {
    if standing(&mut pod.db.read().await?, id).await?.is_suspended() {
        return Err(Error::Forbidden(SUSPENDED));
    }
    Ok(())
}

/// The reason of [`admit`].
pub(crate) const SUSPENDED: &str = "suspended-here";

/// Writes on a new person's row what the rules make of them.
pub(crate) async fn mark(tx: &mut Tx, id: &DiasporaId) -> db::Result<()> {
    let standing = standing(tx, id).await?;
    if standing != Standing::default() {
        store::raise_person(tx, id.as_str(), standing.severity.number(), standing.media_hidden).await?;
    }
    Ok(())
}

/// Those of these people who are suspended: nothing is sent to them, nothing from them is shown.
pub(crate) async fn suspended(conn: &mut Conn, people: &[PersonId]) -> db::Result<HashSet<PersonId>> {
    Ok(store::suspended(conn, people).await?.into_iter().collect())
}

async fn look_up(conn: &mut Conn, id: Option<&str>, host: &str) -> db::Result<Standing> {
    let host = without_port(host);
    let mut names: Vec<&str> = lineage(host).collect();
    names.extend(id);
    let rules = store::rules_of(conn, &names).await?;
    let applies =
        |rule: &store::Rule| rule.subdomains || rule.target == host || Some(rule.target.as_str()) == id;
    Ok(Standing::of(rules.into_iter().filter(applies)))
}

/// A host and everything that it is below: `a.b.c`, `b.c`, `c`.
fn lineage(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, above)| above))
}

/// A rule is about a host on whichever port.
fn without_port(host: &str) -> &str {
    let end = match host.find(']') {
        Some(bracket) => bracket + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    host.get(..end).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_host_or_a_person() {
        for (typed, kept) in [
            ("Bad.Example", "bad.example"),
            (" bad.example. ", "bad.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("Eve@Bad.Example", "eve@bad.example"),
            ("192.0.2.7", "192.0.2.7"),
            ("[2001:db8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(
                typed.parse::<Target>().map(|target| target.to_string()),
                Ok(kept.to_owned()),
                "{typed}"
            );
        }
        for wrong in [
            "",
            "example",
            "https://bad.example",
            "bad.example/x",
            "b*d.example",
            "a b.example",
            "@x.example",
        ] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_host_has_its_port_taken_off() {
        for (host, bare) in
            [("a.test:3000", "a.test"), ("a.test", "a.test"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]")]
        {
            assert_eq!(without_port(host), bare);
        }
        assert_eq!(lineage("a.b.c").collect::<Vec<_>>(), ["a.b.c", "b.c", "c"]);
    }

    #[test]
    fn the_hardest_rule_counts_and_gives_the_reason() {
        let rule = |severity: i64, reject_media, reason: &str| store::Rule {
            target: "x.test".into(),
            subdomains: false,
            severity,
            reject_media,
            reason: reason.into(),
        };
        let both = Standing::of([rule(1, true, "rude"), rule(2, false, "spam")]);
        assert_eq!(
            (both.severity, both.media_hidden, both.reason.as_deref()),
            (Severity::Suspend, true, Some("spam"))
        );
        let silent = Standing::of([rule(1, false, "rude"), rule(0, true, "")]);
        assert_eq!(
            (silent.severity, silent.media_hidden, silent.reason.as_deref()),
            (Severity::Silence, true, Some("rude"))
        );
        assert_eq!(Standing::of([]), Standing::default());
    }
}
