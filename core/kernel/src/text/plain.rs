//! A text without markup as HTML: escaped, with paragraphs, line breaks and links. Mentions and tags become
//! the same placeholders that a renderer makes.
use super::scan::{Kind, scan};
use linkify::{LinkFinder, LinkKind};
use std::fmt::Write as _;

/// What every link in a text says about itself.
/// What every link to another site says of itself: it leads away, it says nothing of where it stood.
pub const LINK_REL: &str = "noopener noreferrer nofollow ugc";

/// The whole text.
pub fn html(text: &str) -> String {
    let text = text.trim();
    let mut out = String::with_capacity(text.len() + 32);
    out.push_str("<p>");
    let mut at = 0;
    for found in scan(text) {
        words(&mut out, text.get(at..found.start).unwrap_or_default());
        match found.kind {
            Kind::Mention { name, handle } => {
                let label = one_line(name.unwrap_or(&handle));
                push(&mut out, format_args!("<pod-mention handle=\"{}\">", Attribute(&handle)));
                push(&mut out, format_args!("{}</pod-mention>", Escaped(&label)));
            }
            Kind::Tag { name } => {
                let written = text.get(found.start..found.end).unwrap_or_default();
                push(&mut out, format_args!("<pod-tag name=\"{}\">", Attribute(&name)));
                push(&mut out, format_args!("{}</pod-tag>", Escaped(written)));
            }
        }
        at = found.end;
    }
    words(&mut out, text.get(at..).unwrap_or_default());
    out.push_str("</p>");
    out
}

/// The first line with words, without the signs of a heading, cut to 70 characters.
pub fn title(text: &str) -> String {
    let line =
        text.lines().map(|line| line.trim_matches(['#', '=', '-', ' ', '\t'])).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    let mut readable = String::new();
    let mut at = 0;
    for found in scan(line) {
        readable.push_str(line.get(at..found.start).unwrap_or_default());
        match found.kind {
            Kind::Mention { name, handle } => readable.push_str(name.unwrap_or(&handle)),
            Kind::Tag { .. } => readable.push_str(line.get(found.start..found.end).unwrap_or_default()),
        }
        at = found.end;
    }
    readable.push_str(line.get(at..).unwrap_or_default());
    if readable.chars().count() <= 70 {
        return readable;
    }
    let mut short: String = readable.chars().take(69).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

fn words(out: &mut String, text: &str) {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    for span in finder.spans(text) {
        let is_link = span.kind().is_some() && is_web(span.as_str());
        if is_link {
            push(out, format_args!("<a href=\"{}\" rel=\"{LINK_REL}\">", Attribute(span.as_str())));
        }
        lines(out, span.as_str());
        if is_link {
            out.push_str("</a>");
        }
    }
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// One line end is a break, more are a new paragraph.
fn lines(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('\n') {
        let (line, behind) = rest.split_at(at);
        let next = behind.trim_start();
        let ends = behind.len() - next.len();
        let gap = behind.get(..ends).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count();
        push(out, format_args!("{}", Escaped(line.trim_end())));
        out.push_str(if gap > 1 { "</p>\n<p>" } else { "<br>\n" });
        rest = next;
    }
    push(out, format_args!("{}", Escaped(rest)));
}

/// `text` with every run of white space as one blank.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn push(out: &mut String, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("a string takes everything");
}

/// Text between tags.
pub(super) struct Escaped<'t>(pub &'t str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '\u{a0}' => f.write_str("&nbsp;")?,
                '\n' | '\t' => f.write_char(c)?,
                c if c.is_control() => {}
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The value of an attribute, between double quotes.
pub(super) struct Attribute<'t>(pub &'t str);

impl std::fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, part) in self.0.split('"').enumerate() {
            if place > 0 {
                f.write_str("&quot;")?;
            }
            Escaped(part).fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_and_not_run() {
        assert_eq!(html("<b onclick=x>\"&\0"), "<p>&lt;b onclick=x&gt;\"&amp;</p>");
    }

    #[test]
    fn lines_break_and_paragraphs_part() {
        assert_eq!(html("a\r\nb\n\n \nc  "), "<p>a<br>\nb</p>\n<p>c</p>");
    }

    #[test]
    fn only_web_addresses_become_links() {
        let link = format!("<a href=\"https://x.example/?a=1&amp;b=2\" rel=\"{LINK_REL}\">");
        assert_eq!(
            html("see https://x.example/?a=1&b=2, javascript:alert(1) ftp://x.example"),
            format!(
                "<p>see {link}https://x.example/?a=1&amp;b=2</a>, javascript:alert(1) ftp://x.example</p>"
            )
        );
    }

    #[test]
    fn mentions_and_tags_become_placeholders() {
        assert_eq!(
            html("@{A <b>; a@b.example} #Rust"),
            "<p><pod-mention handle=\"a@b.example\">A &lt;b&gt;</pod-mention> <pod-tag name=\"rust\">#Rust</pod-tag></p>"
        );
    }

    #[test]
    fn a_title_is_the_first_line_with_words() {
        assert_eq!(title("\n# Hello @{Bob; b@c.example}\nmore"), "Hello Bob");
        assert_eq!(title(&"ä".repeat(90)).chars().count(), 70);
        assert_eq!(title("---"), "");
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_our_own_tags_comes_out(text in "\\PC*") {
            let html = html(&text);
            let ours = ["<p>", "</p>", "<br>", "<a href=\"", "</a>", "<pod-mention handle=\"", "</pod-mention>", "<pod-tag name=\"", "</pod-tag>"];
            for (at, _) in html.match_indices('<') {
                assert!(ours.iter().any(|tag| html[at..].starts_with(tag)), "{html}");
            }
        }
    }
}
