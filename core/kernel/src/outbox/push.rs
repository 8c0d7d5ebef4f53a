//! One HTTP push, and what its answer means.
use super::queue::Due;
use crate::{
    Error, Pod, Result,
    env::{FetchError, FetchRequest, FetchResponse},
    remote_pod::RemotePod,
};
use pappus_federation::{key::PublicKey, sealed};
use std::{sync::Arc, time::Duration};
use url::Url;

/// A pod that takes a message answers at once: it does the work later.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a push went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pushed {
    Accepted,
    /// The pod is there and does not want this one.
    Refused(String),
    /// The pod is there and fails on this one: it may be the message, it may be the pod.
    Failed(String),
    /// The pod is not there.
    Unreachable(String),
    /// What stands before the pod says that it is not there, or has too much to do; and for how long, perhaps.
    Busy(String, Option<Duration>),
    /// Nobody could ever send it.
    Hopeless(String),
}

impl Pushed {
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
            Self::Unreachable(_) => "unreachable",
            Self::Busy(..) => "busy",
            Self::Hopeless(_) => "hopeless",
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Accepted => None,
            Self::Refused(why)
            | Self::Failed(why)
            | Self::Unreachable(why)
            | Self::Busy(why, _)
            | Self::Hopeless(why) => Some(why),
        }
    }

    /// Why nothing else need be sent to the pod now; and how long it asked for.
    pub(super) fn down(&self) -> Option<(&str, Option<Duration>)> {
        match self {
            Self::Accepted | Self::Refused(_) | Self::Hopeless(_) => None,
            Self::Failed(why) | Self::Unreachable(why) => Some((why, None)),
            Self::Busy(why, pause) => Some((why, *pause)),
        }
    }
}

/// Sends one delivery.
pub(super) async fn push(pod: &Pod, remote: &RemotePod, due: &Due) -> Result<Pushed> {
    let base = Url::parse(&remote.base_url).map_err(Error::internal)?;
    let (path, content_type, body) = match (due.public, &due.guid, &due.public_key) {
        (true, ..) => {
            ("receive/public".to_owned(), "application/magic-envelope+xml", due.envelope.clone().into_bytes())
        }
        (false, Some(guid), Some(key)) => match seal(pod, due.envelope.clone(), key.clone()).await? {
            Ok(body) => (format!("receive/users/{guid}"), "application/json", body.into_bytes()),
            Err(error) => return Ok(counted(Pushed::Hopeless(format!("cannot encrypt: {error}")))),
        },
        (false, ..) => return Ok(counted(Pushed::Hopeless("the recipient is gone".into()))),
    };
    let url = base.join(&path).map_err(Error::internal)?;
    let request = FetchRequest { timeout: PATIENCE, ..FetchRequest::post(url, content_type, body) };
    Ok(counted(match pod.fetch.send(request).await {
        // some pods fail where the one recipient is gone: the others there are not to wait for that
        Ok(answer) if answer.status == 500 && !due.public => Pushed::Refused("HTTP 500".into()),
        Ok(answer) => verdict(&answer),
        // it took the message and talks too much
        Err(FetchError::TooLong(_)) => Pushed::Accepted,
        Err(error) => Pushed::Unreachable(error.to_string()),
    }))
}

/// 429 and the failures of a gateway say nothing about the message: it is not their fault if it never arrives.
fn verdict(answer: &FetchResponse) -> Pushed {
    let why = format!("HTTP {}", answer.status);
    match answer.status {
        200..300 => Pushed::Accepted,
        408 | 429 | 502..=504 => Pushed::Busy(why, answer.retry_after),
        400..500 => Pushed::Refused(why),
        _ => Pushed::Failed(why),
    }
}

/// The one encryption of a recipient's copy.
async fn seal(pod: &Pod, envelope: String, key: String) -> Result<Result<String, String>> {
    metrics::counter!("fed_sealed_total").increment(1);
    let entropy = Arc::clone(&pod.entropy);
    let sealing = move || {
        let key = PublicKey::from_pem(&key).map_err(|error| error.to_string())?;
        sealed::seal(&envelope, &key, &mut |bytes| entropy.fill(bytes)).map_err(|error| error.to_string())
    };
    pod.compute(sealing).await
}

fn counted(pushed: Pushed) -> Pushed {
    metrics::counter!("fed_deliveries_total", "result" => pushed.label()).increment(1);
    pushed
}
