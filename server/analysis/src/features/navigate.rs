//! Definition, references and highlights, over all languages of a script.

use std::ops::Range;

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
    let file = import.file?;
    Some(Target {
        file: file.id(ctx.db),
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

/// The scripts that this one imports, directly or through others.
pub(crate) fn reachable(ctx: Ctx<'_>) -> Vec<Ctx<'_>> {
    let mut seen = rustc_hash::FxHashSet::default();
    seen.insert(ctx.file);
    let mut open = vec![ctx.file];
    let mut found = Vec::new();
    while let Some(file) = open.pop() {
        for import in crate::imports::imports(ctx.db, file, ctx.workspace) {
            if let Some(target) = import.file.filter(|target| seen.insert(*target)) {
                found.push(Ctx {
                    id: target.id(ctx.db),
                    file: target,
                    ..ctx
                });
                open.push(target);
            }
        }
    }
    found
}

/// This file, and the files in which the name means the same: those it imports, and those that import it.
pub(crate) fn related<'db>(ctx: Ctx<'db>, hit: &Hit) -> Vec<Ctx<'db>> {
    let mut files = vec![ctx];
    if hit.area.is_some() {
        return files;
    }
    let imports_any = |file| {
        crate::imports::imports(ctx.db, file, ctx.workspace)
            .iter()
            .any(|import| import.file.is_some())
    };
    if imports_any(ctx.file) {
        files.extend(reachable(ctx));
    }
    let known = ctx.workspace.files(ctx.db);
    let mut others: Vec<_> = known
        .values()
        .filter(|file| files.iter().all(|ctx| ctx.file != **file))
        .collect();
    others.sort_by_key(|file| file.id(ctx.db));
    for file in others {
        let other = Ctx {
            id: file.id(ctx.db),
            file: *file,
            ..ctx
        };
        if imports_any(*file)
            && reachable(other)
                .iter()
                .any(|reached| reached.file == ctx.file)
        {
            files.push(other);
        }
    }
    files
}
