//! The live runtimes of one script.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::control::{Control, Stop};
use crate::event::{
    CellError, CellSource, Completion, Event, Frame, Inspection, Outcome, RuntimeInformation,
    Status, VariableInfo,
};
use crate::instance::{ANSWER_TIME, Death, Instance, answer_time};
use crate::output::Output;
use crate::value::Value;
use crate::variables::{LAST, Shared};
use crate::wire::types;
use crate::{Engine, Error, InterruptHandle, Language, Limits, state};

/// A set of runtimes, one per language at most, and the variables that they share.
///
/// Its methods block. Dropping it frees everything.
pub struct Session {
    engine: Engine,
    limits: Limits,
    control: Arc<Control>,
    output: Output,
    /// Values that the script declared, as they were set last.
    declared: HashMap<String, Value>,
    // Boxed, because it travels into the store of the runtime that runs and back.
    shared: Option<Box<Shared>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// How a cell's call went.
enum Ended {
    Finished(types::Outcome),
    /// Interrupted while it waited.
    Abandoned,
    Died(Death),
}

impl Session {
    pub(crate) fn new(engine: Engine, limits: Limits) -> Self {
        Self {
            engine,
            limits,
            control: Arc::default(),
            output: Output::default(),
            declared: HashMap::new(),
            shared: None,
        }
    }

    /// A handle that stops the running cell from another thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(Arc::clone(&self.control))
    }

    /// The limits of the next cell.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Changes the limits. The memory limit holds for runtimes that start from now on; counting fuel needs a
    /// [`Session::restart`].
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Forgets every runtime and every variable.
    pub fn restart(&mut self) {
        self.shared = None;
        self.declared.clear();
    }

    /// Languages whose runtime lives.
    pub fn languages(&self) -> Vec<Language> {
        let mut languages: Vec<_> = self
            .shared
            .iter()
            .flat_map(|shared| shared.runtimes.keys().copied())
            .collect();
        languages.sort_unstable();
        languages
    }

    /// Linear memory of the live runtimes, in bytes.
    pub fn memory(&self) -> usize {
        self.shared
            .iter()
            .flat_map(|shared| shared.runtimes.values())
            .map(|runtime| runtime.store.data().limiter.used())
            .sum()
    }

    /// Starts a language's runtime ahead of its first cell.
    pub fn start(&mut self, language: Language) -> Result<(), Error> {
        let language = language.home();
        let runtime = self.take(language)?;
        self.shared().runtimes.insert(language, runtime);
        Ok(())
    }

    /// Runs a cell and reports what happens, in order, to `sink`.
    ///
    /// A cell that fails is an [`Outcome`]; an error means that it never started.
    pub fn evaluate(
        &mut self,
        cell: &CellSource,
        sink: &mut dyn FnMut(Event),
    ) -> Result<Outcome, Error> {
        let executor = self.engine.executor()?.clone();
        let home = cell.language.home();
        let mut runtime = self.take(home)?;
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
                run(&mut runtime, shared, cell, self.limits.fuel),
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
                let (status, error) = obituary(death, home, &self.limits, &lost);
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
        while let Some(event) = self.output.next() {
            sink(event);
        }
        Ok(outcome)
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

    /// The variables of the session, by name.
    pub fn variables(&mut self) -> Result<Vec<VariableInfo>, Error> {
        let mut found: Vec<VariableInfo> = self.shared().variables.own().collect();
        for language in self.languages() {
            let listed = self.ask(language, async |runtime| runtime.variables().await)?;
            let shared = self.shared();
            found.extend(
                listed
                    .into_iter()
                    .filter(|variable| shared.variables.is_held_by(&variable.name, language))
                    .map(|variable| VariableInfo {
                        name: variable.name,
                        language: Some(language),
                        type_name: variable.type_name,
                        preview: variable.preview,
                        size: variable.size,
                    }),
            );
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The value of a variable, whichever language holds it; `None` if there is none of that name.
    pub fn variable(&mut self, name: &str) -> Result<Option<Value>, Error> {
        let executor = self.engine.executor()?.clone();
        let _running = self.engine.running();
        self.control.begin(ANSWER_TIME);
        let read = executor.block_on(self.shared().read(name));
        self.control.end();
        read.map_err(|reason| Error::Unshareable {
            name: name.to_owned(),
            reason,
        })
    }

    /// Sets a variable for every language.
    pub fn set_variable(&mut self, name: &str, value: Value) -> Result<(), Error> {
        self.shared()
            .variables
            .put(name, value)
            .map_err(|reason| Error::Unshareable {
                name: name.to_owned(),
                reason,
            })
    }

    /// Sets the variables that the script declares ([`declared`](crate::declared)). One whose declaration is the same
    /// as before keeps the value that cells gave it. Returns the names that cannot be set, with the reason.
    pub fn declare(&mut self, values: &[(String, Value)]) -> Vec<(String, String)> {
        let mut refused = Vec::new();
        for (name, value) in values {
            if self
                .declared
                .get(name)
                .is_some_and(|known| known.is_identical(value))
            {
                continue;
            }
            match self.shared().variables.put(name, value.clone()) {
                Ok(()) => {
                    self.declared.insert(name.clone(), value.clone());
                }
                Err(reason) => refused.push((name.clone(), reason)),
            }
        }
        refused
    }

    /// Completions at the cursor between the two texts of a cell, from the live state. None if the language has no
    /// live runtime: completing never starts one.
    pub fn complete(
        &mut self,
        language: Language,
        before: &str,
        after: &str,
    ) -> Result<Vec<Completion>, Error> {
        let language = language.home();
        if !self.languages().contains(&language) {
            return Ok(Vec::new());
        }
        let found = self.ask(language, async |runtime| {
            runtime.complete(before, after).await
        })?;
        Ok(found
            .into_iter()
            .map(|one| Completion {
                label: one.label,
                kind: one.kind,
                detail: one.detail,
                replaces: one.replaces,
            })
            .collect())
    }

    /// What the name at the cursor between the two texts of a cell means in the live state.
    pub fn inspect(
        &mut self,
        language: Language,
        before: &str,
        after: &str,
    ) -> Result<Option<Inspection>, Error> {
        let language = language.home();
        if !self.languages().contains(&language) {
            return Ok(None);
        }
        let found = self.ask(language, async |runtime| {
            runtime.inspect(before, after).await
        })?;
        Ok(found.map(|one| Inspection {
            title: one.title,
            type_name: one.type_name,
            documentation: one.documentation,
            preview: one.preview,
        }))
    }

    /// What a runtime says about itself; starts it if need be.
    pub fn about(&mut self, language: Language) -> Result<RuntimeInformation, Error> {
        let found = self.ask(language, async |runtime| runtime.about().await)?;
        Ok(RuntimeInformation {
            version: found.version,
            implementation: found.implementation,
            modules: found.modules,
        })
    }

    fn shared(&mut self) -> &mut Box<Shared> {
        self.shared.get_or_insert_default()
    }

    /// Takes the language's runtime out of the session, or a fresh one.
    fn take(&mut self, language: Language) -> Result<Instance, Error> {
        if let Some(runtime) = self.shared().runtimes.remove(&language) {
            return Ok(runtime);
        }
        let loaded = self.engine.load(language, self.limits.fuel.is_some())?;
        let executor = self.engine.executor()?.clone();
        let _running = self.engine.running();
        self.control.begin(ANSWER_TIME);
        let made = executor.block_on(Instance::new(
            &loaded,
            language,
            &self.limits,
            Arc::clone(&self.control),
            self.output.clone(),
        ));
        self.control.end();
        made.map_err(|error| Error::Stopped {
            language,
            reason: format!("{error:#}"),
        })
    }

    /// Asks a runtime about its state.
    fn ask<T>(
        &mut self,
        language: Language,
        question: impl AsyncFnOnce(&mut Instance) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        let language = language.home();
        let mut runtime = self.take(language)?;
        let executor = self.engine.executor()?.clone();
        let _running = self.engine.running();
        self.control.begin(answer_time(language));
        let answer = caught(|| {
            executor.block_on(async {
                runtime.fuel(None)?;
                question(&mut runtime).await
            })
        });
        self.control.end();
        match answer {
            Ok(answer) => {
                self.shared().runtimes.insert(language, runtime);
                Ok(answer)
            }
            Err(error) => {
                self.shared().variables.runtime_gone(language);
                Err(Error::Stopped {
                    language,
                    reason: format!("{error:#}"),
                })
            }
        }
    }
}

/// The engine's own assertions guard its memory; one that fails costs a runtime, not the process.
fn caught<T>(run: impl FnOnce() -> wasmtime::Result<T>) -> wasmtime::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(wasmtime::Error::msg("the engine failed an assertion")))
}

/// Drives a future and passes on what the cell writes meanwhile.
async fn watch<T>(
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

fn error(failure: types::Failure) -> CellError {
    CellError {
        name: failure.name,
        message: failure.message,
        traceback: failure.traceback,
        frames: failure
            .frames
            .into_iter()
            .map(|frame| Frame {
                function: frame.function,
                file: frame.file,
                line: frame.line,
                column: frame.column,
            })
            .collect(),
        line: failure.line,
        column: failure.column,
    }
}

fn plain(name: &str, message: &str) -> CellError {
    CellError {
        name: name.to_owned(),
        message: message.to_owned(),
        traceback: format!("{name}: {message}\n"),
        frames: Vec::new(),
        line: None,
        column: None,
    }
}

/// What the user reads when a cell took its runtime with it.
fn obituary(
    death: Death,
    language: Language,
    limits: &Limits,
    lost: &[String],
) -> (Status, CellError) {
    let (status, name, what) = match death {
        Death::Deadline => (
            Status::TimedOut,
            "DeadlineExceeded",
            format!("the cell was stopped after {}", seconds(limits.wall_time)),
        ),
        Death::Fuel => (
            Status::TimedOut,
            "OutOfFuel",
            "the cell used up its instructions".to_owned(),
        ),
        Death::Interrupted => (
            Status::Interrupted,
            "Interrupted",
            "the cell was interrupted".to_owned(),
        ),
        Death::Memory => (
            Status::OutOfMemory,
            "OutOfMemory",
            format!(
                "the cell needed more than {} MiB of memory",
                limits.memory >> 20
            ),
        ),
        Death::Stack => (
            Status::Failed,
            "StackOverflow",
            "the cell's calls are nested too deeply".to_owned(),
        ),
        Death::Crash => (
            Status::Failed,
            "RuntimeCrashed",
            format!("the {language} runtime crashed"),
        ),
    };
    let message = format!("{what}; {}", loss(language, lost));
    (status, plain(name, &message))
}

/// What the user reads when the compiler was stopped and the cell never began.
fn unfinished(stop: Stop, language: Language, limits: &Limits) -> (Status, CellError) {
    match stop {
        Stop::Deadline => (
            Status::TimedOut,
            plain(
                "DeadlineExceeded",
                &format!(
                    "the {language} compiler was stopped after {}; no variable is lost",
                    seconds(limits.wall_time)
                ),
            ),
        ),
        Stop::Interrupted => (
            Status::Interrupted,
            plain("Interrupted", "the cell was interrupted"),
        ),
    }
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 {
        format!("{} ms", time.as_millis())
    } else {
        format!("{seconds} s")
    }
}

fn loss(language: Language, lost: &[String]) -> String {
    const SHOWN: usize = 5;
    if lost.is_empty() {
        return format!("a fresh {language} runtime takes its place, no variable is lost");
    }
    let names: Vec<&str> = lost.iter().take(SHOWN).map(String::as_str).collect();
    let more = lost.len().saturating_sub(SHOWN);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "a fresh {language} runtime takes its place; gone are {}{more}. Run the cells that define them again",
        names.join(", ")
    )
}
