//! The whole thread of a remote post that came late: everything that stands below it, from the pod where it
//! is at home, each piece with the signature that makes it good. Pods like this one hand the signed pieces
//! out themselves; of other pods comments can be had, one by one and signed by their authors, and likes
//! cannot (docs/adr/0005).
use super::{
    fetch::Budget,
    hand_out::ThreadPage,
    receive::{Stop, Wanted, admit, find, is_retracted, parse_id, process},
    store,
};
use crate::{
    Error, Pod, Result,
    env::{FetchRequest, FetchResponse},
    id::{PostId, Timestamp},
    job::{self, Failure, Job},
    post::Arrival,
};
use pappus_federation::{
    entity::{Entity, Kind},
    id::{DiasporaId, Guid},
    receive::Route,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use url::Url;

/// Comments fetched one by one in one run; the next run goes on.
const ONE_BY_ONE: u8 = 40;
/// People looked up in one run.
const PEOPLE: u8 = 60;
const PAGES: usize = 50;
const LONGEST: usize = 3 * 1024 * 1024;

/// A post that says it is so old when it comes has a history.
const LATE: Duration = Duration::from_hours(1);
/// A post that is younger than this may still be talked about.
const YOUNG: Duration = Duration::from_hours(7 * 24);
const AGAIN_YOUNG: Duration = Duration::from_hours(1);
const AGAIN_OLD: Duration = Duration::from_hours(24);

/// Fetches what stands below a remote post.
#[derive(Debug, Serialize, Deserialize)]
pub struct FetchThread {
    post: PostId,
}

/// The post whose thread is missing, if that is what was just accepted: it was fetched, or it is old.
pub(super) fn arrives_late(entity: &Entity, route: Route<'_>, now: Timestamp) -> Option<Guid> {
    let (guid, created_at) = match entity {
        Entity::StatusMessage(post) if post.public => (&post.guid, post.created_at),
        Entity::Reshare(reshare) => (&reshare.guid, reshare.created_at),
        _ => return None,
    };
    let late = route == Route::Fetch || Timestamp(created_at.micros()).plus(LATE) < now;
    late.then(|| guid.clone())
}

/// Queues the thread of a post that came late. Where this pod catches up by itself, it waits until somebody
/// looks at the post.
pub(super) async fn want_late(pod: &Pod, guid: &Guid, arrival: Arrival) -> Result<()> {
    let post = store::remote_public_post(&mut pod.db.read().await?, guid.as_str()).await?;
    let Some(post) = post else { return Ok(()) };
    if arrival == Arrival::News {
        return queue(pod, post).await;
    }
    let mut tx = pod.db.begin().await?;
    store::thread_asked(&mut tx, post, Timestamp(0)).await?;
    Ok(tx.commit().await?)
}

/// A member looks at a post: queues its thread where it was not asked for lately. Own posts and limited ones
/// have none elsewhere.
pub async fn refresh_thread(pod: &Pod, post: PostId) -> Result<()> {
    let now = pod.clock.now();
    let before = |age: Duration| Timestamp(now.0.saturating_sub(Timestamp(0).plus(age).0));
    let (young_since, young, old) = (before(YOUNG), before(AGAIN_YOUNG), before(AGAIN_OLD));
    let mut conn = pod.db.read().await?;
    let due = store::thread_is_due(&mut conn, post, young_since, young, old).await?;
    drop(conn);
    if due { queue(pod, post).await } else { Ok(()) }
}

async fn queue(pod: &Pod, post: PostId) -> Result<()> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin().await?;
    store::thread_asked(&mut tx, post, now).await?;
    job::enqueue_at(&mut tx, &FetchThread { post }, Some(&post.to_string()), now, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

impl Job for FetchThread {
    const KIND: &'static str = "fetch_thread";
    const ATTEMPTS: i64 = 3;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let root = store::thread_root(&mut pod.db.read().await?, self.post).await?;
        let Some(root) = root.filter(|root| !root.home.is_away(pod.clock.now())) else { return Ok(()) };
        if admit(&pod, &parse_id(&root.home.diaspora_id)?).await.is_err() {
            return Ok(());
        }
        let mut budget = Budget::catching_up(ONE_BY_ONE, PEOPLE);
        if !whole(&pod, &root, &mut budget).await? {
            one_by_one(&pod, &root, &mut budget).await?;
        }
        Ok(())
    }
}

async fn ask(pod: &Pod, root: &store::ThreadRoot, path: &str) -> Result<FetchResponse> {
    let base = Url::parse(&root.home.base_url).map_err(Error::internal)?;
    let url = base.join(path).map_err(Error::internal)?;
    let answer = pod.fetch.send(FetchRequest::get(url, "application/json", LONGEST)).await;
    answer.map_err(|error| Error::Remote(error.to_string()))
}

/// From a pod that hands out the signed pieces. False when it is no such pod.
async fn whole(pod: &Pod, root: &store::ThreadRoot, budget: &mut Budget) -> Result<bool> {
    let mut after = String::new();
    for _ in 0..PAGES {
        let answer = ask(pod, root, &format!("-/thread/{}?after={after}", root.guid)).await?;
        let page = answer.is_success().then(|| serde_json::from_slice::<ThreadPage>(&answer.body));
        let Some(Ok(page)) = page else { return Ok(!after.is_empty()) };
        for piece in page.items {
            let kind = Kind::from(piece.kind.as_str());
            let Ok(guid) = piece.guid.parse() else { continue };
            // that it was taken back is seen where its author is
            if find(pod, &kind, &guid).await?.is_some() {
                continue;
            }
            let (envelope, wanted) = (piece.envelope.as_bytes(), Wanted::Below(&guid));
            match Box::pin(process(pod, envelope, Route::Fetch, wanted, None, budget)).await {
                Ok(()) => {}
                Err(Stop::Spent) => return Ok(true),
                Err(error) => tracing::debug!(%guid, %error, "a piece of a thread was not taken"),
            }
        }
        match page.next {
            Some(next) if next.bytes().all(|byte| byte.is_ascii_alphanumeric()) => after = next,
            _ => break,
        }
    }
    Ok(true)
}

/// From any other pod: what it lists below the post, each comment from its author's pod.
async fn one_by_one(pod: &Pod, root: &store::ThreadRoot, budget: &mut Budget) -> Result<()> {
    let answer = ask(pod, root, &format!("posts/{}", root.guid)).await?;
    let Ok(post) = serde_json::from_slice::<Value>(&answer.body) else { return Ok(()) };
    let Ok(root_guid) = root.guid.parse::<Guid>() else { return Ok(()) };
    let comments = post.pointer("/interactions/comments").and_then(Value::as_array);
    for comment in comments.into_iter().flatten().take(1000) {
        let text = |path| comment.pointer(path).and_then(Value::as_str);
        let guid = text("/guid").and_then(|guid| guid.parse::<Guid>().ok());
        let author = text("/author/diaspora_id").and_then(|id| id.parse::<DiasporaId>().ok());
        let (Some(guid), Some(author)) = (guid, author) else { continue };
        if find(pod, &Kind::Comment, &guid).await?.is_some()
            || is_retracted(pod, &Kind::Comment, &guid, &author, None).await?
        {
            continue;
        }
        match budget.fetch_listed(pod, &guid, &author, &root_guid).await {
            Ok(()) => {}
            Err(Stop::Spent) => break,
            Err(error) => tracing::debug!(%guid, %error, "a comment of a thread was not fetched"),
        }
    }
    Ok(())
}
