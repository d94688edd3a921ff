//! Dates and times.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Error;

/// A date, a local date-time or one with an offset, as ISO 8601 writes it: `2026-01-31`, `2026-01-31T12:30:00.5`,
/// `2026-01-31T12:30:00Z`. The host refuses one that is in no calendar.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DateTime(String);

impl DateTime {
    pub(crate) fn raw(text: String) -> Self {
        Self(text)
    }

    /// Midnight-less: a date alone.
    pub fn date(year: u16, month: u8, day: u8) -> Self {
        Self(format!("{year:04}-{month:02}-{day:02}"))
    }

    /// The moment that the clock shows, in UTC.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn number(&self, from: usize, to: usize) -> u32 {
        self.0
            .get(from..to)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0)
    }

    /// The year.
    pub fn year(&self) -> u32 {
        self.number(0, 4)
    }

    /// The month, from 1.
    pub fn month(&self) -> u32 {
        self.number(5, 7)
    }

    /// The day of the month, from 1.
    pub fn day(&self) -> u32 {
        self.number(8, 10)
    }

    /// The hour; 0 for a date alone.
    pub fn hour(&self) -> u32 {
        self.number(11, 13)
    }

    /// The minute; 0 for a date alone.
    pub fn minute(&self) -> u32 {
        self.number(14, 16)
    }

    /// The second; 0 for a date alone.
    pub fn second(&self) -> u32 {
        self.number(17, 19)
    }
}

impl FromStr for DateTime {
    type Err = Error;

    /// Checks the form; the host checks the calendar when the value leaves the cell.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            bytes
                .get(range)
                .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
        };
        let date = digits(0..4)
            && bytes.get(4) == Some(&b'-')
            && digits(5..7)
            && bytes.get(7) == Some(&b'-')
            && digits(8..10);
        let time = bytes.len() == 10
            || (bytes.get(10) == Some(&b'T')
                && digits(11..13)
                && bytes.get(13) == Some(&b':')
                && digits(14..16)
                && bytes.get(16) == Some(&b':')
                && digits(17..19));
        if date && time {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(
                "wrong-type",
                format!("'{text}' is no ISO 8601 date or date-time"),
            ))
        }
    }
}

impl From<SystemTime> for DateTime {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = since.as_secs();
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        // The civil calendar from days since 1970, in eras of 400 years that begin in March.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        let mut text = format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        );
        if since.subsec_nanos() > 0 {
            let fraction = format!("{:09}", since.subsec_nanos());
            text.push('.');
            text.push_str(fraction.trim_end_matches('0'));
        }
        text.push('Z');
        Self(text)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
