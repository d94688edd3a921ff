//! Statistics for the user alone: what was shown, taken and kept, how fast it was, what it cost. They stay on this
//! machine and hold no text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::files;
use crate::provider::Usage;
use crate::settings::Task;

/// The file's name in the data folder.
const FILE: &str = "statistics.json";
/// How many times are kept for percentiles.
const TIMES: usize = 512;

/// Counts of one provider in one task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Requests that were answered at least in part.
    pub requests: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Suggestions shown.
    pub shown: u64,
    /// Suggestions taken.
    pub accepted: u64,
    /// Suggestions still there 30 seconds after they were taken.
    pub kept: u64,
    /// Suggestions that were never shown, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Millionths of a US dollar.
    pub micros: u64,
    /// The last times to the first text, in microseconds.
    first_text: Vec<u64>,
    /// The last times to the end of an answer, in microseconds.
    whole: Vec<u64>,
}

/// Times that half, 95 % and 99 % of the requests do not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    /// Half.
    pub p50: Duration,
    /// 95 %.
    pub p95: Duration,
    /// 99 %.
    pub p99: Duration,
}

impl Counts {
    /// Percentiles of the time to the first text.
    pub fn time_to_first_text(&self) -> Option<Percentiles> {
        percentiles(&self.first_text)
    }

    /// Percentiles of the time to the end of an answer.
    pub fn time_to_end(&self) -> Option<Percentiles> {
        percentiles(&self.whole)
    }
}

fn percentiles(times: &[u64]) -> Option<Percentiles> {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get((times.len() * share).div_ceil(100).saturating_sub(1))
            .copied()
            .map(Duration::from_micros)
    };
    Some(Percentiles {
        p50: at(50)?,
        p95: at(95)?,
        p99: at(99)?,
    })
}

fn remember(times: &mut Vec<u64>, time: Duration) {
    if times.len() >= TIMES {
        times.remove(0);
    }
    times.push(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
}

/// All counts, by `provider/task`.
#[derive(Debug, Default)]
pub struct Stats {
    file: Option<PathBuf>,
    counts: Mutex<BTreeMap<String, Counts>>,
}

impl Stats {
    /// The statistics of a data folder. A file that cannot be read is begun anew.
    pub fn open(data_folder: Option<&Path>) -> Self {
        let file = data_folder.map(|folder| folder.join(FILE));
        let counts = file
            .as_deref()
            .and_then(|file| std::fs::read_to_string(file).ok())
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Self {
            file,
            counts: Mutex::new(counts),
        }
    }

    fn change(&self, provider: &str, task: Task, change: impl FnOnce(&mut Counts)) {
        let mut counts = files::lock(&self.counts);
        change(
            counts
                .entry(format!("{provider}/{}", task.as_str()))
                .or_default(),
        );
    }

    pub(crate) fn first_text(&self, provider: &str, task: Task, time: Duration) {
        self.change(provider, task, |counts| {
            remember(&mut counts.first_text, time);
        });
    }

    pub(crate) fn failed(&self, provider: &str, task: Task) {
        self.change(provider, task, |counts| counts.failures += 1);
    }

    pub(crate) fn used(
        &self,
        provider: &str,
        task: Task,
        usage: Usage,
        micros: u64,
        time: Duration,
    ) {
        self.change(provider, task, |counts| {
            counts.requests += 1;
            counts.input_tokens += u64::from(usage.input);
            counts.output_tokens += u64::from(usage.output);
            counts.micros += micros;
            remember(&mut counts.whole, time);
        });
    }

    pub(crate) fn dropped(&self, provider: &str, task: Task, reason: &str) {
        self.change(provider, task, |counts| {
            *counts.dropped.entry(reason.to_owned()).or_default() += 1;
        });
    }

    /// A suggestion was shown.
    pub fn shown(&self, provider: &str, task: Task) {
        self.change(provider, task, |counts| counts.shown += 1);
    }

    /// A suggestion was taken.
    pub fn accepted(&self, provider: &str, task: Task) {
        self.change(provider, task, |counts| counts.accepted += 1);
    }

    /// A suggestion was still there after 30 seconds.
    pub fn kept(&self, provider: &str, task: Task) {
        self.change(provider, task, |counts| counts.kept += 1);
    }

    /// All counts, by `provider/task`.
    pub fn all(&self) -> BTreeMap<String, Counts> {
        files::lock(&self.counts).clone()
    }

    /// Writes the statistics, if there is a folder for them.
    pub fn save(&self) -> std::io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let text = serde_json::to_string(&*files::lock(&self.counts))?;
        files::write_atomically(file, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_last_and_percentiles_are_right() {
        let folder = tempfile::tempdir().unwrap();
        let stats = Stats::open(Some(folder.path()));
        for n in 1..=100 {
            stats.used(
                "p",
                Task::Inline,
                Usage {
                    input: 2,
                    cached: 0,
                    output: 1,
                },
                3,
                Duration::from_millis(n),
            );
        }
        stats.dropped("p", Task::Inline, "syntax");
        stats.save().unwrap();
        let all = Stats::open(Some(folder.path())).all();
        let counts = &all["p/inline"];
        assert_eq!(
            (counts.requests, counts.input_tokens, counts.micros),
            (100, 200, 300)
        );
        assert_eq!(counts.dropped["syntax"], 1);
        let times = counts.time_to_end().unwrap();
        assert_eq!(
            (
                times.p50.as_millis(),
                times.p95.as_millis(),
                times.p99.as_millis()
            ),
            (50, 95, 99)
        );
        assert_eq!(counts.time_to_first_text(), None);
    }
}
