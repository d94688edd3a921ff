//! What was spent this month, by provider, kept on disk and shared by every process of the user.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::files;
use crate::provider::status::month_of_day;

/// The file's name in the data folder.
const FILE: &str = "spending.json";

/// Spending in millionths of a US dollar.
#[derive(Debug)]
pub struct Ledger {
    file: Option<PathBuf>,
    book: Mutex<Book>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Book {
    /// `2026-11`, in UTC.
    month: String,
    micros: BTreeMap<String, u64>,
}

fn month(seconds: u64) -> String {
    let days = i64::try_from(seconds / 86_400).unwrap_or(0);
    let (year, month) = month_of_day(days);
    format!("{year:04}-{month:02}")
}

impl Ledger {
    /// The ledger of a data folder, or one that is forgotten at the end.
    pub fn open(data_folder: Option<&Path>) -> Self {
        let file = data_folder.map(|folder| folder.join(FILE));
        let book = file.as_deref().map(read).unwrap_or_default();
        Self {
            file,
            book: Mutex::new(book),
        }
    }

    /// What a provider cost this month; all of them together without a name.
    pub fn spent_micros(&self, provider: Option<&str>) -> u64 {
        self.spent_at(provider, files::now_seconds())
    }

    fn spent_at(&self, provider: Option<&str>, now: u64) -> u64 {
        let book = files::lock(&self.book);
        if book.month != month(now) {
            return 0;
        }
        match provider {
            Some(name) => book.micros.get(name).copied().unwrap_or(0),
            None => book.micros.values().sum(),
        }
    }

    /// Adds the cost of a request. A disk that cannot be written does not stop the work; the sum is then this
    /// process's own.
    pub fn add(&self, provider: &str, micros: u64) {
        self.add_at(provider, micros, files::now_seconds());
    }

    fn add_at(&self, provider: &str, micros: u64, now: u64) {
        if micros == 0 {
            return;
        }
        let mut book = files::lock(&self.book);
        let guard = self
            .file
            .as_deref()
            .and_then(|file| files::lock_file(file).ok());
        if guard.is_some()
            && let Some(file) = &self.file
        {
            // Another process may have added to it since.
            *book = read(file);
        }
        let month = month(now);
        if book.month != month {
            *book = Book {
                month,
                micros: BTreeMap::new(),
            };
        }
        *book.micros.entry(provider.to_owned()).or_default() += micros;
        if let (Some(file), Ok(text)) = (&self.file, serde_json::to_string(&*book))
            && let Err(error) = files::write_atomically(file, text.as_bytes())
        {
            tracing::warn!(%error, "spending is not kept");
        }
    }
}

fn read(file: &Path) -> Book {
    std::fs::read_to_string(file)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_share_a_ledger_and_a_month_ends() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (
            Ledger::open(Some(folder.path())),
            Ledger::open(Some(folder.path())),
        );
        let november = 1_795_000_000;
        assert_eq!(month(november), "2026-11");
        one.add_at("a", 10, november);
        two.add_at("a", 5, november);
        one.add_at("b", 1, november);
        assert_eq!(one.spent_at(Some("a"), november), 15);
        assert_eq!(one.spent_at(None, november), 16);
        assert_eq!(
            Ledger::open(Some(folder.path())).spent_at(Some("a"), november),
            15
        );
        assert_eq!(one.spent_at(None, november + 31 * 86_400), 0);
        std::fs::write(folder.path().join(FILE), "not json").unwrap();
        assert_eq!(
            Ledger::open(Some(folder.path())).spent_at(None, november),
            0
        );
    }
}
