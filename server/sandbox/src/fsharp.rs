//! F# for an editor: errors while somebody types, completion, signatures. Nothing runs.
//!
//! The compiler that answers is one of its own: a check never holds up a cell that runs. While it is idle, it compiles the
//! cells that run as well, for it knows them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{ComponentNamedList, Lift, Lower};

use crate::compiler::{Compiler, Cut, EDITOR};
use crate::control::Control;
use crate::wire::compiler::{Diagnostic, Item, Position, Severity};
use crate::wire::editor;
use crate::{CellSource, Completion, Engine, Error, Language, Value, interpolate};

/// Time for one answer, the wait for those before it included. A check takes some tenths of a second; types can be written
/// that take for ever.
const TIME: Duration = Duration::from_secs(30);

/// The F# cells of a script and the names around them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FSharpScript {
    /// Names that F# cells see and do not bind, with a value that tells the type. Without one, anything may be done
    /// with the name.
    pub shared: Vec<(String, Option<Value>)>,
    /// The code of the cells, in order, exactly as it stands in the script.
    pub cells: Vec<Arc<str>>,
}

/// An error or a warning of the F# compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FSharpDiagnostic {
    /// An error; otherwise a warning or a remark.
    pub is_error: bool,
    /// For example `FS0039`.
    pub code: String,
    /// For people.
    pub message: String,
    /// Where, in bytes of the cell's code.
    pub range: Range<usize>,
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FSharpDescription {
    /// F# code.
    pub signature: String,
    /// Plain text; may be empty.
    pub documentation: String,
    /// The name, in bytes of the cell's code.
    pub range: Range<usize>,
}

/// One way to call a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FSharpSignature {
    /// F# code.
    pub label: String,
    /// Where each parameter stands in the label, in bytes.
    pub parameters: Vec<Range<usize>>,
}

/// The compiler, as editors ask it. Its methods block, for seconds when the compiler has to be made ready first.
#[derive(Clone)]
pub struct FSharpEditor {
    engine: Engine,
    compiler: Arc<Compiler>,
}

impl Engine {
    /// The F# compiler for an editor. Compiles or loads it on first use. Fails where the F# runtime is missing.
    pub fn fsharp_editor(&self) -> Result<FSharpEditor, Error> {
        Ok(FSharpEditor {
            compiler: self.editor_compiler()?,
            engine: self.clone(),
        })
    }
}

impl std::fmt::Debug for FSharpEditor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FSharpEditor").finish_non_exhaustive()
    }
}

impl FSharpEditor {
    /// Errors and warnings of one of the cells. A cell that the compiler cannot judge in time has none.
    pub fn check(&self, script: &FSharpScript, cell: usize) -> Vec<FSharpDiagnostic> {
        let Some((wire, code)) = request(script, cell) else {
            return Vec::new();
        };
        let found: Vec<Diagnostic> = self.ask("check", (&wire,)).unwrap_or_default();
        let places = Places::new(code);
        found
            .into_iter()
            .filter(|one| !is_of_another_cell(one, code))
            .map(|one| FSharpDiagnostic {
                is_error: matches!(one.severity, Severity::Error),
                range: places.range(one.start, one.end),
                code: one.code,
                message: one.message,
            })
            .collect()
    }

    /// What can stand at a place of a cell, in bytes of its code.
    pub fn complete(&self, script: &FSharpScript, cell: usize, offset: usize) -> Vec<Completion> {
        let Some((wire, code)) = request(script, cell) else {
            return Vec::new();
        };
        let before = code.get(..offset).unwrap_or_default();
        let typed = before.chars().rev().take_while(|c| is_in_word(*c)).count();
        let at = Places::new(code).position(offset);
        let found: Vec<Item> = self.ask("complete", (&wire, at)).unwrap_or_default();
        found
            .into_iter()
            .map(|item| Completion {
                label: item.label,
                kind: item.kind,
                detail: String::new(),
                replaces: u32::try_from(typed).unwrap_or_default(),
            })
            .collect()
    }

    /// What the name at a place of a cell means.
    pub fn inspect(
        &self,
        script: &FSharpScript,
        cell: usize,
        offset: usize,
    ) -> Option<FSharpDescription> {
        let (wire, code) = request(script, cell)?;
        let places = Places::new(code);
        let at = places.position(offset);
        let found: Option<editor::Description> = self.ask("inspect", (&wire, at))?;
        let found = found?;
        let mut texts = found.texts.into_iter();
        Some(FSharpDescription {
            signature: texts.next()?,
            documentation: texts.collect::<Vec<_>>().join("\n").trim().to_owned(),
            range: places.range(Some(found.start), Some(found.end)),
        })
    }

    /// What is called around a place of a cell, and the number of the parameter that it stands at.
    pub fn signatures(
        &self,
        script: &FSharpScript,
        cell: usize,
        offset: usize,
    ) -> Option<(Vec<FSharpSignature>, usize)> {
        let (wire, code) = request(script, cell)?;
        let at = Places::new(code).position(offset);
        let found: Option<editor::Call> = self.ask("signatures", (&wire, at))?;
        let found = found?;
        let signatures = found.signatures.into_iter().map(|one| {
            let bytes = |points: u32| {
                let mut starts = one.label.char_indices().map(|(at, _)| at);
                usize::try_from(points)
                    .ok()
                    .and_then(|points| starts.nth(points))
                    .unwrap_or(one.label.len())
            };
            FSharpSignature {
                parameters: one
                    .parameters
                    .iter()
                    .map(|(from, to)| bytes(*from)..bytes(*to))
                    .collect(),
                label: one.label.clone(),
            }
        });
        Some((
            signatures.collect(),
            usize::try_from(found.active).unwrap_or_default(),
        ))
    }

    /// `None`: there is no answer, because the compiler failed or took too long.
    fn ask<P, R>(&self, function: &'static str, parameters: P) -> Option<R>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: Send + Sync + 'static,
        (R,): ComponentNamedList + Lift + Send + Sync,
    {
        let executor = self.engine.executor().ok()?;
        let _running = self.engine.running();
        let control = Arc::new(Control::default());
        control.begin(TIME);
        let asked = self
            .compiler
            .ask_in::<P, R>(EDITOR, function, parameters, &control);
        let answer = crate::session::caught(|| Ok(executor.block_on(asked)));
        match answer {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(Cut::Stopped(stop))) => {
                tracing::debug!(function, %stop, "the F# compiler gave no answer");
                None
            }
            Ok(Err(Cut::Failed(reason))) => {
                tracing::warn!(function, reason, "the F# compiler gave no answer");
                None
            }
            Err(error) => {
                tracing::error!(
                    function,
                    error = format!("{error:#}"),
                    "the F# compiler died"
                );
                None
            }
        }
    }
}

/// What a cell above opens is open in this one too; that it does not exist is said there.
fn is_of_another_cell(one: &Diagnostic, code: &str) -> bool {
    one.message
        .strip_prefix("The namespace or module '")
        .and_then(|rest| rest.split('\'').next())
        .is_some_and(|name| !code.contains(name))
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '\''
}

/// The cell as the compiler takes it.
fn request(script: &FSharpScript, cell: usize) -> Option<(editor::Script, &str)> {
    let code = script.cells.get(cell)?;
    let shared = script.shared.iter().map(|(name, value)| editor::Shared {
        name: name.clone(),
        value: value.as_ref().map(Value::to_wire),
    });
    let mut shared: Vec<_> = shared.collect();
    let mut names = BTreeSet::new();
    let above = script.cells.iter().take(cell);
    let above = above.map(|code| masked(code, &mut names)).collect();
    let masked = masked(code, &mut names);
    names.retain(|name| shared.iter().all(|known| known.name != *name));
    shared.extend(
        names
            .into_iter()
            .map(|name| editor::Shared { name, value: None }),
    );
    let wire = editor::Script {
        shared,
        above,
        code: masked,
    };
    Some((wire, code))
}

/// Stands for a part of a value, of which nobody knows the type before the cell runs.
const PART: &str = "v_";

/// The code with each `${name}` in it, which is no F#, as `(name )`: the same value in as many bytes. The names that are
/// read so are added to `names`.
fn masked(code: &str, names: &mut BTreeSet<String>) -> String {
    let holes = interpolate::holes(&CellSource::new(Language::FSharp, code));
    let mut text = code.to_owned();
    for hole in holes.iter().filter(|hole| hole.is_code()) {
        let inside = hole.range.len().saturating_sub(3);
        let name = if hole.is_whole() { &hole.name } else { PART };
        if inside < name.len() {
            continue;
        }
        names.insert(name.to_owned());
        let padding = " ".repeat(inside + 1 - name.len());
        text.replace_range(hole.range.clone(), &format!("({name}{padding})"));
    }
    text
}

/// Lines and columns of a text, as the compiler counts them: lines end with `\n`, `\r\n` or `\r`, columns are code points.
struct Places<'a> {
    text: &'a str,
    lines: Vec<Range<usize>>,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let end = match byte {
                b'\n' if at > 0 && bytes.get(at - 1) == Some(&b'\r') => at - 1,
                b'\n' => at,
                b'\r' if bytes.get(at + 1) != Some(&b'\n') => at,
                _ => continue,
            };
            lines.push(start..end);
            start = at + 1;
        }
        lines.push(start..text.len());
        Self { text, lines }
    }

    fn position(&self, offset: usize) -> Position {
        let line = self
            .lines
            .partition_point(|line| line.start <= offset)
            .saturating_sub(1);
        let start = self.lines.get(line).map_or(0, |line| line.start);
        let before = self.text.get(start..offset).unwrap_or_default();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count()).unwrap_or(u32::MAX),
        }
    }

    fn offset(&self, at: Position) -> usize {
        let line = usize::try_from(at.line)
            .ok()
            .and_then(|line| self.lines.get(line));
        let Some(line) = line else {
            return self.text.len();
        };
        let text = self.text.get(line.clone()).unwrap_or_default();
        let points = usize::try_from(at.column).unwrap_or(usize::MAX);
        let width = text
            .char_indices()
            .nth(points)
            .map_or(text.len(), |(at, _)| at);
        line.start + width
    }

    /// Without a place: the first line that is not blank.
    fn range(&self, start: Option<Position>, end: Option<Position>) -> Range<usize> {
        let Some(start) = start else {
            let line = self.lines.iter().find(|line| {
                let text = self.text.get((*line).clone()).unwrap_or_default();
                !text.trim().is_empty()
            });
            return line.cloned().unwrap_or(0..0);
        };
        let start = self.offset(start);
        let end = end.map_or(start, |end| self.offset(end));
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn places_go_both_ways_whatever_ends_a_line() {
        let text = "let é = 1\r\nlet 𝄞x = 2\rlast\n";
        let places = Places::new(text);
        for offset in [0, 4, 6, 9, 12, 16, 20, 23, 25, text.len()] {
            if !text.is_char_boundary(offset) || text.get(offset..=offset) == Some("\n") {
                continue;
            }
            let there = places.position(offset);
            assert_eq!(places.offset(there), offset, "{there:?}");
        }
        let second = text.find('𝄞').unwrap_or_default();
        assert_eq!(places.position(second + '𝄞'.len_utf8()).column, 5);
        assert_eq!(places.range(Some(at(9, 0)), None), text.len()..text.len());
        assert_eq!(places.range(Some(at(0, 99)), None), 10..10);
    }

    #[test]
    fn a_complaint_about_no_place_stands_at_the_first_line() {
        assert_eq!(Places::new("\n  \n  x\n").range(None, None), 4..7);
        assert_eq!(Places::new("").range(None, None), 0..0);
    }
}
