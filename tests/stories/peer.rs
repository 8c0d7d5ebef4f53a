//! Somebody on a pod that is not ours: answers discovery, signs what a story tells it to, keeps what it gets.
use axum::{Router, body::Bytes, extract::Path, http::StatusCode, routing};
use pappus_federation::{
    DiasporaId, Entity, Guid, PrivateKey, PublicKey, Timestamp,
    discovery::{HCard, WebFinger},
    envelope,
    receive::{self, Opened},
    sealed,
};
use pappus_kernel::{Pod, db::Sql, person, testing::START};
use pappus_tests::{Running, Wire};
use std::{
    future::{Ready, ready},
    sync::{Arc, Mutex},
};

pub const NOW: Timestamp = Timestamp::from_micros(START.0);

/// A statement that no operation has.
pub const fn sql(text: &'static str) -> Sql {
    Sql { sqlite: text, postgres: text, at: "a story" }
}

pub struct Peer {
    pub id: DiasporaId,
    key: PrivateKey,
    /// Path and body of every delivery.
    got: Got,
}

type Got = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

fn keep(got: &Got, path: String, body: &Bytes) -> Ready<StatusCode> {
    got.lock().unwrap().push((path, body.to_vec()));
    ready(StatusCode::ACCEPTED)
}

/// What a peer was sent: by whom, and what.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    pub sender: DiasporaId,
    pub entity: Entity,
    pub public: bool,
}

/// A name of legal length.
pub fn guid(name: &str) -> String {
    format!("{name:0>32}")
}

impl Peer {
    /// Somebody new, such as `mia@away.test`.
    pub fn join(wire: &Wire, id: &str) -> Self {
        let name = id.split('@').next().unwrap();
        Self::join_as(wire, id, &guid(&format!("{name}00")))
    }

    /// The same with this guid.
    pub fn join_as(wire: &Wire, id: &str, guid: &str) -> Self {
        Self::join_with(wire, id, guid, Router::new())
    }

    /// Somebody on a pod that says what it runs.
    pub fn join_running(wire: &Wire, id: &str, software: &str) -> Self {
        let (name, host) = id.split_once('@').unwrap();
        let links = serde_json::json!({ "links": [{
            "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0",
            "href": format!("https://{host}/nodeinfo/2.0"),
        }] });
        let info = serde_json::json!({ "version": "2.0", "software": { "name": software, "version": "1" } });
        let (links, info) = (links.to_string(), info.to_string());
        let router = Router::new()
            .route("/.well-known/nodeinfo", routing::get(move || ready(links.clone())))
            .route("/nodeinfo/2.0", routing::get(move || ready(info.clone())));
        Self::join_with(wire, id, &guid(&format!("{name}00")), router)
    }

    fn join_with(wire: &Wire, id: &str, guid: &str, more: Router) -> Self {
        let (id, guid): (DiasporaId, Guid) = (id.parse().unwrap(), guid.parse().unwrap());
        let key = PrivateKey::generate_small().unwrap();
        let base = format!("https://{}/", id.host());
        let card = HCard {
            guid: guid.clone(),
            nickname: Some(id.username().to_owned()),
            full_name: id.username().to_owned(),
            first_name: Some(id.username().to_owned()),
            last_name: None,
            public_key: key.public().clone(),
            photo_large_url: format!("{base}p.png"),
            photo_medium_url: format!("{base}p.png"),
            photo_small_url: format!("{base}p.png"),
            searchable: true,
        };
        let (jrd, card) = (WebFinger::local(&id, &guid, &base).to_jrd(), card.to_html(&base));
        let got: Got = Arc::default();
        let (publicly, privately) = (Arc::clone(&got), Arc::clone(&got));
        let router = more
            .route("/.well-known/webfinger", routing::get(move || ready(jrd.clone())))
            .route("/hcard/users/{guid}", routing::get(move || ready(card.clone())))
            .route("/receive/public", routing::post(move |body: Bytes| keep(&publicly, String::new(), &body)))
            .route(
                "/receive/users/{guid}",
                routing::post(move |Path(guid): Path<String>, body: Bytes| keep(&privately, guid, &body)),
            );
        wire.join(id.host(), router);
        Self { id, key, got }
    }

    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    pub fn envelope(&self, xml: &str) -> Vec<u8> {
        envelope::sign(xml, &self.id, &self.key).unwrap().into_bytes()
    }

    /// Sends it to everybody there, and lets the pod work on it.
    pub async fn publicly(&self, to: &Running, entity: impl Into<Entity>) {
        self.publicly_as_is(to, &entity.into().to_xml()).await;
    }

    pub async fn publicly_as_is(&self, to: &Running, xml: &str) {
        pappus_kernel::inbox::accept_public(&to.pod, self.envelope(xml)).await.unwrap();
        to.run_jobs().await;
    }

    /// Sends it to one member there, and lets the pod work on it.
    pub async fn privately(&self, to: &Running, member: &str, entity: impl Into<Entity>) {
        let xml = entity.into().to_xml();
        let envelope = String::from_utf8(self.envelope(&xml)).unwrap();
        let (guid, key) = kept_key(&to.pod, member).await;
        let mut byte = 0;
        let body = sealed::seal(&envelope, &key, &mut |bytes| {
            bytes.fill_with(|| {
                byte += 1;
                byte
            });
        });
        pappus_kernel::inbox::accept_private(&to.pod, &guid, body.unwrap().into_bytes()).await.unwrap();
        to.run_jobs().await;
    }

    /// Everything that came since the last time, signatures checked with the keys that `from` gives out.
    pub async fn letters(&self, from: &Running) -> Vec<Letter> {
        let got = std::mem::take(&mut *self.got.lock().unwrap());
        let mut letters = Vec::new();
        for (path, body) in got {
            let public = path.is_empty();
            let body = if public { body } else { receive::unseal(&body, &self.key).unwrap() };
            let opened: Opened = receive::open(&body).unwrap();
            let sender = opened.sender().clone();
            let (_, key) = kept_key(&from.pod, sender.username()).await;
            let payload = opened.verify(&key, NOW).unwrap();
            letters.push(Letter { sender, entity: payload.entity().clone(), public });
        }
        letters
    }

    /// The same, only the entities.
    pub async fn entities(&self, from: &Running) -> Vec<Entity> {
        self.letters(from).await.into_iter().map(|letter| letter.entity).collect()
    }
}

/// Of closed members too.
async fn kept_key(pod: &Pod, member: &str) -> (String, PublicKey) {
    let who = person::by_username(pod, member).await.unwrap();
    let pem = person::store::public_key(&mut pod.db.read().await.unwrap(), who.id).await.unwrap().unwrap();
    (who.guid, PublicKey::from_pem(&pem).unwrap())
}
