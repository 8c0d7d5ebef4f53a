//! What this pod asked others lately, whichever message made it ask: a host is asked so often in a minute,
//! and what was not there a moment ago is not asked for again. And what it tells others because a stranger's
//! message makes it. In memory: after a restart one may ask anew.
use super::{
    Waiting,
    places::{Cause, Places},
};
use crate::{Error, Result, id::Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Questions to one host in one minute.
const A_MINUTE: u32 = 120;
/// Shorter than the third pause of a message that waits for what is missing: the first two are for what arrives in
/// the wrong order.
const REMEMBERED: Duration = Duration::from_mins(3);
/// An answer speaks for its host so long.
const ANSWERS_LATELY: Duration = Duration::from_hours(24);
/// The messages that wait are counted so often.
const COUNTED_EVERY: Duration = Duration::from_secs(5);
/// Answers that a stranger's message causes, in one hour: to one person, and to all people of one pod.
const ANSWERED: u32 = 10;
const ANSWERED_POD: u32 = 100;
/// More is not remembered.
const MOST: usize = 10_000;

/// One question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Errand<'a> {
    /// Whom.
    pub host: &'a str,
    /// What kind of thing.
    pub name: &'static str,
    /// Which one.
    pub guid: &'a str,
}

/// What was asked lately.
#[derive(Debug, Default)]
pub struct Errands(Mutex<Lately>);

#[derive(Debug, Default)]
struct Lately {
    hosts: HashMap<String, (Timestamp, u32)>,
    misses: HashMap<String, (Timestamp, Miss)>,
    asking: Places,
    answered: HashMap<String, Timestamp>,
    answers: HashMap<String, (Timestamp, u32)>,
    inbox: HashMap<Waiting, (Timestamp, bool)>,
}

/// A question that waits for its answer.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    errands: &'a Errands,
    place: u64,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut lately = self.errands.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.asking.leave(self.place);
    }
}

/// Why something was not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// Its pod does not have it.
    Absent,
    /// Its pod did not answer, or not as it should.
    Away,
}

impl Errands {
    /// Whether the inbox was full when it was last counted, if that was just now.
    pub(super) fn inbox_is_full(&self, waiting: Waiting, now: Timestamp) -> Option<bool> {
        let lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.inbox.get(&waiting).filter(|(at, _)| now < at.plus(COUNTED_EVERY)).map(|(_, full)| *full)
    }

    pub(super) fn note_inbox(&self, waiting: Waiting, full: bool, now: Timestamp) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.inbox.insert(waiting, (now, full));
    }

    /// Why it was not to be had a moment ago.
    pub(super) fn missing(&self, errand: &Errand<'_>, now: Timestamp) -> Option<Miss> {
        let lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.misses.get(&errand.key()).filter(|(until, _)| now < *until).map(|(_, miss)| *miss)
    }

    /// Counts a question that is about to be asked, or says why it is not. Hold what it gives until the answer is
    /// there.
    pub(super) fn admit(&self, errand: &Errand<'_>, cause: &Cause, now: Timestamp) -> Result<Asking<'_>> {
        match self.missing(errand, now) {
            Some(Miss::Absent) => {
                return Err(Error::Remote(format!("{} did not have it a moment ago", errand.host)));
            }
            Some(Miss::Away) => {
                return Err(Error::Remote(format!("{} did not answer a moment ago", errand.host)));
            }
            None => {}
        }
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.hosts.len() >= MOST {
            lately.hosts.retain(|_, (since, _)| now < since.plus(Duration::from_mins(1)));
        }
        let (since, asked) = lately.hosts.entry(errand.host.to_owned()).or_insert((now, 0));
        if now >= since.plus(Duration::from_mins(1)) {
            (*since, *asked) = (now, 0);
        }
        if *asked >= A_MINUTE {
            return Err(Error::Remote(format!("{} was asked enough for this minute", errand.host)));
        }
        let Some(place) = lately.sit(errand.host, cause, now) else {
            return Err(Error::Remote(format!(
                "too many questions wait for an answer to ask {}",
                errand.host
            )));
        };
        if let Some((_, asked)) = lately.hosts.get_mut(errand.host) {
            *asked += 1;
        }
        Ok(Asking { errands: self, place })
    }

    /// Counts an answer that is about to be sent to whoever made it necessary, or says that they had enough of
    /// those: whoever is silent to a flood loses nothing, for the answers say the same.
    pub(super) fn may_answer(&self, diaspora_id: &str, now: Timestamp) -> bool {
        let host = diaspora_id.rsplit('@').next().unwrap_or_default();
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // somebody who has had enough uses up nothing of their neighbours'
        lately.has_room(host, now)
            && lately.counts_answer(diaspora_id, ANSWERED, now)
            && lately.counts_answer(host, ANSWERED_POD, now)
    }

    /// Remembers that there is somebody at this host.
    pub(super) fn answered(&self, host: &str, now: Timestamp) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.answered.len() >= MOST {
            lately.answered.retain(|_, at| now < at.plus(ANSWERS_LATELY));
        }
        if lately.answered.len() < MOST {
            lately.answered.insert(host.to_owned(), now);
        }
    }

    /// Remembers that it was not to be had.
    pub(super) fn missed(&self, errand: &Errand<'_>, miss: Miss, now: Timestamp) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.misses.len() >= MOST {
            lately.misses.retain(|_, (until, _)| now < *until);
        }
        if lately.misses.len() < MOST {
            lately.misses.insert(errand.key(), (now.plus(REMEMBERED), miss));
        }
    }
}

impl Lately {
    /// Takes a place among the questions that wait.
    fn sit(&mut self, host: &str, cause: &Cause, now: Timestamp) -> Option<u64> {
        let answered = &self.answered;
        self.asking
            .take(host, cause, |host| answered.get(host).is_none_or(|at| now >= at.plus(ANSWERS_LATELY)))
    }

    fn has_room(&self, host: &str, now: Timestamp) -> bool {
        let lately = self.answers.get(host).filter(|(since, _)| now < since.plus(Duration::from_hours(1)));
        lately.is_none_or(|(_, count)| *count < ANSWERED_POD)
    }

    fn counts_answer(&mut self, to: &str, most: u32, now: Timestamp) -> bool {
        let hour = Duration::from_hours(1);
        if self.answers.len() >= MOST {
            self.answers.retain(|_, (since, _)| now < since.plus(hour));
        }
        if self.answers.len() >= MOST && !self.answers.contains_key(to) {
            return false;
        }
        let (since, count) = self.answers.entry(to.to_owned()).or_insert((now, 0));
        if now >= since.plus(hour) {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= most
    }
}

impl Errand<'_> {
    fn key(&self) -> String {
        format!("{}/{}/{}", self.host, self.name, self.guid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);
    const OURS: Cause = Cause::ours();

    #[test]
    fn a_host_is_asked_so_often_in_a_minute() {
        let errands = Errands::default();
        let errand = Errand { host: "pod.test", name: "post", guid: "g" };
        assert_eq!(
            (0..500).filter(|_| errands.admit(&errand, &OURS, NOW).is_ok()).count(),
            A_MINUTE as usize
        );
        let other = Errand { host: "other.test", ..errand };
        assert!(errands.admit(&other, &OURS, NOW).is_ok());
        assert!(errands.admit(&errand, &OURS, NOW.plus(Duration::from_mins(1))).is_ok());
    }

    #[test]
    fn hosts_that_never_answer_leave_room_for_those_that_do() {
        let errands = Errands::default();
        errands.answered("good.test", NOW);
        let asking = |host: &'static str, now| {
            let errand = Errand { host, name: "post", guid: "g" };
            errands.admit(&errand, &Cause::address("203.0.113.7"), now).ok()
        };
        let tarpits: Vec<_> = ["a.test", "b.test", "c.test", "d.test"].map(|host| asking(host, NOW)).into();
        assert_eq!(tarpits.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, true, false]);
        let good: Vec<_> = (0..20).filter_map(|_| asking("good.test", NOW)).collect();
        assert_eq!(good.len(), 8);
        drop(tarpits);
        assert!(asking("d.test", NOW).is_some());
        // an answer of long ago says nothing
        assert!(
            asking("d.test", NOW.plus(ANSWERS_LATELY)).is_none(),
            "those of good.test count as a stranger's now"
        );
    }

    #[test]
    fn a_flood_is_answered_a_few_times_an_hour_and_costs_the_flooder_only() {
        let errands = Errands::default();
        let answered = |id: &str, now| (0..50).filter(|_| errands.may_answer(id, now)).count();
        assert_eq!(answered("eve@evil.test", NOW), ANSWERED as usize);
        assert_eq!(answered("mia@far.test", NOW), ANSWERED as usize);
        assert_eq!((0..20).map(|_| answered("eve@evil.test", NOW)).sum::<usize>(), 0);
        assert_eq!(answered("noa@evil.test", NOW), ANSWERED as usize, "her neighbour is not she");
        assert_eq!(answered("eve@evil.test", NOW.plus(Duration::from_hours(1))), ANSWERED as usize);
        let now = NOW.plus(Duration::from_hours(2));
        let many: usize = (0..500).map(|number| answered(&format!("eve{number}@evil.test"), now)).sum();
        assert_eq!(many, ANSWERED_POD as usize);
        assert_eq!(answered("mia@far.test", now), ANSWERED as usize);
    }

    #[test]
    fn what_was_not_there_is_asked_for_again_later() {
        let errands = Errands::default();
        let errand = Errand { host: "pod.test", name: "post", guid: "g" };
        errands.missed(&errand, Miss::Absent, NOW);
        assert_eq!(errands.missing(&errand, NOW), Some(Miss::Absent));
        assert!(errands.admit(&errand, &OURS, NOW).is_err());
        assert!(errands.admit(&Errand { guid: "h", ..errand }, &OURS, NOW).is_ok());
        assert!(errands.admit(&errand, &OURS, NOW.plus(REMEMBERED)).is_ok());
    }
}
