//! A network of one's own making: pods that answer what the test says, and people with keys.
use async_trait::async_trait;
use pappus_federation::{
    discovery::{HCard, WebFinger},
    entity::{Entity, StatusMessage},
    envelope,
    id::{DiasporaId, Guid},
    key::PrivateKey,
    time,
};
use pappus_kernel::{
    env::{Clock as _, Fetch, FetchError, FetchRequest, FetchResponse, TestClock},
    inbox, job,
    testing::{Options, Place, START, TestPod},
};
use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, OnceLock},
};
use tokio::sync::Notify;

/// What a URL gives.
#[derive(Clone)]
pub enum Gives {
    Body(String),
    Status(u16),
    /// More redirects than are followed.
    Round,
    Nothing,
    /// No answer before this rings, and then none.
    Held(Arc<Notify>),
}

/// Pods by their URLs. What nobody wrote down is a 404.
#[derive(Default)]
pub struct Network {
    answers: Mutex<HashMap<String, Gives>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Fetch for Network {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let url = request.url.to_string();
        self.asked.lock().unwrap().push(url.clone());
        let gives = self.answers.lock().unwrap().get(&url).cloned().unwrap_or(Gives::Status(404));
        let (status, body) = match gives {
            Gives::Body(body) => (200, body),
            Gives::Status(status) => (status, String::new()),
            Gives::Round => return Err(FetchError::Refused("more than 4 redirects".into())),
            Gives::Nothing => return Err(FetchError::Network("no answer".into())),
            Gives::Held(until) => {
                until.notified().await;
                return Err(FetchError::Network("no answer".into()));
            }
        };
        Ok(FetchResponse {
            status,
            url: request.url,
            content_type: None,
            retry_after: None,
            body: body.into_bytes(),
        })
    }
}

impl Network {
    pub fn put(&self, url: impl Into<String>, gives: Gives) {
        self.answers.lock().unwrap().insert(url.into(), gives);
    }

    /// What a URL gives.
    pub fn body(&self, url: &str) -> String {
        match self.answers.lock().unwrap().get(url) {
            Some(Gives::Body(body)) => body.clone(),
            _ => panic!("{url} gives no body"),
        }
    }

    /// How many requests had this in their URL.
    pub fn asked(&self, part: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|url| url.contains(part)).count()
    }

    pub fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    /// `/fetch/KIND/GUID` on the host gives this entity in this person's envelope.
    pub fn serve(&self, host: &str, kind: &str, guid: &str, signer: &Somebody, entity: &Entity) {
        let url = format!("https://{host}/fetch/{kind}/{guid}");
        self.put(url, Gives::Body(signer.envelope(entity)));
    }
}

/// Somebody on another pod.
pub struct Somebody {
    pub id: DiasporaId,
    pub guid: Guid,
    pub key: &'static PrivateKey,
}

/// Making keys takes long: two are enough for whoever must not have the other's.
fn key(number: usize) -> &'static PrivateKey {
    static KEYS: [OnceLock<PrivateKey>; 3] = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
    KEYS[number].get_or_init(|| PrivateKey::generate_small().unwrap())
}

impl Somebody {
    /// Their pod answers for them.
    pub fn on(network: &Network, id: &str, key_number: usize) -> Self {
        let id: DiasporaId = id.parse().unwrap();
        let guid = guid(&format!("person-{}-{}", id.username(), id.host().replace(':', "-")));
        let somebody = Self { id, guid, key: key(key_number) };
        somebody.appear(network);
        somebody
    }

    pub fn appear(&self, network: &Network) {
        let (id, host) = (&self.id, self.id.host());
        let base = format!("https://{host}/");
        let finger = WebFinger::local(id, &self.guid, &base);
        let picture = format!("{base}p.png");
        let card = HCard {
            guid: self.guid.clone(),
            nickname: Some(id.username().to_owned()),
            full_name: id.username().to_owned(),
            first_name: Some(id.username().to_owned()),
            last_name: None,
            public_key: self.key.public().clone(),
            photo_large_url: picture.clone(),
            photo_medium_url: picture.clone(),
            photo_small_url: picture,
            searchable: true,
        };
        let url = format!("https://{host}/.well-known/webfinger?resource=acct:{id}");
        network.put(url, Gives::Body(finger.to_jrd()));
        network.put(finger.hcard_url, Gives::Body(card.to_html(&base)));
    }

    pub fn envelope(&self, entity: &Entity) -> String {
        envelope::sign(&entity.to_xml(), &self.id, self.key).unwrap()
    }

    pub fn post(&self, name: &str, text: &str) -> Entity {
        StatusMessage::new(self.id.clone(), guid(name), now(), true, text.to_owned()).into()
    }
}

/// At least sixteen characters.
pub fn guid(name: &str) -> Guid {
    format!("{name:-<16}0").parse().unwrap()
}

pub fn now() -> time::Timestamp {
    time::Timestamp::from_micros(START.0)
}

/// A pod in such a network.
pub struct World {
    pub pod: TestPod,
    pub network: Arc<Network>,
    pub clock: Arc<TestClock>,
}

impl Deref for World {
    type Target = TestPod;

    fn deref(&self) -> &TestPod {
        &self.pod
    }
}

impl World {
    pub async fn on_both(story: impl AsyncFn(Self)) {
        story(Self::on(Place::sqlite().await).await).await;
        if let Some(place) = Place::postgres().await {
            story(Self::on(place).await).await;
        }
    }

    async fn on(place: Place) -> Self {
        let network = Arc::new(Network::default());
        let clock = Arc::new(TestClock::at(START));
        let fetch = Arc::clone(&network) as Arc<dyn Fetch>;
        let options = Options { fetch, clock: Arc::clone(&clock), ..Options::default() };
        Self { pod: TestPod::with(place, options).await, network, clock }
    }

    /// It comes to `/receive/public`.
    pub async fn send(&self, from: &Somebody, entity: &Entity) {
        inbox::accept_public(&self.pod, from.envelope(entity).into_bytes()).await.unwrap();
    }

    pub async fn work(&self) {
        job::run_due(&self.pod.pod).await.unwrap();
    }

    pub async fn has_post(&self, name: &str) -> bool {
        let guid = guid(name);
        let viewer = pappus_kernel::access::Viewer::Visitor;
        let mut conn = self.db.read().await.unwrap();
        pappus_kernel::post::find_readable(&mut conn, viewer, guid.as_str()).await.unwrap().is_some()
    }

    /// Messages that wait for a retry, and those that were given up.
    pub async fn waiting(&self) -> i64 {
        self.count(pappus_kernel::sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'receive'")).await
    }

    pub fn later(&self, by: std::time::Duration) {
        self.clock.advance(by);
        assert!(self.clock.now() > START);
    }
}
