//! Changes of files: shown as a diff, or written so that no crash leaves half a file.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use similar::TextDiff;

/// Prints the change as a unified diff.
pub(crate) fn print_diff(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let name = path.to_string_lossy();
    let diff = TextDiff::from_lines(before, after);
    let mut out = io::stdout().lock();
    write!(out, "{}", diff.unified_diff().header(&name, &name))
}

/// Writes beside the file and renames. Keeps the permissions of a file that is there, and follows a link to it.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    let write = || -> io::Result<()> {
        let target = match std::fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        if let Ok(there) = std::fs::metadata(&target) {
            std::fs::set_permissions(file.path(), there.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&target).map_err(|error| error.error)?;
        Ok(())
    };
    write().with_context(|| format!("{} could not be written", path.display()))
}

/// A line on standard error; a closed one is nobody to tell.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
