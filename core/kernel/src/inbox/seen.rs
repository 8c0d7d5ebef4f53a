//! What is known of a message when its verdict falls: for the one line of the log, the figures and the trace.
use super::receive::Stop;
use crate::{
    Pod,
    remote_pod::{Direction, Event},
};
use pappus_federation::{entity::Entity, id::DiasporaId};

/// Filled while a message is read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sender: String,
    host: String,
    /// Known once the sender's signature is right: what a forger claims is nobody's record.
    entity: Option<(String, Option<String>)>,
}

impl Seen {
    pub(super) fn claimed(&mut self, sender: &DiasporaId) {
        self.sender = sender.to_string();
        sender.host().clone_into(&mut self.host);
    }

    pub(super) fn verified(&mut self, entity: &Entity) {
        let guid = match entity {
            Entity::Retraction(retraction) => Some(retraction.target_guid.to_string()),
            entity => entity.guid().map(ToString::to_string),
        };
        self.entity = Some((entity.name().to_owned(), guid));
    }

    pub(super) const fn is_verified(&self) -> bool {
        self.entity.is_some()
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The reason with what it was about.
    pub(super) fn tell(&self, reason: impl std::fmt::Display) -> String {
        let what = self.entity.as_ref().map_or("a message", |(name, _)| name.as_str());
        let guid = self.entity.as_ref().and_then(|(_, guid)| guid.as_deref());
        let guid = guid.map(|guid| format!(" {guid}")).unwrap_or_default();
        let sender = if self.sender.is_empty() { "somebody" } else { &self.sender };
        format!("{what}{guid} from {sender}: {reason}")
    }

    /// Counts it, and adds it to the log of what happened to the entity.
    pub(super) fn count(&self, pod: &Pod, outcome: &Result<(), Stop>) {
        let (result, reason) = match outcome {
            Ok(()) => ("accepted", None),
            Err(Stop::Refused(refused)) => (refused.kind(), Some(refused.to_string())),
            Err(stop @ Stop::Suspended(_)) => ("suspended", Some(stop.to_string())),
            Err(stop @ (Stop::Spent | Stop::Deep(_))) => ("spent", Some(stop.to_string())),
            Err(Stop::Failed(error)) => ("failed", Some(error.to_string())),
        };
        // elements of names that we made up ourselves: nobody can make more of them
        let entity = self.entity.as_ref().map_or("unknown", |(name, _)| name.as_str());
        metrics::counter!("fed_receive_total", "type" => entity.to_owned(), "result" => result).increment(1);
        let host = if self.entity.is_some() { self.host.as_str() } else { "unverified" };
        if outcome.is_err() {
            let label = pod.federation_log.label(host);
            metrics::counter!("fed_refused_total", "type" => entity.to_owned(), "result" => result, "pod" => label)
                .increment(1);
        }
        if let Some((entity, Some(guid))) = &self.entity {
            pod.federation_log.note(Event {
                at: pod.clock.now(),
                direction: Direction::In,
                entity: entity.clone(),
                guid: guid.clone(),
                host: host.to_owned(),
                result: result.to_owned(),
                reason,
                messages: 1,
            });
        }
    }
}
