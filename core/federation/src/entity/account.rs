//! The end of an account, and its move to another pod.

use crate::id::DiasporaId;
use crate::xml::Element;

use super::field::{Fields, MAX_TEXT, Record, Value};
use super::{Invalid, Profile};

/// Somebody's account is gone for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDeletion {
    /// Whose.
    pub author: DiasporaId,
}

impl AccountDeletion {
    pub(crate) const NAME: &'static str = "account_deletion";

    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        Ok(Self { author: Record::new(Self::NAME, element, &["author"])?.id("author")? })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![("author", Value::Text(self.author.as_str()))]
    }
}

/// Somebody moves. Both identities sign: the author's key the envelope, the other key this entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMigration {
    /// The old or the new identity.
    pub author: DiasporaId,
    /// The profile at the new place; its author is the new identity.
    pub profile: Profile,
    /// By the identity that is not the author; base64.
    pub signature: Option<String>,
    /// The old identity.
    pub old_identity: DiasporaId,
    /// Where old photos are now.
    pub remote_photo_path: Option<String>,
}

impl AccountMigration {
    pub(crate) const NAME: &'static str = "account_migration";

    pub(super) fn read(element: &Element) -> Result<Self, Invalid> {
        let properties = ["author", "profile", "signature", "old_identity", "remote_photo_path"];
        let record = Record::new(Self::NAME, element, &properties)?;
        let profile = record.nested("profile").ok_or_else(|| record.broken("profile", "required"))?;
        let author = record.id("author")?;
        let migration = Self {
            old_identity: record.maybe_id("old_identity")?.unwrap_or_else(|| author.clone()),
            author,
            profile: Profile::read(profile)?,
            signature: record.maybe("signature", MAX_TEXT)?,
            remote_photo_path: record.maybe("remote_photo_path", MAX_TEXT)?,
        };
        // A third identity must not appear: its owner would not have been asked.
        let (author, old, new) = (&migration.author, &migration.old_identity, migration.new_identity());
        if old == new || (author != old && author != new) {
            return Err(record.broken("old_identity", "old_and_new"));
        }
        Ok(migration)
    }

    /// A move, not signed yet; `author` is whichever identity signs the envelope.
    pub fn new(author: DiasporaId, old_identity: DiasporaId, profile: Profile) -> Self {
        Self { author, profile, signature: None, old_identity, remote_photo_path: None }
    }

    /// Who that person will be.
    pub fn new_identity(&self) -> &DiasporaId {
        &self.profile.author
    }

    /// Whose signature is inside: the identity that did not sign the envelope.
    pub fn signer(&self) -> &DiasporaId {
        if &self.author == self.new_identity() { &self.old_identity } else { self.new_identity() }
    }

    /// What that signature covers.
    pub fn signed_text(&self) -> String {
        format!("AccountMigration:{}:{}", self.old_identity, self.new_identity())
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        vec![
            ("author", Value::Text(self.author.as_str())),
            ("profile", Value::Record(self.profile.fields())),
            ("signature", Value::optional(self.signature.as_deref())),
            ("old_identity", Value::Text(self.old_identity.as_str())),
            ("remote_photo_path", Value::optional(self.remote_photo_path.as_deref())),
        ]
    }
}
