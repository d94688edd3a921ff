//! Results as text: JSON, SARIF, GitHub annotations, Markdown and HTML reports.

mod controls;
mod github;
mod json;
mod report;
mod sarif;

use crate::baseline::fingerprints;
use crate::scan::Finding;

pub use github::github;
pub use json::{ScanError, json};
pub use report::{html, markdown};
pub use sarif::sarif;

/// The findings of one file.
#[derive(Clone, Debug)]
pub struct FileFindings {
    /// Path relative to the workspace, with slashes.
    pub path: String,
    /// The text that was scanned.
    pub text: String,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// A place for people: lines and columns from one, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

/// Starts of the lines of a text.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(k, _)| k + 1))
            .collect();
        Lines { text, starts }
    }

    fn point(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|s| *s <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |t| t.chars().count());
        (line, column + 1)
    }

    pub(crate) fn place(&self, range: &std::ops::Range<usize>) -> Place {
        let (line, column) = self.point(range.start);
        let (end_line, end_column) = self.point(range.end);
        Place {
            line,
            column,
            end_line,
            end_column,
        }
    }
}

impl FileFindings {
    pub(crate) fn prints(&self) -> Vec<String> {
        fingerprints(&self.text, &self.findings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{ScanRequest, scan};

    fn sample() -> Vec<FileFindings> {
        let text = "import os\nos.system(\"ls \" + input())\n".to_owned();
        let findings = scan(&ScanRequest::new("python", &text));
        vec![FileFindings {
            path: "a b.py".into(),
            text,
            findings,
        }]
    }

    #[test]
    fn every_form_names_rule_and_place() {
        let files = sample();
        for text in [
            json(&files, &[]),
            sarif(&files),
            github(&files),
            markdown(&files, None),
            html(&files, None),
        ] {
            assert!(text.contains("PY-OS-SYSTEM"), "{text}");
        }
        assert!(github(&files).starts_with("::error file=a b.py,line=2,"));
        let value: serde_json::Value = serde_json::from_str(&sarif(&files)).unwrap();
        assert_eq!(value["version"], "2.1.0");
        assert_eq!(
            value["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                ["uri"],
            "a%20b.py"
        );
        assert!(
            !html(
                &[FileFindings {
                    path: "<x>".into(),
                    ..files.into_iter().next().unwrap()
                }],
                None
            )
            .contains("<x>")
        );
    }
}
