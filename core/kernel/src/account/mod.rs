//! Accounts of this pod: setting up, signing up and in, sessions, the second factor.
pub mod close;
pub mod key;
pub mod password;
pub mod preferences;
pub mod session;
pub mod setup;
pub mod sign_in;
pub mod sign_up;
pub(crate) mod store;
pub mod totp;

use crate::{Invalid, Pod, Result, id::Timestamp};
use std::time::Duration;

/// Names that would mislead, or that paths of the pod use.
const RESERVED: &[&str] = &[
    "abuse",
    "admin",
    "administrator",
    "contact",
    "everyone",
    "help",
    "hostmaster",
    "info",
    "mail",
    "moderator",
    "owner",
    "pappus",
    "pod",
    "podmin",
    "postmaster",
    "root",
    "security",
    "ssl-admin",
    "support",
    "sysadmin",
    "webmaster",
    "www",
];

/// The name of an account: 1 to 32 of `a-z 0-9 _ . -`; what is typed is trimmed and lower-cased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Username {
    type Error = Invalid;

    fn try_from(text: &str) -> Result<Self, Invalid> {
        let name = text.trim().to_ascii_lowercase();
        let wrong = |rule| Invalid::new("username", rule);
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        match name.chars().count() {
            0 => Err(wrong("required")),
            33.. => Err(wrong("too-long")),
            _ if !name.chars().all(legal) => Err(wrong("characters")),
            _ if RESERVED.contains(&name.as_str()) => Err(wrong("reserved")),
            _ => Ok(Self(name)),
        }
    }
}

/// An e-mail address, as far as one can tell without writing to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Email {
    type Error = Invalid;

    fn try_from(text: &str) -> Result<Self, Invalid> {
        let address = text.trim().to_lowercase();
        let wrong = |rule| Err(Invalid::new("email", rule));
        if address.is_empty() {
            return wrong("required");
        }
        if address.len() > 254 {
            return wrong("too-long");
        }
        let plain = !address.chars().any(|c| c.is_whitespace() || c.is_control());
        match address.rsplit_once('@') {
            Some((local, domain)) if plain && !local.is_empty() && !domain.is_empty() => Ok(Self(address)),
            _ => wrong("not-an-address"),
        }
    }
}

/// A password of 8 to 128 characters. Never logged, wiped from memory when dropped.
pub struct Password(zeroize::Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl TryFrom<String> for Password {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let text = zeroize::Zeroizing::new(text);
        match text.chars().count() {
            0 => Err(Invalid::new("password", "required")),
            1..=7 => Err(Invalid::new("password", "too-short")),
            8..=128 => Ok(Self(text)),
            _ => Err(Invalid::new("password", "too-long")),
        }
    }
}

/// How busy the pod is, for NodeInfo and the admin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Accounts.
    pub users: i64,
    /// Seen in the last 30 days.
    pub active_month: i64,
    /// Seen in the last 180 days.
    pub active_halfyear: i64,
    /// Posts by members.
    pub local_posts: i64,
    /// Comments by members.
    pub local_comments: i64,
}

/// How long the counts of posts and comments are kept: anybody may ask for them, and counting reads them all.
const COUNTED_FOR: Duration = Duration::from_mins(10);

/// The last count of posts and comments, and when it was made.
pub(crate) type Counted = tokio::sync::Mutex<Option<(Timestamp, store::Written)>>;

/// How busy the pod is: accounts exactly, posts and comments as they were up to ten minutes ago.
pub async fn count(pod: &Pod) -> Result<Counts> {
    let now = pod.clock.now();
    let day = |days: u64| now.minus(Duration::from_secs(days * 86_400));
    let members = store::count_members(&mut pod.db.read().await?, day(30), day(180)).await?;
    // who comes while somebody counts waits for that count
    let mut counted = pod.counted.lock().await;
    let written = match *counted {
        Some((at, written)) if now < at.plus(COUNTED_FOR) => written,
        _ => {
            let written = store::count_written(&mut pod.db.read().await?).await?;
            *counted = Some((now, written));
            written
        }
    };
    Ok(Counts {
        users: members.users,
        active_month: members.active_month,
        active_halfyear: members.active_halfyear,
        local_posts: written.local_posts,
        local_comments: written.local_comments,
    })
}

/// How many have an account here.
pub async fn members(pod: &Pod) -> Result<i64> {
    let now = pod.clock.now();
    Ok(store::count_members(&mut pod.db.read().await?, now, now).await?.users)
}

/// Collects what is wrong with several fields, so that a form shows all of it at once.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<Invalid>);

impl Checks {
    pub(crate) fn field<T>(&mut self, parsed: Result<T, Invalid>) -> Option<T> {
        parsed.map_err(|invalid| self.0.push(invalid)).ok()
    }

    pub(crate) fn refuse<T>(self) -> Result<T> {
        Err(crate::Error::InvalidFields(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_trimmed_and_lower_cased() {
        assert_eq!(Username::try_from(" Alice.B-_1 ").unwrap().as_str(), "alice.b-_1");
        for (text, rule) in [
            ("", "required"),
            ("a b", "characters"),
            ("ü", "characters"),
            ("Root", "reserved"),
            (&"a".repeat(33), "too-long"),
        ] {
            assert_eq!(Username::try_from(text).unwrap_err().rule, rule, "{text}");
        }
    }

    #[test]
    fn an_address_has_two_sides() {
        assert_eq!(Email::try_from(" A@Pod.Example ").unwrap().as_str(), "a@pod.example");
        for text in ["", "a", "@b", "a@", "a b@c", "a\n@b"] {
            assert!(Email::try_from(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_holds_a_secret_does_not_print_it() {
        let secret = || "hush hush".to_owned();
        let url = secret();
        let printed = [
            format!("{:?}", sign_up::NewMember { password: secret(), ..Default::default() }),
            format!("{:?}", setup::Setup { password: secret(), ..Default::default() }),
            format!("{:?}", totp::Enrolment { secret: secret(), url, qr_svg: secret() }),
            format!(
                "{:?}",
                session::Started { token: secret(), needs_code: false, expires_at: Timestamp(0) }
            ),
        ];
        for words in printed {
            assert!(!words.contains("hush") && words.len() > 5, "{words}");
        }
    }

    #[test]
    fn a_password_is_counted_in_characters_and_never_printed() {
        assert!(Password::try_from("ü".repeat(7)).is_err());
        let password = Password::try_from("ü".repeat(8)).unwrap();
        assert!(!format!("{password:?}").contains('ü'));
        assert!(Password::try_from("a".repeat(129)).is_err());
    }
}
