//! One event a line; docs/command-line.md describes them.

use std::io::{self, Write};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use metascript_sandbox::{Bundle, Content, Event, Outcome, Status, StreamName};
use serde_json::{Map, Value, json};

use super::{Planned, Reporter};

/// Each line is flushed, so that a reader sees it at once; only a result waits for the cell's end,
/// because it carries the cell's duration.
#[derive(Default)]
pub(super) struct Json {
    result: Option<Value>,
}

impl Json {
    fn print(cell: &Planned, kind: &str, more: Value) -> io::Result<()> {
        let mut line = Map::new();
        line.insert("event".to_owned(), kind.into());
        line.insert("cell".to_owned(), cell.index.into());
        line.insert("language".to_owned(), cell.language.as_str().into());
        if let Value::Object(more) = more {
            line.extend(more);
        }
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
        out.flush()
    }
}

impl Reporter for Json {
    fn event(&mut self, cell: &Planned, event: &Event) -> io::Result<()> {
        match event {
            Event::Stream { name, text } => {
                let stream = match name {
                    StreamName::Stdout => "stdout",
                    StreamName::Stderr => "stderr",
                };
                Self::print(cell, "output", json!({ "stream": stream, "text": text }))
            }
            Event::Display(bundle) => Self::print(cell, "display", json!({ "data": mime(bundle) })),
            Event::Result(bundle) => {
                self.result = Some(mime(bundle));
                Ok(())
            }
            Event::Error(error) => Self::print(
                cell,
                "error",
                json!({
                    "name": error.name,
                    "message": error.message,
                    "traceback": error.traceback,
                    "line": error.line,
                }),
            ),
            _ => Ok(()),
        }
    }

    fn done(&mut self, cell: &Planned, outcome: &Outcome) -> io::Result<()> {
        let status = match outcome.status {
            Status::Ok => "ok",
            Status::Failed => "failed",
            Status::Interrupted => "interrupted",
            Status::TimedOut => "timed_out",
            Status::OutOfMemory => "out_of_memory",
        };
        let micros = u64::try_from(outcome.duration.as_micros()).unwrap_or(u64::MAX);
        if let Some(data) = self.result.take() {
            Self::print(
                cell,
                "result",
                json!({ "data": data, "duration_us": micros }),
            )?;
        }
        Self::print(
            cell,
            "done",
            json!({ "status": status, "duration_us": micros }),
        )
    }
}

/// Text as it is, bytes in base64, as Jupyter has them.
fn mime(bundle: &Bundle) -> Value {
    bundle
        .representations
        .iter()
        .map(|(name, content)| {
            let value = match content {
                Content::Text(text) => text.clone(),
                Content::Binary(bytes) => BASE64_STANDARD.encode(bytes),
            };
            (name.clone(), Value::String(value))
        })
        .collect::<Map<_, _>>()
        .into()
}
