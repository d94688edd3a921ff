//! Which runtime a file holds, without reading it whole at every start.
//!
//! Artefacts are filed under the hash of the WebAssembly that they were made from, and a runtime may have hundreds of
//! megabytes. So the hash is noted beside the artefacts, under what the file system says of the file: a file that is
//! written anew says something else, and is read. A note that was changed is not believed, for it is sealed with the
//! user's key; and whoever changes a runtime behind the file system's back gets the old one, from its own artefact.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use hmac::Mac;
use sha2::{Digest, Sha256};

use crate::cache::{hex, seal_mac, unhex, write_whole};

/// Ends the names of notes.
const EXTENSION: &str = "known";

/// A file as the file system knows it.
pub(crate) struct Identity {
    /// Path, size and times, as one text.
    said: String,
    note: PathBuf,
}

impl Identity {
    /// Of a file that holds the component `name`; its note is kept in `folder`. `None` if the file system does not tell
    /// when it was written.
    pub(crate) fn of(file: &Path, name: &str, folder: &Path) -> Option<Self> {
        let file = file.canonicalize().ok()?;
        let said = format!("{}\n{}", file.display(), times(&fs::metadata(&file).ok()?)?);
        let digest: String = hex(&Sha256::digest(&said)).chars().take(24).collect();
        let note = folder.join(format!("{name}-{digest}.{EXTENSION}"));
        Some(Self { said, note })
    }

    /// The hash that was noted for this file.
    pub(crate) fn known(&self, key: &[u8]) -> Option<String> {
        let note = fs::read_to_string(&self.note).ok()?;
        let (hash, mac) = note.trim_end().split_once(' ')?;
        let sealed = seal_mac(key, &mut self.content(hash).as_bytes()).ok()?;
        sealed.verify_slice(&unhex(mac)?).ok()?;
        Some(hash.to_owned())
    }

    /// Notes the hash, if the file is still the same. A note that cannot be written costs the next start a reading.
    pub(crate) fn note(&self, now: Option<&Self>, hash: &str, key: &[u8]) {
        if now.is_none_or(|now| now.said != self.said) {
            return;
        }
        let Ok(mac) = seal_mac(key, &mut self.content(hash).as_bytes()) else {
            return;
        };
        let text = format!("{hash} {}\n", hex(&mac.finalize().into_bytes()));
        if let Err(error) = write_whole(&self.note, text.as_bytes()) {
            tracing::debug!(%error, "the hash of a runtime could not be noted");
        }
    }

    /// What the seal of a note covers.
    fn content(&self, hash: &str) -> String {
        format!("the runtime in\n{}\nis {hash}", self.said)
    }
}

/// Size and times of a file, and on Unix its place on the disk.
fn times(metadata: &Metadata) -> Option<String> {
    let modified = metadata.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    let mut said = format!("{} bytes, written {}", metadata.len(), since.as_nanos());
    #[cfg(unix)]
    {
        use std::fmt::Write as _;
        use std::os::unix::fs::MetadataExt;
        // Unlike the time of writing, that of the last change of any kind cannot be set.
        let _ = write!(
            said,
            ", changed {}.{:09}, {}:{}",
            metadata.ctime(),
            metadata.ctime_nsec(),
            metadata.dev(),
            metadata.ino()
        );
    }
    Some(said)
}
