//! What plugins do in the background: by the clock, on the queue, and what they may know and tell there.
use pappus_kernel::{
    account::close,
    contact,
    env::Clock as _,
    job,
    person::{
        facts::{Birthday, Filter},
        profile::{self, ProfileForm},
    },
    plugin::{
        Caller, Enabled, Files, Grants, Hook, Looking, Manifest, Plugin, PluginError, Refusal, RenderSource,
        RenderedText,
        exchange::{JobOutcome, JobRequest},
        jobs::{self, Spec},
        member, notifications, people, schedule,
    },
    post::Audience,
    sql,
    testing::{Member, TestPod, on_both},
};
use serde_json::json;
use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

const MANIFEST: &str = "[plugin]\nid='test.kettle'\nslug='kettle'\nname='K'\nversion='1.0.0'\nlicense='MIT'\napi='0.1'\n\
    acts-for-members=true\n[capabilities]\njobs={why='j'}\npeople={why='p'}\nnotifications={why='n'}\n[hooks.job-runner]\n\
    [[schedule]]\njob='sweep'\ncron='0 * * * *'\n[[schedule]]\njob='morning'\ncron='0 8 * * *'\nper-member=true\n\
    [[notification]]\nkind='ready'\nlabel='ready'\n";

const HOUR: Duration = Duration::from_hours(1);

/// Writes down what it is given to do, and does it as well as it is told to.
struct Kettle {
    manifest: Manifest,
    done: Mutex<Vec<(String, String, JobRequest)>>,
    broken: Mutex<bool>,
}

#[async_trait::async_trait]
impl Plugin for Kettle {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[Hook] {
        &[Hook::JobRunner]
    }

    fn sha256(&self) -> &'static str {
        "kettle"
    }

    fn files(&self) -> &Files {
        static NONE: LazyLock<Files> = LazyLock::new(Files::default);
        &NONE
    }

    async fn render(&self, _: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
        Err(PluginError::NoHook(Hook::TextRenderer))
    }

    async fn run(&self, caller: Caller, job: JobRequest) -> Result<JobOutcome, PluginError> {
        assert!(caller.background && caller.looking.viewer.is_none());
        self.done.lock().unwrap().push((caller.looking.timezone, caller.looking.locale, job.clone()));
        if *self.broken.lock().unwrap() {
            return Err(PluginError::Failed("out of water".into()));
        }
        let again = job.payload == json!("again") && job.attempt == 1;
        Ok(if again { JobOutcome::Again(Duration::ZERO) } else { JobOutcome::Done })
    }
}

impl Kettle {
    fn on(pod: &TestPod) -> Arc<Self> {
        let manifest = Manifest::parse(MANIFEST).unwrap();
        let kettle = Arc::new(Self { manifest, done: Mutex::default(), broken: Mutex::default() });
        kettle.switch_on(pod);
        kettle
    }

    fn switch_on(self: &Arc<Self>, pod: &TestPod) {
        let grants = Grants::asked_by(&self.manifest);
        pod.plugins.replace(1, vec![Enabled::new(self.clone(), grants)]);
    }

    fn caller(&self, pod: &TestPod) -> Caller {
        Caller {
            looking: Looking::nobody(Arc::clone(&pod.pod)),
            slug: self.manifest.slug.clone(),
            grants: Arc::new(Grants::asked_by(&self.manifest)),
            acting_on: None,
            background: true,
            looks_only: false,
        }
    }

    /// What it did since the last time, as `kind payload`.
    fn did(&self) -> Vec<String> {
        let done = std::mem::take(&mut *self.done.lock().unwrap());
        done.into_iter().map(|(_, _, job)| format!("{} {}", job.kind, job.payload)).collect()
    }
}

async fn tick(pod: &TestPod) {
    schedule::prepare(pod).await.unwrap();
    schedule::start(pod).await.unwrap();
    job::run_due(&pod.pod).await.unwrap();
}

async fn leave(pod: &TestPod, who: &Member, on: bool) {
    member::let_act(pod, who.owner, "kettle", on).await.unwrap();
}

fn spec(kind: &str) -> Spec {
    Spec { kind: kind.into(), payload: "{}".into(), run_at: None, dedupe_key: None, max_attempts: 3 }
}

#[tokio::test]
async fn looking_at_a_page_queues_and_tells_nothing() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        let looks = Caller { looks_only: true, ..kettle.caller(&pod) };
        assert_eq!(jobs::enqueue(&looks, vec![spec("boil")]).await, Err(Refusal::Denied));
        assert_eq!(notifications::send(&looks, Vec::new()).await, Err(Refusal::Denied));
        assert_eq!(jobs::enqueue(&kettle.caller(&pod), vec![spec("boil")]).await.map(|ids| ids.len()), Ok(1));
    })
    .await;
}

#[tokio::test]
async fn a_schedule_of_another_version_is_not_due_for_ever() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        pod.run(sql!(
            "INSERT INTO plugin_schedules (plugin, job, user_id, spec, next_at) VALUES ('kettle', 'gone', 0, '0 * * * * UTC', 0)"
        ))
        .await;
        schedule::start(&pod).await.unwrap();
        let left = sql!("SELECT COUNT(*) FROM plugin_schedules WHERE job = 'gone'");
        assert_eq!(pod.count(left).await, 0);
        assert_eq!(kettle.did(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn of_several_processes_one_starts_what_is_due() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        tick(&pod).await;
        assert_eq!(kettle.did(), [""; 0], "the full hour is to come");
        for _ in 0..3 {
            pod.clock.advance(HOUR);
            let (a, b, c) = tokio::join!(schedule::start(&pod), schedule::start(&pod), schedule::start(&pod));
            a.and(b).and(c).unwrap();
            let queued = sql!("SELECT COUNT(*) FROM jobs WHERE plugin = 'kettle'");
            assert_eq!(pod.count(queued).await, 1);
            tick(&pod).await;
            assert_eq!(kettle.did(), ["sweep {}"]);
        }
        // whatever was missed is done once
        pod.clock.advance(HOUR * 30);
        tick(&pod).await;
        tick(&pod).await;
        assert_eq!(kettle.did(), ["sweep {}"]);
    })
    .await;
}

#[tokio::test]
async fn a_member_has_mornings_of_their_own_for_as_long_as_they_want() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        let alice = pod.member("alice").await;
        pod.member("bob").await;
        leave(&pod, &alice, true).await;
        pod.run(sql!("UPDATE users SET timezone = 'Asia/Kolkata', language = 'de' WHERE username = 'alice'"))
            .await;
        tick(&pod).await;
        let at = sql!("SELECT next_at FROM plugin_schedules WHERE job = 'morning'");
        let day = Duration::from_hours(24);
        // half past two in UTC
        let expected = pod.clock.now().plus(HOUR * 14 + HOUR / 2).0;
        assert_eq!(pod.count(at).await, expected);
        pod.clock.advance(day);
        tick(&pod).await;
        let done = kettle.done.lock().unwrap().iter().find(|(_, _, job)| job.kind == "morning").cloned();
        let (zone, language, morning) = done.unwrap();
        assert_eq!((zone.as_str(), language.as_str()), ("Asia/Kolkata", "de"));
        assert_eq!(morning.payload, json!({ "user": alice.user() }));
        assert!(morning.scheduled && morning.attempt == 1 && morning.id > 0);

        pod.run(sql!("UPDATE users SET timezone = 'America/New_York'")).await;
        schedule::prepare(&pod).await.unwrap();
        assert_eq!(pod.count(at).await, pod.clock.now().plus(HOUR).0, "reckoned anew");

        leave(&pod, &alice, false).await;
        let rows = sql!("SELECT COUNT(*) FROM plugin_schedules WHERE user_id <> 0");
        assert_eq!(pod.count(rows).await, 0);
        leave(&pod, &alice, true).await;
        schedule::prepare(&pod).await.unwrap();
        assert_eq!(pod.count(rows).await, 1);
        pod.run(sql!("UPDATE people SET standing = 2")).await;
        kettle.did();
        pod.clock.advance(day);
        tick(&pod).await;
        assert!(!kettle.did().iter().any(|did| did.starts_with("morning")), "nothing for who is shut out");
        pod.run(sql!("UPDATE people SET standing = 0")).await;
        close::close_as_operator(&pod, pod.admin(), "alice").await.unwrap();
        assert_eq!(pod.count(rows).await, 0);
    })
    .await;
}

#[tokio::test]
async fn work_that_fails_is_tried_again_as_often_as_it_wants_and_then_waits_for_somebody_to_look() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        *kettle.broken.lock().unwrap() = true;
        jobs::enqueue(&kettle.caller(&pod), vec![spec("boil")]).await.unwrap();
        for attempt in 1..=3 {
            job::run_due(&pod.pod).await.unwrap();
            let done = kettle.done.lock().unwrap().pop().unwrap();
            assert_eq!(done.2.attempt, attempt);
            pod.clock.advance(HOUR);
        }
        assert_eq!(job::run_due(&pod.pod).await.unwrap(), 0, "three times and no more");
        let dead = job::list_dead(&pod, pod.admin()).await.unwrap();
        assert_eq!((dead.len(), dead[0].kind.as_str(), dead[0].failures), (1, "plugin", 3));
        let why = dead[0].last_error.clone().unwrap_or_default();
        assert!(why.contains("boil") && why.contains("kettle") && why.contains("out of water"), "{why}");

        *kettle.broken.lock().unwrap() = false;
        kettle.did();
        kettle.switch_on(&pod); // its breaker is closed
        job::retry_dead(&pod, pod.admin(), Some(dead[0].id)).await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(kettle.did(), ["boil {}"]);
        assert!(job::list_dead(&pod, pod.admin()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn work_is_queued_once_per_key_when_it_wants_and_within_limits() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        let caller = kettle.caller(&pod);
        let keyed = |at: i64| Spec {
            dedupe_key: Some("tea".into()),
            run_at: Some(pod.clock.now().0 / 1000 + at),
            ..spec("boil")
        };
        let first = jobs::enqueue(&caller, vec![keyed(7_200_000), spec("rinse")]).await.unwrap();
        let again = jobs::enqueue(&caller, vec![keyed(3_600_000)]).await.unwrap();
        assert_eq!((first.len(), again), (2, vec![first[0]]), "the one that waits");
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(kettle.did(), ["rinse {}"]);
        assert_eq!((jobs::cancel(&caller, "tea").await, jobs::cancel(&caller, "tea").await), (Ok(1), Ok(0)));
        pod.clock.advance(HOUR * 3);
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(kettle.did(), [""; 0]);

        let again = Spec { payload: "\"again\"".into(), ..spec("pour") };
        jobs::enqueue(&caller, vec![again]).await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(kettle.did(), ["pour \"again\""]);

        let invalid = [
            Spec { kind: "Boil it".into(), ..spec("") },
            Spec { payload: "{".into(), ..spec("boil") },
            Spec { max_attempts: 0, ..spec("boil") },
            Spec { max_attempts: 11, ..spec("boil") },
            Spec { dedupe_key: Some(String::new()), ..spec("boil") },
            Spec { dedupe_key: Some(" x".into()), ..spec("boil") },
            Spec { run_at: Some(i64::MAX), ..spec("boil") },
        ];
        for wrong in invalid {
            let refused = jobs::enqueue(&caller, vec![spec("fine"), wrong.clone()]).await;
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{wrong:?}");
        }
        let large = Spec { payload: format!("\"{}\"", "x".repeat(64 * 1024)), ..spec("boil") };
        for much in [vec![large], vec![spec("boil"); 101]] {
            assert!(matches!(jobs::enqueue(&caller, much).await, Err(Refusal::Quota(_))));
        }
        let ungranted = Caller { grants: Arc::default(), ..caller.clone() };
        assert_eq!(jobs::enqueue(&ungranted, vec![spec("boil")]).await, Err(Refusal::Denied));
        assert_eq!(jobs::cancel(&ungranted, "tea").await, Err(Refusal::Denied));
        let waiting = sql!("SELECT COUNT(*) FROM jobs WHERE plugin = 'kettle'");
        assert_eq!(pod.count(waiting).await, 1, "the one that pours again");
    })
    .await;
}

#[tokio::test]
async fn the_backlog_of_a_plugin_ends_somewhere() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        let caller = kettle.caller(&pod);
        let full = sql!(
            sqlite: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
                     INSERT INTO jobs (kind, lane, payload, run_at, state, created_at, plugin)
                     SELECT 'plugin', 0, '{}', 9000000000000000, 'waiting', 0, 'kettle' FROM n",
            postgres: "INSERT INTO jobs (kind, lane, payload, run_at, state, created_at, plugin)
                       SELECT 'plugin', 0, '{}', 9000000000000000, 'waiting', 0, 'kettle' FROM generate_series(1, 9999)",
        );
        pod.run(full).await;
        let two = jobs::enqueue(&caller, vec![spec("boil"), spec("pour")]).await;
        assert!(matches!(two, Err(Refusal::Quota(_))), "one would fit, and then none is queued");
        assert_eq!(jobs::enqueue(&caller, vec![spec("boil")]).await.map(|ids| ids.len()), Ok(1));
    })
    .await;
}

#[tokio::test]
async fn a_plugin_that_is_off_does_nothing_and_forgets_nothing_that_it_asked_for() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        tick(&pod).await;
        jobs::enqueue(&kettle.caller(&pod), vec![spec("boil")]).await.unwrap();
        pod.clock.advance(HOUR);
        schedule::start(&pod).await.unwrap();
        pod.plugins.replace(2, vec![]);
        tick(&pod).await;
        assert_eq!(kettle.did(), [""; 0]);
        let waiting = sql!("SELECT COUNT(*) FROM jobs WHERE plugin = 'kettle'");
        assert_eq!(pod.count(waiting).await, 1, "what the clock asked for is past");
        kettle.switch_on(&pod);
        pod.clock.advance(HOUR * 25);
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(kettle.did(), ["boil {}"]);

        // on, and not loaded here: nothing is lost, and nothing waits for long
        pod.run(sql!(
            "INSERT INTO plugins (slug, plugin_id, version, sha256, enabled, grants)
             VALUES ('kettle', 'test.kettle', '1.0.0', 'x', TRUE, '{}')"
        ))
        .await;
        schedule::prepare(&pod).await.unwrap();
        pod.clock.advance(HOUR);
        schedule::start(&pod).await.unwrap();
        pod.plugins.replace(3, vec![]);
        job::run_due(&pod.pod).await.unwrap();
        kettle.switch_on(&pod);
        pod.clock.advance(HOUR / 4);
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(kettle.did(), ["sweep {}"]);
    })
    .await;
}

fn born(day: &str, public_details: bool) -> ProfileForm {
    ProfileForm { first_name: "B_b".into(), birthday: day.into(), public_details, ..ProfileForm::default() }
}

#[tokio::test]
async fn a_plugin_knows_of_people_what_the_member_may_know() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        let caller = kettle.caller(&pod);
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let far = pod.remote("dora@far.example").await;
        let friends = pod.aspect(&alice, "friends").await;
        for person in [bob.person(), carol.person(), far] {
            contact::share(&pod, alice.owner, friends, person).await.unwrap();
        }
        profile::change(&pod, bob.owner, born("1990-02-28", false)).await.unwrap();
        profile::change(&pod, carol.owner, born("02-28", true)).await.unwrap();
        let ids: Vec<String> =
            [&bob.diaspora_id, "dora@far.example", "nobody@pod.test"].map(str::to_owned).to_vec();

        for answer in [
            people::get(&caller, Some(alice.user()), &ids).await.map(drop),
            people::user(&caller, alice.user()).await.map(drop),
            people::contacts(&caller, alice.user(), &Filter::All, None, 10).await.map(drop),
        ] {
            assert_eq!(answer, Err(Refusal::Denied), "she did not let it");
        }
        leave(&pod, &alice, true).await;
        let known = |seen: &[Option<people::Seen>]| seen.iter().map(Option::is_some).collect::<Vec<_>>();
        let as_visitor = people::get(&caller, None, &ids).await.unwrap();
        assert_eq!(known(&as_visitor), [true, false, false], "people of other pods are for members");
        let as_alice = people::get(&caller, Some(alice.user()), &ids).await.unwrap();
        assert_eq!(known(&as_alice), [true, true, false]);
        assert_eq!(as_alice[0].as_ref().unwrap().facts.birthday, None, "bob does not share with her");
        let me = people::user(&caller, alice.user()).await.unwrap().unwrap();
        assert_eq!(me.user, Some(alice.user()));

        let day = Filter::BirthdayOn(2, 28);
        let whose = async || {
            let (found, next) = people::contacts(&caller, alice.user(), &day, None, 10).await.unwrap();
            assert_eq!(next, None);
            let one = |seen: people::Seen| (seen.facts.person.diaspora_id, seen.facts.birthday.unwrap().year);
            found.into_iter().map(one).collect::<Vec<_>>()
        };
        let carols = vec![(carol.diaspora_id.clone(), None)];
        assert_eq!(whose().await, carols);
        // where a page ends says nothing of those who are not told of
        let mut cursor: Option<String> = None;
        let mut pages = 0;
        loop {
            let page = people::contacts(&caller, alice.user(), &day, cursor.as_deref(), 1).await.unwrap();
            assert!(page.1.is_none() || page.0.len() == 1, "an empty page with another behind it");
            pages += 1;
            match page.1 {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert!(pages <= 2);
        let family = pod.aspect(&bob, "family").await;
        contact::share(&pod, bob.owner, family, alice.person()).await.unwrap();
        let bobs = vec![(bob.diaspora_id.clone(), Some(1990))];
        assert_eq!(whose().await, [bobs, carols.clone()].concat());
        let seen = people::get(&caller, Some(alice.user()), &ids).await.unwrap();
        let day_of_bob = Birthday { year: Some(1990), month: 2, day: 28 };
        assert_eq!(seen[0].as_ref().unwrap().facts.birthday, Some(day_of_bob));
        pod.run(sql!("UPDATE people SET standing = 2 WHERE diaspora_id LIKE 'bob@%'")).await;
        assert_eq!(whose().await, carols, "an admin suspended him");
        pod.run(sql!("UPDATE people SET standing = 0")).await;
        contact::ignore(&pod, alice.owner, bob.person()).await.unwrap();
        assert_eq!(whose().await, carols);

        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let (found, next) =
                people::contacts(&caller, alice.user(), &Filter::All, cursor.as_deref(), 1).await.unwrap();
            all.extend(found.into_iter().map(|seen| seen.facts.person.diaspora_id));
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all, [carol.diaspora_id.as_str(), "dora@far.example"]);
        for (prefix, many) in [("b_", 1), ("b%", 0), ("B", 1), ("x", 0)] {
            let filter = Filter::NamePrefix(prefix.into());
            let (found, _) = people::contacts(&caller, alice.user(), &filter, None, 10).await.unwrap();
            assert_eq!(found.len(), many, "{prefix}");
        }
        let many = vec![bob.diaspora_id.clone(); 101];
        assert!(matches!(people::get(&caller, None, &many).await, Err(Refusal::Quota(_))));
        let ungranted = Caller { grants: Arc::default(), ..caller.clone() };
        assert_eq!(people::get(&ungranted, None, &ids).await.map(drop), Err(Refusal::Denied));
    })
    .await;
}

fn notice(who: &Member, key: &str) -> notifications::Notice {
    notifications::Notice {
        recipient: who.user(),
        kind: "ready".into(),
        message_key: "ready".into(),
        args: vec![("cups".into(), json!(2))],
        actors: vec![],
        target_post: None,
        path: None,
        dedupe_key: key.into(),
    }
}

#[tokio::test]
async fn a_plugin_tells_members_with_their_leave_once_and_only_what_they_may_hear() {
    on_both(async |pod| {
        let kettle = Kettle::on(&pod);
        let caller = kettle.caller(&pod);
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let send = async |notices| notifications::send(&caller, notices).await;
        assert_eq!(send(vec![notice(&alice, "a")]).await, Err(Refusal::Denied));
        leave(&pod, &alice, true).await;
        let both = vec![notice(&alice, "a"), notice(&bob, "a")];
        assert_eq!(send(both).await, Err(Refusal::Denied), "and alice is told nothing either");
        assert_eq!(send(vec![notice(&alice, "a"), notice(&alice, "b")]).await, Ok(2));
        assert_eq!(send(vec![notice(&alice, "a"), notice(&alice, "c")]).await, Ok(1), "once for a key");
        let page = pappus_kernel::notification::page(&pod, alice.owner, None).await.unwrap();
        assert_eq!(page.len(), 3);
        let told = page[0].told.as_ref().unwrap();
        assert_eq!((told.plugin.as_str(), told.args.as_str()), ("kettle", "{\"cups\":2}"));
        assert_eq!(pappus_kernel::notification::unread(&pod, alice.owner).await.unwrap(), 3);

        let theirs = crate::publish_to(&pod, &bob, "for nobody", &[pod.aspect(&bob, "family").await]).await;
        let public = crate::publish(&pod, &bob, "for all", Audience::Public).await;
        let about = |guid: &str, key: &str| notifications::Notice {
            target_post: Some(guid.into()),
            ..notice(&alice, key)
        };
        assert_eq!(send(vec![about(&theirs.guid, "d"), about(&public.guid, "e")]).await, Ok(1));
        let by = |who: &[&str], key: &str| notifications::Notice {
            actors: who.iter().map(|id| (*id).to_owned()).collect(),
            ..notice(&alice, key)
        };
        let (hers, his) = (alice.diaspora_id.as_str(), bob.diaspora_id.as_str());
        assert_eq!(
            send(vec![by(&[his], "f"), by(&["nobody@far.example"], "g"), by(&[hers], "h")]).await,
            Ok(1)
        );
        contact::ignore(&pod, alice.owner, bob.person()).await.unwrap();
        assert_eq!(send(vec![by(&[his], "i")]).await, Ok(0), "she ignores him");

        let wrong = [
            notifications::Notice { kind: "other".into(), ..notice(&alice, "w") },
            notifications::Notice { message_key: "<b>".into(), ..notice(&alice, "w") },
            notifications::Notice { path: Some("//far.example/".into()), ..notice(&alice, "w") },
            notifications::Notice { target_post: Some("1".into()), ..notice(&alice, "w") },
            notifications::Notice { args: vec![("x".into(), json!({}))], ..notice(&alice, "w") },
            notice(&alice, ""),
        ];
        for wrong in wrong {
            assert!(matches!(send(vec![wrong.clone()]).await, Err(Refusal::Invalid(_))), "{wrong:?}");
        }
        let many = |from: usize, to: usize| (from..to).map(|n| notice(&alice, &n.to_string())).collect();
        let before = sql!("SELECT COUNT(*) FROM plugin_notices");
        let so_far = pod.count(before).await;
        assert!(matches!(send(many(0, 101)).await, Err(Refusal::Quota(_))), "too many at once");
        assert!(matches!(send(many(0, 100)).await, Err(Refusal::Quota(_))), "too many in a day");
        assert_eq!(pod.count(before).await, so_far);
        pod.clock.advance(HOUR * 25);
        assert_eq!(send(many(0, 100)).await, Ok(100));

        pappus_kernel::account::close::close_as_operator(&pod, pod.admin(), "alice").await.unwrap();
        assert_eq!(pod.count(before).await, 0);
    })
    .await;
}
