//! What follows from the structure alone: selections that grow, links, places that change together.

use std::ops::Range;
use std::path::PathBuf;

use metascript_syntax::schema::ValueType;

use crate::host::{Analysis, Ctx};
use crate::ir::{Block, Chunk, Item, Property, Value, ValueKind};
use crate::locate::locate;
use crate::validate::{action_of, known_property, spec_of};
use crate::{Cancellable, FileId};

/// A link in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLink {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// Where it leads.
    pub target: LinkTarget,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// To an address.
    Url(String),
    /// To a file that exists.
    File(PathBuf),
}

impl Analysis {
    /// For each offset the ranges around it, innermost first.
    pub fn selection_ranges(
        &self,
        file: FileId,
        offsets: &[usize],
    ) -> Cancellable<Vec<Vec<Range<usize>>>> {
        self.about(file, |ctx| {
            offsets
                .iter()
                .map(|&offset| selections(ctx, offset))
                .collect()
        })
    }

    /// Links to files and addresses.
    pub fn document_links(&self, file: FileId) -> Cancellable<Vec<DocumentLink>> {
        self.about(file, |ctx| {
            let mut links = Vec::new();
            for placed in &ctx.layout().chunks {
                let mut walk = Links {
                    ctx,
                    chunk: &placed.chunk,
                    base: placed.start,
                    links: &mut links,
                };
                walk.item(&placed.chunk.item, None);
            }
            links
        })
    }
}

fn selections(ctx: Ctx<'_>, offset: usize) -> Vec<Range<usize>> {
    let document = ctx.document();
    let length = document.rope().len_bytes();
    let offset = offset.min(length);
    let mut ranges = Vec::new();
    // The word, then every node of the tree up to the whole file.
    if let Some(word) = word_around(ctx, offset) {
        ranges.push(word);
    }
    let mut node = document
        .tree()
        .root_node()
        .descendant_for_byte_range(offset, offset);
    while let Some(here) = node {
        ranges.push(here.byte_range());
        if let Some(brace) = between_braces(here) {
            ranges.push(brace);
        }
        node = here.parent();
    }
    ranges.push(0..length);
    ranges.sort_by_key(|range| (range.end - range.start, range.start));
    // Each must hold the one before it.
    let mut nested: Vec<Range<usize>> = Vec::new();
    for range in ranges
        .into_iter()
        .filter(|range| range.start <= offset && offset <= range.end && range.start < range.end)
    {
        if nested
            .last()
            .is_none_or(|last| range.start <= last.start && last.end <= range.end && range != *last)
        {
            nested.push(range);
        }
    }
    nested
}

fn word_around(ctx: Ctx<'_>, offset: usize) -> Option<Range<usize>> {
    let rope = ctx.document().rope();
    let line = rope.byte_to_line(offset);
    let start = rope.line_to_byte(line);
    let text = rope.line(line).to_string();
    crate::expression::words(&text)
        .map(|(at, word)| start + at..start + at + word.len())
        .find(|range| range.start <= offset && offset <= range.end)
}

fn between_braces(node: tree_sitter::Node<'_>) -> Option<Range<usize>> {
    let mut cursor = node.walk();
    let open = node
        .children(&mut cursor)
        .find(|child| matches!(child.kind(), "{" | "["))?;
    let last = u32::try_from(node.child_count().checked_sub(1)?).ok()?;
    let close = node
        .child(last)
        .filter(|child| matches!(child.kind(), "}" | "]"))?;
    Some(open.end_byte()..close.start_byte())
}

struct Links<'a> {
    ctx: Ctx<'a>,
    chunk: &'a Chunk,
    base: usize,
    links: &'a mut Vec<DocumentLink>,
}

impl Links<'_> {
    fn item(&mut self, item: &Item, block: Option<&Block>) {
        match item {
            Item::Block(block) => block
                .items
                .iter()
                .for_each(|item| self.item(item, Some(block))),
            Item::Property(property) => {
                let wanted = block.and_then(|block| value_type(self.chunk, block, property));
                property
                    .value
                    .iter()
                    .for_each(|value| self.value(value, wanted, block));
            }
            Item::Value(value) => self.value(value, None, block),
            _ => {}
        }
    }

    fn value(&mut self, value: &Value, wanted: Option<ValueType>, block: Option<&Block>) {
        match &value.kind {
            ValueKind::Array(values) | ValueKind::Many(values) => values
                .iter()
                .for_each(|value| self.value(value, wanted, block)),
            ValueKind::Object(items) => items.iter().for_each(|item| self.item(item, block)),
            ValueKind::Text {
                word: Some(word), ..
            } => {
                let range = word.span.at(self.base);
                if word.text.starts_with("https://") || word.text.starts_with("http://") {
                    self.links.push(DocumentLink {
                        range,
                        target: LinkTarget::Url(word.text.to_string()),
                    });
                } else if wanted == Some(ValueType::Path)
                    && let Some(path) =
                        crate::imports::resolve(&self.ctx.file.path(self.ctx.db), &word.text)
                    && path.is_file()
                {
                    self.links.push(DocumentLink {
                        range,
                        target: LinkTarget::File(path),
                    });
                }
            }
            _ => {}
        }
    }
}

fn value_type(chunk: &Chunk, block: &Block, property: &Property) -> Option<ValueType> {
    let spec = spec_of(chunk.dialect, block)?;
    known_property(spec, action_of(spec, block), &property.key.text).map(|known| known.value_type)
}

/// The places that a name under the cursor must change together with: the name of a parameter in its function, a node's
/// id in its edges. Whatever may also be meant elsewhere is left to rename.
impl Analysis {
    /// Ranges with the same text that editors may change while one is typed in.
    pub fn linked_ranges(&self, file: FileId, offset: usize) -> Cancellable<Vec<Range<usize>>> {
        self.about(file, |ctx| {
            let Some(hit) = crate::occurrences::hit(ctx, offset) else {
                return Vec::new();
            };
            if hit.area.is_none() && hit.space != crate::names::Space::Nodes {
                return Vec::new();
            }
            let places: Vec<_> = crate::occurrences::occurrences(ctx, &hit)
                .into_iter()
                .filter(crate::occurrences::Occurrence::certain)
                .collect();
            if places.len() < 2 {
                Vec::new()
            } else {
                places.into_iter().map(|place| place.range).collect()
            }
        })
    }
}

/// What a signature popup shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureHelp {
    /// `name(a, b)`.
    pub label: String,
    /// Byte ranges of the parameters in the label.
    pub parameters: Vec<Range<usize>>,
    /// The one that is being written.
    pub active: Option<usize>,
}

impl Analysis {
    /// The parameters of the function that is being called.
    pub fn signature_help(
        &self,
        file: FileId,
        offset: usize,
    ) -> Cancellable<Option<SignatureHelp>> {
        self.about(file, |ctx| {
            let placed = ctx.layout().chunk_at(offset)?;
            let at = u32::try_from(offset - placed.start).ok()?;
            let located = locate(&placed.chunk, at);
            let block = located
                .blocks
                .iter()
                .rev()
                .find(|block| block.is("CALL") || block.is("ACTION"))?;
            let function = block.text_of(&["function"])?;
            let arguments = block.property_of(&["arguments", "parameters", "args"])?;
            let value = arguments
                .value
                .as_ref()
                .filter(|value| value.span.touches(at))?;
            let scope = crate::scope::file_scope(ctx.db, ctx.file);
            let names = scope
                .functions
                .get(&function.text)?
                .iter()
                .find_map(|function| function.parameters.clone())?;
            let mut label = format!("{}(", function.text);
            let mut parameters = Vec::new();
            for (index, name) in names.iter().enumerate() {
                if index > 0 {
                    label.push_str(", ");
                }
                parameters.push(label.len()..label.len() + name.len());
                label.push_str(name);
            }
            label.push(')');
            let active = match &value.kind {
                ValueKind::Array(values) => {
                    Some(values.iter().filter(|value| value.span.end < at).count())
                        .filter(|&index| index < names.len())
                }
                ValueKind::Object(items) => items.iter().rev().find_map(|item| match item {
                    Item::Property(property) if property.span.start <= at => {
                        names.iter().position(|name| *name == property.key.text)
                    }
                    _ => None,
                }),
                _ => None,
            };
            Some(SignatureHelp {
                label,
                parameters,
                active,
            })
        })
    }
}
