//! Lock files: which packages, and the hash of each archive.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::PackageError;
use crate::Language;
use crate::cache::write_whole;

/// The file's place in a project.
pub(super) const FILE: &str = ".metascript/packages.lock.json";

/// Raised when the file's meaning changes.
const VERSION: u32 = 1;

/// Largest lock file, in bytes.
const MOST: u64 = 8 << 20;

/// A package that somebody asked for, or that one of those needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name in the registry.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the archive, in hexadecimal.
    pub sha256: String,
    /// Where Node would have it (`node_modules/a`, `node_modules/a/node_modules/b`); npm packages only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// What somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requested {
    /// As it was written: `rich==14.0.0`, `left-pad@1.3.0`.
    pub text: String,
    /// The package that it means.
    pub name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Part {
    requested: Vec<Requested>,
    packages: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    python: Part,
    #[serde(default)]
    javascript: Part,
}

/// A lock file.
#[derive(Debug, Clone)]
pub struct Lock {
    /// The file.
    pub path: PathBuf,
    file: File,
}

impl Lock {
    /// The lock file at `path`, empty if there is none.
    pub fn load(path: &Path) -> Result<Self, PackageError> {
        Ok(Self::read(path)?.unwrap_or_else(|| Self {
            path: path.to_owned(),
            file: File {
                version: VERSION,
                python: Part::default(),
                javascript: Part::default(),
            },
        }))
    }

    /// The lock file at `path`, if there is one.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, PackageError> {
        let wrong = |error: &dyn std::fmt::Display| PackageError::file(path, error);
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(&error)),
            Ok(found) if found.len() > MOST => return Err(wrong(&"too large for a lock file")),
            Ok(_) => {}
        }
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let file: File = serde_json::from_str(&text)
            .map_err(|error| wrong(&format!("no lock file of packages: {error}")))?;
        if file.version != VERSION {
            return Err(wrong(&format!(
                "written by another version of Metascript (format {}, this one reads {VERSION})",
                file.version
            )));
        }
        let lock = Self {
            path: path.to_owned(),
            file,
        };
        for entry in lock
            .file
            .python
            .packages
            .iter()
            .chain(&lock.file.javascript.packages)
        {
            if entry.sha256.len() != 64
                || !entry.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
            {
                return Err(wrong(&format!("the hash of {} is none", entry.name)));
            }
        }
        Ok(Some(lock))
    }

    /// Writes the file, whole or not at all.
    pub(super) fn write(&self) -> Result<(), PackageError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| PackageError::file(folder, &error))?;
        let mut text = serde_json::to_string_pretty(&self.file)
            .map_err(|error| PackageError::file(&self.path, &error))?;
        text.push('\n');
        write_whole(&self.path, text.as_bytes())
            .map_err(|error| PackageError::new(error.to_string()))
    }

    fn part(&self, language: Language) -> Option<&Part> {
        match language.home() {
            Language::Python => Some(&self.file.python),
            Language::JavaScript => Some(&self.file.javascript),
            _ => None,
        }
    }

    fn part_mut(&mut self, language: Language) -> Option<&mut Part> {
        match language.home() {
            Language::Python => Some(&mut self.file.python),
            Language::JavaScript => Some(&mut self.file.javascript),
            _ => None,
        }
    }

    /// The packages for a language.
    pub fn entries(&self, language: Language) -> &[Entry] {
        self.part(language)
            .map_or(&[], |part| part.packages.as_slice())
    }

    /// What was asked for.
    pub fn requested(&self, language: Language) -> &[Requested] {
        self.part(language)
            .map_or(&[], |part| part.requested.as_slice())
    }

    /// Remembers that somebody asked for a package.
    pub(super) fn request(&mut self, language: Language, text: &str, name: &str) {
        let Some(part) = self.part_mut(language) else {
            return;
        };
        let wanted = normal(language, name);
        part.requested
            .retain(|known| normal(language, &known.name) != wanted);
        part.requested.push(Requested {
            text: text.to_owned(),
            name: name.to_owned(),
        });
    }

    /// Puts packages in; one of the same name (and place) goes.
    pub(super) fn merge(&mut self, language: Language, entries: &[Entry]) {
        let Some(part) = self.part_mut(language) else {
            return;
        };
        for entry in entries {
            let wanted = normal(language, &entry.name);
            part.packages.retain(|known| {
                normal(language, &known.name) != wanted || known.path != entry.path
            });
            part.packages.push(entry.clone());
        }
        part.packages
            .sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    }

    /// Puts these packages in the place of all others.
    pub(super) fn replace(&mut self, language: Language, entries: Vec<Entry>) {
        if let Some(part) = self.part_mut(language) {
            part.packages = entries;
            part.packages
                .sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        }
    }

    /// Takes a package out. False if it is not there.
    pub(super) fn remove(&mut self, language: Language, name: &str) -> bool {
        let Some(part) = self.part_mut(language) else {
            return false;
        };
        let wanted = normal(language, name);
        let before = part.packages.len();
        part.packages
            .retain(|known| normal(language, &known.name) != wanted);
        part.requested
            .retain(|known| normal(language, &known.name) != wanted);
        part.packages.len() < before
    }
}

/// A name as the registry compares names: PyPI's ignores case and takes `-`, `_` and `.` for one.
pub(super) fn normal(language: Language, name: &str) -> String {
    if language.home() != Language::Python {
        return name.to_owned();
    }
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.extend(character.to_lowercase());
        }
    }
    normal
}

/// The lock file of the project around a folder.
pub(super) fn nearest(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join(FILE))
        .find(|file| file.is_file())
}

/// The user's lock file.
pub(super) fn user() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(
        base.data_dir()
            .join("metascript")
            .join("packages.lock.json"),
    )
}

/// Where `add` writes: the lock file of the project around `folder` (a folder with settings, or with a lock file), else
/// the user's.
pub(super) fn place(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|folder| folder.join(FILE).is_file() || folder.join(".metascript.toml").is_file())
        .map(|folder| folder.join(FILE))
        .or_else(user)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_of_pypi_are_one_whatever_their_dashes() {
        assert_eq!(normal(Language::Python, "Ruamel._yaml"), "ruamel-yaml");
        assert_eq!(normal(Language::JavaScript, "Big.js"), "Big.js");
    }

    #[test]
    fn a_lock_file_is_written_whole_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut lock = Lock::load(&path).unwrap();
        let entry = |version: &str| Entry {
            name: "Rich".to_owned(),
            version: version.to_owned(),
            sha256: "a".repeat(64),
            path: String::new(),
        };
        lock.merge(Language::Python, &[entry("1")]);
        lock.merge(
            Language::Python,
            &[Entry {
                name: "rich".to_owned(),
                ..entry("2")
            }],
        );
        lock.request(Language::Python, "rich==2", "rich");
        lock.write().unwrap();
        let mut back = Lock::read(&path).unwrap().unwrap();
        assert_eq!(back.entries(Language::Python).len(), 1);
        assert_eq!(back.requested(Language::Python).len(), 1);
        assert!(back.remove(Language::Python, "RICH"));
        assert!(!back.remove(Language::Python, "rich"));
        assert_eq!(nearest(&folder.path().join("a/b")), Some(path.clone()));
        std::fs::write(&path, "{\"version\":9}").unwrap();
        assert!(
            Lock::read(&path)
                .unwrap_err()
                .to_string()
                .contains("another version")
        );
        std::fs::write(&path, "{\"version\":1,\"python\":{\"packages\":[{\"name\":\"x\",\"version\":\"1\",\"sha256\":\"../x\"}]}}").unwrap();
        assert!(
            Lock::read(&path)
                .unwrap_err()
                .to_string()
                .contains("the hash of x is none")
        );
    }
}
