//! Type definition: the block, class, record or interface that gives a value its shape, in whatever language it stands.

use std::ops::Range;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::navigate::{Target, reachable};
use crate::expression;
use crate::host::{Analysis, Ctx};
use crate::ir::{Block, Item, Span, Value, ValueKind};
use crate::locate::locate;
use crate::names::cell::types::{CellTypes, Source, TypeDef, types_of};
use crate::names::{DefKind, Space};
use crate::occurrences::{
    Hit, Occurrence, Role, all_names, definition_for, hit, names_at, occurrences,
};
use crate::{Cancellable, FileId};

/// How many steps a value is followed through: names, functions, loops.
const FARTHEST: usize = 24;

impl Analysis {
    /// Where the type of the name at an offset is written down.
    pub fn type_definition(&self, file: FileId, offset: usize) -> Cancellable<Vec<Target>> {
        self.about(file, |ctx| {
            let Some(hit) = hit(ctx, offset) else {
                return Vec::new();
            };
            let mut search = Search {
                origin: hit.range.clone(),
                seen: FxHashSet::default(),
                found: Vec::new(),
            };
            search.name(ctx, &hit, offset);
            search.found
        })
    }
}

struct Search {
    origin: Range<usize>,
    /// Names that were followed already: values may be made from each other in a circle.
    seen: FxHashSet<(FileId, Space, SmolStr, Option<usize>)>,
    found: Vec<Target>,
}

impl Search {
    fn push(&mut self, ctx: Ctx<'_>, range: Range<usize>, selection: Range<usize>) {
        let target = Target {
            file: ctx.id,
            range,
            selection,
            origin: self.origin.clone(),
        };
        if !self.found.contains(&target) {
            self.found.push(target);
        }
    }

    fn plain(&mut self, ctx: Ctx<'_>, space: Space, name: &SmolStr, near: usize) {
        let hit = Hit {
            name: name.clone(),
            space,
            range: near..near,
            used: None,
            area: None,
        };
        self.name(ctx, &hit, near);
    }

    /// Follows a name to its definition, here or in what this script imports.
    fn name(&mut self, ctx: Ctx<'_>, hit: &Hit, near: usize) {
        let area = hit.area.as_ref().map(|area| area.start);
        let step = (ctx.id, hit.space, hit.name.clone(), area);
        if self.seen.len() >= FARTHEST || !self.seen.insert(step) {
            return;
        }
        if hit.space == Space::Values && hit.name == "CONFIG" {
            return self.settings(ctx);
        }
        let places = occurrences(ctx, hit);
        if let Some(place) = types_among(ctx, &places).or_else(|| definition_for(&places, near)) {
            return self.definition(ctx, &hit.name, place);
        }
        let there = Hit {
            area: None,
            ..hit.clone()
        };
        for other in reachable(ctx) {
            let places = occurrences(other, &there);
            if let Some(place) = types_among(other, &places).or_else(|| definition_for(&places, 0))
            {
                return self.definition(other, &hit.name, place);
            }
        }
    }

    fn settings(&mut self, ctx: Ctx<'_>) {
        for placed in &ctx.layout().chunks {
            if let Item::Block(block) = &placed.chunk.item
                && block.is("CONFIG")
            {
                let (range, word) = (block.span.at(placed.start), block.keyword.span);
                self.push(ctx, range, word.at(placed.start));
            }
        }
    }

    fn definition(&mut self, ctx: Ctx<'_>, name: &SmolStr, place: &Occurrence) {
        let Role::Defines {
            kind, full, value, ..
        } = &place.role
        else {
            return;
        };
        match kind {
            DefKind::Function | DefKind::Agent | DefKind::Task | DefKind::Node => {
                self.push(ctx, full.clone(), place.range.clone());
            }
            DefKind::Cell => self.cell(ctx, &place.range),
            DefKind::Parameter => self.parameter(ctx, &place.range, name),
            DefKind::Result => self.result(ctx, full),
            DefKind::Loop => {
                if let Some((base, block)) = block_at(ctx, full)
                    && let Some(items) = block.property_of(&["items", "collection", "in", "list"])
                    && let Some(value) = &items.value
                {
                    self.expression(ctx, base, value);
                }
            }
            DefKind::Variable
            | DefKind::Config
            | DefKind::Input
            | DefKind::Assigned
            | DefKind::Block => self.variable(ctx, place, full, value.as_ref()),
        }
    }

    /// A variable: the type that it declares, else what its value is.
    fn variable(
        &mut self,
        ctx: Ctx<'_>,
        place: &Occurrence,
        full: &Range<usize>,
        value: Option<&Range<usize>>,
    ) {
        if let Some((base, block)) = block_at(ctx, full)
            && let Some(declared) = block.text_of(&["type", "schema"])
        {
            let before = self.found.len();
            self.plain(ctx, Space::Values, &declared.text, base);
            if self.found.len() > before {
                return;
            }
        }
        let Some((base, value)) = value.and_then(|value| value_at(ctx, value)) else {
            return;
        };
        if holds_object(value) {
            self.push(ctx, full.clone(), place.range.clone());
        } else {
            self.expression(ctx, base, value);
        }
    }

    /// The names that a value is made from: `"${orders}"`, `$orders`.
    fn expression(&mut self, ctx: Ctx<'_>, base: usize, value: &Value) {
        let Some(placed) = ctx.layout().chunk_at(base + value.span.start as usize) else {
            return;
        };
        let names: Vec<(SmolStr, u32)> = match &value.kind {
            ValueKind::Dollar(word) => vec![(word.text.clone(), word.span.start)],
            ValueKind::Interpolation(span) => free(placed.chunk.slice(*span), span.start),
            ValueKind::Text { inner, .. } => {
                let text = placed.chunk.slice(*inner);
                let whole = expression::interpolations(text)
                    .into_iter()
                    .find(|range| range.start == 2 && range.end + 1 == text.len());
                whole
                    .and_then(|range| text.get(range))
                    .map(|inside| free(inside, inner.start + 2))
                    .unwrap_or_default()
            }
            ValueKind::Bare(word) => vec![(word.text.clone(), word.span.start)],
            _ => Vec::new(),
        };
        for (name, at) in names {
            let at = base + at as usize;
            match hit(ctx, at).filter(|hit| hit.name == name) {
                Some(hit) => self.name(ctx, &hit, at),
                None => self.plain(ctx, Space::Values, &name, at),
            }
        }
    }

    /// A result: the function, agent or task that gives it; for a cell, its last expression.
    fn result(&mut self, ctx: Ctx<'_>, full: &Range<usize>) {
        if let Some((base, block)) = block_at(ctx, full) {
            for (keys, space) in [
                (["function", "name"], Space::Functions),
                (["agent", "agent_name"], Space::Agents),
                (["task", "task_name"], Space::Tasks),
            ] {
                let at = base + block.span.start as usize;
                if let Some(word) = block.text_of(&keys) {
                    self.plain(ctx, space, &word.text, at);
                }
            }
            if block.is("CALL")
                && let Some(name) = &block.name
            {
                self.plain(ctx, Space::Functions, &name.text, base);
            }
        } else if let Some((code, types)) = cell_types_at(ctx, full.end.saturating_sub(1)) {
            for source in &types.last {
                self.source(ctx, source, code);
            }
        }
    }

    /// The type that a function declares for its parameter: `{ name: "o", type: "Order" }` or `"o: Order"`.
    fn parameter(&mut self, ctx: Ctx<'_>, range: &Range<usize>, name: &SmolStr) {
        let Some(placed) = ctx.layout().chunk_at(range.start) else {
            return;
        };
        let at = u32::try_from(range.start - placed.start).unwrap_or(u32::MAX);
        let located = locate(&placed.chunk, at);
        let objects = located.block().into_iter().flat_map(|block| {
            let parameters = block.property_of(&["parameters", "params", "input", "inputs"]);
            parameters.and_then(|property| property.value.as_ref())
        });
        for value in objects.flat_map(elements) {
            let ValueKind::Object(items) = &value.kind else {
                continue;
            };
            let word = |key: &str| {
                items.iter().find_map(|item| match item {
                    Item::Property(property) if property.key.text == key => {
                        property.value.as_ref().and_then(Value::word)
                    }
                    _ => None,
                })
            };
            if word("name").is_some_and(|own| own.text == *name)
                && let Some(declared) = word("type")
            {
                self.plain(ctx, Space::Values, &declared.text, range.start);
            }
        }
        let rest = placed.chunk.slice(Span {
            start: at + u32::try_from(range.len()).unwrap_or(0),
            end: u32::try_from(placed.chunk.text.len()).unwrap_or(u32::MAX),
        });
        if let Some(declared) = rest.trim_start().strip_prefix(':') {
            let upto = declared
                .find([',', '"', '\'', '\n', ']'])
                .unwrap_or(declared.len());
            for (_, word) in expression::words(declared.get(..upto).unwrap_or_default()) {
                self.plain(ctx, Space::Values, &SmolStr::new(word), range.start);
            }
        }
    }

    /// A name of a cell: the type itself, or what the value was made from.
    fn cell(&mut self, ctx: Ctx<'_>, range: &Range<usize>) {
        let Some((code, types)) = cell_types_at(ctx, range.start) else {
            return;
        };
        if let Some(declared) = types
            .types
            .iter()
            .find(|declared| declared.span.at(code) == *range)
        {
            return self.push(ctx, declared.full.at(code), range.clone());
        }
        let bound = types
            .bindings
            .iter()
            .find(|bound| bound.span.at(code) == *range);
        for source in bound.into_iter().flat_map(|bound| &bound.sources) {
            self.source(ctx, source, code);
        }
    }

    fn source(&mut self, ctx: Ctx<'_>, source: &Source, near: usize) {
        match source {
            Source::Name(name) => self.plain(ctx, Space::Values, name, near),
            Source::Fields(fields) => {
                // F# takes the last record that has all these fields.
                let record = all_types(ctx)
                    .into_iter()
                    .rfind(|(_, declared)| has_all(declared, fields));
                if let Some((code, declared)) = record {
                    self.push(ctx, declared.full.at(code), declared.span.at(code));
                }
            }
        }
    }
}

fn has_all(declared: &TypeDef, fields: &[SmolStr]) -> bool {
    !fields.is_empty() && fields.iter().all(|field| declared.fields.contains(field))
}

fn free(text: &str, base: u32) -> Vec<(SmolStr, u32)> {
    let names = expression::free_names(text).into_iter();
    names
        .filter(|free| free.path.is_empty())
        .map(|free| {
            let at = u32::try_from(free.range.start).unwrap_or(0);
            (SmolStr::new(free.name), base + at)
        })
        .collect()
}

fn holds_object(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Object(_) => true,
        ValueKind::Array(values) => values.iter().any(holds_object),
        _ => false,
    }
}

fn elements(value: &Value) -> Vec<&Value> {
    match &value.kind {
        ValueKind::Array(values) | ValueKind::Many(values) => values.iter().collect(),
        _ => vec![value],
    }
}

/// The block that is the whole of a definition, with the start of its chunk.
pub(crate) fn block_at<'db>(ctx: Ctx<'db>, full: &Range<usize>) -> Option<(usize, &'db Block)> {
    let placed = ctx.layout().chunk_at(full.start)?;
    let at = u32::try_from(full.start - placed.start).ok()?;
    let located = locate(&placed.chunk, at);
    let block = located
        .blocks
        .into_iter()
        .find(|block| block.span.at(placed.start) == *full)?;
    Some((placed.start, block))
}

fn value_at<'db>(ctx: Ctx<'db>, range: &Range<usize>) -> Option<(usize, &'db Value)> {
    let placed = ctx.layout().chunk_at(range.start)?;
    let at = u32::try_from(range.start - placed.start).ok()?;
    let located = locate(&placed.chunk, at);
    Some((placed.start, located.value?))
}

/// The types of the cell around an offset, with the start of its code.
pub(crate) fn cell_types_at(ctx: Ctx<'_>, offset: usize) -> Option<(usize, CellTypes)> {
    let (base, piece, _) = names_at(ctx, offset)?;
    let at = u32::try_from(offset.checked_sub(base)?).ok()?;
    let chunk = piece.chunk(ctx.db);
    let cell = locate(chunk, at).cell?;
    let types = types_of(&cell.language, chunk.slice(cell.code));
    Some((base + cell.code.start as usize, types))
}

/// All types that the cells of a script declare, each with the start of its cell's code.
pub(crate) fn all_types(ctx: Ctx<'_>) -> Vec<(usize, TypeDef)> {
    let mut found = Vec::new();
    for (base, _, names) in all_names(ctx) {
        for (code, _) in &names.cell_locals {
            let start = base + code.start as usize;
            if let Some((code, types)) = cell_types_at(ctx, start) {
                found.extend(types.types.into_iter().map(|declared| (code, declared)));
            }
        }
    }
    found
}

/// A place among those of a name where a type is declared.
fn types_among<'a>(ctx: Ctx<'_>, places: &'a [Occurrence]) -> Option<&'a Occurrence> {
    let of_cells = places.iter().filter(|place| {
        let kind = DefKind::Cell;
        matches!(&place.role, Role::Defines { kind: found, .. } if *found == kind)
    });
    of_cells
        .rev()
        .find(|place| declares_type(ctx, &place.range))
}

pub(crate) fn declares_type(ctx: Ctx<'_>, range: &Range<usize>) -> bool {
    cell_types_at(ctx, range.start).is_some_and(|(code, types)| {
        types
            .types
            .iter()
            .any(|declared| declared.span.at(code) == *range)
    })
}
