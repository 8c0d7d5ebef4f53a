//! Signatures inside entities: the author's under a relayable, the other identity's under a
//! migration. A relayable is kept as it came, for every later reader checks the same bytes.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::entity::field::Record;
use crate::entity::{AccountMigration, Invalid, Kind};
use crate::id::{DiasporaId, Guid};
use crate::key::{KeyError, PrivateKey, PublicKey};
use crate::time::Timestamp;
use crate::xml::{self, Properties};

/// Standard alphabet; written with padding, read with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const AUTHOR_SIGNATURE: &str = "author_signature";
const PARENT_AUTHOR_SIGNATURE: &str = "parent_author_signature";

/// How peers that normalise before they verify would rewrite a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Stays as it is.
    Text,
    /// Becomes `true` or `false`.
    Bool,
    /// Becomes UTC with whole seconds.
    Time,
}

/// The part of a relayable that is signed and relayed.
#[derive(Debug, Clone)]
pub struct Signed {
    properties: Properties,
    /// The payload as it came, ready to be relayed; none for one of our own.
    relay: Option<String>,
}

/// Two are the same if they say the same: white space between elements is no difference.
impl PartialEq for Signed {
    fn eq(&self, other: &Self) -> bool {
        self.properties == other.properties
    }
}

impl Eq for Signed {}

impl Signed {
    pub(crate) fn new(properties: Properties) -> Self {
        Self { properties, relay: None }
    }

    pub(crate) fn read(record: &Record<'_>, source: &str) -> Result<Self, Invalid> {
        let root = record.element();
        let properties = Properties::of(root).map_err(|_| Invalid::Repeated)?;
        let mut relay = source.to_owned();
        if let Some(dead) = root.child(PARENT_AUTHOR_SIGNATURE)
            && relay.get(dead.span.clone()).is_some()
        {
            relay.replace_range(dead.span.clone(), "");
        }
        Ok(Self { properties, relay: Some(relay) })
    }

    /// One property more at the end, if there is a value.
    pub(crate) fn add(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.properties.push(name, value);
            self.relay = None;
        }
    }

    /// Everything it came with, in order.
    pub fn properties(&self) -> &Properties {
        &self.properties
    }

    /// The author's signature, base64; absent or empty counts as none.
    pub fn author_signature(&self) -> Option<&str> {
        self.properties.get(AUTHOR_SIGNATURE).filter(|signature| !signature.is_empty())
    }

    /// What the author signed, as raw texts.
    pub fn text(&self) -> String {
        self.properties.signed().map(|(_, value)| value).collect::<Vec<_>>().join(";")
    }

    /// The same with the values of known properties rewritten to their canonical form.
    pub fn normalised_text(&self, known: &[(&str, Shape)]) -> String {
        let rewrite = |(name, value): (&str, &str)| {
            let shape = known.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape);
            match shape {
                Some(Shape::Bool) => xml::boolean(value).map(|flag| flag.to_string()).unwrap_or_default(),
                Some(Shape::Time) => Timestamp::parse(value).map(|t| t.to_string()).unwrap_or_default(),
                Some(Shape::Text) | None => value.to_owned(),
            }
        };
        self.properties.signed().map(rewrite).collect::<Vec<_>>().join(";")
    }
}

/// What travels through the pod of the thing it refers to: comments, likes, votes, answers.
pub trait Relayable {
    /// Who made it.
    fn author(&self) -> &DiasporaId;
    /// Its name.
    fn guid(&self) -> &Guid;
    /// What it refers to.
    fn parent(&self) -> (Kind, &Guid);
    /// Its signed part.
    fn signed(&self) -> &Signed;
    /// Its signed part, to be signed.
    fn signed_mut(&mut self) -> &mut Signed;
    /// The properties that the protocol knows, and how peers normalise them.
    fn known(&self) -> &'static [(&'static str, Shape)];

    /// True if `key` made the author's signature: over the raw texts, or over the normalised ones.
    fn author_signature_verifies(&self, key: &PublicKey) -> bool {
        let Some(signature) = self.signed().author_signature().and_then(decode) else { return false };
        let raw = self.signed().text();
        if key.verifies(raw.as_bytes(), &signature) {
            return true;
        }
        let normalised = self.signed().normalised_text(self.known());
        normalised != raw && key.verifies(normalised.as_bytes(), &signature)
    }

    /// Signs as the author. A relayable on the author's own root needs no signature and gets none.
    fn sign(&mut self, key: &PrivateKey) -> Result<(), KeyError> {
        let text = self.signed().text();
        let signature = encode(&key.sign(text.as_bytes())?);
        let signed = self.signed_mut();
        signed.properties.push(AUTHOR_SIGNATURE, signature);
        signed.relay = None;
        Ok(())
    }

    /// The payload to relay: as it came, without a relayer's dead signature.
    fn relay_xml(&self, root: &str) -> String {
        let signed = self.signed();
        signed.relay.clone().unwrap_or_else(|| signed.properties.to_xml(root))
    }
}

impl AccountMigration {
    /// True if the identity that did not sign the envelope agrees.
    pub fn signature_verifies(&self, key: &PublicKey) -> bool {
        let signature = self.signature.as_deref().and_then(decode);
        signature.is_some_and(|signature| key.verifies(self.signed_text().as_bytes(), &signature))
    }

    /// Signs as the identity that does not sign the envelope.
    pub fn sign(&mut self, key: &PrivateKey) -> Result<(), KeyError> {
        self.signature = Some(encode(&key.sign(self.signed_text().as_bytes())?));
        Ok(())
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// White space inside is tolerated, as diaspora* does.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}
