//! The language server of Metascript: the only crate that knows LSP types.
//!
//! The life of a message: [`serve`] reads it from the transport, through `sieve`; `ordered` applies edits at once, in
//! arrival order, and hands every request the document as it was on arrival; `server` names the
//! handler; `handlers` converts between LSP and the analysis, one file per request; `state` runs the
//! analysis on a blocking thread. Cells run in `sessions`, one thread per script, and their events
//! leave through `output`. `fsharp` has F# cells checked in the background.

mod assistant;
mod capabilities;
mod cell_services;
mod convert;
mod documents;
mod fsharp;
mod handlers;
mod host;
mod kept;
mod notebooks;
mod operating;
mod options;
mod ordered;
mod output;
mod run_policy;
mod runner;
mod security;
mod server;
mod sessions;
mod sieve;
mod stale;
mod state;
mod status;
mod turns;
mod uri;
mod worker;
mod workspace;

pub use assistant::{open as open_assistant, user_settings};
pub use cell_services::CellServices;
pub use run_policy::{RunPolicy, run_policy};
pub use runner::{Sandbox, SandboxRunner};
pub use server::serve;
