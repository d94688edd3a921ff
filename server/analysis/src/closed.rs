//! Files of which only an outline is kept, worked out in full for one snapshot and forgotten with it.
//!
//! They live in a database of their own, which goes when the snapshot goes: a search through a large workspace leaves
//! nothing behind.

use std::cell::RefCell;
use std::sync::Arc;

use metascript_syntax::Document;
use rustc_hash::FxHashMap;

use crate::db::{Database, SourceFile, Workspace};
use crate::files::{Entries, Entry, FileState, Text};
use crate::imports::imports;
use crate::index::FileIndex;
use crate::ir::Span;
use crate::layout::Layout;
use crate::{FileId, project};

/// See the module's documentation.
pub(crate) struct Closed {
    pub(crate) db: Database,
    pub(crate) workspace: Workspace,
    loaded: RefCell<FxHashMap<FileId, SourceFile>>,
}

impl Closed {
    /// A database beside another one, which knows the same files by their [`outlines`].
    pub(crate) fn beside(
        main: &dyn salsa::Database,
        workspace: Workspace,
        entries: Arc<Entries>,
    ) -> Closed {
        let db = Database::default();
        let workspace = Workspace::new(
            &db,
            workspace.settings(main),
            workspace.paths(main),
            entries,
        );
        Closed {
            db,
            workspace,
            loaded: RefCell::default(),
        }
    }

    /// Whether a file has been looked into.
    pub(crate) fn holds(&self, id: FileId) -> bool {
        self.loaded.borrow().contains_key(&id)
    }

    /// The file in this database; `None` when it is gone from the disk.
    pub(crate) fn file(&self, id: FileId, entry: &Entry, text: &Text) -> Option<SourceFile> {
        if let Some(file) = self.loaded.borrow().get(&id) {
            return Some(*file);
        }
        let document = match text {
            Text::Held(document) => document.clone(),
            Text::Disk => Document::parse(&project::read_script(&entry.path)?),
        };
        let layout = Arc::new(Layout::of(&document, None));
        let file = SourceFile::new(&self.db, id, Arc::clone(&entry.path), document, layout);
        self.loaded.borrow_mut().insert(id, file);
        Some(file)
    }
}

/// All files as outlines: a file of one database means nothing in another.
pub(crate) fn outlines(main: &dyn salsa::Database, workspace: Workspace) -> Arc<Entries> {
    let entries = workspace.entries(main);
    if entries.values().all(|entry| entry.state.live().is_none()) {
        return entries;
    }
    let outline = |entry: &Entry| match &entry.state {
        FileState::Live(file) => {
            let imports = imports(main, *file, workspace).iter();
            let index = FileIndex::of_imports(imports.map(|import| {
                let span = Span::new(import.range.start, import.range.end);
                (import.path.clone(), span)
            }));
            Entry {
                path: Arc::clone(&entry.path),
                state: FileState::Outline(Arc::new(index), Text::Held(file.document(main).clone())),
            }
        }
        FileState::Outline(..) => entry.clone(),
    };
    let all = entries.iter().map(|(id, entry)| (*id, outline(entry)));
    Arc::new(all.collect())
}
