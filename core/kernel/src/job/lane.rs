//! Lanes: kinds of work that never wait for each other, each with so many places.
use std::time::Duration;

/// Where a job queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// What takes processor time.
    Work,
    /// Sending to pods that answered the last time.
    Deliver,
    /// Trying whether a failing pod answers again.
    Probe,
    /// What plugins do in the background: they share two places, and none of the pod's own.
    Plugin,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 4] = [Self::Work, Self::Deliver, Self::Probe, Self::Plugin];

    /// As it is stored.
    pub(super) const fn number(self) -> i64 {
        self as i64
    }

    /// Its place in a list of lanes.
    pub(super) const fn index(self) -> usize {
        self as usize
    }

    /// So many jobs run beside each other; one that takes longer than [`Lane::patience`] is not counted.
    pub(super) const fn at_once(self) -> usize {
        match self {
            Self::Work => 8,
            Self::Deliver => 64,
            Self::Probe => 32,
            Self::Plugin => 2,
        }
    }

    /// So many run however slow they are.
    pub(super) const fn at_most(self) -> usize {
        match self {
            Self::Work => 64,
            Self::Deliver => 320,
            Self::Probe => 64,
            Self::Plugin => 2,
        }
    }

    /// So many more are leased with those that can run, so that short jobs cost fewer statements.
    pub(super) const fn ahead(self) -> usize {
        match self {
            Self::Work => 24,
            Self::Deliver | Self::Probe | Self::Plugin => 0,
        }
    }

    /// Whoever takes longer waits for another machine, and keeps no place from those who need not.
    pub(super) const fn patience(self) -> Duration {
        match self {
            Self::Work => Duration::from_millis(500),
            Self::Deliver | Self::Probe | Self::Plugin => Duration::from_secs(5),
        }
    }
}
