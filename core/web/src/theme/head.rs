//! What stands in every page's `<head>`, and that a theme cannot get wrong.
use std::fmt::Write as _;

use super::functions::{Ambient, Escaped};
use crate::assets;

/// Style sheets of the core in their order.
const STYLES: [&str; 2] = ["tokens.css", "base.css"];

/// Title, tokens for old clients, style sheets, the client's modules, and the `gon` line at column 1.
pub fn head(page: &Ambient) -> String {
    let chrome = &page.chrome;
    let mut head = String::from("<meta charset=\"utf-8\"/>\n");
    head.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    let _ = writeln!(head, "<title>{} · {}</title>", Escaped(&page.title), Escaped(&chrome.pod.name));
    head.push_str("<meta name=\"csrf-param\" content=\"authenticity_token\"/>\n");
    let _ = writeln!(head, "<meta name=\"csrf-token\" content=\"{}\"/>", Escaped(&chrome.csrf));
    if let Some(canonical) = &chrome.canonical {
        let _ = writeln!(head, "<link rel=\"canonical\" href=\"{}\"/>", Escaped(canonical));
    }
    if let Some(icon) = assets::asset_url("seedhead.svg") {
        let _ = writeln!(head, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"{icon}\"/>");
    }
    let core = STYLES.iter().filter_map(|name| assets::asset_url(name));
    for sheet in core.chain(page.stylesheets.iter().map(String::as_str)) {
        let _ = writeln!(head, "<link rel=\"stylesheet\" href=\"{sheet}\"/>");
    }
    if let Some(gon) = &chrome.gon {
        let _ = writeln!(head, "<script type=\"text/plain\" id=\"gon\">\n{}\n</script>", gon_line(gon));
        script(&mut head, "gon.js");
    }
    script(&mut head, "client.js");
    head
}

/// At the end of the body: the place where polite messages are said.
pub fn tail() -> String {
    "<div id=\"say\" class=\"vh\" role=\"status\"></div>".to_owned()
}

fn script(head: &mut String, name: &str) {
    if let Some(url) = assets::asset_url(name) {
        let _ = writeln!(head, "<script type=\"module\" src=\"{url}\"></script>");
    }
}

/// JavaScript on one line that cannot end the element it stands in.
fn gon_line(gon: &str) -> String {
    let mut line = String::with_capacity(gon.len());
    for char in gon.chars() {
        match char {
            '<' => line.push_str("\\u003c"),
            '\u{2028}' => line.push_str("\\u2028"),
            '\u{2029}' => line.push_str("\\u2029"),
            '\n' | '\r' => line.push(' '),
            other => line.push(other),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gon_line_cannot_leave_its_element() {
        let line = gon_line("gon.user={\"name\":\"</script>\u{2028}\n<!--\"};");
        assert_eq!(line, "gon.user={\"name\":\"\\u003c/script>\\u2028 \\u003c!--\"};");
    }
}
