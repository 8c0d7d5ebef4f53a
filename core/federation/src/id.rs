//! Names of people and things across pods: [`DiasporaId`], [`Guid`] and the
//! `diaspora://` links that point at entities. A value of these types is valid.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A string that is no valid name of the wanted sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(pub &'static str);

/// `user@host[:port]`, lower case ASCII: who somebody is, on whichever pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DiasporaId(Box<str>);

impl DiasporaId {
    /// The longest id that fits the network's rules, in characters.
    pub const MAX: usize = 255;

    /// Builds an id from a local user name and the pod's host (with its port, if that is not the usual one).
    pub fn new(username: &str, host: &str) -> Result<Self, InvalidId> {
        format!("{username}@{host}").parse()
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn username(&self) -> &str {
        self.0.split_once('@').map_or("", |(user, _)| user)
    }

    /// Host and, where there is one, port: what names the person's pod.
    pub fn host(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, host)| host)
    }
}

impl FromStr for DiasporaId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let wrong = InvalidId("diaspora* ID");
        let (user, host) = text.split_once('@').ok_or(wrong.clone())?;
        let user_ok = !user.is_empty()
            && user.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b));
        if user_ok && text.len() <= Self::MAX && valid_authority(host) {
            Ok(Self(text.into()))
        } else {
            Err(wrong)
        }
    }
}

/// Host with an optional port, in the one spelling that is allowed.
fn valid_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            if address.parse::<Ipv6Addr>().is_err() || address.bytes().any(|b| b.is_ascii_uppercase()) {
                return false;
            }
            ("v6", rest)
        }
        None => match text.find(':') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        },
    };
    let port_ok = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            digits.bytes().all(|b| b.is_ascii_digit())
                && !digits.starts_with('0')
                && digits.parse::<u16>().is_ok_and(|port| port > 0)
        });
    port_ok && valid_host(host)
}

fn valid_host(host: &str) -> bool {
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

/// The name of an entity across pods: 16 to 255 characters, chosen by its author's pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Guid(Box<str>);

impl Guid {
    /// A fresh name in the form that diaspora* uses, from 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        use fmt::Write as _;
        let mut hex = String::with_capacity(32);
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex.into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn allows(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || b"-_@.:".contains(&byte)
    }
}

impl FromStr for Guid {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = (16..=255).contains(&text.len())
            && text.bytes().all(Self::allows)
            && text.bytes().next_back().is_some_and(|last| last.is_ascii_alphanumeric());
        if valid { Ok(Self(text.into())) } else { Err(InvalidId("GUID")) }
    }
}

macro_rules! string_like {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )+};
}

string_like!(DiasporaId, Guid);

/// A `diaspora://AUTHOR/TYPE/GUID` link inside a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiasporaUri {
    /// Who wrote the thing that is linked.
    pub author: DiasporaId,
    /// Its type as in `/fetch/TYPE/GUID`.
    pub entity: String,
    /// Its name.
    pub guid: Guid,
}

impl DiasporaUri {
    const SCHEME: &'static str = "diaspora://";

    /// Finds every well-formed link in `text` (`web+diaspora://` too), in order.
    pub fn scan(text: &str) -> Vec<Self> {
        text.match_indices(Self::SCHEME)
            .filter_map(|(at, _)| text.get(at + Self::SCHEME.len()..).and_then(Self::at_start))
            .collect()
    }

    fn at_start(rest: &str) -> Option<Self> {
        let (author, rest) = rest.split_once('/')?;
        let author = author.parse().ok()?;
        let (entity, rest) = rest.split_once('/')?;
        if entity.is_empty() || !entity.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return None;
        }
        let end = rest.bytes().take(255).position(|b| !Guid::allows(b)).unwrap_or(rest.len().min(255));
        let guid = rest.get(..end)?.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).parse().ok()?;
        Some(Self { author, entity: entity.to_owned(), guid })
    }
}

impl fmt::Display for DiasporaUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}/{}", Self::SCHEME, self.author, self.entity, self.guid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_one_spelling() {
        for good in ["a@b.example", "a.b_c-1@h.example:3000", "u@localhost", "u@127.0.0.1", "u@[::1]:3000"] {
            assert!(good.parse::<DiasporaId>().is_ok(), "{good}");
        }
        for bad in [
            "a@b_c.example",
            "A@b.example",
            "a@B.example",
            "a@b.example:",
            "a@b.example:0",
            "a@b.example:99999",
            "a@b..example",
            "a@b.example.",
            "a@b.example\n",
            " a@b.example",
            "a@",
            "@b",
            "ü@b.example",
            "a@b.example/x",
            "a@b@c",
            "a@999.1.1.1",
            "a@[::G]",
            "acct:a@b.example",
        ] {
            assert!(bad.parse::<DiasporaId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_tells_its_user_and_its_pod() {
        let id: DiasporaId = "bob@pod-b.example:3000".parse().unwrap();
        assert_eq!((id.username(), id.host()), ("bob", "pod-b.example:3000"));
    }

    #[test]
    fn a_multibyte_text_after_a_link_does_not_break_the_scan() {
        let text = format!("diaspora://a@b.example/post/{}é diaspora://", "g".repeat(300));
        assert_eq!(DiasporaUri::scan(&text).len(), 1);
        assert!(DiasporaUri::scan("diaspora://é/post/é").is_empty());
    }
}
