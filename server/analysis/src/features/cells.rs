//! The code cells of a script, what passes between them, and which of them an edit makes stale.

use std::collections::BTreeMap;

use metascript_syntax::{Cell, Language};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::db::{groups, pieces};
use crate::host::{Analysis, Ctx};
use crate::locate::locate;
use crate::names::{DefKind, Space, UseKind, piece_names};
use crate::{Cancellable, FileId};

/// A cell and its part in the script's data flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellInfo {
    /// Where it is and what language it is written in.
    pub cell: Cell,
    /// Names that it gives to the cells after it.
    pub defines: Vec<String>,
    /// Names that it takes from the script or from other cells.
    pub uses: Vec<String>,
    /// Whether it can run.
    pub runnable: Runnable,
}

/// Whether a cell can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Runnable {
    /// There is a runtime for its language.
    Yes,
    /// There is no code in it.
    Empty,
    /// No runtime speaks its language.
    NoRuntime,
}

impl Analysis {
    /// The cells of a file, in order.
    pub fn cells(&self, file: FileId) -> Cancellable<Vec<CellInfo>> {
        self.about(file, infos)
    }

    /// The language of the cell that an offset is in, or just behind. Takes no look at the other cells.
    pub fn language_at(&self, file: FileId, offset: usize) -> Cancellable<Option<Language>> {
        self.about(file, |ctx| {
            [offset, offset.saturating_sub(1)]
                .into_iter()
                .find_map(|at| {
                    let placed = ctx.layout().chunk_at(at)?;
                    let inside = u32::try_from(at - placed.start).ok()?;
                    Some(locate(&placed.chunk, inside).cell?.language.clone())
                })
        })
    }

    /// Names of values that cells of a language may read and do not bind themselves: what the script declares, and what
    /// cells of other languages give. In order, each once.
    pub fn names_from_outside(
        &self,
        file: FileId,
        language: &Language,
    ) -> Cancellable<Vec<String>> {
        self.about(file, |ctx| names_from_outside(ctx, language))
    }

    /// The cells that read, directly or through others, what a cell defines; in order, the cell itself left out. They are
    /// stale once that cell has changed or run again.
    pub fn stale_cells(&self, file: FileId, cell: usize) -> Cancellable<Vec<usize>> {
        self.about(file, |ctx| stale(&infos(ctx), cell))
    }
}

fn infos(ctx: Ctx<'_>) -> Vec<CellInfo> {
    let flow = flow(ctx);
    let document = ctx.document();
    document
        .cells()
        .into_iter()
        .map(|cell| {
            let code = document.slice(cell.code.clone());
            let runnable = if code.trim().is_empty() {
                Runnable::Empty
            } else if matches!(
                cell.language,
                Language::Python
                    | Language::JavaScript
                    | Language::TypeScript
                    | Language::FSharp
                    | Language::Rust
            ) {
                Runnable::Yes
            } else {
                Runnable::NoRuntime
            };
            let (mut defines, uses) = flow
                .range(cell.range.clone())
                .next()
                .map(|(_, flow)| flow.clone())
                .unwrap_or_default();
            if let Some((output, _)) = &cell.output_variable
                && !defines.contains(output)
            {
                defines.push(output.clone());
            }
            CellInfo {
                defines,
                uses,
                runnable,
                cell,
            }
        })
        .collect()
}

fn names_from_outside(ctx: Ctx<'_>, language: &Language) -> Vec<String> {
    let mut seen = FxHashSet::default();
    let mut found = Vec::new();
    for (_, group) in groups(ctx.db, ctx.file) {
        for (_, piece) in pieces(ctx.db, *group) {
            let defs = piece_names(ctx.db, *piece).defs.iter();
            let values = defs.filter(|def| {
                def.kind.space() == Space::Values
                    && def.kind != DefKind::Block
                    && !(def.kind == DefKind::Cell && def.language.as_ref() == Some(language))
            });
            for def in values {
                if seen.insert(&def.name) {
                    found.push(def.name.to_string());
                }
            }
        }
    }
    found
}

type Flow = (Vec<String>, Vec<String>);

/// Names defined and read by each cell, by where its code starts.
fn flow(ctx: Ctx<'_>) -> BTreeMap<usize, Flow> {
    let mut flow: BTreeMap<usize, Flow> = BTreeMap::new();
    for (start, group) in groups(ctx.db, ctx.file) {
        for (offset, piece) in pieces(ctx.db, *group) {
            let base = start + *offset as usize;
            let names = piece_names(ctx.db, *piece);
            for (code, _) in &names.cell_locals {
                let own: FxHashSet<&SmolStr> = names
                    .defs
                    .iter()
                    .filter(|def| def.kind == DefKind::Cell && code.contains(def.span))
                    .map(|def| &def.name)
                    .collect();
                let mut defines: Vec<String> = Vec::new();
                for def in names
                    .defs
                    .iter()
                    .filter(|def| def.kind == DefKind::Cell && code.contains(def.span))
                {
                    push_new(&mut defines, &def.name);
                }
                let mut uses: Vec<String> = Vec::new();
                let read = names.uses.iter().filter(|used| {
                    matches!(used.kind, UseKind::Cell | UseKind::Template)
                        && code.contains(used.span)
                });
                for used in read.filter(|used| !own.contains(&used.name)) {
                    push_new(&mut uses, &used.name);
                }
                flow.insert(base + code.start as usize, (defines, uses));
            }
        }
    }
    flow
}

fn push_new(list: &mut Vec<String>, name: &SmolStr) {
    if list.iter().all(|known| known != name.as_str()) {
        list.push(name.to_string());
    }
}

/// The cells below `start` that depend on it: a name flows from a cell to the cells after it that read it.
fn stale(cells: &[CellInfo], start: usize) -> Vec<usize> {
    let mut dirty: FxHashSet<&str> = cells
        .get(start)
        .map(|cell| cell.defines.iter().map(String::as_str).collect())
        .unwrap_or_default();
    let mut found = Vec::new();
    for (index, cell) in cells.iter().enumerate().skip(start + 1) {
        if cell.uses.iter().any(|name| dirty.contains(name.as_str())) {
            found.push(index);
            dirty.extend(cell.defines.iter().map(String::as_str));
        } else {
            // A cell that defines a name anew without reading it takes it out of the flow.
            for name in &cell.defines {
                dirty.remove(name.as_str());
            }
        }
    }
    found
}
