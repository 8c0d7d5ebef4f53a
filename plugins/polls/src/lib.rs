//! Polls: a question with answers below a post. Everything that is to be kept hangs on the post, in the pod's own
//! storage; this only makes it, shows it, and hands on a vote.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests"))]

mod compose;
mod poll;
mod show;
mod vote;

use pappus_plugin_sdk::{
    Acted, Actions, CallContext, Composed, Composer, Failure, Fragment, Pair, Place, Request, Slots,
};

/// All hooks of the plugin.
pub struct Polls;

impl Composer for Polls {
    fn compose(_: &CallContext, _: &str, form: &[Pair]) -> Result<Composed, Failure> {
        Ok(compose::compose(form))
    }
}

impl Slots for Polls {
    fn fill(context: &CallContext, place: &Place) -> Result<Option<Fragment>, Failure> {
        Ok(place.post().and_then(|post| show::show(context.viewer.is_some(), post)))
    }
}

impl Actions for Polls {
    fn act(context: &CallContext, request: &Request) -> Result<Acted, Failure> {
        vote::vote(context, request)
    }
}

pappus_plugin_sdk::composer!(Polls);
pappus_plugin_sdk::slots!(Polls);
pappus_plugin_sdk::actions!(Polls);
