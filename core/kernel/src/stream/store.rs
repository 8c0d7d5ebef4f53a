//! SQL of the read models. A condition says which posts; everything else is the same for every stream.
use super::{Cursor, Stream};
use crate::{
    access::Viewer,
    can_read, can_see,
    db::{self, Conn},
    id::{CommentId, PersonId, PostId, Timestamp},
    person::{Person, person_columns},
    sql,
};
use sqlx::types::Json;

/// A post with everything that is one per post.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PostRow {
    pub id: PostId,
    pub guid: String,
    pub text: String,
    pub public: bool,
    pub nsfw: bool,
    pub provider: Option<String>,
    pub created_at: Timestamp,
    pub comments_count: i64,
    pub likes_count: i64,
    pub liked: Option<String>,
    pub reshares_count: i64,
    pub reshared: bool,
    pub is_reshare: bool,
    /// JSON of a [`RootRow`].
    pub root: Option<String>,
    /// JSON.
    pub aspects: String,
    /// JSON.
    pub photos: String,
    pub cached: Option<String>,
    #[sqlx(flatten)]
    pub author: Person,
}

/// The post that a reshare passes on, read along with it.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct RootRow {
    pub id: PostId,
    pub guid: String,
    pub text: String,
    pub nsfw: bool,
    pub created_at: Timestamp,
    pub cached: Option<String>,
    pub photos: Vec<super::Photo>,
    pub author: RootAuthor,
}

#[derive(Debug, Clone, serde::Deserialize)]
pub struct RootAuthor {
    id: PersonId,
    guid: String,
    diaspora_id: String,
    local: bool,
    closed: bool,
    name: String,
    avatar: Option<String>,
    pictures: bool,
}

impl RootAuthor {
    pub fn is(&self, person: PersonId) -> bool {
        self.id == person
    }
}

impl From<RootAuthor> for Person {
    fn from(it: RootAuthor) -> Self {
        let RootAuthor { id, guid, diaspora_id, local, closed, name, avatar, pictures } = it;
        Self { id, guid, diaspora_id, local, closed, name, avatar, pictures }
    }
}

/// A comment with its author.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CommentRow {
    pub id: CommentId,
    pub guid: String,
    pub post_id: PostId,
    pub text: String,
    pub created_at: Timestamp,
    pub likes_count: i64,
    pub liked: Option<String>,
    pub cached: Option<String>,
    #[sqlx(flatten)]
    pub author: Person,
}

/// Which part of a stream, for whom.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    pub viewer: Viewer,
    pub key: &'a str,
    pub before: Cursor,
    pub limit: i64,
}

/// The photos of the post with this alias, as JSON.
macro_rules! photos_lite {
    ($post:literal) => {
        concat!(
            "(SELECT json_group_array(json_object('url', h.remote_path || h.remote_name, 'width', h.width,
                                                  'height', h.height, 'text', h.text))
              FROM (SELECT * FROM photos o WHERE o.post_id = ",
            $post,
            ".id AND NOT EXISTS (SELECT 1 FROM people m WHERE m.id = o.author_id AND m.media_hidden)
              ORDER BY o.position, o.id) h)"
        )
    };
}

macro_rules! photos_pg {
    ($post:literal) => {
        concat!(
            "(SELECT COALESCE(json_agg(json_build_object('url', h.remote_path || h.remote_name, 'width', h.width,
                                                         'height', h.height, 'text', h.text)
                                       ORDER BY h.position, h.id), '[]')::text
              FROM photos h WHERE h.post_id = ",
            $post,
            ".id AND NOT EXISTS (SELECT 1 FROM people m WHERE m.id = h.author_id AND m.media_hidden))"
        )
    };
}

/// What the author of a root is called.
macro_rules! root_name {
    () => {
        "COALESCE(NULLIF(TRIM(d.first_name || ' ' || d.last_name), ''), z.diaspora_id)"
    };
}

/// Their picture, if an admin does not hide it.
macro_rules! root_avatar {
    () => {
        "CASE WHEN z.media_hidden THEN NULL ELSE COALESCE(d.image_url_medium, d.image_url) END"
    };
}

/// `$1` and `$2` are the viewer, `$3` is the renderer's key. `p` is the post, `w` its author.
macro_rules! select_posts {
    ($aspects:literal, $photos:expr, $root:expr, $($from:tt)*) => {
        concat!(
            "SELECT p.id, p.guid, p.text, p.public, (p.nsfw OR COALESCE(f.nsfw, FALSE)) AS nsfw, p.provider,
                    p.created_at, p.comments_count, p.likes_count, p.reshares_count, p.kind = 'reshare' AS is_reshare,
                    EXISTS (SELECT 1 FROM posts s WHERE s.root_id = COALESCE(p.root_id, p.id) AND s.author_id = $1)
                        AS reshared,
                    (SELECT l.guid FROM likes l WHERE l.post_id = p.id AND l.author_id = $1) AS liked,
                    (SELECT r.html FROM rendered_posts r WHERE r.post_id = p.id AND r.renderer_key = $3) AS cached, ",
            $aspects, " AS aspects, ", $photos, " AS photos, ", $root, " AS root, ", person_columns!("w", "f"), $($from)*
        )
    };
}

/// The statement for posts in both dialects, from the rest of its text behind the columns.
macro_rules! posts_sql {
    (sqlite: $lite:expr, postgres: $pg:expr $(,)?) => {
        sql!(
            sqlite: select_posts!(
                "(SELECT json_group_array(a.name) FROM (
                     SELECT s.name FROM aspect_visibilities v JOIN aspects s ON s.id = v.aspect_id
                     WHERE v.post_id = p.id AND s.user_id = $2 ORDER BY s.position, s.id) a)",
                photos_lite!("p"),
                concat!(
                    "(SELECT json_object('id', r.id, 'guid', r.guid, 'text', r.text, 'created_at', r.created_at,
                         'nsfw', json(CASE WHEN r.nsfw OR COALESCE(d.nsfw, FALSE) THEN 'true' ELSE 'false' END),
                         'cached', (SELECT x.html FROM rendered_posts x WHERE x.post_id = r.id AND x.renderer_key = $3),
                         'photos', json(", photos_lite!("r"), "),
                         'author', json_object('id', z.id, 'guid', z.guid, 'diaspora_id', z.diaspora_id,
                             'local', json(CASE WHEN z.remote_pod_id IS NULL THEN 'true' ELSE 'false' END),
                             'closed', json(CASE WHEN z.closed_at IS NULL THEN 'false' ELSE 'true' END),
                             'name', ", root_name!(), ", 'avatar', ", root_avatar!(), ",
                             'pictures', json(CASE WHEN z.media_hidden THEN 'false' ELSE 'true' END)))
                      FROM posts r JOIN people z ON z.id = r.author_id LEFT JOIN profiles d ON d.person_id = z.id
                      WHERE r.id = p.root_id AND r.public AND ", can_see!("r.author_id", "$1", "$2"), ")"
                ),
                $lite
            ),
            postgres: select_posts!(
                "(SELECT COALESCE(json_agg(s.name ORDER BY s.position, s.id), '[]')::text
                  FROM aspect_visibilities v JOIN aspects s ON s.id = v.aspect_id
                  WHERE v.post_id = p.id AND s.user_id = $2)",
                photos_pg!("p"),
                concat!(
                    "(SELECT json_build_object('id', r.id, 'guid', r.guid, 'text', r.text, 'created_at', r.created_at,
                         'nsfw', r.nsfw OR COALESCE(d.nsfw, FALSE),
                         'cached', (SELECT x.html FROM rendered_posts x WHERE x.post_id = r.id AND x.renderer_key = $3),
                         'photos', ", photos_pg!("r"), "::json,
                         'author', json_build_object('id', z.id, 'guid', z.guid, 'diaspora_id', z.diaspora_id,
                             'local', z.remote_pod_id IS NULL, 'closed', z.closed_at IS NOT NULL,
                             'name', ", root_name!(), ", 'avatar', ", root_avatar!(), ",
                             'pictures', NOT z.media_hidden))::text
                      FROM posts r JOIN people z ON z.id = r.author_id LEFT JOIN profiles d ON d.person_id = z.id
                      WHERE r.id = p.root_id AND r.public AND ", can_see!("r.author_id", "$1", "$2"), ")"
                ),
                $pg
            ),
        )
    };
    ($text:expr) => { posts_sql!(sqlite: $text, postgres: $text) };
}

/// Everything behind the columns: from which table, under which condition (with the visibility rule and
/// without people whom the viewer ignores), in which order.
macro_rules! slice {
    ($from:literal, $where:literal, $time:literal, $row:literal) => {
        concat!(
            " FROM ",
            $from,
            " JOIN people w ON w.id = p.author_id LEFT JOIN profiles f ON f.person_id = w.id WHERE ",
            $where,
            " AND (",
            $time,
            ", ",
            $row,
            ") < ($4, $5) AND ",
            can_read!("p", "$1", "$2"),
            " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $2 AND b.person_id = p.author_id)
              AND NOT EXISTS (SELECT 1 FROM blocks b JOIN posts r ON r.author_id = b.person_id
                              WHERE b.user_id = $2 AND r.id = p.root_id)",
            " ORDER BY ",
            $time,
            " DESC, ",
            $row,
            " DESC LIMIT $6"
        )
    };
}

pub async fn posts(conn: &mut Conn, stream: &Stream, slice: Slice<'_>) -> db::Result<Vec<PostRow>> {
    match stream {
        Stream::Home => home(conn, slice).await,
        Stream::Public => public(conn, slice).await,
        Stream::Local => local(conn, slice).await,
        Stream::Person(person) => by_person(conn, slice, *person).await,
        Stream::Tag(name) => tagged(conn, slice, name).await,
        Stream::Aspects(aspects) => {
            let aspects: Vec<i64> = aspects.iter().map(|aspect| aspect.0).collect();
            in_aspects(conn, slice, &aspects).await
        }
    }
}

impl Slice<'_> {
    fn bind(self, query: db::Query<'_>) -> db::Query<'_> {
        let (person, user) = self.viewer.ids();
        let query = query.bind(person).bind(user).bind(self.key);
        query.bind(self.before.time()).bind(self.before.row()).bind(self.limit)
    }
}

async fn home(conn: &mut Conn, slice: Slice<'_>) -> db::Result<Vec<PostRow>> {
    let query = conn.query(posts_sql!(slice!(
        "home_entries h JOIN posts p ON p.id = h.post_id",
        "h.user_id = $2",
        "h.sort_at",
        "h.post_id"
    )));
    slice.bind(query).all().await
}

async fn public(conn: &mut Conn, slice: Slice<'_>) -> db::Result<Vec<PostRow>> {
    let query =
        conn.query(posts_sql!(slice!("posts p", "p.public AND w.standing = 0", "p.created_at", "p.id")));
    slice.bind(query).all().await
}

async fn local(conn: &mut Conn, slice: Slice<'_>) -> db::Result<Vec<PostRow>> {
    let query = conn.query(posts_sql!(slice!(
        "posts p",
        "p.public AND p.local AND w.standing = 0",
        "p.created_at",
        "p.id"
    )));
    slice.bind(query).all().await
}

/// Somebody's own page shows their posts even to who ignores them elsewhere.
async fn by_person(conn: &mut Conn, slice: Slice<'_>, person: PersonId) -> db::Result<Vec<PostRow>> {
    let query = conn.query(posts_sql!(concat!(
        " FROM posts p JOIN people w ON w.id = p.author_id LEFT JOIN profiles f ON f.person_id = w.id
          WHERE p.author_id = $7 AND (p.created_at, p.id) < ($4, $5) AND ",
        can_read!("p", "$1", "$2"),
        " ORDER BY p.created_at DESC, p.id DESC LIMIT $6"
    )));
    slice.bind(query).bind(person).all().await
}

async fn tagged(conn: &mut Conn, slice: Slice<'_>, name: &str) -> db::Result<Vec<PostRow>> {
    let query = conn.query(posts_sql!(slice!(
        "post_tags t JOIN posts p ON p.id = t.post_id",
        "t.tag_id = (SELECT g.id FROM tags g WHERE g.name = $7) AND w.standing = 0",
        "t.created_at",
        "t.post_id"
    )));
    slice.bind(query).bind(name).all().await
}

async fn in_aspects(conn: &mut Conn, slice: Slice<'_>, aspects: &[i64]) -> db::Result<Vec<PostRow>> {
    let query = conn.query(posts_sql!(
        sqlite: slice!(
            "home_entries h JOIN posts p ON p.id = h.post_id",
            "h.user_id = $2 AND (
               p.author_id IN (SELECT c.person_id FROM contacts c JOIN aspect_memberships m ON m.contact_id = c.id
                               JOIN aspects s ON s.id = m.aspect_id
                               WHERE s.user_id = $2 AND s.id IN (SELECT value FROM json_each($7)))
               OR p.author_id = $1 AND EXISTS (
                   SELECT 1 FROM aspects s WHERE s.user_id = $2 AND s.id IN (SELECT value FROM json_each($7))
                     AND (p.public OR EXISTS (SELECT 1 FROM aspect_visibilities av
                                              WHERE av.post_id = p.id AND av.aspect_id = s.id))))",
            "h.sort_at",
            "h.post_id"
        ),
        postgres: slice!(
            "home_entries h JOIN posts p ON p.id = h.post_id",
            "h.user_id = $2 AND (
               p.author_id IN (SELECT c.person_id FROM contacts c JOIN aspect_memberships m ON m.contact_id = c.id
                               JOIN aspects s ON s.id = m.aspect_id
                               WHERE s.user_id = $2
                                 AND s.id IN (SELECT value::bigint FROM jsonb_array_elements_text($7)))
               OR p.author_id = $1 AND EXISTS (
                   SELECT 1 FROM aspects s WHERE s.user_id = $2 AND s.id IN (SELECT value::bigint FROM jsonb_array_elements_text($7))
                     AND (p.public OR EXISTS (SELECT 1 FROM aspect_visibilities av
                                              WHERE av.post_id = p.id AND av.aspect_id = s.id))))",
            "h.sort_at",
            "h.post_id"
        ),
    ));
    slice.bind(query).bind(Json(aspects)).all().await
}

/// One post, if the viewer may read it.
pub async fn one(conn: &mut Conn, viewer: Viewer, key: &str, post: PostId) -> db::Result<Option<PostRow>> {
    let (person, user) = viewer.ids();
    conn.query(posts_sql!(concat!(
        " FROM posts p JOIN people w ON w.id = p.author_id LEFT JOIN profiles f ON f.person_id = w.id
          WHERE p.id = $4 AND ",
        can_read!("p", "$1", "$2")
    )))
    .bind(person)
    .bind(user)
    .bind(key)
    .bind(post)
    .optional()
    .await
}

/// `$1` and `$2` are the viewer, `$3` is the renderer's key, `$4` the posts.
macro_rules! comments {
    ($from:expr, $where:literal) => {
        concat!(
            "SELECT c.id, c.guid, c.post_id, c.text, c.created_at, c.likes_count,
                    (SELECT l.guid FROM comment_likes l WHERE l.comment_id = c.id AND l.author_id = $1) AS liked,
                    (SELECT r.html FROM rendered_comments r WHERE r.comment_id = c.id AND r.renderer_key = $3) AS cached, ",
            person_columns!("w", "f"),
            " FROM ", $from, " c JOIN posts p ON p.id = c.post_id
              JOIN people w ON w.id = c.author_id LEFT JOIN profiles f ON f.person_id = w.id
              WHERE ", $where, " AND ", can_read!("p", "$1", "$2"), " AND ", can_see!("c.author_id", "$1", "$2"),
            " ORDER BY c.post_id, c.created_at, c.id"
        )
    };
}

/// The last three comments of each post.
pub async fn last_comments(
    conn: &mut Conn,
    viewer: Viewer,
    key: &str,
    posts: &[PostId],
) -> db::Result<Vec<CommentRow>> {
    let (person, user) = viewer.ids();
    conn.query(sql!(
        sqlite: comments!(
            concat!(
                "(SELECT k.*, ROW_NUMBER() OVER (PARTITION BY k.post_id ORDER BY k.created_at DESC, k.id DESC) AS place
                  FROM comments k WHERE k.post_id IN (SELECT value FROM json_each($4)) AND ",
                can_see!("k.author_id", "$1", "$2"), ")"
            ),
            "c.place <= 3"
        ),
        postgres: comments!(
            concat!(
                "(SELECT k.*, ROW_NUMBER() OVER (PARTITION BY k.post_id ORDER BY k.created_at DESC, k.id DESC) AS place
                  FROM comments k WHERE k.post_id IN (SELECT value::bigint FROM jsonb_array_elements_text($4)) AND ",
                can_see!("k.author_id", "$1", "$2"), ")"
            ),
            "c.place <= 3"
        ),
    ))
    .bind(person)
    .bind(user)
    .bind(key)
    .bind(Json(posts))
    .all()
    .await
}

/// The comments of a post before a place among them.
pub async fn comments_before(conn: &mut Conn, slice: Slice<'_>, post: PostId) -> db::Result<Vec<CommentRow>> {
    let (person, user) = slice.viewer.ids();
    conn.query(sql!(comments!(
        "(SELECT k.* FROM comments k WHERE k.post_id = $4 AND (k.created_at, k.id) < ($5, $6)
          ORDER BY k.created_at DESC, k.id DESC LIMIT $7)",
        "TRUE"
    )))
    .bind(person)
    .bind(user)
    .bind(slice.key)
    .bind(post)
    .bind(slice.before.time())
    .bind(slice.before.row())
    .bind(slice.limit)
    .all()
    .await
}

/// Who likes a post: the viewer first, then the newest.
pub async fn likers(conn: &mut Conn, viewer: Viewer, post: PostId, count: i64) -> db::Result<Vec<Person>> {
    let (person, user) = viewer.ids();
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("w", "f"),
        " FROM likes l JOIN posts p ON p.id = l.post_id JOIN people w ON w.id = l.author_id
          LEFT JOIN profiles f ON f.person_id = w.id
          WHERE l.post_id = $3 AND ",
        can_read!("p", "$1", "$2"),
        " AND ",
        can_see!("l.author_id", "$1", "$2"),
        " ORDER BY CASE WHEN l.author_id = $1 THEN 0 ELSE 1 END, l.id DESC LIMIT $4"
    )))
    .bind(person)
    .bind(user)
    .bind(post)
    .bind(count)
    .all()
    .await
}
