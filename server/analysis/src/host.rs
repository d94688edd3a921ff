//! The façade: one host that changes, snapshots that answer.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metascript_syntax::Document;
use rustc_hash::FxHashMap;
use salsa::Setter;

use crate::db::{Database, SourceFile, Workspace};
use crate::layout::Layout;
use crate::settings::Settings;

/// A file that the host knows. Ids are never used again for another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub(crate) u32);

impl FileId {
    /// The number itself, for logs and maps.
    pub fn index(self) -> u32 {
        self.0
    }

    /// The file with a number that [`FileId::index`] gave out. Asking about a number that never was is asking about an
    /// unknown file.
    pub fn from_index(index: u32) -> FileId {
        FileId(index)
    }
}

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

/// Owns all files and is the only one to change them. See the crate's documentation.
pub struct AnalysisHost {
    db: Database,
    workspace: Workspace,
    files: Arc<FxHashMap<FileId, SourceFile>>,
    next: u32,
}

impl Default for AnalysisHost {
    fn default() -> Self {
        AnalysisHost::new()
    }
}

impl fmt::Debug for AnalysisHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnalysisHost")
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

impl AnalysisHost {
    /// A host without files, with default settings.
    pub fn new() -> AnalysisHost {
        let db = Database::default();
        let workspace = Workspace::new(&db, Arc::default(), Arc::default());
        AnalysisHost {
            db,
            workspace,
            files: Arc::default(),
            next: 0,
        }
    }

    /// Replaces the project's settings.
    pub fn set_settings(&mut self, settings: Settings) {
        if *self.workspace.settings(&self.db) != settings {
            self.workspace
                .set_settings(&mut self.db)
                .to(Arc::new(settings));
        }
    }

    /// Adds a file, or replaces the text of the file with this path.
    pub fn set_file(&mut self, path: &Path, document: Document) -> FileId {
        if let Some(id) = self.file_id(path) {
            self.set_document(id, document);
            return id;
        }
        let id = FileId(self.next);
        self.next += 1;
        let layout = Arc::new(Layout::of(&document, None));
        let path: Arc<Path> = Arc::from(path);
        let file = SourceFile::new(&self.db, id, Arc::clone(&path), document, layout);
        Arc::make_mut(&mut self.files).insert(id, file);
        let mut files = (*self.workspace.files(&self.db)).clone();
        files.insert(path, file);
        self.workspace.set_files(&mut self.db).to(Arc::new(files));
        id
    }

    /// Adds many files at once; cheaper than one by one.
    pub fn set_files(
        &mut self,
        files: impl IntoIterator<Item = (PathBuf, Document)>,
    ) -> Vec<FileId> {
        let mut known = (*self.workspace.files(&self.db)).clone();
        let mut ids = Vec::new();
        for (path, document) in files {
            if let Some(file) = known.get(path.as_path()).copied() {
                let id = file.id(&self.db);
                self.set_document(id, document);
                ids.push(id);
                continue;
            }
            let id = FileId(self.next);
            self.next += 1;
            let layout = Arc::new(Layout::of(&document, None));
            let path: Arc<Path> = Arc::from(path.as_path());
            let file = SourceFile::new(&self.db, id, Arc::clone(&path), document, layout);
            Arc::make_mut(&mut self.files).insert(id, file);
            known.insert(path, file);
            ids.push(id);
        }
        self.workspace.set_files(&mut self.db).to(Arc::new(known));
        ids
    }

    /// Replaces the text of a file with its next version. The more of its tree the document shares with the version
    /// before ([`Document::edited`]), the less is done.
    pub fn set_document(&mut self, id: FileId, document: Document) {
        let Some(&file) = self.files.get(&id) else {
            return;
        };
        let previous = (&**file.layout(&self.db), file.document(&self.db));
        let layout = Arc::new(Layout::of(&document, Some(previous)));
        file.set_document(&mut self.db).to(document);
        file.set_layout(&mut self.db).to(layout);
    }

    /// Forgets a file.
    pub fn remove_file(&mut self, id: FileId) {
        let Some(file) = Arc::make_mut(&mut self.files).remove(&id) else {
            return;
        };
        let path = file.path(&self.db);
        let mut files = (*self.workspace.files(&self.db)).clone();
        files.remove(&path);
        self.workspace.set_files(&mut self.db).to(Arc::new(files));
        // Inputs live as long as the database: what they hold need not.
        let empty = Document::parse("");
        file.set_layout(&mut self.db).to(Arc::default());
        file.set_document(&mut self.db).to(empty);
    }

    /// The file with this path.
    pub fn file_id(&self, path: &Path) -> Option<FileId> {
        self.workspace
            .files(&self.db)
            .get(path)
            .map(|file| file.id(&self.db))
    }

    /// The state of all files now. See the crate's documentation on how long to keep it.
    pub fn snapshot(&self) -> Analysis {
        Analysis {
            db: self.db.clone(),
            workspace: self.workspace,
            files: Arc::clone(&self.files),
        }
    }
}

/// A snapshot of all files. One per thread; clone it for another.
#[derive(Clone)]
pub struct Analysis {
    db: Database,
    workspace: Workspace,
    files: Arc<FxHashMap<FileId, SourceFile>>,
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis")
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

/// A file in a snapshot, for the features.
#[derive(Clone, Copy)]
pub(crate) struct Ctx<'db> {
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
}

impl Analysis {
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
        let Some(&file) = self.files.get(&id) else {
            return Ok(T::default());
        };
        self.answer(|db, workspace| {
            run(Ctx {
                db,
                workspace,
                id,
                file,
            })
        })
    }

    /// All files, in the order in which they came.
    pub fn files(&self) -> Cancellable<Vec<(FileId, PathBuf)>> {
        self.answer(|db, _| {
            let mut files: Vec<(FileId, PathBuf)> = self
                .files
                .iter()
                .map(|(&id, file)| (id, file.path(db).to_path_buf()))
                .collect();
            files.sort_by_key(|&(id, _)| id);
            files
        })
    }

    /// Where a file is.
    pub fn path(&self, id: FileId) -> Cancellable<Option<PathBuf>> {
        self.about(id, |ctx| Some(ctx.file.path(ctx.db).to_path_buf()))
    }

    /// The file with this path.
    pub fn file_id(&self, path: &Path) -> Cancellable<Option<FileId>> {
        self.answer(|db, workspace| workspace.files(db).get(path).map(|file| file.id(db)))
    }

    /// The text that positions of this snapshot refer to.
    pub fn document(&self, id: FileId) -> Cancellable<Option<Document>> {
        self.about(id, |ctx| Some(ctx.document().clone()))
    }
}
