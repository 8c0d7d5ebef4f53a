//! Making an account: person, profile, key pair, account and first aspects in one transaction.
use super::{
    Checks, Email, Password, Username,
    key::{self, Pair},
    password,
    session::{self, Started},
    store,
};
use crate::{
    Error, Invalid, Pod, Result, access::Admin, contact::aspect, db::Tx, error::taken, id::UserId, person,
};
use std::fmt;

/// What the form asks for, as it was typed.
#[derive(Clone, Default)]
pub struct NewMember {
    /// See [`Username`].
    pub username: String,
    /// See [`Email`].
    pub email: String,
    /// See [`Password`].
    pub password: String,
    /// The language of the pages and of the first aspects.
    pub language: String,
}

impl fmt::Debug for NewMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMember").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Fields that passed their rules.
pub(super) struct Valid {
    pub(super) username: Username,
    pub(super) email: Email,
    hash: String,
    language: String,
}

/// Joins the pod, if it is open, and signs in.
pub async fn sign_up(pod: &Pod, new: NewMember, label: &str) -> Result<Started> {
    let site = pod.site();
    if site.base_url.is_none() || !site.open {
        return Err(Error::Forbidden("closed"));
    }
    let valid = check(pod, new).await?;
    let mut spare = None;
    loop {
        let mut tx = pod.db.begin_durable().await?;
        if let Some(user) = insert(pod, &mut tx, &valid, &mut spare, &site.host(), "member").await? {
            let started = session::start(pod, &mut tx, user, false, label).await?;
            tx.commit().await?;
            key::ensure(pod).await?;
            return Ok(started);
        }
        drop(tx);
        spare = Some(Pair::make(pod).await?);
    }
}

/// The operator makes an account, whether the pod is open or not.
pub async fn create_as_operator(pod: &Pod, _who: Admin, new: NewMember, admin: bool) -> Result<UserId> {
    let site = pod.site();
    if site.base_url.is_none() {
        return Err(Error::Forbidden("not-set-up"));
    }
    let valid = check(pod, new).await?;
    let spare = Pair::make(pod).await?;
    let mut tx = pod.db.begin_durable().await?;
    let role = if admin { "admin" } else { "member" };
    let user = insert(pod, &mut tx, &valid, &mut Some(spare), &site.host(), role).await?;
    let user = user.ok_or_else(|| Error::internal("a key pair was given and not used"))?;
    tx.commit().await?;
    Ok(user)
}

/// Checks every field, so that a form can show all that is wrong at once, then hashes the password.
pub(super) async fn check(pod: &Pod, new: NewMember) -> Result<Valid> {
    let mut checks = Checks::default();
    let username = checks.field(Username::try_from(new.username.as_str()));
    let email = checks.field(Email::try_from(new.email.as_str()));
    let password = checks.field(Password::try_from(new.password));
    let (Some(username), Some(email), Some(password)) = (username, email, password) else {
        return checks.refuse();
    };
    let hash = password::hash(pod, password).await?;
    Ok(Valid { username, email, hash, language: new.language })
}

/// Writes the rows. None when there is no spare key and none was given: make one outside the
/// transaction and come again.
pub(super) async fn insert(
    pod: &Pod,
    tx: &mut Tx,
    new: &Valid,
    given: &mut Option<Pair>,
    host: &str,
    role: &'static str,
) -> Result<Option<UserId>> {
    let now = pod.clock.now();
    let diaspora_id = format!("{}@{host}", new.username.as_str());
    if store::username_taken(tx, new.username.as_str(), &diaspora_id).await? {
        return Err(Invalid::new("username", "taken").into());
    }
    if store::email_taken(tx, new.email.as_str()).await? {
        return Err(Invalid::new("email", "taken").into());
    }
    let pair = match given.take() {
        Some(pair) => pair,
        None => match Pair::take(pod, tx).await? {
            Some(pair) => pair,
            None => return Ok(None),
        },
    };
    let person = person::store::insert_local(tx, pod.new_guid().as_str(), &diaspora_id, &pair.public, now)
        .await
        .map_err(|error| taken(error, "username"))?;
    let user = store::NewUser {
        person,
        username: new.username.as_str(),
        email: new.email.as_str(),
        password_hash: &new.hash,
        private_key: &pair.seal(pod, new.username.as_str())?,
        role,
        language: &new.language,
    };
    // the name is this transaction's by now, so what is left to be taken is the address
    let user = store::insert(tx, &user, now).await.map_err(|error| taken(error, "email"))?;
    aspect::seed(tx, user, &new.language, now).await?;
    Ok(Some(user))
}
