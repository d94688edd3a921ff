//! The program that is made of a cell, and the way back from its lines to the script's.
//!
//! Text of a script keeps its columns: each piece begins on a line of its own, moved to where it stands there.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use super::parse::{Item, Key, Parsed};
use crate::Value;

/// The file that the compiler sees.
pub(super) const FILE: &str = "cell.rs";

/// An item of an earlier cell.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) text: String,
    pub(super) keys: Vec<Key>,
    /// The script, and the zero-based line and column where the text begins.
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: usize,
}

/// A line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    /// Counts from zero.
    pub(super) line: u32,
}

/// A program and where its lines come from.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) text: String,
    /// For each line of the text: its place in a script, or the variable that it shares.
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Ours,
    Script(Place),
    Shares(String),
}

impl Program {
    /// Where a line of the program, counted from zero, comes from.
    pub(super) fn place(&self, line: u32) -> Option<&Place> {
        match self.lines.get(usize::try_from(line).ok()?)? {
            Line::Script(place) => Some(place),
            _ => None,
        }
    }

    /// The variable that a line of the program shares at the cell's end.
    pub(super) fn shares(&self, line: u32) -> Option<&str> {
        match self.lines.get(usize::try_from(line).ok()?)? {
            Line::Shares(name) => Some(name),
            _ => None,
        }
    }

    fn ours(&mut self, text: &str) {
        self.push(text, |_| Line::Ours);
    }

    fn script(&mut self, text: &str, column: usize, file: &str, line: u32) {
        let moved = format!("{:column$}{text}", "");
        self.push(&moved, |at| {
            Line::Script(Place {
                file: file.to_owned(),
                line: line.saturating_add(at),
            })
        });
    }

    fn push(&mut self, text: &str, line: impl Fn(u32) -> Line) {
        for (at, one) in text.split('\n').enumerate() {
            self.text.push_str(one);
            self.text.push('\n');
            self.lines.push(line(u32::try_from(at).unwrap_or(u32::MAX)));
        }
    }
}

/// A cell on its way into a program.
pub(super) struct Cell<'a> {
    pub(super) code: &'a str,
    pub(super) parsed: &'a Parsed,
    pub(super) file: &'a str,
    pub(super) first_line: u32,
}

impl Cell<'_> {
    /// Zero-based line and column, in the script, of a byte of the cell. The column counts code points.
    pub(super) fn position(&self, at: usize) -> (u32, usize) {
        let before = self.code.get(..at).unwrap_or(self.code);
        let lines = before.matches('\n').count();
        let column = before.chars().rev().take_while(|one| *one != '\n').count();
        (
            self.first_line
                .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)),
            column,
        )
    }

    /// The items as later cells see them.
    pub(super) fn kept(&self) -> Vec<Kept> {
        self.parsed
            .items
            .iter()
            .map(|item| {
                let (line, column) = self.position(item.range.start);
                Kept {
                    text: self.slice(&item.range).to_owned(),
                    keys: item.keys.clone(),
                    file: self.file.to_owned(),
                    line,
                    column,
                }
            })
            .collect()
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.code.get(range.clone()).unwrap_or_default()
    }

    fn add(&self, range: &Range<usize>, program: &mut Program) {
        let text = self.slice(range);
        if text.trim().is_empty() {
            return;
        }
        let (line, column) = self.position(range.start);
        program.script(text, column, self.file, line);
    }

    /// Makes the program. `given` are the session's variables that the cell mentions; `silent` are names that cannot be
    /// shared at its end, because the cell gave them away.
    pub(super) fn program(
        &self,
        earlier: &[Kept],
        given: &[(String, Value)],
        silent: &HashSet<String>,
    ) -> Program {
        let mut program = Program::default();
        program.ours("#![allow(warnings)]\nuse ::metascript::prelude::*;");
        for item in earlier {
            program.script(&item.text, item.column, &item.file, item.line);
        }
        for item in &self.parsed.items {
            self.add(&item.range, &mut program);
        }
        program.ours(
            "fn main() { ::metascript::cell::run(__cell) }\n\
             fn __cell() -> ::std::result::Result<(), ::std::boxed::Box<dyn ::std::error::Error>> {",
        );
        for (name, value) in given {
            program.ours(&format!(
                "let mut {name}: {} = ::metascript::cell::recall({name:?});",
                type_of(value, 0)
            ));
        }
        let mut at = 0;
        let end = self
            .parsed
            .result
            .as_ref()
            .map_or(self.code.len(), |range| range.start);
        let inside: Vec<&Item> = self
            .parsed
            .items
            .iter()
            .filter(|item| item.range.start < end)
            .collect();
        for item in inside {
            self.add(&(at..item.range.start), &mut program);
            at = item.range.end;
        }
        self.add(&(at..end), &mut program);
        if let Some(range) = &self.parsed.result {
            // Borrowed, so that showing a variable does not move it.
            program.ours("match &(");
            self.add(range, &mut program);
            program.ours(
                ") { __result => { use ::metascript::cell::*; \
                 result((&&&&Of(__result)).shown(), (&&Of(__result)).shared()) } }",
            );
        }
        let shared = self
            .parsed
            .bound
            .iter()
            .chain(given.iter().map(|(name, _)| name))
            .filter(|name| !silent.contains(*name))
            .collect::<HashSet<_>>();
        let mut shared: Vec<_> = shared.into_iter().collect();
        shared.sort_unstable();
        for name in shared {
            program.push(
                &format!(
                    "{{ use ::metascript::cell::*; define({name:?}, &{name}, (&&Of(&{name})).shared()); }}"
                ),
                |_| Line::Shares(name.clone()),
            );
        }
        program.ours("::std::result::Result::Ok(()) }");
        program
    }
}

/// Takes the items of a cell among those of the cells before it; each takes the place of what has its name.
pub(super) fn keep(earlier: &[Kept], fresh: &[Kept]) -> Vec<Kept> {
    let keys: HashSet<&Key> = fresh.iter().flat_map(|item| &item.keys).collect();
    let types: HashSet<&str> = keys
        .iter()
        .filter_map(|key| match key {
            Key::Type(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let is_replaced = |item: &Kept| {
        item.keys.iter().any(|key| {
            keys.contains(key)
                || match key {
                    // The implementations of a type go with it.
                    Key::Method(owner, _) => types.contains(base(owner)),
                    Key::Impl(head) => head
                        .rsplit_once(" for ")
                        .is_some_and(|(_, owner)| types.contains(base(owner))),
                    _ => false,
                }
        })
    };
    earlier
        .iter()
        .filter(|item| !is_replaced(item))
        .cloned()
        .collect()
}

/// The name of a type without its parameters.
fn base(owner: &str) -> &str {
    owner.split(['<', ' ']).next().unwrap_or(owner)
}

/// Deepest list whose items have a type of their own.
const MAX_TYPED: usize = 4;

/// The Rust type of a value of the session; `docs/rust-cells.md` has the table.
pub(super) fn type_of(value: &Value, depth: usize) -> String {
    let plain = match value {
        Value::Null => "::metascript::Value",
        Value::Boolean(_) => "bool",
        Value::Integer(_) => "i64",
        Value::BigInteger(_) => "::metascript::BigInt",
        Value::Float(_) => "f64",
        Value::Text(_) => "::std::string::String",
        Value::Bytes(_) => "::std::vec::Vec<u8>",
        Value::DateTime(_) => "::metascript::DateTime",
        Value::Map(_) => "::metascript::Map",
        Value::Table(_) => "::metascript::Table",
        Value::List(items) => {
            let mut types = items.iter().map(|item| {
                if depth < MAX_TYPED {
                    type_of(item, depth + 1)
                } else {
                    "::metascript::Value".to_owned()
                }
            });
            let first = types.next().unwrap_or("::metascript::Value".to_owned());
            let one = if types.all(|other| other == first) {
                first
            } else {
                "::metascript::Value".to_owned()
            };
            let mut text = String::new();
            let _ = write!(text, "::std::vec::Vec<{one}>");
            return text;
        }
    };
    plain.to_owned()
}
