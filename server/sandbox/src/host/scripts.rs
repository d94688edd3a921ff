//! `tars.metascript.run`: another script in a session of its own, under the same policy.

use super::Refused;
use super::arguments::Arguments;
use super::files::Folders;
use crate::event::{CellSource, Event, Status, StreamName};
use crate::session::Nested;
use crate::value::Value;
use crate::{InterruptHandle, Session};
use metascript_syntax::Document;

pub(crate) const RUN: &str = "metascript.run";

/// Scripts that run one another.
const MAX_DEPTH: usize = 4;

/// A script that shall run.
#[derive(Debug)]
pub(crate) struct Script {
    path: String,
    text: String,
    variables: Vec<(String, Value)>,
}

/// Stops the script when nobody waits for it any more.
struct Stop(Option<InterruptHandle>);

impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.interrupt();
        }
    }
}

/// Reads the script that the arguments name. Blocks.
pub(crate) fn read(
    folders: &Folders,
    arguments: &mut Arguments,
    policy: &str,
    most: usize,
) -> Result<Script, Refused> {
    let path = arguments.text("path")?;
    let variables = arguments.values("variables")?;
    let mut file = Arguments::new(
        RUN,
        Value::Map(vec![("path".to_owned(), Value::Text(path.clone()))]),
    )?;
    let Value::Text(text) = folders.answer("fs.read-text", &mut file, policy, most)? else {
        return Err(Refused::new("failed", format!("{path} is no text")));
    };
    Ok(Script {
        path,
        text,
        variables,
    })
}

/// Runs a script and answers how that went. Dropping the future stops it.
pub(crate) async fn run(script: Script, nested: Nested, most: usize) -> Result<Value, Refused> {
    if nested.depth > MAX_DEPTH {
        return Err(Refused::new(
            "too-deep",
            format!("scripts run one another at most {MAX_DEPTH} deep"),
        ));
    }
    let mut session = nested.session(&script.path);
    let mut stop = Stop(Some(session.interrupt_handle()));
    // The session blocks, and belongs to a thread of its own while it does.
    let done = tokio::task::spawn_blocking(move || work(&mut session, &script, most)).await;
    stop.0 = None;
    done.unwrap_or_else(|error| Err(Refused::new("failed", error.to_string())))
}

fn work(session: &mut Session, script: &Script, most: usize) -> Result<Value, Refused> {
    let failed = |error: crate::Error| Refused::new("failed", error.to_string());
    let document = Document::parse(&script.text);
    session.declare(&crate::declared::declared(&document));
    for (name, value) in &script.variables {
        session
            .set_variable(name, value.clone())
            .map_err(|error| Refused::new("bad-argument", format!("variables: {error}")))?;
    }
    let mut output = String::new();
    let limit = session.limits().output;
    let mut status = Status::Ok;
    let mut error = Value::Null;
    for cell in document.cells() {
        let Some(source) = CellSource::of_script(&cell, &document, &script.path) else {
            continue;
        };
        let outcome = session
            .evaluate(&source, &mut |event| match event {
                Event::Stream {
                    name: StreamName::Stdout,
                    text,
                } => add(&mut output, &text, limit),
                Event::Result(bundle) => {
                    if let Some(text) = bundle.text("text/plain") {
                        add(&mut output, text, limit);
                        add(&mut output, "\n", limit);
                    }
                }
                Event::Error(problem) => error = Value::Text(problem.traceback),
                _ => {}
            })
            .map_err(failed)?;
        status = outcome.status;
        if status != Status::Ok {
            break;
        }
    }
    let mut variables = Vec::new();
    for held in session.variables().map_err(failed)? {
        // What cannot cross the border stays behind.
        if let Ok(Some(value)) = session.variable(&held.name) {
            variables.push((held.name, value));
        }
    }
    let answer = Value::Map(vec![
        ("status".to_owned(), Value::Text(status.as_str().to_owned())),
        ("output".to_owned(), Value::Text(output)),
        ("error".to_owned(), error),
        ("variables".to_owned(), Value::Map(variables)),
    ]);
    if answer.size() > most {
        return Err(Refused::new(
            "too-large",
            format!(
                "what {} leaves is larger than the {most} bytes that a value may have",
                script.path
            ),
        ));
    }
    Ok(answer)
}

/// Adds text as far as it fits.
fn add(output: &mut String, text: &str, limit: usize) {
    let fits = text.floor_char_boundary(limit.saturating_sub(output.len()));
    output.push_str(text.get(..fits).unwrap_or_default());
}
