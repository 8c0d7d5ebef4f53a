//! Sessions: a random token in the browser, its SHA-256 here. A token becomes a proof of who somebody is
//! in this file and nowhere else.
use super::{store, totp};
use crate::{
    Error, Invalid, Pod, Result,
    access::{Admin, Owner},
    db::Tx,
    id::{PersonId, SessionId, Timestamp, UserId},
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use std::{fmt, time::Duration};

/// An open session ends this long after it was last used.
const OPEN: Duration = Duration::from_hours(14 * 24);
/// A session that waits for its code.
const CODE: Duration = Duration::from_mins(10);
/// A use is written down at most this often.
const TOUCH_EVERY: Duration = Duration::from_mins(5);

/// A session that was just begun.
pub struct Started {
    /// For the cookie; it cannot be read again.
    pub token: String,
    /// The second factor is missing: the session opens nothing but the page that asks for it.
    pub needs_code: bool,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Started").field("needs_code", &self.needs_code).finish_non_exhaustive()
    }
}

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Signed in.
    Open,
    /// The password was right, the code is missing.
    Code,
}

/// Whoever a token belongs to.
#[derive(Debug, Clone)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// How far they have come.
    pub state: State,
    /// Their account.
    pub user: UserId,
    /// Its name.
    pub username: String,
    /// Their identity.
    pub person: PersonId,
    /// Its name across pods.
    pub guid: String,
    /// `name@host`
    pub diaspora_id: String,
    /// What they are called; the diaspora* ID if they gave no name.
    pub name: String,
    /// Their small picture.
    pub avatar: Option<String>,
    /// They run this pod.
    pub is_admin: bool,
    /// Their language.
    pub language: String,
    /// `auto`, `light` or `dark`.
    pub color_mode: String,
    /// The composer begins with everyone.
    pub default_public: bool,
    /// What their clocks show, as an IANA name.
    pub timezone: String,
    seen_at: Timestamp,
}

impl Session {
    /// The proof, once the second factor was given.
    pub fn owner(&self) -> Option<Owner> {
        (self.state == State::Open).then(|| Owner::new(self.user, self.person))
    }

    /// The proof for admins.
    pub fn admin(&self) -> Option<Admin> {
        (self.state == State::Open && self.is_admin).then(|| Admin::of(self.user))
    }
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for Session
where
    &'static str: sqlx::ColumnIndex<R>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    bool: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let state: String = row.try_get("state")?;
        let role: String = row.try_get("role")?;
        let diaspora_id: String = row.try_get("diaspora_id")?;
        let first: String = row.try_get("first_name")?;
        let last: String = row.try_get("last_name")?;
        let name = format!("{first} {last}").trim().to_owned();
        Ok(Self {
            id: SessionId(row.try_get("id")?),
            state: if state == "open" { State::Open } else { State::Code },
            user: UserId(row.try_get("user_id")?),
            username: row.try_get("username")?,
            person: PersonId(row.try_get("person_id")?),
            guid: row.try_get("guid")?,
            name: if name.is_empty() { diaspora_id.clone() } else { name },
            diaspora_id,
            avatar: row.try_get("image_url_small")?,
            is_admin: role == "admin",
            language: row.try_get("language")?,
            color_mode: row.try_get("color_mode")?,
            timezone: row.try_get("timezone")?,
            default_public: row.try_get("default_public")?,
            seen_at: Timestamp(row.try_get("seen_at")?),
        })
    }
}

/// A session as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// To revoke it by.
    pub id: SessionId,
    /// The browser, roughly.
    pub label: String,
    /// Begun.
    pub created_at: Timestamp,
    /// Last used, to five minutes.
    pub seen_at: Timestamp,
}

/// Begins a session, in the transaction of what lets somebody in.
pub(super) async fn start(
    pod: &Pod,
    tx: &mut Tx,
    user: UserId,
    needs_code: bool,
    label: &str,
) -> Result<Started> {
    let now = pod.clock.now();
    let token = BASE64_URL_SAFE_NO_PAD.encode(pod.random::<32>());
    let (state, lasts) = if needs_code { ("code", CODE) } else { ("open", OPEN) };
    let label: String = label.chars().filter(|c| !c.is_control()).take(120).collect();
    let new = store::NewSession {
        token_hash: &hash(&token),
        user,
        state,
        label: &label,
        expires_at: now.plus(lasts),
    };
    store::insert_session(tx, &new, now).await?;
    Ok(Started { token, needs_code, expires_at: new.expires_at })
}

/// Whose session `token` is. None for an unknown or expired one, and for a locked account.
pub async fn find(pod: &Pod, token: &str) -> Result<Option<Session>> {
    let now = pod.clock.now();
    let session = store::find_session(&mut pod.db.read().await?, &hash(token), now).await?;
    if let Some(session) = &session
        && session.state == State::Open
        && now > session.seen_at.plus(TOUCH_EVERY)
    {
        let mut tx = pod.db.begin().await?;
        store::touch(&mut tx, session.id, now, now.plus(OPEN)).await?;
        store::seen(&mut tx, session.user, now).await?;
        tx.commit().await?;
    }
    Ok(session)
}

/// The second factor: a code of the app, or one of the recovery codes. A new session replaces the waiting one.
pub async fn pass_code(pod: &Pod, token: &str, code: &str) -> Result<Started> {
    let session = find(pod, token).await?.ok_or(Error::Forbidden("session-over"))?;
    if session.state == State::Open {
        return Err(Error::Conflict("signed-in"));
    }
    let mut tx = pod.db.begin_durable().await?;
    if !totp::accepts(pod, &mut tx, session.user, code).await? {
        return Err(Invalid::new("otp_attempt", "wrong-code").into());
    }
    let label = store::label(&mut tx, session.id).await?.unwrap_or_default();
    store::end_session(&mut tx, &hash(token)).await?;
    let started = start(pod, &mut tx, session.user, false, &label).await?;
    store::seen(&mut tx, session.user, pod.clock.now()).await?;
    tx.commit().await?;
    Ok(started)
}

/// Signs out. An unknown token is nothing to complain about.
pub async fn end(pod: &Pod, token: &str) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    store::end_session(&mut tx, &hash(token)).await?;
    Ok(tx.commit().await?)
}

/// The member's open sessions, last used first.
pub async fn list(pod: &Pod, who: Owner) -> Result<Vec<SessionRow>> {
    Ok(store::list_sessions(&mut pod.db.read().await?, who.user(), pod.clock.now()).await?)
}

/// Ends one of the member's sessions.
pub async fn revoke(pod: &Pod, who: Owner, session: SessionId) -> Result<()> {
    let mut tx = pod.db.begin_durable().await?;
    if store::revoke(&mut tx, who.user(), session).await? == 0 {
        return Err(Error::NotFound);
    }
    Ok(tx.commit().await?)
}

/// Forgets sessions that are over.
pub async fn sweep(pod: &Pod) -> Result<u64> {
    let mut tx = pod.db.begin().await?;
    let swept = store::end_expired(&mut tx, pod.clock.now()).await?;
    tx.commit().await?;
    Ok(swept)
}

fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}
