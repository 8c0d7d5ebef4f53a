//! Publishing: the post, its frozen audience, its place in streams, notifications and its delivery are one
//! transaction.
use super::{Audience, PostText, outsiders, store};
use crate::{
    Error, Invalid, Pod, Result,
    access::Owner,
    attachment,
    db::Tx,
    id::{PersonId, PhotoId, PostId, Timestamp},
    media, notification,
    outbox::{self, Outgoing},
    person, tag, text,
};

/// A post that is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The row.
    pub id: PostId,
    /// The name across pods.
    pub guid: String,
}

/// A photo that goes with a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// One that waits.
    pub id: PhotoId,
    /// What it shows, in words; none leaves what was said before.
    pub text: Option<String>,
}

/// What a member wants to publish.
#[derive(Debug, Clone)]
pub struct Draft {
    /// May be empty beside photos.
    pub text: PostText,
    /// Who it is for.
    pub audience: Audience,
    /// What it was written with.
    pub provider: Option<String>,
    /// In order.
    pub photos: Vec<Attached>,
    /// What plugins hang on it.
    pub attachments: Vec<attachment::Draft>,
}

/// Publishes a status message and queues its delivery: all of it or none.
pub async fn publish(
    pod: &Pod,
    author: Owner,
    text: PostText,
    audience: Audience,
    provider: Option<String>,
) -> Result<Published> {
    publish_draft(
        pod,
        author,
        Draft { text, audience, provider, photos: Vec::new(), attachments: Vec::new() },
    )
    .await
}

/// The same with photos that were uploaded before.
pub async fn publish_draft(pod: &Pod, author: Owner, draft: Draft) -> Result<Published> {
    let Draft { text, audience, provider, photos, attachments } = draft;
    if text.as_str().is_empty() && photos.is_empty() {
        return Err(Invalid::new("text", "required").into());
    }
    let now = pod.clock.now();
    let guid = pod.new_guid().to_string();
    let tags = text::scan::tags(text.as_str());
    let new = store::NewRow {
        guid: &guid,
        author: author.person(),
        text: text.as_str(),
        public: audience == Audience::Public,
        local: true,
        nsfw: tags.iter().any(|tag| tag == "nsfw"),
        provider: provider.as_deref(),
        created_at: now,
        reshares: None,
    };
    let mut tx = pod.db.begin_durable().await?;
    let id =
        store::insert(&mut tx, &new, now).await?.ok_or_else(|| Error::internal("a fresh guid was taken"))?;
    freeze(&mut tx, author, id, &audience).await?;
    let mut written = text.as_str().to_owned();
    if !new.public {
        written = outsiders::unmention(pod, &mut tx, id, written).await?;
        store::set_text(&mut tx, id, &written).await?;
    }
    media::hang(&mut tx, author.person(), id, &photos).await?;
    for each in &attachments {
        if !attachment::attach(&mut tx, id, each.kind, each.guid.as_deref(), &each.xml).await? {
            return Err(Invalid::new("text", "attachment-taken").into());
        }
    }
    tag::write(&mut tx, id, &tags, now).await?;
    let mentioned = person::store::ids_of(&mut tx, &text::scan::mentions(&written)).await?;
    let mentioned: Vec<PersonId> = mentioned.into_iter().map(|(_, person)| person).collect();
    spread(&mut tx, id, author.person(), &mentioned, now).await?;
    outbox::enqueue(&mut tx, &Outgoing::Post(id), now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(Published { id, guid })
}

/// Writes down who a limited post is for, once and for all.
async fn freeze(tx: &mut Tx, author: Owner, post: PostId, audience: &Audience) -> Result<()> {
    match audience {
        Audience::Public => return Ok(()),
        Audience::AllAspects => drop(store::choose_all_aspects(tx, author.user(), post).await?),
        Audience::Aspects(aspects) => {
            let chosen = store::choose_aspects(tx, author.user(), post, aspects).await?;
            if aspects.is_empty() {
                return Err(Invalid::new("aspect_ids", "required").into());
            }
            if chosen != u64::try_from(aspects.len()).unwrap_or(u64::MAX) {
                return Err(Error::Forbidden("not-your-aspect")); // dropping `tx` undoes the post
            }
        }
    }
    store::freeze_audience(tx, post).await?;
    Ok(())
}

/// Mentions, home streams and notifications, for whoever of this pod may read the post.
pub(super) async fn spread(
    tx: &mut Tx,
    post: PostId,
    author: PersonId,
    mentioned: &[PersonId],
    now: Timestamp,
) -> crate::db::Result<()> {
    store::mention(tx, post, mentioned).await?;
    store::enter_homes(tx, post).await?;
    notification::mentioned(tx, post, author, now).await
}
