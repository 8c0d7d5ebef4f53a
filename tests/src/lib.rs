//! Whole pods in one process, driven through their routers the way browsers and other pods do it: no
//! sockets, a clock that stands still, jobs that run when the story says so.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "what fails here fails the test")]

mod browser;

pub use browser::{Answer, Browser};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use browser::answer;
use pappus_kernel::{
    account::setup::{self, Setup},
    env::{Fetch, FetchError, FetchRequest, FetchResponse, TestClock},
    job, plugin,
    plugin::PluginHost,
    testing::{Options, Place, START, TestPod},
};
use pappus_plugin_host::{Config, Host};
use pappus_web::{App, Parts, theme::Theme};
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
};

/// The password of everybody.
pub const PASSWORD: &str = "a good long password";

/// The plugins that come with the pod, as `cargo xtask test` has built them: one host for all pods of a process.
fn plugins() -> Arc<dyn PluginHost> {
    static HOST: OnceLock<Arc<Host>> = OnceLock::new();
    let host = HOST.get_or_init(|| {
        let dir = std::env::var_os("PAPPUS_TEST_PLUGINS").map(PathBuf::from);
        // each story is a process of its own: they share what one of them compiled
        let cache_dir = dir.as_ref().map(|dir| dir.join("compiled"));
        let plugin_dirs = dir.into_iter().collect();
        Arc::new(Host::new(Config { plugin_dirs, cache_dir, ..Config::default() }).unwrap())
    });
    Arc::clone(host) as Arc<dyn PluginHost>
}

/// A pod behind its router.
pub struct Running {
    pub pod: TestPod,
    pub router: Router,
    pub base: String,
}

/// The network between pods of one story: hosts and their routers. Keeps what was sent.
#[derive(Default)]
pub struct Wire {
    hosts: Mutex<HashMap<String, Router>>,
    pub sent: Mutex<Vec<(String, u16)>>,
    /// What was posted, and where to.
    pub posted: Mutex<Vec<(String, Vec<u8>)>>,
    /// What was sent to hosts that are not there.
    pub failed: Mutex<Vec<String>>,
}

impl Wire {
    /// Something else answers at this host.
    pub fn join(&self, host: &str, router: Router) {
        self.hosts.lock().unwrap().insert(host.to_owned(), router);
    }

    /// Nobody answers at this host any more.
    pub fn leave(&self, host: &str) {
        self.hosts.lock().unwrap().remove(host);
    }
}

#[async_trait]
impl Fetch for Wire {
    /// Follows redirects as the real one does.
    async fn send(&self, mut request: FetchRequest) -> Result<FetchResponse, FetchError> {
        loop {
            let (answer, location) = self.send_once(request.clone()).await?;
            let Some(location) = location.filter(|_| matches!(answer.status, 301..=303 | 307 | 308)) else {
                return Ok(answer);
            };
            let Some(left) = request.redirects.checked_sub(1) else { return Ok(answer) };
            request.redirects = left;
            request.url = answer.url.join(&location).unwrap();
        }
    }
}

impl Wire {
    /// The answer, and where it leads.
    async fn send_once(&self, request: FetchRequest) -> Result<(FetchResponse, Option<String>), FetchError> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let router = self.hosts.lock().unwrap().get(&host).cloned();
        let Some(router) = router else {
            self.failed.lock().unwrap().push(request.url.to_string());
            return Err(FetchError::Network(format!("no such host: {host}")));
        };
        let path = match request.url.query() {
            Some(query) => format!("{}?{query}", request.url.path()),
            None => request.url.path().to_owned(),
        };
        let builder =
            Request::builder().uri(path).header(header::HOST, &host).header(header::ACCEPT, request.accept);
        let built = match request.post {
            Some((kind, body)) => {
                self.posted.lock().unwrap().push((request.url.to_string(), body.clone()));
                builder.method("POST").header(header::CONTENT_TYPE, kind).body(Body::from(body))
            }
            None => builder.body(Body::empty()),
        };
        let answer = answer(router, built.unwrap()).await;
        self.sent.lock().unwrap().push((request.url.to_string(), answer.status.as_u16()));
        if answer.body.len() > request.max_bytes {
            return Err(FetchError::TooLong(request.max_bytes));
        }
        let content_type = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let location = answer.headers.get(header::LOCATION).and_then(|place| place.to_str().ok());
        let location = location.map(str::to_owned);
        let answer = FetchResponse {
            status: answer.status.as_u16(),
            url: request.url,
            content_type: content_type.map(str::to_owned),
            retry_after: None,
            body: answer.body,
        };
        Ok((answer, location))
    }
}

impl Wire {
    /// One more host that answers.
    pub fn host(&self, name: &str, router: Router) {
        self.hosts.lock().unwrap().insert(name.to_owned(), router);
    }
}

impl Running {
    /// The pod of a story, before anybody set it up.
    pub async fn bare(pod: TestPod) -> Self {
        let parts =
            Parts { pod: Arc::clone(&pod.pod), theme: Arc::new(Theme::core()), trusted_proxies: Vec::new() };
        let router = pappus_web::router(App::open(parts).await.unwrap());
        let base = pod.site().url("");
        Self { pod, router, base }
    }

    /// The pod of a story, with an admin called `admina` and open doors.
    pub async fn set_up(pod: TestPod) -> Self {
        let running = Self::bare(pod).await;
        let form = Setup {
            base_url: running.base.clone(),
            pod_name: "Testpod".into(),
            username: "admina".into(),
            email: "admina@mail.test".into(),
            password: PASSWORD.into(),
            open: true,
            language: "en".into(),
        };
        setup::finish_as_operator(&running.pod, running.pod.admin(), form).await.unwrap();
        running
    }

    /// A visitor.
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), base: self.base.clone(), cookies: BTreeMap::new() }
    }

    /// Somebody new, signed in.
    pub async fn sign_up(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser
            .post(
                "/users",
                &[
                    ("user[username]", name),
                    ("user[email]", &format!("{name}@mail.test")),
                    ("user[password]", PASSWORD),
                    ("user[password_confirmation]", PASSWORD),
                ],
            )
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        browser
    }

    /// Somebody who is a member already.
    pub async fn sign_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let fields = [("user[username]", name), ("user[password]", PASSWORD)];
        assert_eq!(browser.post("/users/sign_in", &fields).await.status, StatusCode::FOUND);
        browser
    }

    /// Switches a plugin on or off, as an admin does.
    pub async fn switch(&self, plugin: &str, on: bool) {
        let admin = self.pod.admin();
        if on {
            plugin::enable(&self.pod, admin, plugin, None).await.unwrap();
        } else {
            plugin::disable(&self.pod, admin, plugin).await.unwrap();
        }
    }

    /// Runs what is due; says how many jobs that were.
    pub async fn run_jobs(&self) -> usize {
        job::run_due(&self.pod.pod).await.unwrap()
    }
}

/// Two pods that reach each other, `left.test` and `right.test`.
pub struct TwoPods {
    pub left: Running,
    pub right: Running,
    pub wire: Arc<Wire>,
    pub clock: Arc<TestClock>,
}

impl TwoPods {
    /// Runs a story with two pods on each kind of database.
    pub async fn on_both(story: impl AsyncFn(Self)) {
        story(Self::on(Place::sqlite().await, Place::sqlite().await).await).await;
        if let (Some(left), Some(right)) = (Place::postgres().await, Place::postgres().await) {
            story(Self::on(left, right).await).await;
        }
    }

    async fn on(left: Place, right: Place) -> Self {
        let wire = Arc::new(Wire::default());
        let clock = Arc::new(TestClock::at(START));
        let left = Self::one(left, "left.test", &wire, &clock).await;
        let right = Self::one(right, "right.test", &wire, &clock).await;
        Self { left, right, wire, clock }
    }

    async fn one(place: Place, host: &str, wire: &Arc<Wire>, clock: &Arc<TestClock>) -> Running {
        let options = Options {
            base_url: format!("https://{host}/"),
            fetch: Arc::clone(wire) as Arc<dyn Fetch>,
            clock: Arc::clone(clock),
            plugin_host: plugins(),
        };
        let running = Running::set_up(TestPod::with(place, options).await).await;
        wire.join(host, running.router.clone());
        running
    }

    /// Somebody deletes everything on the right and sets the pod up anew under the same name.
    pub async fn set_up_right_anew(&mut self) {
        self.right = Self::one(Place::sqlite().await, "right.test", &self.wire, &self.clock).await;
        // chance repeats itself in tests, and the new pod must not give the old one's names again
        let _: [u8; 7] = self.right.pod.random();
    }

    /// The same, with these plugins switched on.
    pub async fn on_both_with(plugins: &[&str], story: impl AsyncFn(Self)) {
        Self::on_both(async |pods| {
            for running in [&pods.left, &pods.right] {
                for plugin in plugins {
                    running.switch(plugin, true).await;
                }
            }
            story(pods).await;
        })
        .await;
    }

    /// Runs the jobs of both until neither has any left that is due.
    pub async fn settle(&self) {
        for _ in 0..20 {
            if self.left.run_jobs().await + self.right.run_jobs().await == 0 {
                return;
            }
        }
        panic!("the pods keep each other busy for ever");
    }
}

/// Any number of pods that reach each other.
pub struct Pods {
    pub all: Vec<Running>,
    pub wire: Arc<Wire>,
    pub clock: Arc<TestClock>,
}

impl Pods {
    /// Runs a story with pods on these hosts, on each kind of database.
    pub async fn on_both(hosts: &[&str], story: impl AsyncFn(Self)) {
        let mut places = Vec::new();
        for _ in hosts {
            places.push(Place::sqlite().await);
        }
        story(Self::on(hosts, places).await).await;
        let mut places = Vec::new();
        for _ in hosts {
            places.extend(Place::postgres().await);
        }
        if places.len() == hosts.len() {
            story(Self::on(hosts, places).await).await;
        }
    }

    async fn on(hosts: &[&str], places: Vec<Place>) -> Self {
        let wire = Arc::new(Wire::default());
        let clock = Arc::new(TestClock::at(START));
        let mut all = Vec::new();
        for (host, place) in hosts.iter().zip(places) {
            all.push(TwoPods::one(place, host, &wire, &clock).await);
        }
        Self { all, wire, clock }
    }

    /// The pod on this host.
    pub fn at(&self, host: &str) -> &Running {
        self.all.iter().find(|pod| pod.pod.site().host() == host).expect("a pod of the story")
    }

    /// Runs the jobs of all until none has any left that is due.
    pub async fn settle(&self) {
        for _ in 0..30 {
            let mut ran = 0;
            for pod in &self.all {
                ran += pod.run_jobs().await;
            }
            if ran == 0 {
                return;
            }
        }
        panic!("the pods keep each other busy for ever");
    }
}
