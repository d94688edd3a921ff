//! Answers on disk, by the SHA-256 of everything that determines them. What is kept is the answer before secrets are
//! put back into it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Sealer;
use crate::files;
use crate::provider::{Preview, Usage};

/// The name of an answer: the hash of where it was asked for and of the whole request.
pub fn answer_key(preview: &Preview) -> String {
    let mut hash = Sha256::new();
    for part in [&preview.provider, &preview.url, &preview.body] {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    text: String,
    usage: Usage,
}

/// The cache on disk.
#[derive(Debug)]
pub struct DiskCache {
    folder: PathBuf,
    limit: u64,
    sealer: Option<Sealer>,
}

/// What is in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DiskStats {
    /// Answers.
    pub entries: u64,
    /// Bytes.
    pub bytes: u64,
    /// Whether answers are encrypted.
    pub encrypted: bool,
}

impl DiskCache {
    /// A cache below a data folder of at most `limit` bytes.
    pub fn new(data_folder: &Path, limit: u64, sealer: Option<Sealer>) -> Self {
        Self {
            folder: data_folder.join("answers"),
            limit,
            sealer,
        }
    }

    fn file(&self, key: &str) -> Option<PathBuf> {
        // The two forms do not mix: an answer kept without encryption is not read once there is a key.
        let extension = if self.sealer.is_some() {
            "sealed"
        } else {
            "json"
        };
        let name = key
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then_some(key)?;
        Some(
            self.folder
                .join(name.get(..2)?)
                .join(name)
                .with_extension(extension),
        )
    }

    /// A kept answer. A damaged one is removed and counts as none.
    pub fn get(&self, key: &str) -> Option<(String, Usage)> {
        let file = self.file(key)?;
        let bytes = std::fs::read(&file).ok()?;
        let plain = match &self.sealer {
            Some(sealer) => sealer.open(key, &bytes),
            None => Some(bytes),
        };
        let record = plain.and_then(|plain| serde_json::from_slice::<Record>(&plain).ok());
        if let Some(record) = record {
            // The time of the last use decides what is removed first.
            let _ = std::fs::File::options()
                .append(true)
                .open(&file)
                .and_then(|f| f.set_modified(SystemTime::now()));
            Some((record.text, record.usage))
        } else {
            let _ = std::fs::remove_file(&file);
            None
        }
    }

    /// Keeps an answer; what was not used for the longest time makes room.
    pub fn put(&self, key: &str, text: &str, usage: Usage) -> std::io::Result<()> {
        let Some(file) = self.file(key) else {
            return Ok(());
        };
        let plain = serde_json::to_vec(&Record {
            text: text.to_owned(),
            usage,
        })?;
        let bytes = match &self.sealer {
            Some(sealer) => sealer
                .seal(key, &plain)
                .ok_or_else(|| std::io::Error::other("encryption failed"))?,
            None => plain,
        };
        if bytes.len() as u64 > self.limit {
            return Ok(());
        }
        files::write_atomically(&file, &bytes)?;
        self.shrink();
        Ok(())
    }

    fn entries(&self) -> Vec<(PathBuf, u64, SystemTime)> {
        let folders = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten();
        folders
            .flat_map(|folder| {
                std::fs::read_dir(folder.path())
                    .into_iter()
                    .flatten()
                    .flatten()
            })
            .filter_map(|file| {
                let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
                Some((file.path(), metadata.len(), metadata.modified().ok()?))
            })
            .collect()
    }

    fn shrink(&self) {
        let mut entries = self.entries();
        let mut total: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        if total <= self.limit {
            return;
        }
        entries.sort_by_key(|(_, _, used)| *used);
        // A little more than needed, so that not every new answer walks the folder for one old one.
        for (file, bytes, _) in entries {
            if total <= self.limit / 10 * 9 {
                break;
            }
            if std::fs::remove_file(file).is_ok() {
                total -= bytes;
            }
        }
    }

    /// What is in the cache.
    pub fn stats(&self) -> DiskStats {
        let entries = self.entries();
        DiskStats {
            entries: entries.len() as u64,
            bytes: entries.iter().map(|(_, bytes, _)| bytes).sum(),
            encrypted: self.sealer.is_some(),
        }
    }

    /// Removes every answer.
    pub fn clear(&self) -> std::io::Result<()> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: usize) -> String {
        answer_key(&Preview {
            provider: "p".into(),
            url: "u".into(),
            leaves_this_machine: false,
            headers: Vec::new(),
            body: n.to_string(),
        })
    }

    #[test]
    fn answers_come_back_damaged_ones_do_not_and_the_size_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let cache = DiskCache::new(folder.path(), 2_000, None);
        let usage = Usage {
            input: 1,
            cached: 0,
            output: 2,
        };
        cache.put(&key(0), "answer", usage).unwrap();
        assert_eq!(cache.get(&key(0)), Some(("answer".to_owned(), usage)));
        std::fs::write(cache.file(&key(0)).unwrap(), "{\"text\":").unwrap();
        assert_eq!(cache.get(&key(0)), None);
        assert_eq!(cache.stats().entries, 0);
        for n in 0..50 {
            cache.put(&key(n), &"x".repeat(100), usage).unwrap();
        }
        assert!(
            cache.stats().bytes <= 2_000 && cache.stats().entries > 5,
            "{:?}",
            cache.stats()
        );
        cache.put(&key(99), &"x".repeat(5_000), usage).unwrap();
        assert_eq!(cache.get(&key(99)), None, "larger than the whole cache");
        assert_eq!(cache.get("../../etc/passwd"), None);
        cache.clear().unwrap();
        cache.clear().unwrap();
        assert_eq!(cache.stats(), DiskStats::default());
    }
}
