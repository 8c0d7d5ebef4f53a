//! Parses a text, puts mentions and tags back into the tree, and prints it.

use std::collections::HashSet;

use comrak::{
    Arena, Node, Options, format_html,
    nodes::{AstNode, NodeCode, NodeValue},
    parse_document,
};
use pappus_plugin_sdk::{Rendered, escape_into};

use crate::{
    finish, plain,
    protect::{Kept, Piece, Protected},
};

pub fn render(text: &str, inline_only: bool) -> Rendered {
    let protected = Protected::new(text);
    let options = options(text, inline_only);
    let arena = Arena::new();
    let mut root = parse_document(&arena, &protected.text, &options);
    let mut rendered = Rendered::default();
    unlink_mail(root);
    restore_sources(root, &protected, &mut rendered);
    finish::tree(&arena, root);
    rendered.plain = plain::plain(root, &protected);
    if inline_only {
        root = inlined(&arena, root);
    }
    put_back(&arena, root, &protected);
    if format_html(root, &options, &mut rendered.html).is_err() {
        rendered.html = pappus_plugin_sdk::escape(text);
    }
    if inline_only {
        let line = rendered.html.trim_end().strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>"));
        rendered.html = line.unwrap_or_default().to_owned();
    }
    rendered.html = finish::html(&rendered.html);
    rendered
}

/// More footnotes than anybody writes: their references take the parser's memory.
const FOOTNOTES: usize = 1000;

fn options(text: &str, inline_only: bool) -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.superscript = true;
    options.extension.subscript = true;
    options.extension.spoiler = true;
    options.extension.footnotes = text.matches("[^").count() <= FOOTNOTES;
    options.render.hardbreaks = !inline_only;
    options.render.escape = true;
    options
}

/// A bare `name@pod.example` is more often somebody's ID than a mail address: it stays text.
fn unlink_mail(root: Node<'_>) {
    let mails: Vec<_> = root.descendants().filter(|node| is_bare_mail(node)).collect();
    for link in mails {
        while let Some(child) = link.first_child() {
            link.insert_before(child);
        }
        link.detach();
    }
}

fn is_bare_mail(node: Node<'_>) -> bool {
    let data = node.data();
    let NodeValue::Link(link) = &data.value else { return false };
    let Some(address) = link.url.strip_prefix("mailto:") else { return false };
    node.first_child()
        .is_some_and(|child| matches!(&child.data().value, NodeValue::Text(text) if text == address))
}

/// Where a mark must not become an element (code, addresses, names), the source comes back; and the
/// addresses are noted.
fn restore_sources(root: Node<'_>, protected: &Protected<'_>, rendered: &mut Rendered) {
    let restore = |text: &mut String| {
        if Protected::is_marked(text) {
            *text = protected.restored(text);
        }
    };
    let (mut links, mut images) = (HashSet::new(), HashSet::new());
    for node in root.descendants() {
        match &mut node.data_mut().value {
            NodeValue::Code(code) => restore(&mut code.literal),
            NodeValue::CodeBlock(block) => {
                restore(&mut block.literal);
                restore(&mut block.info);
            }
            NodeValue::HtmlBlock(block) => restore(&mut block.literal),
            NodeValue::HtmlInline(html) => restore(html),
            NodeValue::Link(link) => {
                restore(&mut link.url);
                restore(&mut link.title);
                note(&mut rendered.links, &mut links, &link.url);
            }
            NodeValue::Image(link) => {
                restore(&mut link.url);
                restore(&mut link.title);
                note(&mut rendered.images, &mut images, &link.url);
            }
            NodeValue::FootnoteDefinition(footnote) => restore(&mut footnote.name),
            NodeValue::FootnoteReference(footnote) => restore(&mut footnote.name),
            _ => {}
        }
    }
}

fn note(urls: &mut Vec<String>, noted: &mut HashSet<String>, url: &str) {
    if !url.is_empty() && noted.insert(url.to_owned()) {
        urls.push(url.to_owned());
    }
}

/// Turns the marks that are left into elements, or into words where they stand in a link or an image.
fn put_back<'a>(arena: &'a Arena<'a>, root: Node<'a>, protected: &Protected<'_>) {
    let marked =
        |node: &Node<'a>| matches!(&node.data().value, NodeValue::Text(text) if Protected::is_marked(text));
    let marked: Vec<_> = root.descendants().filter(marked).collect();
    for node in marked {
        let text = match &node.data().value {
            NodeValue::Text(text) => text.to_string(),
            _ => continue,
        };
        let linked =
            node.ancestors().any(|a| matches!(a.data().value, NodeValue::Link(_) | NodeValue::Image(_)));
        if linked {
            node.data_mut().value = NodeValue::Text(protected.plain(&text).into());
            continue;
        }
        for piece in protected.pieces(&text) {
            let value = match piece {
                Piece::Text(text) => NodeValue::Text(text.to_owned().into()),
                Piece::Kept(kept) => NodeValue::Raw(element(kept)),
            };
            node.insert_before(alloc(arena, value));
        }
        node.detach();
    }
}

pub fn alloc<'a>(arena: &'a Arena<'a>, value: NodeValue) -> Node<'a> {
    arena.alloc(AstNode::from(value))
}

fn element(kept: &Kept<'_>) -> String {
    let (element, attribute, value) = match kept {
        Kept::Mention { handle, .. } => ("pod-mention", "handle", handle),
        Kept::Tag { name, .. } => ("pod-tag", "name", name),
    };
    let mut html = format!("<{element} {attribute}=\"");
    escape_into(&mut html, value);
    html.push_str("\">");
    escape_into(&mut html, kept.plain());
    html.push_str("</");
    html.push_str(element);
    html.push('>');
    html
}

/// One paragraph with everything that stands in the blocks of `root`.
fn inlined<'a>(arena: &'a Arena<'a>, root: Node<'a>) -> Node<'a> {
    let document = alloc(arena, NodeValue::Document);
    let line = alloc(arena, NodeValue::Paragraph);
    document.append(line);
    let blocks: Vec<_> = root.descendants().filter(|node| holds_a_line(node)).collect();
    for block in blocks {
        if line.first_child().is_some() {
            line.append(alloc(arena, NodeValue::Text(" ".into())));
        }
        let literal = match &block.data().value {
            NodeValue::CodeBlock(code) => Some(code.literal.trim_end().replace('\n', " ")),
            _ => None,
        };
        if let Some(literal) = literal {
            line.append(alloc(arena, NodeValue::Code(NodeCode { num_backticks: 1, literal })));
        }
        while let Some(child) = block.first_child() {
            line.append(child);
        }
    }
    for node in line.descendants() {
        let mut data = node.data_mut();
        match &data.value {
            NodeValue::LineBreak => data.value = NodeValue::SoftBreak,
            NodeValue::FootnoteReference(_) => data.value = NodeValue::Text("".into()),
            _ => {}
        }
    }
    document
}

fn holds_a_line(node: Node<'_>) -> bool {
    matches!(
        node.data().value,
        NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::TableCell | NodeValue::CodeBlock(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        render(text, false).html.replace(" dir=\"auto\"", "")
    }

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(html("# A *b* **c** ~~d~~"), "<h1>A <em>b</em> <strong>c</strong> <del>d</del></h1>\n");
        assert_eq!(html("- a\n- [x] b"), "<ul>\n<li>a</li>\n<li>☑ b</li>\n</ul>\n");
        assert!(html("|a|b|\n|-|-|\n|1|2|").contains("<td>2</td>"));
        assert!(html("a[^1]\n\n[^1]: note").contains("<section class=\"footnotes\""));
        assert!(
            html("```rust\nlet a = 1 < 2;\n```").contains("<code class=\"language-rust\">let a = 1 &lt; 2;")
        );
        assert_eq!(html("a\nb"), "<p>a<br />\nb</p>\n");
    }

    #[test]
    fn addresses_become_links_and_are_noted() {
        let rendered =
            render("https://a.example/x_y_z?q=1&r=2#top ![i](https://b.example/i.png) [l](/rel)", false);
        assert!(
            rendered.html.contains("<a href=\"https://a.example/x_y_z?q=1&amp;r=2#top\">"),
            "{}",
            rendered.html
        );
        assert_eq!(rendered.links, ["https://a.example/x_y_z?q=1&r=2#top", "/rel"]);
        assert_eq!(rendered.images, ["https://b.example/i.png"]);
    }

    #[test]
    fn raw_html_and_dangerous_addresses_do_nothing() {
        let page = html(
            "<script>alert(1)</script>\n\na <b onclick=x>b</b> [x](javascript:alert(1)) <pod-tag name=\"x\">y</pod-tag>",
        );
        assert!(
            !page.contains("<script") && !page.contains("<b ") && !page.contains("javascript:"),
            "{page}"
        );
        assert!(!page.contains("<pod-tag"), "{page}");
    }

    #[test]
    fn mentions_and_tags_are_whole_in_any_markup() {
        let mention = "<pod-mention handle=\"a_b@pod.example\">A_*B*_ C</pod-mention>";
        let tag = "<pod-tag name=\"x_y_z\">#x_y_z</pod-tag>";
        for (before, after) in [
            ("", ""),
            ("**", "**"),
            ("_", "_"),
            ("- ", ""),
            ("> ", ""),
            ("## ", ""),
            ("~~", "~~"),
            ("|a|\n|-|\n|", "|"),
        ] {
            let page = html(&format!("{before}@{{A_*B*_ C; a_b@pod.example}}{after}"));
            assert!(page.contains(mention), "{page}");
            let page = html(&format!("{before}a #x_y_z {after}"));
            assert!(page.contains(tag), "{page}");
        }
        assert_eq!(
            html("@{a@b.example} and #<3"),
            "<p><pod-mention handle=\"a@b.example\">a@b.example</pod-mention> and <pod-tag name=\"&lt;3\">#&lt;3</pod-tag></p>\n"
        );
        assert!(html("@{<i>\"; a@b.example}").contains(">&lt;i&gt;&quot;</pod-mention>"));
    }

    #[test]
    fn in_code_and_links_they_are_words() {
        assert_eq!(html("`#a @{B; b@c.example}`"), "<p><code>#a @{B; b@c.example}</code></p>\n");
        assert_eq!(html("    #a"), "<pre><code>#a\n</code></pre>\n");
        assert_eq!(
            html("[see #a and @{B; b@c.example}](https://x.example/#a)"),
            "<p><a href=\"https://x.example/#a\">see #a and B</a></p>\n"
        );
        assert!(html("![#a](https://x.example/i.png)").contains("alt=\"#a\""));
    }

    #[test]
    fn an_id_is_not_a_mail_address() {
        assert_eq!(html("me: a@pod.example"), "<p>me: a@pod.example</p>\n");
    }

    #[test]
    fn the_plain_text_has_no_markup() {
        let plain =
            render("# Hi *you*\n\n- @{B C; b@c.example}\n- #a `x`\n\n|1|2|\n|-|-|\n|3|4|", false).plain;
        assert_eq!(plain, "Hi you\nB C\n#a x\n1 2 \n3 4");
    }

    #[test]
    fn one_line_has_no_blocks() {
        let line = |text| render(text, true).html;
        assert_eq!(line("# Hi *you*\n\n- a\n- b\nc"), "Hi <em>you</em> a b\nc");
        assert_eq!(line("```\nx\ny\n```"), "<code>x y</code>");
        assert_eq!(line(""), "");
    }

    #[test]
    fn long_texts_are_rendered() {
        for unit in [
            "*a",
            "> ",
            "[",
            "![a](b)",
            "- a\n",
            "a\n\n",
            "`",
            "|a",
            "#a ",
            "@{A; a@b.c} ",
            "\"",
            "&amp;",
            "https://a.b/ ",
            "~~",
            "~a",
            "^a",
            "^",
            "||a",
            "->",
            "- [x] a\n",
            "[^1]",
            "<b>",
            "\u{fdd0}",
        ] {
            let text = unit.repeat(8 * 1024 / unit.len());
            let rendered = render(&text, false);
            assert!(!rendered.html.is_empty() || unit == "\u{fdd0}" || unit == "> ", "{unit}");
            let _ = render(&text, true);
        }
    }
}
