//! The few lines of DER that RSA keys need: reading and wrapping PKCS#1, PKCS#8 and
//! SubjectPublicKeyInfo, so that every form a peer publishes becomes one form here.

/// `AlgorithmIdentifier { rsaEncryption, NULL }`.
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// Takes one value with `tag` off the front: its content and what follows.
fn take(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if !(1..=3).contains(&count) {
            return None;
        }
        let (bytes, rest) = rest.split_at_checked(count)?;
        (bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)), rest)
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}

fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        out.push(short);
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect();
        out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0x7f));
        out.extend(bytes);
    }
    out.extend_from_slice(content);
    out
}

/// An RSA public key's numbers, big-endian without leading zeros.
pub(crate) struct RsaPublic<'a> {
    pub modulus: &'a [u8],
    pub exponent: &'a [u8],
}

impl<'a> RsaPublic<'a> {
    /// Reads PKCS#1 `RSAPublicKey`.
    pub(crate) fn from_pkcs1(der: &'a [u8]) -> Option<Self> {
        let (body, after) = take(der, SEQUENCE)?;
        let (modulus, rest) = take(body, INTEGER)?;
        let (exponent, rest) = take(rest, INTEGER)?;
        let negative = |number: &[u8]| number.first().is_none_or(|byte| byte & 0x80 != 0);
        if !after.is_empty() || !rest.is_empty() || negative(modulus) || negative(exponent) {
            return None;
        }
        Some(Self { modulus: trimmed(modulus), exponent: trimmed(exponent) })
    }

    /// Reads `SubjectPublicKeyInfo` of an RSA key.
    pub(crate) fn from_spki(der: &'a [u8]) -> Option<Self> {
        let (body, after) = take(der, SEQUENCE)?;
        let bits = body.strip_prefix(&RSA_ALGORITHM)?;
        let (bits, rest) = take(bits, BIT_STRING)?;
        let (&unused, key) = bits.split_first()?;
        if after.is_empty() && rest.is_empty() && unused == 0 { Self::from_pkcs1(key) } else { None }
    }

    pub(crate) fn bits(&self) -> usize {
        let top = self.modulus.first().map_or(8, |byte| byte.leading_zeros() as usize);
        (self.modulus.len() * 8).saturating_sub(top)
    }

    pub(crate) fn to_spki(&self) -> Vec<u8> {
        let mut bits = vec![0];
        bits.extend(wrap(SEQUENCE, &[positive(self.modulus), positive(self.exponent)].concat()));
        wrap(SEQUENCE, &[RSA_ALGORITHM.to_vec(), wrap(BIT_STRING, &bits)].concat())
    }
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn positive(number: &[u8]) -> Vec<u8> {
    let mut padded = Vec::with_capacity(number.len() + 1);
    if number.first().is_none_or(|byte| byte & 0x80 != 0) {
        padded.push(0);
    }
    padded.extend_from_slice(number);
    wrap(INTEGER, &padded)
}

/// Wraps a PKCS#1 private key as PKCS#8.
pub(crate) fn pkcs8_from_pkcs1(der: &[u8]) -> Vec<u8> {
    let version = [INTEGER, 1, 0];
    wrap(SEQUENCE, &[version.to_vec(), RSA_ALGORITHM.to_vec(), wrap(OCTET_STRING, der)].concat())
}
