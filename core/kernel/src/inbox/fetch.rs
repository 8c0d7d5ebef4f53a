//! What a message makes this pod look up elsewhere, within a budget, so that nobody can make it run errands.
use super::receive::{Stop, process};
use crate::{
    Error, Pod, Result,
    env::FetchRequest,
    person::{self, Person},
};
use pappus_federation::{
    entity::Kind,
    id::{DiasporaId, Guid},
    receive::Route,
};
use url::Url;

const LONGEST: usize = 2 * 1024 * 1024;

/// What is left for one message.
#[derive(Debug)]
pub(super) struct Budget {
    fetches: u8,
    discoveries: u8,
    depth: u8,
}

impl Default for Budget {
    fn default() -> Self {
        Self { fetches: 5, discoveries: 12, depth: 3 }
    }
}

impl Budget {
    /// Finds a person: here, or with one of the message's look-ups elsewhere.
    pub(super) async fn discover(&mut self, pod: &Pod, id: &DiasporaId) -> Result<Person> {
        let known = person::store::find_by_diaspora_id(&mut pod.db.read().await?, id.as_str()).await?;
        if let Some(person) = known {
            return Ok(person);
        }
        self.discoveries = self.discoveries.checked_sub(1).ok_or_else(spent)?;
        person::discover(pod, id).await
    }

    /// Gets something public from somebody's pod and takes it in as if it had been sent.
    pub(super) async fn fetch(
        &mut self,
        pod: &Pod,
        kind: &Kind,
        guid: &Guid,
        from: &DiasporaId,
    ) -> Result<(), Stop> {
        let Some(name) = kind.fetch_name() else { return Ok(()) };
        if from.host() == pod.site().host() {
            return Ok(()); // it would be here
        }
        self.fetches = self.fetches.checked_sub(1).ok_or_else(spent)?;
        self.depth = self.depth.checked_sub(1).ok_or_else(spent)?;
        let url =
            Url::parse(&format!("https://{}/fetch/{name}/{guid}", from.host())).map_err(Error::internal)?;
        let request = FetchRequest::get(url, "application/magic-envelope+xml", LONGEST);
        let answer = pod.fetch.send(request).await.map_err(|error| Error::Remote(error.to_string()))?;
        if answer.status == 404 {
            return Ok(());
        }
        if !answer.is_success() {
            return Err(Error::Remote(format!("HTTP {} from {}", answer.status, answer.url)).into());
        }
        let done = Box::pin(process(pod, &answer.body, Route::Fetch, None, self)).await;
        self.depth += 1;
        match done {
            // what was fetched is no good: the outer message decides what that means
            Err(Stop::Refused(refused)) => {
                tracing::info!(%guid, %refused, "a fetched entity was refused");
                Ok(())
            }
            done => done,
        }
    }
}

fn spent() -> Error {
    Error::Remote("the message refers to more than is looked up for one".into())
}
