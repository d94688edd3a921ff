//! Runs that can be repeated to the same bytes: a clock and random numbers that depend on nothing but a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use crate::Language;

/// 2000-01-01T00:00:00Z, where a repeatable run begins, in seconds since 1970.
const START: Duration = Duration::from_hours(262968);
/// Each look at the clock takes so long, in nanoseconds: code that waits for time to pass gets on.
const LOOK: u64 = 1000;

/// A clock that moves only by being looked at and by waits, which take no time. All runtimes of a session share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    /// A wait is over.
    pub(crate) fn pass(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 2);
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }

    fn look(&self) -> u64 {
        self.0.fetch_add(LOOK, Ordering::Relaxed)
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(LOOK)
    }

    fn now(&self) -> Duration {
        START + Duration::from_nanos(self.look())
    }
}

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        LOOK
    }

    fn now(&self) -> u64 {
        self.look()
    }
}

/// What a repeatable session starts from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) clock: Clock,
    seed: u64,
}

impl Source {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            clock: Clock::default(),
            seed,
        }
    }

    /// A stream of random numbers; each language and each use has its own.
    fn stream(&self, language: Language, purpose: &str) -> StdRng {
        let text = format!("{} {language} {purpose}", self.seed);
        StdRng::from_seed(Sha256::digest(text).into())
    }

    /// Gives a runtime this clock and these numbers.
    pub(crate) fn install(&self, builder: &mut WasiCtxBuilder, language: Language) {
        let mut seed = self.stream(language, "seed");
        builder
            .wall_clock(self.clock.clone())
            .monotonic_clock(self.clock.clone())
            .secure_random(self.stream(language, "secure"))
            .insecure_random(self.stream(language, "insecure"))
            .insecure_random_seed(u128::from(seed.next_u64()) << 64 | u128::from(seed.next_u64()));
    }

    /// The stream behind the host's own `random`.
    pub(crate) fn host_stream(&self, language: Language) -> StdRng {
        self.stream(language, "host")
    }
}
