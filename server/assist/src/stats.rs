//! Statistics for the user alone: what was shown, taken and kept, how fast it was, what it cost. They stay on this
//! machine and hold no text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::provider::Usage;
use crate::settings::Task;

/// The file's name in the data folder.
const FILE: &str = "statistics.json";
/// How many times are kept for percentiles.
const TIMES: usize = 512;
/// How long fresh counts may wait before they are written.
const SAVE_AFTER: Duration = Duration::from_secs(20);

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

/// All counts, by `provider/task`. They are kept on disk, where every process of the user adds to them.
#[derive(Debug, Default)]
pub struct Stats {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    file: Option<PathBuf>,
    counts: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// As on disk, when it was looked at last.
    kept: BTreeMap<String, Counts>,
    /// What this process has to add.
    fresh: BTreeMap<String, Counts>,
    /// When the fresh counts are written at the latest.
    due: Option<Instant>,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failures += other.failures;
        self.shown += other.shown;
        self.accepted += other.accepted;
        self.kept += other.kept;
        for (reason, count) in &other.dropped {
            *self.dropped.entry(reason.clone()).or_default() += count;
        }
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.micros += other.micros;
        for (times, more) in [
            (&mut self.first_text, &other.first_text),
            (&mut self.whole, &other.whole),
        ] {
            times.extend(more);
            times.drain(..times.len().saturating_sub(TIMES));
        }
    }
}

fn merge(into: &mut BTreeMap<String, Counts>, more: &BTreeMap<String, Counts>) {
    for (name, counts) in more {
        into.entry(name.clone()).or_default().add(counts);
    }
}

fn read(file: &Path) -> BTreeMap<String, Counts> {
    std::fs::read_to_string(file)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

impl Shared {
    fn save(&self) -> std::io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let fresh = {
            let mut state = files::lock(&self.counts);
            state.due = None;
            std::mem::take(&mut state.fresh)
        };
        if fresh.is_empty() {
            return Ok(());
        }
        let written = files::lock_file(file).and_then(|_guard| {
            // Another process may have added to it since.
            let mut all = read(file);
            merge(&mut all, &fresh);
            files::write_atomically(file, serde_json::to_string(&all)?.as_bytes())?;
            Ok(all)
        });
        let mut state = files::lock(&self.counts);
        match written {
            Ok(all) => {
                state.kept = all;
                Ok(())
            }
            Err(error) => {
                // It is tried again with what comes next.
                let newer = std::mem::replace(&mut state.fresh, fresh);
                merge(&mut state.fresh, &newer);
                Err(error)
            }
        }
    }
}

impl Drop for Stats {
    fn drop(&mut self) {
        if let Err(error) = self.shared.save() {
            tracing::warn!(%error, "statistics are not kept");
        }
    }
}

impl Stats {
    /// The statistics of a data folder. A file that cannot be read is begun anew.
    pub fn open(data_folder: Option<&Path>) -> Self {
        let file = data_folder.map(|folder| folder.join(FILE));
        let kept = file.as_deref().map(read).unwrap_or_default();
        let counts = Mutex::new(State {
            kept,
            ..State::default()
        });
        Self {
            shared: Arc::new(Shared { file, counts }),
        }
    }

    fn change(&self, provider: &str, task: Task, change: impl FnOnce(&mut Counts)) {
        let mut state = files::lock(&self.shared.counts);
        let name = format!("{provider}/{}", task.as_str());
        change(state.fresh.entry(name).or_default());
        if self.shared.file.is_none() {
            return;
        }
        let now = Instant::now();
        let due = *state.due.get_or_insert(now + SAVE_AFTER);
        drop(state);
        if due <= now {
            let shared = Arc::clone(&self.shared);
            // Nobody who waits for a suggestion waits for a disk.
            std::thread::spawn(move || {
                if let Err(error) = shared.save() {
                    tracing::warn!(%error, "statistics are not kept");
                }
            });
        }
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
        let state = files::lock(&self.shared.counts);
        let mut all = state.kept.clone();
        merge(&mut all, &state.fresh);
        all
    }

    /// Writes the statistics, if there is a folder for them. They are also written by themselves: some time after a
    /// change, and at the end.
    pub fn save(&self) -> std::io::Result<()> {
        self.shared.save()
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
    #[test]
    fn two_processes_add_to_the_same_file_and_the_end_of_one_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (
            Stats::open(Some(folder.path())),
            Stats::open(Some(folder.path())),
        );
        one.shown("p", Task::Inline);
        other.shown("p", Task::Inline);
        other.first_text("p", Task::Inline, Duration::from_millis(5));
        drop(other);
        one.accepted("p", Task::Inline);
        drop(one);
        let all = Stats::open(Some(folder.path())).all();
        let counts = &all["p/inline"];
        assert_eq!((counts.shown, counts.accepted), (2, 1));
        assert!(counts.time_to_first_text().is_some());
    }

    #[test]
    fn a_disk_that_cannot_be_written_loses_nothing_of_this_process() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "not a folder").unwrap();
        let stats = Stats::open(Some(&blocked));
        stats.shown("p", Task::Inline);
        assert!(stats.save().is_err());
        stats.shown("p", Task::Inline);
        assert_eq!(stats.all()["p/inline"].shown, 2);
    }
}
