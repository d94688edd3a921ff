//! Which workspaces have agreed that their text goes to which remote providers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::files;

/// The file's name in the data folder.
const FILE: &str = "consent.json";

/// Agreements by workspace. Without a data folder they last as long as the process.
#[derive(Debug)]
pub struct Consent {
    file: Option<PathBuf>,
    granted: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Consent {
    /// The agreements kept in a folder. A file that cannot be read grants nothing.
    pub fn load(data_folder: Option<&Path>) -> Self {
        let file = data_folder.map(|folder| folder.join(FILE));
        let granted = file
            .as_deref()
            .and_then(|file| std::fs::read_to_string(file).ok())
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Self {
            file,
            granted: Mutex::new(granted),
        }
    }

    /// Whether the text of a workspace may go to the provider at an address.
    pub fn allows(&self, workspace: &Path, base_url: &str) -> bool {
        files::lock(&self.granted)
            .get(&key(workspace))
            .is_some_and(|urls| urls.contains(base_url))
    }

    /// Agrees. The agreement is to an address: a provider that moves must be agreed to again.
    pub fn grant(&self, workspace: &Path, base_url: &str) -> std::io::Result<()> {
        self.change(|granted| {
            granted
                .entry(key(workspace))
                .or_default()
                .insert(base_url.to_owned());
        })
    }

    /// Withdraws every agreement of a workspace.
    pub fn withdraw(&self, workspace: &Path) -> std::io::Result<()> {
        self.change(|granted| {
            granted.remove(&key(workspace));
        })
    }

    fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, BTreeSet<String>>),
    ) -> std::io::Result<()> {
        let mut granted = files::lock(&self.granted);
        change(&mut granted);
        let Some(file) = &self.file else {
            return Ok(());
        };
        let text = serde_json::to_string_pretty(&*granted)?;
        files::write_atomically(file, text.as_bytes())
    }
}

fn key(workspace: &Path) -> String {
    workspace
        .canonicalize()
        .unwrap_or_else(|_| workspace.to_owned())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_is_for_one_workspace_and_one_address_and_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let consent = Consent::load(Some(folder.path()));
        let workspace = Path::new("/some/project");
        assert!(!consent.allows(workspace, "https://a"));
        consent.grant(workspace, "https://a").unwrap();
        let again = Consent::load(Some(folder.path()));
        assert!(again.allows(workspace, "https://a"));
        assert!(
            !again.allows(workspace, "https://b")
                && !again.allows(Path::new("/other"), "https://a")
        );
        again.withdraw(workspace).unwrap();
        assert!(!Consent::load(Some(folder.path())).allows(workspace, "https://a"));
        std::fs::write(folder.path().join(FILE), "{broken").unwrap();
        assert!(!Consent::load(Some(folder.path())).allows(workspace, "https://a"));
    }
}
