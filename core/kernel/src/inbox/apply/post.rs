//! Posts from other pods: status messages with what hangs on them, reshares, photos on their own.
use super::{mentioned, when};
use crate::{
    Pod, Result, attachment,
    db::Tx,
    id::{PostId, Timestamp, UserId},
    inbox::{fetch::Budget, store},
    outbox::{self, Outgoing},
    person::Person,
    post::{self, Arrival, NewPhoto, NewPost, NewReshare},
    relayable,
};
use pappus_federation::entity::{Photo, Reshare, StatusMessage};

pub(super) async fn status_message(
    pod: &Pod,
    message: StatusMessage,
    sender: &Person,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<()> {
    let mentioned = mentioned(pod, &message.text, message.public, budget).await?;
    let now = pod.clock.now();
    let new = NewPost {
        guid: message.guid.to_string(),
        author: sender.id,
        text: message.text.clone(),
        public: message.public,
        provider: message.provider_display_name.clone(),
        created_at: when(message.created_at),
        photos: message.photos.iter().map(NewPhoto::from).collect(),
        mentioned,
        recipient,
    };
    let public = new.public;
    let mut tx = pod.db.begin().await?;
    let stored = post::receive_as(&mut tx, new, budget.arrival(), now).await?;
    if let Some(id) = stored {
        for each in message.attachments() {
            let name = each.guid.as_ref().map(pappus_federation::id::Guid::as_str);
            attachment::attach(&mut tx, id, each.kind, name, &each.xml).await?;
        }
        if public {
            subscribe(pod, &mut tx, id, now).await?;
        }
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

/// So that the pod is sent what happens to a public post.
async fn subscribe(pod: &Pod, tx: &mut Tx, post: PostId, now: Timestamp) -> Result<()> {
    if let Some((user, person)) = store::first_admin(tx).await? {
        let name = pod.new_guid();
        if relayable::store::insert_participation(tx, name.as_str(), post, person, now).await? > 0 {
            outbox::enqueue(tx, &Outgoing::Participation { user, post }, now).await?;
        }
    }
    Ok(())
}

pub(super) async fn reshare(pod: &Pod, reshare: Reshare, sender: &Person, arrival: Arrival) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    let root = match &reshare.root {
        Some((_, guid)) => store::post(&mut tx, guid.as_str()).await?.map(|root| root.id),
        None => None,
    };
    let new = NewReshare {
        guid: reshare.guid.to_string(),
        author: sender.id,
        created_at: when(reshare.created_at),
        root,
    };
    if let Some(id) = post::receive_reshare_as(pod, &mut tx, new, arrival, now).await? {
        subscribe(pod, &mut tx, id, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

pub(super) async fn photo(pod: &Pod, photo: &Photo, sender: &Person) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    post::photo::receive(&mut tx, sender.id, &NewPhoto::from(photo)).await?;
    Ok(tx.commit().await?)
}
