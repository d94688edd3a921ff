//! Running a cell.

use std::collections::HashMap;
use std::future::Future;
use std::time::Instant;

use super::words::{error, obituary, plain, unfinished};
use super::{Session, caught};
use crate::event::{CellSource, Event, Outcome, Status, StreamName};
use crate::instance::{ANSWER_TIME, Death, Instance};
use crate::output::Output;
use crate::variables::{LAST, Shared};
use crate::wire::types;
use crate::{Error, Language, state};

/// How a cell's call went.
enum Ended {
    Finished(types::Outcome),
    /// Interrupted while it waited.
    Abandoned,
    Died(Death),
}

impl Session {
    /// Runs a cell and reports what happens, in order, to `sink`.
    ///
    /// A cell that fails is an [`Outcome`]; an error means that it never started.
    pub fn evaluate(
        &mut self,
        cell: &CellSource,
        sink: &mut dyn FnMut(Event),
    ) -> Result<Outcome, Error> {
        let filled = match self.filled(cell) {
            Ok(filled) => filled,
            Err(error) => return Ok(self.refuse(cell, *error, sink)),
        };
        if cell.language == Language::Rust {
            self.evaluate_rust(cell, &filled, sink)
        } else {
            self.evaluate_in_runtime(cell, &filled, sink)
        }
    }

    /// `cell` as it stands in the script, `filled` as it runs.
    fn evaluate_in_runtime(
        &mut self,
        cell: &CellSource,
        filled: &CellSource,
        sink: &mut dyn FnMut(Event),
    ) -> Result<Outcome, Error> {
        let home = cell.language.home();
        let executor = self.engine.executor()?.clone();
        let mut runtime = self.take(home)?;
        self.host.begin();
        self.host.trail().begin(cell);
        let _running = self.engine.running();
        self.output.begin(self.limits.output);
        runtime.store.data_mut().limiter.begin();
        runtime.store.data_mut().max_value = self.limits.value;
        let begun = Instant::now();
        self.control.begin(self.limits.wall_time);
        // Only now can an interrupt reach the cell: whoever hears of the start may stop it.
        sink(Event::Started);
        let shared = self.shared.get_or_insert_default();
        let ended = caught(|| {
            Ok(executor.block_on(watch(
                run(&mut runtime, shared, filled, self.limits.fuel),
                &self.output,
                sink,
            )))
        })
        .unwrap_or(Ended::Died(Death::Crash));
        // The shared part was in the store while the cell ran; a cell that died has left it there.
        if let Some(shared) = runtime.store.data_mut().shared.take() {
            self.shared = Some(shared);
        }
        let duration = begun.elapsed();
        let told = self.control.was_told();
        let spared = self.control.was_spared();
        self.output.end();
        let outcome = match ended {
            Ended::Finished(_) if let Some(stop) = spared => {
                let (status, error) = unfinished(stop, home, &self.limits);
                self.output.push(Event::Error(error));
                let lost = self.settle(&executor, runtime, cell, &[], &[], sink);
                Outcome {
                    status,
                    duration,
                    defined: Vec::new(),
                    lost,
                }
            }
            Ended::Finished(outcome) => {
                let (defined, removed) = (outcome.defined.clone(), outcome.removed.clone());
                let status = self.report(outcome, told, runtime.store.data().limiter.refused);
                // The engine below F# keeps a module that failed, and with it what filled the memory: no later cell would
                // have room.
                let full = status == Status::OutOfMemory && home == Language::FSharp;
                let lost = if full {
                    drop(runtime);
                    self.shared().variables.runtime_gone(home)
                } else {
                    self.settle(&executor, runtime, cell, &defined, &removed, sink)
                };
                Outcome {
                    status,
                    duration,
                    defined,
                    lost,
                }
            }
            Ended::Abandoned => {
                self.output.push(Event::Error(plain(
                    "Interrupted",
                    "the cell was interrupted",
                )));
                let lost = self.settle(&executor, runtime, cell, &[], &[], sink);
                Outcome {
                    status: Status::Interrupted,
                    duration,
                    defined: Vec::new(),
                    lost,
                }
            }
            Ended::Died(death) => {
                // Freeing a store that failed an assertion may fail another.
                let _ = caught(|| {
                    drop(runtime);
                    Ok(())
                });
                let lost = self.shared().variables.runtime_gone(home);
                self.history.lose(home, &lost);
                let again: Vec<u32> = self.history.again().map(|cell| cell.first_line).collect();
                let (status, error) = obituary(death, home, &self.limits, &lost, &again);
                self.output.push(Event::Error(error));
                Outcome {
                    status,
                    duration,
                    defined: Vec::new(),
                    lost,
                }
            }
        };
        self.control.end();
        self.close(cell, &outcome, sink);
        Ok(outcome)
    }

    /// What follows every cell, whatever its language: the rest of its output, what shall be kept, the log, the history.
    pub(super) fn close(
        &mut self,
        cell: &CellSource,
        outcome: &Outcome,
        sink: &mut dyn FnMut(Event),
    ) {
        while let Some(event) = self.output.next() {
            sink(event);
        }
        if let Some(trouble) = self.host.end() {
            sink(Event::Stream {
                name: StreamName::Stderr,
                text: format!("{trouble}\n"),
            });
        }
        self.host.trail().end(outcome);
        self.history.lose(cell.language.home(), &outcome.lost);
        self.history.note(cell, &outcome.defined);
    }

    /// Queues the result or the error of a cell that ran to its end.
    fn report(&self, outcome: types::Outcome, told: bool, out_of_memory: bool) -> Status {
        if let Some(shown) = outcome.shown
            && let Some(bundle) = self.output.admit(state::bundle(shown))
        {
            self.output.push(Event::Result(bundle));
        }
        match outcome.failure {
            None if told => Status::Interrupted,
            None => Status::Ok,
            Some(failure) => {
                self.output.push(Event::Error(error(failure)));
                if told {
                    Status::Interrupted
                } else if out_of_memory {
                    Status::OutOfMemory
                } else {
                    Status::Failed
                }
            }
        }
    }

    /// After a cell: learns what it changed, keeps its result, puts its runtime back. Returns what was lost if the
    /// runtime dies of that.
    fn settle(
        &mut self,
        executor: &tokio::runtime::Handle,
        mut runtime: Instance,
        cell: &CellSource,
        defined: &[String],
        removed: &[String],
        sink: &mut dyn FnMut(Event),
    ) -> Vec<String> {
        let language = cell.language.home();
        self.control.begin(ANSWER_TIME);
        let shared = self.shared.get_or_insert_default();
        let learning = watch(
            async {
                runtime.fuel(None)?;
                shared
                    .learn(&mut runtime, language, &cell.code, defined, removed)
                    .await?;
                let Some(name) = &cell.result_variable else {
                    return Ok(None);
                };
                let value = runtime.get(LAST).await?;
                Ok::<_, wasmtime::Error>(Some(match value {
                    Ok(value) => shared.variables.put(name, value),
                    Err(reason) => Err(reason),
                }))
            },
            &self.output,
            sink,
        );
        match caught(|| executor.block_on(learning)) {
            Ok(kept) => {
                if let (Some(Err(reason)), Some(name)) = (kept, &cell.result_variable) {
                    self.output.write(
                        crate::StreamName::Stderr,
                        &format!("'{name}' did not take the result: {reason}\n"),
                    );
                }
                shared.remember_result(language);
                shared.runtimes.insert(language, runtime);
                Vec::new()
            }
            Err(error) => {
                tracing::warn!(%language, error = format!("{error:#}"), "a runtime did not answer after a cell");
                shared.variables.runtime_gone(language)
            }
        }
    }
}

/// Drives a future and passes on what the cell writes meanwhile.
pub(super) async fn watch<T>(
    future: impl Future<Output = T>,
    output: &Output,
    sink: &mut dyn FnMut(Event),
) -> T {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let polled = future.as_mut().poll(context);
        while let Some(event) = output.next() {
            sink(event);
        }
        polled
    })
    .await
}

/// Runs a cell in its runtime; the shared part is in the store meanwhile.
async fn run(
    runtime: &mut Instance,
    place: &mut Box<Shared>,
    cell: &CellSource,
    fuel: Option<u64>,
) -> Ended {
    let mut shared = std::mem::take(place);
    let offered = async {
        runtime.fuel(None)?;
        let refused = shared
            .offer(runtime, cell.language.home(), &cell.code)
            .await?;
        runtime.fuel(fuel)?;
        Ok::<_, wasmtime::Error>(refused)
    }
    .await;
    runtime.store.data_mut().shared = Some(shared);
    let refused: HashMap<String, String> = match offered {
        Ok(refused) => refused.into_iter().collect(),
        Err(error) => return Ended::Died(runtime.death(&error)),
    };
    let wire = types::Cell {
        id: cell.id.clone(),
        language: cell.language.as_str().to_owned(),
        code: cell.code.clone(),
        file: cell.file.clone(),
        first_line: cell.first_line,
    };
    match runtime.evaluate(&wire).await {
        Ok(Some(mut outcome)) => {
            if let Some(failure) = &mut outcome.failure {
                explain(failure, &refused);
            }
            Ended::Finished(outcome)
        }
        Ok(None) => Ended::Abandoned,
        Err(error) => {
            let death = runtime.death(&error);
            tracing::debug!(language = %cell.language, error = format!("{error:#}"), ?death, "a runtime ended");
            Ended::Died(death)
        }
    }
}

/// A name that another language has but cannot share is no plain unknown name.
fn explain(failure: &mut types::Failure, refused: &HashMap<String, String>) {
    if failure.name != "NameError" && failure.name != "ReferenceError" {
        return;
    }
    let unknown = failure
        .message
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .find_map(|word| refused.get_key_value(word));
    if let Some((name, reason)) = unknown {
        let hint = format!("'{name}' exists in another language, but cannot be shared: {reason}");
        failure.message = format!("{} ({hint})", failure.message);
        failure.traceback = format!("{}\n{hint}\n", failure.traceback.trim_end());
    }
}
