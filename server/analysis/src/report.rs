//! All findings about a file, in order, as the project wants to hear them.

use std::ops::Range;
use std::sync::Arc;

use metascript_syntax::Dialect;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::db::{SourceFile, Workspace};
use crate::diagnostic::{Diagnostic, Severity, Tag, code, known};
use crate::facts;
use crate::finding::Finding;
use crate::host::Analysis;
use crate::suppress::Suppression;
use crate::validate::wot;
use crate::{Cancellable, FileId};

impl Analysis {
    /// What is wrong with a file, sorted by position; the project's settings and the comments that silence a code are
    /// already applied.
    pub fn diagnostics(&self, file: FileId) -> Cancellable<Arc<[Diagnostic]>> {
        self.about(file, |ctx| {
            Some(Arc::clone(file_diagnostics(
                ctx.db,
                ctx.file,
                ctx.workspace,
            )))
        })
        .map(Option::unwrap_or_default)
    }
}

/// What is wrong with a workflow, which other readers take line by line.
#[salsa::tracked(returns(ref))]
fn workflow_findings(db: &dyn salsa::Database, file: SourceFile) -> Vec<Finding> {
    wot::check(&file.document(db).rope().to_string())
}

#[salsa::tracked(returns(ref))]
fn file_diagnostics(
    db: &dyn salsa::Database,
    file: SourceFile,
    workspace: Workspace,
) -> Arc<[Diagnostic]> {
    let mut report = Report {
        db,
        file,
        found: Vec::new(),
    };
    facts::findings(db, file, |finding, start| report.push(finding, start));
    if file.document(db).dialect() == Dialect::Wot {
        for finding in workflow_findings(db, file) {
            report.push(finding, 0);
        }
    }
    report.duplicate_functions();
    crate::imports::check(db, file, workspace, &mut report.found);
    crate::flow::check(db, file, &mut report.found);
    report.suppress();
    report.finish(workspace)
}

struct Report<'db> {
    db: &'db dyn salsa::Database,
    file: SourceFile,
    found: Vec<Diagnostic>,
}

impl Report<'_> {
    fn push(&mut self, finding: &Finding, base: usize) {
        self.found.push(finding.at(base, self.file.id(self.db)));
    }

    fn duplicate_functions(&mut self) {
        let id = self.file.id(self.db);
        let mut seen: FxHashMap<&SmolStr, Range<usize>> = FxHashMap::default();
        for (start, facts) in facts::facts(self.db, self.file) {
            for (name, span) in &facts.functions {
                let range = span.at(start);
                if let Some(first) = seen.insert(name, range.clone()) {
                    let mut diagnostic = plain(
                        known::DUPLICATE_FUNCTION,
                        range,
                        format!("there is already a function `{name}`; calls reach the last one"),
                    );
                    diagnostic.related.push(crate::Related {
                        file: id,
                        range: first,
                        message: "the first one".to_owned(),
                    });
                    self.found.push(diagnostic);
                }
            }
        }
    }

    fn suppress(&mut self) {
        let layout = self.file.layout(self.db);
        for (start, facts) in facts::facts(self.db, self.file) {
            for suppression in &facts.suppressions {
                let target = suppression.target.map_or_else(
                    || {
                        let from = suppression.comment.at(start).end;
                        let after = layout.chunks.partition_point(|placed| placed.start < from);
                        let mut rest = layout.chunks.get(after..).unwrap_or_default().iter();
                        rest.find(|placed| {
                            !matches!(placed.chunk.item, crate::ir::Item::Comment(_))
                        })
                        .map(crate::ir::Placed::range)
                    },
                    |span| Some(span.at(start)),
                );
                self.apply(suppression, start, target.unwrap_or_default());
            }
        }
    }

    fn apply(&mut self, suppression: &Suppression, base: usize, target: Range<usize>) {
        let comment = suppression.comment.at(base);
        if !suppression.reason {
            self.found.push(plain(
                known::SUPPRESSION_REASON,
                comment,
                "say why: `// metascript: ignore MS0301 because ...`".to_owned(),
            ));
            return;
        }
        for (name, span) in &suppression.codes {
            let range = span.at(base);
            let Some(code) = code(name) else {
                self.found.push(plain(
                    known::SUPPRESSION_CODE,
                    range,
                    format!("there is no diagnostic `{name}`"),
                ));
                continue;
            };
            let before = self.found.len();
            self.found.retain(|diagnostic| {
                diagnostic.code != code
                    || !(target.start <= diagnostic.range.start
                        && diagnostic.range.end <= target.end)
            });
            if self.found.len() == before {
                let mut diagnostic = plain(
                    known::SUPPRESSION_UNUSED,
                    range,
                    format!("`{name}` is not reported here"),
                );
                diagnostic.tags.push(Tag::Unnecessary);
                self.found.push(diagnostic);
            }
        }
    }

    /// A name that nothing defines disturbs once: further places of it are hints.
    fn quieten_repetitions(&mut self) {
        let mut seen: FxHashSet<String> = FxHashSet::default();
        for diagnostic in &mut self.found {
            if diagnostic.code == known::UNDEFINED_VARIABLE
                && !seen.insert(diagnostic.message.clone())
            {
                diagnostic.severity = Severity::Hint;
            }
        }
    }

    fn finish(mut self, workspace: Workspace) -> Arc<[Diagnostic]> {
        let settings = workspace.settings(self.db);
        self.found.sort_by(|a, b| {
            (a.range.start, a.range.end, a.code).cmp(&(b.range.start, b.range.end, b.code))
        });
        self.quieten_repetitions();
        self.found.retain_mut(|diagnostic| {
            match settings.severity(diagnostic.code, diagnostic.severity) {
                Some(severity) => {
                    diagnostic.severity = severity;
                    true
                }
                None => false,
            }
        });
        self.found.into()
    }
}

/// A diagnostic with its default severity and nothing else.
pub(crate) fn plain(code: crate::Code, range: Range<usize>, message: String) -> Diagnostic {
    let severity: Severity = code.default_severity();
    Diagnostic {
        code,
        severity,
        message,
        range,
        related: Vec::new(),
        fixes: Vec::new(),
        tags: Vec::new(),
    }
}
