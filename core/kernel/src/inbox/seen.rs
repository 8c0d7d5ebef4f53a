//! What is known of a message when its verdict falls: for the one line of the log, the figures and the trace.
use crate::{
    Pod,
    job::Stage,
    remote_pod::{Direction, Event},
};
use pappus_federation::{entity::Outline, id::DiasporaId};

/// Filled while a message is read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sender: String,
    host: String,
    /// The sender's signature is right: what a forger claims is nobody's record.
    authentic: bool,
    /// What it says it is.
    outline: Option<Outline>,
}

/// What is not made of an element that travels, or is not known to be.
const NO_ENTITY: &str = "unknown";

fn count(kind: &'static str, result: &'static str) {
    metrics::counter!("fed_receive_total", "type" => kind, "result" => result).increment(1);
}

/// One more that was not taken, and why.
pub(super) fn count_refused(kind: &'static str, result: &'static str, pod: String) {
    count(kind, result);
    metrics::counter!("fed_refused_total", "type" => kind, "result" => result, "pod" => pod).increment(1);
}

impl Seen {
    pub(super) fn claimed(&mut self, sender: &DiasporaId) {
        self.sender = sender.to_string();
        sender.host().clone_into(&mut self.host);
    }

    /// The signature is right.
    pub(super) const fn authentic(&mut self) {
        self.authentic = true;
    }

    /// What a signed message is, or says it is where it is nothing valid.
    pub(super) fn about(&mut self, outline: Option<Outline>) {
        self.outline = outline;
    }

    pub(super) const fn is_authentic(&self) -> bool {
        self.authentic
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The reason with what it was about.
    pub(super) fn tell(&self, reason: impl std::fmt::Display) -> String {
        let what = self.outline.as_ref().map_or("a message", |it| it.name);
        let guid = self.outline.as_ref().and_then(|it| it.guid.as_ref());
        let guid = guid.map(|guid| format!(" {guid}")).unwrap_or_default();
        let sender = if self.sender.is_empty() { "somebody" } else { &self.sender };
        format!("{what}{guid} from {sender}: {reason}")
    }

    /// It was taken.
    pub(super) fn accepted(&self, pod: &Pod) {
        count(self.kind(), "accepted");
        self.note(pod, "accepted", None);
    }

    /// It was not. However often it is tried, that is told when it begins to wait, and when it is decided.
    pub(super) fn stopped(&self, pod: &Pod, kind: &'static str, reason: String, stage: Stage) {
        match stage {
            Stage::First => {
                count(self.kind(), "waits");
                self.note(pod, "waits", Some(reason));
            }
            Stage::Between => {}
            Stage::Last => {
                let host = if self.authentic { self.host.as_str() } else { "unverified" };
                count_refused(self.kind(), kind, pod.federation_log.label(host));
                self.note(pod, kind, Some(reason));
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.outline.as_ref().map_or(NO_ENTITY, |it| it.name)
    }

    /// In the log of what happened to entities. What has no name of its own is found by its sender's.
    fn note(&self, pod: &Pod, result: &str, reason: Option<String>) {
        if !self.authentic {
            return;
        }
        let guid = self.outline.as_ref().and_then(|it| it.guid.as_ref());
        pod.federation_log.note(Event {
            at: pod.clock.now(),
            direction: Direction::In,
            entity: self.kind().to_owned(),
            guid: guid.map_or_else(|| self.sender.clone(), ToString::to_string),
            host: self.host.clone(),
            result: result.to_owned(),
            reason,
            messages: 1,
        });
    }
}
