//! The one content security policy: scripts by path, nothing inline, nothing from elsewhere.

/// The header's value for a pod at `base_origin` (`https://pod.example`, no slash at the end).
/// Nothing below `/-/` may ever redirect: a browser forgets the path after a redirect.
pub fn csp(base_origin: &str) -> String {
    let origin = base_origin.trim_end_matches('/');
    format!(
        "default-src 'none'; script-src {origin}/-/core/; style-src {origin}/-/core/ {origin}/-/theme/; \
         img-src 'self'; font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_of_a_theme_and_none_inline_is_allowed() {
        let policy = csp("https://pod.example/");
        assert!(policy.contains("script-src https://pod.example/-/core/;"));
        for hole in ["unsafe", "nonce", "*", "data:", "script-src 'self'"] {
            assert!(!policy.contains(hole), "{hole}");
        }
    }
}
