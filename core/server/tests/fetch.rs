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
                .route("/busy", get(busy))
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

/// Asks for a pause as the query says.
async fn busy(request: axum::extract::Request) -> impl IntoResponse {
    let told = request.uri().query().unwrap().replace('+', " ");
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, told)])
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
    // and the other way round: a redirect to another name is resolved and checked anew
    let names = Scripted::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let before = site.hits();
    let url = site.url("flip.test", &format!("/to?url={}", site.url("flop.test", "/hello")));
    let error = outside(true, Arc::clone(&names)).send(page(url)).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(_)), "{error:?}");
    assert_eq!((names.asked.load(Ordering::SeqCst), site.hits()), (2, before + 1));
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

/// A way to reach what must not be reached, and the same way to something on the public internet.
struct Trick {
    what: &'static str,
    url: &'static str,
    /// What the name resolves to, where there is one.
    resolves: &'static [&'static str],
    /// The harmless one: a URL, and an address.
    twin: (&'static str, &'static str),
    /// Refused under the switch for tests on one machine, too.
    always: bool,
}

const fn literal(what: &'static str, url: &'static str, always: bool) -> Trick {
    Trick { what, url, resolves: &[], twin: ("https://1.1.1.1/", "1.1.1.1"), always }
}

const fn literal_v6(what: &'static str, url: &'static str, always: bool) -> Trick {
    let twin = ("https://[2606:4700::1111]/", "2606:4700::1111");
    Trick { what, url, resolves: &[], twin, always }
}

const fn shape(what: &'static str, url: &'static str, twin: &'static str, always: bool) -> Trick {
    Trick { what, url, resolves: &["1.1.1.1"], twin: (twin, "1.1.1.1"), always }
}

const fn name(what: &'static str, resolves: &'static [&'static str], always: bool) -> Trick {
    let twin = ("https://pod.example/", "8.8.8.8");
    Trick { what, url: "https://pod.example/", resolves, twin, always }
}

const TRICKS: &[Trick] = &[
    literal("loopback", "https://127.0.0.1/", false),
    literal("loopback elsewhere in its network", "https://127.9.8.7/", false),
    literal("a short address", "https://127.1/", false),
    literal("a decimal address", "https://2130706433/", false),
    literal("a hexadecimal address", "https://0x7f000001/", false),
    literal("an octal address", "https://0177.0.0.01/", false),
    literal("an address with a dot at its end", "https://127.0.0.1./", false),
    literal("full-width digits", "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/", false),
    literal("ideographic dots", "https://10\u{3002}0\u{3002}0\u{3002}1/", true),
    literal("circled digits", "https://\u{2460}\u{24ea}.0.0.1/", true),
    literal("encoded dots", "https://10%2e0%2e0%2e1/", true),
    literal("a decimal private address", "https://167772161/", true),
    literal("this network", "https://0.0.0.0/", true),
    literal("private, 10", "https://10.0.0.1/", true),
    literal("private, 172.16", "https://172.31.255.255/", true),
    literal("private, 192.168", "https://192.168.1.1/", true),
    literal("carrier-grade NAT", "https://100.64.0.1/", true),
    literal("link-local: a cloud's metadata", "https://169.254.169.254/latest/meta-data/", true),
    literal("benchmarks", "https://198.18.0.1/", true),
    literal("a 6to4 relay", "https://192.88.99.1/", true),
    literal("multicast", "https://224.0.0.1/", true),
    literal("broadcast", "https://255.255.255.255/", true),
    literal_v6("IPv6 loopback", "https://[::1]/", false),
    literal_v6("unspecified", "https://[::]/", true),
    literal_v6("IPv4-mapped", "https://[::ffff:127.0.0.1]/", true),
    literal_v6("IPv4-mapped in hexadecimal", "https://[::ffff:a00:1]/", true),
    literal_v6("IPv4-compatible", "https://[::127.0.0.1]/", true),
    literal_v6("NAT64", "https://[64:ff9b::7f00:1]/", true),
    literal_v6("local NAT64", "https://[64:ff9b:1::1]/", true),
    literal_v6("6to4", "https://[2002:7f00:1::]/", true),
    literal_v6("Teredo", "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", true),
    literal_v6("unique-local: a cloud's metadata", "https://[fd00:ec2::254]/", true),
    literal_v6("IPv6 link-local", "https://[fe80::1]/", true),
    literal_v6("site-local", "https://[fec0::1]/", true),
    literal_v6("IPv6 multicast", "https://[ff02::1]/", true),
    shape("a user", "https://user@pod.example/", "https://pod.example/user@", true),
    shape("a user and a password", "https://a:b@pod.example/", "https://pod.example/a:b@", true),
    shape(
        "a user that looks like a host",
        "https://pod.example@10.0.0.1/",
        "https://pod.example/@10.0.0.1",
        true,
    ),
    shape("SSH", "https://pod.example:22/", "https://pod.example:8443/", true),
    shape("mail", "https://pod.example:25/", "https://pod.example:443/", true),
    shape("PostgreSQL", "https://pod.example:5432/", "https://pod.example:5433/", true),
    shape("Redis", "https://pod.example:6379/", "https://pod.example:6380/", true),
    shape("no port", "https://pod.example:0/", "https://pod.example/", true),
    shape("plain http", "http://pod.example/", "https://pod.example/", false),
    shape("ftp", "ftp://pod.example/", "https://pod.example/ftp", true),
    shape("a file", "file:///etc/passwd", "https://pod.example/etc/passwd", true),
    shape("data", "data:text/plain,x", "https://pod.example/data", true),
    name("a name of this machine", &["127.0.0.1"], false),
    name("a name of a private address", &["10.0.0.1"], true),
    name("a name of metadata", &["169.254.169.254"], true),
    name("a name of an IPv4-mapped address", &["::ffff:10.0.0.1"], true),
    name("a name of a NAT64 address", &["64:ff9b::a00:1"], true),
    name("a name of a 6to4 address", &["2002:a00:1::"], true),
    name("a name of many closed addresses", &["10.0.0.1", "fe80::1", "192.168.0.1", "::"], true),
    Trick { url: "https://localhost/", ..name("localhost", &["127.0.0.1"], false) },
    Trick { url: "https://LOCALHOST./", ..name("localhost with a dot", &["127.0.0.1"], false) },
    Trick { url: "https://l\u{43e}calhost.example/", ..name("a look-alike", &["10.0.0.1"], true) },
    Trick { url: "https://pod.example:8443/", ..name("another port", &["10.0.0.1"], true) },
];

#[tokio::test]
async fn every_way_to_a_closed_address_is_refused_by_the_one_guard() {
    let site = Site::start().await;
    let strict = Guard { allow_loopback: false };
    assert!(TRICKS.len() > 50);
    for trick in TRICKS {
        let what = trick.what;
        let names = Scripted::new(&[trick.resolves]);
        let url: Url = trick.url.parse().unwrap_or_else(|error| panic!("{what}: {error}"));
        let refused = outside(false, Arc::clone(&names)).send(page(url)).await;
        assert!(matches!(refused, Err(FetchError::Refused(_))), "{what}: {refused:?}");
        if trick.always {
            // as the target of a redirect, and where loopback is let through
            let mut over = site.url("pod.test", "/to");
            over.set_query(Some(&format!("url={}", trick.url)));
            let names = Scripted::new(&[&["127.0.0.1"], trick.resolves]);
            let refused = outside(true, names).send(page(over)).await;
            assert!(matches!(refused, Err(FetchError::Refused(_))), "{what}, redirected: {refused:?}");
        }
        let (twin, address) = trick.twin;
        assert_eq!(strict.check_url(&twin.parse().unwrap()), Ok(()), "{what}: its twin");
        assert_eq!(strict.check_address(address.parse().unwrap()), Ok(()), "{what}: its twin");
    }
    let redirected = TRICKS.iter().filter(|trick| trick.always).count();
    assert_eq!(site.hits(), redirected, "the site gave its redirects, and nothing was asked of it else");
}

#[tokio::test]
async fn who_has_too_much_to_do_says_until_when() {
    let site = Site::start().await;
    let out = outside(true, loopback());
    for (told, pause) in [("90", Some(90)), ("Wed,+01+Jan+3000+00:00:00+GMT", Some(86_400)), ("later", None)]
    {
        let answer = out.send(page(site.url("pod.test", &format!("/busy?{told}")))).await.unwrap();
        assert_eq!((answer.status, answer.retry_after), (503, pause.map(Duration::from_secs)), "{told}");
    }
}

#[tokio::test]
async fn no_redirect_leads_to_another_port() {
    let (site, other) = (Site::start().await, Site::start().await);
    let names = loopback();
    let url = site.url("pod.test", &format!("/to?url={}", other.url("pod.test", "/hello")));
    let error = outside(true, Arc::clone(&names)).send(page(url)).await.unwrap_err();
    assert!(matches!(error, FetchError::Refused(_)), "{error:?}");
    assert_eq!((site.hits(), other.hits(), names.asked.load(Ordering::SeqCst)), (1, 0, 1));
    // it is there for whoever asks for it
    assert!(outside(true, names).send(page(other.url("pod.test", "/hello"))).await.is_ok());
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
