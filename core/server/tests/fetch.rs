//! The way out, against real servers on this machine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use pappus::{
    fetch::{Names, Outside},
    guard::Guard,
};
use pappus_kernel::env::{Fetch as _, FetchError, FetchRequest};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use url::Url;

/// Answers with the next address of a list at each question, and counts the questions.
struct Scripted {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Scripted {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers.iter().map(|one| one.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        Arc::new(Self { answers, asked: AtomicUsize::new(0) })
    }
}

impl Names for Scripted {
    fn lookup(&self, _host: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[at.min(self.answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    }
}

fn outside(allow_loopback: bool, names: Arc<Scripted>) -> Outside {
    Outside::with_names(Guard { allow_loopback }, None, names).unwrap()
}

fn loopback() -> Arc<Scripted> {
    Scripted::new(&[&["127.0.0.1"]])
}

struct Site {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Site {
    async fn start() -> Self {
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&hits);
        let router =
            Router::new()
                .route(
                    "/hello",
                    get(|headers: HeaderMap| async move {
                        headers[header::USER_AGENT].to_str().unwrap().to_owned()
                    }),
                )
                .route("/echo", post(|body: Bytes| async move { (StatusCode::ACCEPTED, body) }))
                .route("/long", get(|| async { vec![b'x'; 2000] }))
                .route("/endless", get(endless))
                .route("/slow", get(slow))
                .route("/never", get(std::future::pending::<()>))
                .route("/to", get(redirect).post(redirect))
                .route("/round", get(|| async { Redirect::temporary("/round") }))
                .route("/cookie", get(cookie))
                .layer(axum::middleware::map_request(move |request: axum::extract::Request| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    async move { request }
                }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, hits }
    }

    fn url(&self, host: &str, path: &str) -> Url {
        format!("http://{host}:{}{path}", self.address.port()).parse().unwrap()
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

async fn endless() -> Body {
    Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1000]))))
}

async fn slow() -> Body {
    let drops = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b".")));
    Body::from_stream(drops.then(|drop| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop
    }))
}

async fn redirect(request: axum::extract::Request) -> impl IntoResponse {
    let to = request.uri().query().unwrap().strip_prefix("url=").unwrap().to_owned();
    (StatusCode::FOUND, [(header::LOCATION, to)])
}

async fn cookie(headers: HeaderMap) -> impl IntoResponse {
    let seen = headers.contains_key(header::COOKIE);
    ([(header::SET_COOKIE, "a=b")], seen.to_string())
}

fn page(url: Url) -> FetchRequest {
    FetchRequest::get(url, "*/*", 1000)
}

#[tokio::test]
async fn a_page_is_fetched_and_we_say_who_asks() {
    let site = Site::start().await;
    let out = outside(true, loopback());
    let answer = out.send(page(site.url("pod.test", "/hello"))).await.unwrap();
    assert_eq!(String::from_utf8(answer.body).unwrap(), format!("Pappus/{}", pappus_kernel::VERSION));
    out.introduce(Some(&"https://my.test/".parse().unwrap()));
    let answer = out.send(page(site.url("pod.test", "/hello"))).await.unwrap();
    assert!(String::from_utf8(answer.body).unwrap().ends_with(" (+https://my.test)"));
    assert_eq!(answer.content_type.as_deref(), Some("text/plain; charset=utf-8"));
}

#[tokio::test]
async fn a_post_arrives_whole() {
    let site = Site::start().await;
    let request =
        FetchRequest::post(site.url("pod.test", "/echo"), "application/json", b"{\"a\":1}".to_vec());
    let answer = outside(true, loopback()).send(request).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (202, b"{\"a\":1}".as_slice()));
}

#[tokio::test]
async fn without_the_switch_nothing_on_this_machine_is_reached() {
    let site = Site::start().await;
    let out = outside(false, loopback());
    for url in [
        site.url("127.0.0.1", "/hello").to_string(),
        site.url("pod.test", "/hello").to_string(),
        format!("https://127.0.0.1:{}/", site.address.port()),
        format!("https://pod.test:{}/", site.address.port()),
        format!("https://[::ffff:127.0.0.1]:{}/", site.address.port()),
        "https://localhost/".to_owned(),
    ] {
        let error = out.send(page(url.parse().unwrap())).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{url}: {error:?}");
    }
    assert_eq!(site.hits(), 0);
    // the same site answers where the switch is on: it was the guard that refused
    assert!(outside(true, loopback()).send(page(site.url("127.0.0.1", "/hello"))).await.is_ok());
    assert_eq!(site.hits(), 1);
}

#[tokio::test]
async fn a_name_with_one_open_address_never_leads_to_its_closed_ones() {
    let site = Site::start().await;
    // 0.0.0.0 would reach the site on Linux; only the checked address is tried
    let names = Scripted::new(&[&["0.0.0.0", "10.0.0.1", "169.254.169.254", "127.0.0.1"]]);
    outside(true, names).send(page(site.url("mixed.test", "/hello"))).await.unwrap();
    let names = Scripted::new(&[&["0.0.0.0", "10.0.0.1", "::ffff:127.0.0.1"]]);
    let error = outside(true, names).send(page(site.url("closed.test", "/hello"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(_)), "{error:?}");
    assert_eq!(site.hits(), 1);
}

#[tokio::test]
async fn a_name_that_changes_its_answer_gains_nothing() {
    let site = Site::start().await;
    // what was resolved is what is connected to: the second answer is never used for the first request
    let names = Scripted::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let out = outside(true, Arc::clone(&names));
    out.send(page(site.url("flip.test", "/hello"))).await.unwrap();
    assert_eq!(names.asked.load(Ordering::SeqCst), 1);
    // and the other way round: a redirect to the same name on another port is resolved and checked anew
    let names = Scripted::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let other = Site::start().await;
    let url = site.url("flip.test", &format!("/to?url={}", other.url("flip.test", "/hello")));
    let error = outside(true, Arc::clone(&names)).send(page(url)).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(_)), "{error:?}");
    assert_eq!((names.asked.load(Ordering::SeqCst), other.hits()), (2, 0));
}

#[tokio::test]
async fn every_redirect_is_checked() {
    let site = Site::start().await;
    let out = outside(true, loopback());
    let target = site.url("pod.test", "/hello");
    let answer = out.send(page(site.url("pod.test", &format!("/to?url={target}")))).await.unwrap();
    assert_eq!((answer.status, answer.url), (200, target));
    for bad in [
        "http://10.0.0.1/",
        "https://169.254.169.254/",
        "ftp://pod.test/",
        "file:///etc/passwd",
        "http://a:b@pod.test/",
        "http://pod.test:22/",
        "//[::ffff:127.0.0.1]/",
    ] {
        let error = out.send(page(site.url("pod.test", &format!("/to?url={bad}")))).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{bad}: {error:?}");
    }
}

#[tokio::test]
async fn redirects_end() {
    let site = Site::start().await;
    let out = outside(true, loopback());
    let error = out.send(page(site.url("pod.test", "/round"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(_)), "{error:?}");
    assert_eq!(site.hits(), 5, "the first and four redirects");
    let none = FetchRequest { redirects: 0, ..page(site.url("pod.test", "/round")) };
    assert_eq!(out.send(none).await.unwrap().status, 307);
}

#[tokio::test]
async fn a_post_follows_no_redirect() {
    let site = Site::start().await;
    let url = site.url("pod.test", &format!("/to?url={}", site.url("pod.test", "/echo")));
    let answer =
        outside(true, loopback()).send(FetchRequest::post(url, "text/plain", b"x".to_vec())).await.unwrap();
    assert_eq!((answer.status, site.hits()), (302, 1));
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_cut_off() {
    let site = Site::start().await;
    let out = outside(true, loopback());
    for path in ["/long", "/endless"] {
        let error = out.send(page(site.url("pod.test", path))).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLong(1000)), "{path}: {error:?}");
    }
    let enough = FetchRequest { max_bytes: 2000, ..page(site.url("pod.test", "/long")) };
    assert_eq!(out.send(enough).await.unwrap().body.len(), 2000);
}

#[tokio::test]
async fn a_slow_answer_runs_out_of_time() {
    let site = Site::start().await;
    let out = outside(true, loopback());
    for path in ["/slow", "/never"] {
        let request =
            FetchRequest { timeout: Duration::from_millis(500), ..page(site.url("pod.test", path)) };
        let error = out.send(request).await.unwrap_err();
        assert!(matches!(&error, FetchError::Network(why) if why.contains("no answer")), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn no_cookie_is_kept() {
    let site = Site::start().await;
    let out = outside(true, loopback());
    for _ in 0..2 {
        let answer = out.send(page(site.url("pod.test", "/cookie"))).await.unwrap();
        assert_eq!(answer.body, b"false");
    }
}
