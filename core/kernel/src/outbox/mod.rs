//! What this pod sends. An operation says what happened in its own transaction; a job builds the entity,
//! signs it once and writes one delivery per pod (public) or per person (limited).
mod conversation;
mod deliver;
mod dispatch;
mod entity;
mod mention;
pub(crate) mod store;

pub use deliver::Deliver;
pub use dispatch::Dispatch;

use crate::{
    Pod, Result,
    db::{self, Conn, Tx},
    id::{
        CommentId, CommentLikeId, ConversationId, LikeId, MessageId, PersonId, PostId, RemotePodId,
        Timestamp, UserId,
    },
    job, remote_pod,
};
use serde::{Deserialize, Serialize};

pub(crate) use dispatch::{Signed, post};
pub(crate) use entity::{comment_xml, guid, id, post_entity, profile as profile_entity};

/// Something that other pods hear of. Rows are read when it is sent; what will be gone by then is in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outgoing {
    /// A new post of a member.
    Post(PostId),
    /// A new comment, by a member or to be relayed.
    Comment(CommentId),
    /// A new like, by a member or to be relayed.
    Like(LikeId),
    /// A new like of a comment, by a member or to be relayed.
    CommentLike(CommentLikeId),
    /// Something else that hangs on a post of this pod, to be relayed as it came.
    Relay {
        /// The element's name.
        entity: String,
        /// Its name across pods.
        guid: String,
        /// Who made it: their pod has it.
        author: PersonId,
    },
    /// The last word of a closed account.
    Farewell {
        /// The account.
        user: UserId,
        /// Who hears it.
        recipients: Vec<PersonId>,
    },
    /// Whether a member shares with somebody or ignores them, as it is when it is sent.
    Contact {
        /// The member.
        user: UserId,
        /// The other.
        person: PersonId,
    },
    /// A member's whole profile, for one person or for every contact.
    Profile {
        /// The member.
        user: UserId,
        /// None: every contact.
        to: Option<PersonId>,
    },
    /// A member wants to hear what happens to a remote post.
    Participation {
        /// The member.
        user: UserId,
        /// The post.
        post: PostId,
    },
    /// A conversation that a member began, with its first message.
    Conversation(ConversationId),
    /// A member's later message.
    Message(MessageId),
    /// Something was taken back.
    Retraction {
        /// Who signs the envelope: the target's author, or the author of the post it hangs on.
        user: UserId,
        /// The target's author.
        author: PersonId,
        /// `Post`, `Comment`, `Like`, …
        target_type: String,
        /// The target.
        target_guid: String,
        /// It was public.
        public: bool,
        /// Who has it, read before it went.
        recipients: Vec<PersonId>,
    },
}

/// Queues it, if and only if `tx` commits. Ring `pod.jobs_due` after the commit.
pub async fn enqueue(tx: &mut Tx, what: &Outgoing, now: Timestamp) -> db::Result<()> {
    job::enqueue(tx, &Dispatch(what.clone()), now).await
}

/// Remote people who hear everything about a post of this pod; of a remote post, its author alone.
pub async fn subscribers(conn: &mut Conn, post: PostId) -> db::Result<Vec<PersonId>> {
    let mut people = store::remote_author(conn, post).await?;
    if people.is_empty() {
        people = store::subscribers(conn, post).await?;
    }
    Ok(people.into_iter().map(|recipient| recipient.person_id).collect())
}

/// A pod was heard of: what waits for it may go at once.
pub(crate) async fn wake(pod: &Pod, remote: RemotePodId) -> Result<()> {
    remote_pod::heard_of(pod, remote).await?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    if store::waiting(&mut tx, remote).await? {
        deliver::enqueue(&mut tx, remote, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}
