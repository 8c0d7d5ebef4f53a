//! What an archive holds: the network's format, version 2.0. Reading is lenient about single things, which
//! are skipped and reported, and strict about whose archive it is.
use super::unpack::wrong;
use crate::Invalid;
use pappus_federation::id::DiasporaId;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// The version that is written, and the only one that is read.
pub(super) const VERSION: &str = "2.0";

/// So many things are a whole life on the network.
pub(super) const MOST: usize = 500_000;

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow, default)]
    others_data: Others<'a>,
}

#[derive(Deserialize, Default)]
struct Others<'a> {
    #[serde(borrow, default)]
    relayables: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    posts: Vec<&'a RawValue>,
}

/// An archive that was read; everything in its lists may still be anything.
#[derive(Deserialize)]
pub(super) struct Archive<'a> {
    #[serde(deserialize_with = "secret")]
    private_key: Zeroizing<String>,
    #[serde(borrow)]
    pub profile: &'a RawValue,
    #[serde(borrow, default)]
    pub contact_groups: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub contacts: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub blocks: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub posts: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub relayables: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub followed_tags: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub post_subscriptions: Vec<&'a RawValue>,
    /// What others said below the owner's posts.
    #[serde(skip)]
    pub replies: Vec<&'a RawValue>,
    /// Posts by others: not what moves.
    #[serde(skip)]
    pub by_others: usize,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

impl<'a> Archive<'a> {
    /// Reads the outer shape.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, Invalid> {
        let json = std::str::from_utf8(json).map_err(|_| wrong("not-an-archive"))?;
        let json = json.trim_start_matches('\u{feff}');
        let head: Head<'a> = serde_json::from_str(json).map_err(|_| wrong("not-an-archive"))?;
        let version = head.version.ok_or(wrong("not-an-archive"))?;
        if version.get() != format!("\"{VERSION}\"") {
            return Err(wrong("archive-version"));
        }
        let user = head.user.ok_or(wrong("not-an-archive"))?;
        let mut read: Self = serde_json::from_str(user.get()).map_err(|_| wrong("not-an-archive"))?;
        read.replies = head.others_data.relayables;
        read.by_others = head.others_data.posts.len();
        if read.count() > MOST {
            return Err(wrong("archive-too-large"));
        }
        Ok(read)
    }

    fn count(&self) -> usize {
        let lists = [
            &self.contact_groups,
            &self.contacts,
            &self.blocks,
            &self.posts,
            &self.relayables,
            &self.replies,
            &self.followed_tags,
            &self.post_subscriptions,
        ];
        lists.iter().map(|list| list.len()).sum()
    }

    /// The identity that it says it is of.
    pub(super) fn identity(&self) -> Result<DiasporaId, Invalid> {
        let profile: EntityHead<'_> =
            serde_json::from_str(self.profile.get()).map_err(|_| wrong("not-an-archive"))?;
        let author = profile.entity_data.author.ok_or(wrong("not-an-archive"))?;
        author.parse().map_err(|_| wrong("not-an-archive"))
    }

    /// The private key, as text.
    pub(super) fn private_key(&self) -> &str {
        &self.private_key
    }
}

/// Enough of an entity to name it.
#[derive(Deserialize)]
pub(super) struct EntityHead<'a> {
    #[serde(borrow, default)]
    pub entity_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub entity_data: EntityNames<'a>,
}

#[derive(Deserialize)]
pub(super) struct EntityNames<'a> {
    #[serde(borrow)]
    pub author: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub guid: Option<Cow<'a, str>>,
}

/// An aspect.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub name: String,
}

/// A contact. `following` and `followed` are other names of `receiving` and `sharing`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ContactEntry {
    #[serde(default)]
    pub sharing: bool,
    #[serde(default)]
    pub receiving: bool,
    #[serde(default)]
    pub following: bool,
    #[serde(default)]
    pub followed: bool,
    pub account_id: String,
    #[serde(default)]
    pub person_guid: Option<String>,
    #[serde(default)]
    pub person_name: Option<String>,
    #[serde(default)]
    pub public_key: Option<String>,
    #[serde(default)]
    pub contact_groups_membership: Vec<String>,
}

/// Where to ask for what a comment, a like or an answer hangs on, beside the entity itself. Archives of pods like this
/// one say it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Whereabouts {
    /// Whose the post is at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_author: Option<String>,
    /// That post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_guid: Option<String>,
}

/// Who was sent a post of one's own, beside the entity itself.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SentTo {
    #[serde(default)]
    pub subscribed_users_ids: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> &'static str {
        Archive::read(json.as_bytes()).map(drop).unwrap_err().rule
    }

    #[test]
    fn what_is_no_archive_of_this_version_is_refused() {
        for json in ["", "[]", "{}", "\u{1}", r#"{"version":"2.0"}"#, r#"{"version":"2.0","user":{}}"#] {
            assert_eq!(rule(json), "not-an-archive", "{json}");
        }
        assert_eq!(rule(r#"{"version":"3.0","user":{}}"#), "archive-version");
        assert_eq!(rule(r#"{"version":2,"user":{}}"#), "archive-version");
        assert_eq!(rule(&"[".repeat(1 << 20)), "not-an-archive");
        let many = "0,".repeat(MOST);
        let many =
            format!(r#"{{"version":"2.0","user":{{"private_key":"","profile":0,"posts":[{many}0]}}}}"#);
        assert_eq!(rule(&many), "archive-too-large");
    }

    #[test]
    fn an_archive_names_its_owner() {
        let json = r#"{"version":"2.0","user":{"private_key":"k","email":1,
            "profile":{"entity_type":"profile","entity_data":{"author":"a@pod.example"}}}}"#;
        let archive = Archive::read(json.as_bytes()).unwrap();
        assert_eq!(archive.identity().unwrap().as_str(), "a@pod.example");
        assert_eq!((archive.private_key(), archive.contacts.len()), ("k", 0));
    }
}
