//! Parses a text, puts mentions and tags back into the tree, and prints it.

use comrak::{
    Arena, Node, Options, format_html,
    nodes::{AstNode, NodeCode, NodeValue},
    parse_document,
};
use pappus_plugin_sdk::{Rendered, escape_into};

use crate::{
    plain,
    protect::{Kept, Piece, Protected},
};

pub fn render(text: &str, inline_only: bool) -> Rendered {
    let protected = Protected::new(text);
    let options = options(inline_only);
    let arena = Arena::new();
    let mut root = parse_document(&arena, &protected.text, &options);
    let mut rendered = Rendered::default();
    unlink_mail(root);
    restore_sources(root, &protected, &mut rendered);
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
    rendered
}

fn options(inline_only: bool) -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
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
    node.first_child().is_some_and(|child| matches!(&child.data().value, NodeValue::Text(text) if text == address))
}

/// Where a mark must not become an element (code, addresses, names), the source comes back; and the
/// addresses are noted.
fn restore_sources(root: Node<'_>, protected: &Protected<'_>, rendered: &mut Rendered) {
    let restore = |text: &mut String| {
        if Protected::is_marked(text) {
            *text = protected.restored(text);
        }
    };
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
                note(&mut rendered.links, &link.url);
            }
            NodeValue::Image(link) => {
                restore(&mut link.url);
                restore(&mut link.title);
                note(&mut rendered.images, &link.url);
            }
            NodeValue::FootnoteDefinition(footnote) => restore(&mut footnote.name),
            NodeValue::FootnoteReference(footnote) => restore(&mut footnote.name),
            _ => {}
        }
    }
}

fn note(urls: &mut Vec<String>, url: &str) {
    if !url.is_empty() && !urls.iter().any(|noted| noted == url) {
        urls.push(url.to_owned());
    }
}

/// Turns the marks that are left into elements, or into words where they stand in a link or an image.
fn put_back<'a>(arena: &'a Arena<'a>, root: Node<'a>, protected: &Protected<'_>) {
    let marked = |node: &Node<'a>| matches!(&node.data().value, NodeValue::Text(text) if Protected::is_marked(text));
    let marked: Vec<_> = root.descendants().filter(marked).collect();
    for node in marked {
        let text = match &node.data().value {
            NodeValue::Text(text) => text.to_string(),
            _ => continue,
        };
        let linked = node.ancestors().any(|a| matches!(a.data().value, NodeValue::Link(_) | NodeValue::Image(_)));
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

fn alloc<'a>(arena: &'a Arena<'a>, value: NodeValue) -> Node<'a> {
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
