//! From an accepted entity to rows: one file per group of entities.
mod conversation;
mod person;
mod post;
pub(super) mod relayable;
mod retraction;

use super::{fetch::Budget, receive::parse_id, stop::Stop};
use crate::{
    Error, Pod, Result,
    id::{PersonId, Timestamp, UserId},
    moving,
    person::Person,
    text,
};
use pappus_federation::{entity::Entity, id::DiasporaId, receive::Accepted, time};

/// Stores it. Doing so twice changes nothing.
pub(super) async fn apply(
    pod: &Pod,
    accepted: Accepted,
    sender: &Person,
    recipient: Option<UserId>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let relay = accepted.relay;
    match accepted.entity {
        Entity::StatusMessage(message) => {
            post::status_message(pod, *message, sender, recipient, budget).await?;
        }
        Entity::Reshare(it) => post::reshare(pod, it, sender, budget.arrival()).await?,
        Entity::Photo(it) => post::photo(pod, &it, sender).await?,
        Entity::Comment(it) => relayable::comment(pod, it, relay, budget).await?,
        Entity::Like(it) => relayable::like(pod, it, relay, budget).await?,
        entity @ (Entity::PollParticipation(_) | Entity::EventParticipation(_)) => {
            relayable::answer(pod, &entity, relay, budget).await?;
        }
        Entity::Contact(it) => person::contact(pod, &it, sender, recipient).await?,
        Entity::Profile(it) => person::profile(pod, *it, sender).await?,
        Entity::Retraction(it) => retraction::retraction(pod, &it, sender, recipient).await?,
        Entity::Participation(it) => relayable::participation(pod, &it, sender).await?,
        Entity::AccountMigration(it) => moving::receive(pod, *it).await?,
        Entity::AccountDeletion(_) => person::account_deletion(pod, sender).await?,
        Entity::Conversation(it) => conversation::conversation(pod, it, sender, recipient, budget).await?,
        Entity::Message(it) => conversation::message(pod, it, sender, recipient).await?,
    }
    Ok(())
}

/// Who is mentioned and known, or can be found within the budget. For a limited text nobody is looked up:
/// whose pod is asked hears that somebody speaks of them.
async fn mentioned(pod: &Pod, text: &str, public: bool, budget: &mut Budget) -> Result<Vec<PersonId>> {
    let names: Vec<String> = text::scan::mentions(text).into_iter().take(20).collect();
    if !public {
        let known = crate::person::store::ids_of(&mut pod.db.read().await?, &names).await?;
        return Ok(known.into_iter().map(|(_, person)| person).collect());
    }
    let mut people = Vec::new();
    for name in names {
        let Ok(id): Result<DiasporaId> = parse_id(&name) else { continue };
        match budget.discover(pod, &id).await {
            Ok(person) if person.closed => {
                people.extend(moving::newest(&mut pod.db.read().await?, person.id).await?);
            }
            Ok(person) => people.push(person.id),
            Err(Error::Storage(error)) => return Err(error.into()),
            Err(error) => tracing::debug!(%error, "a mentioned person was not found"),
        }
    }
    Ok(people)
}

fn when(at: time::Timestamp) -> Timestamp {
    Timestamp(at.micros())
}
