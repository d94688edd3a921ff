//! The audit log: who ran which cell under which policy, every call of the host, every refusal.
//!
//! Lines of JSON, only ever appended. Each carries a number and an HMAC-SHA-256 over the one before it and its own
//! text, under a key that lies in the user's data folder: a line that is changed, removed or put in breaks the chain.
//! A small file beside the log holds the last number, the last HMAC and the log's length under an HMAC of its own: lines
//! that are missing at the end show too. Writers of several processes take turns by a lock file.

mod chain;
mod moment;
mod verify;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use etcetera::BaseStrategy;
use serde_json::{Map, Value, json};

use crate::cache;
use chain::{Chain, Head};
pub(crate) use moment::rfc3339;
pub use verify::{Report, Trouble};

/// A log that reached this size makes place for a fresh one.
const ROTATE: u64 = 8 << 20;
/// So many full logs are kept.
const KEPT: usize = 16;
/// Longest line; a longer entry says only that it was too long.
const MOST_LINE: usize = 64 << 10;

const CURRENT: &str = "audit.jsonl";
const HEAD: &str = "audit.head";
const LOCK: &str = "audit.lock";

/// The audit log of a user. Cheap to clone; writers of any number of threads and processes may share it.
#[derive(Debug, Clone)]
pub struct AuditLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    key: Vec<u8>,
    rotate: u64,
}

impl AuditLog {
    /// The user's own log: in the folder that `METASCRIPT_AUDIT` names, else in `metascript/audit` in the folder for data.
    pub fn open() -> io::Result<Self> {
        if let Some(folder) = std::env::var_os("METASCRIPT_AUDIT").filter(|name| !name.is_empty()) {
            return Self::in_folder(Path::new(&folder));
        }
        let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
        let data = base.data_dir().join("metascript");
        Self::with(data.join("audit"), &data.join("audit.key"), ROTATE)
    }

    /// A log in a folder of one's own, the key included.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        Self::with(folder.to_owned(), &folder.join("audit.key"), ROTATE)
    }

    fn with(folder: PathBuf, key: &Path, rotate: u64) -> io::Result<Self> {
        let failed = |error: crate::Error| io::Error::other(error.to_string());
        cache::private_folder(&folder).map_err(failed)?;
        let key = cache::key_in(key).map_err(failed)?;
        Ok(Self(Arc::new(Inner {
            folder,
            key,
            rotate,
        })))
    }

    /// Where the log is.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Appends an entry. `event` is its kind, `fields` an object of what else is to be known.
    pub fn append(&self, event: &str, fields: &Value) -> io::Result<()> {
        let _turn = self.turn()?;
        let mut head = self.head()?;
        let mut log = self.log()?;
        let length = log.seek(SeekFrom::End(0))?;
        if length != head.length {
            self.mend(&mut log, length, &mut head)?;
        }
        if head.length >= self.0.rotate {
            log = self.rotate(&mut head)?;
        }
        self.write(&mut log, &mut head, event, fields)
    }

    /// Reads all logs and says whether anything was removed, changed or cut off.
    pub fn verify(&self) -> io::Result<Report> {
        let _turn = self.turn()?;
        verify::verify(&self.files()?, &self.chain(), &self.stored_head()?)
    }

    /// The last entries, the oldest first, as they stand in the log.
    pub fn last(&self, count: usize) -> io::Result<Vec<Value>> {
        let _turn = self.turn()?;
        let mut found = Vec::new();
        for file in self.files()?.iter().rev() {
            let text = fs::read_to_string(file)?;
            for line in text.lines().rev() {
                if found.len() == count {
                    break;
                }
                found.extend(serde_json::from_str(line));
            }
        }
        found.reverse();
        Ok(found)
    }

    fn chain(&self) -> Chain<'_> {
        Chain::new(&self.0.key)
    }

    /// Waits for one's turn, which lasts as long as the file is open.
    fn turn(&self) -> io::Result<File> {
        let file = private()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.0.folder.join(LOCK))?;
        file.lock()?;
        Ok(file)
    }

    fn log(&self) -> io::Result<File> {
        private()
            .create(true)
            .read(true)
            .append(true)
            .open(self.0.folder.join(CURRENT))
    }

    fn stored_head(&self) -> io::Result<Option<Head>> {
        match fs::read_to_string(self.0.folder.join(HEAD)) {
            Ok(text) => Ok(self.chain().read_head(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the chain goes on. A head that is gone or forged is made up from the log itself; the next verification
    /// tells, because the entry that begins there says so.
    fn head(&self) -> io::Result<Head> {
        if let Some(head) = self.stored_head()? {
            return Ok(head);
        }
        let files = self.files()?;
        if files.is_empty() {
            return Ok(Head::default());
        }
        Ok(verify::last_known(&files, &self.chain())?)
    }

    fn write(
        &self,
        log: &mut File,
        head: &mut Head,
        event: &str,
        fields: &Value,
    ) -> io::Result<()> {
        let mut line = Map::new();
        line.insert("seq".to_owned(), json!(head.seq + 1));
        line.insert("time".to_owned(), json!(rfc3339(SystemTime::now())));
        line.insert("event".to_owned(), json!(event));
        if let Value::Object(fields) = fields {
            for (name, value) in fields {
                line.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let mut body = serde_json::to_string(&line)?;
        if body.len() > MOST_LINE {
            line.retain(|name, _| ["seq", "time", "event", "run"].contains(&name.as_str()));
            line.insert("too_long".to_owned(), json!(body.len()));
            body = serde_json::to_string(&line)?;
        }
        let chain = self.chain();
        let (text, mac) = chain.seal(&head.mac, &body);
        // One write: a process that dies leaves the whole line or a torn one, never two halves of two.
        log.write_all(text.as_bytes())?;
        head.seq += 1;
        head.mac = mac;
        head.length += text.len() as u64;
        self.store(head)
    }

    fn store(&self, head: &Head) -> io::Result<()> {
        let text = self.chain().write_head(head);
        let mut file = private()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.0.folder.join(HEAD))?;
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)
    }

    /// The log is not as the head knows it. Whole lines that continue the chain are of a writer that died before it
    /// could say so; anything else is left as it is for the verification to tell.
    fn mend(&self, log: &mut File, length: u64, head: &mut Head) -> io::Result<()> {
        let mut more = String::new();
        if length > head.length {
            log.seek(SeekFrom::Start(head.length))?;
            let mut bytes = Vec::new();
            log.take(self.0.rotate).read_to_end(&mut bytes)?;
            more = String::from_utf8_lossy(&bytes).into_owned();
        }
        let chain = self.chain();
        let mut good = length > head.length && more.ends_with('\n');
        let mut reached = head.clone();
        for line in more.lines() {
            match chain.open(&reached.mac, line) {
                Some((seq, mac)) if seq == reached.seq + 1 => {
                    reached.seq = seq;
                    reached.mac = mac;
                }
                _ => good = false,
            }
        }
        if good {
            *head = reached;
            head.length = length;
            return Ok(());
        }
        if !more.is_empty() && !more.ends_with('\n') {
            log.write_all(b"\n")?;
        }
        let expected = head.length;
        head.length = log.seek(SeekFrom::End(0))?;
        self.write(
            log,
            head,
            "log.mismatch",
            &json!({ "expected_bytes": expected, "found_bytes": length }),
        )
    }

    /// Puts the full log aside and drops the oldest.
    fn rotate(&self, head: &mut Head) -> io::Result<File> {
        let folder = &self.0.folder;
        fs::rename(
            folder.join(CURRENT),
            folder.join(format!("audit-{:012}.jsonl", head.seq)),
        )?;
        let old = self.files()?;
        let dropped = old.len().saturating_sub(KEPT);
        for file in old.iter().take(dropped) {
            fs::remove_file(file)?;
        }
        let first = old
            .get(dropped)
            .map_or(Ok(None), |file| verify::first_seq(file))?;
        head.length = 0;
        self.store(head)?;
        let mut log = self.log()?;
        self.write(
            &mut log,
            head,
            "log.rotated",
            &json!({ "kept_from": first.unwrap_or(head.seq + 1) }),
        )?;
        Ok(log)
    }

    /// The logs that are there, the oldest first.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut full = Vec::new();
        for entry in fs::read_dir(&self.0.folder)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("audit-") && name.ends_with(".jsonl") {
                full.push(self.0.folder.join(&*name));
            }
        }
        full.sort();
        let current = self.0.folder.join(CURRENT);
        if current.is_file() {
            full.push(current);
        }
        Ok(full)
    }
}

/// Files that only the user can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests;
