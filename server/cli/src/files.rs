//! Finding and reading scripts.

use std::fmt;
use std::path::{Path, PathBuf};

use metascript_analysis::project;

/// Why a file was not read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

/// A file to check, and whether the user named it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// `false` for a file found in a folder: it may only look like a script.
    pub(crate) named: bool,
}

/// The scripts that `paths` name: files as they are, folders searched. Sorted, each once.
pub(crate) fn find(paths: &[PathBuf]) -> (Vec<Candidate>, Vec<Unreadable>) {
    let mut found = Vec::new();
    let mut failed = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(Candidate {
                path: path.clone(),
                named: true,
            });
            continue;
        }
        for entry in project::scripts(path) {
            match entry {
                Ok(path) => found.push(Candidate { path, named: false }),
                Err(error) => failed.push(Unreadable {
                    path: path.clone(),
                    reason: error.to_string(),
                }),
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path).then(b.named.cmp(&a.named)));
    found.dedup_by(|a, b| a.path == b.path);
    (found, failed)
}

/// Reads a script as UTF-8, refusing what cannot be one with a sentence that helps.
pub(crate) fn read(path: &Path, max_bytes: u64) -> Result<String, Unreadable> {
    let fail = |reason: String| Unreadable {
        path: path.to_owned(),
        reason,
    };
    let metadata = std::fs::metadata(path).map_err(|error| {
        fail(match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_owned(),
            _ => format!("cannot be read: {error}"),
        })
    })?;
    if metadata.is_dir() {
        return Err(fail("is a folder; name a script in it".to_owned()));
    }
    if metadata.len() > max_bytes {
        return Err(fail(format!(
            "has {}, more than the limit of {}; a metascript of that size is likely a mistake (--max-file-size raises the limit)",
            human_size(metadata.len()),
            human_size(max_bytes)
        )));
    }
    let bytes = std::fs::read(path).map_err(|error| fail(format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let hint = match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "; it looks like UTF-16, save it as UTF-8",
            _ => "; save it as UTF-8",
        };
        fail(format!("is not UTF-8 (byte {valid}, line {line}){hint}"))
    })
}

/// `50.0 MB` and the like.
fn human_size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let bytes = bytes as f64;
    [("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("KB", 1024.0)]
        .into_iter()
        .find(|(_, unit)| bytes >= *unit)
        .map_or_else(
            || format!("{bytes} bytes"),
            |(name, unit)| format!("{:.1} {name}", bytes / unit),
        )
}
