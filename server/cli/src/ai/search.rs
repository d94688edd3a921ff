//! `metascript ai search`.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use metascript_analysis::project;
use metascript_syntax::Document;

use super::{Bench, MAX_BYTES, MAX_LEARNED};
use crate::args::Format;
use crate::exit::Exit;
use crate::files;

/// Most hits that are printed.
const MAX_COUNT: usize = 100;

pub(super) async fn search(question: &str, count: usize, format: Format) -> Result<Exit> {
    let bench = Bench::in_folder(Path::new(".")).await?;
    let scripts: Vec<(String, Document)> = project::scripts(&bench.root)
        .filter_map(Result::ok)
        .take(MAX_LEARNED)
        .filter_map(|path| {
            let text = files::read(&path, MAX_BYTES).ok()?;
            Some((bench.name(&path), Document::parse(&text)))
        })
        .collect();
    bench.assist.index_blocks(&scripts).await?;
    let count = count.clamp(1, MAX_COUNT);
    let hits = bench.assist.search_blocks(question, count).await?;
    bench.tell_notices();
    let mut out = std::io::stdout().lock();
    for hit in &hits {
        match format {
            Format::Json => writeln!(out, "{}", serde_json::to_string(hit)?)?,
            Format::Human => {
                let first = hit.text.lines().next().unwrap_or_default();
                writeln!(
                    out,
                    "{}:{}: {first} ({:.2})",
                    hit.script, hit.line, hit.score
                )?;
            }
        }
    }
    Ok(if hits.is_empty() {
        Exit::Found
    } else {
        Exit::Clean
    })
}
