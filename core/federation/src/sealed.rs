//! The encrypted wrapper of private deliveries: AES-256-CBC around a signed envelope, the
//! AES key under the recipient's RSA key. Opening has one error only, and does the same
//! work whether the RSA step went well or not, so that nobody learns anything from asking.

use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::key::{KeyError, PrivateKey, PublicKey};

/// `Content-Type` of a sealed envelope.
pub const CONTENT_TYPE: &str = "application/json";

const KEY_BYTES: usize = 32;
const IV_BYTES: usize = 16;

/// It did not open. On purpose there is no why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sealed envelope does not open")]
pub struct Unopened;

#[derive(Serialize, Deserialize)]
struct Wrapper {
    aes_key: String,
    encrypted_magic_envelope: String,
}

#[derive(Serialize, Deserialize)]
struct KeyBundle {
    key: String,
    iv: String,
}

impl Drop for KeyBundle {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

struct AesKey {
    key: Zeroizing<[u8; KEY_BYTES]>,
    iv: [u8; IV_BYTES],
}

/// Encrypts a signed envelope for one person; `entropy` fills the key and the IV.
pub fn seal(
    envelope: &str,
    recipient: &PublicKey,
    entropy: &mut dyn FnMut(&mut [u8]),
) -> Result<String, KeyError> {
    let mut aes = AesKey { key: Zeroizing::new([0; KEY_BYTES]), iv: [0; IV_BYTES] };
    entropy(aes.key.as_mut_slice());
    entropy(&mut aes.iv);
    let bundle = KeyBundle { key: STANDARD.encode(aes.key.as_slice()), iv: STANDARD.encode(aes.iv) };
    let bundle = Zeroizing::new(serde_json::to_vec(&bundle).map_err(|_| KeyError::Failed)?);
    let wrapper = Wrapper {
        aes_key: STANDARD.encode(recipient.encrypt(&bundle)?),
        encrypted_magic_envelope: STANDARD.encode(encrypt(envelope.as_bytes(), &aes)?),
    };
    serde_json::to_string(&wrapper).map_err(|_| KeyError::Failed)
}

/// Decrypts with the recipient's key; what comes out is an envelope yet to be verified.
pub fn open(body: &[u8], recipient: &PrivateKey) -> Result<Vec<u8>, Unopened> {
    let wrapper: Wrapper = serde_json::from_slice(body).map_err(|_| Unopened)?;
    let encrypted_key = lenient_base64(&wrapper.aes_key).unwrap_or_default();
    let ciphertext = lenient_base64(&wrapper.encrypted_magic_envelope).unwrap_or_default();
    let aes = match recipient.decrypt(&encrypted_key).ok().and_then(|bundle| read_bundle(&bundle)) {
        Some(aes) => aes,
        None => random_key()?,
    };
    decrypt(ciphertext, &aes)
}

fn read_bundle(json: &[u8]) -> Option<AesKey> {
    let bundle: KeyBundle = serde_json::from_slice(json).ok()?;
    let key = Zeroizing::new(lenient_base64(&bundle.key)?);
    let iv = lenient_base64(&bundle.iv)?;
    Some(AesKey { key: Zeroizing::new(key.as_slice().try_into().ok()?), iv: iv.try_into().ok()? })
}

/// Stands in for a key that did not come out, so that the AES step happens all the same.
fn random_key() -> Result<AesKey, Unopened> {
    let mut aes = AesKey { key: Zeroizing::new([0; KEY_BYTES]), iv: [0; IV_BYTES] };
    SystemRandom::new().fill(aes.key.as_mut_slice()).map_err(|_| Unopened)?;
    Ok(aes)
}

fn encrypt(plain: &[u8], aes: &AesKey) -> Result<Vec<u8>, KeyError> {
    let key = UnboundCipherKey::new(&AES_256, aes.key.as_slice()).map_err(|_| KeyError::Failed)?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(|_| KeyError::Failed)?;
    let mut buffer = plain.to_vec();
    let iv = EncryptionContext::Iv128(FixedLength::from(&aes.iv));
    key.less_safe_encrypt(&mut buffer, iv).map_err(|_| KeyError::Failed)?;
    Ok(buffer)
}

fn decrypt(mut buffer: Vec<u8>, aes: &AesKey) -> Result<Vec<u8>, Unopened> {
    let key = UnboundCipherKey::new(&AES_256, aes.key.as_slice()).map_err(|_| Unopened)?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(|_| Unopened)?;
    let iv = DecryptionContext::Iv128(FixedLength::from(&aes.iv));
    let length = key.decrypt(&mut buffer, iv).map_err(|_| Unopened)?.len();
    buffer.truncate(length);
    Ok(buffer)
}

/// Standard base64; line breaks are ignored, for old peers wrap.
fn lenient_base64(text: &str) -> Option<Vec<u8>> {
    let compact: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    STANDARD.decode(compact.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_the_recipient_alone() {
        let (mia, noa) = (PrivateKey::generate_small().unwrap(), PrivateKey::generate_small().unwrap());
        let mut next = 7;
        let mut entropy = |bytes: &mut [u8]| {
            next += 1;
            bytes.fill(next);
        };
        let sealed = seal("<env/>", mia.public(), &mut entropy).unwrap();
        assert_eq!(open(sealed.as_bytes(), &mia).unwrap(), b"<env/>");
        // a random key stands in for the one that noa cannot read: its padding is right once in a while
        assert_ne!(open(sealed.as_bytes(), &noa).as_deref(), Ok(b"<env/>".as_slice()));
        assert_eq!(open(b"{}", &mia), Err(Unopened));
        assert_eq!(open(b"<env/>", &mia), Err(Unopened));
    }
}
