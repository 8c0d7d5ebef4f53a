//! A member votes.
use pappus_plugin_sdk::{Acted, CallContext, ErrorCode, Failure, Request, federation_out, problem, values};

use crate::poll::Poll;

pub fn vote(context: &CallContext, request: &Request) -> Result<Acted, Failure> {
    let refused = |key: &str| Ok(Acted::Invalid(vec![problem("", key)]));
    if request.action != "vote" {
        return Ok(Acted::Forbidden);
    }
    let Some(poll) = request.subject.as_ref().and_then(|subject| Poll::read(&subject.data)) else {
        return Ok(Acted::Forbidden);
    };
    let Some(answer) = values(&request.form, "answer").next() else { return refused("choose") };
    if !poll.offers(answer) {
        return refused("not-offered");
    }
    if poll.answers.mine.is_some() {
        return refused("voted");
    }
    match federation_out::answer(context, &poll.guid, "poll_participation", ("poll_answer_guid", answer)) {
        Ok(_) => Ok(Acted::Done),
        // the same member was faster in another window
        Err(failure) if failure.code == ErrorCode::Conflict => refused("voted"),
        // the author of the post ignores them, or the post is gone
        Err(failure) if matches!(failure.code, ErrorCode::Denied | ErrorCode::NotFound) => {
            Ok(Acted::Forbidden)
        }
        Err(failure) => Err(failure),
    }
}
