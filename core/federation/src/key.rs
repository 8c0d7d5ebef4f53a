//! RSA keys: one pair per person signs envelopes and relayables and opens private payloads.
//! Peers publish SubjectPublicKeyInfo or PKCS#1, of 1024 bits and more; we publish the former.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, KeySize, Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::der::{self, RsaPublic};

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a PEM block of the wanted sort, or broken inside.
    #[error("not an RSA key in PEM or DER form")]
    Unreadable,
    /// Shorter than 1024 bits (public) or 2048 (private, and for encryption), or longer than 8192.
    #[error("an RSA key of {0} bits is not accepted")]
    Size(usize),
    /// The cryptography library failed.
    #[error("the cryptographic operation failed")]
    Failed,
}

/// Somebody's public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Arc<[u8]>,
    bits: usize,
}

impl PublicKey {
    const SIZES: std::ops::RangeInclusive<usize> = 1024..=8192;

    /// Reads `BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`, with any line ends and white space around.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if let Some(der) = pem_body(pem, "PUBLIC KEY") {
            Self::checked(RsaPublic::from_spki(&der?))
        } else if let Some(der) = pem_body(pem, "RSA PUBLIC KEY") {
            Self::checked(RsaPublic::from_pkcs1(&der?))
        } else {
            Err(KeyError::Unreadable)
        }
    }

    /// Reads SubjectPublicKeyInfo.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        Self::checked(RsaPublic::from_spki(der))
    }

    fn checked(key: Option<RsaPublic<'_>>) -> Result<Self, KeyError> {
        let key = key.ok_or(KeyError::Unreadable)?;
        let bits = key.bits();
        if !Self::SIZES.contains(&bits) {
            return Err(KeyError::Size(bits));
        }
        Ok(Self { spki: key.to_spki().into(), bits })
    }

    /// Length of the modulus.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// The key as SubjectPublicKeyInfo.
    pub fn as_spki(&self) -> &[u8] {
        &self.spki
    }

    /// The key as we publish and store it.
    pub fn to_pem(&self) -> String {
        to_pem("PUBLIC KEY", &self.spki)
    }

    /// True if `signature` (RSASSA-PKCS1-v1_5, SHA-256) was made over `message` with this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, &self.spki)
            .verify(message, signature)
            .is_ok()
    }

    /// RSAES-PKCS1-v1_5, as the protocol wants it.
    pub fn encrypt(&self, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = PublicEncryptingKey::from_der(&self.spki).map_err(|_| KeyError::Size(self.bits))?;
        let key = Pkcs1PublicEncryptingKey::new(key).map_err(|_| KeyError::Failed)?;
        let mut out = vec![0; key.ciphertext_size()];
        let length = key.encrypt(secret, &mut out).map_err(|_| KeyError::Failed)?.len();
        out.truncate(length);
        Ok(out)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits)", self.bits)
    }
}

/// A person's private key. Never printed.
#[derive(Clone)]
pub struct PrivateKey {
    signing: KeyPair,
    opening: PrivateDecryptingKey,
    public: PublicKey,
}

impl PrivateKey {
    /// Makes a new pair of 4096 bits. Takes seconds: not on an async thread.
    pub fn generate() -> Result<Self, KeyError> {
        Self::from_pair(KeyPair::generate(KeySize::Rsa4096).map_err(|_| KeyError::Failed)?)
    }

    /// Like [`generate`](Self::generate) with 2048 bits: quick, for tests and development pods.
    pub fn generate_small() -> Result<Self, KeyError> {
        Self::from_pair(KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Failed)?)
    }

    /// Reads `BEGIN PRIVATE KEY` (PKCS#8) or `BEGIN RSA PRIVATE KEY` (PKCS#1).
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if let Some(der) = pem_body(pem, "PRIVATE KEY") {
            Self::from_pkcs8(&Zeroizing::new(der?))
        } else if let Some(der) = pem_body(pem, "RSA PRIVATE KEY") {
            Self::from_pkcs8(&Zeroizing::new(der::pkcs8_from_pkcs1(&Zeroizing::new(der?))))
        } else {
            Err(KeyError::Unreadable)
        }
    }

    /// Reads PKCS#8. Keys under 2048 bits are refused: nobody here has one.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_pair(KeyPair::from_pkcs8(der).map_err(|_| KeyError::Unreadable)?)
    }

    fn from_pair(signing: KeyPair) -> Result<Self, KeyError> {
        let pkcs8 = signing.as_der().map_err(|_| KeyError::Failed)?;
        let opening = PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref()).map_err(|_| KeyError::Failed)?;
        let spki = signing.public_key().as_der().map_err(|_| KeyError::Failed)?;
        let public = PublicKey::from_spki(spki.as_ref())?;
        Ok(Self { signing, opening, public })
    }

    /// The key as PKCS#8, to be sealed before it is stored.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = self.signing.as_der().map_err(|_| KeyError::Failed)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// The key as PKCS#8 PEM.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        Ok(Zeroizing::new(to_pem("PRIVATE KEY", &self.to_pkcs8()?)))
    }

    /// The other half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256: the same bytes every time.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.signing.public_modulus_len()];
        self.signing
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Failed)?;
        Ok(signature)
    }

    /// RSAES-PKCS1-v1_5. Whether this failed must not be told to a sender.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let key = Pkcs1PrivateDecryptingKey::new(self.opening.clone()).map_err(|_| KeyError::Failed)?;
        let mut out = Zeroizing::new(vec![0; key.min_output_size()]);
        let length = key.decrypt(ciphertext, &mut out).map_err(|_| KeyError::Failed)?.len();
        out.truncate(length);
        Ok(out)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} bits)", self.public.bits)
    }
}

/// True for a text that stands between the lines of a public key's PEM block, whatever is inside.
pub fn is_public_pem(text: &str) -> bool {
    ["PUBLIC KEY", "RSA PUBLIC KEY"].iter().any(|label| armoured(text, label).is_some())
}

fn armoured<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.trim()
        .strip_prefix("-----BEGIN ")?
        .strip_prefix(label)?
        .strip_prefix("-----")?
        .strip_suffix("-----")?
        .strip_suffix(label)?
        .strip_suffix("-----END ")
}

fn pem_body(pem: &str, label: &str) -> Option<Result<Vec<u8>, KeyError>> {
    let body = armoured(pem, label)?;
    let compact = Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect::<String>());
    Some(STANDARD.decode(compact.as_bytes()).map_err(|_| KeyError::Unreadable))
}

fn to_pem(label: &str, der: &[u8]) -> String {
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (at, c) in body.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    pem + "\n-----END " + label + "-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_every_form() {
        let key = PrivateKey::generate_small().unwrap();
        let again = PrivateKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(again.public(), key.public());
        let public = PublicKey::from_pem(&key.public().to_pem().replace('\n', "\r\n")).unwrap();
        assert_eq!(&public, key.public());
        let spki = public.as_spki();
        let pkcs1 = to_pem("RSA PUBLIC KEY", &spki[24..]);
        assert_eq!(PublicKey::from_pem(&pkcs1).unwrap(), public);
        assert!(public.verifies(b"m", &key.sign(b"m").unwrap()));
        assert!(!public.verifies(b"n", &key.sign(b"m").unwrap()));
        assert_eq!(*key.decrypt(&public.encrypt(b"secret").unwrap()).unwrap(), b"secret");
    }

    #[test]
    fn short_and_broken_keys_are_refused() {
        let short = RsaPublic { modulus: &[0xff; 64], exponent: &[1, 0, 1] }.to_spki();
        assert_eq!(PublicKey::from_spki(&short), Err(KeyError::Size(512)));
        assert!(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----").is_err());
        assert!(PublicKey::from_pem("").is_err());
        let ok = RsaPublic { modulus: &[0xff; 128], exponent: &[1, 0, 1] }.to_spki();
        for cut in 0..ok.len() {
            assert!(PublicKey::from_spki(&ok[..cut]).is_err());
        }
    }

    #[test]
    fn a_private_key_is_never_printed() {
        assert_eq!(format!("{:?}", PrivateKey::generate_small().unwrap()), "PrivateKey(2048 bits)");
    }
}
