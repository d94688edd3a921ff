//! Running a Rust cell: compiled first, then a program of its own.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Store, Trap, UpdateDeadline};

use super::evaluate::watch;
use super::words::{obituary, plain, unfinished};
use super::{Session, caught};
use crate::event::{CellError, CellSource, Event, Outcome, Status, StreamName};
use crate::instance::Death;
use crate::rust::{self, Compiled, Refused, Request, Run};
use crate::state::{State, Surroundings};
use crate::value::Value;
use crate::variables::{LAST_RESULT, Shared, words};
use crate::{Error, Language};

/// Names, values and why some have none.
type Given = (Vec<(String, Value)>, Vec<(String, String)>);

impl Session {
    /// Runs a Rust cell: `cell` as it stands in the script, `filled` as it runs. The compiler has as much time as the cell
    /// itself.
    pub(super) fn evaluate_rust(
        &mut self,
        cell: &CellSource,
        filled: &CellSource,
        sink: &mut dyn FnMut(Event),
    ) -> Result<Outcome, Error> {
        let begun = Instant::now();
        let rust = self.engine.rust()?;
        self.host.begin();
        self.host.trail().begin(cell);
        let _running = self.engine.running();
        self.output.begin(self.limits.output);
        self.control.begin(self.limits.wall_time);
        sink(Event::Started);
        let made = self.compile(&rust, filled);
        let compiling = begun.elapsed();
        let (status, defined, duration) = match made {
            Ok((compiled, given)) => {
                self.kitchen.keep(&compiled);
                if let Some(stop) = self.control.stop() {
                    // It came while machine code was made, which nothing interrupts.
                    let (status, error) = unfinished(stop, Language::Rust, &self.limits);
                    self.output.push(Event::Error(error));
                    (status, Vec::new(), compiling)
                } else {
                    let begun = Instant::now();
                    let (status, defined) = self.execute(&compiled, given, cell, sink)?;
                    (status, defined, begun.elapsed())
                }
            }
            Err(Refused::Machine(error)) => {
                self.control.end();
                return Err(error);
            }
            Err(Refused::Cell(error)) => {
                self.output.push(Event::Error(*error));
                (Status::Failed, Vec::new(), compiling)
            }
            Err(Refused::Stopped(stop)) => {
                let (status, error) = unfinished(stop, Language::Rust, &self.limits);
                self.output.push(Event::Error(error));
                (status, Vec::new(), compiling)
            }
        };
        self.control.end();
        self.output.end();
        let outcome = Outcome {
            status,
            duration,
            defined,
            lost: Vec::new(),
        };
        self.close(cell, &outcome, sink);
        Ok(outcome)
    }

    fn compile(
        &mut self,
        rust: &rust::Rust,
        cell: &CellSource,
    ) -> Result<(Compiled, Vec<(String, Value)>), Refused> {
        let parsed = self.kitchen.read(cell)?;
        let executor = self.engine.executor().map_err(Refused::Machine)?.clone();
        let kitchen = &self.kitchen;
        let shared = self.shared.get_or_insert_default();
        let (given, refused) = executor.block_on(given(shared, &cell.code, |name| {
            kitchen.may_mean(name, &parsed)
        }));
        let metered = self.limits.fuel.is_some();
        let engine = self.engine.wasm(metered).map_err(Refused::Machine)?.clone();
        let request = Request {
            source: cell,
            parsed: &parsed,
            given: &given,
            cache: self.engine.cache(),
            engine: &engine,
            metered,
            time: self.limits.wall_time,
        };
        let compiled = rust
            .compile(&request, &self.kitchen, &self.control)
            .map_err(|why| explained(why, &refused))?;
        Ok((compiled, given))
    }

    /// Runs a compiled cell; returns the names that it defined.
    fn execute(
        &mut self,
        compiled: &Compiled,
        given: Vec<(String, Value)>,
        cell: &CellSource,
        sink: &mut dyn FnMut(Event),
    ) -> Result<(Status, Vec<String>), Error> {
        let executor = self.engine.executor()?.clone();
        let metered = self.limits.fuel.is_some();
        let engine = self.engine.wasm(metered)?.clone();
        let mut state = State::new(
            Language::Rust,
            &self.limits,
            Surroundings {
                control: Arc::clone(&self.control),
                output: self.output.clone(),
                host: Arc::clone(&self.host),
                source: self.source.clone(),
            },
        );
        state.program.given = given.iter().cloned().collect();
        state.shared = self.shared.take();
        let mut store = Store::new(&engine, state);
        store.limiter(|state| &mut state.limiter);
        let clock = Arc::clone(&self.control);
        store.epoch_deadline_callback(move |_| match clock.stop() {
            Some(stop) => Err(stop.into()),
            None => Ok(UpdateDeadline::Continue(1)),
        });
        store.set_epoch_deadline(1);
        let control = Arc::clone(&self.control);
        self.control.begin(self.limits.wall_time);
        let fuel = self.limits.fuel;
        let ended = caught(|| {
            executor.block_on(watch(
                control.bounded(async {
                    if let Some(fuel) = fuel {
                        store.set_fuel(fuel)?;
                    }
                    let start = compiled.start(&engine, &mut store).await?;
                    start.call_async(&mut store, ()).await
                }),
                &self.output,
                sink,
            ))
        });
        let told = self.control.was_told();
        let out_of_memory = store.data().limiter.refused;
        let run = std::mem::take(&mut store.data_mut().program);
        if let Some(shared) = store.data_mut().shared.take() {
            self.shared = Some(shared);
        }
        let _ = caught(|| {
            drop(store);
            Ok(())
        });
        let failure = failure(&ended, &run, compiled, cell, out_of_memory, &self.limits);
        if failure.is_none()
            && let Some(bundle) = run.shown.clone().and_then(|shown| self.output.admit(shown))
        {
            self.output.push(Event::Result(bundle));
        }
        let defined = if failure.is_none() {
            self.take_over(&run, &given, compiled, cell)
        } else {
            Vec::new()
        };
        let status = match failure {
            None if told => Status::Interrupted,
            None => Status::Ok,
            Some((status, error)) => {
                self.output.push(Event::Error(error));
                if told { Status::Interrupted } else { status }
            }
        };
        Ok((status, defined))
    }

    /// Takes the variables and the result of a cell that ran to its end.
    fn take_over(
        &mut self,
        run: &Run,
        given: &[(String, Value)],
        compiled: &Compiled,
        cell: &CellSource,
    ) -> Vec<String> {
        let mut defined = Vec::new();
        for (name, value, kind) in &run.defined {
            let before = given
                .iter()
                .find_map(|(other, value)| (other == name).then_some(value));
            let bound = compiled.bound.contains(name);
            let Some(value) = value else {
                if bound {
                    self.shared().variables.remove(name);
                    self.kitchen.note(name, Some(kind));
                }
                continue;
            };
            self.kitchen.note(name, None);
            if !bound && before.is_some_and(|before| before.is_identical(value)) {
                continue;
            }
            // A value that is too large for the session fails as it does in every language.
            match self.shared().variables.put(name, value.clone()) {
                Ok(()) => defined.push(name.clone()),
                Err(reason) => self.complain(&format!("'{name}' is not shared: {reason}\n")),
            }
        }
        match &run.result {
            Some(Some(value)) if *value != Value::Null => {
                let _ = self.shared().variables.put(LAST_RESULT, value.clone());
            }
            Some(None) => {
                self.shared().variables.remove(LAST_RESULT);
            }
            _ => {}
        }
        if let Some(name) = &cell.result_variable {
            let kept = match &run.result {
                Some(Some(value)) => self.shared().variables.put(name, value.clone()),
                Some(None) => {
                    Err("its type cannot be shared; implement metascript::ToValue".to_owned())
                }
                None => self.shared().variables.put(name, Value::Null),
            };
            if let Err(reason) = kept {
                self.complain(&format!("'{name}' did not take the result: {reason}\n"));
            }
        }
        defined
    }

    fn complain(&self, text: &str) {
        self.output.write(StreamName::Stderr, text);
    }
}

/// The session's variables that a cell mentions, and those that cannot be had.
async fn given(shared: &mut Shared, code: &str, may_mean: impl Fn(&str) -> bool) -> Given {
    let mut names: Vec<&str> = words(code).filter(|name| may_mean(name)).collect();
    names.sort_unstable();
    names.dedup();
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for name in names {
        match shared.read(name).await {
            Ok(Some(value)) => found.push((name.to_owned(), value)),
            Ok(None) => {}
            Err(reason) => refused.push((name.to_owned(), reason)),
        }
    }
    (found, refused)
}

/// A name that another language has but cannot share is no plain unknown name.
fn explained(why: Refused, refused: &[(String, String)]) -> Refused {
    let Refused::Cell(mut error) = why else {
        return why;
    };
    let unknown = refused
        .iter()
        .find(|(name, _)| error.name == "E0425" && error.message.contains(&format!("`{name}`")));
    if let Some((name, reason)) = unknown {
        let hint = format!("'{name}' exists in another language, but cannot be shared: {reason}");
        error.message = format!("{} ({hint})", error.message);
        error.traceback = format!("{}\n{hint}\n", error.traceback.trim_end());
    }
    Refused::Cell(error)
}

/// Why a cell did not run to its end.
fn failure(
    ended: &wasmtime::Result<()>,
    run: &Run,
    compiled: &Compiled,
    cell: &CellSource,
    out_of_memory: bool,
    limits: &crate::Limits,
) -> Option<(Status, CellError)> {
    if let Some(own) = &run.ended
        && !(out_of_memory && ended.is_err())
    {
        return Some((Status::Failed, compiled.report(own, &cell.file)));
    }
    let error = ended.as_ref().err()?;
    if let Some(code) = rust::exit_code(error) {
        let text =
            format!("the cell ended the program with exit code {code}; no variable of it was kept");
        return Some((Status::Failed, plain("Exit", &text)));
    }
    let death = Death::of(error, out_of_memory);
    tracing::debug!(error = format!("{error:#}"), ?death, "a Rust cell ended");
    if death != Death::Crash {
        return Some(obituary(death, Language::Rust, limits, &[], &[]));
    }
    let text = match error.downcast_ref::<Trap>() {
        Some(Trap::MemoryOutOfBounds) => {
            "the cell left its memory: its calls are nested too deeply, or a pointer is wrong"
                .to_owned()
        }
        Some(Trap::UnreachableCodeReached) => "the cell aborted".to_owned(),
        Some(trap) => format!("the cell crashed: {trap}"),
        None => format!("the cell could not run: {error:#}"),
    };
    Some((Status::Failed, plain("Crashed", &text)))
}
