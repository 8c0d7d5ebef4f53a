//! Write a plugin for a Pappus pod: implement the trait of a hook, name the type in the hook's macro,
//! and build the crate as a `cdylib` for `wasm32-unknown-unknown`.
//!
//! ```
//! use pappus_plugin_sdk::{Rendered, Renderer, Source};
//!
//! struct Shout;
//!
//! impl Renderer for Shout {
//!     fn render(source: &Source) -> Rendered {
//!         let plain = source.text.to_uppercase();
//!         Rendered { html: pappus_plugin_sdk::escape(&plain), plain, ..Rendered::default() }
//!     }
//! }
//!
//! pappus_plugin_sdk::renderer!(Shout);
//! ```

pub mod log;
mod renderer;

pub use renderer::{Rendered, Renderer, Source};

#[doc(hidden)]
#[allow(missing_docs, clippy::all, reason = "generated from wit/")]
pub mod bindings {
    /// What a plugin may ask of the pod. Functions that are not called do not end up in the component.
    pub mod capabilities {
        wit_bindgen::generate!({ path: "wit", world: "capabilities" });
    }
    /// The hook `text-renderer`.
    pub mod text_renderer {
        wit_bindgen::generate!({
            path: "wit",
            world: "hook-text-renderer",
            pub_export_macro: true,
            export_macro_name: "export_text_renderer",
            default_bindings_module: "pappus_plugin_sdk::bindings::text_renderer",
        });
    }
}

/// `text` as HTML that shows it letter by letter.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    escape_into(&mut html, text);
    html
}

/// Appends [`escape`]d `text`.
pub fn escape_into(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            letter => html.push(letter),
        }
    }
}
