//! A state of all files, and the way from a question to the file that it is about.

use std::cell::OnceCell;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metascript_syntax::Document;
use ropey::Rope;
use salsa::Database as _;

use super::FileId;
use crate::closed::{Closed, outlines};
use crate::db::{Database, SourceFile, Workspace};
use crate::files::{Entries, FileState, Text};
use crate::imports::{Import, imports_of};
use crate::layout::Layout;
use crate::project;

/// The answer was given up because the host is about to change; ask again with a new snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled: the files have changed")
    }
}

impl std::error::Error for Cancelled {}

/// An answer, unless the host changed meanwhile.
pub type Cancellable<T> = Result<T, Cancelled>;

/// A snapshot of all files. One per thread; clone it for another.
pub struct Analysis {
    db: Database,
    workspace: Workspace,
    /// All files as outlines, once somebody needed them.
    outlines: OnceCell<Arc<Entries>>,
    /// Files with only an outline that this snapshot has looked into.
    closed: OnceCell<Closed>,
}

impl Analysis {
    pub(super) fn new(db: Database, workspace: Workspace) -> Analysis {
        Analysis {
            db,
            workspace,
            outlines: OnceCell::new(),
            closed: OnceCell::new(),
        }
    }
}

impl Clone for Analysis {
    fn clone(&self) -> Analysis {
        Analysis {
            db: self.db.clone(),
            workspace: self.workspace,
            outlines: self.outlines.clone(),
            closed: OnceCell::new(),
        }
    }
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis")
            .field("files", &self.workspace.entries(&self.db).len())
            .finish_non_exhaustive()
    }
}

/// A file in a snapshot, for the features.
#[derive(Clone, Copy)]
pub(crate) struct Ctx<'db> {
    pub(crate) analysis: &'db Analysis,
    pub(crate) db: &'db dyn salsa::Database,
    pub(crate) workspace: Workspace,
    pub(crate) id: FileId,
    pub(crate) file: SourceFile,
}

impl<'db> Ctx<'db> {
    pub(crate) fn document(self) -> &'db Document {
        self.file.document(self.db)
    }

    pub(crate) fn layout(self) -> &'db Layout {
        self.file.layout(self.db)
    }

    /// Another file; `None` when it is gone.
    pub(crate) fn other(self, id: FileId) -> Option<Ctx<'db>> {
        self.analysis.ctx(id)
    }

    /// All files, with what is known of each.
    pub(crate) fn entries(self) -> Arc<Entries> {
        self.analysis.workspace.entries(&self.analysis.db)
    }

    /// The imports of any file.
    pub(crate) fn imports_of(self, id: FileId) -> Vec<Import> {
        imports_of(&self.analysis.db, id, self.analysis.workspace)
    }
}

impl Analysis {
    /// A file with all that can be known of it: read again where only an outline was kept.
    fn ctx(&self, id: FileId) -> Option<Ctx<'_>> {
        let entries = self.workspace.entries(&self.db);
        let entry = entries.get(&id)?;
        let (db, workspace, file): (&dyn salsa::Database, _, _) = match &entry.state {
            FileState::Live(file) => (&self.db, self.workspace, *file),
            FileState::Outline(_, text) => {
                // Reading takes its time, and the database beside this one knows nothing of changes.
                self.db.unwind_if_revision_cancelled();
                let beside = || Closed::beside(&self.db, self.workspace, self.outlines());
                let closed = self.closed.get_or_init(beside);
                (&closed.db, closed.workspace, closed.file(id, entry, text)?)
            }
        };
        Some(Ctx {
            analysis: self,
            db,
            workspace,
            id,
            file,
        })
    }

    fn outlines(&self) -> Arc<Entries> {
        let all = || outlines(&self.db, self.workspace);
        Arc::clone(self.outlines.get_or_init(all))
    }

    /// A snapshot of the same state. What is worked out with it about files of which only an outline is kept goes when it
    /// goes: one for each file, to look at all of them.
    pub fn apart(&self) -> Cancellable<Analysis> {
        self.answer(|_, _| {
            self.outlines();
            self.clone()
        })
    }

    /// Runs an answer, turning a cancellation into an error.
    pub(crate) fn answer<T>(
        &self,
        run: impl FnOnce(&dyn salsa::Database, Workspace) -> T,
    ) -> Cancellable<T> {
        let run = AssertUnwindSafe(|| run(&self.db, self.workspace));
        salsa::Cancelled::catch(run).map_err(|_| Cancelled)
    }

    /// Runs an answer about one file; an unknown file answers with the default.
    pub(crate) fn about<T: Default>(
        &self,
        id: FileId,
        run: impl FnOnce(Ctx<'_>) -> T,
    ) -> Cancellable<T> {
        self.answer(|_, _| self.ctx(id).map(run).unwrap_or_default())
    }

    /// All files, in the order in which they came.
    pub fn files(&self) -> Cancellable<Vec<(FileId, PathBuf)>> {
        self.answer(|db, workspace| {
            let entries = workspace.entries(db);
            let mut files: Vec<(FileId, PathBuf)> = entries
                .iter()
                .map(|(&id, entry)| (id, entry.path.to_path_buf()))
                .collect();
            files.sort_by_key(|&(id, _)| id);
            files
        })
    }

    /// Where a file is.
    pub fn path(&self, id: FileId) -> Cancellable<Option<PathBuf>> {
        self.answer(|db, workspace| {
            let entries = workspace.entries(db);
            entries.get(&id).map(|entry| entry.path.to_path_buf())
        })
    }

    /// The file with this path.
    pub fn file_id(&self, path: &Path) -> Cancellable<Option<FileId>> {
        self.answer(|db, workspace| workspace.paths(db).get(path).copied())
    }

    /// The text that positions of this snapshot refer to, with its tree.
    pub fn document(&self, id: FileId) -> Cancellable<Option<Document>> {
        self.about(id, |ctx| Some(ctx.document().clone()))
    }

    /// The text that positions of this snapshot refer to; cheaper than [`Analysis::document`] for a file that nobody has
    /// asked about.
    pub fn text(&self, id: FileId) -> Cancellable<Option<Rope>> {
        let on_disk = self.answer(|db, workspace| {
            let entries = workspace.entries(db);
            let entry = entries.get(&id)?;
            let loaded = self.closed.get().is_some_and(|closed| closed.holds(id));
            let disk = matches!(entry.state, FileState::Outline(_, Text::Disk));
            (disk && !loaded).then(|| Arc::clone(&entry.path))
        })?;
        match on_disk {
            Some(path) => Ok(project::read_script(&path).map(|text| Rope::from_str(&text))),
            None => self.about(id, |ctx| Some(ctx.document().rope().clone())),
        }
    }

    /// The hash of the text of a file of which only an outline is kept: what its diagnostics hang on besides the settings.
    /// `None` for a file that has answers at hand, and for one that imports others: their diagnostics hang on more.
    pub fn stamp(&self, id: FileId) -> Cancellable<Option<u64>> {
        self.answer(|db, workspace| {
            let entries = workspace.entries(db);
            match &entries.get(&id)?.state {
                FileState::Outline(index, _) if index.imports().is_empty() => Some(index.hash()),
                FileState::Outline(..) | FileState::Live(_) => None,
            }
        })
    }
}
