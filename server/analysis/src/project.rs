//! What belongs to a project on disk: which files are scripts, and where its settings are.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::settings::{Settings, SettingsError};

/// Extensions that a folder is searched for. They never decide the dialect.
pub const EXTENSIONS: &[&str] = &["tars", "trsx", "flux", "metascript", "meta"];

/// The name of a project's settings, at its root.
pub const SETTINGS_FILE: &str = ".metascript.toml";

/// Whether a path is named like a script.
pub fn is_script(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()))
}

/// The largest script that is analysed, in bytes. Nobody writes larger ones by hand.
pub const MAX_SCRIPT_BYTES: usize = 16 * 1024 * 1024;

/// The text of a script on disk; `None` when there is none that can be read, or it is too large.
pub fn read_script(path: &Path) -> Option<String> {
    let size = std::fs::metadata(path).ok()?.len();
    if size > MAX_SCRIPT_BYTES as u64 {
        return None;
    }
    std::fs::read_to_string(path).ok()
}

/// The files below a folder that are named like scripts. Ignore files (`.gitignore`, `.ignore`) are respected, links are
/// not followed.
pub fn scripts(root: &Path) -> impl Iterator<Item = Result<PathBuf, ignore::Error>> {
    WalkBuilder::new(root)
        .hidden(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .filter_map(|entry| match entry {
            Ok(entry) => (entry.file_type().is_some_and(|kind| kind.is_file())
                && is_script(entry.path()))
            .then(|| Ok(entry.into_path())),
            Err(error) => Some(Err(error)),
        })
}

/// The settings file that governs a script: the one in its folder, or in the nearest folder above.
pub fn settings_file(script: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(script).ok()?;
    absolute
        .ancestors()
        .skip(1)
        .map(|folder| folder.join(SETTINGS_FILE))
        .find(|file| file.is_file())
}

/// Reads a settings file. What can be read holds, whatever else is wrong; each problem is one line for people.
pub fn read_settings(file: &Path) -> (Settings, Vec<String>) {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            return (
                Settings::default(),
                vec![format!("cannot be read: {error}")],
            );
        }
    };
    let (settings, problems) = Settings::from_toml(&text);
    let line = |problem: SettingsError| match problem.range {
        Some(range) => {
            let before = text.get(..range.start).unwrap_or_default();
            let number = before.matches('\n').count() + 1;
            format!("line {number}: {}", problem.message)
        }
        None => problem.message,
    };
    (settings, problems.into_iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::fs;

    use super::*;

    #[test]
    fn folders_are_searched_for_scripts_that_are_not_ignored() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at(".git")).unwrap();
        fs::create_dir_all(at("deep/er")).unwrap();
        fs::write(at(".gitignore"), "old.tars\n").unwrap();
        for name in [
            "a.tars",
            "old.tars",
            "deep/er/B.TRSX",
            "c.txt",
            ".git/d.tars",
        ] {
            fs::write(at(name), "DESCRIBE { }\n").unwrap();
        }
        let mut found: Vec<PathBuf> = scripts(root.path()).map(Result::unwrap).collect();
        found.sort();
        assert_eq!(found, [at("a.tars"), at("deep/er/B.TRSX")]);
    }

    #[test]
    fn the_nearest_settings_govern_and_their_problems_have_lines() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("inner");
        fs::create_dir_all(&inner).unwrap();
        fs::write(root.path().join(SETTINGS_FILE), "[diagnostics]\n").unwrap();
        fs::write(
            inner.join(SETTINGS_FILE),
            "[diagnostics]\nMS0001 = \"off\"\nMS9999 = \"off\"\n",
        )
        .unwrap();
        let near = settings_file(&inner.join("a.tars")).unwrap();
        assert_eq!(near, inner.join(SETTINGS_FILE));
        assert_eq!(
            settings_file(&root.path().join("a.tars")).unwrap(),
            root.path().join(SETTINGS_FILE)
        );
        let (settings, problems) = read_settings(&near);
        let code = crate::code("MS0001").unwrap();
        assert_eq!(settings.severity(code, crate::Severity::Error), None);
        assert_eq!(
            problems,
            ["line 3: `MS9999` is no diagnostic; `metascript explain` lists all codes"]
        );
    }
}
