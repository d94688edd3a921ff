//! One live runtime.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Instance as ComponentInstance, TypedFunc};
use wasmtime::{Store, Trap, UpdateDeadline};

use crate::control::Stop;
use crate::engine::Loaded;
use crate::state::{self, State, Surroundings};
use crate::value::Value;
use crate::wire::{CellRuntime, types};
use crate::{Language, Limits};

/// Time that a runtime gets to answer a question about its state. Generous: a machine that compiles with every core
/// makes an honest runtime late, and who asks can give up sooner.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(5);

/// Time for a question that the shared compiler answers, which may be at work for another session.
const COMPILER_TIME: Duration = Duration::from_secs(30);

/// Time that the runtime of a language gets to answer a question.
pub(crate) fn answer_time(language: Language) -> Duration {
    match language {
        Language::FSharp => COMPILER_TIME,
        _ => ANSWER_TIME,
    }
}

/// A runtime of one language in its own store.
pub(crate) struct Instance {
    pub(crate) store: Store<State>,
    exports: CellRuntime,
    drain: Option<TypedFunc<(), ()>>,
    metered: bool,
}

/// Why a runtime is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    Deadline,
    Interrupted,
    Fuel,
    Memory,
    Stack,
    Crash,
}

impl Instance {
    pub(crate) async fn new(
        loaded: &Loaded,
        language: Language,
        limits: &Limits,
        around: Surroundings,
    ) -> wasmtime::Result<Self> {
        let metered = limits.fuel.is_some();
        let clock = Arc::clone(&around.control);
        let mut state = State::new(language, limits, around);
        state.compiler.clone_from(&loaded.compiler);
        let mut store = Store::new(loaded.pre.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.epoch_deadline_callback(move |_| match clock.stop() {
            Some(stop) => Err(stop.into()),
            None => Ok(UpdateDeadline::Continue(1)),
        });
        store.set_epoch_deadline(1);
        if metered {
            // Starting up is not the cell's doing.
            store.set_fuel(u64::MAX)?;
        }
        let instance: ComponentInstance = loaded
            .pre
            .instance_pre()
            .instantiate_async(&mut store)
            .await?;
        let exports = CellRuntime::new(&mut store, &instance)?;
        let drain = instance.get_typed_func::<(), ()>(&mut store, "drain").ok();
        Ok(Self {
            store,
            exports,
            drain,
            metered,
        })
    }

    /// Sets the fuel of the next cell; `None` for the host's own calls.
    pub(crate) fn fuel(&mut self, fuel: Option<u64>) -> wasmtime::Result<()> {
        if self.metered {
            self.store.set_fuel(fuel.unwrap_or(u64::MAX))
        } else {
            Ok(())
        }
    }

    /// Runs a cell to its end. `None`: it was interrupted while it waited, and the runtime lives on.
    pub(crate) async fn evaluate(
        &mut self,
        cell: &types::Cell,
    ) -> wasmtime::Result<Option<types::Outcome>> {
        let mut progress = self
            .bounded(async |this: &mut Self| {
                this.exports.call_evaluate(&mut this.store, cell).await
            })
            .await?;
        loop {
            let wait = match progress {
                types::Progress::Finished(outcome) => return Ok(Some(outcome)),
                types::Progress::Waiting(milliseconds) => milliseconds,
            };
            if let Some(drain) = self.drain {
                self.bounded(async |this: &mut Self| drain.call_async(&mut this.store, ()).await)
                    .await?;
            }
            let state = self.store.data();
            let (control, clock) = (Arc::clone(&state.control), state.clock.clone());
            if wait > 0 && !state::wait(&control, clock.as_ref(), wait).await? {
                self.bounded(async |this: &mut Self| {
                    this.exports.call_abandon(&mut this.store).await
                })
                .await?;
                return Ok(None);
            }
            progress = self
                .bounded(async |this: &mut Self| this.exports.call_resume(&mut this.store).await)
                .await?;
        }
    }

    pub(crate) async fn get(&mut self, name: &str) -> wasmtime::Result<Result<Value, String>> {
        let limit = self.store.data().max_value;
        let answer = self
            .bounded(async |this: &mut Self| {
                this.exports.call_get_variable(&mut this.store, name).await
            })
            .await?;
        Ok(answer
            .and_then(|value| Value::from_wire(value, limit).map_err(|error| error.to_string())))
    }

    pub(crate) async fn set(
        &mut self,
        name: &str,
        value: &Value,
    ) -> wasmtime::Result<Result<(), String>> {
        let value = value.to_wire();
        self.bounded(async |this: &mut Self| {
            this.exports
                .call_set_variable(&mut this.store, name, &value)
                .await
        })
        .await
    }

    pub(crate) async fn variables(&mut self) -> wasmtime::Result<Vec<types::Variable>> {
        self.bounded(async |this: &mut Self| {
            this.exports.call_list_variables(&mut this.store).await
        })
        .await
    }

    pub(crate) async fn complete(
        &mut self,
        before: &str,
        after: &str,
    ) -> wasmtime::Result<Vec<types::Completion>> {
        self.bounded(async |this: &mut Self| {
            this.exports
                .call_complete(&mut this.store, before, after)
                .await
        })
        .await
    }

    pub(crate) async fn inspect(
        &mut self,
        before: &str,
        after: &str,
    ) -> wasmtime::Result<Option<types::Inspection>> {
        self.bounded(async |this: &mut Self| {
            this.exports
                .call_inspect(&mut this.store, before, after)
                .await
        })
        .await
    }

    pub(crate) async fn about(&mut self) -> wasmtime::Result<types::Information> {
        self.bounded(async |this: &mut Self| this.exports.call_about(&mut this.store).await)
            .await
    }

    /// A call that ends soon after the deadline even if it hangs in a host function.
    async fn bounded<T>(
        &mut self,
        call: impl AsyncFnOnce(&mut Self) -> wasmtime::Result<T>,
    ) -> wasmtime::Result<T> {
        let control = Arc::clone(&self.store.data().control);
        control.bounded(call(self)).await
    }

    /// Why the runtime died of `error`.
    pub(crate) fn death(&self, error: &wasmtime::Error) -> Death {
        Death::of(error, self.store.data().limiter.refused)
    }
}

impl Death {
    /// What killed a store; `out_of_memory` if it was refused memory.
    pub(crate) fn of(error: &wasmtime::Error, out_of_memory: bool) -> Self {
        match error.downcast_ref::<Stop>() {
            Some(Stop::Deadline) => return Death::Deadline,
            Some(Stop::Interrupted) => return Death::Interrupted,
            None => {}
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Death::Fuel,
            Some(Trap::StackOverflow) => Death::Stack,
            _ if out_of_memory => Death::Memory,
            _ => Death::Crash,
        }
    }
}
