//! All files of the workspace: those that questions are asked about, and those of which only an outline is kept.

use std::path::Path;
use std::sync::Arc;

use metascript_syntax::Document;
use rustc_hash::FxHashMap;

use crate::FileId;
use crate::db::SourceFile;
use crate::index::FileIndex;

/// Files by path.
pub(crate) type Paths = FxHashMap<Arc<Path>, FileId>;

/// Files by id.
pub(crate) type Entries = FxHashMap<FileId, Entry>;

/// A file, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) path: Arc<Path>,
    pub(crate) state: FileState,
}

/// How much of a file is in memory.
#[derive(Debug, Clone)]
pub(crate) enum FileState {
    /// All of it, with the answers that were given.
    Live(SourceFile),
    /// Its outline. The rest is worked out anew when somebody asks, and forgotten with the answer.
    Outline(Arc<FileIndex>, Text),
}

/// Where the text of a file is that has only an outline.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Disk,
    /// An editor has it open, and nobody has asked about it for a while.
    Held(Document),
}

impl FileState {
    pub(crate) fn live(&self) -> Option<SourceFile> {
        match self {
            FileState::Live(file) => Some(*file),
            FileState::Outline(..) => None,
        }
    }
}
