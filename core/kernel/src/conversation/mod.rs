//! Private conversations: a subject, people who are in it for ever, and messages that go from their author
//! straight to each of the others. Only who has a row in `conversation_visibilities` can read one; muting and
//! hiding are that row's own affair, and nobody else hears of them.
mod fragment;
mod list;
mod receive;
mod reply;
mod settle;
mod show;
mod start;
pub(crate) mod store;
mod view;

pub use list::{PAGE, Set, Summary, contact, list, mutual, unread};
pub use receive::{Arrival, NewConversation, NewMessage, receive, receive_message};
pub use reply::{Sent, reply};
pub use settle::{State, mark_read, set_state};
pub use show::{MESSAGES, MessageItem, Thread, find, show};
pub use start::{MOST_RECIPIENTS, Started, start};

use crate::{Invalid, post};

/// How long a subject may be, in characters.
pub const LONGEST_SUBJECT: usize = 255;

/// What a conversation is about: one line of 1 to 255 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Subject {
    type Error = Invalid;

    fn try_from(text: &str) -> Result<Self, Invalid> {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.chars().count() {
            0 => Err(Invalid::new("subject", "required")),
            1..=LONGEST_SUBJECT => Ok(Self(line)),
            _ => Err(Invalid::new("subject", "too-long")),
        }
    }
}

/// A text that may be a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageText(String);

impl TryFrom<String> for MessageText {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        post::valid(text.trim().to_owned()).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(Subject::try_from(" a\tlong \n trip ").unwrap().as_str(), "a long trip");
        assert_eq!(Subject::try_from(" \n"), Err(Invalid::new("subject", "required")));
        assert!(Subject::try_from("ä".repeat(255).as_str()).is_ok());
        assert_eq!(Subject::try_from("ä".repeat(256).as_str()), Err(Invalid::new("subject", "too-long")));
    }

    #[test]
    fn a_message_has_words() {
        assert_eq!(MessageText::try_from(" \n".to_owned()), Err(Invalid::new("text", "required")));
        assert_eq!(MessageText::try_from(" hello ".to_owned()), Ok(MessageText("hello".into())));
    }
}
