//! A diagnostic before it has a place in a file: positions are relative to whatever produced it.

use std::ops::Range;

use metascript_syntax::TextEdit;

use crate::FileId;
use crate::diagnostic::{Code, Diagnostic, Fix, Related, Severity, Tag};
use crate::ir::Span;

/// What a check found, relative to its chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) related: Vec<(Span, String)>,
    pub(crate) fixes: Vec<Repair>,
    pub(crate) tags: Vec<Tag>,
    /// Milder than its code usually is; `None`: as the code says.
    pub(crate) severity: Option<Severity>,
}

/// A change that repairs a finding, relative to its chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repair {
    pub(crate) title: String,
    pub(crate) edits: Vec<(Span, String)>,
    pub(crate) preferred: bool,
}

impl Finding {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Finding {
        Finding {
            code,
            span,
            message: message.into(),
            related: Vec::new(),
            fixes: Vec::new(),
            tags: Vec::new(),
            severity: None,
        }
    }

    /// With another severity than its code has.
    pub(crate) fn severity(mut self, severity: Severity) -> Finding {
        self.severity = Some(severity);
        self
    }

    /// Adds a repair that replaces one span.
    pub(crate) fn replace(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Finding {
        let preferred = self.fixes.is_empty();
        self.fixes.push(Repair {
            title: title.into(),
            edits: vec![(span, text.into())],
            preferred,
        });
        self
    }

    pub(crate) fn related(mut self, span: Span, message: impl Into<String>) -> Finding {
        self.related.push((span, message.into()));
        self
    }

    pub(crate) fn tag(mut self, tag: Tag) -> Finding {
        self.tags.push(tag);
        self
    }

    /// The same finding, relative to something that starts `by` bytes before.
    pub(crate) fn shifted(&self, by: u32) -> Finding {
        let shift = |span: Span| span.shifted(by);
        let mut finding = self.clone();
        finding.span = shift(finding.span);
        finding
            .related
            .iter_mut()
            .for_each(|(span, _)| *span = shift(*span));
        for (span, _) in finding
            .fixes
            .iter_mut()
            .flat_map(|repair| &mut repair.edits)
        {
            *span = shift(*span);
        }
        finding
    }

    /// The diagnostic, for a chunk that starts at `base`.
    pub(crate) fn at(&self, base: usize, file: FileId) -> Diagnostic {
        Diagnostic {
            code: self.code,
            severity: self.severity.unwrap_or(self.code.default_severity()),
            message: self.message.clone(),
            range: self.span.at(base),
            related: self
                .related
                .iter()
                .map(|(span, message)| Related {
                    file,
                    range: span.at(base),
                    message: message.clone(),
                })
                .collect(),
            fixes: self.fixes.iter().map(|repair| repair.at(base)).collect(),
            tags: self.tags.clone(),
        }
    }
}

impl Repair {
    fn at(&self, base: usize) -> Fix {
        Fix {
            title: self.title.clone(),
            edits: self
                .edits
                .iter()
                .map(|(span, text)| edit(span.at(base), text))
                .collect(),
            preferred: self.preferred,
        }
    }
}

fn edit(range: Range<usize>, text: &str) -> TextEdit {
    TextEdit {
        range,
        text: text.to_owned(),
    }
}
