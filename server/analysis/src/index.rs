//! What the workspace needs to know of a script that nobody looks at: the names that it defines and what it imports.
//!
//! It is made in one pass over the text, of which nothing is kept: a script of a hundred lines leaves about one KiB. The
//! pass comes in two halves, for a workspace of many scripts: the blocks first ([`FileIndex::begin`]), which is all that
//! other scripts can refer to, then what the cells define ([`FileIndex::complete`]), which costs most of the time.

use std::hash::Hasher;

use metascript_syntax::{Document, Language};
use smol_str::SmolStr;

use crate::db::{SourceFile, groups, pieces};
use crate::ir::Span;
use crate::names::{
    DefKind, Names, cell_definitions, definitions, definitions_beside_cells, piece_names,
};
use crate::{SymbolKind, lower};

/// The outline of a script: see the module's documentation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileIndex {
    /// The hash of the text.
    hash: u64,
    /// All names, one behind the other.
    names: Box<str>,
    symbols: Box<[Named]>,
    imports: Box<[(SmolStr, Span)]>,
    /// Cells whose names are not known yet.
    pending: Box<[(Language, Span)]>,
}

/// A name with its place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    /// Where it begins in the names; it ends where the next one begins.
    begins: u32,
    span: Span,
    kind: SymbolKind,
}

impl FileIndex {
    /// The outline of a text. Its tree and what follows from it are dropped at once.
    pub fn of(text: &str) -> FileIndex {
        FileIndex::hashed(&Document::parse(text), hash(text))
    }

    /// The outline of a text without the names inside its cells.
    pub fn begin(text: &str) -> FileIndex {
        let mut builder = Builder::default();
        lower::each(&Document::parse(text), |start, chunk| {
            let (names, cells) = definitions_beside_cells(chunk);
            builder.take(start, &names);
            let by = shift(start);
            let cells = cells.into_iter();
            builder
                .pending
                .extend(cells.map(|(language, code)| (language, code.shifted(by))));
        });
        builder.finish(hash(text))
    }

    /// The outline with the names inside the cells; `text` is what the file holds now.
    #[must_use]
    pub fn complete(&self, text: &str) -> FileIndex {
        if hash(text) != self.hash {
            return FileIndex::of(text);
        }
        let mut builder = Builder {
            symbols: self
                .symbols()
                .map(|(name, kind, span)| (SmolStr::new(name), kind, span))
                .collect(),
            imports: self.imports.to_vec(),
            pending: Vec::new(),
        };
        for (language, code) in &self.pending {
            let names = cell_definitions(language, text.get(code.range()).unwrap_or_default());
            for (name, span) in names {
                builder
                    .symbols
                    .push((name, SymbolKind::Cell, span.shifted(code.start)));
            }
        }
        builder.finish(self.hash)
    }

    /// Whether the names inside the cells are known.
    pub fn is_complete(&self) -> bool {
        self.pending.is_empty()
    }

    /// The outline of a document.
    pub fn of_document(document: &Document) -> FileIndex {
        FileIndex::hashed(document, hash_of(document))
    }

    fn hashed(document: &Document, hash: u64) -> FileIndex {
        let mut builder = Builder::default();
        lower::each(document, |start, chunk| {
            builder.take(start, &definitions(chunk));
        });
        builder.finish(hash)
    }

    /// The outline of a file whose names may be known already.
    pub(crate) fn of_live(db: &dyn salsa::Database, file: SourceFile) -> FileIndex {
        let mut builder = Builder::default();
        for (start, group) in groups(db, file) {
            for (offset, piece) in pieces(db, *group) {
                builder.take(start + *offset as usize, piece_names(db, *piece));
            }
        }
        builder.finish(hash_of(file.document(db)))
    }

    /// What says where a script leads, and nothing else.
    pub(crate) fn of_imports(imports: impl IntoIterator<Item = (SmolStr, Span)>) -> FileIndex {
        FileIndex {
            imports: imports.into_iter().collect(),
            ..FileIndex::default()
        }
    }

    /// The hash of the text.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// The names that the workspace is searched for.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = (&str, SymbolKind, Span)> {
        let ends = self.symbols.iter().skip(1).map(|next| next.begins as usize);
        let ends = ends.chain([self.names.len()]);
        self.symbols.iter().zip(ends).map(|(named, end)| {
            let name = self.names.get(named.begins as usize..end);
            (name.unwrap_or_default(), named.kind, named.span)
        })
    }

    /// Paths as the script writes them, with their places.
    pub(crate) fn imports(&self) -> &[(SmolStr, Span)] {
        &self.imports
    }
}

/// The kind under which a search of the workspace shows a definition; `None` where it does not.
pub(crate) fn symbol_kind(kind: DefKind) -> Option<SymbolKind> {
    Some(match kind {
        DefKind::Variable => SymbolKind::Variable,
        DefKind::Config | DefKind::Input => SymbolKind::Property,
        DefKind::Function => SymbolKind::Function,
        DefKind::Agent => SymbolKind::Agent,
        DefKind::Task => SymbolKind::Task,
        DefKind::Node => SymbolKind::Node,
        DefKind::Cell => SymbolKind::Cell,
        DefKind::Block => SymbolKind::Block,
        DefKind::Loop | DefKind::Parameter | DefKind::Result | DefKind::Assigned => return None,
    })
}

fn hash(text: &str) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The text in one piece: where a rope is cut says nothing about it.
fn hash_of(document: &Document) -> u64 {
    hash(&document.slice(0..document.rope().len_bytes()))
}

/// Spans cut what lies beyond 4 GiB; files are far smaller.
fn shift(start: usize) -> u32 {
    u32::try_from(start).unwrap_or(u32::MAX)
}

#[derive(Default)]
struct Builder {
    symbols: Vec<(SmolStr, SymbolKind, Span)>,
    imports: Vec<(SmolStr, Span)>,
    pending: Vec<(Language, Span)>,
}

impl Builder {
    /// Takes in the names of a chunk that starts at `start`.
    fn take(&mut self, start: usize, names: &Names) {
        let by = shift(start);
        let shown = names.defs.iter().filter_map(|def| {
            Some((
                def.name.clone(),
                symbol_kind(def.kind)?,
                def.span.shifted(by),
            ))
        });
        self.symbols.extend(shown);
        let imports = names.imports.iter();
        self.imports
            .extend(imports.map(|(path, span)| (path.clone(), span.shifted(by))));
    }

    fn finish(mut self, hash: u64) -> FileIndex {
        self.symbols.sort_by_key(|(_, _, span)| span.start);
        let mut names = String::new();
        let symbols = self
            .symbols
            .into_iter()
            .map(|(name, kind, span)| {
                let begins = shift(names.len());
                names.push_str(&name);
                Named { begins, span, kind }
            })
            .collect();
        FileIndex {
            hash,
            names: names.into(),
            symbols,
            imports: self.imports.into(),
            pending: self.pending.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    const SCRIPT: &str = "DESCRIBE { name: \"é\" }\nVARIABLE city { value: 1 }\nIMPORT { path: \"lib.tars\" }\nPYTHON {\n    def f(a):\n        inner = a\n    total = f(1)\n}\nFUNCTION g {\n    parameters: [\"p\"]\n}\n";

    #[test]
    fn an_outline_has_names_with_their_places_and_imports() {
        let index = FileIndex::of(SCRIPT);
        let named: Vec<_> = index
            .symbols()
            .map(|(name, kind, span)| {
                assert_eq!(&SCRIPT[span.range()], name);
                (name, kind)
            })
            .collect();
        assert_eq!(
            named,
            [
                ("city", SymbolKind::Variable),
                ("f", SymbolKind::Cell),
                ("total", SymbolKind::Cell),
                ("g", SymbolKind::Function),
            ]
        );
        let imports: Vec<_> = index
            .imports()
            .iter()
            .map(|(path, span)| (path.as_str(), &SCRIPT[span.range()]))
            .collect();
        assert_eq!(imports, [("lib.tars", "lib.tars")]);
    }

    #[test]
    fn the_halves_are_the_whole() {
        let begun = FileIndex::begin(SCRIPT);
        assert!(!begun.is_complete());
        let names: Vec<_> = begun.symbols().map(|(name, ..)| name).collect();
        assert_eq!(names, ["city", "g"]);
        assert_eq!(begun.imports(), FileIndex::of(SCRIPT).imports());
        assert_eq!(begun.complete(SCRIPT), FileIndex::of(SCRIPT));
        // The file changed in between.
        let other = SCRIPT.replace("total", "sum");
        assert_eq!(begun.complete(&other), FileIndex::of(&other));
    }

    #[test]
    fn the_hash_is_the_text_s_however_it_came_to_be() {
        let text = "VARIABLE a { value: 1 }\n".repeat(500);
        let long = Document::parse(&text);
        let edited = long.edited(&[
            metascript_syntax::TextEdit {
                range: 3000..3000,
                text: "x".to_owned(),
            },
            metascript_syntax::TextEdit {
                range: 3000..3001,
                text: String::new(),
            },
        ]);
        assert_eq!(hash_of(&long), hash(&text));
        assert_eq!(hash_of(&long), hash_of(&edited));
        assert_ne!(hash_of(&long), hash(&text[1..]));
    }
}
