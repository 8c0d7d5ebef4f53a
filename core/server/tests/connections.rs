//! How many connections the way out opens: a test server counts what it accepts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, Version},
    routing::post,
};
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use pappus::{
    fetch::{Names, Outside},
    guard::Guard,
};
use pappus_kernel::env::{Fetch as _, FetchRequest};
use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use std::{
    io::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

struct Loopback;

impl Names for Loopback {
    fn lookup(&self, _host: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    }
}

/// What the server saw.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    versions: Mutex<Vec<Version>>,
}

/// An authority, and a certificate of it for `tls.test`.
struct Trust {
    leaf: CertifiedKey<KeyPair>,
    authority: NamedTempFile,
}

impl Trust {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let mut authority = NamedTempFile::new().unwrap();
        authority.write_all(certificate.pem().as_bytes()).unwrap();
        let issuer = Issuer::new(params, key);
        let signing_key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["tls.test".to_owned()]).unwrap();
        let cert = params.signed_by(&signing_key, &issuer).unwrap();
        Self { leaf: CertifiedKey { cert, signing_key }, authority }
    }
}

/// A pod that takes everything, with or without TLS; it offers `alpn`.
async fn receiver(tls: Option<(&Trust, &[&str])>) -> (SocketAddr, Arc<Seen>) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let seen = Arc::new(Seen::default());
    let counted = Arc::clone(&seen);
    let router = Router::new().route(
        "/receive/public",
        post(move |request: Request| {
            counted.requests.fetch_add(1, Ordering::SeqCst);
            counted.versions.lock().unwrap().push(request.version());
            async move {
                axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
                StatusCode::ACCEPTED
            }
        }),
    );
    let acceptor = tls.map(|(trust, alpn)| {
        let chain = vec![trust.leaf.cert.der().clone()];
        let key = PrivateKeyDer::try_from(trust.leaf.signing_key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.connections.fetch_add(1, Ordering::SeqCst);
            let (router, acceptor) = (router.clone(), acceptor.clone());
            tokio::spawn(async move {
                match acceptor {
                    Some(acceptor) => answer(acceptor.accept(stream).await.unwrap(), router).await,
                    None => answer(stream, router).await,
                }
            });
        }
    });
    (address, seen)
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        router.clone().oneshot(request.map(Body::new))
    });
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

fn outside(ca: Option<&Path>) -> Outside {
    Outside::with_names(Guard { allow_loopback: true }, ca, Arc::new(Loopback)).unwrap()
}

/// So many pushes, a few beside each other.
async fn push(out: &Outside, url: &str, count: usize, beside: usize) {
    let one = |n: usize| {
        let body = format!("message {n}").into_bytes();
        let request = FetchRequest::post(url.parse().unwrap(), "application/magic-envelope+xml", body);
        async move { out.send(request).await.unwrap().status }
    };
    let statuses: Vec<u16> = stream::iter(0..count).map(one).buffer_unordered(beside).collect().await;
    assert_eq!(statuses, vec![202; count]);
}

#[tokio::test]
async fn pushes_to_one_pod_share_their_connections() {
    let (address, seen) = receiver(None).await;
    let out = outside(None);
    let url = format!("http://pod.test:{}/receive/public", address.port());
    push(&out, &url, 50, 1).await;
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1, "one after the other on one connection");
    push(&out, &url, 200, 4).await;
    let opened = seen.connections.load(Ordering::SeqCst);
    assert!((1..=4).contains(&opened), "{opened} connections for four at a time");
    assert_eq!(seen.requests.load(Ordering::SeqCst), 250);
    // another client opens its own, so the count would show it
    push(&outside(None), &url, 1, 1).await;
    assert_eq!(seen.connections.load(Ordering::SeqCst), opened + 1);
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered_and_one_connection_is_enough() {
    let trust = Trust::new();
    let (address, seen) = receiver(Some((&trust, &["h2", "http/1.1"]))).await;
    let out = outside(Some(trust.authority.path()));
    let url = format!("https://tls.test:{}/receive/public", address.port());
    push(&out, &url, 1, 1).await;
    push(&out, &url, 100, 4).await;
    assert!(seen.versions.lock().unwrap().iter().all(|version| *version == Version::HTTP_2));
    assert_eq!((seen.requests.load(Ordering::SeqCst), seen.connections.load(Ordering::SeqCst)), (101, 1));
    // where it is not offered it is not spoken
    let (address, seen) = receiver(Some((&trust, &["http/1.1"]))).await;
    push(&out, &format!("https://tls.test:{}/receive/public", address.port()), 3, 1).await;
    assert_eq!(*seen.versions.lock().unwrap(), [Version::HTTP_11; 3]);
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
}
