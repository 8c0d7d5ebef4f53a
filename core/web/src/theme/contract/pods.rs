//! The podmin's pages about other pods and about work that gave up.
use serde::Serialize;

use super::{Message, Page, views::SAMPLE_NOW};

/// Whether a pod is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PodState {
    Ok,
    /// It fails; single tries after growing pauses.
    Retrying,
    /// It failed for two weeks: nothing is sent.
    Asleep,
    /// An admin suspended it: nothing is sent.
    Blocked,
}

/// Another pod. Times are microseconds since 1970.
#[derive(Debug, Clone, Serialize)]
pub struct RemotePodView {
    pub host: String,
    pub state: PodState,
    /// Known people there.
    pub people: u64,
    /// Messages that wait for it.
    pub waiting: u64,
    /// When the oldest of them was queued.
    pub oldest: Option<i64>,
    /// In words, as the machine said it.
    pub last_error: Option<String>,
    pub last_seen: Option<i64>,
    pub offline_since: Option<i64>,
    /// Failures without a break.
    pub failures: u64,
    /// When it is tried again.
    pub next_try: Option<i64>,
}

impl RemotePodView {
    pub fn sample(host: &str, state: PodState) -> Self {
        let fails = matches!(state, PodState::Retrying | PodState::Asleep);
        let ago = |hours: i64| SAMPLE_NOW - hours * 3_600_000_000;
        Self {
            host: host.into(),
            state,
            people: 12,
            waiting: if fails { 340 } else { 0 },
            oldest: fails.then(|| ago(50)),
            last_error: fails.then(|| "no answer within 20 s <b>".into()),
            last_seen: (state != PodState::Asleep).then(|| ago(3)),
            offline_since: fails.then(|| ago(50)),
            failures: u64::from(fails) * 7,
            next_try: fails.then_some(SAMPLE_NOW + 600_000_000),
        }
    }
}

/// `/admin/pods`. Asks for itself with `state` and `q`.
#[derive(Debug, Clone, Serialize)]
pub struct AdminPodsPage {
    /// The state that is shown alone: `ok`, `retrying`, `asleep`, `blocked` or empty.
    pub state: String,
    /// What is looked for in the hosts.
    pub q: String,
    pub ok: u64,
    pub retrying: u64,
    pub asleep: u64,
    pub blocked: u64,
    /// Messages that wait for all of them.
    pub waiting: u64,
    pub pods: Vec<RemotePodView>,
    /// There are more than are shown.
    pub more: bool,
}

impl Page for AdminPodsPage {
    const TEMPLATE: &'static str = "pages/admin_pods.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-pods-title")
    }

    fn samples() -> Vec<Self> {
        let none = Self {
            state: String::new(),
            q: String::new(),
            ok: 0,
            retrying: 0,
            asleep: 0,
            blocked: 0,
            waiting: 0,
            pods: vec![],
            more: false,
        };
        let some = Self {
            q: "\"><b>".into(),
            state: "retrying".into(),
            ok: 41,
            retrying: 1,
            asleep: 1,
            blocked: 1,
            waiting: 680,
            pods: vec![
                RemotePodView::sample("slow.example", PodState::Retrying),
                RemotePodView::sample("gone.example:8443", PodState::Asleep),
                RemotePodView::sample("fine.example", PodState::Ok),
                RemotePodView::sample("bad.example", PodState::Blocked),
            ],
            more: true,
        };
        vec![none, some]
    }
}

/// Messages of one kind that wait for a pod.
#[derive(Debug, Clone, Serialize)]
pub struct QueueView {
    /// The protocol's name: `status_message`, `comment`, …
    pub entity: String,
    pub public: bool,
    pub count: u64,
    pub last_error: Option<String>,
}

/// Something that was received or sent.
#[derive(Debug, Clone, Serialize)]
pub struct EventView {
    pub at: i64,
    /// Received; else sent.
    pub received: bool,
    pub entity: String,
    pub guid: String,
    /// `accepted`, `refused`, `unreachable`, `failed`, `gave_up`, or the rule by which this pod refused it.
    pub result: String,
    pub reason: Option<String>,
    pub messages: u64,
}

/// `/admin/pods/<host>`. Posts to `/admin/pods/<host>/recheck`.
#[derive(Debug, Clone, Serialize)]
pub struct AdminPodPage {
    pub remote: RemotePodView,
    pub queue: Vec<QueueView>,
    pub events: Vec<EventView>,
}

impl Page for AdminPodPage {
    const TEMPLATE: &'static str = "pages/admin_pod.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-pod-title").with("host", &self.remote.host)
    }

    fn samples() -> Vec<Self> {
        let queue = |public, last_error: Option<&str>| QueueView {
            entity: "status_message".into(),
            public,
            count: 3,
            last_error: last_error.map(str::to_owned),
        };
        let event = |received, result: &str, reason: Option<&str>| EventView {
            at: SAMPLE_NOW,
            received,
            entity: "comment".into(),
            guid: "c".repeat(32),
            result: result.into(),
            reason: reason.map(str::to_owned),
            messages: 2,
        };
        let full = Self {
            remote: RemotePodView::sample("slow.example", PodState::Retrying),
            queue: vec![queue(true, None), queue(false, Some("HTTP 422"))],
            events: vec![
                event(true, "accepted", None),
                event(true, "author_signature", Some("the author's signature is missing <or> wrong")),
                event(false, "unreachable", Some("no answer within 20 s")),
            ],
        };
        let quiet = Self {
            remote: RemotePodView::sample("fine.example", PodState::Ok),
            queue: vec![],
            events: vec![],
        };
        let blocked =
            Self { remote: RemotePodView::sample("bad.example", PodState::Blocked), ..quiet.clone() };
        let asleep =
            Self { remote: RemotePodView::sample("gone.example", PodState::Asleep), ..quiet.clone() };
        vec![full, quiet, asleep, blocked]
    }
}

/// Work that gave up. What it carries is not shown: it may be limited.
#[derive(Debug, Clone, Serialize)]
pub struct DeadJobView {
    pub id: i64,
    /// `receive`, `dispatch`, `deliver`, …
    pub kind: String,
    /// It crashed too often; else it failed too often.
    pub crashed: bool,
    pub times: u64,
    pub last_error: Option<String>,
    pub at: i64,
}

/// `/admin/jobs`. Posts to `/admin/jobs/<id>/retry`, `/admin/jobs/retry`; deletes `/admin/jobs/<id>`, `/admin/jobs`.
#[derive(Debug, Clone, Serialize)]
pub struct AdminJobsPage {
    pub jobs: Vec<DeadJobView>,
}

impl Page for AdminJobsPage {
    const TEMPLATE: &'static str = "pages/admin_jobs.html";
    const PROTECTED: bool = true;

    fn title(&self) -> Message {
        Message::new("admin-jobs-title")
    }

    fn samples() -> Vec<Self> {
        let job = |id, crashed, last_error: Option<&str>| DeadJobView {
            id,
            kind: "receive".into(),
            crashed,
            times: 10,
            last_error: last_error.map(str::to_owned),
            at: SAMPLE_NOW,
        };
        let some =
            vec![job(7, false, Some("comment c0ffee from a@b.example: it is <unknown>")), job(3, true, None)];
        vec![Self { jobs: vec![] }, Self { jobs: some }]
    }
}
