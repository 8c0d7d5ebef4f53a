//! host-meta: an XRD that names the older lookup. Nothing should depend on it.

use crate::xml::Element;

use super::{DiscoveryError, escape};

/// `Content-Type` of the document.
pub const CONTENT_TYPE: &str = "application/xrd+xml; charset=utf-8";

/// Reads the lookup template: a URL with `{uri}` in it. An empty document is no error.
pub fn lrdd_template(body: &str) -> Result<Option<String>, DiscoveryError> {
    let root = Element::parse(body.trim()).map_err(|_| DiscoveryError::Unreadable)?;
    let lrdd = root
        .children
        .iter()
        .find(|child| child.name.eq_ignore_ascii_case("link") && child.attribute("rel") == Some("lrdd"));
    let template = lrdd.and_then(|link| link.attribute("template"));
    Ok(template.filter(|template| template.contains("{uri}")).map(str::to_owned))
}

/// Prints the document; `base` is the pod's URL with a slash at its end.
pub fn print(base: &str) -> String {
    let template = escape(&format!("{base}.well-known/webfinger?resource={{uri}}"));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" type=\"application/jrd+json\" template=\"{template}\"/>\n</XRD>\n"
    )
}
