//! Where the runtimes are.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::{Error, Language};

/// The variable that names the folder.
pub(crate) const VARIABLE: &str = "METASCRIPT_RUNTIMES";

/// Folders to look in, in order: `explicit`; else the environment's; else beside the program; else the user's data folder.
pub(crate) fn folders(explicit: Option<&Path>) -> Vec<PathBuf> {
    if let Some(folder) = explicit {
        return vec![folder.to_owned()];
    }
    if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        return vec![folder.into()];
    }
    let mut folders = Vec::new();
    if let Some(folder) = std::env::current_exe()
        .ok()
        .as_deref()
        .and_then(Path::parent)
    {
        folders.push(folder.join("runtimes"));
        if let Some(parent) = folder.parent() {
            folders.push(parent.join("runtimes"));
        }
    }
    if let Ok(base) = etcetera::choose_base_strategy() {
        folders.push(base.data_dir().join("metascript").join("runtimes"));
    }
    folders
}

/// The file that holds a component of a language's runtime.
pub(crate) fn find(
    language: Language,
    component: &str,
    folders: &[PathBuf],
) -> Result<PathBuf, Error> {
    let file = format!("{component}.wasm");
    folders
        .iter()
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
        .ok_or_else(|| Error::MissingRuntime {
            language,
            file,
            searched: folders.to_vec(),
        })
}
