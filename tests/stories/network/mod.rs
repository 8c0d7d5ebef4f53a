//! A network in one process: five pods that publish, comment, like and take back at random while pods stop,
//! answer with failures, cut connections, are slow, and somebody forges, replays and lies. At the end every
//! pod that should hold a thing holds it exactly once, and nobody else has it. In the middle of it some members
//! move to other pods while the others go on: who is moving is silent, and what the others say then may be heard or
//! not by pods that know them through somebody who moves, and for certain by all others.
//!
//! `PAPPUS_SEED` chooses another run, `PAPPUS_ACTIONS` its length; what a run did is on its last lines. The same seed
//! makes the same story: chance is thrown in the order of the actions, and the weather asks none but the seed and the
//! way of a message.
mod compare;
mod evil;
mod late;
mod model;
mod moves;
mod settled;
mod stir;
mod weather;

use evil::Evil;
use model::{Model, Who};
use pappus_kernel::{
    Error,
    access::Owner,
    account::{
        session,
        sign_in::sign_in,
        sign_up::{self, NewMember},
    },
    contact::{self, aspect},
    env::{Fetch, TestClock},
    id::AspectId,
    person,
    post::{self, Audience, PostText},
    relayable::{
        comment::{self, CommentText},
        like,
    },
    testing::{Options, Place, START, TestPod},
};
use pappus_tests::{PASSWORD, Running, Wire};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use weather::{Way, Weather};

const PODS: usize = 5;
/// Members of a pod; the first is its admin.
const NAMES: [&str; 2] = ["admina", "mia"];
const SECOND: Duration = Duration::from_secs(1);

/// Chance that can be had again.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Below `n`.
    pub fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.roll(100) < chance
    }
}

pub struct Member {
    pub owner: Owner,
    pub diaspora_id: String,
    aspects: Vec<AspectId>,
    pub aspect_names: Vec<String>,
}

pub struct Network {
    pub pods: Vec<Running>,
    pub members: Vec<Member>,
    weather: Arc<Weather>,
    clock: Arc<TestClock>,
    dice: Dice,
    model: Model,
    evil: Evil,
}

#[tokio::test]
async fn what_five_pods_say_to_each_other_is_where_it_belongs_and_nowhere_else() {
    let from_env = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let seed = from_env("PAPPUS_SEED", 20_261_125);
    let mut places = Vec::new();
    for _ in 0..PODS {
        places.push(Place::sqlite().await);
    }
    run(places, seed, from_env("PAPPUS_ACTIONS", 2_000)).await;
    let mut places = Vec::new();
    while let Some(place) = if places.len() < PODS { Place::postgres().await } else { None } {
        places.push(place);
    }
    if places.len() == PODS {
        run(places, seed + 1, from_env("PAPPUS_ACTIONS", 2_000)).await;
    }
}

async fn run(places: Vec<Place>, seed: u64, actions: u64) {
    eprintln!("PAPPUS_SEED={seed} PAPPUS_ACTIONS={actions}");
    let mut network = Network::found(places, seed).await;
    network.live(actions / 2).await;
    network.compare().await;
    let stirred = network.live_while_people_move().await;
    network.compare().await;
    network.model.speak_again();
    network.weather.begin();
    network.live((actions / 2).saturating_sub(stirred).max(actions / 4)).await;
    network.compare().await;
    let (weather, model) = (network.weather.tally(), network.model.tally());
    eprintln!("weather {weather:?}\nevil {:?}\nmodel {model:?}", network.evil.tally);
    // the test asserts its own volume
    let tenth = usize::try_from(actions / 10).unwrap();
    assert!(model.posts + model.children > tenth * 3, "{model:?}");
    assert!(model.moves == 4 && network.evil.tally.foreign_move > 0, "{model:?}");
    assert!(model.by_movers > tenth / 4 && model.below_old > tenth / 20, "{model:?}");
    assert!(model.taken_in > tenth / 20 && model.late > tenth / 20, "{model:?}");
    assert!(model.stirred > tenth / 20 && (actions < 1_000 || model.gone_roots > 0), "{model:?}");
    assert!(model.gone > tenth / 4 && model.limited > tenth / 4 && model.reshares > tenth / 20, "{model:?}");
    let all: Vec<_> = weather.all().into_iter().chain(network.evil.tally.all()).collect();
    assert!(all.iter().map(|(_, count)| count).sum::<usize>() > tenth, "{all:?}");
    // in a short run what is rare may not happen at all
    let often = if actions < 1_000 { 0 } else { tenth / 20 };
    for (what, count) in all {
        assert!(count >= often, "{what} happened only {count} times");
    }
}

impl Network {
    /// Five pods whose members share with each other at random.
    async fn found(places: Vec<Place>, seed: u64) -> Self {
        let clock = Arc::new(TestClock::at(START));
        let wire = Arc::new(Wire::default());
        let weather = Arc::new(Weather::new(Arc::clone(&wire), Arc::clone(&clock), seed));
        let (mut pods, mut members) = (Vec::new(), Vec::new());
        for (number, place) in places.into_iter().enumerate() {
            let host = format!("pod{number}.test");
            let options = Options {
                base_url: format!("https://{host}/"),
                fetch: Arc::new(Way { from: number, weather: Arc::clone(&weather) }) as Arc<dyn Fetch>,
                clock: Arc::clone(&clock),
                ..Options::default()
            };
            let pod = Running::set_up(TestPod::with(place, options).await).await;
            wire.join(&host, pod.router.clone());
            for name in NAMES {
                members.push(member(&pod, name, &host).await);
            }
            pods.push(pod);
        }
        let evil = Evil::join(&wire, evil::victim(&pods, &members).await);
        let model = Model::new(PODS, members.len());
        let mut network = Self { pods, members, weather, clock, dice: Dice::new(seed), model, evil };
        network.meet().await;
        network
    }

    async fn meet(&mut self) {
        let count = self.members.len();
        for (who, whom) in (0..count).flat_map(|who| (0..count).map(move |whom| (who, whom))) {
            // everybody shares with their neighbour, so that nothing is about nobody
            if who == whom || !((who + 3) % count == whom || self.dice.percent(10)) {
                continue;
            }
            let (me, pod) = (&self.members[who], &self.pods[self.model.home(who)]);
            let id = self.members[whom].diaspora_id.parse().unwrap();
            let person = person::discover(&pod.pod, &id).await.unwrap();
            let aspect = self.dice.roll(me.aspects.len());
            contact::share(&pod.pod, me.owner, me.aspects[aspect], person.id).await.unwrap();
            self.model.begins_to_share(who, whom, aspect);
        }
        self.settle().await;
        self.weather.begin();
    }

    async fn live(&mut self, actions: u64) {
        for _ in 0..actions {
            self.act().await;
        }
        self.calm_down().await;
    }

    async fn compare(&self) {
        self.look_at_late_posts().await;
        self.model.says(&self.pods, &self.members).await;
    }

    /// One step of the world: somebody does something, somebody evil tries something, or time passes.
    async fn act(&mut self) {
        let who = self.dice.roll(self.members.len());
        let what = self.dice.roll(100);
        match what {
            // who is moving is silent
            0..78 if self.model.is_on_the_move(who) => {}
            0..14 => self.publish(who, true).await,
            14..24 => self.publish(who, false).await,
            24..50 => self.comment(who).await,
            50..62 => self.like(who).await,
            62..66 => self.reshare(who).await,
            66..70 => self.unlike(who).await,
            70..73 => self.take_back_post(who).await,
            73..78 => self.take_back_comment(who).await,
            78..85 => {
                let target = self.model.some_public(&mut self.dice);
                self.evil.act(&mut self.dice, &self.pods, &self.members, target).await;
            }
            _ => self.weather.change(&mut self.dice),
        }
        self.time_passes().await;
    }

    async fn time_passes(&mut self) {
        if self.dice.percent(60) {
            let pod = self.dice.roll(PODS);
            self.pods[pod].run_jobs().await;
        }
        if self.dice.percent(30) {
            let seconds = u32::try_from(self.dice.roll(600)).unwrap();
            self.clock.advance(SECOND * seconds);
        }
    }

    /// The pod of a member.
    fn pod(&self, who: Who) -> &Running {
        &self.pods[self.model.home(who)]
    }

    async fn publish(&mut self, who: Who, public: bool) {
        let me = &self.members[who];
        let text = format!("post {} of {} #n{}", self.model.next(), me.diaspora_id, self.dice.roll(9));
        let aspect = self.dice.roll(me.aspects.len());
        let audience =
            if public { Audience::Public } else { Audience::Aspects(BTreeSet::from([me.aspects[aspect]])) };
        let valid = PostText::try_from(text.clone()).unwrap();
        let pod = self.pod(who);
        let done = post::publish(&pod.pod, me.owner, valid, audience, None).await.unwrap();
        self.model.published(who, done.guid, text, (!public).then_some(aspect));
    }

    async fn comment(&mut self, who: Who) {
        let Some((post, guid)) = self.model.readable(&mut self.dice, who) else { return };
        let text = format!("comment {} of {}", self.model.next(), self.members[who].diaspora_id);
        let valid = CommentText::try_from(text.clone()).unwrap();
        let pod = self.pod(who);
        match comment::create(&pod.pod, self.members[who].owner, &guid, valid).await {
            Ok(item) => self.model.commented(post, who, item.guid, text),
            Err(Error::NotFound) => self.model.not_there_yet(),
            Err(error) => panic!("{error}"),
        }
    }

    async fn like(&mut self, who: Who) {
        let Some((post, guid)) = self.model.readable(&mut self.dice, who) else { return };
        let pod = self.pod(who);
        match like::create(&pod.pod, self.members[who].owner, &guid).await {
            Ok(like) => self.model.liked(post, who, like.guid),
            Err(Error::Conflict(_)) => assert!(self.model.likes(post, who), "liked twice"),
            Err(Error::NotFound) => self.model.not_there_yet(),
            Err(error) => panic!("{error}"),
        }
    }

    async fn reshare(&mut self, who: Who) {
        let Some((root, guid)) = self.model.to_reshare(&mut self.dice, who) else { return };
        let pod = self.pod(who);
        match post::reshare(&pod.pod, self.members[who].owner, &guid).await {
            Ok(done) => self.model.reshared(root, who, done.guid),
            // the root is there later than its reshare is readable, or neither is there yet
            Err(Error::NotFound) => self.model.not_there_yet(),
            Err(error) => panic!("{error}"),
        }
    }

    async fn unlike(&mut self, who: Who) {
        let Some((child, post)) = self.model.like_of(&mut self.dice, who) else { return };
        let pod = self.pod(who);
        match like::retract(&pod.pod, self.members[who].owner, &post).await {
            Ok(()) => self.model.child_gone(child),
            // its post was taken back
            Err(Error::NotFound) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn take_back_post(&mut self, who: Who) {
        let Some((post, guid)) = self.model.post_of(&mut self.dice, who) else { return };
        let pod = self.pod(who);
        post::retract(&pod.pod, self.members[who].owner, &guid).await.unwrap();
        self.model.post_gone(post);
    }

    /// Their own, or one below a post of theirs that has come.
    async fn take_back_comment(&mut self, who: Who) {
        let Some((child, guid)) = self.model.comment_for(&mut self.dice, who) else { return };
        let pod = self.pod(who);
        match comment::retract(&pod.pod, self.members[who].owner, &guid).await {
            Ok(()) => self.model.child_gone(child),
            Err(Error::NotFound) => self.model.not_there_yet(),
            Err(error) => panic!("{error}"),
        }
    }

    /// The weather clears up; everybody tries again until nothing is left to do.
    async fn calm_down(&mut self) {
        self.weather.clear();
        for _ in 0..150 {
            self.settle().await;
            self.clock.advance(SECOND * 3_600);
        }
        self.settle().await;
    }

    async fn settle(&self) {
        for _ in 0..50 {
            let mut ran = 0;
            for pod in &self.pods {
                ran += pod.run_jobs().await;
            }
            if ran == 0 {
                return;
            }
        }
        panic!("the pods keep each other busy for ever");
    }
}

async fn member(pod: &Running, name: &str, host: &str) -> Member {
    if name != NAMES[0] {
        let new = NewMember {
            username: name.into(),
            email: format!("{name}@mail.test"),
            password: PASSWORD.into(),
            language: "en".into(),
        };
        sign_up::create_as_operator(&pod.pod, pod.pod.admin(), new, false).await.unwrap();
    }
    let started = sign_in(&pod.pod, name, PASSWORD, "test").await.unwrap();
    let owner = session::find(&pod.pod, &started.token).await.unwrap().unwrap().owner().unwrap();
    let aspects = aspect::list(&pod.pod, owner).await.unwrap();
    let aspects = aspects.into_iter().take(2).map(|aspect| (aspect.id, aspect.name));
    let (aspects, aspect_names) = aspects.unzip();
    Member { owner, diaspora_id: format!("{name}@{host}"), aspects, aspect_names }
}
