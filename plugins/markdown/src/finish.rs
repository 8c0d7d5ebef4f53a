//! What the parser leaves to be done: boxes of tasks, arrows and hearts, which way each paragraph runs.
use std::collections::HashSet;

use comrak::{
    Arena, Node,
    nodes::{AstNode, NodeList, NodeValue},
};

use crate::render::alloc;

/// Signs as people type them, longer ones first.
const SIGNS: [(&str, &str); 4] = [("<->", "↔"), ("<-", "←"), ("->", "→"), ("<3", "♥")];

/// What an element that begins a line of its own is followed by: its text runs as its first letters do.
const LINES: [&str; 5] = ["<p", "<li", "<blockquote", "<td", "<th"];

/// Changes the tree, in which nothing is HTML yet.
pub fn tree<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    let all: Vec<Node<'a>> = root.descendants().collect();
    let gaps = with_gaps(&all);
    for node in all {
        let in_link = || {
            node.ancestors().any(|one| matches!(one.data().value, NodeValue::Link(_) | NodeValue::Image(_)))
        };
        let mut task = None;
        let mut broken = None;
        match &mut node.data_mut().value {
            NodeValue::TaskItem(item) => task = Some(item.symbol.is_some()),
            NodeValue::Superscript => broken = Some("^"),
            NodeValue::Subscript => broken = Some("~"),
            _ => {}
        }
        if let Some(done) = task {
            tick(arena, node, done);
        }
        if let Some(mark) = broken.filter(|_| gaps.contains(&std::ptr::from_ref(node))) {
            unwrap(arena, node, mark);
        }
        let text = match &node.data().value {
            NodeValue::Text(text) if text.contains(['<', '>']) => Some(signs(text)),
            _ => None,
        };
        if let Some(text) = text.filter(|_| !in_link()) {
            node.data_mut().value = NodeValue::Text(text.into());
        }
    }
}

/// A task is an item that begins with a box.
fn tick<'a>(arena: &'a Arena<'a>, item: Node<'a>, done: bool) {
    item.data_mut().value = NodeValue::Item(NodeList::default());
    let sign = alloc(arena, NodeValue::Text(if done { "☑ " } else { "☐ " }.into()));
    match item.first_child() {
        Some(line) if matches!(line.data().value, NodeValue::Paragraph) => line.prepend(sign),
        _ => item.prepend(sign),
    }
}

/// What holds more than a word. `2^8 and 2^9` are two powers, and none of them is eight and two: what is raised or lowered
/// is one word. Each way up is gone once, however deep a text is nested.
fn with_gaps<'a>(all: &[Node<'a>]) -> HashSet<*const AstNode<'a>> {
    let mut known = HashSet::new();
    for node in all {
        let gap = match &node.data().value {
            NodeValue::Text(text) => text.contains(char::is_whitespace),
            value => matches!(value, NodeValue::SoftBreak | NodeValue::LineBreak),
        };
        if gap {
            for above in node.ancestors() {
                if !known.insert(std::ptr::from_ref(above)) {
                    break;
                }
            }
        }
    }
    known
}

fn unwrap<'a>(arena: &'a Arena<'a>, node: Node<'a>, mark: &'static str) {
    node.insert_before(alloc(arena, NodeValue::Text(mark.into())));
    while let Some(child) = node.first_child() {
        node.insert_before(child);
    }
    node.insert_before(alloc(arena, NodeValue::Text(mark.into())));
    node.detach();
}

fn signs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        // a longer line of dashes is no arrow
        let dashes = |typed: &str| {
            typed.starts_with('-') && out.ends_with('-')
                || typed.ends_with('-') && rest.get(2..).is_some_and(|t| t.starts_with('-'))
        };
        let found = SIGNS.iter().find(|(typed, _)| rest.starts_with(typed) && !dashes(typed));
        let length = if let Some((typed, sign)) = found {
            out.push_str(sign);
            typed.len()
        } else {
            out.push(letter);
            letter.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// Changes the HTML, in which a `<` always begins an element of the printer's, as all texts in it are escaped.
pub fn html(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        if let Some(behind) = back_reference(here) {
            // notes of several texts stand on one page, so none of them can be led to
            out.truncate(out.trim_end_matches(' ').len());
            rest = behind;
            continue;
        }
        let opened = LINES.iter().copied().find(|line| is_tag(here, line));
        let spoiler = here.starts_with("<span class=\"spoiler\"").then_some("<span class=\"spoiler\"");
        let begun = opened.or(spoiler).unwrap_or("<");
        out.push_str(begun);
        out.push_str(match (opened, spoiler) {
            (Some(_), _) => " dir=\"auto\"",
            (_, Some(_)) => " tabindex=\"0\"",
            _ => "",
        });
        rest = here.get(begun.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn is_tag(here: &str, tag: &str) -> bool {
    here.strip_prefix(tag).is_some_and(|behind| behind.starts_with(['>', ' ']))
}

/// What stands behind the way back from a note to its place.
fn back_reference(here: &str) -> Option<&str> {
    let behind = here.strip_prefix("<a href=\"#fnref-")?;
    let (tag, behind) = behind.split_once('>')?;
    tag.contains("\" class=\"footnote-backref\"").then_some(())?;
    behind.split_once("</a>").map(|(_, behind)| behind)
}

#[cfg(test)]
mod tests {
    use crate::render::render;

    fn html(text: &str) -> String {
        render(text, false).html
    }

    fn line(text: &str) -> String {
        render(text, true).html
    }

    #[test]
    fn arrows_and_hearts_are_signs() {
        assert_eq!(line("a -> b <- c <-> d <3"), "a → b ← c ↔ d ♥");
        assert_eq!(
            line("`a -> b` <!-- --> <-- 1 < 2"),
            "<code>a -&gt; b</code> &lt;!-- --&gt; &lt;-- 1 &lt; 2"
        );
        assert_eq!(render("I <3 it", false).plain, "I ♥ it");
        let linked = html("[a -> b](https://a.example/->) https://b.example/x->y");
        assert!(linked.contains(">a -&gt; b</a>") && linked.contains("x-%3Ey"), "{linked}");
        assert!(html("#<3 <3").contains("<pod-tag name=\"&lt;3\">#&lt;3</pod-tag> ♥"), "{}", html("#<3 <3"));
    }

    #[test]
    fn one_word_is_raised_or_lowered() {
        assert_eq!(line("H~2~O, x^2^, ~~gone~~"), "H<sub>2</sub>O, x<sup>2</sup>, <del>gone</del>");
        assert_eq!(line("2^8 and 2^9, ~5 to ~6"), "2^8 and 2^9, ~5 to ~6");
        assert_eq!(line("^a *b c*^"), "^a <em>b c</em>^");
    }

    #[test]
    fn tasks_are_items_with_a_box() {
        assert_eq!(
            html("- [ ] a *b*\n- [x] c"),
            "<ul>\n<li dir=\"auto\">☐ a <em>b</em></li>\n<li dir=\"auto\">☑ c</li>\n</ul>\n"
        );
        assert!(html("- [x] a\n\n- b").contains("<p dir=\"auto\">☑ a</p>"));
    }

    #[test]
    fn a_spoiler_can_be_reached_by_keyboard() {
        assert_eq!(
            html("He is ||the *gardener*||."),
            "<p dir=\"auto\">He is <span class=\"spoiler\" tabindex=\"0\">the <em>gardener</em></span>.</p>\n"
        );
        assert!(!html("a || b || c").contains("spoiler"));
    }

    #[test]
    fn every_line_runs_its_own_way() {
        let page = html("אב\n\n> ג\n\n- ד\n\n|ה|\n|:-|\n|ו|\n\n```\n<p>\n```");
        for begun in [
            "<p dir=\"auto\">אב",
            "<blockquote dir=\"auto\">",
            "<li dir=\"auto\">ד",
            "<th dir=\"auto\" align=\"left\">ה",
            "<td dir=\"auto\" align=\"left\">ו",
        ] {
            assert!(page.contains(begun), "{begun} in {page}");
        }
        assert!(page.contains("<code>&lt;p&gt;"), "{page}");
        assert!(html("![<p>](https://a.example/i.png \"<p>\")").matches("dir=").count() == 1);
    }

    #[test]
    fn notes_stand_below_without_a_way_back() {
        let page = html("a[^1] b[^x] c[^1]\n\n[^1]: first\n[^x]: <second> [l](#fnref-1)");
        assert!(page.contains("<section class=\"footnotes\"") && page.contains(">1</a></sup>"), "{page}");
        assert!(page.contains("first</p>") && !page.contains('↩'), "{page}");
        assert!(page.contains("<a href=\"#fnref-1\">l</a>"), "{page}");
    }
}
