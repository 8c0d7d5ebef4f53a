//! Closing an account for good. Everything that the member published goes, here and on other pods; the name
//! stays taken. The private key stays, sealed: whoever writes to the closed account is answered with its last
//! word, and only the key tells who that is.
use super::password;
use crate::{
    Error, Invalid, Pod, Result,
    access::{Admin, Owner},
    db::{self, Conn, Sql, Tx},
    id::{PersonId, Timestamp, UserId},
    outbox::{self, Outgoing},
    person, plugin, sql,
};
use pappus_federation::entity::AccountDeletion;

/// The member closes their own account.
pub async fn close(pod: &Pod, who: Owner, password: &str) -> Result<()> {
    password::require(pod, who.user(), password, "current_password").await?;
    end(pod, who.user(), who.person()).await
}

/// The operator closes the account of that name.
pub async fn close_as_operator(pod: &Pod, _who: Admin, username: &str) -> Result<()> {
    let username = username.trim().to_lowercase();
    let found = find_account(&mut pod.db.read().await?, &username).await?;
    let (user, person) = found.ok_or(Error::NotFound)?;
    end(pod, user, person).await
}

async fn end(pod: &Pod, user: UserId, person: PersonId) -> Result<()> {
    let now = pod.clock.now();
    let hash = password::nobodys(pod).await?;
    let mut tx = pod.db.begin_durable().await?;
    if is_only_admin(&mut tx, user).await? {
        return Err(Invalid::new("current_password", "only-admin").into());
    }
    let id = person::store::find(&mut tx, person).await?.ok_or(Error::NotFound)?.diaspora_id;
    let farewell = AccountDeletion { author: id.parse().map_err(Error::internal)? };
    if insert_farewell(&mut tx, user, "account_deletion", &farewell.to_xml(), now).await? == 0 {
        return Err(Error::Conflict("closed"));
    }
    let recipients = everybody_who_has_something_of(&mut tx, user).await?;
    outbox::enqueue(&mut tx, &Outgoing::Farewell { user, recipients }, now).await?;
    person::close(&mut tx, person, now).await?;
    empty(&mut tx, user, now).await?;
    lock_for_good(&mut tx, user, &hash, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    tracing::info!(person.id = %person, "{id} closed their account");
    Ok(())
}

/// What belongs to the account and not to the person.
pub(crate) async fn empty(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<()> {
    plugin::data::erase(tx, user).await?;
    plugin::account_data::tell_closed(tx, user, now).await?;
    for statement in OF_AN_ACCOUNT {
        tx.query(*statement).bind(user).run().await?;
    }
    Ok(())
}

async fn find_account(conn: &mut Conn, username: &str) -> db::Result<Option<(UserId, PersonId)>> {
    conn.query(sql!("SELECT id, person_id FROM users WHERE username = $1")).bind(username).optional().await
}

async fn is_only_admin(conn: &mut Conn, user: UserId) -> db::Result<bool> {
    let is: Option<UserId> = conn
        .query(sql!(
            "SELECT u.id FROM users u WHERE u.id = $1 AND u.role = 'admin'
               AND NOT EXISTS (SELECT 1 FROM users o WHERE o.role = 'admin' AND o.id <> u.id)"
        ))
        .bind(user)
        .scalar()
        .await?;
    Ok(is.is_some())
}

/// 0 when there is one already.
pub(crate) async fn insert_farewell(
    tx: &mut Tx,
    user: UserId,
    entity: &str,
    xml: &str,
    now: Timestamp,
) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO farewells (user_id, entity, xml, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    ))
    .bind(user)
    .bind(entity)
    .bind(xml)
    .bind(now)
    .run()
    .await
}

/// Remote people who are contacts in either direction, passed a post on, were sent one or asked to be, wrote
/// what the member said something below, or talk with the member.
pub(crate) async fn everybody_who_has_something_of(
    conn: &mut Conn,
    user: UserId,
) -> db::Result<Vec<PersonId>> {
    conn.query(sql!(
        "SELECT p.id FROM people p WHERE p.remote_pod_id IS NOT NULL AND p.closed_at IS NULL AND p.id IN (
             SELECT c.person_id FROM contacts c WHERE c.user_id = $1
             UNION SELECT s.author_id FROM posts s JOIN posts o ON o.id = s.root_id
                   JOIN users u ON u.person_id = o.author_id WHERE u.id = $1
             UNION SELECT t.author_id FROM participations t JOIN posts o ON o.id = t.post_id
                   JOIN users u ON u.person_id = o.author_id WHERE u.id = $1
             UNION SELECT o.author_id FROM comments x JOIN posts o ON o.id = x.post_id
                   JOIN users u ON u.person_id = x.author_id WHERE u.id = $1
             UNION SELECT o.author_id FROM likes x JOIN posts o ON o.id = x.post_id
                   JOIN users u ON u.person_id = x.author_id WHERE u.id = $1
             UNION SELECT o.author_id FROM comment_likes x JOIN comments c ON c.id = x.comment_id
                   JOIN posts o ON o.id = c.post_id JOIN users u ON u.person_id = x.author_id WHERE u.id = $1
             UNION SELECT o.author_id FROM attachment_answers x JOIN attachments h ON h.id = x.attachment_id
                   JOIN posts o ON o.id = h.post_id JOIN users u ON u.person_id = x.author_id WHERE u.id = $1
             UNION SELECT n.person_id FROM conversation_participants n
                   JOIN conversation_visibilities v ON v.conversation_id = n.conversation_id WHERE v.user_id = $1
             UNION SELECT a.person_id FROM post_audience a JOIN posts o ON o.id = a.post_id
                   JOIN users u ON u.person_id = o.author_id WHERE u.id = $1)
         ORDER BY p.id"
    ))
    .bind(user)
    .scalars()
    .await
}

/// What goes with an account; `$1` is the account.
const OF_AN_ACCOUNT: &[Sql] = &[
    sql!("DELETE FROM sessions WHERE user_id = $1"),
    sql!("DELETE FROM recovery_codes WHERE user_id = $1"),
    sql!("DELETE FROM contacts WHERE user_id = $1"),
    sql!("DELETE FROM aspects WHERE user_id = $1"),
    sql!("DELETE FROM tag_followings WHERE user_id = $1"),
    sql!("DELETE FROM blocks WHERE user_id = $1"),
    sql!("DELETE FROM blocked_by WHERE user_id = $1"),
    sql!("DELETE FROM notifications WHERE user_id = $1"),
    sql!("DELETE FROM home_entries WHERE user_id = $1"),
    sql!("DELETE FROM share_visibilities WHERE user_id = $1"),
];

/// The row stays, so that the name does; nobody signs in with it again.
async fn lock_for_good(tx: &mut Tx, user: UserId, hash: &str, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE users SET locked_at = $3, password_hash = $2, email = 'closed-' || CAST(id AS TEXT) || '@invalid',
                role = 'member', totp_secret = NULL, totp_since = NULL WHERE id = $1"
    ))
    .bind(user)
    .bind(hash)
    .bind(now)
    .run()
    .await
}
