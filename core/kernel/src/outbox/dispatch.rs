//! From what happened to deliveries: who hears of it, the entity, one signature.
use super::{
    Outgoing, conversation, deliver,
    entity::{self, comment_xml, like_xml, post_entity},
    mention,
    queue::{self, NewPayload},
    store::{self, PostRow, Recipient, RelayableRow},
};
use crate::{
    Error, Pod, Result, account,
    contact::{self, store as contact_store},
    db::{self, Tx},
    id::{CommentId, CommentLikeId, PersonId, PostId, RemotePodId, Timestamp, UserId},
    job::{self, Failure, Job},
    moderation,
    remote_pod::{self, ASLEEP_AFTER, Direction, Event},
};
use pappus_federation::{
    entity::{Contact, Entity, Kind, Participation, Retraction},
    envelope,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

/// Sends one thing that happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dispatch(pub(super) Outgoing);

/// A payload before it is signed.
pub(super) struct Parcel {
    sender: UserId,
    entity: String,
    xml: String,
    public: bool,
    pub(super) to: Vec<Recipient>,
}

impl Job for Dispatch {
    const KIND: &'static str = "dispatch";

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        if pod.site().is_development() {
            return Ok(()); // nobody can reach this pod, so it tells nobody of itself
        }
        let mut parcels = Vec::new();
        let parcel = match self.0 {
            Outgoing::Post(post) => {
                mention::in_post(&pod, post).await?;
                post_parcel(&pod, post).await?
            }
            Outgoing::Comment(comment) => {
                mention::in_comment(&pod, comment).await?;
                comment_parcel(&pod, comment).await?
            }
            Outgoing::Mention { post, comment, name } => {
                let person = mention::late(&pod, post, comment, &name).await?;
                let mut parcel = match comment {
                    Some(comment) => comment_parcel(&pod, comment).await?,
                    None => post_parcel(&pod, post).await?,
                };
                parcel.leave_only(person);
                parcel
            }
            Outgoing::Like(like) => {
                let row = store::like(&mut pod.db.read().await?, like).await?.ok_or(Error::NotFound)?;
                let parent = parent(&pod, row.post_id).await?;
                let xml = like_xml(&pod, &row, &parent).await?;
                relayable(&pod, row, parent, "like", xml, Vec::new()).await?
            }
            Outgoing::CommentLike(like) => comment_like(&pod, like).await?,
            Outgoing::Relay { entity, guid, author } => relayed(&pod, &entity, &guid, author).await?,
            Outgoing::Farewell { user, recipients } => farewell(&pod, user, &recipients).await?,
            Outgoing::Contact { user, person } => contact_parcel(&pod, user, person).await?,
            Outgoing::Profile { user, to } => {
                let (near, far) = profile(&pod, user, to).await?;
                parcels.extend(far);
                near
            }
            Outgoing::Participation { user, post } => participation(&pod, user, post).await?,
            Outgoing::Conversation(id) => conversation::whole(&pod, id).await?,
            Outgoing::Introduction { conversation, to } => {
                conversation::introduction(&pod, conversation, to).await?
            }
            Outgoing::Message(id) => conversation::message(&pod, id).await?,
            Outgoing::LateMessage { message, name } => conversation::late(&pod, message, &name).await?,
            Outgoing::Retraction {
                user,
                author: author_id,
                target_type,
                target_guid,
                public,
                recipients,
            } => {
                let mut conn = pod.db.read().await?;
                let author = store::diaspora_id(&mut conn, author_id).await?.ok_or(Error::NotFound)?;
                let to = store::remote_of(&mut conn, &recipients).await?;
                let kind = Kind::from(target_type.as_str());
                let entity = Retraction::new(entity::id(&author)?, kind, entity::guid(&target_guid)?);
                Parcel::of(user, &Entity::Retraction(entity), public, to)
            }
        };
        parcels.push(parcel);
        Ok(send(&pod, parcels).await?)
    }
}

impl Parcel {
    /// For this person alone; for nobody where their pod is sent it anyway.
    fn leave_only(&mut self, person: PersonId) {
        let theirs = self.to.iter().find(|to| to.person_id == person).map(|to| to.remote_pod_id);
        let is_near = |to: &Recipient| to.person_id != person && Some(to.remote_pod_id) == theirs;
        let told = self.public && self.to.iter().any(is_near);
        self.to.retain(|to| to.person_id == person && !told);
    }

    pub(super) fn of(sender: UserId, entity: &Entity, public: bool, to: Vec<Recipient>) -> Self {
        Self { sender, entity: entity.name().to_owned(), xml: entity.to_xml(), public, to }
    }
}

async fn parent(pod: &Pod, post: PostId) -> Result<PostRow> {
    store::post(&mut pod.db.read().await?, post).await?.ok_or(Error::NotFound)
}

async fn post_parcel(pod: &Pod, post: PostId) -> Result<Parcel> {
    let mut conn = pod.db.read().await?;
    let row = store::post(&mut conn, post).await?.ok_or(Error::NotFound)?;
    let to = store::subscribers(&mut conn, post).await?;
    let sender = row.user_id.ok_or_else(|| Error::internal("only a member's post is sent from here"))?;
    let entity = post_entity(&mut conn, &row).await?;
    Ok(Parcel::of(sender, &entity, row.public, to))
}

async fn comment_parcel(pod: &Pod, comment: CommentId) -> Result<Parcel> {
    let mut conn = pod.db.read().await?;
    let row = store::comment(&mut conn, comment).await?.ok_or(Error::NotFound)?;
    let mentioned = store::mentioned_in(&mut conn, comment).await?;
    drop(conn);
    let parent = parent(pod, row.post_id).await?;
    let xml = comment_xml(pod, &row, &parent).await?;
    relayable(pod, row, parent, "comment", xml, mentioned).await
}

/// To the author of a remote post, or from the author of a post of this pod to everybody who hears of it
/// but the pod that the relayable came from.
async fn relayable(
    pod: &Pod,
    row: RelayableRow,
    parent: PostRow,
    entity: &str,
    xml: String,
    mentioned: Vec<Recipient>,
) -> Result<Parcel> {
    let mut conn = pod.db.read().await?;
    let Some(root_author) = parent.user_id else {
        let sender =
            row.user_id.ok_or_else(|| Error::internal("nothing of others is relayed on a remote post"))?;
        let to = store::remote_author(&mut conn, parent.id).await?;
        return Ok(Parcel { sender, entity: entity.to_owned(), xml, public: parent.public, to });
    };
    let mut to: BTreeSet<Recipient> = store::subscribers(&mut conn, parent.id).await?.into_iter().collect();
    if parent.public {
        to.extend(mentioned);
    }
    to.retain(|recipient| Some(recipient.remote_pod_id) != row.remote_pod_id || !parent.public);
    // in a limited thread people of that pod other than the author have not seen it yet
    if !parent.public && row.remote_pod_id.is_some() {
        let author = store::person_of(&mut conn, &row.author).await?;
        to.retain(|recipient| Some(recipient.person_id) != author);
    }
    Ok(Parcel {
        sender: root_author,
        entity: entity.to_owned(),
        xml,
        public: parent.public,
        to: to.into_iter().collect(),
    })
}

async fn comment_like(pod: &Pod, like: CommentLikeId) -> Result<Parcel> {
    let row = store::comment_like(&mut pod.db.read().await?, like).await?.ok_or(Error::NotFound)?;
    let parent = parent(pod, row.post_id).await?;
    let xml = like_xml(pod, &row, &parent).await?;
    relayable(pod, row, parent, "like", xml, Vec::new()).await
}

/// As it came, whatever it is.
async fn relayed(pod: &Pod, entity: &str, guid: &str, author: PersonId) -> Result<Parcel> {
    let row = store::relayed(&mut pod.db.read().await?, entity, guid, author).await?;
    let mut row = row.ok_or(Error::NotFound)?;
    let xml = row.xml.take().ok_or(Error::NotFound)?;
    let parent = parent(pod, row.post_id).await?;
    relayable(pod, row, parent, entity, xml, Vec::new()).await
}

async fn farewell(pod: &Pod, sender: UserId, recipients: &[PersonId]) -> Result<Parcel> {
    let mut conn = pod.db.read().await?;
    let (entity, xml) = store::farewell(&mut conn, sender).await?.ok_or(Error::NotFound)?;
    let to = store::remote_of(&mut conn, recipients).await?;
    Ok(Parcel { sender, entity, xml, public: true, to })
}

async fn contact_parcel(pod: &Pod, user: UserId, person: PersonId) -> Result<Parcel> {
    let mut conn = pod.db.read().await?;
    let me = store::sender(&mut conn, user).await?.ok_or(Error::NotFound)?;
    let other = store::diaspora_id(&mut conn, person).await?.ok_or(Error::NotFound)?;
    let (author, recipient) = (entity::id(&me.diaspora_id)?, entity::id(&other)?);
    let entity = if contact_store::is_blocked(&mut conn, user, person).await? {
        Contact::blocking(author, recipient)
    } else {
        Contact::new(author, recipient, store::receiving(&mut conn, user, person).await?)
    };
    // who blocks the member hears that they share no more, and not that they do
    let deaf = entity.sharing && !contact_store::blocking(&mut conn, user, &[person]).await?.is_empty();
    let to = if deaf { Vec::new() } else { store::remote(&mut conn, person).await? };
    Ok(Parcel::of(user, &Entity::Contact(entity), false, to))
}

/// With details for everybody, to every contact. Else to those with whom the member shares; the others get what
/// is for everybody, unless somebody on their pod gets more: a pod keeps one profile of a person.
/// What a member's contacts get of their profile, and what goes to those whom the member does not share with.
async fn profile(pod: &Pod, user: UserId, to: Option<PersonId>) -> Result<(Parcel, Option<Parcel>)> {
    let mut conn = pod.db.read().await?;
    let row = store::profile(&mut conn, user).await?.ok_or(Error::NotFound)?;
    let public = row.public_details;
    let profile = entity::profile(row)?;
    if let Some(person) = to {
        let is_for_them = public || store::receiving(&mut conn, user, person).await?;
        let to = if is_for_them { store::remote(&mut conn, person).await? } else { Vec::new() };
        // one person is sent it privately, which every pod takes
        return Ok((Parcel::of(user, &Entity::Profile(Box::new(profile)), false, to), None));
    }
    let contacts = store::remote_contacts(&mut conn, user).await?;
    let (near, far): (Vec<_>, Vec<_>) = contacts.into_iter().partition(|one| public || one.receiving);
    let near: Vec<Recipient> = near.into_iter().map(|one| one.recipient).collect();
    let told: BTreeSet<RemotePodId> = near.iter().map(|one| one.remote_pod_id).collect();
    let far = far.into_iter().map(|one| one.recipient).filter(|one| !told.contains(&one.remote_pod_id));
    let for_everybody = Entity::Profile(Box::new(entity::for_everybody(profile.clone())));
    let far = Parcel::of(user, &for_everybody, false, far.collect());
    Ok((Parcel::of(user, &Entity::Profile(Box::new(profile)), public, near), Some(far)))
}

async fn participation(pod: &Pod, user: UserId, post: PostId) -> Result<Parcel> {
    let mut conn = pod.db.read().await?;
    let me = store::sender(&mut conn, user).await?.ok_or(Error::NotFound)?;
    let row = store::post(&mut conn, post).await?.ok_or(Error::NotFound)?;
    let guid = store::participation(&mut conn, user, post).await?.ok_or(Error::NotFound)?;
    let entity =
        Participation::new(entity::id(&me.diaspora_id)?, entity::guid(&guid)?, entity::guid(&row.guid)?);
    let to = store::remote_author(&mut conn, post).await?;
    Ok(Parcel::of(user, &Entity::Participation(entity), false, to))
}

/// Writes all of it and ends the job, in one transaction.
async fn send(pod: &Pod, parcels: Vec<Parcel>) -> Result<()> {
    let mut sealed = Vec::new();
    for parcel in parcels {
        sealed.extend(seal(pod, parcel).await?);
    }
    if sealed.is_empty() {
        return Ok(());
    }
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let mut sent = Vec::new();
    for each in sealed {
        let pods = post(&mut tx, &each.signed(), &each.to, now).await?;
        sent.push((each, i64::try_from(pods.len()).unwrap_or(i64::MAX)));
    }
    sent.retain(|(_, messages)| *messages > 0);
    if sent.is_empty() {
        return Ok(()); // all of them are asleep, and the payloads go with the transaction
    }
    // sent once: a second run finds no job to run, or nothing to commit
    if !job::end_in(&mut tx).await? {
        return Ok(());
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    for (each, messages) in sent {
        let Some(guid) = each.name else { continue };
        pod.federation_log.note(Event {
            at: now,
            direction: Direction::Out,
            entity: each.entity,
            guid,
            host: String::new(),
            result: "dispatched".into(),
            reason: None,
            messages,
        });
    }
    Ok(())
}

/// A parcel in its signed envelope.
struct Sealed {
    sender: PersonId,
    entity: String,
    name: Option<String>,
    envelope: String,
    public: bool,
    to: Vec<Recipient>,
}

impl Sealed {
    fn signed(&self) -> Signed<'_> {
        Signed {
            sender: self.sender,
            entity: &self.entity,
            guid: self.name.as_deref(),
            envelope: &self.envelope,
            public: self.public,
        }
    }
}

/// Signs it once for everybody; none where nobody is left to send it to.
async fn seal(pod: &Pod, mut parcel: Parcel) -> Result<Option<Sealed>> {
    if parcel.to.is_empty() {
        return Ok(None);
    }
    let mut conn = pod.db.read().await?;
    let sender = store::sender(&mut conn, parcel.sender).await?.ok_or(Error::NotFound)?;
    let people: Vec<PersonId> = parcel.to.iter().map(|to| to.person_id).chain([sender.person_id]).collect();
    let suspended = moderation::suspended(&mut conn, &people).await?;
    let deaf = contact::deaf(&mut conn, parcel.sender, &parcel.entity, &people).await?;
    drop(conn);
    parcel.to.retain(|to| !suspended.contains(&to.person_id) && !deaf.contains(&to.person_id));
    // what was taken back is taken back everywhere, whoever its author became
    let gone = matches!(parcel.entity.as_str(), "retraction" | "account_deletion");
    if parcel.to.is_empty() || (suspended.contains(&sender.person_id) && !gone) {
        return Ok(None);
    }
    let id = entity::id(&sender.diaspora_id)?;
    let key = account::key::of(pod, parcel.sender).await?;
    let xml = parcel.xml;
    let name = entity::name_in(&xml).map(str::to_owned);
    metrics::counter!("fed_signed_total").increment(1);
    let envelope = pod.compute(move || envelope::sign(&xml, &id, &key)).await?.map_err(Error::internal)?;
    let (sender, entity, public, to) = (sender.person_id, parcel.entity, parcel.public, parcel.to);
    Ok(Some(Sealed { sender, entity, name, envelope, public, to }))
}

/// An entity in its signed envelope.
pub(crate) struct Signed<'a> {
    /// Whose key signed it.
    pub sender: PersonId,
    /// The entity's name.
    pub entity: &'a str,
    /// Its own name across pods, if it has one.
    pub guid: Option<&'a str>,
    pub envelope: &'a str,
    /// One delivery a pod instead of one a person.
    pub public: bool,
}

/// Writes the deliveries of something signed, if and only if `tx` commits; says to which pods, for each
/// delivery. Where a pod would not hear it publicly, its people are sent it one by one.
pub(crate) async fn post(
    tx: &mut Tx,
    signed: &Signed<'_>,
    to: &[Recipient],
    now: Timestamp,
) -> db::Result<Vec<RemotePodId>> {
    let pods: BTreeSet<_> = to.iter().map(|recipient| recipient.remote_pod_id).collect();
    let deaf = if signed.public {
        remote_pod::deaf(tx, signed.entity, &pods.into_iter().collect::<Vec<_>>()).await?
    } else {
        Vec::new()
    };
    let (one_by_one, others): (Vec<_>, Vec<_>) =
        to.iter().copied().partition(|recipient| deaf.contains(&recipient.remote_pod_id));
    let mut pods = deliveries(tx, signed, &others, now).await?;
    pods.extend(deliveries(tx, &Signed { public: false, ..*signed }, &one_by_one, now).await?);
    deliver::enqueue(tx, pods.iter().copied().collect::<BTreeSet<_>>(), now).await?;
    Ok(pods)
}

async fn deliveries(
    tx: &mut Tx,
    signed: &Signed<'_>,
    to: &[Recipient],
    now: Timestamp,
) -> db::Result<Vec<RemotePodId>> {
    if to.is_empty() {
        return Ok(Vec::new());
    }
    let Signed { sender, entity, guid, envelope, public } = *signed;
    // one for the whole pod, or one for each person
    let place = |to: &Recipient| (to.remote_pod_id, if public { PersonId(0) } else { to.person_id });
    let places: BTreeSet<_> = to.iter().map(place).collect();
    let places: Vec<_> = places.into_iter().collect();
    let payload =
        queue::insert_payload(tx, &NewPayload { sender, entity, guid, envelope, public }, now).await?;
    queue::insert_deliveries(tx, payload, &places, now.minus(ASLEEP_AFTER), now).await
}
