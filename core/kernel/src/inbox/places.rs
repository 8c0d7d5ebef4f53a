//! Questions that wait for their answer: so many at once, at whose expense. Strangers can invent any number of hosts
//! that never answer; whatever they make this pod ask takes only the places of their own kind, and few of those for
//! each of them.

/// At one host, and at all of them.
const AT_HOST: usize = 8;
pub(super) const ALL: usize = 32;

/// Why this pod asks somebody something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cause {
    standing: Standing,
    /// Whose place it takes.
    source: String,
}

/// How much stands behind a cause: the more, the more room is left for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// A message that nobody's checked signature stands behind.
    Anybody,
    /// Somebody of this pod signed it. Pods cost a name each.
    Pod,
    /// A member shares with somebody of that pod; or this pod wants to know by itself.
    Trusted,
}

impl Standing {
    /// Questions at hosts that have not answered anything lately: because of one source, and because of all sources
    /// that stand no higher.
    const fn at_strangers(self) -> (usize, usize) {
        match self {
            Self::Anybody => (3, 8),
            Self::Pod => (4, 16),
            Self::Trusted => (8, 24),
        }
    }

    /// Questions at any host: the same.
    const fn anywhere(self) -> (usize, usize) {
        match self {
            Self::Anybody | Self::Pod => (12, 24),
            Self::Trusted => (ALL, ALL),
        }
    }
}

impl Cause {
    /// A message that came from this address; who sent it is not known yet.
    pub(super) fn address(address: &str) -> Self {
        Self { standing: Standing::Anybody, source: address.to_owned() }
    }

    /// People of this pod.
    pub(super) fn pod(host: &str) -> Self {
        Self { standing: Standing::Pod, source: host.to_owned() }
    }

    /// A member of this pod, or its own work.
    pub(super) const fn ours() -> Self {
        Self { standing: Standing::Trusted, source: String::new() }
    }

    /// The pod whose people may have a member who shares with them, which would raise it.
    pub(super) fn may_be_trusted(&self) -> Option<&str> {
        (self.standing == Standing::Pod).then_some(self.source.as_str())
    }

    /// The same with a member behind it.
    pub(super) fn trusted(&self) -> Self {
        Self { standing: Standing::Trusted, source: self.source.clone() }
    }

    /// What a job was made by that names the pod.
    pub(super) fn later(host: Option<&str>) -> Self {
        host.map_or_else(|| Self::address(""), Self::pod)
    }

    /// What a later job says of it: the pod, where it is known.
    pub(super) fn host(&self) -> Option<&str> {
        (self.standing != Standing::Anybody && !self.source.is_empty()).then_some(self.source.as_str())
    }
}

#[derive(Debug)]
struct Waiting {
    id: u64,
    host: String,
    cause: Cause,
}

/// The questions that wait now.
#[derive(Debug, Default)]
pub(super) struct Places {
    waiting: Vec<Waiting>,
    next: u64,
}

impl Places {
    /// Takes a place; none where it would be one too many.
    pub(super) fn take(
        &mut self,
        host: &str,
        cause: &Cause,
        is_stranger: impl Fn(&str) -> bool,
    ) -> Option<u64> {
        if self.count(|one| one.host == host) >= AT_HOST
            || !self.has_room(cause, cause.standing.anywhere(), |_| true)
            || (is_stranger(host) && !self.has_room(cause, cause.standing.at_strangers(), &is_stranger))
        {
            return None;
        }
        self.next += 1;
        self.waiting.push(Waiting { id: self.next, host: host.to_owned(), cause: cause.clone() });
        Some(self.next)
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.waiting.retain(|one| one.id != id);
    }

    fn count(&self, counts: impl Fn(&Waiting) -> bool) -> usize {
        self.waiting.iter().filter(|one| counts(one)).count()
    }

    /// Among the questions at such hosts: of one source, and of all that stand no higher.
    fn has_room(&self, cause: &Cause, (of_one, of_all): (usize, usize), at: impl Fn(&str) -> bool) -> bool {
        let theirs = self.count(|one| one.cause.source == cause.source && at(&one.host));
        let all = self.count(|one| one.cause.standing <= cause.standing && at(&one.host));
        theirs < of_one && all < of_all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many questions, each at a host of its own, find a place.
    fn taken(places: &mut Places, cause: &Cause, hosts: &str, count: usize) -> usize {
        let is_stranger = |host: &str| !host.ends_with(".good.test");
        (0..count)
            .filter(|number| places.take(&format!("{number}{hosts}"), cause, is_stranger).is_some())
            .count()
    }

    #[test]
    fn one_host_is_asked_so_much_at_once() {
        let mut places = Places::default();
        let ours = Cause::ours();
        assert_eq!((0..20).filter(|_| places.take("good.test", &ours, |_| false).is_some()).count(), AT_HOST);
        assert!(places.take("other.test", &ours, |_| false).is_some());
    }

    #[test]
    fn whoever_invents_hosts_takes_few_places_and_leaves_room_for_others() {
        let mut places = Places::default();
        let strangers: usize = (0..20)
            .map(|number| {
                taken(&mut places, &Cause::address(&format!("203.0.113.{number}")), ".evil.test", 20)
            })
            .sum();
        assert_eq!(strangers, 8);
        assert_eq!(taken(&mut places, &Cause::pod("far.test"), ".new.test", 20), 4, "a pod that signed it");
        let pods: usize = (0..20)
            .map(|number| taken(&mut places, &Cause::pod(&format!("p{number}.test")), ".evil.test", 20))
            .sum();
        assert_eq!(pods, 4, "any number of pods");
        assert_eq!(taken(&mut places, &Cause::pod("far.test").trusted(), ".new.test", 20), 4);
        assert_eq!(taken(&mut places, &Cause::pod("dear.test").trusted(), ".new.test", 20), 4);
        assert_eq!(taken(&mut places, &Cause::ours(), ".good.test", 40), ALL - 24, "who answers is asked");
    }

    #[test]
    fn one_source_has_no_more_than_its_share_where_pods_answer() {
        let mut places = Places::default();
        assert_eq!(taken(&mut places, &Cause::pod("far.test"), ".good.test", 40), 12);
        assert_eq!(taken(&mut places, &Cause::pod("near.test"), ".good.test", 40), 12);
        assert_eq!(taken(&mut places, &Cause::pod("third.test"), ".good.test", 40), 0);
        assert_eq!(taken(&mut places, &Cause::ours(), ".good.test", 40), ALL - 24);
    }

    #[test]
    fn a_place_that_is_left_is_free() {
        let mut places = Places::default();
        let cause = Cause::address("203.0.113.1");
        let ids: Vec<_> =
            (0..9).filter_map(|n| places.take(&format!("{n}.test"), &cause, |_| true)).collect();
        assert_eq!(ids.len(), 3);
        places.leave(ids[1]);
        assert!(places.take("new.test", &cause, |_| true).is_some());
        assert!(places.take("newer.test", &cause, |_| true).is_none());
    }
}
