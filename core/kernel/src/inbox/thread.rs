//! The whole thread of a remote post that came late: everything that stands below it, from the pod where it
//! is at home, each piece with the signature that makes it good. Pods like this one hand the signed pieces
//! out themselves; of other pods comments can be had, one by one and signed by their authors, and likes
//! cannot (docs/adr/0005).
use super::{
    errands::Errand,
    fetch::Budget,
    gather::{find, is_retracted},
    hand_out::{Hanging, ThreadPage},
    places::Cause,
    receive::{Wanted, admit, parse_id, process},
    store,
};
use crate::{
    Error, Pod, Result,
    db::{self, Tx},
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

/// Comments fetched one by one in one run.
const ONE_BY_ONE: u8 = 40;
/// People looked up in one run.
const PEOPLE: u8 = 60;
/// Pages read in one run.
const PAGES: usize = 10;
/// Between a run and the next one that goes on from there: the look-ups of one are over in the minute that counts
/// them.
const PAUSE: Duration = Duration::from_mins(1);
/// Runs for one post in a day: a pod whose threads never end keeps nobody busy for longer.
const RUNS_A_DAY: i64 = 40;
const A_DAY: Duration = Duration::from_hours(24);
/// Comments of a list that are looked at.
const LONGEST_LIST: usize = 5000;
const LONGEST: usize = 3 * 1024 * 1024;
/// The name of a page: it is kept, and asked for.
const LONGEST_PLACE: usize = 64;

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
    #[serde(default)]
    from: Place,
}

/// Where a run begins: behind what the one before it got through.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Place {
    #[default]
    Start,
    /// At this page of a pod that hands out the signed pieces.
    Page(String),
    /// Behind so many of the comments that any other pod lists.
    Listed(usize),
}

impl Place {
    /// The pod is away at this moment. Nobody asks a second time for the rest of what was begun.
    fn interrupted(&self, home: &str) -> Result<(), Failure> {
        match self {
            Self::Start => Ok(()),
            Self::Page(_) | Self::Listed(_) => Err(Failure::Away(Error::Remote(format!(
                "the pod of {home} does not answer, in the middle of a thread"
            )))),
        }
    }
}

/// How far a run came.
enum Walked {
    ToTheEnd,
    /// There is more, from here on.
    AsFarAs(Place),
    /// The pod hands out no signed pieces.
    NotLikeUs,
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
    enqueue(&mut tx, &FetchThread { post, from: Place::Start }, now, now).await?;
    tx.commit().await?;
    pod.jobs_due.notify_one();
    Ok(())
}

async fn enqueue(tx: &mut Tx, job: &FetchThread, run_at: Timestamp, now: Timestamp) -> db::Result<()> {
    job::enqueue_at(tx, job, Some(&job.post.to_string()), run_at, now).await
}

impl Job for FetchThread {
    const KIND: &'static str = "fetch_thread";
    /// Of the first run: whoever looks at the post next asks for it again. What was begun waits for its pod.
    const ATTEMPTS: i64 = 3;

    async fn run(self, pod: Arc<Pod>) -> Result<(), Failure> {
        let root = store::thread_root(&mut pod.db.read().await?, self.post).await?;
        let Some(root) = root else { return Ok(()) };
        if root.home.is_away(pod.clock.now()) {
            return self.from.interrupted(&root.home.diaspora_id);
        }
        if admit(&pod, &parse_id(&root.home.diaspora_id)?).await.is_err() {
            return Ok(());
        }
        let now = pod.clock.now();
        let mut tx = pod.db.begin().await?;
        let runs = store::count_thread_run(&mut tx, self.post, now, now.minus(A_DAY)).await?;
        tx.commit().await?;
        if runs > RUNS_A_DAY {
            tracing::info!(post.guid = root.guid, "its thread had enough of this day");
            return Ok(());
        }
        let goes_on = self.from != Place::Start;
        let walked = walk(&pod, &root, self.from).await.map_err(|error| match error {
            Error::Remote(_) if goes_on => Failure::Away(error),
            error => error.into(),
        })?;
        if let Walked::AsFarAs(from) = walked {
            let now = pod.clock.now();
            let mut tx = pod.db.begin().await?;
            enqueue(&mut tx, &Self { post: self.post, from }, now.plus(PAUSE), now).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// One run.
async fn walk(pod: &Pod, root: &store::ThreadRoot, from: Place) -> Result<Walked> {
    let mut budget = Budget::catching_up(ONE_BY_ONE, PEOPLE);
    let (after, is_first) = match from {
        Place::Listed(done) => return one_by_one(pod, root, done, &mut budget).await,
        Place::Start => (String::new(), true),
        Place::Page(after) => (after, false),
    };
    match pages(pod, root, after, &mut budget).await? {
        Walked::NotLikeUs if is_first => one_by_one(pod, root, 0, &mut budget).await,
        walked => Ok(walked),
    }
}

/// None when the pod was asked enough for now, by us or in its own opinion.
async fn ask(pod: &Pod, root: &store::ThreadRoot, path: &str) -> Result<Option<FetchResponse>> {
    let base = Url::parse(&root.home.base_url).map_err(Error::internal)?;
    let url = base.join(path).map_err(Error::internal)?;
    let home = parse_id(&root.home.diaspora_id)?;
    let errand = Errand { host: home.host(), name: "thread", guid: &root.guid };
    let Ok(asking) = pod.errands.admit(&errand, &Cause::ours(), pod.clock.now()) else { return Ok(None) };
    let answer = pod.fetch.send(FetchRequest::get(url, "application/json", LONGEST)).await;
    drop(asking);
    let answer = answer.map_err(|error| Error::Remote(error.to_string()))?;
    Ok(Some(answer).filter(|answer| !matches!(answer.status, 429 | 503)))
}

/// From a pod that hands out the signed pieces.
async fn pages(
    pod: &Pod,
    root: &store::ThreadRoot,
    mut after: String,
    budget: &mut Budget,
) -> Result<Walked> {
    for _ in 0..PAGES {
        let Some(answer) = ask(pod, root, &format!("-/thread/{}?after={after}", root.guid)).await? else {
            return Ok(Walked::AsFarAs(page(after)));
        };
        let read =
            Some(&answer).filter(|answer| answer.is_success()).and_then(|answer| page_of(&answer.body));
        let Some(read) = read else { return Ok(Walked::NotLikeUs) };
        for piece in read.items {
            take(pod, &piece, budget).await?;
            // what could not be looked up any more is on this page: it is read again
            if budget.fell_short() {
                return Ok(Walked::AsFarAs(page(after)));
            }
        }
        match read.next {
            Some(next) => after = next,
            None => return Ok(Walked::ToTheEnd),
        }
    }
    Ok(Walked::AsFarAs(page(after)))
}

/// What a pod that hands out the signed pieces answers. A next page of which it makes up the name is none.
pub(super) fn page_of(body: &[u8]) -> Option<ThreadPage> {
    let mut read: ThreadPage = serde_json::from_slice(body).ok()?;
    read.next = read.next.filter(|next| next.len() <= LONGEST_PLACE && next.bytes().all(is_plain));
    Some(read)
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn page(after: String) -> Place {
    if after.is_empty() { Place::Start } else { Place::Page(after) }
}

async fn take(pod: &Pod, piece: &Hanging, budget: &mut Budget) -> Result<()> {
    let kind = Kind::from(piece.kind.as_str());
    let Ok(guid) = piece.guid.parse() else { return Ok(()) };
    // that it was taken back is seen where its author is
    if find(pod, &kind, &guid).await?.is_some() {
        return Ok(());
    }
    let (envelope, wanted) = (piece.envelope.as_bytes(), Wanted::Below(&guid));
    if let Err(error) = Box::pin(process(pod, envelope, Route::Fetch, wanted, None, budget)).await {
        tracing::debug!(%guid, %error, "a piece of a thread was not taken");
    }
    Ok(())
}

/// From any other pod: what it lists below the post, each comment from its author's pod.
async fn one_by_one(pod: &Pod, root: &store::ThreadRoot, done: usize, budget: &mut Budget) -> Result<Walked> {
    let Some(answer) = ask(pod, root, &format!("posts/{}", root.guid)).await? else {
        return Ok(Walked::AsFarAs(Place::Listed(done)));
    };
    let Ok(root_guid) = root.guid.parse::<Guid>() else { return Ok(Walked::ToTheEnd) };
    for (place, comment) in listed(&answer.body).into_iter().enumerate().skip(done) {
        let Some((guid, author)) = comment else { continue };
        if find(pod, &Kind::Comment, &guid).await?.is_some()
            || is_retracted(pod, &Kind::Comment, &guid, &author, None).await?
        {
            continue;
        }
        if let Err(error) = budget.fetch_listed(pod, &guid, &author, &root_guid).await {
            tracing::debug!(%guid, %error, "a comment of a thread was not fetched");
        }
        if budget.fell_short() {
            return Ok(Walked::AsFarAs(Place::Listed(place)));
        }
    }
    Ok(Walked::ToTheEnd)
}

/// The comments that any other pod lists below a post, each in its place; none where nobody is named.
pub(super) fn listed(body: &[u8]) -> Vec<Option<(Guid, DiasporaId)>> {
    let Ok(post) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let comments = post.pointer("/interactions/comments").and_then(Value::as_array);
    let named = |comment: &Value| {
        let text = |path| comment.pointer(path).and_then(Value::as_str);
        Some((text("/guid")?.parse().ok()?, text("/author/diaspora_id")?.parse().ok()?))
    };
    comments.into_iter().flatten().take(LONGEST_LIST).map(named).collect()
}
