//! The hook `pages`: pages of a plugin's own, below `/p/<slug>/`.
use crate::{CallContext, Failure, Fragment};

pub use crate::bindings::pages::exports::pappus::plugin::pages::{
    DataResponse, Page, PageRequest, PageResponse as Served, Verb,
};

/// Shows pages of its own.
pub trait Pages {
    /// What stands at the request's route. A `Verb::Get` is somebody looking: nothing may change then.
    fn serve(context: &CallContext, request: &PageRequest) -> Result<Served, Failure>;
}

/// A page whose title is this sentence of the plugin.
#[must_use]
pub fn page(title_key: &str, body: Fragment) -> Served {
    Served::Page(Page { title_key: title_key.to_owned(), title_text: None, body })
}

/// A file to save: JSON, CSV, a calendar or plain text, at most 1 MiB, kept by the browser for so many seconds.
#[must_use]
pub fn data(content_type: &str, body: Vec<u8>, max_age_s: u32) -> Served {
    Served::Data(DataResponse { content_type: content_type.to_owned(), body, max_age_s })
}

/// Offers the hook `pages` with a type that implements [`Pages`].
#[macro_export]
macro_rules! pages {
    ($server:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use bindings::exports::pappus::plugin::pages::{Guest, PageRequest, PageResponse};
            use $crate::bindings::pages as bindings;

            struct Component;

            impl Guest for Component {
                fn serve(
                    context: $crate::CallContext,
                    request: PageRequest,
                ) -> Result<PageResponse, $crate::Failure> {
                    <$server as $crate::Pages>::serve(&context, &request)
                }
            }

    bindings::export_pages!(Component with_types_in bindings);
        };
    };
}
