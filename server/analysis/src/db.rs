//! The salsa database: inputs, and the queries that cut a file into pieces that keep their answers.
//!
//! An edit replaces the layout of its file. The layout is grouped by content: a group ends after a chunk whose hash says
//! so, which makes the borders independent of what stands before. Groups and chunks are interned by content, so an edit
//! inside one cell makes one new chunk and one new group, and every query of the others is still answered from memory.

use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use metascript_syntax::Document;

use crate::facts::Known;
use crate::files::{Entries, Paths};
use crate::ir::Chunk;
use crate::layout::Layout;
use crate::settings::Settings;

/// A file of the workspace that questions are asked about.
#[salsa::input(debug)]
pub(crate) struct SourceFile {
    /// The number that the outside knows it by.
    #[returns(copy)]
    pub(crate) id: crate::FileId,
    #[returns(clone)]
    pub(crate) path: Arc<Path>,
    #[returns(ref)]
    pub(crate) document: Document,
    #[returns(ref)]
    pub(crate) layout: Arc<Layout>,
}

/// What holds for all files.
#[salsa::input(singleton, debug)]
pub(crate) struct Workspace {
    #[returns(clone)]
    pub(crate) settings: Arc<Settings>,
    /// All files by path, for imports.
    #[returns(clone)]
    pub(crate) paths: Arc<Paths>,
    /// All files, with what is known of each.
    #[returns(clone)]
    pub(crate) entries: Arc<Entries>,
}

/// One top-level item, the same wherever it stands.
#[salsa::interned(debug)]
pub(crate) struct Piece<'db> {
    #[returns(ref)]
    pub(crate) chunk: Arc<Chunk>,
}

/// Some chunks in a row with the distance of each from the first.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) parts: Arc<[(u32, Arc<Chunk>)]>,
    hash: u64,
    pub(crate) known: Known,
}

impl Run {
    pub(crate) fn new(parts: Arc<[(u32, Arc<Chunk>)]>) -> Run {
        let mut hasher = rustc_hash::FxHasher::default();
        for (offset, chunk) in parts.iter() {
            hasher.write_u32(*offset);
            hasher.write_u64(chunk.digest());
        }
        Run {
            hash: hasher.finish(),
            parts,
            known: Known::default(),
        }
    }

    /// Whether both are one and the same, which is quicker to tell than whether they are equal.
    pub(crate) fn is(&self, other: &Run) -> bool {
        Arc::ptr_eq(&self.parts, &other.parts)
    }
}

impl PartialEq for Run {
    fn eq(&self, other: &Run) -> bool {
        self.is(other) || (self.hash == other.hash && self.parts == other.parts)
    }
}

impl Eq for Run {}

impl Hash for Run {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// A run, interned by content.
#[salsa::interned(debug)]
pub(crate) struct Group<'db> {
    #[returns(ref)]
    pub(crate) run: Run,
}

/// The code of a cell, the same wherever it stands.
#[salsa::interned(debug)]
pub(crate) struct CellSource<'db> {
    #[returns(ref)]
    pub(crate) language: metascript_syntax::Language,
    #[returns(ref)]
    pub(crate) code: Box<str>,
}

/// The groups of a file, each with its place.
#[salsa::tracked(returns(ref))]
pub(crate) fn groups(db: &dyn salsa::Database, file: SourceFile) -> Vec<(usize, Group<'_>)> {
    file.layout(db)
        .runs
        .iter()
        .map(|(start, run)| (*start, Group::new(db, run.clone())))
        .collect()
}

/// The pieces of a group, each with its distance from the group's start.
#[salsa::tracked(returns(ref))]
pub(crate) fn pieces<'db>(
    db: &'db dyn salsa::Database,
    group: Group<'db>,
) -> Vec<(u32, Piece<'db>)> {
    group
        .run(db)
        .parts
        .iter()
        .map(|(offset, chunk)| (*offset, Piece::new(db, Arc::clone(chunk))))
        .collect()
}

/// The database itself.
#[salsa::db]
#[derive(Clone, Default)]
pub(crate) struct Database {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Database {}
