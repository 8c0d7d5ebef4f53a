//! One conversation with its messages, for somebody who is in it. To everybody else it does not exist.
use super::{State, store};
use crate::{
    Error, Pod, Result,
    access::Owner,
    id::{ConversationId, MessageId, Timestamp},
    person::Person,
    stream::Cursor,
    text::{self, Text, TextOf},
};

/// How many messages are on a page of a conversation.
pub const MESSAGES: i64 = 50;

/// A message as the member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageItem {
    /// The row.
    pub id: MessageId,
    /// The name across pods.
    pub guid: String,
    /// Who wrote it.
    pub author: Person,
    /// As it was written.
    pub text: String,
    /// Rendered and safe.
    pub html: String,
    /// As its author says.
    pub created_at: Timestamp,
    /// The member wrote it.
    pub mine: bool,
    /// The member had not seen it before.
    pub new: bool,
}

/// A conversation with a page of its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The row.
    pub id: ConversationId,
    /// The name across pods.
    pub guid: String,
    /// What it is about.
    pub subject: String,
    /// Who began it.
    pub author: Person,
    /// Everybody in it who is known here, the author first.
    pub people: Vec<Person>,
    /// diaspora* IDs of those whose pod has not answered yet.
    pub unknown: Vec<String>,
    /// Oldest first.
    pub messages: Vec<MessageItem>,
    /// Where the page with earlier messages begins.
    pub earlier: Option<Cursor>,
    /// Messages that the member has not seen.
    pub unread: i64,
    /// How it stands with the member.
    pub state: State,
    /// When it began.
    pub created_at: Timestamp,
    /// When the last message came that was announced.
    pub updated_at: Timestamp,
}

/// The row of the conversation that `key` (a guid, or the number of its row) names.
pub async fn find(pod: &Pod, who: Owner, key: &str) -> Result<ConversationId> {
    let found = store::find_visible(&mut pod.db.read().await?, who.user(), key).await?;
    found.map(|row| row.id).ok_or(Error::NotFound)
}

/// A page of the conversation that `key` names: the newest messages, or those before `before`.
pub async fn show(pod: &Pod, who: Owner, key: &str, before: Option<Cursor>) -> Result<Thread> {
    let renderer_key = text::renderer_key(pod);
    let mut conn = pod.db.read().await?;
    let row = store::find_visible(&mut conn, who.user(), key).await?.ok_or(Error::NotFound)?;
    let people = store::people(&mut conn, &[row.id]).await?;
    let unknown = store::unknown(&mut conn, row.id).await?;
    let slice = store::Slice {
        key: &renderer_key,
        before: before.unwrap_or_default(),
        // one more than shown tells whether there are earlier ones
        limit: MESSAGES + 1,
    };
    let mut rows = store::messages(&mut conn, who.user(), row.id, slice).await?;
    drop(conn);
    let more = rows.len() > usize::try_from(MESSAGES).unwrap_or(usize::MAX);
    if more {
        rows.pop();
    }
    let earlier = rows.last().filter(|_| more).map(|row| Cursor::at(row.created_at, row.id.0));
    rows.reverse();
    Ok(Thread {
        messages: items(pod, who, rows, row.unread).await?,
        id: row.id,
        guid: row.guid,
        subject: row.subject,
        author: row.author,
        people: people.into_iter().map(|one| one.person).collect(),
        unknown,
        earlier,
        unread: row.unread,
        state: store::state(row.muted, row.hidden),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Rows to what is shown. The last `unread` messages of others that came are the new ones.
async fn items(pod: &Pod, who: Owner, rows: Vec<store::MessageRow>, unread: i64) -> Result<Vec<MessageItem>> {
    let texts = rows.iter().map(|row| Text {
        of: TextOf::Message(row.id),
        text: row.text.clone(),
        limited: true,
        cached: row.cached.clone(),
    });
    let html = text::render(pod, texts.collect()).await?;
    let mut came: Vec<MessageId> =
        rows.iter().filter(|row| row.author.id != who.person()).map(|row| row.id).collect();
    came.sort_unstable_by(|a, b| b.cmp(a));
    came.truncate(usize::try_from(unread).unwrap_or(0));
    let item = |(row, html): (store::MessageRow, String)| MessageItem {
        id: row.id,
        guid: row.guid,
        mine: row.author.id == who.person(),
        new: came.contains(&row.id),
        author: row.author,
        text: row.text,
        html,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().zip(html).map(item).collect())
}
