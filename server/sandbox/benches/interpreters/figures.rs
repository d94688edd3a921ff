//! What was measured, and how it is shown.

use std::time::Duration;

/// Times, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(Vec<Duration>);

impl Figures {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// From milliseconds.
    pub(crate) fn of_milliseconds(times: &[f64]) -> Self {
        Self::new(
            times
                .iter()
                .map(|time| Duration::from_secs_f64(time / 1000.0))
                .collect(),
        )
    }

    pub(crate) fn median(&self) -> Option<Duration> {
        self.0.get(self.0.len() / 2).copied()
    }

    pub(crate) fn p99(&self) -> Option<Duration> {
        self.0
            .get(self.0.len().saturating_sub(1) * 99 / 100)
            .copied()
    }
}

/// What an interpreter took.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Until it takes input, where that can be told from the first answer.
    pub(crate) start: Figures,
    /// Until it has answered `1+1`.
    pub(crate) first: Option<Figures>,
    /// One `1+1` more.
    pub(crate) warm: Figures,
}

impl Row {
    /// A line of the table, with how many times the time of `own` each figure is.
    pub(crate) fn text(&self, own: &Self) -> String {
        let one = |mine: Option<Duration>, theirs: Option<Duration>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => format!(
                "{} ({:.1}x)",
                milliseconds(mine),
                mine.as_secs_f64() / theirs.as_secs_f64()
            ),
            (Some(mine), None) => milliseconds(mine),
            _ => "-".to_owned(),
        };
        let first = |row: &Self| row.first.as_ref().and_then(Figures::median);
        format!(
            "{:<28}{:>22}{:>26}{:>34}",
            self.name,
            one(self.start.median(), own.start.median()),
            one(first(self), first(own)),
            format!(
                "{} / {}",
                one(self.warm.median(), own.warm.median()),
                self.warm.p99().map(milliseconds).unwrap_or_default()
            )
        )
    }
}

pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}
