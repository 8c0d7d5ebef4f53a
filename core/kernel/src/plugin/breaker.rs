//! Stops calling a plugin that keeps failing, and tries again later.

use std::{sync::Mutex, time::Duration};

use super::Reason;
use tokio::time::Instant;

/// Opens after five failures in a row, or when most of the last minute's calls failed; lets one call
/// through after a pause that doubles up to an hour.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    in_a_row: u32,
    window: Option<Window>,
    open: Option<Open>,
    last_error: Option<Reason>,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    calls: u32,
    failures: u32,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    until: Instant,
    pause: Duration,
    /// A trial call is under way.
    trying: bool,
}

const IN_A_ROW: u32 = 5;
const WINDOW: Duration = Duration::from_mins(1);
const WINDOW_CALLS: u32 = 20;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LAST_PAUSE: Duration = Duration::from_hours(1);

impl Breaker {
    /// Whether a call may be made now. Who gets `true` reports back with [`Self::succeeded`] or [`Self::failed`].
    pub fn admits(&self) -> bool {
        self.admits_at(Instant::now())
    }

    fn admits_at(&self, now: Instant) -> bool {
        let mut state = self.state();
        let Some(open) = &mut state.open else { return true };
        if now < open.until {
            return false;
        }
        // A trial that never reports back (its page was given up) must not keep the plugin off for ever.
        open.until = now + FIRST_PAUSE;
        open.trying = true;
        true
    }

    pub fn succeeded(&self) {
        let mut state = self.state();
        if state.open.is_none_or(|open| open.trying) {
            state.open = None;
            state.in_a_row = 0;
        }
        if let Some(window) = state.window(Instant::now()) {
            window.calls += 1;
        }
    }

    /// Counts a failure; `true` when it opened the breaker.
    pub fn failed(&self, error: impl Into<Reason>) -> bool {
        self.failed_at(error, Instant::now())
    }

    fn failed_at(&self, error: impl Into<Reason>, now: Instant) -> bool {
        let mut state = self.state();
        state.last_error = Some(error.into());
        state.in_a_row += 1;
        let mostly = state.window(now).is_some_and(|window| {
            window.calls += 1;
            window.failures += 1;
            window.calls >= WINDOW_CALLS && window.failures * 5 > window.calls
        });
        match state.open {
            Some(open) if open.trying => {
                let pause = (open.pause * 2).min(LAST_PAUSE);
                state.open = Some(Open { until: now + pause, pause, trying: false });
                true
            }
            None if mostly || state.in_a_row >= IN_A_ROW => {
                state.open = Some(Open { until: now + FIRST_PAUSE, pause: FIRST_PAUSE, trying: false });
                state.window = None;
                true
            }
            // While it is open, what comes in are calls that began before.
            Some(_) | None => false,
        }
    }

    pub fn is_open(&self) -> bool {
        self.state().open.is_some()
    }

    pub fn last_error(&self) -> Option<Reason> {
        self.state().last_error.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
    fn window(&mut self, now: Instant) -> Option<&mut Window> {
        if self.window.as_ref().is_none_or(|window| now - window.since > WINDOW) {
            self.window = Some(Window { since: now, calls: 0, failures: 0 });
        }
        self.window.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_closes_it() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for n in 1..=5 {
            assert!(breaker.admits_at(now));
            assert_eq!(breaker.failed_at("boom", now), n == 5);
        }
        assert!(!breaker.admits_at(now));
        assert_eq!(breaker.last_error().map(|reason| reason.words).as_deref(), Some("boom"));

        let later = now + FIRST_PAUSE;
        assert!(breaker.admits_at(later), "one trial after the pause");
        assert!(!breaker.admits_at(later), "and only one");
        breaker.succeeded();
        assert!(breaker.admits_at(later) && !breaker.is_open());
    }

    #[test]
    fn a_failed_trial_doubles_the_pause() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.failed_at("boom", now);
        }
        let trial = now + FIRST_PAUSE;
        assert!(breaker.admits_at(trial));
        assert!(breaker.failed_at("boom", trial));
        assert!(!breaker.admits_at(trial + FIRST_PAUSE));
        assert!(breaker.admits_at(trial + 2 * FIRST_PAUSE));
    }

    #[test]
    fn a_third_of_failures_opens_it_though_never_five_in_a_row() {
        let breaker = Breaker::default();
        let mut opened = false;
        for n in 0..30 {
            if n % 3 == 0 {
                opened |= breaker.failed("now and then");
            } else {
                breaker.succeeded();
            }
        }
        assert!(opened);
    }

    #[test]
    fn a_success_that_began_before_it_opened_does_not_close_it() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            breaker.failed("boom");
        }
        breaker.succeeded();
        assert!(!breaker.admits());
    }
}
