//! Which functions call which.

use std::ops::Range;

use smol_str::SmolStr;

use crate::host::{Analysis, Ctx};
use crate::names::{Call, Def, DefKind, Names, Space};
use crate::occurrences::{Role, all_names, hit, occurrences};
use crate::{Cancellable, FileId};

/// A function, or the script itself as a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallItem {
    /// Its name; the script's own steps go by `(script)`.
    pub name: String,
    /// Its file.
    pub file: FileId,
    /// All of it, in bytes.
    pub range: Range<usize>,
    /// Its name's place.
    pub selection: Range<usize>,
}

/// A function on the other end of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEdge {
    /// The caller, or the function called.
    pub item: CallItem,
    /// Where the calls stand, in the caller's file.
    pub calls: Vec<Range<usize>>,
}

impl Analysis {
    /// The function at an offset.
    pub fn prepare_call_hierarchy(
        &self,
        file: FileId,
        offset: usize,
    ) -> Cancellable<Option<CallItem>> {
        self.about(file, |ctx| {
            let hit = hit(ctx, offset).filter(|hit| hit.space == Space::Functions)?;
            item(ctx, &hit.name)
        })
    }

    /// Who calls a function.
    pub fn incoming_calls(&self, called: &CallItem) -> Cancellable<Vec<CallEdge>> {
        self.about(called.file, |ctx| {
            let mut edges: Vec<CallEdge> = Vec::new();
            for (base, names, call) in
                calls(ctx).filter(|(.., call)| call.function == called.name.as_str())
            {
                let caller =
                    caller(names, call).map_or_else(|| script(ctx), |def| of_def(ctx, def, base));
                push(&mut edges, caller, call.span.at(base));
            }
            edges
        })
    }

    /// What a function calls.
    pub fn outgoing_calls(&self, from: &CallItem) -> Cancellable<Vec<CallEdge>> {
        self.about(from.file, |ctx| {
            let mut edges: Vec<CallEdge> = Vec::new();
            for (base, names, call) in calls(ctx) {
                let caller =
                    caller(names, call).map_or_else(|| script(ctx), |def| of_def(ctx, def, base));
                if let Some(called) = (caller == *from)
                    .then(|| item(ctx, &call.function))
                    .flatten()
                {
                    push(&mut edges, called, call.span.at(base));
                }
            }
            edges
        })
    }
}

fn calls(ctx: Ctx<'_>) -> impl Iterator<Item = (usize, &Names, &Call)> {
    all_names(ctx)
        .flat_map(|(base, _, names)| names.calls.iter().map(move |call| (base, names, call)))
}

/// The innermost function around a call.
fn caller<'a>(names: &'a Names, call: &Call) -> Option<&'a Def> {
    let around = names
        .defs
        .iter()
        .filter(|def| def.kind == DefKind::Function && def.full.contains(call.span));
    around.min_by_key(|def| def.full.end - def.full.start)
}

fn of_def(ctx: Ctx<'_>, def: &Def, base: usize) -> CallItem {
    CallItem {
        name: def.name.to_string(),
        file: ctx.id,
        range: def.full.at(base),
        selection: def.span.at(base),
    }
}

/// The steps that stand in no function.
fn script(ctx: Ctx<'_>) -> CallItem {
    CallItem {
        name: "(script)".to_owned(),
        file: ctx.id,
        range: 0..ctx.document().rope().len_bytes(),
        selection: 0..0,
    }
}

fn item(ctx: Ctx<'_>, name: &SmolStr) -> Option<CallItem> {
    let hit = crate::occurrences::Hit {
        name: name.clone(),
        space: Space::Functions,
        range: 0..0,
        used: None,
        area: None,
    };
    occurrences(ctx, &hit)
        .into_iter()
        .find_map(|place| match place.role {
            Role::Defines { full, .. } => Some(CallItem {
                name: name.to_string(),
                file: ctx.id,
                range: full,
                selection: place.range,
            }),
            Role::Reads(_) => None,
        })
}

fn push(edges: &mut Vec<CallEdge>, item: CallItem, call: Range<usize>) {
    match edges.iter_mut().find(|edge| edge.item == item) {
        Some(edge) => edge.calls.push(call),
        None => edges.push(CallEdge {
            item,
            calls: vec![call],
        }),
    }
}
