//! Conversations of which somebody who moved in here gets only what is written after the move. No archive holds
//! conversations, and the protocol knows no question for one: its author sends it again, or nobody does. Until
//! then it stands here without a subject, with those who wrote in it, as far as the member knows them.
use super::{
    receive::{self, NewConversation, NewMessage},
    store,
};
use crate::{
    contact,
    db::{self, Conn, Tx},
    id::{ConversationId, PersonId, Timestamp, UserId},
    sql,
};
use std::collections::BTreeSet;

/// A message in a conversation that is not here, to a member who moved in: whether it begins a fragment. Its
/// author must be somebody who could have begun a conversation with the member.
pub(super) async fn begin(
    tx: &mut Tx,
    new: &NewMessage,
    recipient: UserId,
    now: Timestamp,
) -> db::Result<bool> {
    let Some(member) = moved_in(tx, recipient).await? else { return Ok(false) };
    if contact::store::find(tx, recipient, new.author).await?.is_none() {
        return Ok(false);
    }
    let created_at = new.created_at.min(now);
    let begun = store::insert(tx, &new.conversation, "", new.author, created_at).await?;
    let Some(id) = begun else { return Ok(false) };
    add(tx, id, new.author).await?;
    add(tx, id, member).await?;
    store::show_to(tx, id, recipient, now).await?;
    receive::store_message(tx, id, new, now).await
}

/// Somebody else writes in it: whether they may. Who is in it is not known, but whoever knows its name is.
pub(super) async fn join(
    tx: &mut Tx,
    id: ConversationId,
    author: PersonId,
    recipient: UserId,
) -> db::Result<bool> {
    if contact::store::find(tx, recipient, author).await?.is_none() {
        return Ok(false);
    }
    add(tx, id, author).await?;
    Ok(true)
}

/// The conversation itself came: whether it is the one that this is a fragment of, as it names everybody who
/// wrote in it. Then who is in it is what it says.
pub(super) async fn complete(
    tx: &mut Tx,
    id: ConversationId,
    new: &NewConversation,
    created_at: Timestamp,
) -> db::Result<bool> {
    let named: BTreeSet<PersonId> = new.participants.iter().filter_map(|(_, person)| *person).collect();
    if !members(tx, id).await?.iter().all(|person| named.contains(person)) {
        return Ok(false);
    }
    tx.query(sql!("UPDATE conversations SET subject = $2, author_id = $3, created_at = $4 WHERE id = $1"))
        .bind(id)
        .bind(&new.subject)
        .bind(new.author)
        .bind(created_at)
        .run()
        .await?;
    tx.query(sql!("DELETE FROM conversation_participants WHERE conversation_id = $1")).bind(id).run().await?;
    store::insert_participants(tx, id, &new.participants).await?;
    Ok(true)
}

/// The identity of a member who moved in.
async fn moved_in(conn: &mut Conn, user: UserId) -> db::Result<Option<PersonId>> {
    conn.query(sql!(
        "SELECT u.person_id FROM users u JOIN archive_imports i ON i.user_id = u.id
         WHERE u.id = $1 AND i.finished_at IS NOT NULL"
    ))
    .bind(user)
    .scalar()
    .await
}

async fn members(conn: &mut Conn, id: ConversationId) -> db::Result<Vec<PersonId>> {
    conn.query(sql!(
        "SELECT person_id FROM conversation_participants WHERE conversation_id = $1 AND person_id IS NOT NULL"
    ))
    .bind(id)
    .scalars()
    .await
}

/// Behind those who are in it.
async fn add(tx: &mut Tx, id: ConversationId, person: PersonId) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO conversation_participants (conversation_id, diaspora_id, person_id, position)
         SELECT CAST($1 AS BIGINT), p.diaspora_id, p.id,
                (SELECT COUNT(*) FROM conversation_participants o WHERE o.conversation_id = $1)
         FROM people p WHERE p.id = $2 ON CONFLICT DO NOTHING"
    ))
    .bind(id)
    .bind(person)
    .run()
    .await
}
