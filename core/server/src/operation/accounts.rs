//! The setup, accounts of this pod, and people of others.
use super::{Answer, Member, Wrong};
use pappus_kernel::{
    Error, Pod,
    access::Admin,
    account::{
        close,
        setup::{self, Setup},
        sign_up::{self, NewMember},
    },
    person::key_change,
};
use serde_json::json;

fn told(pod: &Pod, username: &str, admin: bool) -> Answer {
    let username = username.trim().to_ascii_lowercase();
    json!({ "diaspora_id": format!("{username}@{}", pod.site().host()), "username": username, "admin": admin })
}

/// A fresh link, and where it leads.
pub async fn setup_link(pod: &Pod, origin: &str) -> Result<Answer, Wrong> {
    let token = setup::new_link(pod).await?;
    let site = pod.site();
    let origin = site.base_url.as_ref().map_or(origin, |url| url.as_str()).trim_end_matches('/');
    Ok(json!({ "url": format!("{origin}/setup?token={token}") }))
}

/// Settings and the first admin at once.
pub(super) async fn set_up(
    pod: &Pod,
    base_url: String,
    pod_name: String,
    member: Member,
    open: bool,
) -> Result<Answer, Wrong> {
    let Member { username, email, password, language } = member;
    let form = Setup { base_url, pod_name, username: username.clone(), email, password, open, language };
    setup::finish_as_operator(pod, Admin::operator(), form).await?;
    Ok(told(pod, &username, true))
}

pub(super) async fn create(pod: &Pod, member: Member, admin: bool) -> Result<Answer, Wrong> {
    let Member { username, email, password, language } = member;
    let new = NewMember { username: username.clone(), email, password, language };
    sign_up::create_as_operator(pod, Admin::operator(), new, admin).await?;
    Ok(told(pod, &username, admin))
}

pub(super) async fn end(pod: &Pod, username: &str) -> Result<Answer, Wrong> {
    close::close_as_operator(pod, Admin::operator(), username).await.map_err(|error| match error {
        Error::NotFound => Wrong::failed(format!("nobody here is called {username}")),
        Error::Conflict(_) => Wrong::failed(format!("the account of {username} is closed already")),
        Error::Invalid(_) => Wrong::failed("this is the only admin"),
        error => error.into(),
    })?;
    Ok(json!({ "username": username, "closed": true }))
}

pub(super) async fn reset_key(pod: &Pod, diaspora_id: &str) -> Result<Answer, Wrong> {
    let change =
        key_change::reset(pod, Admin::operator(), diaspora_id).await.map_err(|error| match error {
            Error::NotFound => {
                Wrong::failed(format!("{diaspora_id} is nobody of another pod that is known here"))
            }
            Error::Conflict("same-key") => {
                Wrong::failed(format!("the pod of {diaspora_id} shows the key that is known here"))
            }
            Error::Conflict(_) => Wrong::failed("the new account's guid belongs to somebody else"),
            error => error.into(),
        })?;
    Ok(json!({
        "diaspora_id": change.person.diaspora_id,
        "old": change.kept,
        "new": change.shown,
        "new_account": change.new_account,
    }))
}
