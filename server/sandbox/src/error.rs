//! Why a cell could not even start.

use std::path::PathBuf;

use crate::Language;

/// Why a cell never started. A cell that ran and failed is an [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No file holds the language's runtime.
    #[error(
        "the {language} runtime is missing: no {file} in {}. `cargo xtask runtimes` builds it; releases carry it; \
         METASCRIPT_RUNTIMES names the folder that holds it",
        list(searched)
    )]
    MissingRuntime {
        /// The language of the cell.
        language: Language,
        /// The file's name, for example `python.wasm`.
        file: String,
        /// Where it was looked for, in order.
        searched: Vec<PathBuf>,
    },
    /// There is no compiler for cells of Rust.
    #[error("Rust cells need a Rust toolchain for WebAssembly: {reason}")]
    NoToolchain {
        /// What was found and what to install.
        reason: String,
    },
    /// The file is there but is no runtime for this version of Metascript.
    #[error("{} is not a {language} runtime for this version of Metascript ({reason}); `cargo xtask runtimes` builds one", path.display())]
    UnfitRuntime {
        /// The language of the cell.
        language: Language,
        /// The file.
        path: PathBuf,
        /// What the engine says.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The WebAssembly engine could not be set up on this machine.
    #[error("the WebAssembly engine could not start: {0}")]
    Engine(String),
    /// A value cannot be shared.
    #[error("'{name}' cannot be shared: {reason}")]
    Unshareable {
        /// The variable.
        name: String,
        /// A sentence for people.
        reason: String,
    },
    /// The runtime stopped while it answered a question about the session.
    #[error("the {language} runtime stopped: {reason}")]
    Stopped {
        /// The language.
        language: Language,
        /// What happened.
        reason: String,
    },
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if names.is_empty() {
        "any folder".to_owned()
    } else {
        names.join(", ")
    }
}
