//! Makes rich text of Markdown. Mentions and tags are taken out before the parser sees the text and put
//! back into what it made, so that no markup can break them.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod finish;
mod plain;
mod protect;
mod render;

use pappus_plugin_sdk::{Rendered, Renderer, Source};

/// The plugin.
#[derive(Debug)]
pub struct Markdown;

impl Renderer for Markdown {
    fn render(source: &Source) -> Rendered {
        render::render(&source.text, source.inline_only)
    }
}

pappus_plugin_sdk::renderer!(Markdown);
