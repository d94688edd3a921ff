//! The façade: one host that changes, snapshots that answer.

mod snapshot;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metascript_syntax::Document;
use salsa::{Database as _, Setter};

pub(crate) use self::snapshot::Ctx;
pub use self::snapshot::{Analysis, Cancellable, Cancelled};
use crate::db::{Database, SourceFile, Workspace};
use crate::files::{Entries, Entry, FileState, Paths, Text};
use crate::index::FileIndex;
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

/// Owns all files and is the only one to change them. See the crate's documentation.
pub struct AnalysisHost {
    db: Database,
    workspace: Workspace,
    next: u32,
    /// Inputs live as long as the database: those that are free are used again.
    free: Vec<SourceFile>,
    /// Bytes of text that is gone, but about which the database still has answers.
    spent: usize,
}

/// So many bytes may be spent before the database is made anew...
const MIN_SPENT: usize = 256 * 1024;
/// ...if that is so many times the text that is live: answers about that are worked out again.
const SPENT_PER_LIVE: usize = 2;

impl Default for AnalysisHost {
    fn default() -> Self {
        AnalysisHost::new()
    }
}

impl fmt::Debug for AnalysisHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnalysisHost")
            .field("files", &self.workspace.entries(&self.db).len())
            .finish_non_exhaustive()
    }
}

impl AnalysisHost {
    /// A host without files, with default settings.
    pub fn new() -> AnalysisHost {
        let db = Database::default();
        let workspace = Workspace::new(&db, Arc::default(), Arc::default(), Arc::default());
        AnalysisHost {
            db,
            workspace,
            next: 0,
            free: Vec::new(),
            spent: 0,
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
        let mut listing = self.listing();
        let id = self.put(&mut listing, path, document);
        self.publish(listing);
        id
    }

    /// Adds many files at once; cheaper than one by one.
    pub fn set_files(
        &mut self,
        files: impl IntoIterator<Item = (PathBuf, Document)>,
    ) -> Vec<FileId> {
        let mut listing = self.listing();
        let ids = files
            .into_iter()
            .map(|(path, document)| self.put(&mut listing, &path, document))
            .collect();
        self.publish(listing);
        ids
    }

    /// Adds scripts on disk that nobody has open, by their outlines; newer outlines replace older ones. A file whose text
    /// was given keeps it.
    pub fn index_files(&mut self, files: impl IntoIterator<Item = (PathBuf, FileIndex)>) {
        let mut listing = self.listing();
        for (path, index) in files {
            let id = self.id(&mut listing, &path);
            let known = match listing.state(id) {
                Some(FileState::Outline(known, Text::Disk)) => **known == index,
                Some(FileState::Outline(_, Text::Held(_)) | FileState::Live(_)) => true,
                None => false,
            };
            if !known {
                let state = FileState::Outline(Arc::new(index), Text::Disk);
                listing.insert(id, &path, state);
            }
        }
        self.publish(listing);
    }

    /// Replaces the text of a file with its next version. The more of its tree the document shares with the version
    /// before ([`Document::edited`]), the less is done.
    pub fn set_document(&mut self, id: FileId, document: Document) {
        let mut listing = self.listing();
        if let Some(path) = listing.path(id) {
            self.put(&mut listing, &path, document);
            self.publish(listing);
        }
    }

    /// Keeps of a file its text and its outline: what else is known of it is worked out again when somebody asks.
    pub fn rest(&mut self, id: FileId) {
        let mut listing = self.listing();
        let (Some(path), Some(file)) = (listing.path(id), listing.live(id)) else {
            return;
        };
        let document = file.document(&self.db).clone();
        let index = FileIndex::of_live(&self.db, file);
        let state = FileState::Outline(Arc::new(index), Text::Held(document));
        listing.insert(id, &path, state);
        self.recycle(file);
        self.publish(listing);
    }

    /// As [`AnalysisHost::set_document`], for a file that nobody asks about: it rests.
    pub fn set_resting(&mut self, path: &Path, document: Document) -> FileId {
        let mut listing = self.listing();
        let id = self.id(&mut listing, path);
        let file = listing.live(id);
        let index = Arc::new(FileIndex::of_document(&document));
        listing.insert(id, path, FileState::Outline(index, Text::Held(document)));
        file.into_iter().for_each(|file| self.recycle(file));
        self.publish(listing);
        id
    }

    /// What counts for a file is what the disk holds again.
    pub fn close_file(&mut self, id: FileId, index: FileIndex) {
        let mut listing = self.listing();
        let Some(path) = listing.path(id) else { return };
        let file = listing.live(id);
        let state = FileState::Outline(Arc::new(index), Text::Disk);
        listing.insert(id, &path, state);
        file.into_iter().for_each(|file| self.recycle(file));
        self.publish(listing);
    }

    /// Forgets a file.
    pub fn remove_file(&mut self, id: FileId) {
        self.remove_files([id]);
    }

    /// Forgets many files at once; cheaper than one by one.
    pub fn remove_files(&mut self, ids: impl IntoIterator<Item = FileId>) {
        let mut listing = self.listing();
        let mut gone = Vec::new();
        for id in ids {
            gone.extend(listing.live(id));
            listing.remove(id);
        }
        gone.into_iter().for_each(|file| self.recycle(file));
        self.publish(listing);
    }

    /// The file with this path.
    pub fn file_id(&self, path: &Path) -> Option<FileId> {
        self.workspace.paths(&self.db).get(path).copied()
    }

    /// The state of all files now. See the crate's documentation on how long to keep it.
    pub fn snapshot(&self) -> Analysis {
        Analysis::new(self.db.clone(), self.workspace)
    }

    fn listing(&self) -> Listing {
        Listing {
            paths: self.workspace.paths(&self.db),
            entries: self.workspace.entries(&self.db),
        }
    }

    /// Makes a changed listing the one that holds. Files of the old one are not to be touched afterwards.
    fn publish(&mut self, listing: Listing) {
        let Listing { paths, entries } = listing;
        if !Arc::ptr_eq(&paths, &self.workspace.paths(&self.db)) {
            self.workspace.set_paths(&mut self.db).to(paths);
        }
        if !Arc::ptr_eq(&entries, &self.workspace.entries(&self.db)) {
            self.workspace.set_entries(&mut self.db).to(entries);
        }
        if self.spent > MIN_SPENT && self.spent > SPENT_PER_LIVE * self.live_bytes() {
            self.renew();
        }
    }

    fn live_bytes(&self) -> usize {
        let entries = self.workspace.entries(&self.db);
        let live = entries.values().filter_map(|entry| entry.state.live());
        live.map(|file| file.document(&self.db).rope().len_bytes())
            .sum()
    }

    /// Moves what is live into a new database. An interned value is never dropped as long as its database lives, so
    /// every chunk of every version would stay for ever.
    fn renew(&mut self) {
        // Whoever still asks the old one would answer about a state that is past.
        self.db.trigger_cancellation();
        let db = Database::default();
        let mut entries = (*self.workspace.entries(&self.db)).clone();
        for entry in entries.values_mut() {
            if let FileState::Live(file) = &mut entry.state {
                *file = SourceFile::new(
                    &db,
                    file.id(&self.db),
                    file.path(&self.db),
                    file.document(&self.db).clone(),
                    Arc::clone(file.layout(&self.db)),
                );
            }
        }
        let settings = self.workspace.settings(&self.db);
        let paths = self.workspace.paths(&self.db);
        self.workspace = Workspace::new(&db, settings, paths, Arc::new(entries));
        self.db = db;
        self.free.clear();
        self.spent = 0;
    }

    /// The id of a path, a new one if need be.
    fn id(&mut self, listing: &mut Listing, path: &Path) -> FileId {
        if let Some(id) = listing.paths.get(path) {
            return *id;
        }
        let id = FileId(self.next);
        self.next += 1;
        id
    }

    /// Gives a file this text.
    fn put(&mut self, listing: &mut Listing, path: &Path, document: Document) -> FileId {
        let id = self.id(listing, path);
        if let Some(file) = listing.live(id) {
            let previous = (&**file.layout(&self.db), file.document(&self.db));
            let layout = Arc::new(Layout::of(&document, Some(previous)));
            self.spent += layout.new;
            file.set_document(&mut self.db).to(document);
            file.set_layout(&mut self.db).to(layout);
            return id;
        }
        let layout = Arc::new(Layout::of(&document, None));
        let shared: Arc<Path> = Arc::from(path);
        let file = match self.free.pop() {
            Some(file) => {
                file.set_id(&mut self.db).to(id);
                file.set_path(&mut self.db).to(shared);
                file.set_document(&mut self.db).to(document);
                file.set_layout(&mut self.db).to(layout);
                file
            }
            None => SourceFile::new(&self.db, id, shared, document, layout),
        };
        listing.insert(id, path, FileState::Live(file));
        id
    }

    /// Takes what a file held out of memory; the input will hold another one.
    fn recycle(&mut self, file: SourceFile) {
        self.spent += file.document(&self.db).rope().len_bytes();
        file.set_layout(&mut self.db).to(Arc::default());
        file.set_document(&mut self.db).to(Document::parse(""));
        self.free.push(file);
    }
}

/// The files as they are about to be. Nothing is copied until something changes.
struct Listing {
    paths: Arc<Paths>,
    entries: Arc<Entries>,
}

impl Listing {
    fn path(&self, id: FileId) -> Option<Arc<Path>> {
        self.entries.get(&id).map(|entry| Arc::clone(&entry.path))
    }

    fn state(&self, id: FileId) -> Option<&FileState> {
        self.entries.get(&id).map(|entry| &entry.state)
    }

    fn live(&self, id: FileId) -> Option<SourceFile> {
        self.state(id)?.live()
    }

    fn insert(&mut self, id: FileId, path: &Path, state: FileState) {
        let entries = Arc::make_mut(&mut self.entries);
        if let Some(entry) = entries.get_mut(&id) {
            entry.state = state;
            return;
        }
        let path: Arc<Path> = Arc::from(path);
        Arc::make_mut(&mut self.paths).insert(Arc::clone(&path), id);
        entries.insert(id, Entry { path, state });
    }

    fn remove(&mut self, id: FileId) {
        if !self.entries.contains_key(&id) {
            return;
        }
        if let Some(entry) = Arc::make_mut(&mut self.entries).remove(&id) {
            Arc::make_mut(&mut self.paths).remove(&entry.path);
        }
    }
}
