//! What is taken back, and relayed to whom it was sent through this pod.
use crate::{
    Pod, Result, attachment, contact,
    db::Tx,
    id::{CommentId, PersonId, PostId, Timestamp, UserId},
    inbox::{gather::raw_name, store},
    outbox::{self, Outgoing},
    person::{self, Person},
    post,
    relayable::{self, comment, comment_like, like, participate},
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
                let told = Child { comment: Some(child.comment()), ..Child::of(&child) };
                told.relay(&mut tx, "Comment", guid, now).await?;
                comment::remove(&mut tx, child.comment(), now).await?;
            }
        }
        Kind::Like => retract_like(&mut tx, guid, now).await?,
        Kind::Photo => post::photo::remove(&mut tx, guid, sender.id, now).await?,
        Kind::Participation => participate::remove(&mut tx, guid, sender.id, now).await?,
        Kind::Person => {
            if let Some(user) = recipient {
                contact::receive(&mut tx, user, sender.id, false, now).await?;
            }
        }
        kind @ (Kind::PollParticipation | Kind::EventParticipation) => {
            if let Some(row) = attachment::answer(&mut tx, raw_name(kind), guid).await? {
                let (post, post_author) = (row.post_id, row.post_author_id);
                let child =
                    Child { author: row.author_id, post, post_author, public: row.public, comment: None };
                child.relay(&mut tx, kind.as_str(), guid, now).await?;
                let answer = (raw_name(kind), guid);
                attachment::remove_answer(&mut tx, kind.as_str(), answer, row.author_id, now).await?;
                relayable::store::forget_payload(&mut tx, raw_name(kind), guid).await?;
            }
        }
        kind => {
            attachment::detach(&mut tx, kind.as_str(), (raw_name(kind), guid), sender.id, now).await?;
        }
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// Of a post, of a comment, or a dislike.
async fn retract_like(tx: &mut Tx, guid: &str, now: Timestamp) -> Result<()> {
    if let Some(child) = store::like(tx, guid).await? {
        Child::of(&child).relay(tx, "Like", guid, now).await?;
        return Ok(like::remove(tx, child.like(), now).await?);
    }
    if let Some(row) = store::comment_like(tx, guid).await? {
        Child::of(&row.child).relay(tx, "Like", guid, now).await?;
        return Ok(comment_like::remove(tx, row.child.comment_like(), now).await?);
    }
    if let Some(child) = store::raw_child(tx, "like", guid).await? {
        Child::of(&child).relay(tx, "Like", guid, now).await?;
        post::gone::bury(tx, "Like", guid, child.author_id, now).await?;
        relayable::store::forget_payload(tx, "like", guid).await?;
        store::delete_raw(tx, "like", guid).await?;
    }
    Ok(())
}

/// Something that hangs on a post.
struct Child {
    author: PersonId,
    post: PostId,
    post_author: PersonId,
    public: bool,
    /// What it is itself, where it is a comment: more people hear of those.
    comment: Option<CommentId>,
}

impl Child {
    fn of(row: &store::ChildRow) -> Self {
        Self {
            author: row.author_id,
            post: row.post_id,
            post_author: row.post_author_id,
            public: row.public,
            comment: None,
        }
    }

    /// What others were sent through this pod is also taken back through it.
    async fn relay(&self, tx: &mut Tx, target_type: &str, guid: &str, now: Timestamp) -> Result<()> {
        let Some(user) = person::store::user_of(tx, self.post_author).await? else { return Ok(()) };
        let recipients = match self.comment {
            Some(comment) => outbox::hear_of(tx, self.post, comment, self.public).await?,
            None => outbox::subscribers(tx, self.post).await?,
        };
        let retraction = Outgoing::Retraction {
            user,
            author: self.author,
            target_type: target_type.into(),
            target_guid: guid.to_owned(),
            public: self.public,
            recipients: recipients.into_iter().filter(|person| *person != self.author).collect(),
        };
        Ok(outbox::enqueue(tx, &retraction, now).await?)
    }
}
