//! An archive is given: whose is it, and what is there to do. The rows of work are written in the transaction
//! that says yes; until then nothing has happened.
use super::{
    format::{Archive, ContactEntry, EntityHead, Group},
    import::{self, Import},
    store, unpack,
    unpack::wrong,
};
use crate::{
    Error, Pod, Result,
    access::{Admin, Owner},
    account,
    id::UserId,
    job,
    person::{self, Person},
};
use pappus_federation::{
    id::DiasporaId,
    key::{PrivateKey, PublicKey},
};
use serde_json::value::RawValue;

/// A single thing of an archive is never larger.
const LARGEST_ITEM: usize = 1 << 20;
const LONGEST_LABEL: usize = 120;
const CHUNK: usize = 200;

/// A thing of an archive, before it is looked at.
#[derive(Debug)]
pub(super) struct Item {
    pub kind: &'static str,
    pub label: String,
    pub payload: String,
    /// Known not to be taken in.
    pub reason: Option<&'static str>,
}

/// An archive that was read, apart from the file that it came in.
struct Read {
    identity: DiasporaId,
    key: PrivateKey,
    items: Vec<Item>,
}

/// Begins to move the account of an archive into the member's. Refused unless the private key in it belongs
/// to the public key that the network knows of the account.
pub async fn begin(pod: &Pod, who: Owner, file: Vec<u8>) -> Result<()> {
    take(pod, who.user(), file).await
}

/// The same, for the member with this name, by who runs the pod.
pub async fn begin_as_operator(pod: &Pod, _who: Admin, username: &str, file: Vec<u8>) -> Result<()> {
    let user = account::store::by_username(&mut pod.db.read().await?, username).await?;
    take(pod, user.ok_or(Error::NotFound)?, file).await
}

/// Looks at a file without doing anything, so that no account is made for one that is no good.
pub async fn check_as_operator(pod: &Pod, _who: Admin, file: Vec<u8>) -> Result<String> {
    let (read, _) = examine(pod, file).await?;
    Ok(read.identity.to_string())
}

async fn take(pod: &Pod, user: UserId, file: Vec<u8>) -> Result<()> {
    if store::import_of(&mut pod.db.read().await?, user).await?.is_some() {
        return Err(wrong("archive-once").into());
    }
    let (read, old) = examine(pod, file).await?;
    let username = account::store::username(&mut pod.db.read().await?, user).await?.ok_or(Error::NotFound)?;
    let pem = read.key.to_pem().map_err(Error::internal)?;
    let sealed = pod.seal(import::place(&username), pem.as_bytes())?;
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    if store::is_moving(&mut tx, old.id).await? {
        return Err(wrong("archive-moved").into());
    }
    let id = store::insert_import(&mut tx, user, old.id, &sealed, now).await?.ok_or(wrong("archive-once"))?;
    for chunk in read.items.chunks(CHUNK) {
        store::insert_items(&mut tx, id, chunk).await?;
    }
    job::enqueue_at(&mut tx, &Import::of(id), Some(&id.to_string()), now, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    tracing::info!(items = read.items.len(), "{} begins to move in", read.identity);
    Ok(())
}

/// Reads the file and proves that it is its owner's.
async fn examine(pod: &Pod, file: Vec<u8>) -> Result<(Read, Person)> {
    let read = pod.compute(move || read(&file)).await??;
    let old = person::discover(pod, &read.identity).await.map_err(|error| match error {
        Error::NotFound => wrong("archive-unknown").into(),
        Error::Remote(why) | Error::Unusable(why) => {
            tracing::info!(why, "the pod of an archive's owner cannot be asked");
            wrong("archive-unreachable").into()
        }
        error => error,
    })?;
    if old.local {
        return Err(wrong("archive-same-pod").into());
    }
    if old.closed {
        return Err(wrong("archive-moved").into());
    }
    let known = person::store::public_key(&mut pod.db.read().await?, old.id).await?.ok_or(Error::NotFound)?;
    let known = PublicKey::from_pem(&known).map_err(Error::internal)?;
    if read.key.public() != &known {
        return Err(wrong("archive-not-yours").into());
    }
    Ok((read, old))
}

fn read(file: &[u8]) -> Result<Read> {
    let json = zeroize::Zeroizing::new(unpack::unpack(file)?);
    let archive = Archive::read(&json)?;
    let identity = archive.identity()?;
    let key = PrivateKey::from_pem(archive.private_key()).map_err(|_| wrong("archive-key"))?;
    Ok(Read { identity, key, items: items(&archive) })
}

/// In the order in which one thing may refer to another.
pub(super) fn items(archive: &Archive<'_>) -> Vec<Item> {
    let mut all = vec![item("profile", archive.profile, |_| Some(String::new()))];
    let mut list = |kind, from: &[&RawValue], label: fn(&str) -> Option<String>| {
        all.extend(from.iter().map(|json| item(kind, json, label)));
    };
    list("aspect", &archive.contact_groups, |json| Some(serde_json::from_str::<Group>(json).ok()?.name));
    list("contact", &archive.contacts, |json| {
        Some(serde_json::from_str::<ContactEntry>(json).ok()?.account_id)
    });
    list("block", &archive.blocks, |json| serde_json::from_str(json).ok());
    list("tag", &archive.followed_tags, |json| serde_json::from_str(json).ok());
    list("post", &archive.posts, guid);
    // likes and answers may be of comments and of what hangs on posts, whoever wrote those
    let (own_comments, own_rest) = comments_first(&archive.relayables);
    let (comments, rest) = comments_first(&archive.replies);
    list("relayable", &own_comments, guid);
    list("reply", &comments, guid);
    list("relayable", &own_rest, guid);
    list("reply", &rest, guid);
    list("subscription", &archive.post_subscriptions, |json| serde_json::from_str(json).ok());
    if archive.by_others > 0 {
        let label = archive.by_others.to_string();
        all.push(Item { kind: "others", label, payload: String::new(), reason: Some("by-others") });
    }
    all
}

fn comments_first<'a>(all: &[&'a RawValue]) -> (Vec<&'a RawValue>, Vec<&'a RawValue>) {
    all.iter().partition(|json| {
        let head: Option<EntityHead<'_>> = serde_json::from_str(json.get()).ok();
        head.and_then(|head| head.entity_type).is_some_and(|kind| kind == "comment")
    })
}

fn guid(json: &str) -> Option<String> {
    Some(serde_json::from_str::<EntityHead<'_>>(json).ok()?.entity_data.guid?.into_owned())
}

fn item(kind: &'static str, json: &RawValue, label: impl Fn(&str) -> Option<String>) -> Item {
    let json = json.get();
    let label = if json.len() > LARGEST_ITEM { None } else { label(json) };
    let reason = match &label {
        Some(_) => None,
        None if json.len() > LARGEST_ITEM => Some("too-large"),
        None => Some("invalid"),
    };
    let label = label.unwrap_or_default();
    let label = label.chars().filter(|c| !c.is_control()).take(LONGEST_LABEL).collect();
    let payload = if reason.is_none() { json.to_owned() } else { String::new() };
    Item { kind, label, payload, reason }
}
