//! The last look at a plugin's rendered fragment: what it says stays inside it. Its template was checked for its
//! elements and attributes, and its values are escaped; here it must close what it opens, so that nothing of the page
//! around it is drawn into a form of the plugin's, and lead nowhere but to this pod and to sites that were granted.
use pappus_kernel::text::plain::LINK_REL;

/// Longer fragments are left out.
const LONGEST: usize = 64 * 1024;
const VOID: [&str; 5] = ["img", "br", "hr", "wbr", "input"];

/// Why a fragment is not shown.
pub fn fault(html: &str, slug: &str, may_link: &dyn Fn(&str) -> bool) -> Option<String> {
    if html.len() > LONGEST {
        return Some(format!("it is longer than {} KiB", LONGEST / 1024));
    }
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let after = rest.get(at + 1..).unwrap_or_default();
        let Some(end) = end_of_tag(after) else { return Some("a tag does not end".to_owned()) };
        let (tag, behind) = (after.get(..end).unwrap_or_default(), after.get(end + 1..).unwrap_or_default());
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name.trim()) {
                return Some(format!("</{}> closes what it did not open", name.trim()));
            }
            continue;
        }
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if let Some(fault) = attribute_fault(tag, slug, may_link) {
            return Some(fault);
        }
        if name == "form" && open.contains(&"form") {
            return Some("a form stands in a form".to_owned());
        }
        if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.pop().map(|name| format!("<{name}> is not closed"))
}

/// Where the tag's `>` stands, quotes passed over.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.char_indices().find_map(|(at, letter)| match (quote, letter) {
        (None, '>') => Some(at),
        (None, '"' | '\'') => {
            quote = Some(letter);
            None
        }
        (Some(open), letter) if open == letter => {
            quote = None;
            None
        }
        _ => None,
    })
}

/// Addresses are paths of this pod, or links as the pod writes them to a granted site; and ids begin with the plugin's
/// slug, so that no label of the page is captured.
fn attribute_fault(tag: &str, slug: &str, may_link: &dyn Fn(&str) -> bool) -> Option<String> {
    let leads_away = tag.starts_with("a ")
        && attributes(tag).iter().any(|(name, value)| name == "rel" && *value == LINK_REL);
    for (name, value) in attributes(tag) {
        // browsers leave out line breaks and tabs: behind one, `//` could begin
        let odd =
            value.contains(|letter: char| letter == '\\' || letter.is_control() || letter.is_whitespace());
        let local = value.starts_with('/') && !value.starts_with("//") && !odd;
        let wrong = match name.as_str() {
            "href" if leads_away && may_link(value) => false,
            "href" | "src" | "xlink:href" | "poster" | "background" => !local && !value.starts_with('#'),
            "srcset" => true,
            "id" | "for" => !value.starts_with(&format!("{slug}-")),
            _ => false,
        };
        if wrong {
            return Some(format!("{name}=\"{value}\" may not stand there"));
        }
    }
    None
}

/// Names as browsers read them: in small letters, and a slash between attributes is none of them.
fn attributes(tag: &str) -> Vec<(String, &str)> {
    let mut all = Vec::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let name =
            before.trim_end().rsplit(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, behind) = match quote {
            Some(quote) => after.get(1..).unwrap_or_default().split_once(quote).unwrap_or((after, "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        all.push((name, value));
        rest = behind;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_closes_itself_and_stays_here_is_sound() {
        for html in [
            "",
            "words &lt;b&gt;",
            "<section class=\"a > b\"><p>x<br>y</p><img src=\"/-/media/x\" alt=\"\"></section>",
            "<form action=\"/p/x/actions/a\"><input id=\"x-1\"><label for=\"x-1\">a</label></form><form></form>",
            "<a href=\"/posts/1\">a</a><a href=\"#x\">b</a>",
            "<svg class=\"icon\"><use href=\"/-/core/icons.svg#liked\"/></svg>",
        ] {
            assert_eq!(fault(html, "x", &nowhere), None, "{html}");
        }
    }

    fn nowhere(_: &str) -> bool {
        false
    }

    #[test]
    fn a_link_leads_to_a_granted_site_and_says_so() {
        let maps = |url: &str| url.starts_with("https://maps.test/");
        let link = |url: &str, rel: &str| format!("<a href=\"{url}\" rel=\"{rel}\" dir=\"auto\">a</a>");
        assert_eq!(fault(&link("https://maps.test/x", LINK_REL), "x", &maps), None);
        assert!(fault(&link("https://maps.test/x", LINK_REL), "x", &nowhere).is_some());
        assert!(fault(&link("https://maps.test/x", "opener"), "x", &maps).is_some());
        assert!(fault(&link("https://else.test/x", LINK_REL), "x", &maps).is_some());
        let picture = format!("<img src=\"https://maps.test/x\" rel=\"{LINK_REL}\">");
        assert!(fault(&picture, "x", &maps).is_some());
    }

    #[test]
    fn an_address_is_found_however_it_is_written() {
        for html in [
            "<a HREF=\"https://evil.test/\">a</a>",
            "<a hReF=\"javascript:alert(1)\">a</a>",
            "<a /href=\"https://evil.test/\">a</a>",
            "<a href =\"https://evil.test/\">a</a>",
            "<a href=\"/\t/evil.test/\">a</a>",
            "<a href=\"/\n/evil.test/\">a</a>",
            "<img SRC=\"https://evil.test/\">",
            "<img SRCSET=\"/x 2x\">",
            "<p ID=\"main\">a</p>",
        ] {
            assert!(fault(html, "x", &nowhere).is_some(), "{html}");
        }
    }

    #[test]
    fn what_reaches_out_of_itself_is_not_shown() {
        for html in [
            "<form action=\"/p/x/actions/a\">",
            "</form>",
            "</div><div>",
            "<div hidden>",
            "<form><form></form></form>",
            "<p><b></p></b>",
            "<a href=\"javascript:alert(1)\">a</a>",
            "<a href=\"https://elsewhere.test/\">a</a>",
            "<a href=\"//elsewhere.test/\">a</a>",
            "<a class=\"b\" href='//elsewhere.test/'>a</a>",
            "<img src=\"data:x\">",
            "<p id=\"main\"></p>",
            "<label for=\"status_message_text\">a</label>",
            "<p class=\"",
        ] {
            assert!(fault(html, "x", &nowhere).is_some(), "{html}");
        }
        assert!(fault(&"x".repeat(LONGEST + 1), "x", &nowhere).is_some());
    }
}
