//! Which code must not be suggested.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use metascript_security::{DocumentScanner, Finding, Level, ScanRequest, Setup, Severity, scan};
use metascript_syntax::Document;

/// Decides which code a policy blocks.
pub trait Policy: Send + Sync {
    /// The findings in a piece of code that must not be suggested: the rule with the code it marks, so that the same
    /// code elsewhere is the same finding.
    fn blocked(&self, language: &str, code: &str) -> Vec<String>;

    /// The same for what a script says outside of its cells: commands, addresses, prompts, values.
    fn blocked_in_script(&self, script: &Document) -> Vec<String>;
}

/// The built-in policies: what a level reports, from a severity on.
#[derive(Debug, Clone, Copy)]
pub struct LevelPolicy {
    /// Rules that this level reports count.
    pub level: Level,
    /// Findings of at least this severity block.
    pub severity: Severity,
}

impl Default for LevelPolicy {
    fn default() -> Self {
        Self {
            level: Level::Moderate,
            severity: Severity::Medium,
        }
    }
}

impl LevelPolicy {
    fn blocks(self, finding: &Finding) -> bool {
        finding.level <= self.level && finding.severity >= self.severity
    }
}

impl Policy for LevelPolicy {
    fn blocked(&self, language: &str, code: &str) -> Vec<String> {
        scan(&ScanRequest::new(language, code))
            .into_iter()
            .filter(|finding| self.blocks(finding))
            .map(|finding| named(&finding, code))
            .collect()
    }

    fn blocked_in_script(&self, script: &Document) -> Vec<String> {
        thread_local! {
            static SCANNER: RefCell<DocumentScanner> =
                RefCell::new(DocumentScanner::new(Arc::default()));
        }
        let findings = SCANNER.with_borrow_mut(|scanner| scanner.scan_unread(script));
        outside_of_cells(script, findings, |finding| self.blocks(finding))
    }
}

/// The policy in force, as it is when it is asked: what would keep a cell from running or make a scan fail is not
/// suggested. Comments that silence findings are for people; a model's silence nothing.
pub struct SetupPolicy {
    setup: Box<dyn Fn() -> Arc<Setup> + Send + Sync>,
    /// A script is looked at before and after each candidate: most of it is the same.
    scanner: Mutex<DocumentScanner>,
}

impl SetupPolicy {
    /// The policy that `setup` gives.
    pub fn new(setup: impl Fn() -> Arc<Setup> + Send + Sync + 'static) -> Self {
        Self {
            scanner: Mutex::new(DocumentScanner::new(setup())),
            setup: Box::new(setup),
        }
    }
}

fn blocks(setup: &Setup, finding: &Finding) -> bool {
    setup.policy.blocks(finding) || setup.policy.fails(finding)
}

impl Policy for SetupPolicy {
    fn blocked(&self, language: &str, code: &str) -> Vec<String> {
        let setup = (self.setup)();
        setup
            .scan_unread_code(language, code)
            .into_iter()
            .filter(|finding| blocks(&setup, finding))
            .map(|finding| named(&finding, code))
            .collect()
    }

    fn blocked_in_script(&self, script: &Document) -> Vec<String> {
        let setup = (self.setup)();
        let mut scanner = self.scanner.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(scanner.setup(), &setup) {
            scanner.set_setup(Arc::clone(&setup));
        }
        let findings = scanner.scan_unread(script);
        drop(scanner);
        outside_of_cells(script, findings, |finding| blocks(&setup, finding))
    }
}

fn outside_of_cells(
    script: &Document,
    findings: Vec<Finding>,
    blocks: impl Fn(&Finding) -> bool,
) -> Vec<String> {
    let cells = script.cells();
    let in_cell = |finding: &Finding| {
        let inside = |code: &std::ops::Range<usize>| {
            code.start <= finding.range.start && finding.range.end <= code.end
        };
        cells.iter().any(|cell| inside(&cell.code))
    };
    let mut blocked: Vec<Finding> = findings.into_iter().filter(|one| blocks(one)).collect();
    blocked.retain(|finding| !in_cell(finding));
    blocked
        .iter()
        .map(|finding| {
            let quoted = script.slice(finding.range.clone());
            format!("{}: {}", finding.rule.id, quoted.trim())
        })
        .collect()
}

/// The finding as the same code elsewhere has it.
fn named(finding: &Finding, code: &str) -> String {
    let quoted = code.get(finding.range.clone()).unwrap_or_default().trim();
    format!("{}: {quoted}", finding.rule.id)
}
