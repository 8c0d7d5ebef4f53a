//! Vectors of messages: received through [`crate::receive`] by a pod that knows what the
//! vector's `context` says and nothing else.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Map, Value, json};

use crate::entity::field::{Fields, Value as Field};
use crate::entity::{Entity, Kind};
use crate::envelope::{self, Envelope};
use crate::id::DiasporaId;
use crate::key::{PrivateKey, PublicKey};
use crate::receive::{self, Accepted, Known, Payload, Reference, Refused, Related, Route};
use crate::time::Timestamp;
use crate::xml::Element;

use super::{Report, check_verdict, text};

/// What a receiver's clock says in `expected_fields`.
const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

pub(super) fn run(vector: &Value, report: &mut Report) {
    let body = match text(vector, "/delivery") {
        Some("private") => text(vector, "/encrypted/json"),
        _ => text(vector, "/envelope/xml"),
    };
    let Some(body) = body else { return };
    let outcome = deliver(vector, body.as_bytes());
    check_verdict(vector, report, outcome.as_ref().err().map(String::as_str));
    check_decryption(vector, report);
    let valid = vector.get("valid") == Some(&Value::Bool(true));
    if valid && outcome.is_ok() {
        check_envelope(vector, report);
        check_signature(vector, report);
        check_inner_resigning(vector, report);
    }
    if let Ok(accepted) = &outcome {
        check_fields(vector, accepted, report);
        check_printing(accepted, report);
        if valid {
            check_twin(vector, body, report);
            check_forged_twin(vector, accepted, report);
        }
    }
}

/// Receives a body as the vector's pod would.
pub(super) fn deliver(vector: &Value, body: &[u8]) -> Result<Accepted, String> {
    let store = Store::of(vector);
    let recipient = text(vector, "/recipient/diaspora_id").and_then(|id| id.parse::<DiasporaId>().ok());
    let refused = |refused: Refused| refused.to_string();
    let opened;
    let (route, envelope) = match (text(vector, "/delivery"), &recipient) {
        (Some("private"), Some(recipient)) => {
            let key = private_key(vector, "/recipient").ok_or("the recipient's key is unusable")?;
            opened = receive::unseal(body, &key).map_err(refused)?;
            (Route::Private { recipient }, opened.as_slice())
        }
        _ if is_fetched(vector) => (Route::Fetch, body),
        _ => (Route::Public, body),
    };
    let envelope = if route.is_fetched() { receive::open_fetched(envelope) } else { receive::open(envelope) };
    let envelope = envelope.map_err(refused)?;
    let key = store.key(envelope.sender()).ok_or("the sender cannot be discovered")?;
    let payload = envelope.verify(&key, NOW).map_err(refused)?;
    payload.precheck(route).map_err(refused)?;
    let known = store.gather(&payload);
    receive::authorise(payload, route, &store.host, &known).map_err(refused)
}

/// It is what a pod answers.
fn is_fetched(vector: &Value) -> bool {
    text(vector, "/path").is_some_and(|path| path.starts_with("/fetch/"))
}

/// What the receiving pod knows.
struct Store<'a> {
    vector: &'a Value,
    host: String,
}

impl<'a> Store<'a> {
    fn of(vector: &'a Value) -> Self {
        Self { vector, host: text(vector, "/context/receiver_host").unwrap_or_default().to_owned() }
    }

    fn key(&self, id: &DiasporaId) -> Option<PublicKey> {
        let named = ["/author", "/sender", "/recipient"].into_iter().filter_map(|at| self.vector.pointer(at));
        let people = self.vector.pointer("/context/people").and_then(Value::as_array);
        named
            .chain(people.into_iter().flatten())
            .find(|person| text(person, "/diaspora_id") == Some(id.as_str()))
            .and_then(|person| PublicKey::from_pem(text(person, "/public_key_pem")?).ok())
    }

    fn find(&self, reference: &Reference) -> Option<Related> {
        let entities = self.vector.pointer("/context/known_entities").and_then(Value::as_array)?;
        entities
            .iter()
            .filter_map(related)
            .find(|entity| entity.kind == reference.kind && entity.guid == reference.guid)
    }

    fn gather(&self, payload: &Payload) -> Known {
        let needs = payload.needs();
        Known {
            parent: needs.parent.and_then(|parent| self.find(&parent)),
            root: needs.root.and_then(|root| self.find(&root)),
            target: needs.target.and_then(|target| self.find(&target)),
            author_key: needs.author_key.and_then(|id| self.key(&id)),
            participants: None,
        }
    }
}

fn related(entity: &Value) -> Option<Related> {
    let parent = entity.get("parent").filter(|parent| !parent.is_null());
    Some(Related {
        kind: Kind::from(text(entity, "/type")?),
        guid: text(entity, "/guid")?.parse().ok()?,
        author: text(entity, "/author")?.parse().ok()?,
        public: entity.get("public")?.as_bool()?,
        parent: match parent {
            Some(parent) => Some(Box::new(related(parent)?)),
            None => None,
        },
    })
}

fn private_key(vector: &Value, person: &str) -> Option<PrivateKey> {
    read_private(text(vector, &format!("{person}/private_key_pem"))?)
}

/// Reading a private key checks its numbers, which takes a while; vectors share a few keys.
fn read_private(pem: &str) -> Option<PrivateKey> {
    static READ: LazyLock<Mutex<HashMap<String, Option<PrivateKey>>>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.entry(pem.to_owned()).or_insert_with(|| PrivateKey::from_pem(pem).ok()).clone()
}

/// The private key of whom `id` names among the persons of the vector.
fn private_key_of(vector: &Value, id: &str) -> Option<PrivateKey> {
    let named = ["/author", "/sender", "/recipient"].into_iter().filter_map(|at| vector.pointer(at));
    let people = vector.pointer("/context/people").and_then(Value::as_array);
    let person = named.chain(people.into_iter().flatten()).find(|p| text(p, "/diaspora_id") == Some(id))?;
    read_private(text(person, "/private_key_pem")?)
}

/// What the recipient decrypts is the envelope that the peer encrypted.
fn check_decryption(vector: &Value, report: &mut Report) {
    let (Some(json), Some(_)) = (text(vector, "/encrypted/json"), vector.pointer("/encrypted/aes_key"))
    else {
        return;
    };
    let Some(key) = private_key(vector, "/recipient") else { return };
    match (receive::unseal(json.as_bytes(), &key), text(vector, "/envelope/xml")) {
        (Ok(opened), Some(xml)) => report.equal("decryption", &String::from_utf8_lossy(&opened), &xml.into()),
        (Ok(_), None) => {}
        (Err(refused), _) => report.check("decryption", Err(refused.to_string())),
    }
}

/// The envelope inside, its base string, and our own signature over it: PKCS#1 v1.5 signatures
/// have no chance in them, so ours must be the same bytes as theirs.
fn check_envelope(vector: &Value, report: &mut Report) {
    let opened = match (text(vector, "/encrypted/json"), private_key(vector, "/recipient")) {
        (Some(json), Some(key)) => receive::unseal(json.as_bytes(), &key).ok(),
        _ => text(vector, "/envelope/xml").map(|xml| xml.as_bytes().to_vec()),
    };
    let Some(envelope) = opened.and_then(|xml| Envelope::parse(str::from_utf8(&xml).ok()?).ok()) else {
        return report.check("base string", Err("no envelope".to_owned()));
    };
    if let Some(base) = text(vector, "/envelope/base_string") {
        report.equal("base string", &envelope.base_string(), &base);
    }
    if let Some(key) = private_key(vector, "/sender") {
        let ours = key.sign(envelope.base_string().as_bytes());
        report.equal("re-signing", &ours.as_deref(), &Ok(envelope.signature()));
        if let Some(sig) = text(vector, "/envelope/sig") {
            let ours = ours.map(|bytes| URL_SAFE.encode(bytes)).unwrap_or_default();
            report.equal("re-signing", &ours.as_str(), &sig);
        }
        check_reenveloping(vector, &key, report);
    }
    let payload = Store::of(vector).key(envelope.sender()).and_then(|key| envelope.verify(&key));
    let payload = payload.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if let Some(xml) = text(vector, "/xml") {
        report.equal("payload", &payload.as_deref(), &Some(xml));
    }
}

/// The same payload in an envelope of our own making, in the sender's name.
fn check_reenveloping(vector: &Value, key: &PrivateKey, report: &mut Report) {
    let Some((xml, id)) = text(vector, "/xml").zip(text(vector, "/sender/diaspora_id")) else { return };
    let own = id.parse().ok().and_then(|id| envelope::sign(xml, &id, key).ok());
    let payload = own.as_deref().and_then(|own| Envelope::parse(own).ok()?.verify(key.public()));
    report.equal("re-enveloping", &payload.as_deref(), &Some(xml.trim().as_bytes()));
}

/// The text that the author signed, its order, and the signature over it.
fn check_signature(vector: &Value, report: &mut Report) {
    let (Some(string), Some(value), Some(xml)) =
        (text(vector, "/signature/string"), text(vector, "/signature/value"), text(vector, "/xml"))
    else {
        return;
    };
    let entity = match Entity::parse(xml, NOW) {
        Ok(entity) => entity,
        Err(error) => return report.check("signed text", Err(error.to_string())),
    };
    if let Some(relayable) = entity.as_relayable() {
        let (raw, normalised) =
            (relayable.signed().text(), relayable.signed().normalised_text(relayable.known()));
        let ours = if normalised == string { normalised } else { raw };
        report.equal("signed text", &ours.as_str(), &string);
        let order = relayable.signed().properties().signed().map(|(name, _)| json!(name)).collect::<Vec<_>>();
        report.equal("signed order", &Some(&Value::from(order)), &vector.pointer("/signature/order"));
    } else if let Entity::AccountMigration(migration) = &entity {
        report.equal("signed text", &migration.signed_text().as_str(), &string);
    }
    let signer = text(vector, "/signature/signer").and_then(|id| id.parse().ok());
    let key = signer.and_then(|signer| Store::of(vector).key(&signer));
    let verifies = key
        .zip(crate::signature::decode(value))
        .is_some_and(|(key, signature)| key.verifies(string.as_bytes(), &signature));
    report.check("signature", if verifies { Ok(()) } else { Err("does not verify".to_owned()) });
}

/// The author's signature, made again by us.
fn check_inner_resigning(vector: &Value, report: &mut Report) {
    if let (Some(string), Some(value), Some(signer)) = (
        text(vector, "/signature/string"),
        text(vector, "/signature/value"),
        text(vector, "/signature/signer"),
    ) && let Some(key) = private_key_of(vector, signer)
    {
        let ours = key.sign(string.as_bytes()).map(|bytes| STANDARD.encode(bytes)).unwrap_or_default();
        report.equal("re-signing inside", &ours.as_str(), &value);
    }
}

fn check_fields(vector: &Value, accepted: &Accepted, report: &mut Report) {
    match vector.get("expected_fields").map(with_now) {
        // nobody's parser has typed them: they are the texts of the elements that are there
        Some(Value::Object(expected)) if vector.get("valid") == Some(&Value::Bool(false)) => {
            let ours = fields_of(&accepted.entity);
            let texts = expected.keys().map(|name| (name.clone(), as_text(ours.get(name))));
            report.equal("fields", &texts.collect::<Map<_, _>>(), &expected);
        }
        Some(expected) => report.equal("fields", &fields_of(&accepted.entity), &expected),
        None => {}
    }
    let Some(raw) = vector.get("raw_fields").and_then(Value::as_object) else { return };
    let Some(root) =
        text(vector, "/xml").and_then(|xml| Element::parse(xml.trim().trim_start_matches('\u{feff}')).ok())
    else {
        return;
    };
    // Peers' parsers say null for an empty element.
    let leaf = |child: &Element| if child.text.is_empty() { Value::Null } else { json!(child.text) };
    let ours = raw.keys().map(|name| (name.clone(), root.child(name).map_or(json!("(absent)"), leaf)));
    let theirs =
        raw.iter().map(|(name, text)| (name.clone(), if text == "" { Value::Null } else { text.clone() }));
    report.equal("raw fields", &ours.collect::<Map<_, _>>(), &theirs.collect());
}

/// What we print is read as the same again.
fn check_printing(accepted: &Accepted, report: &mut Report) {
    let printed = accepted.entity.to_xml();
    let again = Entity::parse(&printed, NOW).map(|entity| entity.to_xml());
    report.equal("printing", &again, &Ok(printed));
}

/// The same message with one byte changed must be refused.
fn check_twin(vector: &Value, body: &str, report: &mut Report) {
    let marker =
        if text(vector, "/delivery") == Some("private") { "\"encrypted_magic_envelope\":" } else { "data" };
    let Some(start) = body.find(marker).map(|at| at + marker.len() + 40) else {
        return report.check("twin", Err("nothing to change".to_owned()));
    };
    let mut twin = body.as_bytes().to_vec();
    let letter = twin.iter_mut().skip(start).find(|byte| byte.is_ascii_alphabetic());
    if let Some(letter) = letter {
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
    let refused = twin.as_slice() != body.as_bytes() && deliver(vector, &twin).is_err();
    report.check("twin", if refused { Ok(()) } else { Err("one changed byte was not noticed".to_owned()) });
}

/// A relayed entity that the relayer changed, in a good envelope, must be refused.
fn check_forged_twin(vector: &Value, accepted: &Accepted, report: &mut Report) {
    let Some(relayable) = accepted.entity.as_relayable() else { return };
    let guid = relayable.guid().as_str();
    let (Some(xml), Some(key)) = (text(vector, "/xml"), private_key(vector, "/sender")) else { return };
    let store = Store::of(vector);
    let (kind, parent) = relayable.parent();
    let parent = store.find(&Reference { kind, guid: parent.clone(), fetch_from: None });
    if parent.is_none_or(|parent| &parent.root().author == relayable.author()) {
        return;
    }
    let forged = xml.replace(guid, &format!("f0rged{guid}"));
    let refused = envelope::sign(&forged, &accepted.sender, &key).is_ok_and(|envelope| {
        let mut public = vector.clone();
        if let Some(map) = public.as_object_mut() {
            map.insert("delivery".to_owned(), json!("public"));
            set_public(map);
        }
        matches!(deliver(&public, envelope.as_bytes()), Err(why) if why == Refused::AuthorSignature.to_string())
    });
    report
        .check("forged twin", if refused { Ok(()) } else { Err("a changed relayable was taken".to_owned()) });
}

/// The forged twin travels publicly, so its parents must be public for it to get to the signature.
fn set_public(vector: &mut Map<String, Value>) {
    fn set(entity: &mut Value) {
        if let Some(map) = entity.as_object_mut() {
            map.insert("public".to_owned(), json!(true));
            map.get_mut("parent").into_iter().for_each(set);
        }
    }
    let entities = vector.get_mut("context").and_then(|context| context.get_mut("known_entities"));
    entities.and_then(Value::as_array_mut).into_iter().flatten().for_each(set);
}

fn as_text(value: Option<&Value>) -> Value {
    match value {
        Some(Value::Bool(flag)) => json!(flag.to_string()),
        Some(Value::Number(number)) => json!(number.to_string()),
        other => other.cloned().unwrap_or_default(),
    }
}

fn with_now(expected: &Value) -> Value {
    match expected {
        Value::String(text) if text == "<now>" => json!(NOW.to_string()),
        Value::Array(items) => items.iter().map(with_now).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), with_now(value))).collect(),
        other => other.clone(),
    }
}

fn fields_of(entity: &Entity) -> Value {
    let mut fields = to_json(&entity.fields());
    if let (Some(relayable), Some(map)) = (entity.as_relayable(), fields.as_object_mut()) {
        let known = relayable.known();
        let signed = || relayable.signed().properties().signed();
        let order = signed().map(|(name, _)| json!(name)).collect::<Vec<_>>();
        let extra = signed().filter(|(name, _)| !known.iter().any(|(known, _)| known == name));
        map.insert("_signature_order".to_owned(), order.into());
        map.insert("_additional_data".to_owned(), extra.map(|(n, v)| (n.to_owned(), json!(v))).collect());
    }
    fields
}

fn to_json(fields: &Fields<'_>) -> Value {
    let value = |field: &Field<'_>| match field {
        Field::Absent | Field::Empty => Value::Null,
        Field::Text(text) => json!(text),
        Field::Bool(flag) => json!(flag),
        Field::Int(number) => json!(number),
        Field::Time(time) => json!(time.to_string()),
        Field::Record(fields) => to_json(fields),
        Field::List(_, records) => records.iter().map(to_json).collect(),
    };
    fields.iter().map(|(name, field)| ((*name).to_owned(), value(field))).collect()
}
