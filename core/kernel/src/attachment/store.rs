//! SQL about attachments and answers to them.
use super::{Answer, Attachment, NewAnswer};
use crate::{
    access::Viewer,
    can_read,
    db::{self, Conn, Tx},
    id::{AnswerId, AttachmentId, PersonId, PostId, Timestamp},
    person::person_columns,
    sql,
};
use sqlx::types::Json;

pub(super) async fn of_posts(
    conn: &mut Conn,
    viewer: Viewer,
    posts: &[PostId],
    kind: &str,
) -> db::Result<Vec<Attachment>> {
    let (person, user) = viewer.ids();
    conn.query(sql!(
        sqlite: concat!(
            "SELECT a.post_id, a.kind, a.guid, a.xml FROM attachments a JOIN posts p ON p.id = a.post_id
             WHERE a.kind = $4 AND a.post_id IN (SELECT value FROM json_each($3)) AND ",
            can_read!("p", "$1", "$2"), " ORDER BY a.post_id, a.id"
        ),
        postgres: concat!(
            "SELECT a.post_id, a.kind, a.guid, a.xml FROM attachments a JOIN posts p ON p.id = a.post_id
             WHERE a.kind = $4 AND a.post_id IN (SELECT value::bigint FROM jsonb_array_elements_text($3)) AND ",
            can_read!("p", "$1", "$2"), " ORDER BY a.post_id, a.id"
        ),
    ))
    .bind(person)
    .bind(user)
    .bind(Json(posts))
    .bind(kind)
    .all()
    .await
}

/// `$1` and `$2` are the viewer, `$3` the posts, `$4` the kind.
macro_rules! select_answers {
    ($posts:literal) => {
        concat!(
            "SELECT a.post_id, r.kind, r.guid, a.guid AS parent_guid, r.xml, ",
            person_columns!("w", "f"),
            " FROM attachment_answers r JOIN attachments a ON a.id = r.attachment_id
              JOIN posts p ON p.id = a.post_id JOIN people w ON w.id = r.author_id
              LEFT JOIN profiles f ON f.person_id = w.id
              WHERE r.kind = $4 AND a.post_id IN ",
            $posts,
            " AND ",
            can_read!("p", "$1", "$2"),
            " ORDER BY a.post_id, r.id"
        )
    };
}

pub(super) async fn answers(
    conn: &mut Conn,
    viewer: Viewer,
    posts: &[PostId],
    kind: &str,
) -> db::Result<Vec<Answer>> {
    let (person, user) = viewer.ids();
    conn.query(sql!(
        sqlite: select_answers!("(SELECT value FROM json_each($3))"),
        postgres: select_answers!("(SELECT value::bigint FROM jsonb_array_elements_text($3))"),
    ))
    .bind(person)
    .bind(user)
    .bind(Json(posts))
    .bind(kind)
    .all()
    .await
}

/// What hangs on a page of posts.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct HungRow {
    pub id: AttachmentId,
    pub post_guid: String,
    pub kind: String,
    pub guid: Option<String>,
    pub xml: String,
}

/// `$1` and `$2` are the viewer; the arguments are lists of guids and of kinds.
macro_rules! select_hung {
    ($posts:literal, $kinds:literal) => {
        concat!(
            "SELECT a.id, p.guid AS post_guid, a.kind, a.guid, a.xml FROM posts p JOIN attachments a ON a.post_id = p.id
             WHERE p.guid IN ",
            $posts,
            " AND a.kind IN ",
            $kinds,
            " AND ",
            can_read!("p", "$1", "$2"),
            " ORDER BY p.id, a.id"
        )
    };
}

/// Of these kinds and these posts, as far as the viewer may read them.
pub(super) async fn hung(
    conn: &mut Conn,
    viewer: Viewer,
    posts: &[&str],
    kinds: &[&str],
) -> db::Result<Vec<HungRow>> {
    let (person, user) = viewer.ids();
    conn.query(sql!(
        sqlite: select_hung!("(SELECT value FROM json_each($3))", "(SELECT value FROM json_each($4))"),
        postgres: select_hung!(
            "(SELECT value FROM jsonb_array_elements_text($3))",
            "(SELECT value FROM jsonb_array_elements_text($4))"
        ),
    ))
    .bind(person)
    .bind(user)
    .bind(Json(posts))
    .bind(Json(kinds))
    .all()
    .await
}

/// How often each choice of these attachments was taken, and whether by this person.
pub(super) async fn counted(
    conn: &mut Conn,
    attachments: &[AttachmentId],
    person: PersonId,
) -> db::Result<Vec<(AttachmentId, String, i64, i64)>> {
    conn.query(sql!(
        sqlite: "SELECT attachment_id, choice, count(*), max(CASE WHEN author_id = $2 THEN 1 ELSE 0 END)
                 FROM attachment_answers WHERE attachment_id IN (SELECT value FROM json_each($1))
                 GROUP BY attachment_id, choice ORDER BY attachment_id, choice",
        postgres: "SELECT attachment_id, choice, count(*), max(CASE WHEN author_id = $2 THEN 1::bigint ELSE 0 END)
                   FROM attachment_answers
                   WHERE attachment_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1))
                   GROUP BY attachment_id, choice ORDER BY attachment_id, choice",
    ))
    .bind(Json(attachments))
    .bind(person)
    .all()
    .await
}

pub(super) async fn of_post(conn: &mut Conn, post: PostId) -> db::Result<Vec<String>> {
    conn.query(sql!("SELECT xml FROM attachments WHERE post_id = $1 ORDER BY id")).bind(post).scalars().await
}

/// A post, as the owner of an attachment.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Owner {
    pub guid: String,
    pub author: String,
    pub public: bool,
}

pub(super) async fn owner(conn: &mut Conn, kind: &str, guid: &str) -> db::Result<Option<Owner>> {
    conn.query(sql!(
        "SELECT p.guid, w.diaspora_id AS author, p.public FROM attachments a JOIN posts p ON p.id = a.post_id
         JOIN people w ON w.id = p.author_id WHERE a.kind = $1 AND a.guid = $2"
    ))
    .bind(kind)
    .bind(guid)
    .optional()
    .await
}

pub(super) async fn xml_of(conn: &mut Conn, kind: &str, guid: &str) -> db::Result<Option<String>> {
    conn.query(sql!("SELECT xml FROM attachments WHERE kind = $1 AND guid = $2"))
        .bind(kind)
        .bind(guid)
        .scalar()
        .await
}

pub(super) async fn insert(
    tx: &mut Tx,
    post: PostId,
    kind: &str,
    guid: Option<&str>,
    xml: &str,
) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO attachments (post_id, kind, guid, xml) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    ))
    .bind(post)
    .bind(kind)
    .bind(guid)
    .bind(xml)
    .run()
    .await
}

pub(super) async fn delete(tx: &mut Tx, kind: &str, guid: &str) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM attachments WHERE kind = $1 AND guid = $2")).bind(kind).bind(guid).run().await
}

/// Under the names that retractions use: `poll` is buried as `Poll`.
pub(super) async fn bury_of(tx: &mut Tx, post: PostId, now: Timestamp) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO tombstones (kind, guid, author_id, retracted_at)
         SELECT upper(substr(a.kind, 1, 1)) || substr(a.kind, 2), a.guid, p.author_id, CAST($2 AS BIGINT)
         FROM attachments a JOIN posts p ON p.id = a.post_id
         WHERE a.post_id = $1 AND a.guid IS NOT NULL ON CONFLICT DO NOTHING"
    ))
    .bind(post)
    .bind(now)
    .run()
    .await
}

// --- answers ---

pub(super) async fn insert_answer(
    tx: &mut Tx,
    new: &NewAnswer<'_>,
    now: Timestamp,
) -> db::Result<Option<AnswerId>> {
    tx.query(sql!(
        "INSERT INTO attachment_answers (attachment_id, kind, guid, author_id, xml, received_at, choice)
         SELECT a.id, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT), CAST($7 AS BIGINT),
                CAST($8 AS TEXT)
         FROM attachments a WHERE a.kind = $1 AND a.guid = $2
         ON CONFLICT DO NOTHING RETURNING id"
    ))
    .bind(new.parent.0)
    .bind(new.parent.1)
    .bind(new.kind)
    .bind(new.guid)
    .bind(new.author)
    .bind(new.xml)
    .bind(now)
    .bind(new.choice)
    .scalar()
    .await
}

/// What this person answered before, under another name; none when the new name is taken.
pub(super) async fn former_answer(conn: &mut Conn, new: &NewAnswer<'_>) -> db::Result<Option<String>> {
    conn.query(sql!(
        "SELECT r.guid FROM attachment_answers r JOIN attachments a ON a.id = r.attachment_id
         WHERE a.kind = $1 AND a.guid = $2 AND r.author_id = $3 AND r.kind = $4 AND r.guid <> $5
           AND NOT EXISTS (SELECT 1 FROM attachment_answers o WHERE o.kind = $4 AND o.guid = $5)"
    ))
    .bind(new.parent.0)
    .bind(new.parent.1)
    .bind(new.author)
    .bind(new.kind)
    .bind(new.guid)
    .scalar()
    .await
}

/// An answer with the attachment and the post above it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct AnswerRow {
    pub author_id: PersonId,
    pub author: String,
    pub parent_guid: String,
    pub post_id: PostId,
    pub post_guid: String,
    pub post_author_id: PersonId,
    pub post_author: String,
    pub public: bool,
}

pub(super) async fn answer(conn: &mut Conn, kind: &str, guid: &str) -> db::Result<Option<AnswerRow>> {
    conn.query(sql!(
        "SELECT r.author_id, w.diaspora_id AS author, a.guid AS parent_guid, p.id AS post_id,
                p.guid AS post_guid, p.author_id AS post_author_id, o.diaspora_id AS post_author, p.public
         FROM attachment_answers r JOIN people w ON w.id = r.author_id
         JOIN attachments a ON a.id = r.attachment_id JOIN posts p ON p.id = a.post_id
         JOIN people o ON o.id = p.author_id WHERE r.kind = $1 AND r.guid = $2"
    ))
    .bind(kind)
    .bind(guid)
    .optional()
    .await
}

pub(super) async fn delete_answer(tx: &mut Tx, kind: &str, guid: &str) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM attachment_answers WHERE kind = $1 AND guid = $2"))
        .bind(kind)
        .bind(guid)
        .run()
        .await
}
