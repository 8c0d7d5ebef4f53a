//! A poll on a page: a form for whoever may still vote, the results for everybody else.
use pappus_plugin_sdk::{Fragment, Post, template};
use serde::Serialize;

use crate::poll::Poll;

#[derive(Serialize)]
struct Shown<'a> {
    guid: &'a str,
    question: &'a str,
    can_vote: bool,
    total: u64,
    answers: Vec<ShownAnswer<'a>>,
}

#[derive(Serialize)]
struct ShownAnswer<'a> {
    guid: &'a str,
    text: &'a str,
    votes: u64,
    percent: u64,
    mine: bool,
}

pub fn show(signed_in: bool, post: &Post) -> Option<Fragment> {
    let poll = post.attachments.iter().find_map(|attachment| Poll::read(&attachment.data))?;
    let data = serde_json::to_string(&view(signed_in, &poll)).ok()?;
    Some(template("poll.html", data))
}

fn view(signed_in: bool, poll: &Poll) -> Shown<'_> {
    let total = poll.total();
    let mine = poll.answers.mine.as_deref();
    let answers = poll.offered.iter().map(|answer| {
        let votes = poll.votes(&answer.guid);
        ShownAnswer {
            guid: &answer.guid,
            text: &answer.answer,
            votes,
            percent: (votes * 100 + total / 2).checked_div(total).unwrap_or(0),
            mine: mine == Some(answer.guid.as_str()),
        }
    });
    Shown {
        guid: &poll.guid,
        question: &poll.question,
        can_vote: signed_in && mine.is_none(),
        total,
        answers: answers.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: &str = r#"{"guid": "p", "question": "Which?",
        "poll_answer": [{"guid": "a", "answer": "This"}, {"guid": "b", "answer": "That"}],
        "answers": {"counts": {"a": 2, "b": 1, "never-offered": 7}, "mine": null}}"#;

    #[test]
    fn only_what_was_offered_counts() {
        let poll = Poll::read(POLL).unwrap();
        let shown = view(false, &poll);
        assert_eq!((shown.total, shown.can_vote), (3, false));
        let percents: Vec<u64> = shown.answers.iter().map(|answer| answer.percent).collect();
        assert_eq!(percents, [67, 33]);
    }

    #[test]
    fn whoever_has_voted_sees_the_results() {
        let poll = Poll::read(&POLL.replace("null", "\"b\"")).unwrap();
        assert!(view(true, &Poll::read(POLL).unwrap()).can_vote);
        let shown = view(true, &poll);
        assert!(!shown.can_vote && shown.answers[1].mine && !shown.answers[0].mine);
    }

    #[test]
    fn nobody_has_voted_yet() {
        let poll = Poll::read(&POLL.replace(r#""a": 2, "b": 1,"#, "")).unwrap();
        assert!(view(false, &poll).answers.iter().all(|answer| answer.percent == 0));
    }
}
