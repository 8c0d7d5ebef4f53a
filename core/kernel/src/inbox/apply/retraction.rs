//! What is taken back, and relayed to whom it was sent through this pod.
use crate::{
    Pod, Result, contact,
    db::Tx,
    id::{Timestamp, UserId},
    inbox::{receive::raw_name, store},
    outbox::{self, Outgoing},
    person::{self, Person},
    post,
    relayable::{comment, like},
};
use pappus_federation::entity::{Kind, Retraction};

pub(super) async fn retraction(
    pod: &Pod,
    retraction: &Retraction,
    sender: &Person,
    recipient: Option<UserId>,
) -> Result<()> {
    let now = pod.clock.now();
    let guid = retraction.target_guid.as_str();
    let mut tx = pod.db.begin().await?;
    match &retraction.target_kind {
        Kind::Post => {
            if let Some(post) = store::post(&mut tx, guid).await? {
                post::remove(&mut tx, post.id, now).await?;
            }
        }
        Kind::Comment => {
            if let Some(child) = store::comment(&mut tx, guid).await? {
                relay_retraction(&mut tx, "Comment", guid, &child, now).await?;
                comment::remove(&mut tx, child.comment(), now).await?;
            }
        }
        Kind::Like => {
            if let Some(child) = store::like(&mut tx, guid).await? {
                relay_retraction(&mut tx, "Like", guid, &child, now).await?;
                like::remove(&mut tx, child.like(), now).await?;
            }
        }
        Kind::Person => {
            if let Some(user) = recipient {
                contact::receive(&mut tx, user, sender.id, false, now).await?;
            }
        }
        kind => {
            store::delete_raw(&mut tx, raw_name(kind), guid).await?;
            post::store::bury(&mut tx, kind.as_str(), guid, now).await?;
        }
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// What others were sent through this pod is also taken back through it.
async fn relay_retraction(
    tx: &mut Tx,
    target_type: &str,
    guid: &str,
    child: &store::ChildRow,
    now: Timestamp,
) -> Result<()> {
    let Some(user) = person::store::user_of(tx, child.post_author_id).await? else { return Ok(()) };
    let recipients = outbox::subscribers(tx, child.post_id).await?;
    let retraction = Outgoing::Retraction {
        user,
        author: child.author_id,
        target_type: target_type.into(),
        target_guid: guid.to_owned(),
        public: child.public,
        recipients: recipients.into_iter().filter(|person| *person != child.author_id).collect(),
    };
    Ok(outbox::enqueue(tx, &retraction, now).await?)
}
