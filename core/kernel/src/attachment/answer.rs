//! A member answers to what hangs on a post: a vote, a reply to an invitation.
use super::{NewAnswer, receive_answer, store};
use crate::{
    Error, Invalid, Pod, Result, access::Owner, account, inbox, outbox, outbox::Outgoing, post, relayable,
};
use pappus_federation::entity::{Entity, offers};

/// Answers to an attachment of a post that the member may read; signs it, and tells whoever hears of the post.
/// `choice` is what the element's kind lets people choose. A poll is answered once. The guid of the answer.
pub async fn answer_as(
    pod: &Pod,
    who: Owner,
    (kind, attachment): (&str, &str),
    answer_kind: &str,
    choice: &str,
) -> Result<String> {
    let now = pod.clock.now();
    let mut conn = pod.db.read().await?;
    let owner = store::owner(&mut conn, kind, attachment).await?.ok_or(Error::NotFound)?;
    let post = post::find_readable(&mut conn, who.into(), &owner.guid).await?.ok_or(Error::NotFound)?;
    let xml = store::xml_of(&mut conn, kind, attachment).await?.ok_or(Error::NotFound)?;
    if !offers(&xml, choice) {
        return Err(Invalid::new("choice", "unknown-choice").into());
    }
    let me = outbox::diaspora_id(&mut conn, who.person()).await?.ok_or(Error::NotFound)?;
    drop(conn);
    let guid = pod.new_guid();
    let parent = attachment.parse().map_err(Error::internal)?;
    let entity = Entity::answer(answer_kind, outbox::id(&me)?, guid.clone(), parent, choice);
    let mut entity = entity.map_err(|_| Invalid::new("choice", "unknown-choice"))?;
    if entity.as_relayable().is_none_or(|answer| inbox::raw_name(&answer.parent().0) != kind) {
        return Err(Error::NotFound);
    }
    if post.author_id != who.person() {
        let key = account::key::of(pod, who.user()).await?;
        entity =
            pod.compute(move || entity.sign_answer(&key).map(|()| entity)).await?.map_err(Error::internal)?;
    }
    let mut tx = pod.db.begin_durable().await?;
    if relayable::is_refused(&mut tx, post.id, who.person()).await? {
        return Err(Error::Forbidden("ignored"));
    }
    let xml = entity.to_xml();
    let new = NewAnswer {
        kind: answer_kind,
        guid: guid.as_str(),
        parent: (kind, attachment),
        author: who.person(),
        xml: &xml,
        choice,
        replaces: None,
    };
    receive_answer(&mut tx, &new, now).await?.ok_or(Error::Conflict("answered"))?;
    relayable::take_part(pod, &mut tx, who, &post, now).await?;
    relayable::store::keep_payload(&mut tx, answer_kind, guid.as_str(), post.id, &xml).await?;
    let relay = Outgoing::Relay { entity: answer_kind.into(), guid: guid.to_string(), author: who.person() };
    outbox::enqueue(&mut tx, &relay, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(guid.to_string())
}
