//! The pod's cookies: the session, the right to set the pod up, and one sentence for the next page.
use axum::http::{HeaderMap, HeaderValue, header};
use pappus_kernel::setting::Site;

/// The setup form's own right, before there are members.
pub const SETUP: &str = "pappus-setup";
const FLASH: &str = "pappus-flash";

/// What a form may leave to say on the next page; a cookie can name nothing else.
const FLASHES: &[&str] = &[
    "flash-saved",
    "flash-moving",
    "flash-archive-asked",
    "flash-signed-out",
    "flash-welcome",
    "flash-posted",
    "flash-deleted",
    "flash-shared",
    "flash-moved",
    "flash-reshared",
    "flash-closed",
    "flash-sent",
    "flash-talk-open",
    "flash-talk-muted",
    "flash-talk-hidden",
    "flash-ignored",
    "flash-not-ignored",
    "flash-pod-asked",
    "flash-plugin-here",
    "flash-plugin-runs",
    "flash-plugin-gone",
];

/// `__Host-` keeps other hosts of the domain from setting it; it needs https, so a pod on loopback does without.
pub fn session_name(site: &Site) -> &'static str {
    if is_https(site) { "__Host-pappus" } else { "pappus" }
}

fn is_https(site: &Site) -> bool {
    site.base_url.as_ref().is_some_and(|url| url.scheme() == "https")
}

/// The value of the first cookie called `name`.
pub fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).filter(|value| value.len() <= 256)
}

/// The sentence that the last form left.
pub fn flash(headers: &HeaderMap) -> Option<&'static str> {
    let named = read(headers, FLASH)?;
    FLASHES.iter().find(|key| **key == named).copied()
}

/// Sets the session; `seconds` none is until the browser closes.
pub fn session(site: &Site, token: &str, seconds: Option<u64>) -> HeaderValue {
    cookie(session_name(site), token, "/", is_https(site), seconds)
}

/// Forgets the session.
pub fn no_session(site: &Site) -> HeaderValue {
    cookie(session_name(site), "", "/", is_https(site), Some(0))
}

/// Keeps the right to set up.
pub fn setup(token: &str) -> HeaderValue {
    cookie(SETUP, token, "/setup", false, Some(24 * 3600))
}

/// Leaves a sentence for the next page.
pub fn say(site: &Site, key: &'static str) -> HeaderValue {
    debug_assert!(FLASHES.contains(&key), "{key} is not a flash");
    cookie(FLASH, key, "/", is_https(site), Some(60))
}

/// The sentence was said.
pub fn said(site: &Site) -> HeaderValue {
    cookie(FLASH, "", "/", is_https(site), Some(0))
}

fn cookie(name: &str, value: &str, path: &str, secure: bool, seconds: Option<u64>) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let line = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{age}");
    HeaderValue::try_from(line).expect("names, hexadecimal tokens and paths are plain ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_https_the_session_is_bound_to_the_host() {
        let https = Site { base_url: "https://pod.example".parse().ok(), ..Site::default() };
        let line = session(&https, "abc", None);
        assert_eq!(line, "__Host-pappus=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        let plain = Site { base_url: "http://127.0.0.1:4000".parse().ok(), ..Site::default() };
        assert!(!session(&plain, "abc", Some(9)).to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn a_cookie_cannot_make_the_page_say_what_it_likes() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "a=b; pappus-flash=flash-saved".parse().unwrap());
        assert_eq!(flash(&headers), Some("flash-saved"));
        headers.insert("cookie", "pappus-flash=you-have-won".parse().unwrap());
        assert_eq!(flash(&headers), None);
    }
}
