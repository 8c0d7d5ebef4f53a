//! The public posts that somebody wrote before anybody here knew them: asked for once, when a member first
//! looks for the person or shares with them. They stand on the person's page; nobody is told of them.
use super::{
    fetch::Budget,
    gather::{find, is_retracted},
    receive::{admit, parse_id},
    stop::Stop,
    store,
};
use crate::{
    Pod, Result,
    db::{self, Tx},
    env::FetchRequest,
    id::{PersonId, Timestamp},
    job::{self, Failure, Job},
};
use pappus_federation::{
    entity::Kind,
    id::{DiasporaId, Guid},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// As many as the other pod lists on a page.
const POSTS: u8 = 15;
const LONGEST: usize = 2 * 1024 * 1024;

/// Fetches what a person wrote.
#[derive(Debug, Serialize, Deserialize)]
pub struct CatchUp {
    person: PersonId,
}

/// Queues it for somebody of another pod, once and for all. Ring `pod.jobs_due` after the commit.
pub async fn catch_up(tx: &mut Tx, person: PersonId, now: Timestamp) -> db::Result<()> {
    if store::begin_catching_up(tx, person, now).await? > 0 {
        job::enqueue(tx, &CatchUp { person }, now).await?;
    }
    Ok(())
}

impl Job for CatchUp {
    const KIND: &'static str = "catch_up";
    const ATTEMPTS: i64 = 3;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let Some(home) = store::home(&mut pod.db.read().await?, self.person).await? else { return Ok(()) };
        if home.is_away(pod.clock.now()) {
            return Ok(stop(&pod, self.person).await?);
        }
        let author = parse_id(&home.diaspora_id)?;
        if admit(&pod, &author).await.is_err() {
            return Ok(());
        }
        let mut budget = Budget::catching_up(2 * POSTS, 2 * POSTS);
        let guids = match list(&pod, &home).await {
            Ok(guids) => guids,
            Err(error) => {
                tracing::info!(%error, "older posts are asked for another time");
                return Ok(stop(&pod, self.person).await?);
            }
        };
        for guid in guids {
            match fetch(&pod, &guid, &author, &mut budget).await {
                Ok(()) => {}
                Err(Stop::Spent) => break,
                Err(error) => tracing::debug!(%guid, %error, "an older post was not fetched"),
            }
        }
        Ok(())
    }
}

/// Not now: the next member who looks for the person asks again.
async fn stop(pod: &Pod, person: PersonId) -> Result<()> {
    let mut tx = pod.db.begin().await?;
    store::stop_catching_up(&mut tx, person).await?;
    Ok(tx.commit().await?)
}

/// The guids of public posts, oldest first. A pod that has no such list has nothing to catch up with.
async fn list(pod: &Pod, home: &store::Home) -> Result<Vec<Guid>> {
    let url = Url::parse(&home.base_url).and_then(|url| url.join(&format!("people/{}/stream", home.guid)));
    let url = url.map_err(crate::Error::internal)?;
    let answer = pod.fetch.send(FetchRequest::get(url, "application/json", LONGEST)).await;
    let answer = answer.map_err(|error| crate::Error::Remote(error.to_string()))?;
    if answer.status == 429 || answer.status >= 500 {
        return Err(crate::Error::Remote(format!("HTTP {} from {}", answer.status, answer.url)));
    }
    if !answer.is_success() {
        return Ok(Vec::new());
    }
    Ok(listed(&answer.body, &home.guid))
}

/// The public posts of one person in a list, oldest first.
pub(super) fn listed(body: &[u8], author: &str) -> Vec<Guid> {
    let posts: Vec<Value> = serde_json::from_slice(body).unwrap_or_default();
    let is_theirs = |post: &&Value| {
        post.get("public").and_then(Value::as_bool) == Some(true)
            && post.pointer("/author/guid").and_then(Value::as_str) == Some(author)
    };
    let guid = |post: &Value| post.get("guid").and_then(Value::as_str).and_then(|guid| guid.parse().ok());
    let mut guids: Vec<Guid> =
        posts.iter().filter(is_theirs).filter_map(guid).take(usize::from(POSTS)).collect();
    guids.reverse();
    guids
}

async fn fetch(pod: &Pod, guid: &Guid, author: &DiasporaId, budget: &mut Budget) -> Result<(), Stop> {
    if find(pod, &Kind::Post, guid).await?.is_some()
        || is_retracted(pod, &Kind::Post, guid, author, None).await?
    {
        return Ok(());
    }
    budget.fetch(pod, &Kind::Post, guid, author).await
}
