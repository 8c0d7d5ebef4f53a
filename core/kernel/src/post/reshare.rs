//! Reshares: a post that passes on somebody's public post. It is a post of its own, with its own comments and
//! likes; its root is always the status message at the end of the chain.
use super::{
    Arrival, gone,
    publish::{Published, spread},
    store::{self, NewRow, Post, Reshares},
};
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Tx},
    id::{PersonId, PostId, Timestamp},
    notification,
    outbox::{self, Outgoing},
    person, relayable,
};

/// Passes on the public post that `key` (a guid, or the number of its row) names; of a reshare, its root.
pub async fn reshare(pod: &Pod, who: Owner, key: &str) -> Result<Published> {
    let now = pod.clock.now();
    let guid = pod.new_guid().to_string();
    let mut tx = pod.db.begin_durable().await?;
    let named = store::find_readable(&mut tx, who.into(), key).await?.ok_or(Error::NotFound)?;
    let root = root_of(&mut tx, named).await?.ok_or(Error::Forbidden("root-gone"))?;
    if !root.public {
        return Err(Error::Forbidden("not-public"));
    }
    if root.author_id == who.person() {
        return Err(Error::Forbidden("own-post"));
    }
    if relayable::is_refused(&mut tx, root.id, who.person()).await? {
        return Err(Error::Forbidden("ignored"));
    }
    let new = NewReshare { guid: guid.clone(), author: who.person(), created_at: now, root: Some(root.id) };
    let id = insert(pod, &mut tx, &new, Origin::Local, now).await?.ok_or(Error::Conflict("reshared"))?;
    relayable::take_part(pod, &mut tx, who, &root, now).await?;
    outbox::enqueue(&mut tx, &Outgoing::Post(id), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(Published { id, guid })
}

/// A reshare from another pod, verified.
#[derive(Debug, Clone)]
pub struct NewReshare {
    /// The name across pods.
    pub guid: String,
    /// Who passes it on.
    pub author: PersonId,
    /// As its author says.
    pub created_at: Timestamp,
    /// What is passed on, which may be a reshare itself; none where it was deleted.
    pub root: Option<PostId>,
}

/// [`receive_as`] news.
pub async fn receive(pod: &Pod, tx: &mut Tx, new: NewReshare, now: Timestamp) -> db::Result<Option<PostId>> {
    receive_as(pod, tx, new, Arrival::News, now).await
}

/// Stores a remote reshare. None when it was seen before, was retracted, or its author passes on the same post
/// already.
pub async fn receive_as(
    pod: &Pod,
    tx: &mut Tx,
    mut new: NewReshare,
    arrival: Arrival,
    now: Timestamp,
) -> db::Result<Option<PostId>> {
    if gone::is_taken_back(tx, "Post", &new.guid, new.author, None).await? {
        return Ok(None);
    }
    to_the_root(tx, &mut new).await?;
    new.created_at = new.created_at.min(now);
    insert(pod, tx, &new, Origin::Remote(arrival), now).await
}

/// What is passed on may be a reshare itself: its root is meant, if that is public.
async fn to_the_root(tx: &mut Tx, new: &mut NewReshare) -> db::Result<()> {
    if let Some(named) = new.root
        && let Some(named) = store::find(tx, named).await?
    {
        new.root = root_of(tx, named).await?.filter(|root| root.public).map(|root| root.id);
    }
    Ok(())
}

/// Stores a reshare of a member that they made elsewhere, with its name and its date. Nobody hears of what was passed on
/// years ago. None when the member passes on the same post already, or the name is taken.
pub(crate) async fn receive_own(
    pod: &Pod,
    tx: &mut Tx,
    mut new: NewReshare,
    now: Timestamp,
) -> db::Result<Option<PostId>> {
    to_the_root(tx, &mut new).await?;
    new.created_at = new.created_at.min(now);
    insert(pod, tx, &new, Origin::Moved, now).await
}

/// The status message at the end of the chain. Stored reshares name it directly, so there is one step at most.
async fn root_of(tx: &mut Tx, post: Post) -> db::Result<Option<Post>> {
    match (post.is_reshare, post.root_id) {
        (false, _) => Ok(Some(post)),
        (true, Some(root)) => store::find(tx, root).await,
        (true, None) => Ok(None),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Local,
    /// A member's, from before they moved here.
    Moved,
    Remote(Arrival),
}

async fn insert(
    pod: &Pod,
    tx: &mut Tx,
    new: &NewReshare,
    origin: Origin,
    now: Timestamp,
) -> db::Result<Option<PostId>> {
    let row = NewRow {
        guid: &new.guid,
        author: new.author,
        text: "",
        public: true,
        local: matches!(origin, Origin::Local | Origin::Moved),
        nsfw: false,
        provider: None,
        created_at: new.created_at,
        reshares: Some(new.root.map_or(Reshares::Gone, Reshares::Post)),
    };
    let Some(id) = store::insert(tx, &row, now).await? else { return Ok(None) };
    let is_news = !matches!(origin, Origin::Moved | Origin::Remote(Arrival::CatchingUp));
    if is_news {
        spread(tx, id, new.author, &[], now).await?;
    }
    if let Some(root) = new.root {
        store::count_reshares(tx, root, 1).await?;
        if is_news {
            notification::reshared(tx, root, new.author, now).await?;
        }
        subscribe_root_author(pod, tx, root, id, now).await?;
    }
    Ok(Some(id))
}

/// Whose post was passed on hears what is said below the reshare.
async fn subscribe_root_author(
    pod: &Pod,
    tx: &mut Tx,
    root: PostId,
    reshare: PostId,
    now: Timestamp,
) -> db::Result<()> {
    let (Some(root), Some(reshare)) = (store::find(tx, root).await?, store::find(tx, reshare).await?) else {
        return Ok(());
    };
    match person::store::user_of(tx, root.author_id).await? {
        Some(user) => {
            let who = Owner::new(user, root.author_id);
            relayable::take_part(pod, tx, who, &reshare, now).await
        }
        None => Ok(()), // their own pod does
    }
}
