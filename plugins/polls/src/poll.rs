//! A poll as it hangs on a post: the element of the protocol as JSON, and how people answered.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    pub guid: String,
    pub question: String,
    #[serde(rename = "poll_answer")]
    pub offered: Vec<Answer>,
    /// Only in what the pod hands over.
    #[serde(default, skip_serializing)]
    pub answers: Answers,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub guid: String,
    #[serde(default)]
    pub answer: String,
}

/// How people answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Answers {
    /// How often each answer was chosen, by its guid.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// What the viewer chose.
    #[serde(default)]
    pub mine: Option<String>,
}

impl Poll {
    pub fn read(data: &str) -> Option<Self> {
        serde_json::from_str(data).ok()
    }

    pub fn offers(&self, answer: &str) -> bool {
        self.offered.iter().any(|offered| offered.guid == answer)
    }

    /// Votes for this answer.
    pub fn votes(&self, answer: &str) -> u64 {
        self.answers.counts.get(answer).copied().unwrap_or(0)
    }

    /// Votes for what the poll offers; others were never offered.
    pub fn total(&self) -> u64 {
        self.offered.iter().map(|answer| self.votes(&answer.guid)).sum()
    }
}
