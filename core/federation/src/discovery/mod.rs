//! Finding people and pods: WebFinger on the host of an id, then the hCard it names, and the
//! documents in which a pod tells about itself. Everything here is both read and printed.

pub mod hcard;
pub mod host_meta;
pub mod nodeinfo;
pub mod webfinger;

pub use hcard::HCard;
pub use webfinger::WebFinger;

/// Why a document does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// Not in its format at all.
    #[error("not readable")]
    Unreadable,
    /// Something is missing or breaks its rule.
    #[error("{0} is missing or wrong")]
    Part(&'static str),
}

/// Appends `text` escaped for HTML and XML, attributes included.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::xml::clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
    out
}
