//! The hook `composer`: fields beside the text of a new post.
use crate::{CallContext, Failure, Pair};

pub use crate::bindings::composer::exports::pappus::plugin::composer::Composed;

/// Makes an attachment of what was typed into the fields of the manifest.
pub trait Composer {
    /// `contribution` is the id of the group of fields. Fields that were left empty are not in `form`, and a group of
    /// which nothing was filled in is not asked for.
    fn compose(context: &CallContext, contribution: &str, form: &[Pair]) -> Result<Composed, Failure>;
}

/// Offers the hook `composer` with a type that implements [`Composer`].
#[macro_export]
macro_rules! composer {
    ($composer:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use bindings::exports::pappus::plugin::composer::{Composed, Guest};
            use $crate::bindings::composer as bindings;

            struct Component;

            impl Guest for Component {
                fn compose(
                    context: $crate::CallContext,
                    contribution: String,
                    form: Vec<$crate::Pair>,
                ) -> Result<Composed, $crate::Failure> {
                    <$composer as $crate::Composer>::compose(&context, &contribution, &form)
                }
            }

    bindings::export_composer!(Component with_types_in bindings);
        };
    };
}
