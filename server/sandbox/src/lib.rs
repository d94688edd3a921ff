//! Runs the cells of a metascript in WebAssembly.
//!
//! ```no_run
//! use metascript_sandbox::{CellSource, Engine, EngineOptions, Event, Language, Limits};
//!
//! let engine = Engine::new(EngineOptions::default())?;          // one per process, cheap until used
//! let mut session = engine.session(Limits::default());          // one per script
//! let interrupt = session.interrupt_handle();                   // for another thread
//! let cell = CellSource::new(Language::Python, "print('hi')\n1 + 1").at("demo.tars", 12);
//! let outcome = session.evaluate(&cell, &mut |event: Event| {   // blocks; call it from a plain thread
//!     // Event::Started, Stream, Display, Result, Error: as they happen
//! })?;                                                          // Err: the cell never started
//! assert_eq!(outcome.status, metascript_sandbox::Status::Ok);
//! # Ok::<(), metascript_sandbox::Error>(())
//! ```
//!
//! - [`Engine`] finds the language runtimes, compiles each once (cached on disk, authenticated) and ticks the clock
//!   that ends runaway cells.
//! - [`Session`] holds the live runtimes of one script and the variables that its languages share.
//! - [`Limits`] bound a cell's time, memory, output and values. A cell that breaks out of time or memory loses its
//!   runtime; the session makes a fresh one and says which variables are gone.
//! - [`Policy`] says what cells may ask of the host (`tars.fs`, `tars.http` ...), [`Policies`] reads those of one's own, and
//!   the [`AuditLog`] keeps what they did.
//! - [`FSharpEditor`] is what an editor asks about F# cells, none of which needs to run.
//! - [`operations`] are what a program may ask of a session, as JSON-RPC requests; [`packages`] are what cells can import.
//! - [`Session::evaluate`] and its companions block. They must not be called from inside an async task: use a plain
//!   thread, or `spawn_blocking`.
//!
//! Lines and columns count from zero, in the script. No type of the language server protocol appears here.

mod artefact;
mod audit;
mod cache;
mod compiler;
mod control;
mod declared;
mod deterministic;
mod engine;
mod error;
mod event;
mod fsharp;
mod host;
mod identity;
mod instance;
mod interpolate;
mod language;
mod limits;
mod locate;
pub mod operations;
mod output;
pub mod packages;
mod policy;
mod rust;
pub mod services;
mod session;
mod state;
mod value;
mod variables;
mod wire;

pub use audit::{AuditLog, Report, Trouble};
pub use control::InterruptHandle;
pub use declared::declared;
pub use engine::{Engine, EngineOptions};
pub use error::Error;
pub use event::{
    Bundle, CellError, CellSource, Completion, Content, Event, Frame, Inspection, Outcome,
    RuntimeInformation, Status, StreamName, VariableInfo,
};
pub use fsharp::{
    FSharpDescription, FSharpDiagnostic, FSharpEditor, FSharpScript, FSharpSignature,
};
pub use language::Language;
pub use limits::Limits;
pub use policy::{Access, FolderGrant, HostGrant, Policies, Policy, amount};
pub use rust::rust_toolchain;
pub use session::{Session, SessionOptions};
pub use value::{Table, Value, ValueError};
