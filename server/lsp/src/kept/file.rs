//! The file that keeps the outputs of one script.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::folder_of;
use crate::output::CellEvent;
use crate::uri;

/// Raised when older files can no longer be read.
const VERSION: u32 = 1;

/// Outputs of one script that are kept; the oldest go first.
const MOST_OUTPUTS: usize = 500;

/// Largest file that is written or read, in bytes; the oldest outputs make room.
const MOST_BYTES: usize = 16 << 20;

/// The output of one run of one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Hash of the code that made it.
    pub(super) code: String,
    /// The cell's number at that time.
    pub(super) cell: usize,
    pub(super) language: String,
    pub(super) events: Vec<CellEvent>,
}

/// What stands in the file, the oldest output first.
#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    outputs: Vec<Kept>,
}

/// See the module's documentation.
pub(super) struct KeptFile {
    folder: PathBuf,
    path: PathBuf,
}

impl KeptFile {
    /// The file of a script; `None` for a script that is not saved.
    pub(super) fn of(uri: &str) -> Option<Self> {
        let script = uri::path(uri);
        if !uri.starts_with("file:") || !script.is_absolute() {
            return None;
        }
        let name = script.file_name()?.to_str()?;
        let folder = folder_of(&script)?;
        let path = folder.join(format!("{name}.json"));
        Some(Self { folder, path })
    }

    /// What is kept; nothing when there is no file.
    pub(super) fn read(&self) -> io::Result<Vec<Kept>> {
        let file = match std::fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.told(&error)),
        };
        let mut text = Vec::new();
        file.take(MOST_BYTES as u64 + 1).read_to_end(&mut text)?;
        if text.len() > MOST_BYTES {
            return Err(self.told("the file is too large"));
        }
        let content: Content = serde_json::from_slice(&text).map_err(|error| self.told(error))?;
        if content.version != VERSION {
            return Err(self.told("the file is of another version of Metascript"));
        }
        Ok(content.outputs)
    }

    /// Adds outputs in place of those of the same cells.
    pub(super) fn add(&self, outputs: Vec<Kept>) -> io::Result<()> {
        // What cannot be read is of no use to anybody: it is replaced.
        let mut all = self.read().unwrap_or_default();
        for output in outputs {
            let same = all.iter().position(|old| old.code == output.code);
            let same = same.or_else(|| all.iter().position(|old| old.cell == output.cell));
            if let Some(at) = same {
                all.remove(at);
            }
            all.push(output);
        }
        let surplus = all.len().saturating_sub(MOST_OUTPUTS);
        all.drain(..surplus);
        let mut content = Content {
            version: VERSION,
            outputs: all,
        };
        loop {
            let text = serde_json::to_vec(&content)?;
            if text.len() <= MOST_BYTES {
                return self.write(&text);
            }
            let half = content.outputs.len().div_ceil(2);
            content.outputs.drain(..half);
        }
    }

    /// Forgets everything.
    pub(super) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.told(&error)),
            _ => Ok(()),
        }
    }

    /// Writes the whole file or nothing.
    fn write(&self, text: &[u8]) -> io::Result<()> {
        // A link that somebody put there would lead out of the script's folder.
        for folder in [self.folder.parent().unwrap_or(Path::new("")), &self.folder] {
            if folder
                .symlink_metadata()
                .is_ok_and(|about| about.is_symlink())
            {
                return Err(self.told(format!("{} is a link", folder.display())));
            }
        }
        std::fs::create_dir_all(&self.folder).map_err(|error| self.told(&error))?;
        let mut part = tempfile::NamedTempFile::new_in(&self.folder)?;
        part.write_all(text)?;
        part.persist(&self.path)
            .map_err(|error| self.told(&error.error))?;
        Ok(())
    }

    fn told(&self, reason: impl std::fmt::Display) -> io::Error {
        io::Error::other(format!("{}: {reason}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::StreamName;

    fn kept(code: &str, cell: usize, text: &str) -> Kept {
        Kept {
            code: code.to_owned(),
            cell,
            language: "python".to_owned(),
            events: vec![
                CellEvent::Started,
                CellEvent::Stream {
                    name: StreamName::Stdout,
                    text: text.to_owned(),
                },
            ],
        }
    }

    fn file(folder: &Path) -> KeptFile {
        let script = folder.join("a b.tars");
        KeptFile::of(&format!("file://{}", script.display()).replace(' ', "%20")).unwrap()
    }

    #[test]
    fn an_output_takes_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        assert!(file.read().unwrap().is_empty());
        file.add(vec![kept("aa", 0, "one"), kept("bb", 1, "two")])
            .unwrap();
        file.add(vec![kept("cc", 1, "three"), kept("aa", 2, "four")])
            .unwrap();
        let all = file.read().unwrap();
        assert_eq!(all, [kept("cc", 1, "three"), kept("aa", 2, "four")]);
        file.remove().unwrap();
        file.remove().unwrap();
        assert!(file.read().unwrap().is_empty());
    }

    #[test]
    fn what_is_broken_is_told_and_then_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        file.add(vec![kept("aa", 0, "one")]).unwrap();
        std::fs::write(&file.path, "{ \"version\": 1, ").unwrap();
        let error = file.read().unwrap_err().to_string();
        assert!(error.contains("a b.tars.json"), "{error}");
        file.add(vec![kept("aa", 0, "two")]).unwrap();
        assert_eq!(file.read().unwrap(), [kept("aa", 0, "two")]);
    }

    #[test]
    fn too_many_outputs_make_room_for_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        let many = (0..MOST_OUTPUTS + 3).map(|at| kept(&at.to_string(), at, "x"));
        file.add(many.collect()).unwrap();
        let all = file.read().unwrap();
        assert_eq!(all.len(), MOST_OUTPUTS);
        assert_eq!(all[0].code, "3");
        let long = "y".repeat(MOST_BYTES / 2);
        file.add(vec![kept("p", 900, &long), kept("q", 901, &long)])
            .unwrap();
        assert_eq!(file.read().unwrap().last().unwrap().code, "q");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_folder_is_not_followed() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join(".metascript")).unwrap();
        let error = file(folder.path())
            .add(vec![kept("aa", 0, "one")])
            .unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
        assert!(
            std::fs::read_dir(elsewhere.path())
                .unwrap()
                .next()
                .is_none()
        );
    }

    #[test]
    fn a_script_that_is_not_saved_keeps_nothing() {
        assert!(KeptFile::of("untitled:Untitled-1").is_none());
    }
}
