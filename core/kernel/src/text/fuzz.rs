//! What a fuzzer does with texts and with what a renderer makes of them: whatever comes out can stand in a page.
#![allow(clippy::missing_panics_doc, reason = "what fails here is what a fuzzer looks for")]
use super::{
    fill::{self, Known},
    map_images, plain, sanitise,
    scan::{self, Kind},
};
use std::collections::HashMap;

/// Mentions and tags: they lie in the text one behind the other, and are found again where they alone are written.
pub fn scanned(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut at = 0;
    for found in scan::scan(text) {
        assert!(at <= found.start && found.start < found.end);
        let written = text.get(found.start..found.end).expect("whole characters");
        let alone = scan::scan(written);
        assert!(matches!(alone.as_slice(), [one] if one.kind == found.kind), "{written}");
        at = found.end;
    }
    assert!(scan::tags(text).len() <= 100);
    let _ = scan::mentions(text);
    if let Some(name) = scan::tag_name(text) {
        assert_eq!(scan::tag_name(&name), Some(name));
    }
}

/// A text without markup.
pub fn plain(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    only_ours(&plain::html(text));
    only_ours(&shown(&plain::html(text), text));
    let title = plain::title(text);
    assert!(title.chars().count() <= 70 && !title.contains('\n'), "{title}");
}

/// HTML that a renderer made of a text: the two are parted by a NUL, else the text is the HTML.
pub fn sanitised(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (html, source) = text.split_once('\0').unwrap_or((text, text));
    let clean = sanitise::sanitise(html, source);
    only_ours(&clean);
    assert_eq!(sanitise::sanitise(&clean, source), clean, "{html:?} of {source:?}");
    only_ours(&shown(&sanitise::fragment(html, source), source));
}

/// As a page shows it, with everybody known and all images of this pod.
fn shown(html: &str, source: &str) -> String {
    let found = scan::scan(source);
    let people = found.iter().filter_map(|found| match &found.kind {
        Kind::Mention { handle, .. } => {
            Some((handle.clone(), Known { guid: "0".repeat(32), name: "A <b> & \"c\"".into() }))
        }
        Kind::Tag { .. } => None,
    });
    let people: HashMap<String, Known> = people.collect();
    map_images(&fill::fill(html, &found, &people), |_| Some("/-/media/x\"y".into()))
}

/// Tags of the list, each with the attributes that it may have, and no address but of the web or of mail.
fn only_ours(html: &str) {
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        let (tag, behind) = tag.split_once('>').expect("a tag ends");
        assert!(!tag.contains('<'), "{tag} in {html}");
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let plain = name.strip_prefix('/').unwrap_or(name);
        assert!(sanitise::TAGS.contains(&plain), "{name} in {html}");
        assert!(plain == name || attributes.is_empty(), "{tag} in {html}");
        only_fitting(name, attributes, html);
        rest = behind;
    }
}

fn only_fitting(name: &str, mut attributes: &str, html: &str) {
    while let Some((attribute, value)) = attributes.split_once("=\"") {
        let (value, behind) = value.split_once('"').expect("a value ends");
        let fits = match (name, attribute) {
            ("a", "href") => {
                let of_pod = ["/people/", "/tags/"].iter().any(|start| value.starts_with(start));
                of_pod || leads_to(value, &["http", "https", "mailto"])
            }
            ("img", "src") => value.starts_with("/-/media/") || leads_to(value, &["http", "https"]),
            ("a", "title" | "rel" | "class")
            | ("img", "alt" | "title")
            | ("code", "class")
            | ("ol", "start")
            | ("td" | "th", "align")
            | ("pod-mention", "handle")
            | ("pod-tag", "name") => true,
            _ => false,
        };
        assert!(fits, "{attribute} of {name} in {html}");
        attributes = behind.trim_start_matches(' ');
    }
    assert!(attributes.is_empty(), "{attributes:?} of {name} in {html}");
}

/// As a browser reads it: without the control characters around it.
fn leads_to(address: &str, schemes: &[&str]) -> bool {
    url::Url::parse(address).is_ok_and(|url| schemes.contains(&url.scheme()))
}
