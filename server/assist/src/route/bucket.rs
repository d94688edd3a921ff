//! A token bucket: so many units a minute, a burst of at most a sixth of them.

use std::time::{Duration, Instant};

/// The bucket. Time is given by the caller.
#[derive(Debug)]
pub struct Bucket {
    per_second: f64,
    capacity: f64,
    level: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket for a limit per minute.
    pub fn per_minute(limit: u32, now: Instant) -> Self {
        let limit = f64::from(limit.max(1));
        let capacity = (limit / 6.0).max(1.0);
        Self {
            per_second: limit / 60.0,
            capacity,
            level: capacity,
            filled: now,
        }
    }

    /// Takes units, or says how long to wait until they are there. A single take larger than the bucket passes when
    /// the bucket is full and leaves a debt.
    pub fn take(&mut self, units: f64, now: Instant) -> Result<(), Duration> {
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.level = (self.level + elapsed * self.per_second).min(self.capacity);
        self.filled = now;
        let needed = units.min(self.capacity);
        if self.level >= needed {
            self.level -= units;
            Ok(())
        } else {
            Err(Duration::from_secs_f64(
                (needed - self.level) / self.per_second,
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::per_minute(60, start);
        assert_eq!(
            (0..20).filter(|_| bucket.take(1.0, start).is_ok()).count(),
            10
        );
        assert_eq!(bucket.take(1.0, start), Err(Duration::from_secs(1)));
        assert!(bucket.take(1.0, start + Duration::from_secs(1)).is_ok());
        assert!(bucket.take(1.0, start + Duration::from_secs(1)).is_err());
        // More than the bucket holds: once, then the debt is paid back at the rate.
        let later = start + Duration::from_mins(1);
        assert!(bucket.take(30.0, later).is_ok());
        assert!(bucket.take(1.0, later + Duration::from_secs(20)).is_err());
        assert!(bucket.take(1.0, later + Duration::from_secs(22)).is_ok());
    }
}
