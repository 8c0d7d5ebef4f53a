//! Some members move to other pods while the weather is bad and the others go on with their lives: an archive there,
//! an account here, and everybody is told. One of them moves twice.
use super::{Dice, Member, NAMES, Network, PODS, member, model::Who};
use pappus_kernel::{Error, moving, person};
use pappus_tests::PASSWORD;
use std::collections::BTreeSet;

/// So many members move; the first of them twice.
const MOVERS: usize = 3;
/// Steps of the weather in which a move must come to its end.
const PATIENCE: usize = 2_000;

/// Somebody on their way.
struct Mover {
    who: Who,
    /// So many moves are before them.
    left: usize,
    step: Step,
}

enum Step {
    /// The archive is asked for.
    Asked,
    /// It is there, and so is the new account.
    Packed(Vec<u8>, usize, Member),
    /// The new pod is at work.
    Entering(usize, Member),
}

impl Network {
    /// From calm to calm; says how many actions that were.
    pub async fn live_while_people_move(&mut self) -> u64 {
        let mut movers = choose(&mut self.dice);
        self.model.stir(movers.iter().map(|mover| mover.who));
        let mut actions = 0;
        for mover in &movers {
            self.ask(mover.who).await;
        }
        self.weather.begin();
        for _ in 0..PATIENCE {
            if movers.iter().all(|mover| mover.left == 0) {
                break;
            }
            if self.dice.percent(50) {
                self.act().await;
                actions += 1;
            } else {
                self.weather_and_work().await;
            }
            // an archive is packed, carried and unpacked while the others talk
            if self.dice.percent(30) {
                let turn = self.dice.roll(movers.len());
                self.goes_on(&mut movers[turn]).await;
            }
        }
        assert!(movers.iter().all(|mover| mover.left == 0), "somebody never arrives");
        eprintln!(
            "{actions} actions beside the moves {:?}",
            movers.iter().map(|one| &self.model.homes[one.who]).collect::<Vec<_>>()
        );
        self.calm_down().await;
        self.model.calm_again();
        actions
    }

    async fn weather_and_work(&mut self) {
        if self.dice.percent(40) {
            self.weather.change(&mut self.dice);
        }
        if self.dice.percent(15) {
            self.evil.forge_a_move(&mut self.dice, &self.pods, &self.members).await;
        }
        self.time_passes().await;
    }

    async fn ask(&self, who: Who) {
        moving::ask(&self.pod(who).pod, self.members[who].owner, PASSWORD).await.unwrap();
    }

    async fn goes_on(&mut self, mover: &mut Mover) {
        let who = mover.who;
        let step = std::mem::replace(&mut mover.step, Step::Asked);
        mover.step = match step {
            Step::Asked if mover.left == 0 => Step::Asked,
            Step::Asked => self.pack(who).await,
            Step::Packed(file, to, new) => self.move_in(who, file, to, new).await,
            Step::Entering(to, new) if self.has_arrived(to, &new).await => {
                mover.left -= 1;
                let old = std::mem::replace(&mut self.members[who], new);
                self.model.moved(who, old.diaspora_id, to);
                if mover.left > 0 {
                    self.ask(who).await;
                }
                Step::Asked
            }
            step @ Step::Entering(..) => step,
        };
    }

    /// Whoever moves on goes where the first move will be known: elsewhere what they wrote would be somebody
    /// else's.
    async fn pack(&mut self, who: Who) -> Step {
        let file = match moving::fetch(&self.pod(who).pod, self.members[who].owner, PASSWORD).await {
            Ok(file) => file.to_vec(),
            Err(Error::Invalid(_)) => return Step::Asked,
            Err(error) => panic!("{error}"),
        };
        let fits = |pod: &usize| !self.model.homes[who].contains(pod) && self.model.knows_of(who, *pod);
        let pods: Vec<usize> = (0..PODS).filter(fits).collect();
        let to = pods[self.dice.roll(pods.len())];
        let new = member(&self.pods[to], &format!("mover{who}"), &format!("pod{to}.test")).await;
        Step::Packed(file, to, new)
    }

    /// Whoever is not to be found is left out of a move, and the member is told so. Here nobody shall be: the
    /// member tries again when all of them were found, and when the new pod knows of their move before.
    async fn move_in(&self, who: Who, file: Vec<u8>, to: usize, new: Member) -> Step {
        let pod = &self.pods[to].pod;
        let before = |other: Who| self.model.closed.iter().filter(move |(_, one)| *one == other);
        for other in self.model.members().filter(|other| self.model.are_contacts(who, *other)) {
            for id in before(other).map(|(id, _)| id).chain([&self.members[other].diaspora_id]) {
                if person::discover(pod, &id.parse().unwrap()).await.is_err() {
                    return Step::Packed(file, to, new);
                }
            }
        }
        for (id, _) in before(who) {
            if !person::discover(pod, &id.parse().unwrap()).await.is_ok_and(|old| old.closed) {
                return Step::Packed(file, to, new);
            }
        }
        match moving::begin(pod, new.owner, file.clone()).await {
            Ok(()) => Step::Entering(to, new),
            Err(Error::Invalid(wrong)) if wrong.rule == "archive-unreachable" => Step::Packed(file, to, new),
            Err(error) => panic!("{error}"),
        }
    }

    /// Posts, comments and likes may be left out where what they belong to is not known.
    async fn has_arrived(&self, to: usize, new: &Member) -> bool {
        let progress = moving::progress(&self.pods[to].pod, new.owner).await.unwrap().unwrap();
        for left in &progress.skipped {
            let kinds = ["post", "relayable", "reply", "subscription"];
            let reasons = ["parent-unknown", "parent-gone", "pod-away"];
            let known = kinds.contains(&left.kind.as_str()) && reasons.contains(&left.reason.as_str());
            assert!(known, "{left:?}");
        }
        progress.finished_at.is_some()
    }
}

/// Members who are nobody's admin.
fn choose(dice: &mut Dice) -> Vec<Mover> {
    let mut homes = BTreeSet::new();
    let mut movers = Vec::new();
    while movers.len() < MOVERS {
        let home = dice.roll(PODS);
        if homes.insert(home) {
            let left = if movers.is_empty() { 2 } else { 1 };
            movers.push(Mover { who: home * NAMES.len() + 1, left, step: Step::Asked });
        }
    }
    movers
}
