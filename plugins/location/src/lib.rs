//! Location: where a post was written. The place hangs on the post, in the pod's own storage; this only makes it of
//! the composer's fields, and shows it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod compose;
mod degrees;
mod place;
mod show;

use pappus_plugin_sdk::{CallContext, Composed, Composer, Failure, Fragment, Pair, Place, Slots};

/// All hooks of the plugin.
pub struct Location;

impl Composer for Location {
    fn compose(_: &CallContext, _: &str, form: &[Pair]) -> Result<Composed, Failure> {
        Ok(compose::compose(form))
    }
}

impl Slots for Location {
    fn fill(_: &CallContext, place: &Place) -> Result<Option<Fragment>, Failure> {
        Ok(place.post().and_then(show::show))
    }
}

pappus_plugin_sdk::composer!(Location);
pappus_plugin_sdk::slots!(Location);
