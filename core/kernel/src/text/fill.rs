//! The last step to a page: placeholders in sanitised HTML become links, if the scanner found the same in
//! the source, and images get the addresses of this pod. Sanitised HTML has no `<` but at a tag.
use super::{
    plain::{Attribute, Escaped, one_line, push},
    scan::{Found, Kind},
};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// Who a mention leads to.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub guid: String,
    pub name: String,
}

/// What the scanner found in one text, and who of them is known.
struct Links<'a> {
    /// With the names that the text gives them, as HTML.
    mentions: HashMap<&'a str, (&'a Known, HashSet<String>)>,
    tags: HashSet<&'a str>,
}

/// `html` with its links.
pub(super) fn fill(html: &str, found: &[Found<'_>], people: &HashMap<String, Known>) -> String {
    let links = Links::of(found, people);
    let mut out = String::with_capacity(html.len() + 64);
    let (mut rest, mut inside_link) = (html, 0_u32);
    while let Some((before, tag, behind)) = next_tag(rest) {
        out.push_str(before);
        rest = behind;
        match name_of(tag) {
            "a" => inside_link += 1,
            "/a" => inside_link = inside_link.saturating_sub(1),
            "/pod-mention" | "/pod-tag" => continue,
            // its address was not the author's
            "img" if attribute(tag, "src").is_none() => continue,
            name @ ("pod-mention" | "pod-tag") => {
                let close = if name == "pod-tag" { "</pod-tag>" } else { "</pod-mention>" };
                let (inner, after) = rest.split_once(close).unwrap_or((rest, ""));
                if inside_link == 0 && !inner.contains('<') && links.write(&mut out, tag, inner) {
                    rest = after;
                }
                continue;
            }
            _ => {}
        }
        out.push_str(tag);
    }
    out.push_str(rest);
    out
}

/// Sanitised `html` with every image's address replaced by what `map` makes of it; an image for which it
/// gives nothing is left out.
pub fn map_images(html: &str, map: impl Fn(&str) -> Option<String>) -> String {
    // most texts have none, and a page has a hundred texts
    if !html.contains("<img") {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag, behind)) = next_tag(rest) {
        out.push_str(before);
        rest = behind;
        let source = if name_of(tag) == "img" { attribute(tag, "src") } else { None };
        match source {
            None => out.push_str(tag),
            Some((value, (start, end))) => {
                let Some(url) = map(&value) else { continue };
                out.push_str(tag.get(..start).unwrap_or_default());
                push(&mut out, format_args!("{}", Attribute(&url)));
                out.push_str(tag.get(end..).unwrap_or_default());
            }
        }
    }
    out.push_str(rest);
    out
}

impl<'a> Links<'a> {
    fn of(found: &'a [Found<'a>], people: &'a HashMap<String, Known>) -> Self {
        let mut links = Self { mentions: HashMap::new(), tags: HashSet::new() };
        for one in found {
            match &one.kind {
                Kind::Tag { name } => {
                    links.tags.insert(name);
                }
                Kind::Mention { name, handle } => {
                    if let Some(known) = people.get(handle) {
                        let (_, names) = links.mentions.entry(handle).or_insert((known, HashSet::new()));
                        names.extend(name.map(|name| Escaped(&one_line(name)).to_string()));
                    }
                }
            }
        }
        links
    }

    /// Whether the placeholder was one of ours.
    fn write(&self, out: &mut String, tag: &str, inner: &str) -> bool {
        if let Some((handle, _)) = attribute(tag, "handle") {
            let handle = handle.to_lowercase();
            let Some((known, names)) = self.mentions.get(handle.as_str()) else { return false };
            let (guid, title) = (Attribute(&known.guid), Attribute(&handle));
            push(out, format_args!("<a class=\"mention\" href=\"/people/{guid}\" title=\"{title}\">"));
            match names.get(inner) {
                Some(name) => out.push_str(name),
                None => push(out, format_args!("{}", Escaped(&known.name))),
            }
            out.push_str("</a>");
            return true;
        }
        let Some((name, _)) = attribute(tag, "name") else { return false };
        let name = name.to_lowercase();
        let ours = self.tags.contains(name.as_str());
        if ours {
            let path: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            push(out, format_args!("<a class=\"tag\" href=\"/tags/{path}\">{inner}</a>"));
        }
        ours
    }
}

fn next_tag(html: &str) -> Option<(&str, &str, &str)> {
    let (before, here) = html.split_at(html.find('<')?);
    let (tag, behind) = here.split_at(here.find('>')? + 1);
    Some((before, tag, behind))
}

fn name_of(tag: &str) -> &str {
    let inner = tag.trim_start_matches('<');
    inner.get(..inner.find([' ', '>', '\n']).unwrap_or(inner.len())).unwrap_or_default()
}

/// The value of an attribute, and where it stands in the tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<(Cow<'t, str>, (usize, usize))> {
    let head = format!(" {name}=\"");
    // sanitised attributes are written one way, and a quote in a value is `&quot;`
    let start = tag.find(&head)? + head.len();
    let value = tag.get(start..)?;
    let value = value.get(..value.find('"')?)?;
    let end = start + value.len();
    if !value.contains('&') {
        return Some((Cow::Borrowed(value), (start, end)));
    }
    let plain =
        value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}");
    Some((Cow::Owned(plain.replace("&amp;", "&")), (start, end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{plain, sanitise::sanitise, scan::scan};

    fn people() -> HashMap<String, Known> {
        HashMap::from([("bob@x.example".into(), Known { guid: "b0b".into(), name: "Bob <3".into() })])
    }

    #[test]
    fn what_the_scanner_found_becomes_a_link() {
        let text = "@{bob@x.example} @{Robert; bob@x.example} @{eve@x.example} #Über";
        assert_eq!(
            fill(&plain::html(text), &scan(text), &people()),
            "<p><a class=\"mention\" href=\"/people/b0b\" title=\"bob@x.example\">Bob &lt;3</a> \
             <a class=\"mention\" href=\"/people/b0b\" title=\"bob@x.example\">Robert</a> eve@x.example \
             <a class=\"tag\" href=\"/tags/%C3%BCber\">#Über</a></p>"
        );
    }

    #[test]
    fn what_only_the_renderer_found_stays_text() {
        let html =
            "<p><pod-mention handle=\"bob@x.example\">Bob</pod-mention> <pod-tag name=\"x\">#x</pod-tag></p>";
        let clean = sanitise(html, "nothing");
        assert_eq!(fill(&clean, &scan("nothing"), &people()), "<p>Bob #x</p>");
    }

    #[test]
    fn a_link_in_a_link_stays_text() {
        let html = "<a href=\"https://x.example\"><pod-tag name=\"x\">#x</pod-tag></a>";
        assert_eq!(fill(html, &scan("#x"), &people()), "<a href=\"https://x.example\">#x</a>");
    }

    #[test]
    fn images_get_other_addresses() {
        let html = "<p><img src=\"https://x.example/?a&amp;b\" alt=\" src=&quot;\"><img alt=\"y\"></p>";
        let mapped = map_images(html, |url| {
            assert_eq!(url, "https://x.example/?a&b");
            Some("/m?\"&".into())
        });
        assert_eq!(mapped, "<p><img src=\"/m?&quot;&amp;\" alt=\" src=&quot;\"><img alt=\"y\"></p>");
        assert_eq!(map_images(html, |_| None), "<p><img alt=\"y\"></p>");
    }
}
