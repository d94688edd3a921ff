//! `metascript lsp`.

mod stdio;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::args::LspOptions;
use crate::exit::Exit;

/// Environment variable that chooses what is logged to standard error, for example `debug`.
const LOG: &str = "METASCRIPT_LOG";

/// Threads that answer requests; more wait their turn.
const QUERY_THREADS: usize = 16;

/// Serves on standard input and output until the client leaves.
pub(crate) fn serve(_: &LspOptions) -> Result<Exit> {
    let filter = EnvFilter::try_from_env(LOG).unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(QUERY_THREADS)
        .enable_all()
        .build()
        .context("could not start the runtime")?;
    runtime.block_on(async { metascript_lsp::serve(stdio::input(), stdio::output()).await });
    // Standard input may still be read by a blocking thread that nothing can wake.
    runtime.shutdown_background();
    Ok(Exit::Clean)
}
