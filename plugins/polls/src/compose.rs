//! From the fields of the composer to a poll.
use std::collections::BTreeSet;

use pappus_plugin_sdk::{Attachment, Composed, Pair, problem, random, values};

use crate::poll::{Answer, Answers, Poll};

/// A poll with one answer is a statement.
const FEWEST: usize = 2;

pub fn compose(form: &[Pair]) -> Composed {
    let question = values(form, "question").map(str::trim).find(|text| !text.is_empty());
    let answers: Vec<&str> = values(form, "answer").map(str::trim).filter(|text| !text.is_empty()).collect();
    let different: BTreeSet<&str> = answers.iter().copied().collect();
    let mut problems = Vec::new();
    if question.is_none() {
        problems.push(problem("question", "question-missing"));
    }
    if answers.len() < FEWEST {
        problems.push(problem("answer", "answers-few"));
    } else if different.len() < answers.len() {
        problems.push(problem("answer", "answers-same"));
    }
    let Some(question) = question.filter(|_| problems.is_empty()) else { return Composed::Invalid(problems) };
    let answer = |text: &str| Answer { guid: random::guid(), answer: text.to_owned() };
    let poll = Poll {
        guid: random::guid(),
        question: question.to_owned(),
        offered: answers.into_iter().map(answer).collect(),
        answers: Answers::default(),
    };
    let data = serde_json::to_string(&poll).unwrap_or_default();
    Composed::Attach(Attachment { guid: poll.guid, kind: "poll".to_owned(), data })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Vec<Pair> {
        let pair =
            |(name, value): &(&str, &str)| Pair { name: (*name).to_owned(), value: (*value).to_owned() };
        fields.iter().map(pair).collect()
    }

    fn wrong(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        match compose(&form(fields)) {
            Composed::Invalid(problems) => problems.into_iter().map(|p| (p.field, p.message_key)).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn a_question_with_two_answers_is_a_poll() {
        let fields = [("question", " Which? "), ("answer", "This"), ("answer", " "), ("answer", "That")];
        let Composed::Attach(made) = compose(&form(&fields)) else { panic!("no poll") };
        let poll = Poll::read(&made.data).unwrap();
        assert_eq!((poll.question.as_str(), poll.offered.len()), ("Which?", 2));
        assert_eq!(poll.guid, made.guid);
        assert_ne!(poll.offered[0].guid, poll.offered[1].guid);
        assert!(!made.data.contains("\"answers\""), "{}", made.data);
    }

    #[test]
    fn what_is_missing_is_said_at_its_field() {
        let said = |field: &str, key: &str| (field.to_owned(), key.to_owned());
        assert_eq!(wrong(&[("answer", "a"), ("answer", "b")]), [said("question", "question-missing")]);
        assert_eq!(wrong(&[("question", "q"), ("answer", "a")]), [said("answer", "answers-few")]);
        assert_eq!(
            wrong(&[("question", "q"), ("answer", "a"), ("answer", "a ")]),
            [said("answer", "answers-same")]
        );
        assert_eq!(wrong(&[("question", " ")]).len(), 2);
    }
}
