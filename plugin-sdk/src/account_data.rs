//! The hook `account-data`: what a plugin keeps of a member where the pod cannot see whose it is.
use crate::{CallContext, Failure};

/// What the pod keeps for the plugin below a member's number it exports and erases itself; this hook is for what
/// stands elsewhere, such as entries of the pod that name members.
pub trait AccountData {
    /// As JSON, for the member's archive; `null` for nothing.
    fn export_user(context: &CallContext, user: u64) -> Result<String, Failure>;

    /// The account was closed: nothing of it may stay. It may be told twice.
    fn erase_user(context: &CallContext, user: u64) -> Result<(), Failure>;
}

/// Offers the hook `account-data` with a type that implements [`AccountData`].
#[macro_export]
macro_rules! account_data {
    ($keeper:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use bindings::exports::pappus::plugin::account_data::Guest;
            use $crate::bindings::account_data as bindings;

            struct Component;

            impl Guest for Component {
                fn export_user(context: $crate::CallContext, user: u64) -> Result<String, $crate::Failure> {
                    <$keeper as $crate::AccountData>::export_user(&context, user)
                }

                fn erase_user(context: $crate::CallContext, user: u64) -> Result<(), $crate::Failure> {
                    <$keeper as $crate::AccountData>::erase_user(&context, user)
                }
            }

    bindings::export_account_data!(Component with_types_in bindings);
        };
    };
}
