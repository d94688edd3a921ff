//! `tars.fs`: files below granted folders.
//!
//! A path is first brought into its plain form as text, which decides the grant. What is left of it is then opened
//! relative to the granted folder's handle by `cap-std`, which lets no link and no `..` lead out, whatever happens to the
//! folders meanwhile.

use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};

use super::Refused;
use super::arguments::Arguments;
use crate::audit::rfc3339;
use crate::policy::{Access, FolderGrant};
use crate::value::Value;

/// Entries of one folder that are listed.
const MOST_ENTRIES: usize = 100_000;

const READING: [&str; 5] = [
    "fs.read-text",
    "fs.read-bytes",
    "fs.list",
    "fs.info",
    "fs.exists",
];

/// All operations, the reading ones first.
pub(crate) const OPERATIONS: [&str; 10] = [
    "fs.read-text",
    "fs.read-bytes",
    "fs.list",
    "fs.info",
    "fs.exists",
    "fs.write-text",
    "fs.write-bytes",
    "fs.append-text",
    "fs.create-folder",
    "fs.remove",
];

/// The folders that a session's cells may use.
#[derive(Debug)]
pub(crate) struct Folders {
    /// Where relative paths begin: the script's folder.
    base: PathBuf,
    grants: Vec<Grant>,
}

#[derive(Debug)]
struct Grant {
    folder: PathBuf,
    access: Access,
    within: Option<PathBuf>,
    /// Opened when it is first used, and the same from then on.
    handle: OnceLock<Result<Dir, String>>,
}

/// A path of a cell: a granted folder's handle and the way from there, which is empty for the folder itself.
struct Place<'a> {
    folder: &'a Dir,
    rest: PathBuf,
    /// As the cell wrote it.
    name: String,
}

impl Folders {
    pub(crate) fn new(grants: &[FolderGrant], base: &Path) -> Self {
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_owned());
        let grants = grants
            .iter()
            .map(|grant| Grant {
                folder: plain(&base.join(&grant.path)),
                access: grant.access,
                within: grant.within.as_deref().map(|root| plain(&base.join(root))),
                handle: OnceLock::new(),
            })
            .collect();
        Self {
            base: plain(&base),
            grants,
        }
    }

    /// Answers an operation. Blocks.
    pub(crate) fn answer(
        &self,
        operation: &str,
        arguments: &mut Arguments,
        policy: &str,
        most: usize,
    ) -> Result<Value, Refused> {
        let name = arguments.text("path")?;
        let access = if READING.contains(&operation) {
            Access::Read
        } else {
            Access::Write
        };
        let place = self.place(name, access, policy)?;
        match operation {
            "fs.read-text" => String::from_utf8(place.read(most)?)
                .map(Value::Text)
                .map_err(|_| {
                    Refused::new(
                        "not-text",
                        format!("{} is not UTF-8; read its bytes", place.name),
                    )
                }),
            "fs.read-bytes" => place.read(most).map(Value::Bytes),
            "fs.list" => place.list(),
            "fs.info" => place.info(),
            "fs.exists" => match place.info() {
                Ok(_) => Ok(Value::Boolean(true)),
                Err(refused) if refused.code == "not-found" => Ok(Value::Boolean(false)),
                Err(refused) => Err(refused),
            },
            "fs.write-text" => place.write(&arguments.bytes("text")?),
            "fs.write-bytes" => place.write(&arguments.bytes("bytes")?),
            "fs.append-text" => place.append(&arguments.bytes("text")?),
            "fs.create-folder" => place.failed_or_done(|| match place.target() {
                Some(rest) => place.folder.create_dir_all(rest),
                None => Ok(()),
            }),
            _ => place.remove(),
        }
    }

    fn place(&self, name: String, access: Access, policy: &str) -> Result<Place<'_>, Refused> {
        if name.is_empty() || name.contains('\0') {
            return Err(Refused::new(
                "bad-argument",
                "a path is a text that is not empty and has no null character",
            ));
        }
        let path = plain(&self.base.join(&name));
        let mut found: Option<(&Grant, &Path)> = None;
        let mut readable = false;
        for grant in &self.grants {
            let Ok(rest) = path.strip_prefix(&grant.folder) else {
                continue;
            };
            readable = true;
            let deeper = found.is_none_or(|(known, _)| {
                grant.folder.components().count() > known.folder.components().count()
            });
            if grant.access >= access && deeper {
                found = Some((grant, rest));
            }
        }
        let Some((grant, rest)) = found else {
            return Err(Refused::denied(if readable {
                format!(
                    "the policy '{policy}' allows reading '{name}', not changing it; grant the folder with \
                     access = \"write\" in a policy of your own"
                )
            } else if self.grants.is_empty() {
                format!(
                    "a cell reads and writes no files under the policy '{policy}'; run it under one that grants the \
                     folder of '{name}' (`moderate` reads the script's folder)"
                )
            } else {
                format!(
                    "'{name}' is outside the folders that the policy '{policy}' grants; add its folder to a policy of \
                     your own"
                )
            }));
        };
        let folder = grant.open().map_err(|reason| {
            Refused::new(
                "failed",
                format!("the granted folder of '{name}' cannot be opened: {reason}"),
            )
        })?;
        Ok(Place {
            folder,
            rest: rest.to_owned(),
            name,
        })
    }
}

impl Grant {
    fn open(&self) -> Result<&Dir, String> {
        let opened = self.handle.get_or_init(|| {
            let opened = match &self.within {
                None => Dir::open_ambient_dir(&self.folder, ambient_authority()),
                Some(root) => {
                    Dir::open_ambient_dir(root, ambient_authority()).and_then(|root_dir| match self
                        .folder
                        .strip_prefix(root)
                    {
                        Ok(rest) if rest.as_os_str().is_empty() => Ok(root_dir),
                        Ok(rest) => root_dir.open_dir(rest),
                        Err(_) => Err(io::ErrorKind::PermissionDenied.into()),
                    })
                }
            };
            // A message of the system may hold a path of the machine: the kind says enough.
            opened.map_err(|error| error.kind().to_string())
        });
        opened.as_ref().map_err(Clone::clone)
    }
}

impl Place<'_> {
    /// The way from the granted folder, unless it is that folder.
    fn target(&self) -> Option<&Path> {
        (!self.rest.as_os_str().is_empty()).then_some(&self.rest)
    }

    fn file(&self) -> Result<&Path, Refused> {
        self.target()
            .ok_or_else(|| Refused::new("not-a-file", format!("{} is a folder", self.name)))
    }

    fn failed(&self, error: &io::Error) -> Refused {
        let name = &self.name;
        match error.kind() {
            io::ErrorKind::NotFound => {
                Refused::new("not-found", format!("there is no file or folder '{name}'"))
            }
            io::ErrorKind::PermissionDenied => Refused::denied(format!(
                "'{name}' cannot be opened: the system forbids it, or a link there leads out of the granted folder"
            )),
            kind => Refused::new("failed", format!("'{name}': {kind}")),
        }
    }

    fn failed_or_done(&self, work: impl FnOnce() -> io::Result<()>) -> Result<Value, Refused> {
        work()
            .map(|()| Value::Null)
            .map_err(|error| self.failed(&error))
    }

    /// Opens a file, which must be a plain one: a pipe or a device would wait or act.
    fn open(&self, options: &mut OpenOptions) -> Result<File, Refused> {
        let path = self.file()?;
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt;
            options.custom_flags(NONBLOCK);
        }
        let file = self
            .folder
            .open_with(path, options)
            .map_err(|error| self.failed(&error))?;
        let kind = file.metadata().map_err(|error| self.failed(&error))?;
        if kind.is_file() {
            Ok(file)
        } else {
            Err(Refused::new(
                "not-a-file",
                format!("{} is no plain file", self.name),
            ))
        }
    }

    fn read(&self, most: usize) -> Result<Vec<u8>, Refused> {
        let file = self.open(OpenOptions::new().read(true))?;
        let mut bytes = Vec::new();
        let limit = u64::try_from(most).unwrap_or(u64::MAX);
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| self.failed(&error))?;
        if bytes.len() > most {
            return Err(Refused::new(
                "too-large",
                format!(
                    "{} has more than {most} bytes, the policy's limit for one value",
                    self.name
                ),
            ));
        }
        Ok(bytes)
    }

    fn list(&self) -> Result<Value, Refused> {
        let failed = |error: io::Error| self.failed(&error);
        let entries = match self.target() {
            Some(rest) => self.folder.read_dir(rest),
            None => self.folder.entries(),
        }
        .map_err(failed)?;
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if found.len() == MOST_ENTRIES {
                return Err(Refused::new(
                    "too-large",
                    format!("{} has more than {MOST_ENTRIES} entries", self.name),
                ));
            }
            // One that vanishes meanwhile is not there.
            let Ok(about) = entry.metadata() else {
                continue;
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            let size = i64::try_from(about.len()).unwrap_or(i64::MAX);
            found.push((name, kind(&about), size));
        }
        found.sort();
        Ok(Value::List(
            found
                .into_iter()
                .map(|(name, kind, size)| {
                    Value::Map(vec![
                        ("name".to_owned(), Value::Text(name)),
                        ("kind".to_owned(), Value::Text(kind.to_owned())),
                        ("size".to_owned(), Value::Integer(size)),
                    ])
                })
                .collect(),
        ))
    }

    fn info(&self) -> Result<Value, Refused> {
        let failed = |error: io::Error| self.failed(&error);
        let about = match self.target() {
            Some(rest) => self.folder.metadata(rest),
            None => self.folder.dir_metadata(),
        }
        .map_err(failed)?;
        let modified = about
            .modified()
            .ok()
            .and_then(|moment| Value::date_time(&rfc3339(moment.into_std())).ok());
        Ok(Value::Map(vec![
            ("kind".to_owned(), Value::Text(kind(&about).to_owned())),
            (
                "size".to_owned(),
                Value::Integer(i64::try_from(about.len()).unwrap_or(i64::MAX)),
            ),
            ("modified".to_owned(), modified.unwrap_or(Value::Null)),
        ]))
    }

    /// Writes a file whole or not at all: under another name first. A link of that name is replaced, not followed.
    fn write(&self, bytes: &[u8]) -> Result<Value, Refused> {
        let path = self.file()?;
        let failed = |error: io::Error| self.failed(&error);
        let name = path.file_name().unwrap_or_default();
        let opened;
        let folder = match path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            Some(parent) => {
                opened = self.folder.open_dir(parent).map_err(failed)?;
                &opened
            }
            None => self.folder,
        };
        if folder
            .symlink_metadata(name)
            .is_ok_and(|about| about.is_dir())
        {
            return Err(Refused::new(
                "not-a-file",
                format!("{} is a folder", self.name),
            ));
        }
        let mut digits = [0; 8];
        getrandom::fill(&mut digits)
            .map_err(|error| Refused::new("failed", format!("no random numbers: {error}")))?;
        let part = format!(".{:016x}.part", u64::from_ne_bytes(digits));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let mut file = folder.open_with(&part, &options).map_err(failed)?;
        let written = file
            .write_all(bytes)
            .and_then(|()| keep_mode(folder, Path::new(name), &file))
            .and_then(|()| folder.rename(&part, folder, name));
        if written.is_err() {
            // The next attempt takes another name.
            let _ = folder.remove_file(&part);
        }
        written.map(|()| Value::Null).map_err(failed)
    }

    fn append(&self, bytes: &[u8]) -> Result<Value, Refused> {
        let mut file = self.open(OpenOptions::new().append(true).create(true))?;
        self.failed_or_done(|| file.write_all(bytes))
    }

    fn remove(&self) -> Result<Value, Refused> {
        let Some(rest) = self.target() else {
            return Err(Refused::denied("the granted folder itself stays"));
        };
        self.failed_or_done(|| {
            if self.folder.symlink_metadata(rest)?.is_dir() {
                self.folder.remove_dir(rest)
            } else {
                self.folder.remove_file(rest)
            }
        })
    }
}

/// A file that is replaced keeps who may read and run it.
#[cfg(unix)]
fn keep_mode(folder: &Dir, name: &Path, file: &File) -> io::Result<()> {
    use cap_std::fs::{Permissions, PermissionsExt};
    match folder.symlink_metadata(name) {
        Ok(old) if old.is_file() => {
            file.set_permissions(Permissions::from_mode(old.permissions().mode() & 0o777))
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn keep_mode(_folder: &Dir, _name: &Path, _file: &File) -> io::Result<()> {
    Ok(())
}

/// `O_NONBLOCK`: opening a pipe does not wait for its other end.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NONBLOCK: i32 = 0o4000;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const NONBLOCK: i32 = 0x4;

fn kind(about: &cap_std::fs::Metadata) -> &'static str {
    if about.is_file() {
        "file"
    } else if about.is_dir() {
        "folder"
    } else {
        "other"
    }
}

/// A path without `.` and `..`, as text: no link is looked at.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
