//! The hook `text-renderer`: raw text to HTML.

/// A text to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As its author wrote it.
    pub text: String,
    /// What it is written in, as a media type: `text/markdown`.
    pub format: String,
    /// One line without blocks.
    pub inline_only: bool,
}

/// What became of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The pod sanitises it before anyone sees it.
    pub html: String,
    /// The text without markup.
    pub plain: String,
    /// Addresses that it links to.
    pub links: Vec<String>,
    /// Addresses of its images.
    pub images: Vec<String>,
}

/// Makes HTML of texts. Must not depend on anything but the text: the pod keeps what it gives.
pub trait Renderer {
    /// Renders one text of a batch.
    fn render(source: &Source) -> Rendered;
}

/// Offers the hook `text-renderer` with a type that implements [`Renderer`].
#[macro_export]
macro_rules! renderer {
    ($renderer:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use bindings::exports::pappus::plugin::text_renderer::{Guest, Rendered, Source};
            use $crate::bindings::text_renderer as bindings;

            struct Component;

            impl Guest for Component {
                fn render(sources: Vec<Source>) -> Vec<Rendered> {
                    let render = |source: Source| {
                        let source = $crate::Source {
                            text: source.text,
                            format: source.format,
                            inline_only: source.inline_only,
                        };
                        let $crate::Rendered { html, plain, links, images } =
                            <$renderer as $crate::Renderer>::render(&source);
                        Rendered { html, plain, links, images }
                    };
                    sources.into_iter().map(render).collect()
                }
            }

    bindings::export_text_renderer!(Component with_types_in bindings);
        };
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn(&$crate::Source) -> $crate::Rendered = <$renderer as $crate::Renderer>::render;
    };
}
