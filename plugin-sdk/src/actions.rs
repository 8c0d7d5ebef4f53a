//! The hook `actions`: buttons and small forms in what a plugin puts on pages.
use crate::{CallContext, Failure};

pub use crate::bindings::actions::exports::pappus::plugin::actions::{
    ActionRequest as Request, ActionResponse as Acted,
};

/// Does what a form of the plugin asks for.
pub trait Actions {
    /// The member who acts is in `context`. They may read the post of the request's subject.
    fn act(context: &CallContext, request: &Request) -> Result<Acted, Failure>;
}

/// Offers the hook `actions` with a type that implements [`Actions`].
#[macro_export]
macro_rules! actions {
    ($actor:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use bindings::exports::pappus::plugin::actions::{ActionRequest, ActionResponse, Guest};
            use $crate::bindings::actions as bindings;

            struct Component;

            impl Guest for Component {
                fn act(
                    context: $crate::CallContext,
                    request: ActionRequest,
                ) -> Result<ActionResponse, $crate::Failure> {
                    <$actor as $crate::Actions>::act(&context, &request)
                }
            }

    bindings::export_actions!(Component with_types_in bindings);
        };
    };
}
