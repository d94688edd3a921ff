//! Hover that teaches: blocks, properties, action types, variables.

use std::fmt::Write as _;
use std::ops::Range;

use metascript_syntax::schema::{ActionSpec, BlockSpec, PropertySpec, ValueType, schema};

use super::host_interface;
use crate::expression;
use crate::host::{Analysis, Ctx};
use crate::ir::{Block, CellItem, Item, Placed, Property};
use crate::locate::locate;
use crate::names::DefKind;
use crate::occurrences::{Hit, Occurrence, Role, definition_for, hit, occurrences};
use crate::scope::file_scope;
use crate::validate::spec_of;
use crate::{Cancellable, FileId};

/// What to show at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The word that it is about, in bytes.
    pub range: Range<usize>,
    /// Markdown.
    pub markdown: String,
}

impl Analysis {
    /// What the word at an offset means.
    pub fn hover(&self, file: FileId, offset: usize) -> Cancellable<Option<Hover>> {
        self.about(file, |ctx| {
            word_hover(ctx, offset).or_else(|| name_hover(ctx, offset))
        })
    }
}

/// Words of the language: keywords, properties, action types, cell keywords.
fn word_hover(ctx: Ctx<'_>, offset: usize) -> Option<Hover> {
    let placed = ctx.layout().chunk_at(offset)?;
    let chunk = &placed.chunk;
    let at = u32::try_from(offset - placed.start).ok()?;
    let located = locate(chunk, at);
    if let Some(cell) = located.cell {
        if cell.code.touches(at) {
            return host_hover(ctx, placed, cell, at);
        }
        let keyword = cell.keyword.as_ref().filter(|word| word.span.touches(at))?;
        let spec = schema()
            .block(&keyword.text)
            .or_else(|| schema().block(cell.language.as_str()))?;
        return Some(Hover {
            range: keyword.span.at(placed.start),
            markdown: block_markdown(spec),
        });
    }
    let block = located.block();
    let spec = block.and_then(|block| spec_of(chunk.dialect, block));
    if let Some(block) = block.filter(|block| block.keyword.span.touches(at)) {
        return Some(Hover {
            range: block.keyword.span.at(placed.start),
            markdown: block_markdown(spec?),
        });
    }
    let property = located.property?;
    let action = block
        .zip(spec)
        .and_then(|(block, spec)| action(spec, block));
    let known = spec.and_then(|spec| known(spec, action, &property.key.text));
    if property.key.span.touches(at) {
        let owner = action.map_or_else(
            || block.map(|block| block.keyword.text.to_string()),
            |action| Some(format!("ACTION {}", action.name)),
        );
        return Some(Hover {
            range: property.key.span.at(placed.start),
            markdown: property_markdown(known?, &owner.unwrap_or_default(), property),
        });
    }
    let word = located
        .value
        .and_then(crate::ir::Value::word)
        .filter(|word| word.span.touches(at))?;
    if known.is_some_and(|known| known.value_type == ValueType::ActionType) {
        let named = schema().action(&word.text)?;
        return Some(Hover {
            range: word.span.at(placed.start),
            markdown: action_markdown(named),
        });
    }
    None
}

/// A name of the host interface in the code of a cell.
fn host_hover(ctx: Ctx<'_>, placed: &Placed, cell: &CellItem, at: u32) -> Option<Hover> {
    let code = placed.chunk.slice(cell.code);
    let cursor = (at - cell.code.start) as usize;
    let (start, word) = expression::words(code)
        .take_while(|(start, _)| *start <= cursor)
        .find(|(start, word)| cursor <= start + word.len())?;
    let end = start + word.len();
    let path = host_interface::path_at_end(code.get(..end)?, &cell.language);
    let own = file_scope(ctx.db, ctx.file);
    if own.knows(&host_interface::ROOT.into()) {
        return None;
    }
    let markdown = if path == host_interface::ROOT && host_interface::has(&cell.language) {
        format!("`{path}`\n\n{}", host_interface::DOCS)
    } else {
        let entry = host_interface::named(path, &cell.language)?;
        format!("`{}`\n\n{}", entry.signature(), entry.docs)
    };
    let base = placed.start + cell.code.start as usize;
    Some(Hover {
        range: base + start..base + end,
        markdown,
    })
}

fn action(spec: &BlockSpec, block: &Block) -> Option<&'static ActionSpec> {
    crate::validate::action_of(spec, block)
}

fn known<'a>(
    spec: &'a BlockSpec,
    action: Option<&'a ActionSpec>,
    name: &str,
) -> Option<&'a PropertySpec> {
    crate::validate::known_property(spec, action, name)
}

/// A block's page: what it means, its properties, an example.
pub(crate) fn block_markdown(spec: &BlockSpec) -> String {
    let mut text = format!("**{}**\n\n{}", spec.keyword, spec.docs);
    list(&mut text, "Properties", &spec.properties, &spec.required);
    let _ = write!(text, "\n\n```metascript\n{}\n```", spec.example);
    text
}

/// An action type's page.
pub(crate) fn action_markdown(spec: &ActionSpec) -> String {
    let meaning = schema().action_meaning(&spec.name).unwrap_or(spec);
    let mut text = format!("**ACTION {}**\n\n{}", spec.name, spec.docs);
    list(
        &mut text,
        "Properties",
        &meaning.properties,
        &meaning.required,
    );
    if !meaning.example.is_empty() {
        let _ = write!(text, "\n\n```metascript\n{}\n```", meaning.example);
    }
    text
}

fn list(text: &mut String, title: &str, properties: &[PropertySpec], required: &[Vec<String>]) {
    if properties.is_empty() {
        return;
    }
    let _ = write!(text, "\n\n{title}:\n");
    for property in properties {
        let needed = required
            .iter()
            .any(|group| group.first().is_some_and(|first| property.is_called(first)));
        let mark = if needed { " (required)" } else { "" };
        let _ = write!(text, "\n- `{}`{mark}: {}", property.name, property.docs);
    }
}

fn property_markdown(spec: &PropertySpec, owner: &str, property: &Property) -> String {
    let mut text = format!("**{}** of `{owner}`\n\n{}", spec.name, spec.docs);
    if spec.name != property.key.text.as_str() {
        let _ = write!(
            text,
            "\n\n`{}` is another spelling of `{}`.",
            property.key.text, spec.name
        );
    }
    if !spec.values.is_empty() {
        let values = spec
            .values
            .iter()
            .map(|value| format!("`{value}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let _ = write!(text, "\n\nValues: {values}");
    }
    match (spec.min, spec.max) {
        (Some(min), Some(max)) => drop(write!(text, "\n\nFrom {min} to {max}.")),
        (Some(min), None) => drop(write!(text, "\n\nAt least {min}.")),
        (None, Some(max)) => drop(write!(text, "\n\nAt most {max}.")),
        (None, None) => {}
    }
    if spec.name == property.key.text.as_str() && !spec.synonyms.is_empty() {
        let names = spec
            .synonyms
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let _ = write!(text, "\n\nOther spellings: {names}");
    }
    text
}

/// Names of the script: where they come from, and their value if it is written down.
fn name_hover(ctx: Ctx<'_>, offset: usize) -> Option<Hover> {
    let hit = hit(ctx, offset)?;
    let markdown = name_markdown(ctx, &hit, offset)?;
    Some(Hover {
        range: hit.range,
        markdown,
    })
}

/// What is known of a name that is read at an offset.
pub(crate) fn name_markdown(ctx: Ctx<'_>, hit: &Hit, offset: usize) -> Option<String> {
    let places = occurrences(ctx, hit);
    let definition = definition_for(&places, offset);
    let Some(definition) = definition else {
        let global = schema().is_global(&hit.name)
            && hit
                .used
                .is_some_and(|used| used == crate::names::UseKind::Expression);
        return global.then(|| format!("`{}`: bound by the language or its host", hit.name));
    };
    let Role::Defines {
        kind,
        full,
        value,
        language,
    } = &definition.role
    else {
        return None;
    };
    let mut text = format!("**{}**: {}", hit.name, kind.describe());
    match (kind, language) {
        (DefKind::Cell, Some(language)) => {
            let _ = write!(text, "\n\nDefined in a cell of {}:", language.as_str());
            let line = line_around(ctx, &definition.range);
            let _ = write!(text, "\n\n```{}\n{}\n```", language.as_str(), line.trim());
        }
        (DefKind::Function, _) => {
            let _ = write!(
                text,
                "\n\n```metascript\n{}\n```",
                signature(ctx, &hit.name)
            );
        }
        _ => {
            let shown = value.clone().map_or_else(
                || header(ctx, full),
                |value| ctx.document().slice(value).into_owned(),
            );
            let _ = write!(text, "\n\n```metascript\n{}\n```", clip(&shown));
        }
    }
    if let Some(description) = description(ctx, full) {
        let _ = write!(text, "\n\n{description}");
    }
    let (writes, reads) = counts(&places);
    let _ = write!(
        text,
        "\n\n{} read here{}",
        times(reads),
        if writes > 1 {
            format!(", defined {writes} times")
        } else {
            String::new()
        }
    );
    Some(text)
}

fn counts(places: &[Occurrence]) -> (usize, usize) {
    let writes = places.iter().filter(|place| place.defines()).count();
    let reads = places
        .iter()
        .filter(|place| !place.defines() && place.certain())
        .count();
    (writes, reads)
}

fn times(count: usize) -> String {
    match count {
        0 => "Never".to_owned(),
        1 => "Once".to_owned(),
        many => format!("{many} times"),
    }
}

/// `name(a, b)` of a function of the file.
pub(crate) fn signature(ctx: Ctx<'_>, name: &str) -> String {
    let scope = crate::scope::file_scope(ctx.db, ctx.file);
    let parameters = scope.functions.get(name).and_then(|functions| {
        functions
            .iter()
            .find_map(|function| function.parameters.as_ref())
    });
    let list = parameters.map(|parameters| {
        parameters
            .iter()
            .map(smol_str::SmolStr::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    });
    format!("FUNCTION {name}({})", list.unwrap_or_default())
}

/// The `description` of the block that a definition is.
fn description(ctx: Ctx<'_>, full: &Range<usize>) -> Option<String> {
    let placed = ctx.layout().chunk_at(full.start)?;
    let at = u32::try_from(full.start - placed.start).ok()?;
    let located = locate(&placed.chunk, at + 1);
    let block = located
        .blocks
        .iter()
        .rev()
        .find(|block| block.span.at(placed.start) == *full)?;
    let value = block.property("description")?.value.as_ref()?;
    let crate::ir::ValueKind::Text { inner, .. } = &value.kind else {
        return None;
    };
    Some(placed.chunk.slice(*inner).to_owned())
}

/// The header line of a block, or the text of anything else.
fn header(ctx: Ctx<'_>, full: &Range<usize>) -> String {
    let placed = ctx.layout().chunk_at(full.start);
    let block = placed.and_then(|placed| match &placed.chunk.item {
        Item::Block(block) if block.span.at(placed.start) == *full => {
            Some(placed.chunk.slice(block.header).to_owned())
        }
        _ => None,
    });
    block.unwrap_or_else(|| {
        ctx.document()
            .slice(full.clone())
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    })
}

fn line_around(ctx: Ctx<'_>, range: &Range<usize>) -> String {
    let rope = ctx.document().rope();
    let line = rope.byte_to_line(range.start.min(rope.len_bytes()));
    rope.line(line).to_string()
}

/// The first lines of a long value.
fn clip(text: &str) -> String {
    const LINES: usize = 12;
    const WIDTH: usize = 400;
    let mut clipped: String = text.lines().take(LINES).collect::<Vec<_>>().join("\n");
    if let Some((at, _)) = clipped.char_indices().nth(WIDTH) {
        clipped.truncate(at);
    }
    if clipped.len() < text.len() {
        clipped.push_str("\n…");
    }
    clipped
}
