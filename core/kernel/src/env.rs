//! What the pod takes from the outside world: time, chance and other machines. Nothing else may reach out.
use crate::id::Timestamp;
use async_trait::async_trait;
use pappus_federation::key::{KeyError, PrivateKey};
use std::sync::{
    Mutex,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;
use url::Url;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Unpredictable bytes, and keys made of them.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A new RSA-4096 key, from the cryptographic library's own source; about a second of a core, so call it
    /// off the async threads.
    fn private_key(&self) -> Result<PrivateKey, KeyError> {
        PrivateKey::generate()
    }
}

/// One outgoing request. Redirects are followed by the implementation, each checked by the guard.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// Where to.
    pub url: Url,
    /// Bytes and content type of a POST; none for a GET.
    pub post: Option<(&'static str, Vec<u8>)>,
    /// The `Accept` header.
    pub accept: &'static str,
    /// How many redirects are followed; none for a POST.
    pub redirects: u8,
    /// A longer answer is an error.
    pub max_bytes: usize,
    /// For the whole exchange.
    pub timeout: Duration,
}

impl FetchRequest {
    /// A GET that follows up to four redirects.
    pub fn get(url: Url, accept: &'static str, max_bytes: usize) -> Self {
        Self { url, post: None, accept, redirects: 4, max_bytes, timeout: Duration::from_secs(15) }
    }

    /// A POST that follows no redirect.
    pub fn post(url: Url, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            url,
            post: Some((content_type, body)),
            accept: "*/*",
            redirects: 0,
            max_bytes: 64 * 1024,
            timeout: Duration::from_secs(30),
        }
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct FetchResponse {
    /// The HTTP status.
    pub status: u16,
    /// After redirects.
    pub url: Url,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// How long it asks to be left alone: `Retry-After`, at most a day.
    pub retry_after: Option<Duration>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl FetchResponse {
    /// The answer is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The guard refuses the address: a retry will not help.
    #[error("refused: {0}")]
    Refused(String),
    /// The answer is longer than asked for.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// Name, connection, TLS or time.
    #[error("{0}")]
    Network(String),
}

/// The one way out.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends one request and reads the whole answer.
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError>;
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Starts at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves on.
    pub fn advance(&self, by: Duration) {
        let now = self.now().plus(by);
        self.0.store(now.0, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Entropy that a test can repeat; a 64-bit linear congruential generator, for tests only.
#[derive(Debug)]
pub struct TestEntropy(Mutex<u64>);

impl TestEntropy {
    /// Starts with `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for TestEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for byte in bytes {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
    }
}
