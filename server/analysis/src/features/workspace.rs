//! Symbols of the whole workspace.

use std::ops::Range;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::db::{Group, groups, pieces};
use crate::files::FileState;
use crate::host::Analysis;
use crate::index::symbol_kind;
use crate::ir::Span;
use crate::names::piece_names;
use crate::{Cancellable, FileId, SymbolKind};

/// A name somewhere in the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceSymbol {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Its file.
    pub file: FileId,
    /// The name's place, in bytes.
    pub range: Range<usize>,
}

impl Analysis {
    /// Names that match a query, best first; all names for an empty one. Files that nobody has open answer from their
    /// outlines, without being read.
    pub fn workspace_symbols(
        &self,
        query: &str,
        limit: usize,
    ) -> Cancellable<Vec<WorkspaceSymbol>> {
        self.answer(|db, workspace| {
            let entries = workspace.entries(db);
            let mut search = Search::new(query, limit);
            for (id, entry) in entries.iter() {
                match &entry.state {
                    FileState::Outline(index, _) => {
                        for (name, kind, span) in index.symbols() {
                            search.meet(*id, name, kind, || span.range());
                        }
                    }
                    FileState::Live(file) => {
                        for (start, group) in groups(db, *file) {
                            for (name, kind, span) in group_symbols(db, *group) {
                                search.meet(*id, name, *kind, || span.at(*start));
                            }
                        }
                    }
                }
                search.tidy();
            }
            search.best()
        })
    }
}

/// The best of the names that were met so far.
struct Search {
    pattern: Pattern,
    matcher: Matcher,
    buffer: Vec<char>,
    limit: usize,
    found: Vec<(std::cmp::Reverse<u32>, WorkspaceSymbol)>,
    /// The score that a name must reach.
    enough: u32,
}

impl Search {
    fn new(query: &str, limit: usize) -> Search {
        Search {
            pattern: Pattern::new(
                query,
                CaseMatching::Smart,
                Normalization::Smart,
                AtomKind::Fuzzy,
            ),
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
            limit,
            found: Vec::new(),
            enough: 0,
        }
    }

    fn meet(
        &mut self,
        file: FileId,
        name: &str,
        kind: SymbolKind,
        range: impl FnOnce() -> Range<usize>,
    ) {
        let haystack = Utf32Str::new(name, &mut self.buffer);
        let Some(score) = self.pattern.score(haystack, &mut self.matcher) else {
            return;
        };
        if score < self.enough {
            return;
        }
        let symbol = WorkspaceSymbol {
            name: name.to_owned(),
            kind,
            file,
            range: range(),
        };
        self.found.push((std::cmp::Reverse(score), symbol));
    }

    /// Drops what will not be among the best, so that a search holds no more than it needs.
    fn tidy(&mut self) {
        if self.limit == 0 {
            self.found.clear();
        } else if self.found.len() > self.limit * 8 {
            self.found.select_nth_unstable_by(self.limit - 1, order);
            self.found.truncate(self.limit);
            let worst = self.found.last();
            self.enough = worst.map_or(0, |(score, _)| score.0);
        }
    }

    fn best(mut self) -> Vec<WorkspaceSymbol> {
        self.found.sort_unstable_by(order);
        let best = self.found.into_iter().map(|(_, symbol)| symbol);
        best.take(self.limit).collect()
    }
}

/// The better match first, then the shorter name, then as they stand.
fn order(
    (a, left): &(std::cmp::Reverse<u32>, WorkspaceSymbol),
    (b, right): &(std::cmp::Reverse<u32>, WorkspaceSymbol),
) -> std::cmp::Ordering {
    let key = |symbol: &WorkspaceSymbol| (symbol.name.len(), symbol.file, symbol.range.start);
    (a, key(left)).cmp(&(b, key(right)))
}

/// The names of a group, relative to its start.
#[salsa::tracked(returns(ref))]
fn group_symbols<'db>(
    db: &'db dyn salsa::Database,
    group: Group<'db>,
) -> Vec<(String, SymbolKind, Span)> {
    let mut symbols = Vec::new();
    for (offset, piece) in pieces(db, group) {
        for def in &piece_names(db, *piece).defs {
            let Some(kind) = symbol_kind(def.kind) else {
                continue;
            };
            symbols.push((
                def.name.to_string(),
                kind,
                Span {
                    start: def.span.start + offset,
                    end: def.span.end + offset,
                },
            ));
        }
    }
    symbols
}
