//! A file as a row of chunks, made anew for every version and sharing what did not change.

use std::sync::Arc;

use metascript_syntax::Document;
use rustc_hash::FxHashMap;

use crate::db::Run;
use crate::facts::Reads;
use crate::flow::Circles;
use crate::ir::{Chunk, Placed};

/// The chunks of a file, and the runs that they are grouped in.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) chunks: Vec<Placed>,
    /// How many bytes of them no older version had.
    pub(crate) new: usize,
    /// Where each run starts.
    pub(crate) runs: Arc<[(usize, Run)]>,
    /// What all versions of the file hand on.
    pub(crate) reads: Arc<Reads>,
    pub(crate) circles: Arc<Circles>,
}

/// A run ends after a chunk whose hash is divisible by this, so runs have about this many chunks...
const TYPICAL_RUN: u64 = 16;
/// ...and never more than this many.
const LONGEST_RUN: usize = 64;

impl Layout {
    /// Lowers a document; what it has in common with an older version is taken from the layout of that.
    pub(crate) fn of(document: &Document, previous: Option<(&Layout, &Document)>) -> Layout {
        let (chunks, new) = crate::lower::chunks(document, previous);
        let runs = runs(&chunks, previous.map(|(layout, _)| layout));
        let reads = previous.map(|(layout, _)| Arc::clone(&layout.reads));
        let circles = previous.map(|(layout, _)| Arc::clone(&layout.circles));
        Layout {
            chunks,
            new,
            runs,
            reads: reads.unwrap_or_default(),
            circles: circles.unwrap_or_default(),
        }
    }

    /// The chunk that holds an offset, or ends at it.
    pub(crate) fn chunk_at(&self, offset: usize) -> Option<&Placed> {
        let after = self.chunks.partition_point(|placed| placed.start <= offset);
        let candidate = self.chunks.get(after.checked_sub(1)?)?;
        (offset <= candidate.range().end).then_some(candidate)
    }
}

fn runs(chunks: &[Placed], previous: Option<&Layout>) -> Arc<[(usize, Run)]> {
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
        let old = before
            .get(&Arc::as_ptr(&first.chunk))
            .filter(|run| still_holds(run, rest));
        let (run, length) = if let Some(run) = old {
            ((*run).clone(), run.parts.len())
        } else {
            let length = rest
                .iter()
                .take(LONGEST_RUN)
                .position(|placed| ends_run(&placed.chunk))
                .map_or(rest.len().min(LONGEST_RUN), |at| at + 1);
            let members = rest.iter().take(length);
            let parts = members.map(|placed| (offset(placed, first), Arc::clone(&placed.chunk)));
            (Run::new(parts.collect()), length)
        };
        runs.push((first.start, run));
        rest = rest.get(length..).unwrap_or_default();
    }
    runs.into()
}

fn offset(placed: &Placed, first: &Placed) -> u32 {
    u32::try_from(placed.start - first.start).unwrap_or(u32::MAX)
}

fn ends_run(chunk: &Chunk) -> bool {
    chunk.digest().is_multiple_of(TYPICAL_RUN)
}

/// Whether the chunks begin with this run, and it would end where it does.
fn still_holds(run: &Run, rest: &[Placed]) -> bool {
    let (Some(first), Some(members)) = (rest.first(), rest.get(..run.parts.len())) else {
        return false;
    };
    let same = |(placed, (offset, chunk)): (&Placed, &(u32, Arc<Chunk>))| {
        placed.start - first.start == *offset as usize && Arc::ptr_eq(&placed.chunk, chunk)
    };
    let ends = members.len() == rest.len()
        || members.len() == LONGEST_RUN
        || run.parts.last().is_some_and(|(_, chunk)| ends_run(chunk));
    ends && members.iter().zip(run.parts.iter()).all(same)
}
