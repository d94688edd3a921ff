//! The folders of a user who has no settings.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// The key that seals what the tests compile. It is the same for all of them, so that a runtime is compiled once and not
/// once for each test; no user's program takes what is sealed with it.
const KEY: [u8; 32] = *b"the tests' own key, no secret at";

/// A user's folders, empty but for that key. They go with the value.
pub struct Home(TempDir);

impl Home {
    /// Fresh folders.
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder for the user's settings");
        let data = home.path().join("data/metascript");
        fs::create_dir_all(&data).expect("a folder for the user's data");
        fs::write(data.join("seal.key"), KEY).expect("a key");
        Self(home)
    }

    /// Makes a program use these folders.
    pub fn of<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("XDG_CONFIG_HOME", self.config())
            .env("XDG_DATA_HOME", self.0.path().join("data"))
    }

    /// Where settings are.
    pub fn config(&self) -> PathBuf {
        self.0.path().join("config")
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}
