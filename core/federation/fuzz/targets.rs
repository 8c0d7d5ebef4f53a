//! What each fuzz target does with its bytes: read them, and where they are readable, hold the
//! crate to its promises. A test of the crate runs the same over the seeds and changed copies.

use std::sync::LazyLock;

use pappus_federation::discovery::{HCard, WebFinger, host_meta, nodeinfo};
use pappus_federation::{DiasporaUri, Entity, PrivateKey, PublicKey, Timestamp, envelope, receive};

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// A throw-away key, for messages that open.
static RECIPIENT: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::from_pem(include_str!("recipient.pem")).expect("our own key is readable"));

/// What is printed is read as it was printed; a relay is read as what it relays.
pub fn entity(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(entity) = Entity::parse(text, NOW) else { return };
    let printed = entity.to_xml();
    let again = Entity::parse(&printed, NOW).expect("what we print is readable");
    assert_eq!(again.to_xml(), printed);
    if let Some(relayable) = entity.as_relayable() {
        let relay = relayable.relay_xml(entity.name());
        let relayed = Entity::parse(&relay, NOW).expect("what we relay is readable");
        let relayed = relayed.as_relayable().expect("a relayable stays one");
        assert_eq!(relayed.signed().text(), relayable.signed().text());
        assert_eq!(relayed.signed().author_signature(), relayable.signed().author_signature());
    }
}

/// An envelope is read without harm, and verifies only for a key that signed it.
pub fn envelope(data: &[u8]) {
    let Ok(opened) = receive::open_fetched(data) else { return };
    assert!(opened.sender().as_str().len() <= 255);
    if let Ok(payload) = opened.verify(RECIPIENT.public(), NOW) {
        let signed = envelope::sign(&payload.entity().to_xml(), payload.sender(), &RECIPIENT);
        let own = receive::open(signed.expect("we can sign").as_bytes()).expect("our envelope opens");
        assert!(own.verify(RECIPIENT.public(), NOW).is_ok());
    }
}

/// A wrapper opens or it does not; what comes out is an envelope like any other.
pub fn sealed(data: &[u8]) {
    if let Ok(inner) = receive::unseal(data, &RECIPIENT) {
        envelope(&inner);
    }
}

/// Both formats.
pub fn webfinger(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for found in [WebFinger::from_jrd(data), WebFinger::from_xrd(&text)].into_iter().flatten() {
        let again = WebFinger::from_jrd(found.to_jrd().as_bytes()).expect("what we print is readable");
        assert_eq!(again, found);
    }
}

/// What is printed is read as it was printed.
pub fn hcard(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(card) = HCard::from_html(text) else { return };
    let printed = card.to_html("https://pod.example/");
    let again = HCard::from_html(&printed).expect("what we print is readable");
    assert_eq!(again.to_html("https://pod.example/"), printed);
}

/// A template is one; what is printed is read.
pub fn host_meta(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(Some(template)) = host_meta::lrdd_template(text) {
        assert!(template.contains("{uri}"));
    }
}

/// Every document about a pod: links, software, what a relay is to know.
pub fn nodeinfo(data: &[u8]) {
    let _ = nodeinfo::newest_link(data);
    let _ = nodeinfo::Software::read(data);
    let _ = nodeinfo::SocialRelay::read(data);
}

/// PEM and DER, public and private: a key that is read is printed and read as the same, and does not crash
/// whoever uses it.
pub fn key(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for key in [PublicKey::from_pem(&text), PublicKey::from_spki(data)].into_iter().flatten() {
        let again = PublicKey::from_pem(&key.to_pem()).expect("what we print is readable");
        assert_eq!(again.as_spki(), key.as_spki());
        assert!(!key.verifies(b"message", b"not a signature"));
        let _ = key.encrypt(b"secret");
    }
    for key in [PrivateKey::from_pem(&text), PrivateKey::from_pkcs8(data)].into_iter().flatten() {
        let again =
            PrivateKey::from_pem(&key.to_pem().expect("printable")).expect("what we print is readable");
        assert_eq!(again.public().as_spki(), key.public().as_spki());
    }
}

/// The links in a text: each is written and found as the same.
pub fn uri(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    for found in DiasporaUri::scan(text) {
        assert_eq!(DiasporaUri::scan(&found.to_string()), [found]);
    }
}
