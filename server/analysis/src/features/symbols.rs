//! The outline of a script: blocks, cells, workflow nodes, variables and functions, nested as they stand.

use std::ops::Range;

use metascript_syntax::schema::{Group as Topic, schema};

use crate::db::{Piece, SourceFile, groups, pieces};
use crate::host::Analysis;
use crate::ir::{Block, CellItem, Chunk, Item, Span, Value, ValueKind};
use crate::{Cancellable, FileId};

/// An entry of the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What people call it.
    pub name: String,
    /// A word more, shown beside it.
    pub detail: Option<String>,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it, in bytes.
    pub range: Range<usize>,
    /// The part to select: its name.
    pub selection: Range<usize>,
    /// What stands inside it.
    pub children: Vec<Symbol>,
    /// There is a newer spelling.
    pub deprecated: bool,
}

/// What an outline entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// `DESCRIBE`, `META`.
    Metadata,
    /// `CONFIG`, `policy`.
    Configuration,
    /// `VARIABLE`.
    Variable,
    /// A property of a configuration or of metadata.
    Property,
    /// `FUNCTION`, `CLOSURE`.
    Function,
    /// `ACTION` and what else does something.
    Action,
    /// `IF`, loops, `TRY`.
    Control,
    /// `AGENT`.
    Agent,
    /// `TASK`.
    Task,
    /// A code cell.
    Cell,
    /// A workflow.
    Workflow,
    /// A node of a workflow.
    Node,
    /// A rewrite rule.
    Rule,
    /// A heading of a literate script.
    Heading,
    /// Any other block.
    Block,
}

impl Analysis {
    /// The outline of a file.
    pub fn document_symbols(&self, file: FileId) -> Cancellable<Vec<Symbol>> {
        self.about(file, |ctx| {
            let mut symbols = Vec::new();
            for (start, group) in groups(ctx.db, ctx.file) {
                for (offset, piece) in pieces(ctx.db, *group) {
                    let base = start + *offset as usize;
                    symbols.extend(
                        piece_symbols(ctx.db, *piece)
                            .iter()
                            .map(|symbol| symbol.at(base)),
                    );
                }
            }
            under_headings(ctx.db, ctx.file, symbols)
        })
    }
}

impl Symbol {
    fn at(&self, base: usize) -> Symbol {
        let shift = |range: &Range<usize>| range.start + base..range.end + base;
        Symbol {
            range: shift(&self.range),
            selection: shift(&self.selection),
            children: self.children.iter().map(|child| child.at(base)).collect(),
            name: self.name.clone(),
            detail: self.detail.clone(),
            ..*self
        }
    }
}

/// In literate scripts, what stands below a heading belongs to it.
fn under_headings(db: &dyn salsa::Database, file: SourceFile, flat: Vec<Symbol>) -> Vec<Symbol> {
    if flat.iter().all(|symbol| symbol.kind != SymbolKind::Heading) {
        return flat;
    }
    let end = file.document(db).rope().len_bytes();
    let mut roots: Vec<Symbol> = Vec::new();
    // Headings that are open, with their levels.
    let mut open: Vec<(usize, Symbol)> = Vec::new();
    let close = |open: &mut Vec<(usize, Symbol)>, roots: &mut Vec<Symbol>, at: usize| {
        if let Some((_, mut heading)) = open.pop() {
            heading.range.end = heading.range.end.max(at);
            match open.last_mut() {
                Some((_, parent)) => parent.children.push(heading),
                None => roots.push(heading),
            }
        }
    };
    for symbol in flat {
        if symbol.kind == SymbolKind::Heading {
            let level = symbol.detail.as_deref().map_or(1, str::len);
            while open.last().is_some_and(|(above, _)| *above >= level) {
                close(&mut open, &mut roots, symbol.range.start);
            }
            open.push((
                level,
                Symbol {
                    detail: None,
                    ..symbol
                },
            ));
        } else {
            match open.last_mut() {
                Some((_, heading)) => heading.children.push(symbol),
                None => roots.push(symbol),
            }
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut roots, end);
    }
    roots
}

/// The outline of one chunk, relative to it.
#[salsa::tracked(returns(ref))]
fn piece_symbols<'db>(db: &'db dyn salsa::Database, piece: Piece<'db>) -> Vec<Symbol> {
    let chunk = piece.chunk(db);
    item_symbols(chunk, &chunk.item)
}

fn item_symbols(chunk: &Chunk, item: &Item) -> Vec<Symbol> {
    match item {
        Item::Block(block) => vec![block_symbol(chunk, block)],
        Item::Cell(cell) => vec![cell_symbol(chunk, cell)],
        Item::Property(property) => property
            .value
            .iter()
            .flat_map(|value| value_symbols(chunk, value))
            .collect(),
        Item::Value(value) => value_symbols(chunk, value),
        Item::Text {
            heading: Some(heading),
            span,
        } => {
            let marks = chunk
                .slice(*span)
                .trim_start()
                .chars()
                .take_while(|&c| c == '#')
                .count()
                .max(1);
            vec![Symbol {
                name: heading.text.to_string(),
                detail: Some("#".repeat(marks)),
                kind: SymbolKind::Heading,
                range: span.range(),
                selection: heading.span.range(),
                children: Vec::new(),
                deprecated: false,
            }]
        }
        _ => Vec::new(),
    }
}

/// Blocks inside the braces of a value: `then: { ACTION {} }`.
fn value_symbols(chunk: &Chunk, value: &Value) -> Vec<Symbol> {
    match &value.kind {
        ValueKind::Object(items) => items
            .iter()
            .flat_map(|item| item_symbols(chunk, item))
            .collect(),
        ValueKind::Array(values) | ValueKind::Many(values) => values
            .iter()
            .flat_map(|value| value_symbols(chunk, value))
            .collect(),
        _ => Vec::new(),
    }
}

fn block_symbol(chunk: &Chunk, block: &Block) -> Symbol {
    let spec = schema().block(&block.keyword.text);
    let kind = spec.map_or(SymbolKind::Block, |spec| match spec.keyword.as_str() {
        "VARIABLE" => SymbolKind::Variable,
        "AGENT" => SymbolKind::Agent,
        "TASK" => SymbolKind::Task,
        "node" => SymbolKind::Node,
        "workflow" | "WORKFLOW" => SymbolKind::Workflow,
        "FUNCTION" | "CLOSURE" => SymbolKind::Function,
        _ => match spec.group {
            Topic::Metadata => SymbolKind::Metadata,
            Topic::Configuration => SymbolKind::Configuration,
            Topic::Control => SymbolKind::Control,
            Topic::Action | Topic::Function => SymbolKind::Action,
            Topic::Rule => SymbolKind::Rule,
            _ => SymbolKind::Block,
        },
    });
    let keyword = match &block.modifier {
        Some(modifier) => format!("{} {}", block.keyword.text, modifier.text),
        None => block.keyword.text.to_string(),
    };
    let said = block
        .name
        .as_ref()
        .or_else(|| block.text_of(&["name", "title", "id"]));
    let (name, detail) = match said {
        Some(name) => (name.text.to_string(), Some(keyword)),
        None => (keyword, summary(chunk, block)),
    };
    let selection = block
        .name
        .as_ref()
        .map_or(block.keyword.span, |name| name.span);
    let mut children: Vec<Symbol> = Vec::new();
    for item in &block.items {
        children.extend(item_symbols(chunk, item));
        if let (SymbolKind::Configuration | SymbolKind::Metadata, Item::Property(property)) =
            (kind, item)
        {
            children.push(Symbol {
                name: property.key.text.to_string(),
                detail: property
                    .value
                    .as_ref()
                    .map(|value| one_line(chunk.slice(value.span))),
                kind: SymbolKind::Property,
                range: property.span.range(),
                selection: property.key.span.range(),
                children: Vec::new(),
                deprecated: false,
            });
        }
    }
    let deprecated = schema()
        .deprecations()
        .iter()
        .any(|old| old.property.is_none() && old.block == block.keyword.text.as_str());
    let name = if name.is_empty() {
        "(no name)".to_owned()
    } else {
        name
    };
    Symbol {
        name,
        detail,
        kind,
        range: block.span.range(),
        selection: selection.range(),
        children,
        deprecated,
    }
}

/// What tells blocks of one keyword apart: the type of an action, the condition of an `IF`.
fn summary(chunk: &Chunk, block: &Block) -> Option<String> {
    let property = block.property_of(&[
        "type",
        "condition",
        "function",
        "items",
        "variable",
        "exec",
        "value",
    ])?;
    let text = one_line(chunk.slice(property.value.as_ref()?.span));
    Some(text.trim_matches('"').to_owned())
}

fn cell_symbol(chunk: &Chunk, cell: &CellItem) -> Symbol {
    let keyword = cell.keyword.as_ref().map_or_else(
        || cell.language.as_str().to_owned(),
        |word| word.text.to_string(),
    );
    let (name, detail) = match (&cell.name, &cell.output) {
        (Some(name), _) => (name.text.to_string(), Some(keyword)),
        (None, Some(output)) => (keyword, Some(output.text.to_string())),
        (None, None) => (keyword, first_line(chunk.slice(cell.code))),
    };
    let selection = cell.keyword.as_ref().map_or(
        Span {
            start: cell.span.start,
            end: cell.code.start,
        },
        |word| word.span,
    );
    Symbol {
        name,
        detail,
        kind: SymbolKind::Cell,
        range: cell.span.range(),
        selection: selection.range(),
        children: Vec::new(),
        deprecated: false,
    }
}

fn first_line(code: &str) -> Option<String> {
    code.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .map(one_line)
}

/// The start of a text, on one line.
pub(crate) fn one_line(text: &str) -> String {
    const WIDTH: usize = 60;
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = line.char_indices().nth(WIDTH) {
        line.truncate(at);
        line.push('…');
    }
    line
}
