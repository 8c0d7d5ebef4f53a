//! Three people on three pods, and short ways to say things about them.

use std::sync::LazyLock;

use pappus_federation::entity::Entity;
use pappus_federation::receive::{self, Accepted, Known, Refused, Related, Route};
use pappus_federation::{DiasporaId, Guid, Kind, PrivateKey, PublicKey, Timestamp, envelope};

pub const NOW: Timestamp = Timestamp::from_micros(1_715_938_200_000_000);

static KEYS: LazyLock<[PrivateKey; 3]> =
    LazyLock::new(|| std::array::from_fn(|_| PrivateKey::generate_small().unwrap()));

/// Somebody on her own pod.
#[derive(Clone)]
pub struct Somebody {
    pub id: DiasporaId,
    pub key: &'static PrivateKey,
}

impl Somebody {
    pub fn host(&self) -> &str {
        self.id.host()
    }

    pub fn public(&self) -> PublicKey {
        self.key.public().clone()
    }
}

/// Owns the post.
pub fn mia() -> Somebody {
    Somebody { id: "mia@mia.example".parse().unwrap(), key: &KEYS[0] }
}

/// Comments on it.
pub fn noa() -> Somebody {
    Somebody { id: "noa@noa.example:3000".parse().unwrap(), key: &KEYS[1] }
}

/// Looks on, or does harm.
pub fn eve() -> Somebody {
    Somebody { id: "eve@eve.example".parse().unwrap(), key: &KEYS[2] }
}

pub fn guid(name: &str) -> Guid {
    format!("{name:0>32}").parse().unwrap()
}

pub fn post(author: &Somebody, public: bool) -> Related {
    Related { kind: Kind::Post, guid: guid("post"), author: author.id.clone(), public, parent: None }
}

#[allow(dead_code, reason = "not every test file has threads")]
pub fn child(kind: Kind, name: &str, author: &Somebody, parent: Related) -> Related {
    let public = parent.public;
    Related { kind, guid: guid(name), author: author.id.clone(), public, parent: Some(Box::new(parent)) }
}

/// What the pod `at` makes of `xml` in an envelope of `sender`.
pub fn receive_xml(
    xml: &str,
    sender: &Somebody,
    at: &Somebody,
    route: Route<'_>,
    known: &Known,
) -> Result<Accepted, Refused> {
    let envelope = envelope::sign(xml, &sender.id, sender.key).unwrap();
    let opened = receive::open(envelope.as_bytes())?;
    assert_eq!(opened.sender(), &sender.id);
    receive::authorise(opened.verify(sender.key.public(), NOW)?, route, at.host(), known)
}

#[allow(dead_code, reason = "not every test file sends whole entities")]
pub fn receive_entity(
    entity: impl Into<Entity>,
    sender: &Somebody,
    at: &Somebody,
    route: Route<'_>,
    known: &Known,
) -> Result<Accepted, Refused> {
    receive_xml(&entity.into().to_xml(), sender, at, route, known)
}
