//! The member's conversations, the one with the newest message first; and whom they may write to.
use super::{State, store};
use crate::{
    Pod, Result,
    access::Owner,
    id::{ContactId, ConversationId, PersonId, Timestamp},
    person::Person,
    stream::Cursor,
    text::plain,
};
use std::collections::HashMap;

/// How many are on a page.
pub const PAGE: i64 = 15;

/// Which conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Those that are open or muted.
    Inbox,
    /// Those that the member put away.
    Hidden,
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
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
    /// The beginning of the last message that the member sees.
    pub excerpt: Option<String>,
    /// Messages that the member has not seen.
    pub unread: i64,
    /// How it stands with the member.
    pub state: State,
    /// When it began.
    pub created_at: Timestamp,
    /// When the last message came that was announced.
    pub updated_at: Timestamp,
}

impl Summary {
    /// Where the next page begins when this is the last one of a page.
    pub fn cursor(&self) -> Cursor {
        Cursor::at(self.updated_at, self.id.0)
    }
}

/// A page of the member's conversations; a full one has a next page at the last one's cursor.
pub async fn list(pod: &Pod, who: Owner, set: Set, before: Option<Cursor>) -> Result<Vec<Summary>> {
    let mut conn = pod.db.read().await?;
    let rows =
        store::list(&mut conn, who.user(), set == Set::Hidden, before.unwrap_or_default(), PAGE).await?;
    let ids: Vec<ConversationId> = rows.iter().map(|row| row.id).collect();
    let mut people: HashMap<ConversationId, Vec<Person>> = HashMap::new();
    for one in store::people(&mut conn, &ids).await? {
        people.entry(one.conversation_id).or_default().push(one.person);
    }
    let summary = |row: store::ListRow| Summary {
        id: row.id,
        guid: row.guid,
        subject: row.subject,
        people: people.remove(&row.id).unwrap_or_default(),
        author: row.author,
        excerpt: row.last_text.map(|text| plain::title(&text)),
        unread: row.unread,
        state: store::state(row.muted, row.hidden),
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// How many messages the member has not seen, all conversations together.
pub async fn unread(pod: &Pod, who: Owner) -> Result<i64> {
    Ok(store::unread(&mut pod.db.read().await?, who.user()).await?)
}

/// The person of one of the member's contacts: old clients name recipients by that row.
pub async fn contact(pod: &Pod, who: Owner, id: ContactId) -> Result<Option<PersonId>> {
    Ok(store::contact(&mut pod.db.read().await?, who.user(), id).await?)
}

/// Whom the member may write to: everybody who shares with them and with whom they share, by name.
pub async fn mutual(pod: &Pod, who: Owner) -> Result<Vec<Person>> {
    Ok(store::mutual(&mut pod.db.read().await?, who.user()).await?)
}
