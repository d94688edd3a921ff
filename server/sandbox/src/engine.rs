//! One engine per process: compiled runtimes and the clock.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, OptLevel};

use crate::cache::Cache;
use crate::compiler::Compiler;
use crate::control::Control;
use crate::event::RuntimeInformation;
use crate::language::FSHARP_COMPILER;
use crate::rust::{self, Refused, Rust};
use crate::state::{self, State};
use crate::wire::CellRuntimePre;
use crate::{Error, Language, Limits, Policy, Session, SessionOptions, locate};

/// Time between two looks at a running cell's deadline.
const TICK: Duration = Duration::from_millis(5);

/// Stack of a running cell; deeper recursion ends in a trap. Python's parser and QuickJS need a few MiB.
const WASM_STACK: usize = 16 << 20;
/// The rest is for host calls, made on the same stack.
const FIBER_STACK: usize = WASM_STACK + (4 << 20);

/// How to set up an [`Engine`].
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// The folder that holds the runtimes. Without it: the one that `METASCRIPT_RUNTIMES` names, else `runtimes`
    /// beside the program or one folder above, else `metascript/runtimes` in the user's data folder.
    pub runtimes: Option<PathBuf>,
    /// The folder for compiled runtimes and the key that seals them; the user's own folders without it.
    pub cache: Option<PathBuf>,
}

/// Finds, compiles and keeps the language runtimes. Cheap to clone and to make: work is done when a cell needs it.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    options: EngineOptions,
    cache: Cache,
    plain: OnceLock<Result<Flavour, String>>,
    /// Counts instructions, which plain code does not.
    metered: OnceLock<Result<Flavour, String>>,
    clock: Arc<Clock>,
    /// Compilers that the runtimes of a language share.
    compilers: Mutex<HashMap<&'static str, Arc<Compiler>>>,
    /// The F# compiler that editors ask.
    editor: Mutex<Option<Arc<Compiler>>>,
    executor: OnceLock<Result<tokio::runtime::Runtime, String>>,
    rust: Mutex<Option<Arc<Rust>>>,
}

/// An engine of one configuration, with the runtimes compiled for it.
struct Flavour {
    engine: wasmtime::Engine,
    linker: Linker<State>,
    runtimes: Mutex<HashMap<&'static str, Arc<Loaded>>>,
}

/// A runtime ready to be instantiated.
pub(crate) struct Loaded {
    pub(crate) pre: CellRuntimePre<State>,
    pub(crate) compiler: Option<Arc<Compiler>>,
}

impl Engine {
    /// Sets up an engine. Fails if the user has no home folder and no cache folder is given.
    pub fn new(options: EngineOptions) -> Result<Self, Error> {
        let cache = Cache::new(options.cache.as_deref())?;
        Ok(Self(Arc::new(Inner {
            options,
            cache,
            plain: OnceLock::new(),
            metered: OnceLock::new(),
            clock: Arc::default(),
            compilers: Mutex::default(),
            editor: Mutex::default(),
            executor: OnceLock::new(),
            rust: Mutex::default(),
        })))
    }

    /// A session under the strict policy with these limits and without an audit log. It has no runtime yet: the first
    /// cell of each language starts one.
    pub fn session(&self, limits: Limits) -> Session {
        let policy = Policy {
            limits,
            ..Policy::strict()
        };
        self.session_with(SessionOptions {
            policy,
            ..SessionOptions::default()
        })
    }

    /// A session as the options say.
    pub fn session_with(&self, options: SessionOptions) -> Session {
        Session::new(self.clone(), options)
    }

    /// The file that holds a language's runtime, if there is one.
    pub fn find_runtime(&self, language: Language) -> Result<PathBuf, Error> {
        if language == Language::Rust {
            return rust::find().map(|toolchain| toolchain.rustc);
        }
        if let Some(compiler) = language.compiler() {
            self.find(language, compiler)?;
        }
        self.find(language, language.runtime())
    }

    fn find(&self, language: Language, component: &str) -> Result<PathBuf, Error> {
        locate::find(
            language,
            component,
            &locate::folders(self.0.options.runtimes.as_deref()),
        )
    }

    /// The key that seals what this user's Metascript writes, made on first use.
    pub(crate) fn key(&self) -> Result<Vec<u8>, Error> {
        self.0.cache.key()
    }

    /// Languages whose runtime is there.
    pub fn available(&self) -> Vec<Language> {
        Language::ALL
            .into_iter()
            .filter(|language| self.find_runtime(*language).is_ok())
            .collect()
    }

    /// Compiles or loads a runtime ahead of its first cell.
    pub fn prepare(&self, language: Language) -> Result<(), Error> {
        if language == Language::Rust {
            return match self.rust()?.prelude(&self.0.cache, &Control::default()) {
                Ok(_) => Ok(()),
                Err(Refused::Machine(error)) => Err(error),
                Err(_) => Err(Error::NoToolchain {
                    reason: "the compiler took too long".to_owned(),
                }),
            };
        }
        self.load(language, false).map(drop)
    }

    /// The Rust toolchain. One that was not there is looked for again: people install it and try again.
    pub(crate) fn rust(&self) -> Result<Arc<Rust>, Error> {
        let mut place = self.0.rust.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rust) = place.as_ref() {
            return Ok(Arc::clone(rust));
        }
        let rust = Arc::new(Rust::new(rust::find()?));
        *place = Some(Arc::clone(&rust));
        Ok(rust)
    }

    /// What the Rust toolchain says about itself.
    pub(crate) fn about_rust(&self) -> Result<RuntimeInformation, Error> {
        let rust = self.rust()?;
        let said = rust::version(rust.toolchain()).unwrap_or_default();
        Ok(RuntimeInformation {
            version: said
                .split_whitespace()
                .nth(1)
                .unwrap_or("unknown")
                .to_owned(),
            implementation: "rustc".to_owned(),
            modules: ["std", "core", "alloc", "metascript", "tars"]
                .map(str::to_owned)
                .to_vec(),
        })
    }

    /// Whether the Rust compiler sees no file of the user's while it compiles a cell (on Linux, where the kernel has
    /// Landlock). Elsewhere the check of the cell's words alone keeps it from them.
    pub fn hides_files_from_rustc() -> bool {
        rust::hides_files()
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.0.cache
    }

    /// The engine that runs core modules; `metered` counts their instructions.
    pub(crate) fn wasm(&self, metered: bool) -> Result<&wasmtime::Engine, Error> {
        Ok(&self.flavour(metered)?.engine)
    }

    /// The runtime of a language, compiled or loaded on first use.
    pub(crate) fn load(&self, language: Language, metered: bool) -> Result<Arc<Loaded>, Error> {
        let flavour = self.flavour(metered)?;
        let compiler = language
            .compiler()
            .map(|name| self.compiler(language, name))
            .transpose()?;
        // Held while compiling: a second session waits instead of compiling the same runtime again.
        let mut runtimes = flavour
            .runtimes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = runtimes.get(language.runtime()) {
            return Ok(Arc::clone(loaded));
        }
        let path = self.find(language, language.runtime())?;
        let component =
            self.0
                .cache
                .component(&flavour.engine, language, language.runtime(), &path)?;
        let loaded = Arc::new(flavour.prepare(&component, compiler).map_err(|error| {
            Error::UnfitRuntime {
                language,
                path,
                reason: format!("{error:#}"),
            }
        })?);
        runtimes.insert(language.runtime(), Arc::clone(&loaded));
        Ok(loaded)
    }

    /// The compiler of a language, compiled or loaded on first use. It never counts instructions: they would be its
    /// own and not the cell's.
    fn compiler(&self, language: Language, name: &'static str) -> Result<Arc<Compiler>, Error> {
        let flavour = self.flavour(false)?;
        let mut compilers = self
            .0
            .compilers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(compiler) = compilers.get(name) {
            return Ok(Arc::clone(compiler));
        }
        let path = self.find(language, name)?;
        let component = self
            .0
            .cache
            .component(&flavour.engine, language, name, &path)?;
        let compiler = Compiler::new(
            flavour.linker.instantiate_pre(&component),
            language,
            self.executor()?.clone(),
        )
        .map_err(|error| Error::UnfitRuntime {
            language,
            path,
            reason: format!("{error:#}"),
        })?;
        let compiler = Arc::new(compiler);
        compilers.insert(name, Arc::clone(&compiler));
        Ok(compiler)
    }

    /// The F# compiler that editors ask: another than cells ask.
    pub(crate) fn editor_compiler(&self) -> Result<Arc<Compiler>, Error> {
        let compiler = self.compiler(Language::FSharp, FSHARP_COMPILER)?;
        let mut editor = self.0.editor.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(
            editor.get_or_insert_with(|| Arc::new(compiler.twin())),
        ))
    }

    fn flavour(&self, metered: bool) -> Result<&Flavour, Error> {
        let slot = if metered {
            &self.0.metered
        } else {
            &self.0.plain
        };
        slot.get_or_init(|| {
            let flavour = Flavour::new(metered).map_err(|error| format!("{error:#}"))?;
            self.0.clock.add(&flavour.engine);
            Ok(flavour)
        })
        .as_ref()
        .map_err(|reason| Error::Engine(reason.clone()))
    }

    /// Ticks while the returned guard lives.
    pub(crate) fn running(&self) -> Running {
        Clock::start(&self.0.clock);
        Running(Arc::clone(&self.0.clock))
    }

    /// Where waits of cells are timed.
    pub(crate) fn executor(&self) -> Result<&tokio::runtime::Handle, Error> {
        self.0
            .executor
            .get_or_init(|| {
                tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .thread_name("metascript-timer")
                    .enable_all()
                    .build()
                    .map_err(|error| error.to_string())
            })
            .as_ref()
            .map(tokio::runtime::Runtime::handle)
            .map_err(|reason| Error::Engine(reason.clone()))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.clock.close();
        // Dropping a tokio runtime inside another one's async task would panic; its one thread ends by itself.
        if let Some(Ok(executor)) = self.executor.take() {
            executor.shutdown_background();
        }
    }
}

impl Flavour {
    fn new(metered: bool) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .wasm_component_model_async(true)
            .cranelift_opt_level(OptLevel::Speed)
            .memory_init_cow(true)
            .epoch_interruption(true)
            .consume_fuel(metered)
            .max_wasm_stack(WASM_STACK)
            .async_stack_size(FIBER_STACK);
        let engine = wasmtime::Engine::new(&config)?;
        let linker = state::linker(&engine)?;
        Ok(Self {
            engine,
            linker,
            runtimes: Mutex::default(),
        })
    }

    fn prepare(
        &self,
        component: &Component,
        compiler: Option<Arc<Compiler>>,
    ) -> wasmtime::Result<Loaded> {
        Ok(Loaded {
            pre: CellRuntimePre::new(self.linker.instantiate_pre(component)?)?,
            compiler,
        })
    }
}

/// Advances the epoch of every engine while a cell runs, and sleeps otherwise.
#[derive(Default)]
struct Clock {
    state: Mutex<ClockState>,
    changed: Condvar,
}

#[derive(Default)]
struct ClockState {
    engines: Vec<wasmtime::EngineWeak>,
    running: usize,
    has_thread: bool,
    closed: bool,
}

impl Clock {
    fn state(&self) -> std::sync::MutexGuard<'_, ClockState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, engine: &wasmtime::Engine) {
        self.state().engines.push(engine.weak());
    }

    fn start(clock: &Arc<Self>) {
        let mut state = clock.state();
        state.running += 1;
        if !state.has_thread {
            let weak = Arc::downgrade(clock);
            let spawned = std::thread::Builder::new()
                .name("metascript-clock".to_owned())
                .spawn(move || Self::tick(&weak));
            match spawned {
                Ok(_) => state.has_thread = true,
                // Waits of the cell still end at its deadline; the next cell tries again.
                Err(error) => tracing::error!(%error, "no thread for the cells' clock"),
            }
        } else if state.running == 1 {
            clock.changed.notify_one();
        }
    }

    fn tick(clock: &Weak<Self>) {
        while let Some(clock) = clock.upgrade() {
            let mut state = clock.state();
            while state.running == 0 && !state.closed {
                state = clock
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.closed {
                return;
            }
            for engine in state
                .engines
                .iter()
                .filter_map(wasmtime::EngineWeak::upgrade)
            {
                engine.increment_epoch();
            }
            drop(state);
            drop(clock);
            std::thread::sleep(TICK);
        }
    }

    fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

/// A cell runs.
pub(crate) struct Running(Arc<Clock>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.running = state.running.saturating_sub(1);
    }
}
