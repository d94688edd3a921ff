//! The compiler's messages, in lines of the script.

use std::fmt::Write as _;

use serde::Deserialize;

use super::source::{FILE, Program};
use crate::event::{CellError, Frame};

/// Errors that are shown of a cell.
const MOST: usize = 10;

#[derive(Debug, Deserialize)]
struct Message {
    message: String,
    code: Option<Code>,
    level: String,
    #[serde(default)]
    spans: Vec<Span>,
    #[serde(default)]
    children: Vec<Message>,
}

#[derive(Debug, Deserialize)]
struct Code {
    code: String,
}

#[derive(Debug, Deserialize)]
struct Span {
    file_name: String,
    line_start: u32,
    column_start: u32,
    line_end: u32,
    column_end: u32,
    is_primary: bool,
    label: Option<String>,
    #[serde(default)]
    text: Vec<Text>,
    expansion: Option<Box<Expansion>>,
}

#[derive(Debug, Deserialize)]
struct Expansion {
    span: Span,
}

#[derive(Debug, Deserialize)]
struct Text {
    text: String,
}

impl Span {
    /// The place in the program: of a macro of a library, where it is called.
    fn outer(&self) -> &Self {
        let mut span = self;
        while span.file_name != FILE
            && let Some(expansion) = &span.expansion
        {
            span = &expansion.span;
        }
        span
    }

    fn line(&self) -> u32 {
        self.line_start.saturating_sub(1)
    }
}

/// Errors of the compiler.
pub(super) struct Errors(Vec<Message>);

impl Errors {
    /// Reads the compiler's standard error.
    pub(super) fn read(text: &str) -> Self {
        Self(
            text.lines()
                .filter_map(|line| serde_json::from_str::<Message>(line).ok())
                .filter(|message| message.level.starts_with("error"))
                .filter(|message| {
                    !message.spans.is_empty() || !message.message.starts_with("aborting due to")
                })
                .collect(),
        )
    }

    /// Variables that cannot be shared, if that is all that is wrong: the cell moved them, or they are borrowed from what
    /// it moved.
    pub(super) fn only_shares(&self, program: &Program) -> Option<Vec<String>> {
        let names: Option<Vec<String>> = self
            .0
            .iter()
            .map(|message| {
                message
                    .spans
                    .iter()
                    .find_map(|span| program.shares(span.outer().line()))
                    .map(str::to_owned)
            })
            .collect();
        names.filter(|names| !names.is_empty())
    }

    /// The errors as the cell's author reads them.
    pub(super) fn report(&self, program: &Program) -> CellError {
        let mut traceback = String::new();
        let mut frames = Vec::new();
        for message in self.0.iter().take(MOST) {
            let (text, frame) = render(message, program);
            traceback.push_str(&text);
            frames.extend(frame);
        }
        if self.0.len() > MOST {
            let _ = writeln!(traceback, "... and {} errors more", self.0.len() - MOST);
        }
        let first = self.0.first();
        let (line, column) = frames.first().map_or((None, None), |frame: &Frame| {
            (Some(frame.line), frame.column)
        });
        CellError {
            name: first
                .and_then(|message| message.code.as_ref())
                .map_or_else(|| "CompileError".to_owned(), |code| code.code.clone()),
            message: first.map_or_else(
                || "the compiler refused the cell".to_owned(),
                |message| message.message.clone(),
            ),
            traceback,
            frames,
            line,
            column,
        }
    }
}

fn render(message: &Message, program: &Program) -> (String, Option<Frame>) {
    let mut text = String::new();
    let code = message
        .code
        .as_ref()
        .map(|code| format!("[{}]", code.code))
        .unwrap_or_default();
    let _ = writeln!(text, "error{code}: {}", message.message);
    let mut spans: Vec<&Span> = message.spans.iter().collect();
    spans.sort_by_key(|span| (!span.is_primary, span.line_start));
    let mut frame = None;
    for span in spans {
        let outer = span.outer();
        let Some(place) = program.place(outer.line()) else {
            continue;
        };
        let column = outer.column_start.saturating_sub(1);
        if frame.is_none() {
            let _ = writeln!(
                text,
                " --> {}:{}:{}",
                place.file,
                place.line + 1,
                outer.column_start
            );
            frame = Some(Frame {
                function: "<cell>".to_owned(),
                file: place.file.clone(),
                line: place.line,
                column: Some(column),
            });
        }
        let Some(source) = outer.text.first() else {
            continue;
        };
        let width = if outer.line_end == outer.line_start {
            outer.column_end.saturating_sub(outer.column_start).max(1)
        } else {
            1
        };
        let sign = if span.is_primary { "^" } else { "-" };
        let number = (place.line + 1).to_string();
        let _ = writeln!(text, "{number} | {}", source.text);
        let _ = writeln!(
            text,
            "{:gutter$} | {:indent$}{} {}",
            "",
            "",
            sign.repeat(usize::try_from(width).unwrap_or(1).min(200)),
            span.label.as_deref().unwrap_or_default(),
            gutter = number.len(),
            indent = usize::try_from(column).unwrap_or(0).min(10_000),
        );
    }
    for child in &message.children {
        let _ = writeln!(text, "  = {}: {}", child.level, child.message);
    }
    (text, frame)
}
