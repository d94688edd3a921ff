//! The names of a whole file, merged from its pieces, and the checks that need them.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::db::SourceFile;
use crate::diagnostic::{Severity, Tag, known};
use crate::facts;
use crate::finding::Finding;
use crate::ir::Span;
use crate::names::{Arguments, Call, Def, DefKind, Function, Names, Space, Use, UseKind};
use crate::spelling::closest;
use metascript_syntax::schema::schema;

/// What some chunks together define. It holds no positions: most edits leave it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Names known in the whole file, by space.
    pub(crate) defines: FxHashSet<(Space, SmolStr)>,
    pub(crate) functions: FxHashMap<SmolStr, Vec<Function>>,
    /// Names that may well be defined: text that cells hand to the host, keys of sections that the schema does not know.
    pub(crate) offered: FxHashSet<SmolStr>,
    /// The chunks import other scripts, or run code that is not known before: names may come from there.
    pub(crate) open: bool,
}

impl Summary {
    pub(crate) fn add(&mut self, names: &Names) {
        for def in names.defs.iter().filter(|def| def.local.is_none()) {
            self.defines.insert((def.kind.space(), def.name.clone()));
        }
        for (function, _) in &names.functions {
            self.functions
                .entry(function.name.clone())
                .or_default()
                .push(function.clone());
        }
        self.offered.extend(names.offered.iter().cloned());
        self.open |= names.dynamic || !names.imports.is_empty();
    }

    fn merge(&mut self, other: &Summary) {
        self.defines.extend(other.defines.iter().cloned());
        for (name, functions) in &other.functions {
            self.functions
                .entry(name.clone())
                .or_default()
                .extend(functions.iter().cloned());
        }
        self.offered.extend(other.offered.iter().cloned());
        self.open |= other.open;
    }

    /// Whether an expression may read the name.
    pub(crate) fn knows(&self, name: &SmolStr) -> bool {
        [Space::Values, Space::Functions, Space::Agents, Space::Tasks]
            .iter()
            .any(|&space| self.defines.contains(&(space, name.clone())))
    }
}

/// The summaries of a file's groups. An edit that changes no name leaves this equal, and what depends on it unread.
#[salsa::tracked(returns(ref))]
fn file_summaries(db: &dyn salsa::Database, file: SourceFile) -> Vec<Arc<Summary>> {
    facts::facts(db, file)
        .map(|(_, facts)| Arc::clone(&facts.summary))
        .collect()
}

/// The summary of a file.
#[salsa::tracked(returns(ref))]
pub(crate) fn file_scope(db: &dyn salsa::Database, file: SourceFile) -> Arc<Summary> {
    let mut summary = Summary::default();
    for part in file_summaries(db, file) {
        summary.merge(part);
    }
    Arc::new(summary)
}

/// What is wrong with the names of one chunk, seen from the whole file.
pub(crate) fn name_findings(scope: &Summary, names: &Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    for used in names
        .uses
        .iter()
        .filter(|used| used.kind == UseKind::Expression)
    {
        findings.extend(undefined(scope, names, used));
    }
    for call in &names.calls {
        findings.extend(call_findings(scope, call));
    }
    findings
}

fn undefined(scope: &Summary, names: &Names, used: &Use) -> Option<Finding> {
    let local = names
        .defs
        .iter()
        .any(|def| def.name == used.name && def.local.is_some_and(|area| area.contains(used.span)));
    if local
        || scope.open
        || scope.knows(&used.name)
        || scope.offered.contains(&used.name)
        || schema().is_global(&used.name)
        || schema().block(&used.name).is_some()
        || used.name.starts_with('$')
    {
        return None;
    }
    let finding = Finding::new(
        known::UNDEFINED_VARIABLE,
        used.span,
        format!("nothing defines `{}`", used.name),
    );
    if is_environment_like(&used.name) {
        return Some(finding.severity(Severity::Hint));
    }
    let values = scope
        .defines
        .iter()
        .filter(|(space, _)| *space == Space::Values)
        .map(|(_, name)| name.as_str());
    let mut candidates: Vec<&str> = values.collect();
    candidates.sort_unstable();
    Some(match closest(&used.name, candidates) {
        Some(near) => finding.replace(format!("Change to `{near}`"), used.span, near),
        None => finding,
    })
}

/// Whether a name is written as those of the environment are (`API_KEY`): the host may well know it.
fn is_environment_like(name: &str) -> bool {
    name.contains('_')
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// A variable of which somebody should make use. Its place is relative to its run.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: SmolStr,
    kind: DefKind,
    span: Span,
}

impl Variable {
    /// The variable that a chunk defines `offset` bytes behind the start of its run, if it is one that may be unused.
    pub(crate) fn of(def: &Def, offset: u32) -> Option<Variable> {
        let checked =
            matches!(def.kind, DefKind::Variable | DefKind::Result) && def.local.is_none();
        (checked && !def.name.starts_with('_')).then(|| Variable {
            name: def.name.clone(),
            kind: def.kind,
            span: def.span.shifted(offset),
        })
    }

    /// What is to be said when nothing in the file reads it.
    pub(crate) fn unused(&self) -> Finding {
        let message = format!("nothing reads the {} `{}`", self.kind.describe(), self.name);
        Finding::new(known::UNUSED_VARIABLE, self.span, message).tag(Tag::Unnecessary)
    }
}

fn call_findings(scope: &Summary, call: &Call) -> Vec<Finding> {
    let name = &call.function;
    let Some(functions) = scope.functions.get(name) else {
        let elsewhere = scope.open
            || !call.strict
            || scope.knows(name)
            || schema()
                .builtin_functions()
                .iter()
                .any(|known| known == name.as_str())
            || name.contains(['.', '$', '{', '(']);
        if elsewhere {
            return Vec::new();
        }
        let finding = Finding::new(
            known::UNKNOWN_FUNCTION,
            call.span,
            format!("there is no function `{name}`"),
        );
        let mut candidates: Vec<&str> = scope.functions.keys().map(SmolStr::as_str).collect();
        candidates.sort_unstable();
        return vec![match closest(name, candidates) {
            Some(near) => finding.replace(format!("Change to `{near}`"), call.span, near),
            None => finding,
        }];
    };
    let mut known = functions
        .iter()
        .filter_map(|function| function.parameters.as_ref());
    // Several functions of one name: which is meant is known only at run time.
    let (Some(parameters), true) = (known.next(), functions.len() == 1) else {
        return Vec::new();
    };
    match &call.arguments {
        Arguments::Unknown => Vec::new(),
        Arguments::Positional(values) => values
            .get(parameters.len())
            .map(|extra| {
                let message = format!(
                    "`{name}` takes {}, not {}",
                    count(parameters.len()),
                    values.len()
                );
                Finding::new(known::WRONG_ARGUMENTS, *extra, message)
            })
            .into_iter()
            .collect(),
        Arguments::Named(given) => given
            .iter()
            .filter(|(key, _)| !parameters.contains(key))
            .map(|(key, span)| {
                let finding = Finding::new(
                    known::WRONG_ARGUMENTS,
                    *span,
                    format!("`{name}` has no parameter `{key}`"),
                );
                let free = parameters
                    .iter()
                    .filter(|parameter| given.iter().all(|(other, _)| other != *parameter))
                    .map(SmolStr::as_str);
                match closest(key, free) {
                    Some(near) => finding.replace(format!("Change to `{near}`"), *span, near),
                    None => finding,
                }
            })
            .collect(),
    }
}

fn count(parameters: usize) -> String {
    match parameters {
        0 => "no argument".to_owned(),
        1 => "1 argument".to_owned(),
        many => format!("{many} arguments"),
    }
}
