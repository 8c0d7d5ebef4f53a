//! Everything that names the old person names the new one from now on. What stays is said in
//! [`REFERENCES`]; a test compares it with the schema, so that no table is forgotten.
use crate::{
    Result,
    account::close,
    db::{Sql, Tx},
    id::{PersonId, Timestamp, UserId},
    sql,
};

/// Every column that names a person, and whether a move changes it.
///
/// A block holds for both identities. An audience is frozen: the old name stays in it, and the new one, which
/// is the same human by the word of both keys, reads on. Whoever else could read still can, and nobody new.
/// In a conversation the new identity takes the old one's place.
pub const REFERENCES: &[(&str, bool)] = &[
    ("archive_import_items.person_id", false),
    ("archive_imports.old_person_id", false),
    ("attachment_answers.author_id", true),
    ("blocked_by.person_id", false),
    ("blocks.person_id", false),
    ("comment_likes.author_id", true),
    ("comments.author_id", true),
    ("contacts.person_id", true),
    ("conversation_participants.person_id", true),
    ("conversations.author_id", true),
    ("early_retractions.sender_id", true),
    ("key_changes.person_id", false),
    ("likes.author_id", true),
    ("media.owner_id", false),
    ("mentions.person_id", true),
    ("messages.author_id", true),
    ("notification_actors.person_id", true),
    ("notifications.person_id", true),
    ("participations.author_id", true),
    ("payloads.sender_id", false),
    ("people.moved_to_id", true),
    ("photos.author_id", true),
    ("post_audience.person_id", false),
    ("posts.author_id", true),
    ("profiles.person_id", false),
    ("raw_entities.author_id", true),
    ("rendered_bios.person_id", false),
    ("tombstones.author_id", true),
    ("users.person_id", false),
];

/// In order; `$1` is the old person, `$2` the new one.
const STATEMENTS: &[Sql] = &[
    // contacts: two rows of one member become one, with the aspects of both
    sql!(
        "UPDATE contacts SET
            sharing = sharing OR (SELECT o.sharing FROM contacts o WHERE o.user_id = contacts.user_id AND o.person_id = $1),
            receiving = receiving OR (SELECT o.receiving FROM contacts o WHERE o.user_id = contacts.user_id AND o.person_id = $1)
         WHERE person_id = $2
           AND EXISTS (SELECT 1 FROM contacts o WHERE o.user_id = contacts.user_id AND o.person_id = $1)"
    ),
    sql!(
        "INSERT INTO aspect_memberships (aspect_id, contact_id)
         SELECT m.aspect_id, n.id FROM aspect_memberships m JOIN contacts o ON o.id = m.contact_id
         JOIN contacts n ON n.user_id = o.user_id AND n.person_id = $2 WHERE o.person_id = $1
         ON CONFLICT DO NOTHING"
    ),
    sql!(
        "DELETE FROM contacts WHERE person_id = $1
           AND EXISTS (SELECT 1 FROM contacts n WHERE n.user_id = contacts.user_id AND n.person_id = $2)"
    ),
    sql!("UPDATE contacts SET person_id = $2 WHERE person_id = $1"),
    // nobody is a contact of themselves
    sql!(
        "DELETE FROM contacts WHERE person_id = $2 AND $2 <> CAST($1 AS BIGINT)
           AND user_id IN (SELECT u.id FROM users u WHERE u.person_id = $2)"
    ),
    // whoever is ignored stays so, under either name
    sql!(
        "INSERT INTO blocks (user_id, person_id, created_at)
         SELECT b.user_id, CAST($2 AS BIGINT), b.created_at FROM blocks b JOIN users u ON u.id = b.user_id
         WHERE b.person_id = $1 AND u.person_id <> $2 ON CONFLICT DO NOTHING"
    ),
    // who blocks somebody goes on doing so; of whom they block, a pod like this one keeps its own list
    sql!(
        "INSERT INTO blocked_by (user_id, person_id, created_at)
         SELECT b.user_id, n.id, b.created_at FROM blocked_by b JOIN people n ON n.id = $2
         WHERE b.person_id = $1 AND n.remote_pod_id IS NOT NULL ON CONFLICT DO NOTHING"
    ),
    sql!(
        "DELETE FROM contacts WHERE person_id = $2 AND $2 <> CAST($1 AS BIGINT)
           AND EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = contacts.user_id AND b.person_id = $2)"
    ),
    // what was signed by the old author for whoever asks for the thread
    sql!(
        "DELETE FROM comment_envelopes WHERE $2 <> CAST($1 AS BIGINT) AND comment_id IN (
           SELECT c.id FROM comments c JOIN posts p ON p.id = c.post_id WHERE p.author_id = $1)"
    ),
    sql!(
        "DELETE FROM like_envelopes WHERE $2 <> CAST($1 AS BIGINT) AND like_id IN (
           SELECT l.id FROM likes l JOIN posts p ON p.id = l.post_id WHERE p.author_id = $1)"
    ),
    sql!(
        "DELETE FROM comment_like_envelopes WHERE $2 <> CAST($1 AS BIGINT) AND comment_like_id IN (
           SELECT l.id FROM comment_likes l JOIN comments c ON c.id = l.comment_id
           JOIN posts p ON p.id = c.post_id WHERE p.author_id = $1)"
    ),
    // what they wrote; one post is passed on once
    sql!(
        "UPDATE posts SET reshares_count = reshares_count - 1
         WHERE id IN (SELECT o.root_id FROM posts o JOIN posts n ON n.root_id = o.root_id AND n.author_id = $2
                      WHERE o.author_id = $1)"
    ),
    sql!(
        "DELETE FROM posts WHERE author_id = $1
           AND EXISTS (SELECT 1 FROM posts n WHERE n.root_id = posts.root_id AND n.author_id = $2)"
    ),
    sql!(
        "UPDATE posts SET author_id = $2, local = (SELECT n.remote_pod_id IS NULL FROM people n WHERE n.id = $2)
         WHERE author_id = $1"
    ),
    sql!("UPDATE photos SET author_id = $2 WHERE author_id = $1"),
    sql!("UPDATE comments SET author_id = $2 WHERE author_id = $1"),
    sql!(
        "DELETE FROM raw_entities WHERE author_id = $1 AND EXISTS (SELECT 1 FROM raw_entities n
           WHERE n.kind = raw_entities.kind AND n.target_guid = raw_entities.target_guid AND n.author_id = $2)"
    ),
    sql!("UPDATE raw_entities SET author_id = $2 WHERE author_id = $1"),
    sql!(
        "UPDATE posts SET likes_count = likes_count - 1
         WHERE id IN (SELECT o.post_id FROM likes o JOIN likes n ON n.post_id = o.post_id AND n.author_id = $2
                      WHERE o.author_id = $1)"
    ),
    sql!(
        "DELETE FROM likes WHERE author_id = $1
           AND EXISTS (SELECT 1 FROM likes n WHERE n.post_id = likes.post_id AND n.author_id = $2)"
    ),
    sql!("UPDATE likes SET author_id = $2 WHERE author_id = $1"),
    sql!(
        "UPDATE comments SET likes_count = likes_count - 1
         WHERE id IN (SELECT o.comment_id FROM comment_likes o
                      JOIN comment_likes n ON n.comment_id = o.comment_id AND n.author_id = $2
                      WHERE o.author_id = $1)"
    ),
    sql!(
        "DELETE FROM comment_likes WHERE author_id = $1 AND EXISTS (SELECT 1 FROM comment_likes n
           WHERE n.comment_id = comment_likes.comment_id AND n.author_id = $2)"
    ),
    sql!("UPDATE comment_likes SET author_id = $2 WHERE author_id = $1"),
    sql!(
        "DELETE FROM attachment_answers WHERE author_id = $1 AND EXISTS (SELECT 1 FROM attachment_answers n
           WHERE n.attachment_id = attachment_answers.attachment_id AND n.author_id = $2)"
    ),
    sql!("UPDATE attachment_answers SET author_id = $2 WHERE author_id = $1"),
    sql!(
        "DELETE FROM participations WHERE author_id = $1
           AND EXISTS (SELECT 1 FROM participations n WHERE n.post_id = participations.post_id AND n.author_id = $2)"
    ),
    sql!("UPDATE participations SET author_id = $2 WHERE author_id = $1"),
    // what they took back does not come under the new name either
    sql!(
        "INSERT INTO tombstones (kind, guid, author_id, retracted_at)
         SELECT t.kind, t.guid, CAST($2 AS BIGINT), t.retracted_at FROM tombstones t WHERE t.author_id = $1
         ON CONFLICT DO NOTHING"
    ),
    sql!("DELETE FROM tombstones WHERE author_id = $1 AND author_id <> $2"),
    sql!(
        "INSERT INTO early_retractions (kind, guid, sender_id, remote_pod_id, at)
         SELECT e.kind, e.guid, n.id, n.remote_pod_id, e.at FROM early_retractions e JOIN people n ON n.id = $2
         WHERE e.sender_id = $1 ON CONFLICT DO NOTHING"
    ),
    sql!("DELETE FROM early_retractions WHERE sender_id = $1 AND sender_id <> $2"),
    // who may read, and who is named
    sql!(
        "INSERT INTO post_audience (post_id, person_id)
         SELECT a.post_id, CAST($2 AS BIGINT) FROM post_audience a JOIN posts p ON p.id = a.post_id
         WHERE a.person_id = $1 AND p.author_id <> $2 ON CONFLICT DO NOTHING"
    ),
    sql!(
        "INSERT INTO mentions (post_id, comment_id, person_id)
         SELECT m.post_id, m.comment_id, CAST($2 AS BIGINT) FROM mentions m WHERE m.person_id = $1
         ON CONFLICT DO NOTHING"
    ),
    sql!("DELETE FROM mentions WHERE person_id = $1 AND person_id <> $2"),
    sql!(
        "DELETE FROM notifications WHERE person_id = $1 AND EXISTS (SELECT 1 FROM notifications n
           WHERE n.user_id = notifications.user_id AND n.kind = notifications.kind AND n.person_id = $2)"
    ),
    sql!("UPDATE notifications SET person_id = $2 WHERE person_id = $1"),
    sql!(
        "INSERT INTO notification_actors (notification_id, person_id, at)
         SELECT a.notification_id, CAST($2 AS BIGINT), a.at FROM notification_actors a WHERE a.person_id = $1
         ON CONFLICT DO NOTHING"
    ),
    sql!("DELETE FROM notification_actors WHERE person_id = $1 AND person_id <> $2"),
    // who moved to the old identity before is where the new one is
    sql!("UPDATE people SET moved_to_id = $2 WHERE moved_to_id = $1"),
    sql!("UPDATE people SET moved_to_id = $2 WHERE id = $1"),
];

/// Conversations, in order; `$1` is the old person, `$2` the new one.
const TALKS: &[Sql] = &[
    // whom nobody had looked up yet is one of the two all the same
    sql!(
        "UPDATE conversation_participants SET person_id = $1
         WHERE person_id IS NULL AND diaspora_id = (SELECT o.diaspora_id FROM people o WHERE o.id = $1)"
    ),
    sql!(
        "UPDATE conversation_participants SET person_id = $2
         WHERE person_id IS NULL AND diaspora_id = (SELECT n.diaspora_id FROM people n WHERE n.id = $2)
           AND $2 <> CAST($1 AS BIGINT)"
    ),
    // who moves in here has what a neighbour's copy holds of theirs; they read it where they were
    sql!(
        "INSERT INTO conversation_visibilities
             (conversation_id, user_id, unread, muted_after, hidden, updated_at)
         SELECT t.conversation_id, u.id, COALESCE(v.unread, 0), v.muted_after, COALESCE(v.hidden, FALSE),
                COALESCE(v.updated_at, (SELECT MAX(m.arrived_at) FROM messages m
                                        WHERE m.conversation_id = t.conversation_id), c.created_at)
         FROM conversation_participants t JOIN conversations c ON c.id = t.conversation_id
         JOIN users u ON u.person_id = $2 LEFT JOIN users w ON w.person_id = $1
         LEFT JOIN conversation_visibilities v ON v.conversation_id = t.conversation_id AND v.user_id = w.id
         WHERE t.person_id = $1 ON CONFLICT DO NOTHING"
    ),
    // what they wrote as the other is no news to them: it is among the last messages of others, or was read
    sql!(
        "UPDATE conversation_visibilities SET unread = unread - (
             SELECT COUNT(*) FROM messages m
             WHERE m.conversation_id = conversation_visibilities.conversation_id AND m.author_id = $1
               AND (SELECT COUNT(*) FROM messages k WHERE k.conversation_id = m.conversation_id
                    AND k.author_id <> $2 AND k.id >= m.id) <= conversation_visibilities.unread)
         WHERE unread > 0 AND user_id = (SELECT u.id FROM users u WHERE u.person_id = $2)
           AND $2 <> CAST($1 AS BIGINT)"
    ),
    // two rows of one conversation become one, at the earlier place
    sql!(
        "UPDATE conversation_participants SET position = (
             SELECT MIN(o.position) FROM conversation_participants o
             WHERE o.conversation_id = conversation_participants.conversation_id AND o.person_id IN ($1, $2))
         WHERE person_id = $2"
    ),
    sql!(
        "DELETE FROM conversation_participants WHERE person_id = $1 AND $2 <> CAST($1 AS BIGINT)
           AND EXISTS (SELECT 1 FROM conversation_participants n
                       WHERE n.conversation_id = conversation_participants.conversation_id AND n.person_id = $2)"
    ),
    sql!(
        "UPDATE conversation_participants
         SET person_id = $2, diaspora_id = (SELECT n.diaspora_id FROM people n WHERE n.id = $2)
         WHERE person_id = $1"
    ),
    sql!("UPDATE messages SET author_id = $2 WHERE author_id = $1"),
    sql!("UPDATE conversations SET author_id = $2 WHERE author_id = $1"),
];

/// What the old person says of themselves goes; the name stays with what mentions it.
const BLANK: &[Sql] = &[
    sql!("DELETE FROM rendered_bios WHERE person_id = $1"),
    sql!(
        "UPDATE profiles SET image_url = NULL, image_url_medium = NULL, image_url_small = NULL, bio = '',
                birthday = NULL, gender = '', location = '', tag_string = '', searchable = FALSE,
                public_details = FALSE WHERE person_id = $1"
    ),
];

/// What a member of this pod leaves behind besides what an account holds anyway: the key, which answers those
/// who still write, the password, with which they are told where they are, and the name.
const LEAVE: &[Sql] = &[
    sql!("DELETE FROM conversation_visibilities WHERE user_id = $1"),
    sql!("DELETE FROM archive_exports WHERE user_id = $1"),
    sql!("DELETE FROM archive_imports WHERE user_id = $1"),
    sql!(
        "UPDATE users SET totp_secret = NULL, totp_since = NULL, role = 'member',
                email = 'moved-' || CAST(id AS TEXT) || '@invalid' WHERE id = $1"
    ),
];

/// Changes every reference and closes the old person.
pub(super) async fn run(tx: &mut Tx, old: PersonId, new: PersonId, now: Timestamp) -> Result<()> {
    for sql in STATEMENTS.iter().chain(TALKS) {
        tx.query(*sql).bind(old).bind(new).run().await?;
    }
    for sql in BLANK {
        tx.query(*sql).bind(old).run().await?;
    }
    let close = sql!("UPDATE people SET closed_at = COALESCE(closed_at, $2) WHERE id = $1");
    tx.query(close).bind(old).bind(now).run().await?;
    Ok(())
}

/// Closes the account of a member who moved out.
pub(super) async fn leave(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<()> {
    close::empty(tx, user, now).await?;
    for sql in LEAVE {
        tx.query(*sql).bind(user).run().await?;
    }
    tx.query(sql!("UPDATE users SET locked_at = $2 WHERE id = $1")).bind(user).bind(now).run().await?;
    Ok(())
}
