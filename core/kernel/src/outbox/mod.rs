//! What this pod sends. An operation says what happened in its own transaction; a job builds the entity,
//! signs it once and writes one delivery per pod (public) or per person (limited).
mod conversation;
mod deliver;
mod dispatch;
mod entity;
mod mention;
mod probe;
mod push;
pub(crate) mod queue;
pub(crate) mod store;

pub use deliver::Deliver;
pub use dispatch::Dispatch;
pub use probe::Probe;

use crate::{
    db::{self, Conn, Tx},
    id::{CommentId, CommentLikeId, ConversationId, LikeId, MessageId, PersonId, PostId, Timestamp, UserId},
    job,
};
use serde::{Deserialize, Serialize};

pub(crate) use deliver::enqueue as enqueue_deliveries;
pub(crate) use dispatch::{Signed, post};
pub(crate) use entity::{
    comment_xml, for_everybody, guid, id, like_xml, post_entity, profile as profile_entity,
};
pub(crate) use probe::enqueue as enqueue_probe;
pub(crate) use store::diaspora_id;

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
    /// A public text whose mention of somebody could not be resolved when it was sent, to them alone.
    Mention {
        /// The post, or the one below which the comment stands.
        post: PostId,
        /// The comment that mentions, if it is one.
        comment: Option<CommentId>,
        /// Who is mentioned: a diaspora* ID.
        name: String,
    },
    /// A conversation that a member began, with its first message.
    Conversation(ConversationId),
    /// The same for somebody in it who moved since: their new pod does not have it.
    Introduction {
        /// The conversation.
        conversation: ConversationId,
        /// Who they are now.
        to: PersonId,
    },
    /// A member's later message.
    Message(MessageId),
    /// The same for somebody in the conversation who was not known when it was sent, to them alone.
    LateMessage {
        /// The message.
        message: MessageId,
        /// Who they are: a diaspora* ID.
        name: String,
    },
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

/// Remote people who heard of a comment: with those whom it mentions, where it stands below a public post of this pod.
pub async fn hear_of(
    conn: &mut Conn,
    post: PostId,
    comment: CommentId,
    public: bool,
) -> db::Result<Vec<PersonId>> {
    let mut people = subscribers(conn, post).await?;
    if public && store::remote_author(conn, post).await?.is_empty() {
        people.extend(store::mentioned_in(conn, comment).await?.into_iter().map(|one| one.person_id));
        people.sort_unstable();
        people.dedup();
    }
    Ok(people)
}

/// Remote people who hear everything about a post of this pod; of a remote post, its author alone.
pub async fn subscribers(conn: &mut Conn, post: PostId) -> db::Result<Vec<PersonId>> {
    let mut people = store::remote_author(conn, post).await?;
    if people.is_empty() {
        people = store::subscribers(conn, post).await?;
    }
    Ok(people.into_iter().map(|recipient| recipient.person_id).collect())
}
