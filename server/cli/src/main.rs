//! The binary `metascript`.

mod ai;
mod args;
mod audit;
mod change;
mod check;
mod exit;
mod explain;
mod files;
mod fmt;
mod lsp;
mod out;
mod policy;
mod rules;
mod run;
mod runtimes;
mod scan;
mod session;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Arguments, Command};
use crate::exit::Exit;

/// Trees are many small allocations on many threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Lsp(options) => lsp::serve(&options),
        Command::Check(options) => check::check(&options),
        Command::Fmt(options) => fmt::fmt(&options),
        Command::Scan(options) => scan::scan(&options),
        Command::Policy(command) => policy::policy(&command),
        Command::Rules(command) => rules::rules(&command),
        Command::Run(options) => run::run(&options),
        Command::Session(options) => session::session(&options),
        Command::Runtimes(command) => runtimes::runtimes(&command),
        Command::Audit(command) => audit::audit(&command),
        Command::Ai(options) => ai::ai(options),
        Command::Explain { code } => explain::explain(code.as_deref()),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "metascript",
                &mut std::io::stdout(),
            );
            Ok(Exit::Clean)
        }
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            exit::report(&error);
            Exit::CouldNot.into()
        }
    }
}
