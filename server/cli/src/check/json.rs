//! The JSON of `metascript check`; docs/command-line.md describes it.

use std::io::{self, Write};

use metascript_analysis::{Diagnostic, Severity, Tag};
use metascript_syntax::position::{PositionEncoding, to_position};
use ropey::Rope;
use serde::Serialize;

use super::Checked;
use crate::files::Unreadable;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    files: Vec<File<'a>>,
    errors: Vec<Failure>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    dialect: &'a str,
    syntax_errors: usize,
    diagnostics: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    range: Range,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'static str>,
    fixable: bool,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    character: u32,
}

#[derive(Serialize)]
struct Failure {
    path: String,
    message: String,
}

pub(super) fn print(checked: &[Checked], unreadable: &[Unreadable]) -> io::Result<()> {
    super::print_unreadable(unreadable);
    let report = Report {
        version: 1,
        files: checked.iter().map(file).collect(),
        errors: unreadable
            .iter()
            .map(|failure| Failure {
                path: failure.path.to_string_lossy().into_owned(),
                message: failure.reason.clone(),
            })
            .collect(),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    serde_json::to_writer(&mut out, &report)?;
    writeln!(out)?;
    out.flush()
}

fn file(checked: &Checked) -> File<'_> {
    let rope = checked.document.rope();
    File {
        path: &checked.path,
        dialect: checked.document.dialect().as_str(),
        syntax_errors: checked.syntax_errors,
        diagnostics: checked
            .diagnostics
            .iter()
            .map(|item| one(item, rope))
            .collect(),
    }
}

fn one<'a>(item: &'a Diagnostic, rope: &Rope) -> Item<'a> {
    Item {
        code: item.code.as_str(),
        severity: match item.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
            Severity::Hint => "hint",
        },
        message: &item.message,
        range: Range {
            start: position(rope, item.range.start),
            end: position(rope, item.range.end),
        },
        tags: item
            .tags
            .iter()
            .map(|tag| match tag {
                Tag::Unnecessary => "unnecessary",
                Tag::Deprecated => "deprecated",
            })
            .collect(),
        fixable: !item.fixes.is_empty(),
    }
}

/// LSP's default: zero-based lines, UTF-16 code units.
fn position(rope: &Rope, offset: usize) -> Position {
    let at = to_position(rope, offset, PositionEncoding::Utf16);
    Position {
        line: at.line,
        character: at.character,
    }
}
