//! What the text of a run alone says, kept with the run.
//!
//! After every edit salsa verifies each memo that an answer was made of, and a file of 100,000 lines is made of some
//! 50,000. A run never changes, so what it says is worked out once, and an edit costs one look at each run.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::db::{Group, Run, SourceFile, pieces};
use crate::finding::Finding;
use crate::flow::{self, Step};
use crate::ir::Span;
use crate::names::piece_names;
use crate::scope::{self, Summary, Variable};
use crate::suppress::{Suppression, piece_suppressions};
use crate::validate::piece_findings;

/// What a run says. Positions are relative to its start.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The variables that are of no use unless something reads them, with the hash of the name.
    variables: Vec<(u64, Variable)>,
    /// The functions outside agents and tasks.
    pub(crate) functions: Vec<(SmolStr, Span)>,
    pub(crate) suppressions: Vec<Suppression>,
    /// Its cells and variables, in the order of the text.
    pub(crate) steps: Vec<Step>,
    pub(crate) steps_digest: u64,
    /// Names that it gives otherwise than by a step.
    pub(crate) given: Vec<SmolStr>,
    /// The names that it reads, mentions included, as hashes, each once.
    reads: Box<[u64]>,
    /// What it defines for the rest of the file.
    pub(crate) summary: Arc<Summary>,
    /// What is wrong with its pieces, and with its names in the scope that was looked at last.
    seen_from: Mutex<Option<(Arc<Summary>, Arc<[Finding]>)>>,
}

impl Facts {
    fn of(db: &dyn salsa::Database, run: &Run) -> Facts {
        let mut facts = Facts {
            variables: Vec::new(),
            functions: Vec::new(),
            suppressions: Vec::new(),
            steps: Vec::new(),
            steps_digest: 0,
            given: Vec::new(),
            reads: Box::default(),
            summary: Arc::default(),
            seen_from: Mutex::default(),
        };
        let mut summary = Summary::default();
        let mut reads = Vec::new();
        for (offset, piece) in pieces(db, Group::new(db, run.clone())) {
            let names = piece_names(db, *piece);
            let variables = names
                .defs
                .iter()
                .filter_map(|def| Variable::of(def, *offset));
            facts
                .variables
                .extend(variables.map(|variable| (hash(&variable.name), variable)));
            let functions = names.functions.iter().filter(|(function, _)| function.top);
            facts.functions.extend(
                functions.map(|(function, span)| (function.name.clone(), span.shifted(*offset))),
            );
            let suppressions = piece_suppressions(db, *piece).iter();
            facts
                .suppressions
                .extend(suppressions.map(|suppression| suppression.shifted(*offset)));
            facts.steps.extend(flow::steps(names, *offset));
            facts.given.extend(flow::given(names));
            reads.extend(names.uses.iter().map(|used| hash(&used.name)));
            summary.add(names);
        }
        facts.steps_digest = flow::digest(&facts.steps);
        reads.sort_unstable();
        reads.dedup();
        facts.reads = reads.into();
        facts.summary = Arc::new(summary);
        facts
    }

    /// All that is wrong with the run in its file, relative to its start.
    fn findings(
        &self,
        db: &dyn salsa::Database,
        run: &Run,
        scope: &Arc<Summary>,
    ) -> Arc<[Finding]> {
        let mut seen_from = self
            .seen_from
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((last, findings)) = &*seen_from
            && Arc::ptr_eq(last, scope)
        {
            return Arc::clone(findings);
        }
        drop(seen_from);
        let mut findings = Vec::new();
        for (offset, piece) in pieces(db, Group::new(db, run.clone())) {
            let of_names = scope::name_findings(scope, piece_names(db, *piece));
            let found = piece_findings(db, *piece).iter().chain(&of_names);
            findings.extend(found.map(|finding| finding.shifted(*offset)));
        }
        let findings: Arc<[Finding]> = findings.into();
        seen_from = self
            .seen_from
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *seen_from = Some((Arc::clone(scope), Arc::clone(&findings)));
        findings
    }
}

/// The facts of a run, once they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known(Arc<OnceLock<Facts>>);

impl Run {
    /// What the run says.
    pub(crate) fn facts(&self, db: &dyn salsa::Database) -> &Facts {
        // Not `get_or_init`: nobody may wait here for a thread that in turn waits for a query of theirs.
        if let Some(facts) = self.known.0.get() {
            return facts;
        }
        let facts = Facts::of(db, self);
        self.known.0.get_or_init(|| facts)
    }
}

/// The runs of a file, each with its place and what it says.
pub(crate) fn facts<'db>(
    db: &'db dyn salsa::Database,
    file: SourceFile,
) -> impl Iterator<Item = (usize, &'db Facts)> {
    let runs = file.layout(db).runs.iter();
    runs.map(move |(start, run)| (*start, run.facts(db)))
}

/// What is wrong with the runs of a file, seen from the whole file; each finding with the start of its run.
pub(crate) fn findings<'db>(
    db: &'db dyn salsa::Database,
    file: SourceFile,
    mut found: impl FnMut(&Finding, usize),
) {
    let scope = scope::file_scope(db, file);
    let read = counts(db, file);
    for (start, run) in file.layout(db).runs.iter() {
        let facts = run.facts(db);
        for finding in &*facts.findings(db, run, scope) {
            found(finding, *start);
        }
        let unread = |(name, _): &&(u64, Variable)| !read.contains_key(name);
        for (_, variable) in facts.variables.iter().filter(unread) {
            found(&variable.unused(), *start);
        }
    }
}

/// How many runs of a file read each name, by hash: handed on from each version of the file to the next.
#[derive(Debug, Default)]
pub(crate) struct Reads(Mutex<Counted>);

/// Some runs, and how many of them read each name.
#[derive(Debug, Default)]
struct Counted {
    runs: Arc<[(usize, Run)]>,
    counts: Arc<FxHashMap<u64, u32>>,
}

/// The names that a file reads. What was counted for the version before is taken over but for the runs that differ.
fn counts(db: &dyn salsa::Database, file: SourceFile) -> Arc<FxHashMap<u64, u32>> {
    let layout = file.layout(db);
    // Known before anything is counted: a query may be cancelled, a count may not.
    for (_, run) in layout.runs.iter() {
        run.facts(db);
    }
    let mut memory = layout
        .reads
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let before = std::mem::replace(&mut memory.runs, Arc::clone(&layout.runs));
    let (old, new) = (&*before, &*layout.runs);
    let same = |(left, right): &(&(usize, Run), &(usize, Run))| left.1.is(&right.1);
    let head = old.iter().zip(new).take_while(same).count();
    let (old, new) = (
        old.get(head..).unwrap_or_default(),
        new.get(head..).unwrap_or_default(),
    );
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(same)
        .count();
    let changed = Arc::make_mut(&mut memory.counts);
    let names = |runs: &[(usize, Run)]| -> Vec<u64> {
        let runs = runs.iter().take(runs.len() - tail);
        runs.flat_map(|(_, run)| run.facts(db).reads.iter().copied())
            .collect()
    };
    for name in names(new) {
        *changed.entry(name).or_default() += 1;
    }
    for name in names(old) {
        if let Some(count) = changed.get_mut(&name) {
            *count -= 1;
            if *count == 0 {
                changed.remove(&name);
            }
        }
    }
    Arc::clone(&memory.counts)
}

fn hash(name: &SmolStr) -> u64 {
    rustc_hash::FxBuildHasher.hash_one(name)
}
