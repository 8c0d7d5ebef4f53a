//! The first minute of a pod: a link that works once makes the first admin and fixes the base URL.
use super::{
    Checks,
    key::{self, Pair},
    session::{self, Started},
    sign_up::{self, NewMember},
    store,
};
use crate::{
    Error, Pod, Result,
    access::Admin,
    db::{Conn, Tx},
    id::UserId,
    setting::{self, valid_base_url},
};
use aws_lc_rs::digest::{SHA256, digest};
use std::{fmt, time::Duration};

/// Both the link and the cookie that it is traded for.
const LASTS: Duration = Duration::from_hours(24);
const LINK: &str = "setup_link";
const COOKIE: &str = "setup_cookie";

/// What the setup form asks for, as it was typed.
#[derive(Clone, Default)]
pub struct Setup {
    /// Where the pod is for everybody, for ever.
    pub base_url: String,
    /// What the pod is called.
    pub pod_name: String,
    /// The first admin's name.
    pub username: String,
    /// The first admin's address.
    pub email: String,
    /// The first admin's password.
    pub password: String,
    /// Anybody may sign up.
    pub open: bool,
    /// The first admin's language.
    pub language: String,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// There is no admin yet.
pub async fn is_needed(pod: &Pod) -> Result<bool> {
    Ok(!store::any_admin(&mut pod.db.read().await?).await?)
}

/// A new link's token: 128 bits, for 24 hours. The link before it no longer works.
pub async fn new_link(pod: &Pod) -> Result<String> {
    let mut tx = pod.db.begin_durable().await?;
    refuse_if_done(&mut tx).await?;
    let token = write_token(pod, &mut tx, LINK).await?;
    tx.commit().await?;
    Ok(token)
}

/// Trades the link's token, once, for the value of a cookie.
pub async fn redeem(pod: &Pod, token: &str) -> Result<String> {
    let mut tx = pod.db.begin_durable().await?;
    refuse_if_done(&mut tx).await?;
    if !holds(pod, &mut tx, LINK, token).await? {
        return Err(Error::Forbidden("setup-link"));
    }
    setting::put(&mut tx, LINK, "", pod.clock.now()).await?;
    let cookie = write_token(pod, &mut tx, COOKIE).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// Whether the cookie opens the setup form.
pub async fn is_open(pod: &Pod, cookie: &str) -> Result<bool> {
    let mut conn = pod.db.read().await?;
    Ok(!store::any_admin(&mut conn).await? && holds(pod, &mut conn, COOKIE, cookie).await?)
}

/// Sets the pod up and signs the first admin in.
pub async fn finish(pod: &Pod, cookie: &str, form: Setup, label: &str) -> Result<Started> {
    if !is_open(pod, cookie).await? {
        return Err(Error::Forbidden("setup-link"));
    }
    let (mut tx, user) = found(pod, form).await?;
    let started = session::start(pod, &mut tx, user, false, label).await?;
    done(pod, tx).await?;
    Ok(started)
}

/// The operator sets the pod up from the command line.
pub async fn finish_as_operator(pod: &Pod, _who: Admin, form: Setup) -> Result<UserId> {
    let (tx, user) = found(pod, form).await?;
    done(pod, tx).await?;
    Ok(user)
}

/// Writes settings and the first admin; the transaction is the caller's to commit.
async fn found(pod: &Pod, form: Setup) -> Result<(Tx, UserId)> {
    let mut checks = Checks::default();
    let base_url = checks.field(valid_base_url(&form.base_url));
    let member = NewMember {
        username: form.username,
        email: form.email,
        password: form.password,
        language: form.language,
    };
    let member = match sign_up::check(pod, member).await {
        Err(Error::InvalidFields(fields)) => {
            for invalid in fields {
                checks.field::<()>(Err(invalid));
            }
            None
        }
        checked => Some(checked?),
    };
    let (Some(base_url), Some(member)) = (base_url, member) else { return checks.refuse() };
    let spare = Pair::make(pod).await?;
    let mut tx = pod.db.begin_durable().await?;
    refuse_if_done(&mut tx).await?;
    setting::found(pod, &mut tx, &base_url, &form.pod_name, form.open).await?;
    let host = setting::Site { base_url: Some(base_url), ..setting::Site::default() }.host();
    let user = sign_up::insert(pod, &mut tx, &member, &mut Some(spare), &host, "admin").await?;
    let user = user.ok_or_else(|| Error::internal("a key pair was given and not used"))?;
    Ok((tx, user))
}

async fn done(pod: &Pod, mut tx: Tx) -> Result<()> {
    for token in [LINK, COOKIE] {
        setting::put(&mut tx, token, "", pod.clock.now()).await?;
    }
    tx.commit().await?;
    setting::reload(pod).await?;
    key::ensure(pod).await
}

async fn refuse_if_done(conn: &mut Conn) -> Result<()> {
    if store::any_admin(conn).await? { Err(Error::Conflict("set-up")) } else { Ok(()) }
}

/// Stored as `expiry|hash`.
async fn write_token(pod: &Pod, tx: &mut Tx, name: &str) -> Result<String> {
    let token = hex::encode(pod.random::<16>());
    let now = pod.clock.now();
    let row = format!("{}|{}", now.plus(LASTS).0, hash(&token));
    setting::put(tx, name, &row, now).await?;
    Ok(token)
}

async fn holds(pod: &Pod, conn: &mut Conn, name: &str, token: &str) -> Result<bool> {
    use subtle::ConstantTimeEq as _;
    let row = setting::get(conn, name).await?.unwrap_or_default();
    let Some((expiry, stored)) = row.split_once('|') else { return Ok(false) };
    let alive = expiry.parse::<i64>().is_ok_and(|expiry| expiry > pod.clock.now().0);
    Ok(alive && bool::from(hash(token).as_bytes().ct_eq(stored.as_bytes())))
}

fn hash(token: &str) -> String {
    hex::encode(digest(&SHA256, token.as_bytes()))
}
