//! The delivery engine: who is asked how often, who waits for whom, and what is there after a crash. On both
//! databases, against a network that does what the story says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]
mod once;

use async_trait::async_trait;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use pappus_federation::{key::PrivateKey, receive};
use pappus_kernel::{
    Error, contact,
    db::Sql,
    env::{Clock as _, Fetch, FetchError, FetchRequest, FetchResponse},
    inbox, job,
    moderation::{self, NewBlock, Severity},
    post::{self, Audience, PostText},
    remote_pod::{self, Filter, State},
    seal::Place as Sealed,
    sql,
    testing::{Member, Options, Place, TestPod},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// What a host does with requests.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Answer(u16),
    /// Nothing listens.
    Nothing,
    /// It takes the connection and says nothing until the gate opens.
    Hang,
    /// Says so, and for how many seconds.
    Busy(u16, u64),
    /// Fails on one message, takes the others.
    FailOn(&'static str),
    /// Never has an answer for one message (and does not answer 504 either), takes the others.
    ChokeOn(&'static str, u16),
}

/// The network.
struct Net {
    hosts: Mutex<HashMap<String, Does>>,
    asked: Mutex<Vec<(String, String, Vec<u8>)>>,
    hanging: AtomicUsize,
    gate: Semaphore,
}

impl Net {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            hosts: Mutex::default(),
            asked: Mutex::default(),
            hanging: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        })
    }

    fn set(&self, host: &str, does: Does) {
        self.hosts.lock().unwrap().insert(host.to_owned(), does);
    }

    /// What a host was sent, and forgets it.
    fn taken(&self) -> Vec<(String, String, Vec<u8>)> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Fetch for Net {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let host = request.url.host_str().unwrap().to_owned();
        let does = self.hosts.lock().unwrap().get(&host).copied().unwrap_or(Does::Answer(202));
        let body = request.post.map(|(_, body)| body).unwrap_or_default();
        self.asked.lock().unwrap().push((host, request.url.path().to_owned(), body.clone()));
        let mut retry_after = None;
        let status = match does {
            Does::Busy(status, seconds) => {
                retry_after = Some(Duration::from_secs(seconds));
                status
            }
            Does::Answer(status) => status,
            Does::FailOn(words) if String::from_utf8_lossy(&body).contains(words) => 500,
            Does::FailOn(_) => 202,
            Does::ChokeOn(words, status) if String::from_utf8_lossy(&body).contains(words) => match status {
                0 => return Err(FetchError::Network("no answer within 20 s".into())),
                status => status,
            },
            Does::ChokeOn(..) => 202,
            Does::Nothing => return Err(FetchError::Network("connection refused".into())),
            Does::Hang => {
                self.hanging.fetch_add(1, Ordering::SeqCst);
                let _ = self.gate.acquire().await;
                return Err(FetchError::Network("no answer within 20 s".into()));
            }
        };
        Ok(FetchResponse { status, url: request.url, content_type: None, retry_after, body: Vec::new() })
    }
}

async fn on_both(story: impl AsyncFn(TestPod, Arc<Net>)) {
    for place in [Some(Place::sqlite().await), Place::postgres().await].into_iter().flatten() {
        let net = Net::new();
        let fetch = Arc::clone(&net) as Arc<dyn Fetch>;
        story(TestPod::with(place, Options { fetch, ..Options::default() }).await, net).await;
    }
}

/// Messages for every known pod wait: so many envelopes, public.
async fn queue(pod: &TestPod, envelopes: &[&str]) {
    let mut tx = pod.db.begin().await.unwrap();
    for envelope in envelopes {
        let payload = tx.query(sql!(
            "INSERT INTO payloads (sender_id, entity, guid, envelope, public, created_at)
             SELECT MIN(id), 'status_message', $1, $1, TRUE, $2 FROM people RETURNING id"
        ));
        let payload: i64 = payload.bind(*envelope).bind(pod.clock.now()).scalar().await.unwrap().unwrap();
        let deliveries = tx.query(sql!(
            "INSERT INTO deliveries (payload_id, remote_pod_id, recipient_id, created_at)
             SELECT $1, id, 0, $2 FROM remote_pods"
        ));
        deliveries.bind(payload).bind(pod.clock.now()).run().await.unwrap();
    }
    let jobs = tx.query(sql!(
        "INSERT INTO jobs (kind, lane, payload, key, run_at, state, created_at)
         SELECT 'deliver', 1, '{\"remote_pod\":' || id || '}', CAST(id AS TEXT), $1, 'waiting', $1
         FROM remote_pods WHERE TRUE ORDER BY remote_pods.id
         ON CONFLICT (kind, key) WHERE key IS NOT NULL AND state = 'waiting' DO UPDATE SET run_at = excluded.run_at"
    ));
    jobs.bind(pod.clock.now()).run().await.unwrap();
    tx.commit().await.unwrap();
}

fn waiting() -> Sql {
    sql!("SELECT COUNT(*) FROM deliveries")
}

async fn state(pod: &TestPod, host: &str) -> State {
    remote_pod::show(pod, pod.admin(), host).await.unwrap().state
}

async fn run(pod: &TestPod) -> usize {
    job::run_due(&pod.pod).await.unwrap()
}

#[tokio::test]
async fn pods_that_hang_delay_nobody() {
    on_both(async |pod, net| {
        for n in 0..100 {
            pod.remote(&format!("a@hangs{n}.test")).await;
            net.set(&format!("hangs{n}.test"), Does::Hang);
        }
        for n in 0..20 {
            pod.remote(&format!("a@fine{n}.test")).await;
        }
        queue(&pod, &["one", "two"]).await;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let worker = tokio::task::spawn(job::work(Arc::clone(&pod.pod), async {
            let _ = stopped.await;
        }));
        let fine = || net.asked.lock().unwrap().iter().filter(|(host, ..)| host.starts_with("fine")).count();
        while net.hanging.load(Ordering::SeqCst) < 64 {
            tokio::task::yield_now().await;
        }
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert_eq!((net.hanging.load(Ordering::SeqCst), fine()), (64, 0), "every place is taken");
        // whoever waits for long is not counted: the others have their places
        while fine() < 40 {
            pod.clock.advance(Duration::from_secs(6));
            pod.jobs_due.notify_one();
            tokio::task::yield_now().await;
        }
        assert_eq!(net.hanging.load(Ordering::SeqCst), 100, "one push to each that hangs, and no more");
        assert_eq!(fine(), 40, "two for each of the others");
        net.gate.add_permits(1000);
        while pod.count(sql!("SELECT COUNT(*) FROM remote_pods WHERE failures > 0")).await < 100 {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
        worker.await.unwrap();
        assert_eq!(pod.count(waiting()).await, 200, "what the others did not take waits");
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'probe'")).await, 100);
    })
    .await;
}

#[tokio::test]
async fn a_failing_pod_gets_one_single_try_and_all_the_rest_when_it_answers() {
    on_both(async |pod, net| {
        pod.remote("a@down.test").await;
        net.set("down.test", Does::Nothing);
        queue(&pod, &["one", "two", "three"]).await;
        run(&pod).await;
        assert_eq!(net.taken().len(), 1, "the first failure stops the turn");
        assert_eq!(state(&pod, "down.test").await, State::Retrying);
        let row = remote_pod::show(&pod, pod.admin(), "down.test").await.unwrap().pod;
        assert_eq!((row.waiting, row.failures), (3, 1));
        assert_eq!(row.last_error.as_deref(), Some("connection refused"));
        assert_eq!(run(&pod).await, 0, "nothing is due");

        pod.clock.advance(Duration::from_secs(256 + 60));
        run(&pod).await;
        assert_eq!(net.taken().len(), 1, "one try");
        assert_eq!(run(&pod).await, 0);
        pod.clock.advance(Duration::from_secs(256 + 60));
        assert_eq!(run(&pod).await, 0, "the second pause is longer");

        net.set("down.test", Does::Answer(202));
        pod.clock.advance(Duration::from_secs(625));
        run(&pod).await;
        let bodies: Vec<_> =
            net.taken().into_iter().map(|(.., body)| String::from_utf8(body).unwrap()).collect();
        assert_eq!(bodies, ["one", "two", "three"], "in their order, each once");
        assert_eq!(state(&pod, "down.test").await, State::Ok);
        assert_eq!(pod.count(waiting()).await, 0);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM payloads")).await, 0, "and nothing is left behind");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_a_pod_chokes_on_does_not_hold_up_the_others() {
    on_both(async |pod, net| {
        pod.remote("a@picky.test").await;
        net.set("picky.test", Does::FailOn("poison"));
        queue(&pod, &["poison", "good", "better"]).await;
        run(&pod).await;
        pod.clock.advance(Duration::from_secs(256 + 60));
        run(&pod).await;
        assert_eq!(pod.count(waiting()).await, 1, "the others went with the next try");
        for _ in 0..40 {
            pod.clock.advance(Duration::from_hours(12));
            run(&pod).await;
        }
        assert_eq!(pod.count(waiting()).await, 0, "and it is given up");
        let asked = net.taken();
        let poison = asked.iter().filter(|(.., body)| body == b"poison").count();
        assert_eq!((poison, asked.iter().filter(|(.., body)| body == b"good").count()), (10, 1));
        let trace = remote_pod::trace(&pod, pod.admin(), "poison").await.unwrap();
        assert_eq!(trace.events.last().unwrap().result, "gave_up");
        assert_eq!(trace.events.last().unwrap().reason.as_deref(), Some("HTTP 500"));
    })
    .await;
}

#[tokio::test]
async fn a_message_that_gets_no_answer_does_not_hold_up_the_others_for_ever() {
    on_both(async |pod, net| {
        for status in [0, 504] {
            pod.remote("a@slow.test").await;
            net.set("slow.test", Does::ChokeOn("poison", status));
            queue(&pod, &["poison", "one", "two"]).await;
            for _ in 0..6 {
                run(&pod).await;
                pod.clock.advance(Duration::from_hours(1));
            }
            let bodies: Vec<_> = net.taken().into_iter().map(|(.., body)| body).collect();
            assert!(bodies.contains(&b"one".to_vec()) && bodies.contains(&b"two".to_vec()), "{status}");
            queue(&pod, &["three"]).await;
            for _ in 0..100 {
                run(&pod).await;
                pod.clock.advance(Duration::from_hours(12));
            }
            let bodies: Vec<_> = net.taken().into_iter().map(|(.., body)| body).collect();
            assert!(bodies.contains(&b"three".to_vec()));
            assert!(bodies.iter().filter(|body| *body == b"poison").count() < 60);
            assert_eq!(pod.count(waiting()).await, 0, "there is an end to it");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_waits_alone_and_is_given_up_after_ten_times() {
    on_both(async |pod, net| {
        pod.remote("a@strict.test").await;
        net.set("strict.test", Does::Answer(422));
        queue(&pod, &["one"]).await;
        run(&pod).await;
        assert_eq!(state(&pod, "strict.test").await, State::Ok, "it is there");
        net.set("strict.test", Does::Answer(202));
        queue(&pod, &["two"]).await;
        run(&pod).await;
        assert_eq!(net.taken().len(), 2, "the second went at once, the first waits for its time");
        let left = remote_pod::trace(&pod, pod.admin(), "one").await.unwrap().waiting;
        assert_eq!((left[0].attempts, left[0].refused.as_deref()), (1, Some("HTTP 422")));
        net.set("strict.test", Does::Answer(422));
        for _ in 0..30 {
            pod.clock.advance(Duration::from_hours(12));
            run(&pod).await;
        }
        assert_eq!((net.taken().len(), pod.count(waiting()).await), (9, 0));
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_has_too_much_to_do_is_left_alone_as_long_as_it_asks_for() {
    on_both(async |pod, net| {
        pod.remote("a@busy.test").await;
        queue(&pod, &["one"]).await;
        // its proxy answers for it, far more often than a message may fail
        for status in [502, 503, 504, 429].into_iter().cycle().take(16) {
            net.set("busy.test", Does::Busy(status, 0));
            run(&pod).await;
            pod.clock.advance(Duration::from_hours(24));
        }
        assert!(net.taken().len() > 12);
        assert_eq!(pod.count(waiting()).await, 1, "nothing is given up");
        remote_pod::heard_of(&pod, "busy.test").await.unwrap();
        net.set("busy.test", Does::Busy(429, 3_600));
        run(&pod).await;
        net.set("busy.test", Does::Answer(202));
        net.taken();
        pod.clock.advance(Duration::from_mins(59));
        run(&pod).await;
        assert_eq!(net.taken(), []);
        pod.clock.advance(Duration::from_mins(2));
        run(&pod).await;
        assert_eq!(net.taken().len(), 1);
        assert_eq!(pod.count(waiting()).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_is_away_for_two_weeks_is_left_alone_until_it_is_heard_of() {
    on_both(async |pod, net| {
        pod.remote("a@away.test").await;
        net.set("away.test", Does::Nothing);
        queue(&pod, &["old"]).await;
        for _ in 0..15 * 24 {
            run(&pod).await;
            pod.clock.advance(Duration::from_hours(1));
        }
        assert_eq!(state(&pod, "away.test").await, State::Asleep);
        let tries = net.taken().len();
        assert!((15..40).contains(&tries), "{tries} tries in two weeks");
        for _ in 0..3 {
            pod.clock.advance(Duration::from_hours(25));
            run(&pod).await;
        }
        let asked = net.taken();
        assert_eq!(asked.len(), 3, "once a day");
        assert!(asked.iter().all(|(_, path, _)| path == "/.well-known/nodeinfo"), "and nothing is sent");

        net.set("away.test", Does::Answer(202));
        assert_eq!(run(&pod).await, 0);
        remote_pod::heard_of(&pod, "away.test").await.unwrap();
        run(&pod).await;
        assert_eq!(state(&pod, "away.test").await, State::Ok);
        assert_eq!(net.taken().last().unwrap().2, b"old");
        assert_eq!(pod.count(waiting()).await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_admin_may_ask_a_pod_before_its_time_is_up() {
    on_both(async |pod, net| {
        pod.remote("a@down.test").await;
        net.set("down.test", Does::Nothing);
        queue(&pod, &["one"]).await;
        run(&pod).await;
        net.set("down.test", Does::Answer(202));
        assert_eq!(run(&pod).await, 0);
        let nobody = remote_pod::recheck(&pod, pod.admin(), "nobody.test").await;
        assert!(matches!(nobody, Err(Error::NotFound)));
        remote_pod::recheck(&pod, pod.admin(), "Down.test ").await.unwrap();
        assert!(run(&pod).await > 0);
        assert_eq!((state(&pod, "down.test").await, pod.count(waiting()).await), (State::Ok, 0));
        // of a pod that is well it asks for NodeInfo
        net.taken();
        remote_pod::recheck(&pod, pod.admin(), "down.test").await.unwrap();
        run(&pod).await;
        assert_eq!(net.taken()[0].1, "/.well-known/nodeinfo");
    })
    .await;
}

#[tokio::test]
async fn pods_are_listed_with_their_trouble() {
    on_both(async |pod, net| {
        for host in ["fine.test", "down.test"] {
            pod.remote(&format!("a@{host}")).await;
        }
        pod.remote("b@down.test").await;
        net.set("down.test", Does::Nothing);
        queue(&pod, &["one"]).await;
        run(&pod).await;
        let list = async |state, text: &str| {
            let filter = Filter { state, text: text.to_owned() };
            let rows = remote_pod::list(&pod, pod.admin(), &filter).await.unwrap();
            rows.into_iter().map(|row| row.host).collect::<Vec<_>>()
        };
        assert_eq!(list(None, "").await, ["down.test", "fine.test"], "trouble first");
        assert_eq!(list(Some(State::Retrying), "").await, ["down.test"]);
        assert_eq!(list(Some(State::Ok), "").await, ["fine.test"]);
        assert_eq!(list(Some(State::Asleep), "").await, Vec::<String>::new());
        assert_eq!(list(None, "FINE").await, ["fine.test"]);
        let details = remote_pod::show(&pod, pod.admin(), "down.test").await.unwrap();
        assert_eq!((details.pod.people, details.pod.waiting, details.queue[0].count), (2, 1, 1));
        assert_eq!(details.events[0].result, "unreachable");
        let counts = remote_pod::counts(&pod).await.unwrap();
        assert_eq!((counts.ok, counts.retrying, counts.asleep, counts.waiting), (1, 1, 0, 1));
    })
    .await;
}

#[tokio::test]
async fn nothing_more_is_sent_to_a_pod_that_an_admin_suspends() {
    on_both(async |pod, net| {
        for host in ["bad.test", "fine.test"] {
            pod.remote(&format!("a@{host}")).await;
            net.set(host, Does::Nothing);
        }
        queue(&pod, &["one"]).await;
        run(&pod).await;
        let block = NewBlock::of("bad.test".parse().unwrap(), Severity::Suspend);
        moderation::block(&pod, pod.admin(), block).await.unwrap();
        assert_eq!(state(&pod, "bad.test").await, State::Blocked);
        let filter = Filter { state: Some(State::Blocked), text: String::new() };
        assert_eq!(remote_pod::list(&pod, pod.admin(), &filter).await.unwrap().len(), 1);
        let counts = remote_pod::counts(&pod).await.unwrap();
        assert_eq!((counts.ok, counts.retrying, counts.blocked), (0, 1, 1));
        net.taken();
        for host in ["bad.test", "fine.test"] {
            net.set(host, Does::Answer(202));
        }
        pod.clock.advance(Duration::from_hours(1));
        run(&pod).await;
        let hosts: Vec<_> = net.taken().into_iter().map(|(host, ..)| host).collect();
        assert_eq!(hosts, ["fine.test"]);
        assert_eq!(pod.count(waiting()).await, 0, "what waited for it is forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_killed_process_leaves_nothing_waiting_where_nobody_else_can_work() {
    on_both(async |pod, net| {
        pod.remote("a@fine.test").await;
        queue(&pod, &["one"]).await;
        let lease = pod.clock.now().plus(Duration::from_mins(1));
        let mut tx = pod.db.begin().await.unwrap();
        let killed =
            tx.query(sql!("UPDATE jobs SET state = 'running', lease_token = 'dead', lease_until = $1"));
        killed.bind(lease).run().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(run(&pod).await, 0, "the lease says that somebody works on it");
        let alone = pod.db.kind() == "SQLite";
        assert_eq!(job::take_over(&pod).await.unwrap(), u64::from(alone));
        assert_eq!(run(&pod).await, usize::from(alone), "with PostgreSQL the leases decide");
        pod.clock.advance(Duration::from_secs(61));
        run(&pod).await;
        assert_eq!((net.taken().len(), pod.count(waiting()).await), (1, 0), "once, either way");
    })
    .await;
}

#[tokio::test]
async fn messages_that_gave_up_are_kept_to_be_tried_or_dropped() {
    on_both(async |pod, _| {
        for _ in 0..3 {
            inbox::accept_public(&pod, b"not an envelope".to_vec()).await.unwrap();
        }
        pod.run(sql!("UPDATE jobs SET state = 'dead', last_error = 'no parent', failures = 10")).await;
        assert_eq!(run(&pod).await, 0);
        let dead = job::list_dead(&pod, pod.admin()).await.unwrap();
        assert_eq!((dead.len(), dead[0].kind.as_str(), dead[0].failures), (3, "receive", 10));
        assert_eq!(job::retry_dead(&pod, pod.admin(), Some(dead[0].id)).await.unwrap(), 1);
        assert_eq!(run(&pod).await, 1, "it ran, and is no envelope");
        let again = job::retry_dead(&pod, pod.admin(), Some(dead[0].id)).await;
        assert!(matches!(again, Err(Error::NotFound)));
        assert_eq!(job::drop_dead(&pod, pod.admin(), Some(dead[1].id)).await.unwrap(), 1);
        pod.clock.advance(Duration::from_hours(29 * 24));
        assert_eq!(job::sweep_dead(&pod).await.unwrap(), 0);
        pod.clock.advance(Duration::from_hours(48));
        assert_eq!(job::sweep_dead(&pod).await.unwrap(), 1, "a month is enough");
    })
    .await;
}

/// Counts what the code under test counts.
#[derive(Default)]
struct Figures(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Figures {
    fn of(&self, name: &str) -> u64 {
        self.0.lock().unwrap().get(name).map_or(0, |count| count.load(Ordering::SeqCst))
    }
}

impl Recorder for Figures {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::clone(self.0.lock().unwrap().entry(key.name().to_owned()).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn a_message_that_breaks_a_rule_is_counted_once_and_never_tried_again() {
    on_both(async |pod, net| {
        let figures = Figures::default();
        let _guard = metrics::set_default_local_recorder(&figures);
        for n in 0..30 {
            inbox::accept_public(&pod, format!("no envelope, number {n}").into_bytes()).await.unwrap();
        }
        assert_eq!(run(&pod).await, 30);
        assert_eq!((figures.of("fed_refused_total"), figures.of("fed_receive_total")), (30, 30));
        pod.clock.advance(Duration::from_hours(48));
        assert_eq!(run(&pod).await, 0, "nothing is left to try");
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM jobs")).await, 0);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM federation_events")).await, 0, "nobody's record");
        assert_eq!(net.taken().len(), 0, "and nobody was asked about it");
    })
    .await;
}

/// Gives a member of the test a key to sign with.
async fn give_key(pod: &TestPod, member: &Member, name: &str, key: &PrivateKey) {
    let place = Sealed { table: "users", row: name, column: "private_key" };
    let sealed = pod.seal(place, key.to_pem().unwrap().as_bytes()).unwrap();
    let mut tx = pod.db.begin().await.unwrap();
    let give = tx.query(sql!("UPDATE users SET private_key = $2 WHERE id = $1"));
    give.bind(member.user()).bind(sealed).run().await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_envelope_is_signed_once_and_sent_once_per_pod_or_encrypted_once_per_person() {
    on_both(async |pod, net| {
        let figures = Figures::default();
        let _guard = metrics::set_default_local_recorder(&figures);
        let key = PrivateKey::generate_small().unwrap();
        let alice = pod.member("alice").await;
        give_key(&pod, &alice, "alice", &key).await;
        let friends = pod.aspect(&alice, "friends").await;
        for id in ["a@one.test", "b@one.test", "c@one.test", "d@two.test", "e@two.test"] {
            let person = pod.remote(id).await;
            let mut tx = pod.db.begin().await.unwrap();
            let pem = tx.query(sql!("UPDATE people SET public_key = $2 WHERE id = $1"));
            pem.bind(person).bind(key.public().to_pem()).run().await.unwrap();
            tx.commit().await.unwrap();
            contact::share(&pod, alice.owner, friends, person).await.unwrap();
        }
        run(&pod).await;
        assert!(net.taken().len() >= 5, "their contacts and profiles");
        let publish = async |audience| {
            let before = (figures.of("fed_signed_total"), figures.of("fed_sealed_total"));
            let text = PostText::try_from("hello".to_owned()).unwrap();
            let post = post::publish(&pod, alice.owner, text, audience, None).await.unwrap();
            run(&pod).await;
            let signed = figures.of("fed_signed_total") - before.0;
            (post, signed, figures.of("fed_sealed_total") - before.1)
        };

        let (_, signed, sealed) = publish(Audience::Public).await;
        assert_eq!((signed, sealed), (1, 0));
        let sent = net.taken();
        assert_eq!(sent.len(), 2, "one for each pod");
        assert!(sent.iter().all(|(_, path, body)| path == "/receive/public" && *body == sent[0].2));

        let (post, signed, sealed) = publish(Audience::Aspects([friends].into())).await;
        assert_eq!((signed, sealed), (1, 5), "one signature, one encryption for each");
        let sent = net.taken();
        assert_eq!(sent.len(), 5, "one for each person");
        let opened: Vec<_> =
            sent.iter().map(|(.., body)| receive::unseal(body, &key).expect("sealed for them")).collect();
        assert!(opened.iter().all(|envelope| *envelope == opened[0]), "the same bytes inside");
        assert!(sent.iter().all(|(_, path, body)| path.starts_with("/receive/users/") && *body != opened[0]));

        let trace = remote_pod::trace(&pod, pod.admin(), &post.guid).await.unwrap();
        assert_eq!(trace.waiting, []);
        let way: Vec<_> =
            trace.events.iter().map(|it| (it.host.as_str(), it.result.as_str(), it.messages)).collect();
        assert_eq!(way, [("", "dispatched", 5), ("one.test", "accepted", 3), ("two.test", "accepted", 2)]);
    })
    .await;
}
