//! A file as a row of chunks, made anew for every version and sharing what did not change.

use std::sync::Arc;

use metascript_syntax::Document;
use rustc_hash::FxHashMap;

use crate::db::Run;
use crate::ir::{Chunk, Placed};

/// The chunks of a file, and the runs that they are grouped in.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) chunks: Vec<Placed>,
    /// Where each run starts.
    pub(crate) runs: Vec<(usize, Run)>,
}

/// A run ends after a chunk whose hash is divisible by this, so runs have about this many chunks...
const TYPICAL_RUN: u64 = 16;
/// ...and never more than this many.
const LONGEST_RUN: usize = 64;

impl Layout {
    /// Lowers a document; what it has in common with an older version is taken from the layout of that.
    pub(crate) fn of(document: &Document, previous: Option<(&Layout, &Document)>) -> Layout {
        let chunks = crate::lower::chunks(document, previous);
        let runs = runs(&chunks, previous.map(|(layout, _)| layout));
        Layout { chunks, runs }
    }

    /// The chunk that holds an offset, or ends at it.
    pub(crate) fn chunk_at(&self, offset: usize) -> Option<&Placed> {
        let after = self.chunks.partition_point(|placed| placed.start <= offset);
        let candidate = self.chunks.get(after.checked_sub(1)?)?;
        (offset <= candidate.range().end).then_some(candidate)
    }
}

fn runs(chunks: &[Placed], previous: Option<&Layout>) -> Vec<(usize, Run)> {
    let mut runs = Vec::new();
    // A run that begins with the same chunk is most often the same run: taking it saves hashing and comparing.
    let before: FxHashMap<*const Chunk, &Run> = previous
        .map(|layout| layout.runs.iter())
        .into_iter()
        .flatten()
        .filter_map(|(_, run)| {
            run.parts
                .first()
                .map(|(_, chunk)| (Arc::as_ptr(chunk), run))
        })
        .collect();
    let mut rest = chunks;
    while let Some(first) = rest.first() {
        let length = rest
            .iter()
            .take(LONGEST_RUN)
            .position(|placed| placed.chunk.digest().is_multiple_of(TYPICAL_RUN))
            .map_or(rest.len().min(LONGEST_RUN), |at| at + 1);
        let (members, after) = rest.split_at(length);
        rest = after;
        let old = before
            .get(&Arc::as_ptr(&first.chunk))
            .filter(|run| same(members, first.start, run));
        let run = match old {
            Some(run) => (*run).clone(),
            None => Run::new(
                members
                    .iter()
                    .map(|placed| (offset(placed, first), Arc::clone(&placed.chunk)))
                    .collect(),
            ),
        };
        runs.push((first.start, run));
    }
    runs
}

fn offset(placed: &Placed, first: &Placed) -> u32 {
    u32::try_from(placed.start - first.start).unwrap_or(u32::MAX)
}

fn same(members: &[Placed], start: usize, run: &Run) -> bool {
    members.len() == run.parts.len()
        && members
            .iter()
            .zip(run.parts.iter())
            .all(|(placed, (offset, chunk))| {
                placed.start - start == *offset as usize && Arc::ptr_eq(&placed.chunk, chunk)
            })
}
