//! What is not taken: counted once with its reason, told in one line, kept for the admin to see.
use crate::network::{Somebody, World, guid, now};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use pappus_federation::{
    entity::{Comment, Entity, Profile},
    envelope,
};
use pappus_kernel::{inbox, job, remote_pod, sql};
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Counts what the code under test counts, by name and labels.
#[derive(Default)]
struct Figures(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Figures {
    /// Those not taken: by pod, kind and reason.
    fn refused(&self) -> Vec<(String, u64)> {
        let figures = self.0.lock().unwrap();
        let refused = figures.iter().filter_map(|(name, count)| {
            Some((name.strip_prefix("fed_refused_total ")?.to_owned(), count.load(Ordering::SeqCst)))
        });
        refused.collect()
    }
}

impl Recorder for Figures {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: BTreeMap<_, _> = key.labels().map(|label| (label.key(), label.value())).collect();
        let labels: Vec<_> = ["pod", "type", "result"].iter().filter_map(|key| labels.get(key)).collect();
        let labels = labels.into_iter().copied().collect::<Vec<_>>().join(" ");
        Counter::from_arc(Arc::clone(
            self.0.lock().unwrap().entry(format!("{} {labels}", key.name())).or_default(),
        ))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// The lines of the log as a pod writes it by default.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn with(&self, part: &str) -> Vec<String> {
        self.0.lock().unwrap().iter().filter(|line| line.contains(part)).cloned().collect()
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event() && metadata.level() <= &Level::INFO && metadata.target().starts_with("pappus")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.lock().unwrap().push(message.0);
    }
}

fn signed(by: &Somebody, xml: &str) -> Vec<u8> {
    envelope::sign(xml, &by.id, by.key).unwrap().into_bytes()
}

async fn traced(world: &World, name: &str) -> Vec<(String, String)> {
    let trace = remote_pod::trace(&world.pod, world.admin(), name).await.unwrap();
    trace.events.into_iter().map(|it| (it.entity, it.result)).collect()
}

#[tokio::test]
async fn a_refused_message_costs_one_line_with_its_reason_and_is_counted_for_its_pod_and_kind() {
    World::on_both(async |world| {
        let (figures, lines) = (Figures::default(), Lines::default());
        let _counted = metrics::set_default_local_recorder(&figures);
        let _told = tracing::subscriber::set_default(lines.clone());
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let eve = Somebody::on(&world.network, "eve@evil.test", 1);
        let (id, name) = (&mia.id, guid("broken"));
        let comment = |text: &str| {
            format!(
                "<comment><author>{id}</author><guid>{name}</guid><parent_guid>{name}</parent_guid>\
                 <text>{text}</text></comment>"
            )
        };
        let of_eve = Entity::Profile(Box::new(Profile::new(eve.id.clone(), true))).to_xml();
        let sent = [
            signed(&mia, &comment("")),
            signed(&mia, &comment(&"x".repeat(70_000))),
            signed(&mia, "<made_up><guid>whatever it says</guid></made_up>"),
            signed(&mia, &of_eve),
            signed(&Somebody { id: mia.id.clone(), guid: mia.guid.clone(), key: eve.key }, &comment("hm")),
            b"no envelope at all".to_vec(),
        ];
        for body in sent {
            inbox::accept_public(&world.pod, body).await.unwrap();
        }
        world.work().await;
        let refused = figures.refused();
        let expected = [
            ("far.test comment invalid", 1),
            ("far.test comment too_large", 1),
            ("far.test profile sender", 1),
            ("far.test unknown invalid", 1),
            ("unverified unknown envelope", 1),
            ("unverified unknown signature", 1),
        ];
        assert_eq!(refused, expected.map(|(name, count)| (name.to_owned(), count)));
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM jobs WHERE kind = 'receive'")).await, 0);
        let lines = lines.with("dropped a job");
        assert_eq!(lines.len(), 6, "{lines:#?}");
        let broken = format!("comment {name} from {id}: comment: text breaks the rule not_empty");
        assert_eq!(lines.iter().filter(|line| line.ends_with(&broken)).count(), 1, "{lines:#?}");
        // and the admin finds it: by the name of the thing, or of the sender where it has none
        let event = |entity: &str, result: &str| (entity.to_owned(), result.to_owned());
        assert_eq!(
            traced(&world, name.as_str()).await,
            [event("comment", "invalid"), event("comment", "too_large")]
        );
        let by_sender = traced(&world, id.as_str()).await;
        assert_eq!(by_sender, [event("unknown", "invalid"), event("profile", "sender")]);
        let pod = remote_pod::show(&world.pod, world.admin(), "far.test").await.unwrap();
        assert_eq!(pod.events.len(), 4, "what a forger says is nobody's record");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_waits_costs_a_line_when_it_begins_to_and_one_when_it_is_given_up() {
    World::on_both(async |world| {
        let (figures, lines) = (Figures::default(), Lines::default());
        let _counted = metrics::set_default_local_recorder(&figures);
        let _told = tracing::subscriber::set_default(lines.clone());
        let mia = Somebody::on(&world.network, "mia@far.test", 0);
        let comment = Comment::new(mia.id.clone(), guid("c"), guid("nowhere"), "hm", now()).unwrap();
        world.send(&mia, &comment.into()).await;
        for _ in 0..20 {
            world.work().await;
            world.later(Duration::from_hours(9));
        }
        let dead = job::list_dead(&world.pod, world.admin()).await.unwrap();
        assert_eq!((dead.len(), dead[0].failures), (1, 10), "kept for the admin to see");
        assert_eq!(figures.refused(), [("far.test comment parent_unknown".to_owned(), 1)]);
        let lines = lines.with("from mia@far.test");
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(lines[0].starts_with("a job failed and is tried again later"), "{}", lines[0]);
        assert!(lines[1].starts_with("a job failed for the last time"), "{}", lines[1]);
        let event = |result: &str| ("comment".to_owned(), result.to_owned());
        assert_eq!(traced(&world, guid("c").as_str()).await, [event("waits"), event("parent_unknown")]);
    })
    .await;
}

#[tokio::test]
async fn who_sent_a_message_is_looked_for_again_and_again_and_told_of_twice() {
    World::on_both(async |world| {
        let (figures, lines) = (Figures::default(), Lines::default());
        let _counted = metrics::set_default_local_recorder(&figures);
        let _told = tracing::subscriber::set_default(lines.clone());
        let nobody = Somebody {
            id: "x@nowhere.test".parse().unwrap(),
            guid: guid("x"),
            key: { Somebody::on(&world.network, "mia@far.test", 0).key },
        };
        world.send(&nobody, &nobody.post("lost", "does anybody hear me?")).await;
        for _ in 0..20 {
            world.work().await;
            world.later(Duration::from_hours(9));
        }
        assert_eq!(figures.refused(), [("unverified unknown unknown_sender".to_owned(), 1)]);
        assert_eq!(lines.with("from x@nowhere.test: its sender was not found").len(), 2);
        assert_eq!(world.count(sql!("SELECT COUNT(*) FROM federation_events")).await, 0);
    })
    .await;
}
