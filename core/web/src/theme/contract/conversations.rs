//! Private conversations: the list with one of them open, and a new one.
use serde::Serialize;

use super::{
    Form, Message, Page, SafeHtml,
    views::{PersonView, SAMPLE_NOW},
};

const HOUR: i64 = 3_600_000_000;

/// How a conversation stands with me. The others are never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TalkState {
    Open,
    /// What comes is kept, and not shown before it is open again.
    Muted,
    /// Muted, and not in the list.
    Hidden,
}

#[derive(Debug, Clone, Serialize)]
pub struct ConversationView {
    pub id: i64,
    pub guid: String,
    pub subject: String,
    /// `/conversations?conversation_id=…`
    pub url: String,
    /// Everybody in it but me.
    pub people: Vec<PersonView>,
    /// First words of the last message that I see, plain text.
    pub excerpt: Option<String>,
    pub unread: u64,
    pub state: TalkState,
    pub at: i64,
    /// The one being looked at.
    pub here: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct MessageView {
    pub id: i64,
    pub guid: String,
    pub author: PersonView,
    pub at: i64,
    pub html: SafeHtml,
    pub mine: bool,
    /// The first one that I had not seen.
    pub first_new: bool,
    /// The first one of its day.
    pub new_day: bool,
    /// By another author than the one before, or on another day.
    pub new_voice: bool,
}

/// An open conversation. Answering posts to `/conversations/<id>/messages`: `message[text]` (field `text`);
/// muting, hiding and opening again to `/conversations/<id>/visibility` (`_method=put`, `state`).
#[derive(Debug, Clone, Serialize)]
pub struct ThreadView {
    pub id: i64,
    pub subject: String,
    /// Everybody in it, me too.
    pub people: Vec<PersonView>,
    /// diaspora* IDs of people in it whose pods have not answered.
    pub unknown: Vec<String>,
    pub state: TalkState,
    /// Oldest first.
    pub messages: Vec<MessageView>,
    /// Where the messages before these are.
    pub earlier: Option<String>,
    pub form: Form,
}

/// `/conversations`, with `?set=hidden` those put away; with `?conversation_id=…` one of them is open.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationsPage {
    pub hidden: bool,
    pub conversations: Vec<ConversationView>,
    pub thread: Option<ThreadView>,
    pub older: Option<String>,
}

impl Page for ConversationsPage {
    const TEMPLATE: &'static str = "pages/conversations.html";

    fn title(&self) -> Message {
        match &self.thread {
            Some(thread) => Message::new("conversation-title").with("subject", thread.subject.clone()),
            None if self.hidden => Message::new("conversations-hidden-title"),
            None => Message::new("conversations-title"),
        }
    }

    fn samples() -> Vec<Self> {
        let empty = Self { hidden: false, conversations: vec![], thread: None, older: None };
        let conversations = ConversationView::samples();
        let list = Self {
            conversations: conversations.clone(),
            older: Some("/conversations?before=1-1".into()),
            ..empty.clone()
        };
        let hidden = |conversations| Self { hidden: true, conversations, thread: None, older: None };
        let threads = ThreadView::samples().into_iter().map(|thread| Self {
            conversations: ConversationView::samples(),
            thread: Some(thread),
            ..empty.clone()
        });
        let put_away = conversations.into_iter().filter(|one| one.state == TalkState::Hidden).collect();
        let plain = [empty.clone(), list, hidden(put_away), hidden(vec![])];
        plain.into_iter().chain(threads).collect()
    }
}

/// Somebody whom I may write to.
#[derive(Debug, Clone, Serialize)]
pub struct RecipientView {
    /// What the form sends in `person_ids[]`.
    pub id: i64,
    pub person: PersonView,
    pub chosen: bool,
}

/// `/conversations/new`. Posts to `/conversations`: `person_ids[]`, `conversation[subject]`,
/// `conversation[text]`. In `form` the fields are `recipients`, `subject`, `text`.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationNewPage {
    pub recipients: Vec<RecipientView>,
    pub form: Form,
}

impl Page for ConversationNewPage {
    const TEMPLATE: &'static str = "pages/conversation_new.html";

    fn title(&self) -> Message {
        Message::new("conversation-new-title")
    }

    fn samples() -> Vec<Self> {
        let people = [
            ("Alia Okafor", "alia@garden.example"),
            ("Jun Park", "jun@meadow.example"),
            ("Longname Longname Longname Longname", "someone@a-very-long-host-name.example.org"),
        ];
        let recipients: Vec<RecipientView> = people
            .into_iter()
            .zip(1..)
            .map(|((name, handle), id)| RecipientView {
                id,
                person: PersonView::sample(name, handle),
                chosen: id == 2,
            })
            .collect();
        let refused = Form::default()
            .value("subject", "Trip <b>")
            .value("text", "x".repeat(30))
            .error("recipients", "not-mutual")
            .error("subject", "too-long")
            .error("text", "too-long");
        vec![
            Self { recipients: vec![], form: Form::default() },
            Self { recipients: recipients.clone(), form: Form::default() },
            Self { recipients, form: refused },
        ]
    }
}

impl ConversationView {
    /// Open, muted and hidden; read and unread; with one and with many.
    pub fn samples() -> Vec<Self> {
        let alia = PersonView::sample("Alia Okafor", "alia@garden.example");
        let jun = PersonView::sample("Jun Park", "jun@meadow.example");
        let crowd: Vec<PersonView> = (0..5)
            .map(|at| PersonView::sample(&format!("Guest {at}"), &format!("g{at}@elsewhere.example")))
            .collect();
        let sample = |id: i64, subject: &str, people: Vec<PersonView>, unread, state| Self {
            id,
            guid: format!("{id:0>32}"),
            subject: subject.into(),
            url: format!("/conversations?conversation_id={id}"),
            people,
            excerpt: Some("The 6:40 train, if <nobody> minds getting up that early.".into()),
            unread,
            state,
            at: SAMPLE_NOW - id * id * 7 * HOUR,
            here: id == 1,
        };
        vec![
            sample(1, "Trip to the sea", vec![alia.clone(), jun], 3, TalkState::Open),
            Self { excerpt: None, ..sample(2, "Seeds", vec![alia.clone()], 0, TalkState::Open) },
            sample(3, &"Longword".repeat(20), crowd, 0, TalkState::Muted),
            sample(4, "Old plans", vec![alia], 0, TalkState::Hidden),
        ]
    }
}

impl ThreadView {
    /// Open with news, muted, hidden, and with an answer that was refused.
    pub fn samples() -> Vec<Self> {
        let alia = PersonView::sample("Alia Okafor", "alia@garden.example");
        let robin = PersonView::sample("Robin", "robin@meadow.example");
        let message = |id: i64, author: &PersonView, hours: i64, html: &str| MessageView {
            id,
            guid: format!("{id:0>32}"),
            author: author.clone(),
            at: SAMPLE_NOW - hours * HOUR,
            html: SafeHtml::sanitised(html),
            mine: author.name == "Robin",
            first_new: id == 4,
            new_day: matches!(id, 1 | 3),
            new_voice: id != 4,
        };
        let messages = vec![
            message(1, &alia, 30, "<p>When do we leave?</p>"),
            message(2, &robin, 29, "<p>The <strong>6:40</strong> train, if nobody minds.</p>"),
            message(3, &alia, 2, &format!("<p>{}</p>", "Dandelion".repeat(30))),
            message(4, &alia, 1, "<ul><li>tent</li><li>kettle</li></ul>"),
        ];
        let open = Self {
            id: 1,
            subject: "Trip to the sea".into(),
            people: vec![alia, robin],
            unknown: vec![],
            state: TalkState::Open,
            messages,
            earlier: Some("/conversations?conversation_id=1&before=1-1".into()),
            form: Form::default(),
        };
        let refused = Form::default().value("text", "").error("text", "required");
        vec![
            open.clone(),
            Self { state: TalkState::Muted, unknown: vec!["far@asleep.example".into()], ..open.clone() },
            Self { state: TalkState::Hidden, messages: vec![], earlier: None, ..open.clone() },
            Self { subject: "Longword".repeat(20), form: refused, ..open },
        ]
    }
}
