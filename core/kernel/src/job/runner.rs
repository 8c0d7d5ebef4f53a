//! Workers: lease a batch, run each job beside the others, write down in the next transaction how they went.
use super::{
    Failure, KINDS, Lane, held,
    settle::{self, Ended},
    store::{self, Claimed},
};
use crate::{Error, Pod, Result, db::Db, id::Timestamp};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::task::{Id, JoinError, JoinSet};

/// A lease that is not renewed for so long belongs to a dead worker.
const LEASE: Duration = Duration::from_mins(1);
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// How often leases of dead workers are looked for.
const RECLAIM_EVERY: Duration = Duration::from_secs(10);
/// Looks for due jobs at least this often: other processes ring no bell here.
const POLL: Duration = Duration::from_secs(1);
/// How long a stop waits for running jobs before it gives them back.
const GRACE: Duration = Duration::from_secs(15);
/// So many ends wait at most for the transaction that writes them down.
const UNWRITTEN: usize = 32;

/// Works until `stop` resolves, then finishes what runs or gives it back.
pub async fn work(pod: Arc<Pod>, stop: impl Future<Output = ()> + Send) {
    let mut worker = Worker::new(pod);
    tokio::pin!(stop);
    loop {
        worker.collect();
        worker.start();
        if worker.wants_a_transaction() {
            match worker.exchange().await {
                Ok(()) => continue,
                Err(error) => {
                    report("claim and settle jobs", Err(error));
                    tokio::time::sleep(POLL).await;
                }
            }
        }
        let bell = Arc::clone(&worker.pod);
        tokio::select! {
            () = &mut stop => break,
            () = bell.jobs_due.notified() => worker.look = [true; 3],
            ended = worker.running.join_next_with_id(), if !worker.running.is_empty() => worker.ended(ended),
            () = tokio::time::sleep(POLL) => worker.look = [true; 3],
        }
    }
    worker.stop().await;
}

/// Runs everything that is due, and what that causes, one after the other. Says how many jobs ran.
/// For tests and for commands; a serving pod has `work`.
pub async fn run_due(pod: &Arc<Pod>) -> Result<usize> {
    let token = hex::encode(pod.random::<16>());
    let (mut ran, mut ended) = (0, Vec::new());
    loop {
        let now = pod.clock.now();
        let mut tx = pod.db.begin().await?;
        settle::settle(pod, &mut tx, &token, &ended).await?;
        store::reclaim(&mut tx, now, now).await?;
        let mut claimed = Vec::new();
        for lane in Lane::ALL {
            if claimed.is_empty() {
                claimed = store::claim(&mut tx, lane, now, now.plus(LEASE), &token, 1).await?;
            }
        }
        pod.federation_log.flush(&mut tx).await?;
        tx.commit().await?;
        if claimed.is_empty() {
            return Ok(ran);
        }
        ran += claimed.len();
        ended.clear();
        for job in claimed {
            let outcome = held::holding(&job, &token, run(Arc::clone(pod), job.clone())).await;
            ended.push(Ended { job, outcome });
        }
    }
}

/// Takes back at once what a dead predecessor had leased. Only for who knows that nobody else works on this
/// database: with SQLite the one process that holds the lock. With PostgreSQL the leases decide.
pub async fn take_over(pod: &Pod) -> Result<u64> {
    if !matches!(pod.db, Db::Sqlite { .. }) {
        return Ok(0);
    }
    let mut tx = pod.db.begin().await?;
    let taken = store::reclaim(&mut tx, Timestamp(i64::MAX), pod.clock.now()).await?;
    tx.commit().await?;
    if taken > 0 {
        tracing::info!("took over {taken} jobs of a process that was killed");
    }
    Ok(taken)
}

/// What the set of running tasks tells of one that ended.
type Joined = Result<(Id, Result<(), Failure>), JoinError>;

struct Held {
    lane: Lane,
    since: Timestamp,
    job: Claimed,
}

struct Worker {
    pod: Arc<Pod>,
    token: String,
    running: JoinSet<Result<(), Failure>>,
    held: HashMap<Id, Held>,
    /// Leased and not begun.
    ready: [VecDeque<Claimed>; 3],
    /// There may be more than was claimed the last time.
    look: [bool; 3],
    /// Ended and not written down.
    ended: Vec<Ended>,
    renewed: Timestamp,
    reclaimed: Timestamp,
}

impl Worker {
    fn new(pod: Arc<Pod>) -> Self {
        Self {
            token: hex::encode(pod.random::<16>()),
            running: JoinSet::new(),
            held: HashMap::new(),
            ready: Default::default(),
            look: [true; 3],
            ended: Vec::new(),
            renewed: pod.clock.now(),
            reclaimed: Timestamp(0),
            pod,
        }
    }

    fn collect(&mut self) {
        while let Some(ended) = self.running.try_join_next_with_id() {
            self.ended(Some(ended));
        }
    }

    fn ended(&mut self, ended: Option<Joined>) {
        let (id, outcome) = match ended {
            Some(Ok(ended)) => ended,
            Some(Err(error)) => (error.id(), Err(Failure::Retry(Error::internal(error)))),
            None => return,
        };
        if let Some(held) = self.held.remove(&id) {
            self.ended.push(Ended { job: held.job, outcome });
        }
    }

    /// Places of a lane that are free. Who waits for another machine for long is not counted.
    fn room(&self, lane: Lane) -> usize {
        let slow_since = self.pod.clock.now().minus(lane.patience());
        let of_lane = || self.held.values().filter(|held| held.lane == lane);
        let quick = of_lane().filter(|held| held.since > slow_since).count();
        lane.at_once().saturating_sub(quick).min(lane.at_most().saturating_sub(of_lane().count()))
    }

    fn start(&mut self) {
        for lane in Lane::ALL {
            for _ in 0..self.room(lane) {
                let Some(job) = self.ready.get_mut(lane.index()).and_then(VecDeque::pop_front) else { break };
                let work = run(Arc::clone(&self.pod), job.clone());
                let task = self.running.spawn(held::holding(&job, &self.token, work));
                self.held.insert(task.id(), Held { lane, since: self.pod.clock.now(), job });
            }
        }
    }

    /// How many jobs of a lane are to be claimed now.
    fn wanted(&self, lane: Lane) -> usize {
        let looks = self.look.get(lane.index()).copied().unwrap_or(false);
        let ready = self.ready.get(lane.index()).map_or(0, VecDeque::len);
        let room = self.room(lane);
        if looks && ready == 0 && room > 0 { room + lane.ahead() } else { 0 }
    }

    fn wants_a_transaction(&self) -> bool {
        let idle = self.ready.iter().all(VecDeque::is_empty);
        let more = Lane::ALL.into_iter().any(|lane| self.wanted(lane) > 0);
        more || self.ended.len() >= UNWRITTEN || (idle && !self.ended.is_empty()) || self.must_renew()
    }

    fn must_renew(&self) -> bool {
        self.pod.clock.now() >= self.renewed.plus(RENEW_EVERY)
    }

    /// One transaction: what ended is written down, leases are renewed, more is claimed.
    async fn exchange(&mut self) -> Result<()> {
        let now = self.pod.clock.now();
        let (renews, reclaims) = (self.must_renew(), now >= self.reclaimed.plus(RECLAIM_EVERY));
        let mut tx = self.pod.db.begin().await?;
        settle::settle(&self.pod, &mut tx, &self.token, &self.ended).await?;
        if renews {
            store::renew(&mut tx, &self.token, now.plus(LEASE)).await?;
        }
        if reclaims {
            store::reclaim(&mut tx, now, now).await?;
        }
        let mut claimed = Vec::new();
        for lane in Lane::ALL {
            let wanted = self.wanted(lane);
            if wanted > 0 {
                let jobs = store::claim(&mut tx, lane, now, now.plus(LEASE), &self.token, wanted).await?;
                claimed.push((lane, wanted, jobs));
            }
        }
        self.pod.federation_log.flush(&mut tx).await?;
        tx.commit().await?;
        self.ended.clear();
        if renews {
            self.renewed = now;
        }
        if reclaims {
            self.reclaimed = now;
        }
        for (lane, wanted, jobs) in claimed {
            if let Some(look) = self.look.get_mut(lane.index()) {
                *look = jobs.len() >= wanted;
            }
            if let Some(ready) = self.ready.get_mut(lane.index()) {
                ready.extend(jobs);
            }
        }
        Ok(())
    }

    /// Waits a while for what runs, then gives back the rest, untouched.
    async fn stop(mut self) {
        let drained = async {
            while let Some(ended) = self.running.join_next_with_id().await {
                self.ended(Some(ended));
            }
        };
        let _ = tokio::time::timeout(GRACE, drained).await;
        self.running.shutdown().await;
        let given_back = async {
            let mut tx = self.pod.db.begin().await?;
            settle::settle(&self.pod, &mut tx, &self.token, &self.ended).await?;
            store::give_back(&mut tx, &self.token).await?;
            self.pod.federation_log.flush(&mut tx).await?;
            Ok(tx.commit().await?)
        };
        report("give jobs back", given_back.await);
    }
}

#[tracing::instrument(name = "job", skip_all, fields(job.id = %job.id, job.kind = %job.kind))]
async fn run(pod: Arc<Pod>, job: Claimed) -> Result<(), Failure> {
    let kind = KINDS.iter().find(|kind| kind.name == job.kind);
    let outcome = match kind.map(|kind| (kind.run)(pod, &job.payload)) {
        Some(Ok(work)) => work.await,
        Some(Err(error)) => Err(Failure::Retry(Error::internal(error))),
        None => Err(Failure::Retry(Error::internal("no such kind of job in this version"))),
    };
    let label = Ended::label(&outcome);
    metrics::counter!("jobs_total", "kind" => job.kind.clone(), "outcome" => label).increment(1);
    settle::tell(&job.kind, job.failures, &outcome);
    outcome
}

fn report(what: &str, outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot {what}: {error}");
    }
}
