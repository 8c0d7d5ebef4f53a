//! Posts from other pods.
use super::{mentioned, when};
use crate::{
    Pod, Result,
    id::UserId,
    inbox::{
        fetch::Budget,
        receive::raw_name,
        store::{self, Raw},
    },
    outbox::{self, Outgoing},
    person::Person,
    post::{self, NewPhoto, NewPost},
    relayable,
};
use pappus_federation::entity::{Entity, Kind, StatusMessage};

pub(super) async fn status_message(
    pod: &Pod,
    message: StatusMessage,
    sender: &Person,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<()> {
    let mentioned = mentioned(pod, &message.text, budget).await?;
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
    let attachments = [
        message.poll.as_ref().map(|poll| (raw_name(&Kind::Poll), poll.guid.to_string())),
        message.event.as_ref().map(|event| (raw_name(&Kind::Event), event.guid.to_string())),
    ];
    let guid = new.guid.clone();
    let public = new.public;
    let xml = Entity::StatusMessage(Box::new(message)).to_xml();
    let mut tx = pod.db.begin().await?;
    let stored = post::receive(&mut tx, new, now).await?;
    if let Some(id) = stored {
        for (kind, name) in attachments.into_iter().flatten() {
            let raw =
                Raw { kind, guid: &name, author: sender.id, parent_guid: Some(&guid), recipient, xml: &xml };
            store::insert_raw(&mut tx, &raw, now).await?;
        }
        // so that the pod is sent what happens to the post
        if public && let Some((user, person)) = store::first_admin(&mut tx).await? {
            let name = pod.new_guid();
            if relayable::store::insert_participation(&mut tx, name.as_str(), id, person, now).await? > 0 {
                outbox::enqueue(&mut tx, &Outgoing::Participation { user, post: id }, now).await?;
            }
        }
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}
