//! Implementation: the blocks and cells that do what a name promises.

use std::ops::Range;

use smol_str::SmolStr;

use super::kinds::{all_types, block_at, cell_types_at, declares_type};
use super::navigate::{Target, related};
use crate::files::{Entry, FileState};
use crate::host::{Analysis, Ctx};
use crate::ir::{Block, Item, Value};
use crate::names::{DefKind, Space};
use crate::occurrences::{Hit, Role, hit, occurrences};
use crate::{Cancellable, FileId};

/// Properties of a function that hold what it does.
const BODIES: &[&str] = &[
    "implementation",
    "body",
    "code",
    "steps",
    "script",
    "actions",
];

impl Analysis {
    /// What implements the name at an offset: the functions with a body, the function of a cell, the classes of an
    /// interface, the agent, the node.
    pub fn implementation(&self, file: FileId, offset: usize) -> Cancellable<Vec<Target>> {
        self.about(file, |ctx| {
            let Some(hit) = hit(ctx, offset) else {
                return Vec::new();
            };
            let near: Vec<Ctx<'_>> = related(ctx, &hit).collect();
            let found = of_all(&near, &hit);
            if !found.is_empty() || hit.space == Space::Values || hit.area.is_some() {
                return found;
            }
            // No script that is imported has it: another one of the workspace may.
            let others: Vec<Ctx<'_>> = defining(ctx, &hit.name)
                .into_iter()
                .filter(|id| near.iter().all(|near| near.id != *id))
                .filter_map(|id| ctx.other(id))
                .collect();
            of_all(&others, &hit)
        })
    }
}

/// The files of the workspace that may define a name, in the order in which they came.
fn defining(ctx: Ctx<'_>, name: &SmolStr) -> Vec<FileId> {
    let may_define = |entry: &Entry| match &entry.state {
        FileState::Live(_) => true,
        FileState::Outline(index, _) => index.symbols().any(|(known, ..)| known == name.as_str()),
    };
    let entries = ctx.entries();
    let mut files: Vec<FileId> = entries
        .iter()
        .filter(|(_, entry)| may_define(entry))
        .map(|(id, _)| *id)
        .collect();
    files.sort_unstable();
    files
}

fn of_all(files: &[Ctx<'_>], hit: &Hit) -> Vec<Target> {
    let mut strong = Vec::new();
    let mut weak = Vec::new();
    for ctx in files {
        match hit.space {
            Space::Functions => functions(*ctx, hit, &mut strong, &mut weak),
            Space::Values => values(*ctx, hit, &mut strong, &mut weak),
            Space::Agents | Space::Tasks | Space::Nodes => {
                let places = definitions(*ctx, hit).into_iter();
                strong.extend(places.map(|place| place.target(*ctx, hit)));
            }
        }
    }
    if strong.is_empty() { weak } else { strong }
}

/// A definition of a name.
struct Place {
    kind: DefKind,
    range: Range<usize>,
    full: Range<usize>,
}

impl Place {
    fn target(self, ctx: Ctx<'_>, hit: &Hit) -> Target {
        Target {
            file: ctx.id,
            range: self.full,
            selection: self.range,
            origin: hit.range.clone(),
        }
    }
}

fn definitions(ctx: Ctx<'_>, hit: &Hit) -> Vec<Place> {
    occurrences(ctx, hit)
        .into_iter()
        .filter_map(|place| match place.role {
            Role::Defines { kind, full, .. } => Some(Place {
                kind,
                range: place.range,
                full,
            }),
            Role::Reads(_) => None,
        })
        .collect()
}

/// Blocks that do something and functions of cells; blocks that only declare come second.
fn functions(ctx: Ctx<'_>, hit: &Hit, strong: &mut Vec<Target>, weak: &mut Vec<Target>) {
    let mut names = vec![hit.name.clone()];
    for place in definitions(ctx, hit) {
        let block = block_at(ctx, &place.full).map(|(_, block)| block);
        names.extend(block.and_then(implemented_by));
        if block.is_some_and(does_something) {
            strong.push(place.target(ctx, hit));
        } else {
            weak.push(place.target(ctx, hit));
        }
    }
    for name in names {
        let of_cells = Hit {
            name,
            space: Space::Values,
            ..hit.clone()
        };
        let places = definitions(ctx, &of_cells).into_iter();
        strong.extend(
            places
                .filter(|place| place.kind == DefKind::Cell && is_function(ctx, &place.range))
                .map(|place| place.target(ctx, hit)),
        );
    }
}

/// `implementation: "name"` names the function of a cell.
fn implemented_by(block: &Block) -> Option<SmolStr> {
    let named = block.property_of(&["implementation"])?;
    named
        .value
        .as_ref()
        .and_then(Value::word)
        .map(|word| word.text.clone())
}

fn does_something(block: &Block) -> bool {
    block.items.iter().any(|item| match item {
        Item::Block(_) | Item::Cell(_) | Item::Command { .. } => true,
        Item::Property(property) => {
            let body = BODIES.contains(&property.key.text.as_str());
            // A single name is a reference to what does it.
            body && property.value.as_ref().is_some_and(|value| {
                value
                    .word()
                    .is_none_or(|word| !crate::expression::is_name(&word.text))
            })
        }
        _ => false,
    })
}

fn is_function(ctx: Ctx<'_>, range: &Range<usize>) -> bool {
    cell_types_at(ctx, range.start).is_some_and(|(code, types)| {
        let mut bindings = types.bindings.iter();
        bindings.any(|bound| bound.function && bound.span.at(code) == *range)
    })
}

/// For a type, the types that are built on it; for another name, all places that give it a value.
fn values(ctx: Ctx<'_>, hit: &Hit, strong: &mut Vec<Target>, weak: &mut Vec<Target>) {
    for (code, declared) in all_types(ctx) {
        if hit.area.is_none() && declared.bases.contains(&hit.name) {
            strong.push(Target {
                file: ctx.id,
                range: declared.full.at(code),
                selection: declared.span.at(code),
                origin: hit.range.clone(),
            });
        }
    }
    let places = definitions(ctx, hit);
    let is_type = places
        .iter()
        .any(|place| place.kind == DefKind::Cell && declares_type(ctx, &place.range));
    for place in places {
        let doing = !is_type && place.kind == DefKind::Cell && is_function(ctx, &place.range);
        if doing {
            strong.push(place.target(ctx, hit));
        } else {
            weak.push(place.target(ctx, hit));
        }
    }
}
