//! The one way out. A name is resolved here, every address that the guard refuses is dropped before the
//! connector sees it, and redirects are followed here, each checked as if it were the first.
use crate::{env::SystemClock, guard::Guard};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use pappus_federation::Timestamp;
use pappus_kernel::env::{Clock as _, Fetch, FetchError, FetchRequest, FetchResponse};
use reqwest::{
    Certificate, Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{self, HeaderMap, HeaderValue},
};
use std::{
    error::Error as StdError,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use url::Url;

/// Turns a name into addresses.
pub trait Names: Send + Sync {
    /// Every address of `host`.
    fn lookup(&self, host: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

/// As this machine does it, its hosts file included.
#[derive(Debug, Clone, Copy)]
pub struct SystemNames;

impl Names for SystemNames {
    fn lookup(&self, host: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A name that leads nowhere the pod may go.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Blocked(String);

struct Checked {
    names: Arc<dyn Names>,
    guard: Guard,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, host) = (self.guard, name.as_str().to_owned());
        let found = self.names.lookup(host.clone());
        Box::pin(async move {
            let found = found.await?;
            let refused = found.iter().find_map(|address| guard.check_address(*address).err());
            let open: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| guard.check_address(*address).is_ok())
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if let Some(reason) = refused.filter(|_| open.is_empty()) {
                return Err(Box::new(Blocked(format!("{host}: {reason}"))) as Box<dyn StdError + Send + Sync>);
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

/// The guarded client.
pub struct Outside {
    client: Client,
    guard: Guard,
    agent: RwLock<String>,
}

impl Outside {
    /// A client that trusts the system's authorities and those in `extra_ca`.
    pub fn new(guard: Guard, extra_ca: Option<&Path>) -> anyhow::Result<Self> {
        Self::with_names(guard, extra_ca, Arc::new(SystemNames))
    }

    /// The same with another way to resolve names.
    #[allow(clippy::disallowed_methods, reason = "this is the one client")]
    pub fn with_names(guard: Guard, extra_ca: Option<&Path>, names: Arc<dyn Names>) -> anyhow::Result<Self> {
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .https_only(!guard.allow_loopback)
            .dns_resolver(Arc::new(Checked { names, guard }))
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(90))
            .pool_max_idle_per_host(4)
            .tcp_nodelay(true);
        if let Some(path) = extra_ca {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
        let agent = RwLock::new(agent(None));
        Ok(Self { client: builder.build()?, guard, agent })
    }

    /// Tells other machines who asks.
    pub fn introduce(&self, base_url: Option<&Url>) {
        *self.agent.write().unwrap_or_else(PoisonError::into_inner) = agent(base_url);
    }

    async fn exchange(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let agent = self.agent.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut url = request.url.clone();
        let mut left = request.redirects;
        self.guard.check_url(&url).map_err(FetchError::Refused)?;
        loop {
            let outgoing = match &request.post {
                Some((kind, body)) => {
                    self.client.post(url.clone()).header(header::CONTENT_TYPE, *kind).body(body.clone())
                }
                None => self.client.get(url.clone()),
            };
            let outgoing = outgoing.header(header::ACCEPT, request.accept).header(header::USER_AGENT, &agent);
            let answer = outgoing.send().await.map_err(failure)?;
            match next(&url, &answer) {
                Some(to) if request.post.is_none() && left > 0 => {
                    left -= 1;
                    url = to?;
                    self.guard.check_redirect(&request.url, &url).map_err(FetchError::Refused)?;
                }
                Some(_) if request.post.is_none() && request.redirects > 0 => {
                    return Err(FetchError::Refused(format!("more than {} redirects", request.redirects)));
                }
                _ => return read(answer, url, request.max_bytes).await,
            }
        }
    }
}

#[async_trait]
impl Fetch for Outside {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let patience = request.timeout;
        let answer = tokio::time::timeout(patience, self.exchange(request)).await;
        let outcome = match &answer {
            Ok(Ok(_)) => "answered",
            Ok(Err(FetchError::Refused(_))) => "refused",
            Ok(Err(FetchError::TooLong(_))) => "too_long",
            Ok(Err(FetchError::Network(_))) => "failed",
            Err(_) => "timeout",
        };
        metrics::counter!("fetches_total", "outcome" => outcome).increment(1);
        answer.unwrap_or_else(|_| {
            Err(FetchError::Network(format!("no answer within {} s", patience.as_secs())))
        })
    }
}

/// Where a redirect leads, if the answer is one.
fn next(url: &Url, answer: &Response) -> Option<Result<Url, FetchError>> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = answer.headers().get(header::LOCATION)?;
    let to = to.to_str().ok().and_then(|to| url.join(to).ok());
    Some(to.ok_or_else(|| FetchError::Refused("a redirect to something that is not a URL".into())))
}

async fn read(mut answer: Response, url: Url, max_bytes: usize) -> Result<FetchResponse, FetchError> {
    let announced = answer.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    if announced > max_bytes {
        return Err(FetchError::TooLong(max_bytes));
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = answer.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(FetchError::TooLong(max_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    let content_type = answer.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let retry_after = retry_after(answer.headers());
    Ok(FetchResponse { status: answer.status().as_u16(), url, content_type, retry_after, body })
}

/// Longer than this nobody is left alone because they ask for it.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// `Retry-After` in seconds, or as a date. A date is measured by the answer's own `Date`, so that nobody's clock need
/// be right; where there is none, by ours.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::trim);
    let told = text(header::RETRY_AFTER)?;
    let pause = if !told.is_empty() && told.bytes().all(|byte| byte.is_ascii_digit()) {
        // more than fits is long enough, too
        told.parse().map_or(LONGEST_PAUSE, Duration::from_secs)
    } else {
        let until = Timestamp::parse(told)?.micros();
        let now = text(header::DATE).and_then(Timestamp::parse);
        let now = now.map_or_else(|| SystemClock.now().0, Timestamp::micros);
        Duration::from_micros(u64::try_from(until.saturating_sub(now)).unwrap_or(0))
    };
    Some(pause.min(LONGEST_PAUSE))
}

/// The innermost reason: the outer ones only say that a request failed.
fn failure(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut inner: &(dyn StdError + 'static) = &error;
    loop {
        if let Some(Blocked(reason)) = inner.downcast_ref::<Blocked>() {
            return FetchError::Refused(reason.clone());
        }
        match inner.source() {
            Some(source) => inner = source,
            None => return FetchError::Network(inner.to_string()),
        }
    }
}

fn agent(base_url: Option<&Url>) -> String {
    let version = pappus_kernel::VERSION;
    base_url.map_or_else(
        || format!("Pappus/{version}"),
        |url| format!("Pappus/{version} (+{})", url.as_str().trim_end_matches('/')),
    )
}

fn certificates(path: &Path) -> anyhow::Result<Vec<Certificate>> {
    let place = path.display();
    let read = std::fs::read(path);
    let pem =
        read.map_err(|error| anyhow::anyhow!("federation.extra_ca_file: {place} cannot be read: {error}"))?;
    let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if found.is_empty() {
        anyhow::bail!("federation.extra_ca_file: {place} holds no certificate in PEM form");
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_asks_for_a_pause_in_seconds_or_with_a_date() {
        let pause = |told: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(told));
            headers.extend(date.map(|date| (header::DATE, HeaderValue::from_static(date))));
            retry_after(&headers).map(|pause| pause.as_secs())
        };
        let noon = Some("Thu, 29 Feb 2024 12:00:00 GMT");
        assert_eq!(pause("120", None), Some(120));
        assert_eq!(pause(" 0 ", noon), Some(0));
        assert_eq!(pause("Thu, 29 Feb 2024 12:10:00 GMT", noon), Some(600));
        assert_eq!(pause("Thu, 29 Feb 2024 11:00:00 GMT", noon), Some(0), "it is over");
        // nobody asks for more than a day
        for long in ["86401", "99999999999999999999999", "Fri, 01 Mar 2030 12:00:00 GMT"] {
            assert_eq!(pause(long, noon), Some(86_400), "{long}");
        }
        // the pod's clock is what there is, where it does not tell its own
        assert_eq!(pause("Thu, 29 Feb 2024 12:10:00 GMT", None), Some(0));
        assert_eq!(pause("Wed, 01 Jan 3000 00:00:00 GMT", None), Some(86_400));
        for nonsense in ["", "soon", "-5", "12.5", "1e3", "Thu, 31 Feb 2024 12:00:00 GMT"] {
            assert_eq!(pause(nonsense, noon), None, "{nonsense}");
        }
    }
}
