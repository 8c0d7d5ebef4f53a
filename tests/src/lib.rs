//! Whole pods in one process, driven through their routers the way browsers and other pods do it: no
//! sockets, a clock that stands still, jobs that run when the story says so.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "what fails here fails the test")]

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use pappus_kernel::{
    account::setup::{self, Setup},
    env::{Fetch, FetchError, FetchRequest, FetchResponse, TestClock},
    job,
    testing::{Options, Place, START, TestPod},
};
use pappus_web::{App, Parts, theme::Theme};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

/// The password of everybody.
pub const PASSWORD: &str = "a good long password";

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
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
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
        Ok(FetchResponse {
            status: answer.status.as_u16(),
            url: request.url,
            content_type: content_type.map(str::to_owned),
            retry_after: None,
            body: answer.body,
        })
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
            ..Options::default()
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

/// A client that keeps cookies and says where it comes from, as browsers do.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub base: String,
    pub cookies: BTreeMap<String, String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What stands behind the first `mark`, up to the next quote, slash or angle bracket.
    pub fn after(&self, mark: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(mark)?;
        Some(rest.chars().take_while(|c| !matches!(c, '"' | '\'' | '/' | '<' | '#' | '?')).collect())
    }

    /// The answer is a page with this on it.
    #[track_caller]
    pub fn shows(&self, words: &str) -> &Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(self.text().contains(words), "`{words}` is not on\n{}", self.text());
        self
    }

    /// The answer is a page without this.
    #[track_caller]
    pub fn hides(&self, words: &str) -> &Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(!self.text().contains(words), "`{words}` is on\n{}", self.text());
        self
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap())
            .await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.base);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form that is spelled out, whatever it holds.
    pub async fn post_raw(&mut self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends any request with the cookies, and keeps those that come back.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let host = self.base.split("//").nth(1).unwrap_or_default().to_owned();
        let headers = request.headers_mut();
        if !headers.contains_key(header::HOST) {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = answer(self.router.clone(), request).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap_or_default().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Uploads a file, as a form with one field does.
    pub async fn upload(&mut self, path: &str, field: &str, file: &[u8]) -> Answer {
        let mark = "a-line-that-is-in-no-archive";
        let head =
            format!("--{mark}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"a\"\r\n\r\n");
        let body = [head.as_bytes(), file, format!("\r\n--{mark}--\r\n").as_bytes()].concat();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={mark}"))
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.base);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form with words and files.
    pub async fn post_files(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
        accept: &str,
    ) -> Answer {
        let mark = "a-line-that-is-in-no-file";
        let mut body = Vec::new();
        for (name, value) in fields {
            let head =
                format!("--{mark}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(head.into_bytes());
        }
        for (name, file) in files {
            let head = format!(
                "--{mark}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.svg\"\r\n\
                 content-type: image/svg+xml\r\n\r\n"
            );
            body.extend(head.into_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend(format!("--{mark}--\r\n").into_bytes());
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={mark}"))
            .header(header::ACCEPT, accept)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, &self.base);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Publishes, and says the post's guid.
    pub async fn publish(&mut self, text: &str, audience: &[&str]) -> String {
        let mut fields = vec![("status_message[text]", text)];
        fields.extend(audience.iter().map(|one| ("aspect_ids[]", *one)));
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post("/status_messages")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        let answer = self.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.after("\"guid\":\"").unwrap()
    }

    /// My aspects by their names, as the contacts page lists them.
    pub async fn aspect(&mut self, name: &str) -> String {
        let page = self.get("/contacts").await.text();
        let (before, _) = page.split_once(&format!("data-name=\"{name}\"")).expect("the aspect is listed");
        let (_, id) = before.rsplit_once("value=\"").unwrap();
        id.chars().take_while(char::is_ascii_digit).collect()
    }

    /// Puts the person with this diaspora* ID into an aspect.
    pub async fn share_with(&mut self, handle: &str, aspect: &str) {
        let id = self.aspect(aspect).await;
        let answer = self.post("/contacts", &[("handle", handle), ("aspect_ids[]", &id)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }
}

async fn answer(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}
