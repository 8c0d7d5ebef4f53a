//! The diaspora* federation protocol, pure: bytes in, values out. No network, no clock, no
//! storage; what time it is and where random bytes come from is told by the caller.
//!
//! # The map
//!
//! | what | where |
//! |---|---|
//! | who somebody is, what something is called | [`id`]: [`DiasporaId`], [`Guid`], [`DiasporaUri`] |
//! | RSA keys: sign, verify, encrypt, decrypt, PEM | [`key`] |
//! | what travels: posts, comments, profiles, … | [`entity`]: [`Entity::parse`], `to_xml`, constructors |
//! | signatures inside entities | [`signature`]: [`Relayable`] |
//! | the signed envelope around every entity | [`envelope`] |
//! | the encrypted wrapper of private deliveries | [`sealed`] |
//! | who may send what | [`receive`]: the one way in |
//! | finding people and pods | [`discovery`]: WebFinger, hCard, host-meta, NodeInfo |
//! | entities as an account's archive holds them | [`archive`] |
//! | ordered, lossless properties | [`xml`] |
//!
//! # Out
//!
//! An entity is built, a relayable on somebody else's root is signed by its author, the XML is
//! put into an envelope signed by the sender, and for a private delivery that is sealed for each
//! recipient:
//!
//! ```text
//! Comment::new(..)? → sign(&key)? → to_xml() → envelope::sign(&xml, &sender, &key)? → POST /receive/public
//!                                                    └ sealed::seal(&envelope, &recipient, entropy)? → POST /receive/users/GUID
//! ```
//!
//! # In
//!
//! See [`receive`]. Reading is stricter than most peers wherever two readers could see different
//! things in one document, and as lenient as the strictest peer everywhere else.

#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

pub mod archive;
mod der;
pub mod discovery;
pub mod entity;
pub mod envelope;
pub mod id;
pub mod key;
pub mod receive;
pub mod sealed;
pub mod signature;
pub mod time;
#[cfg(feature = "vectors")]
pub mod vectors;
pub mod xml;

pub use entity::{Entity, Kind};
pub use id::{DiasporaId, DiasporaUri, Guid};
pub use key::{PrivateKey, PublicKey};
pub use signature::Relayable;
pub use time::Timestamp;
