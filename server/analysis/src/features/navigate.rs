//! Definition, references and highlights, over all languages of a script.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::host::{Analysis, Ctx};
use crate::names::UseKind;
use crate::occurrences::{Hit, Occurrence, Role, definition_for, hit, occurrences};
use crate::{Cancellable, FileId};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Its file.
    pub file: FileId,
    /// Where, in bytes.
    pub range: Range<usize>,
}

/// A place to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its file.
    pub file: FileId,
    /// All of the definition, in bytes.
    pub range: Range<usize>,
    /// The name in it.
    pub selection: Range<usize>,
    /// The name under the cursor.
    pub origin: Range<usize>,
}

/// A place of the name under the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// It gives the name a value.
    pub write: bool,
}

impl Analysis {
    /// Where the name at an offset comes from; for a path, the file.
    pub fn definition(&self, file: FileId, offset: usize) -> Cancellable<Vec<Target>> {
        self.about(file, |ctx| {
            if let Some(target) = import_target(ctx, offset) {
                return vec![target];
            }
            let Some(hit) = hit(ctx, offset) else {
                return Vec::new();
            };
            definition_of(ctx, &hit, offset)
        })
    }

    /// All places of the name at an offset, in this file and in scripts that import it.
    pub fn references(
        &self,
        file: FileId,
        offset: usize,
        declaration: bool,
    ) -> Cancellable<Vec<Location>> {
        self.about(file, |ctx| {
            let Some(hit) = hit(ctx, offset) else {
                return Vec::new();
            };
            let mut found: Vec<Location> = Vec::new();
            for ctx in related(ctx, &hit) {
                let places = occurrences(ctx, &hit).into_iter();
                let wanted = places
                    .filter(|place| certain(&hit, place) && (declaration || !place.defines()));
                found.extend(wanted.map(|place| Location {
                    file: ctx.id,
                    range: place.range,
                }));
            }
            found
        })
    }

    /// All places of the name at an offset in this file.
    pub fn document_highlights(&self, file: FileId, offset: usize) -> Cancellable<Vec<Highlight>> {
        self.about(file, |ctx| {
            let Some(hit) = hit(ctx, offset) else {
                return Vec::new();
            };
            let places = occurrences(ctx, &hit)
                .into_iter()
                .filter(|place| certain(&hit, place));
            places
                .map(|place| Highlight {
                    write: place.defines(),
                    range: place.range,
                })
                .collect()
        })
    }
}

/// Where a name that is read at an offset comes from: this script, else those that it imports.
pub(crate) fn definition_of(ctx: Ctx<'_>, hit: &Hit, offset: usize) -> Vec<Target> {
    let places = occurrences(ctx, hit);
    let local = definition_for(&places, offset).and_then(|place| target(ctx, hit, place));
    local.map_or_else(|| imported(ctx, hit), |target| vec![target])
}

/// What only looks like the name counts if the cursor is on such a place itself.
fn certain(hit: &Hit, place: &Occurrence) -> bool {
    place.certain() || (hit.range == place.range && hit.used != Some(UseKind::Mention))
}

fn target(ctx: Ctx<'_>, hit: &Hit, place: &Occurrence) -> Option<Target> {
    let Role::Defines { full, .. } = &place.role else {
        return None;
    };
    Some(Target {
        file: ctx.id,
        range: full.clone(),
        selection: place.range.clone(),
        origin: hit.range.clone(),
    })
}

/// The file that a path under the cursor imports.
fn import_target(ctx: Ctx<'_>, offset: usize) -> Option<Target> {
    let imports = crate::imports::imports(ctx.db, ctx.file, ctx.workspace);
    let import = imports
        .iter()
        .find(|import| import.range.start <= offset && offset <= import.range.end)?;
    Some(Target {
        file: import.file?,
        range: 0..0,
        selection: 0..0,
        origin: import.range.clone(),
    })
}

/// The definition in a script that this one imports.
fn imported(ctx: Ctx<'_>, hit: &Hit) -> Vec<Target> {
    let mut found = Vec::new();
    for other in reachable(ctx) {
        let there = Hit {
            area: None,
            ..hit.clone()
        };
        let places = occurrences(other, &there);
        found.extend(definition_for(&places, 0).and_then(|place| target(other, hit, place)));
    }
    found
}

/// The scripts that this one imports, directly or through others; each is read when it is its turn.
pub(crate) fn reachable(ctx: Ctx<'_>) -> impl Iterator<Item = Ctx<'_>> {
    let ids = imported_files(ctx).into_iter();
    ids.filter_map(move |id| ctx.other(id))
}

/// The files that this one imports, directly or through others.
fn imported_files(ctx: Ctx<'_>) -> Vec<FileId> {
    let mut seen = FxHashSet::default();
    seen.insert(ctx.id);
    let mut open = vec![ctx.id];
    let mut found = Vec::new();
    while let Some(file) = open.pop() {
        for import in ctx.imports_of(file) {
            if let Some(target) = import.file.filter(|target| seen.insert(*target)) {
                found.push(target);
                open.push(target);
            }
        }
    }
    found
}

/// The files that import this one, directly or through others, in the order in which they came.
fn importing_files(ctx: Ctx<'_>) -> Vec<FileId> {
    let mut importers: FxHashMap<FileId, Vec<FileId>> = FxHashMap::default();
    for id in ctx.entries().keys() {
        for target in ctx.imports_of(*id).iter().filter_map(|import| import.file) {
            importers.entry(target).or_default().push(*id);
        }
    }
    let mut seen = FxHashSet::default();
    let mut open = vec![ctx.id];
    while let Some(file) = open.pop() {
        let direct = importers.get(&file).into_iter().flatten();
        open.extend(direct.filter(|id| seen.insert(**id)));
    }
    let mut found: Vec<FileId> = seen.into_iter().filter(|id| *id != ctx.id).collect();
    found.sort_unstable();
    found
}

/// This file, and the files in which the name means the same: those it imports, and those that import it. Each is read
/// when it is its turn.
pub(crate) fn related<'db>(ctx: Ctx<'db>, hit: &Hit) -> impl Iterator<Item = Ctx<'db>> + use<'db> {
    let everywhere = hit.area.is_none();
    let others = std::iter::once_with(move || everywhere.then(|| others(ctx)));
    let others = others.flatten().flatten();
    std::iter::once(ctx).chain(others.filter_map(move |id| ctx.other(id)))
}

fn others(ctx: Ctx<'_>) -> Vec<FileId> {
    let mut files = imported_files(ctx);
    let importing = importing_files(ctx).into_iter();
    let more: Vec<FileId> = importing.filter(|id| !files.contains(id)).collect();
    files.extend(more);
    files
}
