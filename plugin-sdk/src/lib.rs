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

mod account_data;
mod actions;
pub mod clock;
mod composer;
pub mod federation_out;
pub mod jobs;
pub mod kv;
pub mod log;
pub mod notifications;
mod pages;
pub mod people;
pub mod random;
mod renderer;
pub mod settings;
mod slots;

pub use account_data::AccountData;
pub use actions::{Acted, Actions, Request};
pub use bindings::capabilities::pappus::plugin::types::{
    Attachment, Attr, CallContext, ErrorCode, Failure, FieldError, Fragment, Pair, Post, Profile, TemplateRef,
};
pub use composer::{Composed, Composer};
pub use jobs::JobRunner;
pub use pages::{PageRequest, Pages, Served, Verb, data, page};
pub use renderer::{Rendered, Renderer, Source};
pub use slots::{Place, Slots, Subject};

#[doc(hidden)]
#[allow(missing_docs, clippy::all, reason = "generated from wit/")]
pub mod bindings {
    /// What a plugin may ask of the pod. Functions that are not called do not end up in the component.
    pub mod capabilities {
        wit_bindgen::generate!({ path: "wit", world: "capabilities" });
    }
    macro_rules! hook {
        ($module:ident, $world:literal, $export:literal, $path:literal) => {
            /// A hook.
            pub mod $module {
                wit_bindgen::generate!({
                    path: "wit",
                    world: $world,
                    pub_export_macro: true,
                    export_macro_name: $export,
                    default_bindings_module: $path,
                    with: {
                        "pappus:plugin/types@0.1.0": crate::bindings::capabilities::pappus::plugin::types,
                    },
                });
            }
        };
    }
    hook!(ui_slots, "hook-ui-slots", "export_ui_slots", "pappus_plugin_sdk::bindings::ui_slots");
    hook!(composer, "hook-composer", "export_composer", "pappus_plugin_sdk::bindings::composer");
    hook!(
        account_data,
        "hook-account-data",
        "export_account_data",
        "pappus_plugin_sdk::bindings::account_data"
    );
    hook!(actions, "hook-actions", "export_actions", "pappus_plugin_sdk::bindings::actions");
    hook!(pages, "hook-pages", "export_pages", "pappus_plugin_sdk::bindings::pages");
    hook!(job_runner, "hook-job-runner", "export_job_runner", "pappus_plugin_sdk::bindings::job_runner");
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

/// A problem with one field of a form (`""` for the whole), as a key of the plugin's own sentences.
#[must_use]
pub fn problem(field: &str, message_key: &str) -> FieldError {
    FieldError { field: field.to_owned(), message_key: message_key.to_owned(), args: Vec::new() }
}

/// A template of the package with its data as JSON.
#[must_use]
pub fn template(name: &str, data: String) -> Fragment {
    Fragment::Template(TemplateRef { name: name.to_owned(), data })
}

/// The values of a form's fields with this name, in order.
pub fn values<'a>(form: &'a [Pair], name: &'a str) -> impl Iterator<Item = &'a str> {
    form.iter().filter(move |pair| pair.name == name).map(|pair| pair.value.as_str())
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
