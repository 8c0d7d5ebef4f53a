//! Secrets at rest: AES-256-GCM under a key that is not in the database, bound to where the secret stands,
//! so that a sealed value copied to another row does not open.
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const HEAD: usize = 1 + 1 + NONCE_LEN;

/// A sealed value does not open: another key, another place, or damage.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open with this pod's key")]
pub struct SealError;

/// Where a secret stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// What names the row, known before it is written.
    pub row: &'a str,
    /// The column.
    pub column: &'static str,
}

/// Seals and opens secrets with the pod's key.
pub struct Vault {
    key: LessSafeKey,
    key_id: u8,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Vault {
    /// Uses the 32 bytes of `secret.key`.
    pub fn new(key: &[u8; 32]) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError)?;
        Ok(Self { key: LessSafeKey::new(key), key_id: 1 })
    }

    /// `version | key id | nonce | ciphertext and tag`. `nonce` must be fresh chance.
    pub fn seal(
        &self,
        place: Place<'_>,
        nonce: [u8; NONCE_LEN],
        secret: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::with_capacity(HEAD + secret.len() + AES_256_GCM.tag_len());
        sealed.extend([VERSION, self.key_id]);
        sealed.extend(nonce);
        let mut body = secret.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(place), &mut body)
            .map_err(|_| SealError)?;
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// The secret, wiped from memory when dropped.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (head, body) = sealed.split_at_checked(HEAD).ok_or(SealError)?;
        let (marks, nonce) = head.split_at_checked(2).ok_or(SealError)?;
        if marks != [VERSION, self.key_id] {
            return Err(SealError);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = self.key.open_in_place(nonce, aad(place), &mut body).map_err(|_| SealError)?.len();
        body.truncate(length);
        Ok(body)
    }
}

fn aad(place: Place<'_>) -> Aad<Vec<u8>> {
    // lengths keep ("a", "bc") and ("ab", "c") apart
    let mut bound = Vec::new();
    for part in [place.table, place.row, place.column] {
        bound.extend((part.len() as u64).to_be_bytes());
        bound.extend(part.as_bytes());
    }
    Aad::from(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'_> = Place { table: "users", row: "1", column: "totp_secret" };

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let vault = Vault::new(&[7; 32]).unwrap();
        let sealed = vault.seal(HERE, [1; 12], b"secret").unwrap();
        assert_eq!(vault.open(HERE, &sealed).unwrap().as_slice(), b"secret");
        assert!(vault.open(Place { row: "2", ..HERE }, &sealed).is_err());
        assert!(vault.open(Place { column: "private_key", ..HERE }, &sealed).is_err());
        assert!(Vault::new(&[8; 32]).unwrap().open(HERE, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(vault.open(HERE, &damaged).is_err(), "byte {at}");
        }
    }
}
