//! Code cells.

use std::ops::Range;

use crate::ast::{self, Argument, Syntax};
use crate::{Document, Language};

/// A piece of code in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The number of the cell in its document, from zero.
    pub index: usize,
    /// The language of its code.
    pub language: Language,
    /// The whole block or fence, in bytes.
    pub range: Range<usize>,
    /// The code, in bytes: whole lines from the first on, without a line `output_variable: "x"` at the end.
    pub code: Range<usize>,
    /// Zero-based line of the start of the code.
    pub first_line: u32,
    /// The variable that receives the result, with the range of its name.
    pub output_variable: Option<(String, Range<usize>)>,
    /// The name of the cell, with its range.
    pub name: Option<(String, Range<usize>)>,
    /// `${...}` in the code is replaced as text, not as a value: `interpolate="raw"` asks for it. The range is that of `raw`.
    pub raw_interpolation: Option<Range<usize>>,
    /// How the cell is written.
    pub form: CellForm,
}

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellForm {
    /// `FSHARP { ... }`
    Brace,
    /// `LANG("FSHARP") { ... }`
    Lang,
    /// A fence of Markdown.
    Fence,
}

/// Properties that name the variable for the result. The second is a synonym.
pub const OUTPUT_KEYS: [&str; 2] = ["output_variable", "result_variable"];

pub(crate) fn cells(document: &Document) -> Vec<Cell> {
    let mut cells = Vec::new();
    for node in ast::Walk::new(
        Syntax::new(document, document.tree().root_node()),
        may_hold_cells,
    ) {
        let cell = match node.kind() {
            "code_block" => ast::CodeBlock::cast(node).map(|block| from_block(document, &block)),
            "fenced_cell" => ast::Fence::cast(node).map(|fence| from_fence(document, &fence)),
            _ => None,
        };
        if let Some(mut cell) = cell {
            cell.index = cells.len();
            cells.push(cell);
        }
    }
    cells
}

/// Blocks and what may hold blocks; never strings, which make up most of a script.
fn may_hold_cells(kind: &str) -> bool {
    matches!(
        kind,
        "source_file" | "block" | "property" | "object" | "array"
    )
}

fn from_block(document: &Document, block: &ast::CodeBlock<'_>) -> Cell {
    let arguments = block.arguments();
    let code = block.code();
    let mut attributes = Attributes::default();
    for argument in &arguments {
        match argument {
            Argument::Name(token) if attributes.name.is_none() => {
                attributes.name = Some((token.text().into_owned(), token.range()));
            }
            Argument::List(list) if !block.is_lang() => {
                for inner in list {
                    attributes.take(inner);
                }
            }
            _ => attributes.take(argument),
        }
    }
    for property in block.properties() {
        if OUTPUT_KEYS.contains(&&*property.key_text()) {
            attributes.output = property.value().and_then(|value| value.plain_text());
        }
    }
    Cell {
        index: 0,
        language: block.language(),
        range: block.syntax().range(),
        first_line: line_of(document, code.start),
        code,
        output_variable: attributes.output,
        name: attributes.name,
        raw_interpolation: attributes.raw_interpolation,
        form: if block.is_lang() {
            CellForm::Lang
        } else {
            CellForm::Brace
        },
    }
}

fn from_fence(document: &Document, fence: &ast::Fence<'_>) -> Cell {
    let mut attributes = Attributes::default();
    for argument in fence.arguments() {
        attributes.take(&argument);
    }
    let code = fence.code();
    Cell {
        index: 0,
        language: fence.language(),
        range: fence.syntax().range(),
        first_line: line_of(document, code.start),
        code,
        output_variable: attributes.output,
        name: attributes.name,
        raw_interpolation: attributes.raw_interpolation,
        form: CellForm::Fence,
    }
}

/// What stands in the head of a cell.
#[derive(Default)]
struct Attributes {
    name: Option<(String, Range<usize>)>,
    output: Option<(String, Range<usize>)>,
    raw_interpolation: Option<Range<usize>>,
}

impl Attributes {
    fn take(&mut self, argument: &Argument<'_>) {
        let Argument::Attribute {
            name,
            value: Some(value),
        } = argument
        else {
            return;
        };
        match &*name.text() {
            "name" => self.name = value.plain_text(),
            "output" | "output_variable" | "result_variable" => self.output = value.plain_text(),
            "interpolate" => {
                self.raw_interpolation = value
                    .plain_text()
                    .filter(|(text, _)| text == "raw")
                    .map(|(_, range)| range);
            }
            _ => {}
        }
    }
}

fn line_of(document: &Document, byte: usize) -> u32 {
    u32::try_from(document.rope().byte_to_line(byte)).unwrap_or(u32::MAX)
}
