//! A provider that fails again and again gets a rest, and one request to prove itself afterwards.

use std::time::{Duration, Instant};

/// Failures in a row after which a provider rests.
const PATIENCE: u32 = 3;
const FIRST_REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_mins(5);

/// The state of one provider. Time is given by the caller.
#[derive(Debug)]
pub struct Breaker {
    state: State,
    rest: Duration,
}

#[derive(Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen { since: Instant },
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: State::Closed { failures: 0 },
            rest: FIRST_REST,
        }
    }
}

impl Breaker {
    /// Whether a request may go out now; else how long to wait. After a rest one request passes as a probe; a probe
    /// that never reports back is forgotten after another rest.
    pub fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until } if now < until => Err(until - now),
            State::HalfOpen { since } if now < since + self.rest => Err(since + self.rest - now),
            State::Open { .. } | State::HalfOpen { .. } => {
                self.state = State::HalfOpen { since: now };
                Ok(())
            }
        }
    }

    /// A request succeeded.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A request failed for a reason that may pass.
    pub fn failed(&mut self, now: Instant) {
        match &mut self.state {
            State::Closed { failures } if *failures + 1 < PATIENCE => *failures += 1,
            State::Closed { .. } => {
                self.state = State::Open {
                    until: now + self.rest,
                }
            }
            State::HalfOpen { .. } => {
                self.rest = (self.rest * 2).min(LONGEST_REST);
                self.state = State::Open {
                    until: now + self.rest,
                };
            }
            State::Open { .. } => {}
        }
    }

    /// The provider asked for a pause: it gets it, at once.
    pub fn pause(&mut self, now: Instant, wait: Duration) {
        self.state = State::Open {
            until: now + wait.min(LONGEST_REST),
        };
    }

    /// A probe was given up before it could show anything: the next request is the probe.
    pub fn abandoned(&mut self, now: Instant) {
        if matches!(self.state, State::HalfOpen { .. }) {
            self.state = State::Open { until: now };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_open_it_and_one_probe_closes_or_doubles() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            assert_eq!(breaker.admit(start), Ok(()));
            breaker.failed(start);
        }
        assert_eq!(breaker.admit(start), Err(FIRST_REST));
        let later = start + FIRST_REST;
        assert_eq!(breaker.admit(later), Ok(()), "the probe");
        assert!(breaker.admit(later).is_err(), "only one");
        breaker.failed(later);
        assert_eq!(breaker.admit(later), Err(FIRST_REST * 2));
        let again = later + FIRST_REST * 2;
        assert_eq!(breaker.admit(again), Ok(()));
        breaker.succeeded();
        assert_eq!(breaker.admit(again), Ok(()));
        assert_eq!(breaker.admit(again), Ok(()));
    }

    #[test]
    fn an_abandoned_probe_does_not_block_the_next() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        breaker.pause(start, Duration::from_secs(7));
        assert_eq!(breaker.admit(start), Err(Duration::from_secs(7)));
        let later = start + Duration::from_secs(7);
        assert_eq!(breaker.admit(later), Ok(()));
        breaker.abandoned(later);
        assert_eq!(breaker.admit(later), Ok(()));
    }
}
