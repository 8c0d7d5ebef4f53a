//! Rows of `users`, `spare_keys`, `sessions` and `recovery_codes`.
use crate::{
    db::{Conn, Result, Tx},
    id::{PersonId, SessionId, Timestamp, UserId},
    sql,
};

#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Members {
    pub users: i64,
    pub active_month: i64,
    pub active_halfyear: i64,
}

pub(super) async fn count_members(conn: &mut Conn, month: Timestamp, halfyear: Timestamp) -> Result<Members> {
    conn.query(sql!(
        "SELECT (SELECT COUNT(*) FROM users WHERE id NOT IN (SELECT user_id FROM farewells)) AS users,
                (SELECT COUNT(*) FROM users WHERE last_seen_at >= $1
                 AND id NOT IN (SELECT user_id FROM farewells)) AS active_month,
                (SELECT COUNT(*) FROM users WHERE last_seen_at >= $2
                 AND id NOT IN (SELECT user_id FROM farewells)) AS active_halfyear"
    ))
    .bind(month)
    .bind(halfyear)
    .one()
    .await
}

/// By members.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct Written {
    pub local_posts: i64,
    pub local_comments: i64,
}

pub(super) async fn count_written(conn: &mut Conn) -> Result<Written> {
    conn.query(sql!(
        "SELECT (SELECT COUNT(*) FROM posts WHERE local) AS local_posts,
                (SELECT COUNT(*) FROM comments c JOIN people p ON p.id = c.author_id
                 WHERE p.remote_pod_id IS NULL) AS local_comments"
    ))
    .one()
    .await
}

#[derive(Debug)]
pub(super) struct NewUser<'a> {
    pub person: PersonId,
    pub username: &'a str,
    pub email: &'a str,
    pub password_hash: &'a str,
    pub private_key: &'a [u8],
    pub role: &'static str,
    pub language: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, new: &NewUser<'_>, now: Timestamp) -> Result<UserId> {
    tx.query(sql!(
        "INSERT INTO users (person_id, username, email, password_hash, private_key, role, language, color_mode,
                            default_public, last_seen_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'auto', $8, $9, $9) RETURNING id"
    ))
    .bind(new.person)
    .bind(new.username)
    .bind(new.email)
    .bind(new.password_hash)
    .bind(new.private_key)
    .bind(new.role)
    .bind(new.language)
    .bind(false)
    .bind(now)
    .scalar()
    .await?
    .ok_or(sqlx::Error::RowNotFound)
}

pub(super) async fn username_taken(conn: &mut Conn, username: &str, diaspora_id: &str) -> Result<bool> {
    let found: Option<i64> = conn
        .query(sql!(
            "SELECT 1 FROM people WHERE diaspora_id = $2 UNION ALL SELECT 1 FROM users WHERE username = $1 LIMIT 1"
        ))
        .bind(username)
        .bind(diaspora_id)
        .scalar::<i32>()
        .await?
        .map(i64::from);
    Ok(found.is_some())
}

/// The account with this name.
pub(crate) async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<UserId>> {
    conn.query(sql!("SELECT id FROM users WHERE username = $1")).bind(username).scalar().await
}

pub(crate) async fn username(conn: &mut Conn, user: UserId) -> Result<Option<String>> {
    conn.query(sql!("SELECT username FROM users WHERE id = $1")).bind(user).scalar().await
}

pub(super) async fn email(conn: &mut Conn, user: UserId) -> Result<Option<String>> {
    conn.query(sql!("SELECT email FROM users WHERE id = $1")).bind(user).scalar().await
}

pub(super) async fn email_taken(conn: &mut Conn, email: &str) -> Result<bool> {
    Ok(conn.query(sql!("SELECT id FROM users WHERE email = $1")).bind(email).scalar::<i64>().await?.is_some())
}

pub(super) async fn any_admin(conn: &mut Conn) -> Result<bool> {
    Ok(conn.query(sql!("SELECT id FROM users WHERE role = 'admin' LIMIT 1")).scalar::<i64>().await?.is_some())
}

/// What signing in needs to know.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Login {
    pub id: UserId,
    pub password_hash: String,
    pub locked_at: Option<Timestamp>,
    pub totp_since: Option<Timestamp>,
}

pub(super) async fn find_login(conn: &mut Conn, name: &str) -> Result<Option<Login>> {
    conn.query(sql!(
        "SELECT u.id, u.password_hash, u.totp_since,
                CASE WHEN p.standing > 1 THEN COALESCE(u.locked_at, u.created_at) ELSE u.locked_at END AS locked_at
         FROM users u JOIN people p ON p.id = u.person_id
         WHERE u.username = $1 OR u.email = $1 ORDER BY u.id LIMIT 1"
    ))
    .bind(name)
    .optional()
    .await
}

pub(super) async fn password_hash(conn: &mut Conn, user: UserId) -> Result<Option<String>> {
    conn.query(sql!("SELECT password_hash FROM users WHERE id = $1")).bind(user).scalar().await
}

pub(super) async fn set_password_hash(tx: &mut Tx, user: UserId, hash: &str) -> Result<u64> {
    tx.query(sql!("UPDATE users SET password_hash = $2 WHERE id = $1")).bind(user).bind(hash).run().await
}

pub(super) async fn set_preferences(
    tx: &mut Tx,
    user: UserId,
    to: &super::preferences::Preferences,
) -> Result<u64> {
    tx.query(sql!(
        "UPDATE users SET language = $2, color_mode = $3, default_public = $4, timezone = $5 WHERE id = $1"
    ))
    .bind(user)
    .bind(&to.language)
    .bind(&to.color_mode)
    .bind(to.default_public)
    .bind(&to.timezone)
    .run()
    .await
}

// --- keys ---

#[derive(Debug, sqlx::FromRow)]
pub(super) struct SpareKey {
    pub name: String,
    pub private_key: Vec<u8>,
    pub public_key: String,
}

pub(super) async fn take_spare_key(tx: &mut Tx) -> Result<Option<SpareKey>> {
    tx.query(sql!(
        sqlite: "DELETE FROM spare_keys WHERE id = (SELECT id FROM spare_keys ORDER BY id LIMIT 1)
                 RETURNING name, private_key, public_key",
        postgres: "DELETE FROM spare_keys WHERE id = (SELECT id FROM spare_keys ORDER BY id LIMIT 1
                   FOR UPDATE SKIP LOCKED) RETURNING name, private_key, public_key",
    ))
    .optional()
    .await
}

pub(super) async fn count_spare_keys(conn: &mut Conn) -> Result<i64> {
    Ok(conn.query(sql!("SELECT COUNT(*) FROM spare_keys")).scalar().await?.unwrap_or(0))
}

pub(super) async fn insert_spare_key(
    tx: &mut Tx,
    name: &str,
    private_key: &[u8],
    public_key: &str,
    now: Timestamp,
) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO spare_keys (name, private_key, public_key, created_at) VALUES ($1, $2, $3, $4)"
    ))
    .bind(name)
    .bind(private_key)
    .bind(public_key)
    .bind(now)
    .run()
    .await
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct SealedKey {
    pub username: String,
    pub private_key: Vec<u8>,
}

pub(super) async fn private_key(conn: &mut Conn, user: UserId) -> Result<Option<SealedKey>> {
    conn.query(sql!("SELECT username, private_key FROM users WHERE id = $1")).bind(user).optional().await
}

// --- sessions ---

pub(super) struct NewSession<'a> {
    pub token_hash: &'a [u8],
    pub user: UserId,
    pub state: &'static str,
    pub label: &'a str,
    pub expires_at: Timestamp,
}

pub(super) async fn insert_session(tx: &mut Tx, new: &NewSession<'_>, now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO sessions (token_hash, user_id, state, label, created_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $5, $6)"
    ))
    .bind(new.token_hash)
    .bind(new.user)
    .bind(new.state)
    .bind(new.label)
    .bind(now)
    .bind(new.expires_at)
    .run()
    .await
}

pub(super) async fn find_session(
    conn: &mut Conn,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<super::session::Session>> {
    conn.query(sql!(
        "SELECT s.id, s.state, s.seen_at, u.id AS user_id, u.username, u.role, u.language, u.color_mode,
                u.default_public, u.timezone, u.person_id, p.guid, p.diaspora_id, f.first_name, f.last_name, f.image_url_small
         FROM sessions s JOIN users u ON u.id = s.user_id JOIN people p ON p.id = u.person_id
         JOIN profiles f ON f.person_id = p.id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.locked_at IS NULL AND p.standing < 2"
    ))
    .bind(token_hash)
    .bind(now)
    .optional()
    .await
}

pub(super) async fn touch(tx: &mut Tx, session: SessionId, now: Timestamp, until: Timestamp) -> Result<u64> {
    tx.query(sql!("UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE id = $1 AND state = 'open'"))
        .bind(session)
        .bind(now)
        .bind(until)
        .run()
        .await
}

pub(super) async fn seen(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<u64> {
    tx.query(sql!("UPDATE users SET last_seen_at = $2 WHERE id = $1")).bind(user).bind(now).run().await
}

pub(super) async fn end_session(tx: &mut Tx, token_hash: &[u8]) -> Result<u64> {
    tx.query(sql!("DELETE FROM sessions WHERE token_hash = $1")).bind(token_hash).run().await
}

pub(super) async fn end_other_sessions(tx: &mut Tx, user: UserId, keep: SessionId) -> Result<u64> {
    tx.query(sql!("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")).bind(user).bind(keep).run().await
}

pub(super) async fn end_expired(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.query(sql!("DELETE FROM sessions WHERE expires_at <= $1")).bind(now).run().await
}

pub(super) async fn list_sessions(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<super::session::SessionRow>> {
    conn.query(sql!(
        "SELECT id, label, created_at, seen_at FROM sessions
         WHERE user_id = $1 AND state = 'open' AND expires_at > $2 ORDER BY seen_at DESC, id DESC"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}

pub(super) async fn revoke(tx: &mut Tx, user: UserId, session: SessionId) -> Result<u64> {
    tx.query(sql!("DELETE FROM sessions WHERE user_id = $1 AND id = $2")).bind(user).bind(session).run().await
}

// --- the second factor ---

#[derive(Debug, sqlx::FromRow)]
pub(super) struct TotpRow {
    pub username: String,
    pub totp_secret: Option<Vec<u8>>,
    pub totp_since: Option<Timestamp>,
}

pub(super) async fn totp(conn: &mut Conn, user: UserId) -> Result<Option<TotpRow>> {
    conn.query(sql!("SELECT username, totp_secret, totp_since FROM users WHERE id = $1"))
        .bind(user)
        .optional()
        .await
}

pub(super) async fn set_totp(
    tx: &mut Tx,
    user: UserId,
    secret: Option<&[u8]>,
    since: Option<Timestamp>,
) -> Result<u64> {
    tx.query(sql!("UPDATE users SET totp_secret = $2, totp_since = $3 WHERE id = $1"))
        .bind(user)
        .bind(secret)
        .bind(since)
        .run()
        .await
}

pub(super) async fn forget_pending_totp(tx: &mut Tx, user: UserId) -> Result<u64> {
    tx.query(sql!(
        "UPDATE users SET totp_secret = NULL WHERE id = $1 AND totp_secret IS NOT NULL AND totp_since IS NULL"
    ))
    .bind(user)
    .run()
    .await
}

/// 0 when this step, or a later one, was used before.
pub(super) async fn use_totp_step(tx: &mut Tx, user: UserId, step: i64) -> Result<u64> {
    tx.query(sql!("UPDATE users SET totp_step = $2 WHERE id = $1 AND totp_step < $2"))
        .bind(user)
        .bind(step)
        .run()
        .await
}

pub(super) async fn delete_codes(tx: &mut Tx, user: UserId) -> Result<u64> {
    tx.query(sql!("DELETE FROM recovery_codes WHERE user_id = $1")).bind(user).run().await
}

pub(super) async fn insert_code(tx: &mut Tx, user: UserId, hash: &[u8]) -> Result<u64> {
    tx.query(sql!("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)"))
        .bind(user)
        .bind(hash)
        .run()
        .await
}

pub(super) async fn use_code(tx: &mut Tx, user: UserId, hash: &[u8], now: Timestamp) -> Result<u64> {
    tx.query(sql!(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL"
    ))
    .bind(user)
    .bind(hash)
    .bind(now)
    .run()
    .await
}

pub(super) async fn codes_left(conn: &mut Conn, user: UserId) -> Result<i64> {
    Ok(conn
        .query(sql!("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL"))
        .bind(user)
        .scalar()
        .await?
        .unwrap_or(0))
}

pub(super) async fn label(conn: &mut Conn, session: SessionId) -> Result<Option<String>> {
    conn.query(sql!("SELECT label FROM sessions WHERE id = $1")).bind(session).scalar().await
}
