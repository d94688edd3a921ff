//! What `metascript ai` tells about itself.

use std::io::Write;

use anyhow::Result;
use metascript_assist::Assist;
use metascript_assist::settings::Task;
use serde_json::json;

use crate::args::Format;
use crate::exit::Exit;

/// The cache on disk.
pub(super) fn cache(assist: &Assist) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    match assist.cache_stats() {
        Some(stats) => writeln!(
            out,
            "{} answers, {} bytes, {}",
            stats.entries,
            stats.bytes,
            if stats.encrypted {
                "encrypted"
            } else {
                "not encrypted: the system has no keychain that answers"
            }
        )?,
        None => writeln!(out, "there is no cache: no data folder is known")?,
    }
    Ok(Exit::Clean)
}

/// Counts and times for each provider and task.
pub(super) fn stats(assist: &Assist, format: Format) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let all = assist.stats().all();
    if format == Format::Json {
        let entries: Vec<_> = all
            .iter()
            .map(|(name, counts)| json!({ "name": name, "counts": counts }))
            .collect();
        writeln!(
            out,
            "{}",
            json!({ "version": 1, "spentMicros": assist.spent_micros(), "entries": entries })
        )?;
        return Ok(Exit::Clean);
    }
    if all.is_empty() {
        writeln!(out, "nothing was asked yet")?;
    }
    for (name, counts) in &all {
        writeln!(
            out,
            "{name}: {} requests, {} failed, {} shown, {} taken, {} kept, {} tokens in, {} out",
            counts.requests,
            counts.failures,
            counts.shown,
            counts.accepted,
            counts.kept,
            counts.input_tokens,
            counts.output_tokens
        )?;
        if let Some(times) = counts.time_to_first_text() {
            writeln!(
                out,
                "  first text after {:?} (p50), {:?} (p95), {:?} (p99)",
                times.p50, times.p95, times.p99
            )?;
        }
        for (reason, count) in &counts.dropped {
            writeln!(out, "  {count} not shown: {reason}")?;
        }
    }
    let micros = assist.spent_micros();
    if micros > 0 {
        writeln!(
            out,
            "spent this month: {}.{:06} USD",
            micros / 1_000_000,
            micros % 1_000_000
        )?;
    }
    Ok(Exit::Clean)
}

/// The remote providers and whether the workspace has agreed to them.
pub(super) fn consent(assist: &Assist) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let remote: Vec<_> = assist
        .settings()
        .providers
        .iter()
        .filter(|provider| !provider.is_local())
        .collect();
    if remote.is_empty() {
        writeln!(out, "no provider on another machine is configured")?;
    }
    for provider in remote {
        let address = provider.base_url();
        let state = if assist.has_consent(address) {
            "allowed"
        } else {
            "not allowed"
        };
        writeln!(out, "{} {address}: {state}", provider.name)?;
    }
    for task in [Task::Inline, Task::Chat, Task::Embed] {
        if let Some((name, _)) = assist.consent_needed(task) {
            writeln!(
                out,
                "`{name}` cannot serve {} before it is allowed",
                task.as_str()
            )?;
        }
    }
    Ok(Exit::Clean)
}
