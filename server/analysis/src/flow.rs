//! Circles in what passes between cells and variables: `a` is made from `b`, and `b` from `a`, so neither can come first.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use metascript_syntax::schema::schema;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use smol_str::SmolStr;

use crate::db::SourceFile;
use crate::diagnostic::{Diagnostic, Related, known};
use crate::facts;
use crate::ir::Span;
use crate::names::{Def, DefKind, Names, Space, UseKind};
use crate::report::plain;

/// A cell or a variable: what it makes, and what must be there when it is its turn. Places are relative to its run.
#[derive(Debug)]
pub(crate) struct Step {
    makes: Vec<(SmolStr, Span)>,
    reads: Vec<(SmolStr, Span)>,
}

impl Step {
    fn shifted(mut self, by: u32) -> Step {
        for (_, span) in self.makes.iter_mut().chain(&mut self.reads) {
            *span = span.shifted(by);
        }
        self
    }
}

/// The steps of a chunk that stands `by` bytes behind the start of its run.
pub(crate) fn steps(names: &Names, by: u32) -> impl Iterator<Item = Step> {
    let cells = names.cell_locals.iter().map(|(code, _)| cell(names, *code));
    let variables = names.defs.iter().filter_map(|def| variable(names, def));
    cells.chain(variables).map(move |step| step.shifted(by))
}

fn cell(names: &Names, code: Span) -> Step {
    let mut makes: Vec<(SmolStr, Span)> = Vec::new();
    for def in &names.defs {
        let here = def.kind == DefKind::Cell && code.contains(def.span);
        if here && makes.iter().all(|(known, _)| *known != def.name) {
            makes.push((def.name.clone(), def.span));
        }
    }
    let mut later = names.cell_deferred.iter();
    let later = later.find(|(span, _)| *span == code);
    let reads = names.uses.iter().filter(|used| {
        used.kind == UseKind::Cell
            && code.contains(used.span)
            && makes.iter().all(|(own, _)| *own != used.name)
            && !later.is_some_and(|(_, names)| names.contains(&used.name))
    });
    Step {
        reads: reads.map(|used| (used.name.clone(), used.span)).collect(),
        makes,
    }
}

fn variable(names: &Names, def: &Def) -> Option<Step> {
    let value = def.value.filter(|_| def.kind == DefKind::Variable)?;
    let reads = names.uses.iter().filter(|used| {
        used.kind == UseKind::Expression && used.space == Space::Values && value.contains(used.span)
    });
    Some(Step {
        makes: vec![(def.name.clone(), def.span)],
        reads: reads.map(|used| (used.name.clone(), used.span)).collect(),
    })
}

/// A read that closes a circle: the steps by their numbers in the file, and the name.
#[derive(Debug, Clone)]
pub(crate) struct Circle {
    reader: usize,
    maker: usize,
    name: SmolStr,
}

/// The circles of a file, handed on from each version to the next: they are looked for again when a step makes or reads
/// other names than before.
#[derive(Debug, Default)]
pub(crate) struct Circles(Mutex<(u64, Arc<[Circle]>)>);

/// What decides about circles, as a hash: the names of all steps in their order.
pub(crate) fn digest(steps: &[Step]) -> u64 {
    let mut hasher = FxHasher::default();
    for step in steps {
        for names in [&step.makes, &step.reads] {
            names.iter().for_each(|(name, _)| name.hash(&mut hasher));
            hasher.write_usize(names.len());
        }
    }
    hasher.finish()
}

/// Reports the reads that close a circle.
pub(crate) fn check(db: &dyn salsa::Database, file: SourceFile, found: &mut Vec<Diagnostic>) {
    let circles = circles(db, file);
    if circles.is_empty() {
        return;
    }
    let steps = all_steps(db, file);
    let mut told = FxHashSet::default();
    for circle in &*circles {
        if comes_from_elsewhere(db, file, &circle.name) || !told.insert(&circle.name) {
            continue;
        }
        let place = |number: usize, list: fn(&Step) -> &Vec<(SmolStr, Span)>| {
            let (start, step) = steps.get(number)?;
            let (_, span) = list(step).iter().find(|(name, _)| *name == circle.name)?;
            Some(span.at(*start))
        };
        let read = place(circle.reader, |step| &step.reads);
        let made = place(circle.maker, |step| &step.makes);
        if let Some((read, made)) = read.zip(made) {
            found.push(diagnostic(file.id(db), &circle.name, read, made));
        }
    }
}

fn diagnostic(
    file: crate::FileId,
    name: &str,
    read: Range<usize>,
    made: Range<usize>,
) -> Diagnostic {
    let mut diagnostic = plain(
        known::FLOW_CYCLE,
        read,
        format!(
            "`{name}` is made further down, from something that is made here: neither can come first"
        ),
    );
    diagnostic.related.push(Related {
        file,
        range: made,
        message: "made here".to_owned(),
    });
    diagnostic
}

fn all_steps(db: &dyn salsa::Database, file: SourceFile) -> Vec<(usize, &Step)> {
    facts::facts(db, file)
        .flat_map(|(start, facts)| facts.steps.iter().map(move |step| (start, step)))
        .collect()
}

fn circles(db: &dyn salsa::Database, file: SourceFile) -> Arc<[Circle]> {
    let mut hasher = FxHasher::default();
    for (_, facts) in facts::facts(db, file) {
        hasher.write_u64(facts.steps_digest);
    }
    let digest = hasher.finish();
    let memory = &file.layout(db).circles.0;
    let known = memory.lock().unwrap_or_else(PoisonError::into_inner);
    if known.0 == digest {
        return Arc::clone(&known.1);
    }
    drop(known);
    let circles: Arc<[Circle]> = search(&all_steps(db, file)).into();
    *memory.lock().unwrap_or_else(PoisonError::into_inner) = (digest, Arc::clone(&circles));
    circles
}

fn search(steps: &[(usize, &Step)]) -> Vec<Circle> {
    let mut makers: FxHashMap<&SmolStr, Vec<usize>> = FxHashMap::default();
    for (number, (_, step)) in steps.iter().enumerate() {
        for (name, _) in &step.makes {
            makers.entry(name).or_default().push(number);
        }
    }
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    let mut backward: Vec<Circle> = Vec::new();
    for (number, ((_, step), needs)) in steps.iter().zip(&mut needs).enumerate() {
        for (name, _) in &step.reads {
            let Some(makers) = makers.get(name) else {
                continue;
            };
            // The last one before, else the first one after.
            let before = makers.partition_point(|maker| *maker < number);
            if let Some(maker) = before.checked_sub(1).and_then(|at| makers.get(at)) {
                needs.push(*maker);
            } else if let Some(maker) = makers.first().filter(|maker| **maker != number) {
                needs.push(*maker);
                backward.push(Circle {
                    reader: number,
                    maker: *maker,
                    name: name.clone(),
                });
            }
        }
    }
    if !backward.is_empty() {
        let component = components(&needs);
        backward.retain(|step| component.get(step.maker) == component.get(step.reader));
    }
    backward
}

/// The number of the circle that each step belongs to: steps that need each other have the same one (Tarjan's
/// algorithm, without recursion).
fn components(needs: &[Vec<usize>]) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let mut component = vec![UNSEEN; needs.len()];
    let mut order = vec![UNSEEN; needs.len()];
    let mut low = vec![UNSEEN; needs.len()];
    let mut next = 0;
    let mut waiting: Vec<usize> = Vec::new();
    // A step, and how many of its needs were followed.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let at = |list: &[usize], step: usize| list.get(step).copied().unwrap_or(UNSEEN);
    for root in 0..needs.len() {
        if at(&order, root) == UNSEEN {
            open.push((root, 0));
        }
        while let Some((step, followed)) = open.pop() {
            if followed == 0 {
                set(&mut order, step, next);
                set(&mut low, step, next);
                next += 1;
                waiting.push(step);
            }
            let need = needs
                .get(step)
                .and_then(|needs| needs.get(followed))
                .copied();
            if let Some(need) = need {
                open.push((step, followed + 1));
                if at(&order, need) == UNSEEN {
                    open.push((need, 0));
                } else if at(&component, need) == UNSEEN {
                    let lowest = at(&low, step).min(at(&order, need));
                    set(&mut low, step, lowest);
                }
                continue;
            }
            if let Some((above, _)) = open.last() {
                let lowest = at(&low, *above).min(at(&low, step));
                set(&mut low, *above, lowest);
            }
            if at(&low, step) == at(&order, step) {
                while let Some(member) = waiting.pop() {
                    set(&mut component, member, step);
                    if member == step {
                        break;
                    }
                }
            }
        }
    }
    component
}

fn set(list: &mut [usize], at: usize, value: usize) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

/// Whether something gives the name that is no step: a setting, a result, the host.
fn comes_from_elsewhere(db: &dyn salsa::Database, file: SourceFile, name: &SmolStr) -> bool {
    schema().is_global(name)
        || facts::facts(db, file).any(|(_, facts)| {
            facts.summary.open || facts.summary.offered.contains(name) || facts.given.contains(name)
        })
}

/// The names that a chunk gives otherwise than by a step.
pub(crate) fn given(names: &Names) -> impl Iterator<Item = SmolStr> {
    let others = names.defs.iter().filter(|def| {
        let step = match def.kind {
            DefKind::Cell => true,
            DefKind::Variable => def.value.is_some(),
            _ => false,
        };
        def.local.is_none() && def.kind.space() == Space::Values && !step
    });
    others.map(|def| def.name.clone())
}
