//! The archives of packages on this machine, named by their hash.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use etcetera::BaseStrategy;
use sha2::{Digest, Sha256};

use super::PackageError;
use super::archive::{self, Archive};
use super::lock::Entry;
use crate::cache::{hex, private_folder, write_whole};

/// Largest archive, in bytes.
const MOST: u64 = 64 << 20;

/// Archives that are open, by their hash: sessions share them.
static OPEN: Mutex<Option<HashMap<String, Weak<Archive>>>> = Mutex::new(None);

/// A folder of archives.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Keeps open what this session has read.
    read: Mutex<HashMap<String, Arc<Archive>>>,
}

impl Store {
    /// The user's.
    pub(super) fn user() -> Result<Self, PackageError> {
        let base = etcetera::choose_base_strategy()
            .map_err(|error| PackageError::new(error.to_string()))?;
        Ok(Self::at(
            &base.data_dir().join("metascript").join("packages"),
        ))
    }

    pub(super) fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            read: Mutex::default(),
        }
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.folder.join(sha256.to_ascii_lowercase())
    }

    pub(super) fn has(&self, entry: &Entry) -> bool {
        self.path(&entry.sha256).is_file()
    }

    /// Takes an archive in and returns its hash.
    pub(super) fn add(&self, file: &Path) -> Result<(String, Archive), PackageError> {
        let bytes = read(file)?;
        let archive = archive::read(&bytes).map_err(|error| PackageError::file(file, &error))?;
        let sha256 = hex(&Sha256::digest(&bytes));
        private_folder(&self.folder).map_err(|error| PackageError::new(error.to_string()))?;
        write_whole(&self.path(&sha256), &bytes)
            .map_err(|error| PackageError::new(error.to_string()))?;
        Ok((sha256, archive))
    }

    /// The archive of a package, its hash checked when it is opened.
    pub(super) fn open(&self, entry: &Entry) -> Result<Arc<Archive>, PackageError> {
        let mut mine = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(archive) = mine.get(&entry.sha256) {
            return Ok(Arc::clone(archive));
        }
        let key = self.path(&entry.sha256).display().to_string();
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.get_or_insert_default();
        open.retain(|_, archive| archive.strong_count() > 0);
        let archive = match open.get(&key).and_then(Weak::upgrade) {
            Some(archive) => archive,
            None => Arc::new(self.load(entry)?),
        };
        open.insert(key, Arc::downgrade(&archive));
        mine.insert(entry.sha256.clone(), Arc::clone(&archive));
        Ok(archive)
    }

    fn load(&self, entry: &Entry) -> Result<Archive, PackageError> {
        let path = self.path(&entry.sha256);
        let of = |what: &str| {
            PackageError::new(format!(
                "the package {} {}: {what}",
                entry.name, entry.version
            ))
        };
        if !path.is_file() {
            return Err(of("its archive is not on this machine; add it again"));
        }
        let bytes = read(&path)?;
        if hex(&Sha256::digest(&bytes)) != entry.sha256.to_ascii_lowercase() {
            return Err(of(
                "its archive was changed after it was added; it is not loaded. Add it again",
            ));
        }
        archive::read(&bytes).map_err(|error| of(&error))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PackageError> {
    let size = std::fs::metadata(path)
        .map_err(|error| PackageError::file(path, &error))?
        .len();
    if size > MOST {
        return Err(PackageError::file(
            path,
            &format!("larger than {} MiB", MOST >> 20),
        ));
    }
    std::fs::read(path).map_err(|error| PackageError::file(path, &error))
}
