//! Packages of other people that cells can import: pure Python from PyPI, JavaScript from npm.
//!
//! The user's own tools fetch them (`pip download`, `npm pack`); nothing of them runs outside the sandbox. A lock file names
//! each with the hash of its archive; the archives lie in a store of the user's, named by that hash. A cell gets the text of
//! a module from the host when it imports it, and the archive is checked against the lock before the first one.

mod archive;
mod javascript;
mod lock;
mod manager;
mod process;
mod python;
mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use lock::{Entry, Lock, Requested};
pub use manager::{Added, Manager};

use crate::Language;
use crate::value::Value;
use store::Store;

/// Why there are no packages for a language.
pub fn refusal(language: Language) -> Option<&'static str> {
    match language.home() {
        Language::Python | Language::JavaScript => None,
        Language::FSharp => Some(
            "F# cells take no packages: NuGet packages are compiled for .NET, and the cell's compiler (Fable) needs F# \
             sources made for it. What works: the base library, and pasting the source of a module into a cell; or a Python \
             or JavaScript package in a cell of that language, which shares its variables",
        ),
        _ => Some(
            "cells of this language take no packages; Python and JavaScript cells do, and share their variables",
        ),
    }
}

/// A problem with a package, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PackageError(pub String);

impl PackageError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn file(path: &Path, error: &dyn std::fmt::Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

/// The packages of a session.
#[derive(Debug, Clone, Default)]
pub struct Packages {
    inner: Option<Arc<Inner>>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    /// The nearest first: what it has hides what the others have.
    locks: Vec<Lock>,
}

/// A package that cells can import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageInfo {
    /// Its name in the registry.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its archive, in hexadecimal.
    pub sha256: String,
    /// Whether its archive is on this machine.
    pub present: bool,
    /// The lock file that names it.
    pub lock: PathBuf,
}

impl Packages {
    /// The packages of the lock files: the project's around `folder`, then the user's. The second value says what of them
    /// cannot be read.
    pub fn open(folder: Option<&Path>) -> (Self, Vec<String>) {
        let Ok(store) = Store::user() else {
            return (Self::default(), Vec::new());
        };
        let files = folder
            .and_then(lock::nearest)
            .into_iter()
            .chain(lock::user());
        Self::with(store, files)
    }

    /// The packages of one lock file, with archives from `store`.
    pub fn from_lock(store: &Path, lock: &Path) -> (Self, Vec<String>) {
        Self::with(Store::at(store), std::iter::once(lock.to_owned()))
    }

    fn with(store: Store, files: impl Iterator<Item = PathBuf>) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut locks = Vec::new();
        for file in files {
            match Lock::read(&file) {
                Ok(Some(lock)) => locks.push(lock),
                Ok(None) => {}
                Err(error) => problems.push(error.to_string()),
            }
        }
        let inner = (!locks.is_empty()).then(|| Arc::new(Inner { store, locks }));
        (Self { inner }, problems)
    }

    /// The packages for a language, by name.
    pub fn list(&self, language: Language) -> Vec<PackageInfo> {
        let Some(inner) = &self.inner else {
            return Vec::new();
        };
        let mut found: Vec<PackageInfo> = Vec::new();
        for lock in &inner.locks {
            for entry in lock.entries(language) {
                let known = found.iter().any(|one| {
                    one.name == entry.name
                        && (one.lock != lock.path || one.version == entry.version)
                });
                if !known {
                    found.push(PackageInfo {
                        name: entry.name.clone(),
                        version: entry.version.clone(),
                        sha256: entry.sha256.clone(),
                        present: inner.store.has(entry),
                        lock: lock.path.clone(),
                    });
                }
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// The package called `name`, or the one that brings the module called so.
    pub fn find(
        &self,
        language: Language,
        name: &str,
    ) -> Result<Option<PackageInfo>, PackageError> {
        let wanted = lock::normal(language, name);
        let listed = self.list(language);
        if let Some(found) = listed
            .iter()
            .find(|one| lock::normal(language, &one.name) == wanted)
        {
            return Ok(Some(found.clone()));
        }
        let owner = match language.home() {
            Language::Python if python::is_module_name(name) => self.owner(name)?,
            _ => None,
        };
        Ok(owner.and_then(|owner| listed.into_iter().find(|one| one.name == owner)))
    }

    fn owner(&self, module: &str) -> Result<Option<String>, PackageError> {
        let Some(inner) = &self.inner else {
            return Ok(None);
        };
        Ok(python::module(&inner.store, &inner.locks, module)?.and_then(|found| found.owner))
    }

    /// Answers the guest's library: `packages.module`, `packages.file` and `packages.list`.
    pub(crate) fn answer(&self, request: &Request) -> Result<Value, PackageError> {
        let Some(inner) = &self.inner else {
            return Ok(match request {
                Request::List => Value::List(Vec::new()),
                _ => Value::Null,
            });
        };
        let (store, locks) = (&inner.store, inner.locks.as_slice());
        match request {
            Request::PythonModule { name } => {
                if !python::is_module_name(name) {
                    return Ok(Value::Null);
                }
                Ok(python::module(store, locks, name)?
                    .map_or(Value::Null, python::Module::into_value))
            }
            Request::JavaScriptModule { name, from, kind } => {
                Ok(
                    javascript::module(store, locks, name, from.as_deref(), *kind)?
                        .map_or(Value::Null, javascript::Module::into_value),
                )
            }
            Request::PythonFile { path } => Ok(python::file(store, locks, path)?
                .map_or(Value::Null, |bytes| Value::Bytes(bytes.to_vec()))),
            Request::List => python::distributions(store, locks),
        }
    }
}

/// What the guest's library asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    PythonModule {
        name: String,
    },
    PythonFile {
        path: String,
    },
    JavaScriptModule {
        name: String,
        from: Option<String>,
        kind: javascript::Kind,
    },
    List,
}

impl Request {
    /// The request of `packages.module`.
    pub(crate) fn module(
        language: &str,
        name: String,
        from: Option<String>,
        kind: &str,
    ) -> Option<Self> {
        match language {
            "python" => Some(Self::PythonModule { name }),
            "javascript" => Some(Self::JavaScriptModule {
                name,
                from,
                kind: if kind == "require" {
                    javascript::Kind::Require
                } else {
                    javascript::Kind::Import
                },
            }),
            _ => None,
        }
    }
}
