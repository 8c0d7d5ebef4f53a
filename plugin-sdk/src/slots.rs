//! The hook `ui-slots`: places on pages.
use crate::{CallContext, Failure, Fragment, Post};

pub use crate::bindings::ui_slots::exports::pappus::plugin::ui_slots::{Place, Subject};

/// Fills places of pages. One call carries all places of one page.
pub trait Slots {
    /// What stands in this place; none leaves it empty.
    fn fill(context: &CallContext, place: &Place) -> Result<Option<Fragment>, Failure>;
}

impl Place {
    /// The post that the place is about, if it is about one.
    #[must_use]
    pub fn post(&self) -> Option<&Post> {
        match &self.subject {
            Subject::Post(post) => Some(post),
            _ => None,
        }
    }
}

/// Offers the hook `ui-slots` with a type that implements [`Slots`].
#[macro_export]
macro_rules! slots {
    ($filler:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use bindings::exports::pappus::plugin::ui_slots::{Guest, Place};
            use $crate::bindings::ui_slots as bindings;

            struct Component;

            impl Guest for Component {
                fn fill(
                    context: $crate::CallContext,
                    places: Vec<Place>,
                ) -> Result<Vec<Option<$crate::Fragment>>, $crate::Failure> {
                    places.iter().map(|place| <$filler as $crate::Slots>::fill(&context, place)).collect()
                }
            }

    bindings::export_ui_slots!(Component with_types_in bindings);
        };
    };
}
