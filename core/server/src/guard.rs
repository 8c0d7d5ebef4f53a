//! Where the pod may not go: every address that is not on the public internet, ports that speak something
//! else than HTTP, and URLs that hide what they are. Pure; `fetch` asks it before every connection.
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// What the guard lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Loopback addresses, and plain http to them: for tests on one machine.
    pub allow_loopback: bool,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// Special IPv4 networks (RFC 6890 and its registry), each closed.
const CLOSED_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),       // this network
    v4(10, 0, 0, 0, 8),      // private
    v4(100, 64, 0, 0, 10),   // carrier-grade NAT
    v4(127, 0, 0, 0, 8),     // loopback
    v4(169, 254, 0, 0, 16),  // link-local, clouds' metadata
    v4(172, 16, 0, 0, 12),   // private
    v4(192, 0, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 0, 24),    // documentation
    v4(192, 88, 99, 0, 24),  // 6to4 relays
    v4(192, 168, 0, 0, 16),  // private
    v4(198, 18, 0, 0, 15),   // benchmarks
    v4(198, 51, 100, 0, 24), // documentation
    v4(203, 0, 113, 0, 24),  // documentation
    v4(224, 0, 0, 0, 4),     // multicast
    v4(240, 0, 0, 0, 4),     // reserved, broadcast
];

/// The one IPv6 network that is open; mapped, NAT64, unique-local, link-local and multicast lie outside.
const OPEN_V6: Ipv6Net = v6(0x2000, 0, 3);

const CLOSED_V6: &[Ipv6Net] = &[
    v6(0x2001, 0, 23),      // protocol assignments, Teredo
    v6(0x2001, 0x0db8, 32), // documentation
    v6(0x2002, 0, 16),      // 6to4: an IPv4 address inside
    v6(0x3fff, 0, 20),      // documentation
];

/// Ports on which something listens that a stray HTTP request could hurt.
const CLOSED_PORTS: &[u16] = &[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 87, 95, 110, 111, 113, 119, 123,
    135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 548, 554, 563, 587, 601, 636, 873,
    989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2375, 2379, 3306, 3389, 3659, 4045, 5060, 5061,
    5432, 5672, 5900, 6000, 6379, 6566, 6667, 6697, 9042, 9092, 9100, 9200, 9300, 11211, 27017,
];

impl Guard {
    /// Refuses a URL that must not be asked, with the reason.
    pub fn check_url(self, url: &Url) -> Result<(), String> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a URL with a user or a password".into());
        }
        let host = url.host().ok_or("a URL without a host")?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_loopback => {}
            scheme => return Err(format!("the scheme {scheme}")),
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if port == 0 || CLOSED_PORTS.contains(&port) {
            return Err(format!("port {port}"));
        }
        match host {
            Host::Domain("") => Err("an empty host".into()),
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.check_address(address.into()),
            Host::Ipv6(address) => self.check_address(address.into()),
        }
    }

    /// Refuses to be sent on from `first` to a URL that must not be asked: the same rules, and no port but the usual
    /// one or the one that was asked for. Nobody knocks at other doors of a machine for whoever writes redirects.
    pub fn check_redirect(self, first: &Url, to: &Url) -> Result<(), String> {
        self.check_url(to)?;
        let port = to.port_or_known_default();
        if to.port().is_none() || port == first.port_or_known_default() {
            return Ok(());
        }
        Err(format!("a redirect to port {}", port.unwrap_or(0)))
    }

    /// Refuses an address that must not be connected to.
    pub fn check_address(self, address: IpAddr) -> Result<(), String> {
        if is_public(address) || (self.allow_loopback && address.is_loopback()) {
            return Ok(());
        }
        Err(format!("{address} is not an address on the public internet"))
    }
}

/// The address belongs to one machine on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            OPEN_V6.contains(&address) && !CLOSED_V6.iter().any(|network| network.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Guard = Guard { allow_loopback: false };
    const TEST: Guard = Guard { allow_loopback: true };

    #[test]
    fn only_the_public_internet_is_public() {
        for open in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "169.253.1.1",
            "2606:4700::1111",
            "2a00::1",
            "2001:4860::8888",
            "2003::1",
        ] {
            assert!(is_public(open.parse().unwrap()), "{open}");
        }
        for closed in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!is_public(closed.parse().unwrap()), "{closed}");
        }
    }

    #[test]
    fn a_url_must_be_plain_https() {
        for good in [
            "https://pod.example/x",
            "https://pod.example:8443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
        ] {
            assert_eq!(STRICT.check_url(&Url::parse(good).unwrap()), Ok(()), "{good}");
        }
        for bad in [
            "http://pod.example/",
            "ftp://pod.example/",
            "file:///etc/passwd",
            "data:text/plain,x",
            "gopher://pod.example/",
            "https://user@pod.example/",
            "https://user:word@pod.example/",
            "https://:word@pod.example/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://pod.example:22/",
            "https://pod.example:25/",
            "https://pod.example:6379/",
            "https://pod.example:5432/",
            "https://0.0.0.0/",
            "https://pod.example:0/",
        ] {
            assert!(STRICT.check_url(&Url::parse(bad).unwrap()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_redirect_leads_to_the_usual_port_or_to_the_one_that_was_asked() {
        let check = |guard: Guard, first: &str, to: &str| {
            guard.check_redirect(&Url::parse(first).unwrap(), &Url::parse(to).unwrap())
        };
        let (usual, odd) = ("https://pod.example/x", "https://pod.example:8443/x");
        for (first, to) in [
            (usual, "https://other.example/"),
            (usual, "https://other.example:443/"),
            (odd, "https://pod.example:8443/y"),
            (odd, "https://other.example:8443/"),
            (odd, "https://other.example/"),
        ] {
            assert_eq!(check(STRICT, first, to), Ok(()), "{first} to {to}");
        }
        for (first, to) in [
            (usual, "https://pod.example:8443/"),
            (usual, "https://other.example:3000/"),
            (usual, "https://other.example:80/"),
            (odd, "https://pod.example:8444/"),
            (odd, "http://pod.example:8443/"),
            (usual, "https://10.0.0.1/"),
        ] {
            assert!(check(STRICT, first, to).is_err(), "{first} to {to}");
        }
        let pod = "http://127.0.0.1:4000/";
        assert_eq!(check(TEST, pod, "http://127.0.0.1:4000/x"), Ok(()));
        assert_eq!(check(TEST, pod, "http://pod.test/"), Ok(()));
        assert!(check(TEST, pod, "http://127.0.0.1:4001/").is_err());
    }

    #[test]
    fn the_loopback_switch_opens_loopback_and_nothing_else() {
        for good in
            ["http://127.0.0.1:4000/", "https://127.0.0.1:4000/", "http://[::1]:4000/", "http://pod.test/"]
        {
            assert_eq!(TEST.check_url(&Url::parse(good).unwrap()), Ok(()), "{good}");
        }
        for bad in [
            "http://10.0.0.1/",
            "https://169.254.169.254/",
            "http://[::ffff:127.0.0.1]/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1:22/",
            "https://[fe80::1]/",
        ] {
            assert!(TEST.check_url(&Url::parse(bad).unwrap()).is_err(), "{bad}");
        }
    }
}
