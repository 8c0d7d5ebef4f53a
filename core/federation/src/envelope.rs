//! The magic envelope: a signed entity. Signature first, parsing later: until
//! [`Envelope::verify`] says yes, the payload is only bytes.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::id::DiasporaId;
use crate::key::{KeyError, PrivateKey, PublicKey};
use crate::xml::{Element, XmlError};

/// The namespace of the envelope's elements.
pub const NAMESPACE: &str = "http://salmon-protocol.org/ns/magic-env";
/// `Content-Type` of an envelope on its way to `/receive/public` and from `/fetch`.
pub const CONTENT_TYPE: &str = "application/magic-envelope+xml";
/// Algorithm, encoding and type are what they are: never taken from a message.
const TYPE: &str = "application/xml";
const ENCODING: &str = "base64url";
const ALGORITHM: &str = "RSA-SHA256";
/// `.type.encoding.algorithm` of every base string.
const BASE_TAIL: &str = ".YXBwbGljYXRpb24veG1s.YmFzZTY0dXJs.UlNBLVNIQTI1Ng==";
/// The type that Hubzilla writes, and signs, where it answers `/fetch`; and what its base strings end in.
const ATOM: &str = "application/atom+xml";
const ATOM_TAIL: &str = ".YXBwbGljYXRpb24vYXRvbSt4bWw=.YmFzZTY0dXJs.UlNBLVNIQTI1Ng==";

/// Writes padding, reads with and without.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is not an envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not readable as XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Something is missing or not what the protocol says.
    #[error("the envelope's {0} is missing or wrong")]
    Part(&'static str),
}

/// An envelope that was read and not verified yet.
#[derive(Debug, Clone)]
pub struct Envelope {
    sender: DiasporaId,
    payload: Vec<u8>,
    base_string: String,
    signature: Vec<u8>,
}

impl Envelope {
    /// Reads an envelope; nothing in it is to be trusted yet.
    pub fn parse(text: &str) -> Result<Self, EnvelopeError> {
        Self::read(text, &[(TYPE, BASE_TAIL)])
    }

    /// Reads the answer to a `/fetch`, in which an entity may be called an Atom document.
    pub fn parse_fetched(text: &str) -> Result<Self, EnvelopeError> {
        Self::read(text, &[(TYPE, BASE_TAIL), (ATOM, ATOM_TAIL)])
    }

    fn read(text: &str, types: &[(&str, &'static str)]) -> Result<Self, EnvelopeError> {
        let root = Element::parse(text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']))?;
        let prefix = magic_prefix(&root).ok_or(EnvelopeError::Part("root"))?;
        let part = |name: &'static str| {
            let mut found = root.children.iter().filter(|child| is_named(child, &prefix, name));
            match (found.next(), found.next()) {
                (Some(part), None) if part.children.is_empty() => Ok(part),
                _ => Err(EnvelopeError::Part(name)),
            }
        };
        let (data, sig) = (part("data")?, part("sig")?);
        let kind = types.iter().find(|(kind, _)| data.attribute("type") == Some(kind));
        let (_, tail) = kind.ok_or(EnvelopeError::Part("type"))?;
        if part("encoding")?.text != ENCODING {
            return Err(EnvelopeError::Part("encoding"));
        }
        if part("alg")?.text != ALGORITHM {
            return Err(EnvelopeError::Part("alg"));
        }
        let payload = decode(&data.text, "data")?;
        let key_id = decode(sig.attribute("key_id").unwrap_or_default(), "key_id")?;
        let sender = String::from_utf8(key_id).ok().and_then(|id| id.parse().ok());
        Ok(Self {
            sender: sender.ok_or(EnvelopeError::Part("key_id"))?,
            base_string: base_string(&payload, tail),
            payload,
            signature: decode(&sig.text, "sig")?,
        })
    }

    /// Who claims to have signed it: the key to look for.
    pub fn sender(&self) -> &DiasporaId {
        &self.sender
    }

    /// What the signature covers.
    pub fn base_string(&self) -> &str {
        &self.base_string
    }

    /// The signature's bytes.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The payload, if `key` made the signature.
    pub fn verify(self, key: &PublicKey) -> Option<Vec<u8>> {
        key.verifies(self.base_string.as_bytes(), &self.signature).then_some(self.payload)
    }
}

fn decode(text: &str, part: &'static str) -> Result<Vec<u8>, EnvelopeError> {
    match BASE64URL.decode(text) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(EnvelopeError::Part(part)),
    }
}

/// The prefix that is bound to the namespace, if the root is `env` in it. Bindings further
/// inside are refused: only one meaning for every name.
fn magic_prefix(root: &Element) -> Option<String> {
    let (prefix, local) = root.name.split_once(':').unwrap_or(("", &root.name));
    let binding = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
    let rebinds = |child: &Element| child.attributes.iter().any(|(name, _)| name.starts_with("xmlns"));
    let bound = root.attribute(&binding) == Some(NAMESPACE);
    (local == "env" && bound && !root.children.iter().any(rebinds)).then(|| prefix.to_owned())
}

fn is_named(element: &Element, prefix: &str, local: &str) -> bool {
    match element.name.split_once(':') {
        Some((found, name)) => found == prefix && name == local,
        None => prefix.is_empty() && element.name == local,
    }
}

fn base_string(payload: &[u8], tail: &str) -> String {
    BASE64URL.encode(payload) + tail
}

/// Signs an entity's XML as `sender`.
pub fn sign(xml: &str, sender: &DiasporaId, key: &PrivateKey) -> Result<String, KeyError> {
    let base = base_string(xml.trim().as_bytes(), BASE_TAIL);
    let signature = BASE64URL.encode(key.sign(base.as_bytes())?);
    let data = base.strip_suffix(BASE_TAIL).unwrap_or(&base);
    let key_id = BASE64URL.encode(sender.as_str());
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<me:env xmlns:me=\"{NAMESPACE}\">\n  \
         <me:data type=\"{TYPE}\">{data}</me:data>\n  <me:encoding>{ENCODING}</me:encoding>\n  \
         <me:alg>{ALGORITHM}</me:alg>\n  <me:sig key_id=\"{key_id}\">{signature}</me:sig>\n</me:env>\n"
    ))
}
