//! Running code.

use std::path::{Path, PathBuf};

use metascript_syntax::Document;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::json::{bundle, error, from_json, to_json};
use super::{Desk, Fault, language, params};
use crate::event::{Bundle, CellError, CellSource, Event, Outcome, Status};
use crate::value::Value;
use crate::variables::LAST_RESULT;
use crate::{Language, declared};

/// Largest file that is run, in bytes.
const MOST: u64 = 32 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Code {
    language: String,
    code: String,
    /// For tracebacks.
    file: Option<String>,
    /// Zero-based line on which the code begins.
    #[serde(default)]
    line: u32,
    /// The variable that takes the result.
    result_variable: Option<String>,
    /// `${name}` is replaced as text.
    #[serde(default)]
    raw_interpolation: bool,
}

impl Code {
    fn cell(self) -> Result<CellSource, Fault> {
        let mut cell = CellSource::new(language(&self.language)?, self.code);
        if let Some(file) = self.file {
            cell.file = file;
        }
        cell.first_line = self.line;
        cell.result_variable = self.result_variable;
        cell.raw_interpolation = self.raw_interpolation;
        Ok(cell)
    }
}

/// Runs code.
pub(super) fn execute(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let cell = params::<Code>(json)?.cell()?;
    run(desk, &cell).map(Ran::into_json)
}

/// Sets variables, then runs code.
pub(super) fn execute_with(desk: &mut Desk<'_>, mut json: Json) -> Result<Json, Fault> {
    let variables = json
        .as_object_mut()
        .and_then(|map| map.shift_remove("variables"))
        .ok_or_else(|| Fault::params("missing field `variables`: an object of values by name"))?;
    let Json::Object(variables) = variables else {
        return Err(Fault::params("`variables` is an object of values by name"));
    };
    let cell = params::<Code>(json)?.cell()?;
    // All or nothing: a value that is none must not leave the others behind.
    let values: Vec<(String, Value)> = variables
        .into_iter()
        .map(|(name, value)| match from_json(&value) {
            Ok(value) => Ok((name, value)),
            Err(reason) => Err(Fault::params(format!("'{name}': {reason}"))),
        })
        .collect::<Result<_, _>>()?;
    for (name, value) in values {
        desk.session
            .set_variable(&name, value)
            .map_err(|error| Fault::params(error.to_string()))?;
    }
    run(desk, &cell).map(Ran::into_json)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    path: PathBuf,
    /// Without it, what the file's ending says.
    language: Option<String>,
}

/// Runs a file: of code, or a metascript with all its cells.
pub(super) fn execute_file(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: File = params(json)?;
    let path = match desk.session.folder() {
        Some(folder) => folder.join(&wanted.path),
        None => wanted.path.clone(),
    };
    let unreadable =
        |error: &dyn std::fmt::Display| Fault::could_not(format!("{}: {error}", path.display()));
    let found = std::fs::metadata(&path).map_err(|error| unreadable(&error))?;
    if !found.is_file() || found.len() > MOST {
        return Err(unreadable(&format!(
            "no plain file of at most {} MiB",
            MOST >> 20
        )));
    }
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable(&"the text is no UTF-8"))?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let spoken = match &wanted.language {
        Some(name) => Some(language(name)?),
        None => by_ending(&path)?,
    };
    let cells = match spoken {
        Some(language) => vec![CellSource::new(language, text).at(name, 0)],
        None => script(desk, &text, &name)?,
    };
    let mut status = Status::Ok;
    let mut answers = Vec::with_capacity(cells.len());
    for cell in &cells {
        let ran = run(desk, cell)?;
        status = ran.outcome.status;
        answers.push(ran.into_json());
        if status != Status::Ok {
            break;
        }
    }
    Ok(json!({ "status": word(status), "cells": answers }))
}

/// The language of a file's ending; `None` for a metascript.
fn by_ending(path: &Path) -> Result<Option<Language>, Fault> {
    let ending = path.extension().map_or_else(String::new, |ending| {
        ending.to_string_lossy().to_ascii_lowercase()
    });
    let name = match ending.as_str() {
        "tars" | "trsx" | "flux" | "metascript" | "meta" => return Ok(None),
        "py" => "python",
        "js" | "mjs" | "cjs" => "javascript",
        "ts" | "mts" | "cts" => "typescript",
        "fsx" | "fs" => "fsharp",
        "rs" => "rust",
        _ => {
            return Err(Fault::params(format!(
                "the ending of {} does not say its language: name it in `language`",
                path.display()
            )));
        }
    };
    language(name).map(Some)
}

/// The cells of a metascript; what it declares is set.
fn script(desk: &mut Desk<'_>, text: &str, name: &str) -> Result<Vec<CellSource>, Fault> {
    let document = Document::parse(text);
    let mut cells = Vec::new();
    for cell in document.cells() {
        let known = language(cell.language.as_str());
        let source = known.map(|_| CellSource::of_script(&cell, &document, name));
        cells.extend(source.map_err(|fault| {
            Fault::could_not(format!("line {}: {}", cell.first_line + 1, fault.message))
        })?);
    }
    for (name, reason) in desk.session.declare(&declared(&document)) {
        tracing::warn!(name, reason, "a declared value is not set");
    }
    Ok(cells)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expression {
    language: String,
    expression: String,
}

/// The value of an expression.
pub(super) fn evaluate(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Expression = params(json)?;
    let spoken = language(&wanted.language)?;
    let expression = wanted.expression.trim().trim_end_matches(';').trim_end();
    if expression.is_empty() {
        return Err(Fault::params("the expression is empty"));
    }
    let code = match spoken.home() {
        // In brackets nothing but an expression can stand.
        Language::Python | Language::JavaScript => format!("({expression}\n)"),
        Language::FSharp => format!("(\n {}\n)", expression.replace('\n', "\n ")),
        _ => expression.to_owned(),
    };
    let cell = CellSource::new(spoken, code).at("expression", 0);
    let ran = run(desk, &cell)?;
    let mut answer = Map::new();
    answer.insert("status".to_owned(), word(ran.outcome.status).into());
    if ran.outcome.status == Status::Ok {
        let value = match &ran.result {
            None => Ok(Some(Value::Null)),
            Some(_) => desk.session.variable(LAST_RESULT),
        };
        match value {
            Ok(value) => {
                let value = value.unwrap_or(Value::Null);
                answer.insert("type".to_owned(), value.type_name().into());
                answer.insert("value".to_owned(), to_json(&value));
            }
            // It has a text still.
            Err(reason) => {
                answer.insert("unshareable".to_owned(), reason.to_string().into());
            }
        }
    }
    answer.extend(ran.report());
    Ok(answer.into())
}

/// Runs the cells that made what was lost with a runtime.
pub(super) fn rerun_lost(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let Nothing {} = params(json)?;
    let mut status = Status::Ok;
    let mut answers = Vec::new();
    for cell in desk.session.take_lost_cells() {
        let ran = run(desk, &cell)?;
        status = ran.outcome.status;
        answers.push(ran.into_json());
        if status != Status::Ok {
            break;
        }
    }
    Ok(json!({ "status": word(status), "cells": answers }))
}

/// A cell that ran.
pub(super) struct Ran {
    pub(super) outcome: Outcome,
    result: Option<Bundle>,
    pub(super) error: Option<CellError>,
    /// Where the cells are that made what is lost.
    again: Vec<Json>,
}

pub(super) fn run(desk: &mut Desk<'_>, cell: &CellSource) -> Result<Ran, Fault> {
    let (mut result, mut failed) = (None, None);
    let sink = &mut *desk.sink;
    let outcome = desk.session.evaluate(cell, &mut |event| {
        match &event {
            Event::Result(shown) => result = Some(shown.clone()),
            Event::Error(error) => failed = Some(error.clone()),
            _ => {}
        }
        sink(event);
    })?;
    let again = if outcome.lost.is_empty() {
        Vec::new()
    } else {
        desk.session
            .lost_cells()
            .iter()
            .map(|cell| {
                json!({ "language": cell.language.as_str(), "file": cell.file, "line": cell.first_line })
            })
            .collect()
    };
    Ok(Ran {
        outcome,
        result,
        error: failed,
        again,
    })
}

impl Ran {
    fn into_json(self) -> Json {
        let mut answer = Map::new();
        answer.insert("status".to_owned(), word(self.outcome.status).into());
        answer.extend(self.report());
        answer.into()
    }

    /// All but the status.
    fn report(self) -> Map<String, Json> {
        let micros = u64::try_from(self.outcome.duration.as_micros()).unwrap_or(u64::MAX);
        let mut answer = Map::new();
        answer.insert("durationUs".to_owned(), micros.into());
        answer.insert(
            "result".to_owned(),
            self.result.as_ref().map_or(Json::Null, bundle),
        );
        answer.insert(
            "error".to_owned(),
            self.error.as_ref().map_or(Json::Null, error),
        );
        answer.insert("defined".to_owned(), self.outcome.defined.into());
        answer.insert("lost".to_owned(), self.outcome.lost.into());
        answer.insert("rerun".to_owned(), self.again.into());
        answer
    }
}

/// The status as both protocols write it.
fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::Interrupted => "interrupted",
        Status::TimedOut => "timedOut",
        Status::OutOfMemory => "outOfMemory",
    }
}
