//! Symbols of the whole workspace.

use std::ops::Range;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::db::{Group, groups, pieces};
use crate::host::Analysis;
use crate::ir::Span;
use crate::names::{DefKind, piece_names};
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
    /// Names that match a query, best first; all names for an empty one.
    pub fn workspace_symbols(
        &self,
        query: &str,
        limit: usize,
    ) -> Cancellable<Vec<WorkspaceSymbol>> {
        self.answer(|db, workspace| {
            let mut matcher = Matcher::new(Config::DEFAULT);
            let pattern = Pattern::new(
                query,
                CaseMatching::Smart,
                Normalization::Smart,
                AtomKind::Fuzzy,
            );
            let mut buffer = Vec::new();
            let mut found: Vec<(std::cmp::Reverse<u32>, WorkspaceSymbol)> = Vec::new();
            for file in workspace.files(db).values() {
                for (start, group) in groups(db, *file) {
                    for (name, kind, span) in group_symbols(db, *group) {
                        let Some(score) =
                            pattern.score(Utf32Str::new(name, &mut buffer), &mut matcher)
                        else {
                            continue;
                        };
                        let symbol = WorkspaceSymbol {
                            name: name.clone(),
                            kind: *kind,
                            file: file.id(db),
                            range: span.at(*start),
                        };
                        found.push((std::cmp::Reverse(score), symbol));
                    }
                }
            }
            found.sort_by(|(a, left), (b, right)| {
                (a, left.name.len(), left.file, left.range.start).cmp(&(
                    b,
                    right.name.len(),
                    right.file,
                    right.range.start,
                ))
            });
            found
                .into_iter()
                .map(|(_, symbol)| symbol)
                .take(limit)
                .collect()
        })
    }
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
            let kind = match def.kind {
                DefKind::Variable => SymbolKind::Variable,
                DefKind::Config | DefKind::Input => SymbolKind::Property,
                DefKind::Function => SymbolKind::Function,
                DefKind::Agent => SymbolKind::Agent,
                DefKind::Task => SymbolKind::Task,
                DefKind::Node => SymbolKind::Node,
                DefKind::Cell => SymbolKind::Cell,
                DefKind::Block => SymbolKind::Block,
                DefKind::Loop | DefKind::Parameter | DefKind::Result | DefKind::Assigned => {
                    continue;
                }
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
