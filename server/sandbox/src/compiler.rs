//! A compiler that the sessions of a process share: one instance, asked by one cell after the other.
//!
//! It never runs what it compiles and keeps no session's state, so it may be thrown away between any two questions: a
//! fresh one starts from its snapshot in less than a millisecond.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedMutexGuard};
use wasmtime::component::{ComponentNamedList, InstancePre, Lift, Lower, TypedFunc};
use wasmtime::{Store, UpdateDeadline};

use crate::control::{Control, Stop};
use crate::instance::Death;
use crate::state::{self, State, Surroundings};
use crate::wire::compiler::{Compiled, Diagnostic, Host, Item, Position, Request, Severity};
use crate::{Language, Limits};

/// What cells ask.
const CELLS: &str = "metascript:cell/fsharp-compiler@0.1.0";
/// What editors ask.
pub(crate) const EDITOR: &str = "metascript:cell/fsharp-editor@0.1.0";

/// Memory of a compiler at work.
const MEMORY: usize = 1 << 30;
/// A compiler that has grown by so much since its start makes place for a fresh one.
const GROWTH: usize = 256 << 20;
/// A compiler that nobody asked for so long is dropped.
const IDLE: Duration = Duration::from_mins(5);

/// A compiler, started when it is first asked.
pub(crate) struct Compiler {
    pre: InstancePre<State>,
    language: Language,
    executor: tokio::runtime::Handle,
    place: Place,
    /// Where the twin runs.
    lender: OnceLock<Place>,
}

/// Where a compiler runs, if it does.
type Place = Arc<Mutex<Option<Live>>>;

/// A running compiler.
struct Live {
    store: Store<State>,
    instance: wasmtime::component::Instance,
    at_start: usize,
    asked: Instant,
}

/// Why a question has no answer.
pub(crate) enum Cut {
    /// The cell that asked must stop.
    Stopped(Stop),
    /// The compiler failed, for this reason.
    Failed(String),
}

impl Compiler {
    pub(crate) fn new(
        pre: wasmtime::Result<InstancePre<State>>,
        language: Language,
        executor: tokio::runtime::Handle,
    ) -> wasmtime::Result<Self> {
        Ok(Self {
            pre: pre?,
            language,
            executor,
            place: Arc::default(),
            lender: OnceLock::new(),
        })
    }

    /// Another compiler of the same code, for others to ask. While it runs and is idle, this one asks it instead: it has
    /// checked the text that an editor shows, which is what runs next.
    pub(crate) fn twin(&self) -> Self {
        let twin = Self {
            pre: self.pre.clone(),
            language: self.language,
            executor: self.executor.clone(),
            place: Arc::default(),
            lender: OnceLock::new(),
        };
        // Only the first twin lends.
        let _ = self.lender.set(Arc::clone(&twin.place));
        twin
    }

    /// A place for a question: the twin's if that one is running and idle, else the own one as soon as it is free.
    async fn place(&self) -> OwnedMutexGuard<Option<Live>> {
        if let Some(lender) = self.lender.get()
            && let Ok(place) = Arc::clone(lender).try_lock_owned()
            && place.is_some()
        {
            return place;
        }
        Arc::clone(&self.place).lock_owned().await
    }

    async fn start(&self, control: &Arc<Control>) -> wasmtime::Result<Live> {
        let limits = Limits {
            memory: MEMORY,
            ..Limits::default()
        };
        let around = Surroundings::none(Arc::clone(control));
        let state = State::new(self.language, &limits, around);
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.epoch_deadline_callback(|store| match store.data().control.stop() {
            Some(stop) => Err(stop.into()),
            None => Ok(UpdateDeadline::Continue(1)),
        });
        store.set_epoch_deadline(1);
        let instance = self.pre.instantiate_async(&mut store).await?;
        Ok(Live {
            at_start: store.data().limiter.used(),
            store,
            instance,
            asked: Instant::now(),
        })
    }

    /// Asks the compiler on behalf of a cell or an editor, whose deadline and interrupt hold for the compiler as well.
    pub(crate) async fn ask_in<P, R>(
        &self,
        interface: &str,
        function: &str,
        parameters: P,
        control: &Arc<Control>,
    ) -> Result<R, Cut>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: Send + Sync + 'static,
        (R,): ComponentNamedList + Lift + Send + Sync,
    {
        let mut place = tokio::select! {
            biased;
            place = self.place() => place,
            stop = control.stopped() => return Err(Cut::Stopped(stop)),
        };
        let mut live = match place.take() {
            Some(live) => live,
            None => self
                .start(control)
                .await
                .map_err(|error| Cut::Failed(format!("it could not start: {error:#}")))?,
        };
        live.store.data_mut().control = Arc::clone(control);
        live.store.data_mut().limiter.begin();
        let answer = control
            .bounded(live.call::<P, R>(interface, function, parameters))
            .await;
        match answer {
            Ok(answer) => {
                let used = live.store.data().limiter.used();
                if used.saturating_sub(live.at_start) < GROWTH {
                    live.asked = Instant::now();
                    *place = Some(live);
                    self.forget_later(OwnedMutexGuard::mutex(&place));
                }
                Ok(answer)
            }
            Err(error) => {
                let out_of_memory = live.store.data().limiter.refused;
                tracing::debug!(function, error = format!("{error:#}"), "a compiler ended");
                Err(match Death::of(&error, out_of_memory) {
                    Death::Deadline => Cut::Stopped(Stop::Deadline),
                    Death::Interrupted => Cut::Stopped(Stop::Interrupted),
                    Death::Memory => {
                        Cut::Failed(format!("it needed more than {} MiB", MEMORY >> 20))
                    }
                    Death::Stack => Cut::Failed("the cell is nested too deeply".to_owned()),
                    Death::Fuel | Death::Crash => Cut::Failed("it crashed".to_owned()),
                })
            }
        }
    }

    /// Drops the compiler when nobody has asked it for long.
    fn forget_later(&self, place: &Place) {
        let place = Arc::downgrade(place);
        self.executor.spawn(async move {
            tokio::time::sleep(IDLE).await;
            let Some(place) = place.upgrade() else { return };
            let mut live = place.lock().await;
            if live
                .as_ref()
                .is_some_and(|live| live.asked.elapsed() >= IDLE)
            {
                *live = None;
            }
        });
    }
}

impl Live {
    async fn call<P, R>(
        &mut self,
        interface: &str,
        function: &str,
        parameters: P,
    ) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        (R,): ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let missing = || wasmtime::Error::msg(format!("the compiler has no {function}"));
        let (_, interface) = self
            .instance
            .get_export(&mut self.store, None, interface)
            .ok_or_else(missing)?;
        let (_, index) = self
            .instance
            .get_export(&mut self.store, Some(&interface), function)
            .ok_or_else(missing)?;
        let function: TypedFunc<P, (R,)> = self.instance.get_typed_func(&mut self.store, index)?;
        Ok(function.call_async(&mut self.store, parameters).await?.0)
    }
}

impl State {
    /// Asks the compiler of this runtime; `instead` makes an answer of the reason why there is none.
    async fn ask_compiler<P, R>(
        &mut self,
        function: &str,
        parameters: P,
        instead: impl FnOnce(String) -> R,
    ) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: Send + Sync + 'static,
        (R,): ComponentNamedList + Lift + Send + Sync,
    {
        state::hand_over().await;
        let Some(compiler) = self.compiler.clone() else {
            return Ok(instead("there is none for this runtime".to_owned()));
        };
        match compiler
            .ask_in(CELLS, function, parameters, &self.control)
            .await
        {
            Ok(answer) => Ok(answer),
            Err(Cut::Failed(reason)) => Ok(instead(reason)),
            Err(Cut::Stopped(stop)) if self.control.spare(stop) => Ok(instead(stop.to_string())),
            Err(Cut::Stopped(stop)) => Err(stop.into()),
        }
    }
}

fn complaint(reason: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "FS0000".to_owned(),
        message: format!("the compiler gave no answer: {reason}"),
        start: None,
        end: None,
    }
}

impl Host for State {
    async fn compile(&mut self, request: Request) -> wasmtime::Result<Compiled> {
        self.ask_compiler("compile", (&request,), |reason| Compiled {
            diagnostics: vec![complaint(&reason)],
            program: None,
        })
        .await
    }

    async fn check(&mut self, request: Request) -> wasmtime::Result<Vec<Diagnostic>> {
        self.ask_compiler("check", (&request,), |reason| vec![complaint(&reason)])
            .await
    }

    async fn complete(&mut self, request: Request, at: Position) -> wasmtime::Result<Vec<Item>> {
        self.ask_compiler("complete", (&request, at), |_| Vec::new())
            .await
    }

    async fn inspect(&mut self, request: Request, at: Position) -> wasmtime::Result<Vec<String>> {
        self.ask_compiler("inspect", (&request, at), |_| Vec::new())
            .await
    }

    async fn version(&mut self) -> wasmtime::Result<String> {
        self.ask_compiler("version", (), |_| String::new()).await
    }
}
