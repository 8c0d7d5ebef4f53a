//! The text without markup.

use comrak::{Node, arena_tree::NodeEdge, nodes::NodeValue};

use crate::protect::Protected;

/// Must run before the marks become elements.
pub fn plain(root: Node<'_>, protected: &Protected<'_>) -> String {
    let mut out = String::new();
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => match &node.data().value {
                NodeValue::Text(text) => out.push_str(text),
                NodeValue::Code(code) => out.push_str(&code.literal),
                NodeValue::CodeBlock(block) => out.push_str(&block.literal),
                NodeValue::HtmlBlock(block) => out.push_str(&block.literal),
                NodeValue::HtmlInline(html) => out.push_str(html),
                NodeValue::SoftBreak | NodeValue::LineBreak => out.push('\n'),
                _ => {}
            },
            NodeEdge::End(node) => match &node.data().value {
                NodeValue::TableCell => out.push(' '),
                value if value.block() && !out.ends_with('\n') && !out.is_empty() => out.push('\n'),
                _ => {}
            },
        }
    }
    protected.plain(out.trim_end())
}
