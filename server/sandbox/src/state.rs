//! What a store holds, and the host's side of the WIT world.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::compiler::Compiler;
use crate::control::Control;
use crate::deterministic::{Clock, Source};
use crate::event::{Bundle, Content, StreamName};
use crate::host::{Host, Refused};
use crate::limits::MemoryLimiter;
use crate::output::Output;
use crate::rust::Run;
use crate::value::Value;
use crate::variables::Shared;
use crate::wire::{self, host, types};
use crate::{Language, Limits};

/// Random bytes that one call gives.
const MAX_RANDOM: u32 = 65_536;

/// What a runtime shares with its session.
pub(crate) struct Surroundings {
    pub(crate) control: Arc<Control>,
    pub(crate) output: Output,
    pub(crate) host: Arc<Host>,
    /// Clock and random numbers of a repeatable session.
    pub(crate) source: Option<Source>,
}

impl Surroundings {
    /// Nothing but a way to stop.
    pub(crate) fn none(control: Arc<Control>) -> Self {
        Self {
            control,
            output: Output::default(),
            host: Arc::new(Host::none()),
            source: None,
        }
    }
}

/// Data of one runtime's store.
pub(crate) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    pub(crate) limiter: MemoryLimiter,
    pub(crate) control: Arc<Control>,
    pub(crate) output: Output,
    /// The session's variables and its other runtimes, while a cell of this runtime runs.
    pub(crate) shared: Option<Box<Shared>>,
    pub(crate) language: Language,
    pub(crate) max_value: usize,
    pub(crate) host: Arc<Host>,
    /// The clock of a repeatable session.
    pub(crate) clock: Option<Clock>,
    /// Where the host's own random numbers come from in a repeatable session.
    random: Option<StdRng>,
    /// What compiles the cells of this runtime, if it does not do so itself.
    pub(crate) compiler: Option<Arc<Compiler>>,
    /// The cell of a store that runs a compiled one.
    pub(crate) program: Run,
}

impl State {
    pub(crate) fn new(language: Language, limits: &Limits, around: Surroundings) -> Self {
        // No folder, no environment, no argument, no network, no standard stream: the builder gives nothing that is
        // not asked for.
        let mut wasi = WasiCtxBuilder::new();
        wasi.allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(u64::from(MAX_RANDOM));
        if let Some(source) = &around.source {
            source.install(&mut wasi, language);
        }
        Self {
            wasi: wasi.build(),
            table: ResourceTable::new(),
            limiter: MemoryLimiter::new(limits.memory),
            control: around.control,
            output: around.output,
            shared: None,
            language,
            max_value: limits.value,
            host: around.host,
            random: around
                .source
                .as_ref()
                .map(|source| source.host_stream(language)),
            clock: around.source.map(|source| source.clock),
            compiler: None,
            program: Run::default(),
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// Everything that a runtime may import.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wire::CellRuntime::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    wire::compiler::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// Lets the caller of `evaluate` see what was written.
pub(crate) async fn hand_over() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return std::task::Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn refusal(code: &str, message: impl Into<String>) -> types::Refusal {
    types::Refusal {
        code: code.to_owned(),
        message: message.into(),
    }
}

pub(crate) fn bundle(shown: Vec<types::Representation>) -> Bundle {
    let representations = shown
        .into_iter()
        .map(|one| {
            let content = match one.content {
                types::Content::Text(text) => Content::Text(text),
                types::Content::Binary(bytes) => Content::Binary(bytes),
            };
            (one.mime, content)
        })
        .collect();
    Bundle { representations }
}

impl types::Host for State {}

impl host::Host for State {
    async fn write(&mut self, to: host::Channel, text: String) -> wasmtime::Result<()> {
        let name = match to {
            host::Channel::Stdout => StreamName::Stdout,
            host::Channel::Stderr => StreamName::Stderr,
        };
        self.output.write(name, &text);
        hand_over().await;
        Ok(())
    }

    async fn display(&mut self, shown: Vec<types::Representation>) -> wasmtime::Result<()> {
        self.output.display(bundle(shown));
        hand_over().await;
        Ok(())
    }

    async fn get_variable(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Option<types::Value>, types::Refusal>> {
        let Some(shared) = self.shared.as_deref_mut() else {
            return Ok(Err(refusal(
                "busy",
                "another language is reading this one's variables just now",
            )));
        };
        if let Err(refused) = self.host.count("vars.get", &name) {
            return Ok(Err(refusal(refused.code, refused.message)));
        }
        if shared.variables.is_held_by(&name, self.language) {
            return Ok(Err(refusal("local", "this language holds the variable")));
        }
        Ok(match shared.read(&name).await {
            Ok(value) => Ok(value.map(|value| value.to_wire())),
            Err(reason) => Err(refusal("unshareable", reason)),
        })
    }

    async fn set_variable(
        &mut self,
        name: String,
        to: types::Value,
    ) -> wasmtime::Result<Result<(), types::Refusal>> {
        let Some(shared) = self.shared.as_deref_mut() else {
            return Ok(Err(refusal(
                "busy",
                "another language is reading this one's variables just now",
            )));
        };
        if let Err(refused) = self.host.count("vars.set", &name) {
            return Ok(Err(refusal(refused.code, refused.message)));
        }
        Ok(match Value::from_wire(to, self.max_value) {
            Ok(value) => shared
                .variables
                .put(&name, value)
                .map_err(|reason| refusal("bad-name", reason)),
            Err(error) => Err(refusal("bad-value", error.to_string())),
        })
    }

    async fn list_variables(&mut self) -> wasmtime::Result<Vec<types::Variable>> {
        Ok(self
            .shared
            .as_deref()
            .map(|shared| shared.variables.list_wire())
            .unwrap_or_default())
    }

    async fn call(
        &mut self,
        operation: String,
        arguments: types::Value,
    ) -> wasmtime::Result<Result<types::Value, types::Refusal>> {
        hand_over().await;
        let arguments = match Value::from_wire(arguments, self.max_value) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(Err(refusal("bad-value", error.to_string()))),
        };
        let (host, control) = (Arc::clone(&self.host), Arc::clone(&self.control));
        let answer = tokio::select! {
            biased;
            stop = control.stopped() => return Err(stop.into()),
            () = control.interrupted() => {
                control.tell();
                Err(Refused::new("interrupted", "the cell was interrupted"))
            }
            answer = host.call(&operation, arguments, &self.output, self.max_value) => answer,
        };
        // What the call wrote is seen before the cell goes on.
        hand_over().await;
        Ok(answer
            .map(|value| value.to_wire())
            .map_err(|refused| refusal(refused.code, refused.message)))
    }

    async fn sleep(&mut self, milliseconds: u32) -> wasmtime::Result<bool> {
        hand_over().await;
        let (control, clock) = (Arc::clone(&self.control), self.clock.clone());
        wait(&control, clock.as_ref(), milliseconds).await
    }

    async fn random(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(count.min(MAX_RANDOM)).unwrap_or(0)];
        if let Some(random) = &mut self.random {
            random.fill_bytes(&mut bytes);
            return Ok(bytes);
        }
        getrandom::fill(&mut bytes)
            .map_err(|error| wasmtime::Error::msg(format!("no random numbers: {error}")))?;
        Ok(bytes)
    }
}

/// Waits so long; false if the user interrupted the cell, an error at its deadline. By the clock of a repeatable session
/// no real time passes.
pub(crate) async fn wait(
    control: &Control,
    clock: Option<&Clock>,
    milliseconds: u32,
) -> wasmtime::Result<bool> {
    let mut time = Duration::from_millis(u64::from(milliseconds));
    if let Some(clock) = clock {
        clock.pass(time);
        time = Duration::ZERO;
    }
    tokio::select! {
        biased;
        () = control.interrupted() => Ok(!control.tell()),
        stop = control.stopped() => Err(stop.into()),
        () = tokio::time::sleep(time) => Ok(true),
    }
}
