//! Rust cells: compiled by the user's own toolchain, run as WebAssembly like every other cell.
//!
//! A cell is a program of its own. What stays of it for later cells is source (its items) and values (its variables),
//! which the session holds.

mod check;
mod confine;
mod messages;
mod parse;
mod program;
mod rustc;
mod source;
mod toolchain;
mod wire;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use wasmtime::Module;

use crate::cache::{Cache, hex};
use crate::control::{Control, Stop};
use crate::event::{CellError, CellSource, Frame};
use crate::state::State;
use crate::{Error, Value};

pub(crate) use confine::hides_files;
pub(crate) use program::{Ended, Run, exit_code};
pub(crate) use toolchain::Toolchain;

use messages::Errors;
use parse::{Key, Parsed};
use rustc::{Failure, Kind};
use source::{Cell, FILE, Kept, Program};

/// Time to compile the prelude, which happens once for each toolchain.
const PRELUDE_TIME: Duration = Duration::from_mins(2);
/// Most source that earlier cells leave behind, in bytes.
const MOST_KEPT: usize = 1 << 20;
/// Compiled cells in memory.
const MOST_MODULES: usize = 64;
/// Tries to compile a cell with less of its variables shared.
const TRIES: usize = 4;

/// Words that are no names of variables.
const RESERVED: [&str; 60] = [
    "as",
    "async",
    "await",
    "break",
    "const",
    "continue",
    "crate",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "match",
    "mod",
    "move",
    "mut",
    "pub",
    "ref",
    "return",
    "self",
    "Self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "type",
    "union",
    "unsafe",
    "use",
    "where",
    "while",
    "abstract",
    "become",
    "box",
    "do",
    "final",
    "macro",
    "override",
    "priv",
    "try",
    "typeof",
    "unsized",
    "virtual",
    "yield",
    "Some",
    "None",
    "Ok",
    "Err",
    "metascript",
    "tars",
    "__result",
];

/// The toolchain, and what was compiled with it.
pub(crate) struct Rust {
    toolchain: Toolchain,
    prelude: Mutex<Option<PathBuf>>,
    modules: Mutex<HashMap<(String, bool), Module>>,
}

/// What earlier Rust cells of a session left behind.
#[derive(Debug, Default)]
pub(crate) struct Kitchen {
    items: Vec<Kept>,
    /// Variables whose type cannot be shared, with the type.
    unshared: HashMap<String, String>,
}

/// A cell that can run.
pub(crate) struct Compiled {
    module: Module,
    program: Program,
    kept: Vec<Kept>,
    /// Names that the cell binds.
    pub(crate) bound: Vec<String>,
}

/// Why a cell does not run.
pub(crate) enum Refused {
    /// It is wrong.
    Cell(Box<CellError>),
    /// It was stopped while it was compiled.
    Stopped(Stop),
    /// It is nobody's fault but the machine's.
    Machine(Error),
}

/// Finds the toolchain; the error says what is missing.
pub(crate) fn find() -> Result<Toolchain, Error> {
    toolchain::find().map_err(|reason| Error::NoToolchain { reason })
}

/// The `rustc` that compiles Rust cells, or what is missing. Only looks at files.
pub fn rust_toolchain() -> Result<PathBuf, Error> {
    find().map(|toolchain| toolchain.rustc)
}

/// What the compiler calls itself.
pub(crate) fn version(toolchain: &Toolchain) -> Option<String> {
    rustc::version(toolchain).ok()
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()).chars().take(32).collect()
}

impl Rust {
    pub(crate) fn new(toolchain: Toolchain) -> Self {
        Self {
            toolchain,
            prelude: Mutex::default(),
            modules: Mutex::default(),
        }
    }

    pub(crate) fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Names the compiler, its flags and the prelude.
    fn base(&self) -> String {
        let mut parts = vec![self.toolchain.fingerprint()];
        parts.extend(rustc::FLAGS.iter().map(|flag| (*flag).to_owned()));
        parts.extend(rustc::PRELUDE.iter().map(|(_, text)| (*text).to_owned()));
        hash(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The compiled prelude: from disk if it is there and authentic.
    pub(crate) fn prelude(&self, cache: &Cache, control: &Control) -> Result<PathBuf, Refused> {
        // Held while compiling: a second session waits instead of compiling the same again.
        let mut place = self.prelude.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = place.as_ref().filter(|path| path.is_file()) {
            return Ok(path.clone());
        }
        let owner = cache.owner().map_err(Refused::Machine)?;
        let name = format!("libmetascript-{}-{owner}.rlib", self.base());
        let path = if let Some(path) = cache.sealed(&name).map_err(Refused::Machine)? {
            path
        } else {
            let folder = folder()?;
            for (file, text) in rustc::PRELUDE {
                let path = folder.path().join(file);
                std::fs::write(&path, text)
                    .map_err(Error::file(path))
                    .map_err(Refused::Machine)?;
            }
            tracing::info!("compiling the prelude of Rust cells");
            let made = rustc::compile(
                &self.toolchain,
                folder.path(),
                &Kind::Prelude,
                control,
                PRELUDE_TIME,
            )
            .map_err(|failure| match failure {
                Failure::Stopped(stop) => Refused::Stopped(stop),
                Failure::Refused(reason) | Failure::Died(reason) => {
                    Refused::Machine(Error::NoToolchain {
                        reason: format!(
                            "{} cannot compile for cells: {}",
                            self.toolchain.rustc.display(),
                            reason.chars().take(2000).collect::<String>()
                        ),
                    })
                }
                Failure::NoStart(source) => Refused::Machine(Error::File {
                    path: self.toolchain.rustc.clone(),
                    source,
                }),
            })?;
            let bytes = std::fs::read(&made)
                .map_err(Error::file(made))
                .map_err(Refused::Machine)?;
            cache.seal_file(&name, &bytes).map_err(Refused::Machine)?
        };
        *place = Some(path.clone());
        Ok(path)
    }

    /// Compiles a cell, or finds it compiled. `given` are the session's variables that it mentions.
    pub(crate) fn compile(
        &self,
        request: &Request<'_>,
        kitchen: &Kitchen,
        control: &Control,
    ) -> Result<Compiled, Refused> {
        let source = request.source;
        let cell = Cell {
            code: &source.code,
            parsed: request.parsed,
            file: &source.file,
            first_line: source.first_line,
        };
        let fresh = cell.kept();
        let earlier = source::keep(&kitchen.items, &fresh);
        let size: usize = earlier.iter().map(|item| item.text.len()).sum();
        if size > MOST_KEPT {
            return Err(Refused::Cell(Box::new(error(
                "TooMuchSource",
                &format!(
                    "earlier Rust cells hold more than {MOST_KEPT} bytes of items; restart the session"
                ),
                None,
            ))));
        }
        let mut silent = HashSet::new();
        let whole = cell.program(&earlier, request.given, &silent);
        let key = hash(&[&self.base(), &whole.text]);
        let module = if let Some(module) = self.known(&key, request)? {
            module
        } else {
            let prelude = self.prelude(request.cache, control)?;
            let mut tries = 0;
            let wasm = loop {
                tries += 1;
                let program = cell.program(&earlier, request.given, &silent);
                let messages = match self.build(&program, &prelude, request, control) {
                    Ok(wasm) => break wasm,
                    Err(Failure::Refused(messages)) => messages,
                    Err(failure) => return Err(self.refuse(failure)),
                };
                let errors = Errors::read(&messages);
                match errors.only_shares(&program) {
                    Some(names)
                        if tries <= TRIES && names.iter().any(|name| !silent.contains(name)) =>
                    {
                        silent.extend(names);
                    }
                    _ => {
                        let mut report = errors.report(&program);
                        kitchen.explain(&mut report);
                        return Err(Refused::Cell(Box::new(report)));
                    }
                }
            };
            self.learn(&key, &wasm, request)?
        };
        let mut kept = earlier;
        kept.extend(fresh);
        Ok(Compiled {
            module,
            program: whole,
            kept,
            bound: request.parsed.bound.clone(),
        })
    }

    fn known(&self, key: &str, request: &Request<'_>) -> Result<Option<Module>, Refused> {
        let slot = (key.to_owned(), request.metered);
        let modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = modules.get(&slot) {
            return Ok(Some(module.clone()));
        }
        drop(modules);
        let found = request
            .cache
            .module(request.engine, key)
            .map_err(Refused::Machine)?;
        if let Some(module) = &found {
            self.remember(slot, module);
        }
        Ok(found)
    }

    fn learn(&self, key: &str, wasm: &[u8], request: &Request<'_>) -> Result<Module, Refused> {
        let module = request
            .cache
            .make_module(request.engine, key, wasm)
            .map_err(Refused::Machine)?;
        self.remember((key.to_owned(), request.metered), &module);
        Ok(module)
    }

    fn remember(&self, slot: (String, bool), module: &Module) {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if modules.len() >= MOST_MODULES {
            modules.clear();
        }
        modules.insert(slot, module.clone());
    }

    fn build(
        &self,
        program: &Program,
        prelude: &std::path::Path,
        request: &Request<'_>,
        control: &Control,
    ) -> Result<Vec<u8>, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::NoStart)?;
        std::fs::write(folder.path().join(FILE), &program.text).map_err(Failure::NoStart)?;
        let made = rustc::compile(
            &self.toolchain,
            folder.path(),
            &Kind::Cell { prelude },
            control,
            request.time,
        )?;
        std::fs::read(made).map_err(Failure::NoStart)
    }

    fn refuse(&self, failure: Failure) -> Refused {
        match failure {
            Failure::Stopped(stop) => Refused::Stopped(stop),
            Failure::Refused(reason) | Failure::Died(reason) => Refused::Cell(Box::new(error(
                "CompilerDied",
                &format!("the Rust compiler gave no answer: {reason}"),
                None,
            ))),
            Failure::NoStart(source) => Refused::Machine(Error::File {
                path: self.toolchain.rustc.clone(),
                source,
            }),
        }
    }
}

/// What is compiled, and where the result belongs.
pub(crate) struct Request<'a> {
    pub(crate) source: &'a CellSource,
    pub(crate) parsed: &'a Parsed,
    pub(crate) given: &'a [(String, Value)],
    pub(crate) cache: &'a Cache,
    pub(crate) engine: &'a wasmtime::Engine,
    pub(crate) metered: bool,
    /// Time for the compiler.
    pub(crate) time: Duration,
}

impl Kitchen {
    /// Takes a cell apart.
    pub(crate) fn read(&self, source: &CellSource) -> Result<Parsed, Refused> {
        parse::parse(&source.code).map_err(|fault| {
            let cell = Cell {
                code: &source.code,
                parsed: &Parsed::default(),
                file: &source.file,
                first_line: source.first_line,
            };
            let place = cell.position(fault.at);
            Refused::Cell(Box::new(error(
                fault.name,
                &fault.message,
                Some((&source.file, place.0, place.1)),
            )))
        })
    }

    /// Whether the cell may mean a variable of the session by a word of this name.
    pub(crate) fn may_mean(&self, name: &str, parsed: &Parsed) -> bool {
        let is_item = |key: &Key| matches!(key, Key::Value(other) | Key::Use(other) | Key::Type(other) if other == name);
        !RESERVED.contains(&name)
            && !self.items.iter().any(|item| item.keys.iter().any(is_item))
            && !parsed
                .items
                .iter()
                .any(|item| item.keys.iter().any(is_item))
    }

    /// A cell that compiled leaves its items.
    pub(crate) fn keep(&mut self, compiled: &Compiled) {
        self.items.clone_from(&compiled.kept);
    }

    /// Notes whether a variable can be shared.
    pub(crate) fn note(&mut self, name: &str, kind: Option<&str>) {
        match kind {
            Some(kind) => {
                self.unshared.insert(name.to_owned(), kind.to_owned());
            }
            None => {
                self.unshared.remove(name);
            }
        }
    }

    /// A name that an earlier cell bound but that cannot be shared is no plain unknown name.
    fn explain(&self, error: &mut CellError) {
        if error.name != "E0425" {
            return;
        }
        let unknown = error
            .message
            .split('`')
            .find_map(|word| self.unshared.get_key_value(word));
        if let Some((name, kind)) = unknown {
            let hint = format!(
                "'{name}' was not kept: a value of type {kind} cannot be shared between cells; implement metascript::ToValue, \
                 or make it in this cell"
            );
            error.message = format!("{} ({hint})", error.message);
            error.traceback = format!("{}\n{hint}\n", error.traceback.trim_end());
        }
    }
}

impl Compiled {
    /// Makes the cell's instance ready to run.
    pub(crate) async fn start(
        &self,
        engine: &wasmtime::Engine,
        store: &mut wasmtime::Store<State>,
    ) -> wasmtime::Result<wasmtime::TypedFunc<(), ()>> {
        let linker = program::linker(engine, &self.module)?;
        let instance = linker.instantiate_async(&mut *store, &self.module).await?;
        instance.get_typed_func(&mut *store, "_start")
    }

    /// The end that a cell made of itself, in lines of the script.
    pub(crate) fn report(&self, ended: &Ended, file: &str) -> CellError {
        let place = (ended.file == FILE && ended.line > 0)
            .then(|| self.program.place(ended.line - 1))
            .flatten();
        let mut made = error(
            &ended.name,
            &ended.message,
            place.map(|place| {
                let column = usize::try_from(ended.column.saturating_sub(1)).unwrap_or(0);
                (place.file.as_str(), place.line, column)
            }),
        );
        // A place in an earlier cell is in the same session, maybe of another script.
        if place.is_some_and(|place| place.file != file) {
            made.line = None;
            made.column = None;
        }
        made
    }
}

fn folder() -> Result<tempfile::TempDir, Refused> {
    tempfile::tempdir()
        .map_err(Error::file(std::env::temp_dir()))
        .map_err(Refused::Machine)
}

/// An error with its place: file, zero-based line and column.
pub(crate) fn error(name: &str, message: &str, place: Option<(&str, u32, usize)>) -> CellError {
    let mut traceback = format!("{name}: {message}\n");
    let mut frames = Vec::new();
    let (mut line, mut column) = (None, None);
    if let Some((file, at, from)) = place {
        traceback.push_str(&format!(" --> {file}:{}:{}\n", at + 1, from + 1));
        line = Some(at);
        column = u32::try_from(from).ok();
        frames.push(Frame {
            function: "<cell>".to_owned(),
            file: file.to_owned(),
            line: at,
            column,
        });
    }
    CellError {
        name: name.to_owned(),
        message: message.to_owned(),
        traceback,
        frames,
        line,
        column,
    }
}
