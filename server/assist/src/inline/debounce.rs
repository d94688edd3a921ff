//! When to ask: after a pause that this person does not make while typing, and not for longer than it pays.

use std::time::{Duration, Instant};

/// How somebody types in one document.
#[derive(Debug)]
pub struct Debounce {
    last: Option<Instant>,
    /// Mean time between keystrokes, in seconds; recent ones count most.
    interval: f64,
}

impl Default for Debounce {
    fn default() -> Self {
        Self {
            last: None,
            interval: 0.18,
        }
    }
}

/// A longer pause is thinking, not typing.
const THINKING: Duration = Duration::from_secs(2);

impl Debounce {
    /// A key was pressed.
    pub fn pressed(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            let pause = now.saturating_duration_since(last);
            if pause < THINKING {
                self.interval = 0.8 * self.interval + 0.2 * pause.as_secs_f64();
            }
        }
    }

    /// How long to wait after this keystroke. Somebody who types fast is waited for a little longer than the usual
    /// time between keystrokes; inside a word longer, because more of it is coming; where a line or a block begins
    /// shorter, because a thought is complete. A provider that is slow anyway is not asked for every word.
    pub fn delay(
        &self,
        before: &str,
        provider: Option<Duration>,
        bounds: (Duration, Duration),
    ) -> Duration {
        let last = before.chars().next_back().unwrap_or('\n');
        let place = match last {
            '\n' | '{' | '(' | '[' | ':' | '=' => 1.25,
            c if c.is_alphanumeric() || c == '_' => 1.9,
            _ => 1.5,
        };
        let provider = provider.map_or(0.0, |time| time.as_secs_f64() * 0.1);
        Duration::from_secs_f64(self.interval * place + provider.min(0.1)).clamp(bounds.0, bounds.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_than_the_typing_and_within_bounds() {
        let bounds = (Duration::from_millis(75), Duration::from_millis(500));
        let start = Instant::now();
        let mut debounce = Debounce::default();
        for n in 0..40 {
            debounce.pressed(start + Duration::from_millis(100 * n));
        }
        let word = debounce.delay("let", None, bounds);
        let line = debounce.delay("let\n", None, bounds);
        assert!(
            word > line && line > Duration::from_millis(100),
            "{word:?} {line:?}"
        );
        for n in 0..40 {
            debounce.pressed(start + Duration::from_secs(10) + Duration::from_millis(n));
        }
        assert_eq!(debounce.delay("x ", None, bounds), bounds.0);
        for n in 0..40 {
            debounce.pressed(start + Duration::from_secs(20 + n));
        }
        assert_eq!(
            debounce.delay("x", Some(Duration::from_secs(9)), bounds),
            bounds.1
        );
    }
}
