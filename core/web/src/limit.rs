//! How often somebody may try: by address for visitors, by account where guessing is the danger.
use crate::{App, error::Error};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};
use governor::{
    Quota, RateLimiter, clock::Clock as _, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::DefaultKeyedStateStore,
};
use ipnet::IpNet;
use pappus_kernel::env::Clock;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

const MINUTE: Duration = Duration::from_mins(1);
/// Above this many keys the ones that have long recovered are forgotten.
const MANY: usize = 20_000;

/// Every limit there is.
pub struct Limits {
    pub sign_in: Limit,
    pub codes: Limit,
    pub sign_up: Limit,
    /// Opening pictures: each costs a second of a core.
    pub pictures: Limit,
    /// Looking up people on other pods.
    pub discover: Limit,
    /// Deliveries of other pods; generous, since one pod sends for many.
    pub receive: Limit,
    /// Documents for other pods.
    pub lookup: Limit,
}

impl Limits {
    /// By the pod's own clock.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let limit = |count, per| Limit::new(count, per, Arc::clone(clock));
        Self {
            sign_in: limit(20, 5 * MINUTE),
            codes: limit(20, 60 * MINUTE),
            sign_up: limit(10, 60 * MINUTE),
            pictures: limit(400, 60 * MINUTE),
            discover: limit(30, 5 * MINUTE),
            receive: limit(12_000, MINUTE),
            lookup: limit(3_000, MINUTE),
        }
    }
}

/// The pod's clock, as the limiter reads it.
#[derive(Clone)]
struct PodClock(Arc<dyn Clock>);

impl governor::clock::Clock for PodClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Duration::from_micros(u64::try_from(self.0.now().0).unwrap_or(0)).into()
    }
}

type Keys = RateLimiter<String, DefaultKeyedStateStore<String>, PodClock, NoOpMiddleware<Nanos>>;

/// So many per so long, for each key.
pub struct Limit {
    keys: Keys,
    clock: PodClock,
}

impl Limit {
    fn new(count: u32, per: Duration, clock: Arc<dyn Clock>) -> Self {
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let pace = Quota::with_period(per / count.get()).expect("the period is not empty");
        let clock = PodClock(clock);
        let keys =
            RateLimiter::new(pace.allow_burst(count), DefaultKeyedStateStore::default(), clock.clone());
        Self { keys, clock }
    }

    /// Counts one try for `key`.
    pub fn check(&self, key: &str) -> Result<(), Error> {
        if self.keys.len() > MANY {
            self.keys.retain_recent();
        }
        let key = key.chars().take(100).collect();
        self.keys.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            Error::TooMany(wait.as_secs() + 1)
        })
    }
}

/// The key of an address: a whole /64 for IPv6, since that is what one customer gets.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).to_string(),
    }
}

/// Where the request comes from: the connection, or what a trusted proxy says of it.
pub fn client_ip(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let peer =
        peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical());
    forwarded(peer, headers, trusted)
}

/// The address that a request comes from.
pub struct Peer(pub IpAddr);

impl FromRequestParts<App> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(client_ip(&parts.extensions, &parts.headers, &app.trusted_proxies)))
    }
}

/// The rightmost address that is not a trusted proxy: everything left of it could be made up.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").into_iter().filter_map(|line| line.to_str().ok()).collect();
    let mut nearest = peer;
    for said in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Ok(address) = said.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
        if !is_trusted(&nearest) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use pappus_kernel::{env::TestClock, id::Timestamp};

    fn seen(peer: &str, said: &str) -> String {
        let trusted = ["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", said.parse().unwrap());
        forwarded(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_may_say_where_a_request_comes_from() {
        assert_eq!(seen("127.0.0.1", "198.51.100.7"), "198.51.100.7");
        assert_eq!(seen("127.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.3"), "198.51.100.7");
        assert_eq!(seen("203.0.113.9", "198.51.100.7"), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", "nonsense"), "127.0.0.1");
    }

    #[test]
    fn a_limit_counts_each_key_for_itself_and_says_how_long_to_wait() {
        let clock = Arc::new(TestClock::at(Timestamp(1_795_435_200_000_000)));
        let limit = Limit::new(3, MINUTE, Arc::<TestClock>::clone(&clock));
        assert!((0..3).all(|_| limit.check("a").is_ok()));
        assert!(matches!(limit.check("a"), Err(Error::TooMany(wait)) if (1..=21).contains(&wait)));
        assert!(limit.check("b").is_ok());
        clock.advance(Duration::from_secs(21));
        assert!(limit.check("a").is_ok() && limit.check("a").is_err());
    }

    #[test]
    fn one_customer_of_ipv6_is_one_key() {
        let key = |address: &str| address_key(address.parse().unwrap());
        assert_eq!(key("2001:db8:1:2:3::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
